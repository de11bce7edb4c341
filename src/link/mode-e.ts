import type { Millis } from '../base/clock.js';
import { DecodeError } from '../base/errors.js';
import { ParityCheck, withEvenParity } from '../base/parity.js';
import { counted } from '../base/words.js';
import {
  baudCharacterOf,
  baudRateOf,
  decodeIec21,
  encodeAcknowledgement,
  encodeIdentification,
  encodeRequest,
  type Identification,
  type Iec21Message,
  messageLength,
} from './iec21.js';
import type { Link, LinkEvent, SendOptions } from './link.js';

/** How the client signs on (IEC 62056-21 6.4.5 and Annex E; Green Book 10.2 protocol mode E). */
export interface ModeEClientConfig {
  readonly role: 'client';
  /** Which meter is meant on a line with several; empty for whoever hears it. */
  readonly deviceAddress?: string;
  /** The highest speed to switch to; the meter's proposal when left out. */
  readonly maxBaud?: number;
  /** How long the meter may stay silent: 1500 ms by the standard, and the time of its line at 300 baud. */
  readonly timeout?: Millis;
  /** How often the request is repeated. */
  readonly retries?: number;
  /** Null octets sent first to wake a battery powered meter (6.3.1): 2.2 s of them at 300 baud are 65. A pause of 1.6 s follows. */
  readonly wakeUp?: number;
  /** The speed at which the meter signs on: 300 by the standard. Fixed-baud meters sign on at the one speed that they have. */
  readonly openingBaud?: number;
  /** The speed at which HDLC goes on whatever was agreed, for meters that keep to one. */
  readonly hdlcBaud?: number;
  /** The speed that was agreed before the line broke: the meter may still stand there, so HDLC goes on at once, without sign-on. */
  readonly continueAt?: number;
}

/** How a meter answers the sign-on. */
export interface ModeEServerConfig {
  readonly role: 'server';
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  readonly identification: string;
  readonly deviceAddress?: string;
  /** The speed it proposes. */
  readonly baud: number;
  /** How long it waits for the acknowledgement, and pauses before it answers. */
  readonly timeout?: Millis;
  readonly reactionTime?: Millis;
  readonly openingBaud?: number;
  /** It goes on there, whatever it proposed and was told: meters do. */
  readonly hdlcBaud?: number;
  /** The baud rate character of its confirmation, where it is another than it was told. */
  readonly confirms?: string;
  /** Null octets without which it hears nothing, as of a meter on a battery. */
  readonly asleep?: number;
}

export const OPENING_BAUD = 300;
/** Between the wake-up sequence and the request: 1.5 s to 1.7 s (6.3.1). */
export const WAKING_TIME: Millis = 1600;
const ANSWER_TIMEOUT: Millis = 2_200;
const REACTION_TIME: Millis = 200;
/** The acknowledgement takes 200 ms at 300 baud, the meter's pause up to 1500 ms more; most answer within 200. */
const CONFIRMATION_WAIT: Millis = 700;
/** A change of speed comes before the next frame. */
const CHANGE_TIME: Millis = 50;
const MAX_NOISE = 256;
/** A pause within a message after which what came of it is noise (6.5.5: at most 1500 ms between characters). */
const PAUSE: Millis = 1500;

type Phase = 'idle' | 'waking' | 'signing-on' | 'selecting' | 'answering' | 'confirming' | 'through';

/**
 * Protocol mode E before HDLC, for both roles: the sign-on at 300 baud 7E1, the change of speed, then the inner link as if nothing had
 * been before it. The transport stands at 8N1 throughout: parity is made and stripped here. It must stand at 300 baud when the first octet
 * comes to a meter; a client asks for that itself. Every change of speed is a `reconfigure` event.
 */
export class ModeELink implements Link {
  readonly #inner: Link;
  readonly #config: ModeEClientConfig | ModeEServerConfig;
  #phase: Phase;
  #buffer = new Uint8Array(0);
  #deadline: Millis | undefined;
  #attempts = 0;
  /** Null octets heard by a meter that sleeps. */
  #nulls = 0;
  #lastOctet: Millis = 0;
  #identification: Identification | undefined;
  /** The speed at which HDLC goes on. */
  #agreed = 0;
  /** The speed has to change before anything is sent. */
  #speedPending = false;
  readonly #parity = new ParityCheck();
  readonly #frames: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];

  constructor(config: ModeEClientConfig | ModeEServerConfig, inner: Link) {
    this.#config = config;
    this.#inner = inner;
    this.#phase = config.role === 'client' ? 'idle' : 'signing-on';
  }

  /** What the meter said of itself, once it has. */
  get identification(): Identification | undefined {
    return this.#identification;
  }

  connect(now: Millis): void {
    if (this.#phase === 'through' || this.#config.role === 'server') {
      this.#inner.connect(now);
      return;
    }
    this.#attempts = 0;
    const { continueAt } = this.#config;
    if (continueAt === undefined) {
      this.#speedFirst({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
      this.#wake(this.#config, now);
    } else {
      this.#events.push({ type: 'reconfigure', baud: continueAt, format: '8N1' });
      this.#phase = 'confirming';
      this.#deadline = now + CHANGE_TIME;
    }
  }

  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    this.#inner.send(payload, now, options);
  }

  awaitMore(now: Millis): void {
    this.#inner.awaitMore?.(now);
  }

  unanswered(now: Millis, options: SendOptions): void {
    this.#inner.unanswered?.(now, options);
  }

  disconnect(now: Millis): void {
    if (this.#phase === 'through') this.#inner.disconnect(now);
    else if (this.#config.role === 'client') this.#close('local', 'disconnected before the sign-on was over');
  }

  receive(chunk: Uint8Array, now: Millis): void {
    if (this.#phase === 'through') {
      this.#inner.receive(chunk, now);
      return;
    }
    if (this.#phase === 'idle' || this.#phase === 'waking' || this.#sleeps(chunk)) return;
    if (this.#buffer.length > 0 && now > this.#lastOctet + PAUSE) {
      this.#discard(this.#buffer.length, 'the message was broken off');
    }
    this.#lastOctet = now;
    const joined = new Uint8Array(this.#buffer.length + chunk.length);
    joined.set(this.#buffer);
    joined.set(chunk, this.#buffer.length);
    this.#buffer = joined;
    this.#read(now);
  }

  handleTimeout(now: Millis): void {
    if (this.#deadline !== undefined && now >= this.#deadline) this.#expired(now);
    const due = this.#phase === 'through' ? this.#inner.pollTimeout() : undefined;
    if (due !== undefined && due <= now) this.#inner.handleTimeout(now);
  }

  pollTimeout(): Millis | undefined {
    if (this.#phase !== 'through') return this.#deadline;
    const inner = this.#inner.pollTimeout();
    return this.#deadline === undefined ? inner : Math.min(this.#deadline, inner ?? this.#deadline);
  }

  pollTransmit(): Uint8Array | undefined {
    if (this.#speedPending) return undefined;
    const own = this.#frames.shift();
    if (own !== undefined) return withEvenParity(own);
    return this.#phase === 'through' ? this.#inner.pollTransmit() : undefined;
  }

  pollEvent(): LinkEvent | undefined {
    const own = this.#events.shift();
    if (own?.type === 'reconfigure') this.#speedPending = false;
    if (own !== undefined) return own;
    const event = this.#inner.pollEvent();
    if (event?.type === 'connected') this.#deadline = undefined;
    if (event?.type === 'closed') {
      // A second SNRM ends the connection and begins it anew: then nothing is over.
      const next = this.#inner.pollEvent();
      if (next !== undefined) this.#events.push(next);
      if (next?.type !== 'connected') this.#restart();
    }
    return event;
  }

  // ---- inside

  /** The buffered octets, message by message; what begins no message is skipped, one octet at a time. */
  #read(now: Millis): void {
    while (this.#buffer.length > 0 && this.#phase !== 'through' && this.#phase !== 'idle') {
      let length: number | undefined;
      let message: Iec21Message | undefined;
      try {
        length = messageLength(this.#buffer, MAX_NOISE);
        if (length === undefined) return;
        const octets = this.#buffer.subarray(0, length);
        message = decodeIec21(octets);
        if (this.#parity.refuses(octets))
          throw new DecodeError('bad-checksum', 'the parity of its octets does not hold');
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#discard(length ?? 1, error.message);
        continue;
      }
      this.#buffer = this.#buffer.slice(length);
      if (this.#config.role === 'client') this.#clientMessage(message, this.#config, now);
      else this.#serverMessage(message, this.#config, now);
    }
  }

  #discard(count: number, reason: string): void {
    this.#events.push({ type: 'discarded', bytes: this.#buffer.slice(0, count), reason });
    this.#buffer = this.#buffer.slice(count);
  }

  /** Whether this is a meter that sleeps on: it counts the null octets that wake it. */
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
    this.#buffer = new Uint8Array(0);
    this.#deadline = now + (config.timeout ?? ANSWER_TIMEOUT);
  }

  #clientMessage(message: Iec21Message, config: ModeEClientConfig, now: Millis): void {
    if (this.#phase === 'signing-on' && message.type === 'identification') {
      this.#identification = message;
      this.#optionSelect(message, now);
    } else if (this.#phase === 'confirming' && message.type === 'acknowledgement') {
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
      const name = `${meter.manufacturer} ${meter.identification}`.trim();
      this.#close('rejected', `the meter ${name} offers mode ${meter.mode} and no HDLC (mode E)`);
      return;
    }
    // The reaction time: sooner the meter does not listen (6.3.14).
    this.#phase = 'selecting';
    this.#deadline = now + meter.reactionTimeMs;
  }

  #acknowledge(config: ModeEClientConfig, now: Millis): void {
    const { baudRate } = this.#identification as Identification;
    const baud = Math.min(baudRate, config.maxBaud ?? baudRate);
    this.#agreed = config.hdlcBaud ?? baud;
    this.#frames.push(encodeAcknowledgement('2', baudCharacterOf(baud), '2'));
    this.#events.push({ type: 'reconfigure', baud: this.#agreed, format: '8N1' });
    this.#phase = 'confirming';
    this.#deadline = now + CONFIRMATION_WAIT;
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
    else if (this.#phase === 'waking') this.#request(now);
    else if (this.#phase === 'selecting') this.#acknowledge(this.#config, now);
    else if (this.#phase === 'confirming') {
      this.#phase = 'through';
      this.#buffer = new Uint8Array(0);
      this.#inner.connect(now);
    } else if (this.#phase === 'signing-on') {
      if (this.#attempts <= (this.#config.retries ?? 2)) this.#request(now);
      else
        this.#close(
          'timeout',
          `no identification after ${counted(this.#attempts, 'request')} at ${this.#openingBaud} baud`,
        );
    }
  }

  #serverExpired(config: ModeEServerConfig, now: Millis): void {
    if (this.#phase === 'answering') {
      this.#frames.push(encodeIdentification(config));
      this.#phase = 'confirming';
      this.#deadline = now + (config.timeout ?? ANSWER_TIMEOUT) * 2;
    } else this.#restart();
  }

  /** Both sides fall back to the opening speed when HDLC is over. */
  #restart(): void {
    if (this.#phase === 'through') this.#events.push({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
    this.#nulls = 0;
    this.#phase = this.#config.role === 'client' ? 'idle' : 'signing-on';
    this.#deadline = undefined;
    this.#buffer = new Uint8Array(0);
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
