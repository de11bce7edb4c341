import type { Millis } from '../base/clock.js';
import { DecodeError } from '../base/errors.js';
import { ParityCheck, withEvenParity } from '../base/parity.js';
import { counted } from '../base/words.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';
import {
  baudCharacterOf,
  baudRateOf,
  beginsSignOn,
  decodeIec21,
  encodeAcknowledgement,
  encodeCommand,
  encodeIdentification,
  encodeRequest,
  type Identification,
  type Iec21Message,
  nextStart,
  signOnLength,
} from './iec21.js';
import { MessageBuffer } from './message-buffer.js';
import {
  checkModeEOptions,
  type InnerLink,
  type ModeEClientConfig,
  type ModeEServerConfig,
  OPENING_BAUD,
  OPENINGS,
  type Opening,
  WAKING_TIME,
} from './mode-e-config.js';

/** The request takes 167 ms at 300 baud, the meter's pause up to 1500, and its first chunk 533. */
const ANSWER_TIMEOUT: Millis = 2_500;
const REACTION_TIME: Millis = 200;
/** Silence after which a meter that waits for an acknowledgement has given up (1.5 s, 6.4.4). */
const SILENCE: Millis = 1800;
/** The same for a meter that does not hear the sign-on any more: it may stand in HDLC until its time-out. */
const LONG_SILENCE: Millis = 20_000;
const LONGEST_PATIENCE: Millis = 60_000;
/** Speed at which a meter may have been left that does not sign on. */
const USUAL_BAUD = 9600;
/** A pause within a message after which what came of it is noise (6.5.5: at most 1500 ms between characters). */
const PAUSE: Millis = 1500;
/** What an identification that has begun is given, a chunk or in all: noise may have no end. */
const CHUNK_TIME: Millis = 700;
const LONGEST_MESSAGE: Millis = 2_200;

type Phase = 'idle' | 'pausing' | 'waking' | 'signing-on' | 'selecting' | 'answering' | 'confirming' | 'through';

/**
 * Protocol mode E before HDLC, for both roles: the sign-on at 300 baud 7E1, the change of speed, then the inner link alone. The transport stays at 8N1:
 * parity is added and removed here. A meter must be at 300 baud when the first octet comes; a client asks for that itself. Every change of
 * speed is a `reconfigure` event.
 */
export class ModeELink implements Link {
  readonly #makeInner: Exclude<InnerLink, Link> | undefined;
  #inner: Link;
  readonly #config: ModeEClientConfig | ModeEServerConfig;
  #phase: Phase;
  readonly #buffer = new MessageBuffer(signOnLength, beginsSignOn, 256); // the most noise
  #deadline: Millis | undefined;
  #latest: Millis = 0;
  #attempts = 0;
  #nulls = 0; // heard by a meter that sleeps
  #lastOctet: Millis = 0;
  #identification: Identification | undefined;
  #agreed = 0; // the speed of HDLC
  /** The present opening, and the speeds that were tried, for the message when nothing answers. */
  #opening = 0;
  #tried: number[] = [];
  /** HDLC is tried without a sign-on: the meter may not have changed its speed, or may still be at another one. */
  #unasked: 'unswitched' | 'left' | undefined;
  #signedOn: Millis | undefined; // when the meter first signed on
  /** What a meter without HDLC said of itself. It is believed only when it says so twice. */
  #without: string | undefined;
  #connected = false;
  #now: Millis = 0;
  /** The change of speed that must come before anything is sent. */
  #speedPending = false;
  readonly #parity = new ParityCheck();
  readonly #frames: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];

  constructor(config: ModeEClientConfig | ModeEServerConfig, inner: InnerLink) {
    checkModeEOptions(config);
    this.#config = config;
    this.#makeInner = typeof inner === 'function' ? inner : undefined;
    this.#inner = typeof inner === 'function' ? inner({ baud: USUAL_BAUD }) : inner;
    this.#phase = config.role === 'client' ? 'idle' : 'signing-on';
  }

  /** What the meter says of itself; undefined until it has. */
  get identification(): Identification | undefined {
    return this.#identification;
  }

  /** Client: signs on, then connects the inner link. Server: waits for a request. */
  connect(now: Millis): void {
    if (this.#phase === 'through' || this.#config.role === 'server') {
      this.#inner.connect(now);
      return;
    }
    this.#now = now;
    this.#attempts = 0;
    this.#opening = 0;
    this.#tried = [];
    this.#signedOn = undefined;
    this.#without = undefined;
    this.#unasked = undefined;
    this.#connected = false;
    const { continueAt } = this.#config;
    if (this.#config.breakFirst === true) this.#breakOff(SILENCE, now);
    else if (continueAt === undefined) {
      this.#speedFirst({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
      this.#wake(this.#config, now);
    } else this.#goOnAt(continueAt, now);
  }

  /** Sends over the inner link. @throws StateError when not connected. */
  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    this.#inner.send(payload, now, options);
  }

  awaitMore(now: Millis): void {
    this.#inner.awaitMore?.(now);
  }

  unanswered(now: Millis, options: SendOptions): void {
    this.#inner.unanswered?.(now, options);
  }

  /** Disconnects the inner link, or gives up the sign-on. */
  disconnect(now: Millis): void {
    this.#now = now;
    if (this.#phase === 'through') this.#inner.disconnect(now);
    else if (this.#config.role === 'client') this.#close('local', 'disconnected before the sign-on was over');
  }

  /** Takes octets in any chunks, and any garbage. */
  receive(chunk: Uint8Array, now: Millis): void {
    this.#now = now;
    if (this.#phase === 'through') {
      this.#inner.receive(chunk, now);
      return;
    }
    if (['idle', 'pausing', 'waking'].includes(this.#phase) || this.#sleeps(chunk)) return;
    if (this.#buffer.length > 0 && now > this.#lastOctet + PAUSE) {
      this.#buffer.pass(this.#buffer.length, 'the message was broken off');
    }
    this.#lastOctet = now;
    this.#buffer.append(chunk);
    this.#read(now);
    if (this.#config.role === 'server' || this.#phase !== 'signing-on' || this.#buffer.length === 0) return;
    this.#deadline = Math.max(this.#deadline ?? now, Math.min(now + CHUNK_TIME, this.#latest));
  }

  /** Is called when the time that `pollTimeout` gave has come. */
  handleTimeout(now: Millis): void {
    this.#now = now;
    if (this.#deadline !== undefined && now >= this.#deadline) this.#expired(now);
    if (this.#phase === 'through' && (this.#inner.pollTimeout() ?? now + 1) <= now) this.#inner.handleTimeout(now);
  }

  /** When `handleTimeout` must be called; undefined when no timer is needed. */
  pollTimeout(): Millis | undefined {
    if (this.#phase !== 'through') return this.#deadline;
    const inner = this.#inner.pollTimeout();
    return this.#deadline === undefined ? inner : Math.min(this.#deadline, inner ?? this.#deadline);
  }

  /** The next octets to write; undefined when there are none left. */
  pollTransmit(): Uint8Array | undefined {
    if (this.#speedPending) return undefined;
    const own = this.#frames.shift();
    if (own !== undefined) return withEvenParity(own);
    return this.#phase === 'through' ? this.#inner.pollTransmit() : undefined;
  }

  /** The next event; undefined when there is none left. */
  pollEvent(): LinkEvent | undefined {
    const own = this.#events.shift();
    if (own?.type === 'reconfigure') this.#speedPending = false;
    if (own !== undefined) return own;
    const event = this.#inner.pollEvent();
    if (event?.type === 'connected') {
      this.#deadline = undefined;
      this.#connected = true;
    }
    if (event?.type === 'closed') {
      // Nobody answered: then it is opened another way, and what ended was not the link.
      if (event.cause === 'timeout' && this.#triesOn(event.reason)) return this.pollEvent();
      // A second SNRM ends the connection and begins it anew: then nothing is over.
      const next = this.#inner.pollEvent();
      if (next !== undefined) this.#events.push(next);
      if (next?.type !== 'connected') this.#restart();
    }
    return event;
  }

  /** Reads the buffered octets, message by message, and skips what begins no message. */
  #read(now: Millis): void {
    while (this.#buffer.length > 0 && this.#phase !== 'through' && this.#phase !== 'idle') {
      let length: number | undefined;
      let message: Iec21Message | undefined;
      try {
        length = this.#buffer.messageLength();
        if (length === undefined) break;
        const octets = this.#buffer.bytes.subarray(0, length);
        message = decodeIec21(octets);
        if (this.#parity.refuses(octets))
          throw new DecodeError('bad-checksum', 'the parity of its octets does not hold');
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        if (length === undefined) this.#buffer.passFault(error);
        else this.#buffer.pass(nextStart(this.#buffer.bytes.subarray(0, length)), error.message);
        continue;
      }
      this.#buffer.tellPassed(this.#events);
      this.#buffer.take(length);
      if (this.#config.role === 'client') this.#clientMessage(message, this.#config, now);
      else this.#serverMessage(message, this.#config, now);
    }
    this.#buffer.tellPassed(this.#events);
  }

  /** Whether this is a meter that still sleeps: it counts the null octets that wake it up. */
  #sleeps(chunk: Uint8Array): boolean {
    if (this.#config.role === 'client' || this.#nulls >= (this.#config.asleep ?? 0)) return false;
    this.#nulls += chunk.filter((octet) => octet === 0).length;
    return true;
  }

  #speedFirst(event: LinkEvent): void {
    this.#events.push(event);
    this.#speedPending = true;
  }

  #wake({ wakeUp = 0 }: ModeEClientConfig, now: Millis): void {
    if (wakeUp === 0) {
      this.#request(now);
      return;
    }
    this.#frames.push(new Uint8Array(wakeUp));
    this.#phase = 'waking';
    this.#deadline = now + wakeUp * (10_000 / this.#openingBaud) + WAKING_TIME;
  }

  get #openingBaud(): number {
    return this.#config.openingBaud ?? OPENING_BAUD;
  }

  #request(now: Millis): void {
    const config = this.#config as ModeEClientConfig;
    this.#frames.push(encodeRequest(config.deviceAddress));
    this.#attempts++;
    this.#phase = 'signing-on';
    this.#buffer.clear();
    this.#deadline = now + (config.timeout ?? ANSWER_TIMEOUT);
    this.#latest = this.#deadline + LONGEST_MESSAGE;
  }

  /** Tries HDLC at a speed without a sign-on. */
  #goOnAt(baud: number, now: Millis): void {
    this.#agreed = baud;
    this.#events.push({ type: 'reconfigure', baud, format: '8N1' });
    this.#phase = 'confirming';
    this.#deadline = now + 50; // the line changes its speed
  }

  #clientMessage(message: Iec21Message, config: ModeEClientConfig, now: Millis): void {
    if (this.#phase === 'signing-on' && message.type === 'identification') {
      this.#identification = message;
      this.#signedOn ??= now;
      this.#optionSelect(message, now);
    } else if (this.#phase === 'confirming' && this.#unasked === undefined && message.type === 'acknowledgement') {
      const told = baudRateOf(message.baudCharacter);
      // It may answer with another speed than it proposed: it is the one that speaks next.
      if (config.hdlcBaud === undefined && told?.mode === 'C' && told.baudRate !== this.#agreed) {
        this.#agreed = told.baudRate;
        this.#events.push({ type: 'reconfigure', baud: told.baudRate, format: '8N1' });
      }
      // Where nobody took our own echo out it may be that: the meter's answer then follows, and HDLC skips it.
      this.#deadline = now + REACTION_TIME + 50;
    }
  }

  #optionSelect(meter: Identification, now: Millis): void {
    if (!meter.enhancedCapabilities.includes('2')) {
      this.#withoutHdlc(meter, now);
      return;
    }
    this.#without = undefined;
    // The reaction time: sooner the meter does not listen (6.3.14).
    this.#phase = 'selecting';
    this.#deadline = now + this.#way.reaction(meter.reactionTimeMs);
  }

  /** When two octets are lost, a meter with HDLC looks like one without, so it is asked twice. */
  #withoutHdlc(meter: Identification, now: Millis): void {
    const name = `${meter.manufacturer} ${meter.identification}`.trim();
    const said = `${name} ${meter.baudCharacter} ${meter.enhancedCapabilities.join(' ')}`;
    if (this.#without === said) {
      this.#close('rejected', `the meter ${name} offers mode ${meter.mode} and no HDLC (mode E)`);
      return;
    }
    this.#without = said;
    this.#breakOff(SILENCE, now);
  }

  get #way(): Opening {
    const config = this.#config as ModeEClientConfig;
    const openings = config.openings ?? OPENINGS;
    // Beyond the last it begins anew: the meter was deaf.
    return (openings[this.#opening] ?? openings[0] ?? OPENINGS[0]) as Opening;
  }

  #acknowledge(config: ModeEClientConfig, now: Millis): void {
    const { baudRate } = this.#identification as Identification;
    const { stays, confirmation } = this.#way;
    const baud = stays ? this.#openingBaud : Math.min(baudRate, config.maxBaud ?? baudRate);
    this.#frames.push(encodeAcknowledgement('2', baudCharacterOf(baud), '2'));
    this.#goOnAt(config.hdlcBaud ?? baud, now);
    this.#deadline = now + confirmation;
  }

  /** Tells the meter to break off, which a meter outside HDLC understands, waits in silence, and then signs on again. */
  #breakOff(silence: Millis, now: Millis): void {
    const octets = encodeCommand('B0');
    this.#speedFirst({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
    this.#frames.push(octets);
    this.#phase = 'pausing';
    this.#attempts = 0;
    this.#unasked = undefined;
    this.#deadline = now + octets.length * (10_000 / this.#openingBaud) + silence;
  }

  /** Nobody answered the requests. */
  #unheard(config: ModeEClientConfig, now: Millis): void {
    const requests = `${counted(this.#attempts, 'request')} at ${this.#openingBaud} baud`;
    const left = config.hdlcBaud ?? Math.min(config.maxBaud ?? USUAL_BAUD, USUAL_BAUD);
    const patience = Math.min(config.patience ?? 0, LONGEST_PATIENCE);
    if (this.#without !== undefined) {
      const [manufacturer] = this.#without.split(' ');
      this.#close(
        'timeout',
        `a meter (${manufacturer}) signed on once without offering HDLC, and not again: ${requests}`,
      );
    } else if (this.#signedOn !== undefined && now - this.#signedOn < patience) {
      this.#opening++;
      this.#breakOff(LONG_SILENCE, now);
    } else if (this.#signedOn !== undefined) {
      this.#close('timeout', `${this.#silence}; it did not sign on again after ${requests}`);
    } else if (left === this.#openingBaud || this.#makeInner === undefined) {
      this.#close('timeout', `no identification after ${requests}`);
    } else {
      this.#unasked = 'left';
      this.#goOnAt(left, now);
    }
  }

  /** Tries the next way after HDLC was not answered. False when there is none left. */
  #triesOn(reason: string): boolean {
    const config = this.#config;
    if (config.role === 'server' || this.#connected || config.continueAt !== undefined) return false;
    const { openings = OPENINGS } = config;
    const now = this.#now;
    if (this.#unasked === 'left') {
      this.#close(
        'timeout',
        `no identification after ${counted(this.#attempts, 'request')} at ${this.#openingBaud} baud, no HDLC at ${this.#agreed}`,
      );
    } else if (this.#opening === 0 && this.#unasked === undefined && this.#agreed !== this.#openingBaud) {
      this.#unasked = 'unswitched';
      this.#goOnAt(this.#openingBaud, now);
    } else if (this.#opening + 1 < openings.length) {
      this.#opening++;
      this.#breakOff(SILENCE, now);
    } else this.#close('timeout', openings.length > 1 ? this.#silence : reason);
    return true;
  }

  /** In words, what was tried after the sign-on. */
  get #silence(): string {
    return `the meter signed on, and no HDLC answered then: tried ${this.#tried.map((baud) => `at ${baud}`).join(', ')} baud`;
  }

  #serverMessage(message: Iec21Message, config: ModeEServerConfig, now: Millis): void {
    if (message.type === 'request') {
      const { deviceAddress } = message;
      if (deviceAddress !== '' && trimZeros(deviceAddress) !== trimZeros(config.deviceAddress ?? '')) return;
      this.#phase = 'answering';
      this.#deadline = now + (config.reactionTime ?? REACTION_TIME);
    } else if (this.#phase === 'confirming' && message.type === 'acknowledgement') {
      const baud = baudRateOf(message.baudCharacter);
      if (message.protocolControl !== '2' || message.modeControl !== '2' || baud?.mode !== 'C') return;
      this.#frames.push(encodeAcknowledgement('2', config.confirms ?? message.baudCharacter, '2'));
      const agreed = config.hdlcBaud ?? Math.min(baud.baudRate, config.baud);
      this.#events.push({ type: 'reconfigure', baud: agreed, format: '8N1' });
      this.#phase = 'through';
      this.#deadline = now + (config.timeout ?? ANSWER_TIMEOUT) * 10;
    }
  }

  #expired(now: Millis): void {
    this.#deadline = undefined;
    const { role } = this.#config;
    if (role === 'server') this.#serverExpired(this.#config, now);
    else if (this.#phase === 'pausing') this.#wake(this.#config, now);
    else if (this.#phase === 'waking') this.#request(now);
    else if (this.#phase === 'selecting') this.#acknowledge(this.#config, now);
    else if (this.#phase === 'confirming') {
      this.#phase = 'through';
      this.#buffer.clear();
      this.#tried.push(this.#agreed);
      const least = this.#unasked === undefined ? (this.#opening === 0 ? {} : { retries: 1 }) : { retries: 0 };
      this.#inner = this.#makeInner?.({ baud: this.#agreed, ...least }) ?? this.#inner;
      this.#inner.connect(now);
    } else if (this.#phase === 'signing-on') {
      if (this.#attempts <= (this.#config.retries ?? 2)) this.#request(now);
      else this.#unheard(this.#config, now);
    }
  }

  #serverExpired(config: ModeEServerConfig, now: Millis): void {
    if (this.#phase === 'answering') {
      this.#frames.push(encodeIdentification(config));
      this.#phase = 'confirming';
      this.#deadline = now + (config.timeout ?? ANSWER_TIMEOUT) * 2;
    } else this.#restart();
  }

  /** When HDLC ends, both sides return to the speed of the sign-on. */
  #restart(): void {
    if (this.#phase === 'through') this.#events.push({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
    this.#nulls = 0;
    this.#phase = this.#config.role === 'client' ? 'idle' : 'signing-on';
    this.#deadline = undefined;
    this.#buffer.clear();
  }

  #close(cause: 'local' | 'rejected' | 'timeout', reason: string): void {
    this.#phase = 'idle';
    this.#deadline = undefined;
    this.#events.push({ type: 'closed', cause, reason });
  }
}

function trimZeros(address: string): string {
  return address.replace(/^0+(?=.)/, '');
}
