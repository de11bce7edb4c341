import type { Millis } from '../base/clock.js';
import { DecodeError, StateError } from '../base/errors.js';
import { ParityCheck, withEvenParity } from '../base/parity.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import type { Link, LinkEvent } from '../contracts/link.js';
import {
  baudCharacterOf,
  baudRateOf,
  beginsSignOn,
  decodeIec21,
  encodeAcknowledgement,
  encodeCommand,
  encodeRequest,
  type Identification,
  type Iec21Message,
  messageLength,
} from './iec21.js';
import { MessageBuffer } from './message-buffer.js';
import { checkModeCOptions, type ModeCClientConfig, type ModeCServerConfig } from './mode-c-config.js';
import { ACK, NAK, SOH, STX, textOf } from './mode-c-line.js';
import { OPENING_BAUD, WAKING_TIME } from './mode-e-config.js';

const ANSWER_TIMEOUT: Millis = 2200;
const REACTION_TIME: Millis = 200;
/** The most octets of a message. */
const MOST = 65_536;
/** Option select for the first `send` of a client: data readout. */
export const SELECT_READOUT = Uint8Array.of(0x30);
/** Option select for the first `send` of a client: programming mode, where single registers are read. */
export const SELECT_PROGRAMMING = Uint8Array.of(0x31);

const NO_ANSWER = 'no answer';
const REFUSED = 'the meter refused the question (NAK)';

type Phase = 'idle' | 'waking' | 'signing-on' | 'ready' | 'asking' | 'answering';

/**
 * IEC 62056-21 without HDLC, for both roles. A client is connected after the meter has sent its identification. Its first `send` is
 * {@link SELECT_READOUT} or {@link SELECT_PROGRAMMING}, every further one a command (`encodeCommand`). Its payloads are whole messages with a right
 * block check: data, or the single octet ACK. Damaged messages are asked for again by NAK. The payloads of a server are the option and the commands,
 * and its `send` takes the answers. The line begins at 300 baud. The port stays at 8N1: parity is added and removed here.
 */
export class ModeCLink implements Link {
  readonly #config: ModeCClientConfig | ModeCServerConfig;
  readonly #parity = new ParityCheck();
  readonly #frames: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];
  #phase: Phase = 'idle';
  readonly #buffer = new MessageBuffer(messageLength, beginsMessage, MOST, true);
  #deadline: Millis | undefined;
  #attempts = 0;
  #identification: Identification | undefined;
  /** The last message that was sent, to repeat it. */
  #last: Uint8Array = new Uint8Array(0);
  #lastHeard: Millis = 0;
  #unsent: { readonly octets: Uint8Array; readonly reconfigure: LinkEvent | undefined } | undefined;
  #selected = false;
  /** The option that was selected, and whether a second sign-on selects it at the other speed. */
  #option: Uint8Array | undefined;
  #second = false;

  /** @throws StateError for an unknown option. */
  constructor(config: ModeCClientConfig | ModeCServerConfig) {
    checkModeCOptions(config);
    this.#config = config;
  }

  /** What the meter says of itself; undefined until it has. */
  get identification(): Identification | undefined {
    return this.#identification;
  }

  /** Client: signs on. Server: does nothing, it waits for a request. */
  connect(now: Millis): void {
    if (this.#config.role === 'server') return;
    this.#attempts = 0;
    this.#second = false;
    this.#wake(this.#config, now);
  }

  /** Client: selects the option, then sends commands. Server: sends answers. @throws StateError when not connected, or an answer is still awaited. */
  send(payload: Uint8Array, now: Millis): void {
    if (this.#phase !== 'ready')
      throw new StateError(`IEC 62056-21: nothing can be sent while the link is ${this.#phase}`);
    this.#attempts = 0;
    if (this.#config.role === 'client' && !this.#selected) this.#select(payload, this.#config, now);
    else this.#say(payload, now);
  }

  /** Ends the session; a client tells the meter by B0. */
  disconnect(): void {
    if (this.#phase === 'idle') return;
    // B0: the meter returns to the sign-on at once, without waiting for its time-out.
    if (this.#config.role === 'client' && this.#selected) this.#transmit(encodeCommand('B0'));
    this.#close('local', 'disconnected');
  }

  /** Takes octets in any chunks, and any garbage. */
  receive(heard: Uint8Array, now: Millis): void {
    if (this.#phase === 'waking' || (this.#config.role === 'client' && this.#phase === 'idle')) return;
    if (this.#buffer.length > 0 && now > this.#lastHeard + 1500) {
      this.#buffer.pass(this.#buffer.length, 'the message was broken off');
    }
    if (heard.length > 0) this.#lastHeard = now;
    this.#buffer.append(heard);
    if (this.#deadline !== undefined && this.#config.role === 'client' && heard.length > 0) {
      this.#deadline = now + this.#timeout;
    }
    this.#read(now);
  }

  /** Is called when the time that `pollTimeout` gave has come: sends, repeats, or gives up. */
  handleTimeout(now: Millis): void {
    if (this.#unsent !== undefined && now >= this.#quietUntil) this.#sendNow();
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#deadline = undefined;
    if (this.#config.role === 'server') this.#serverExpired(this.#config, now);
    else if (this.#phase === 'waking') this.#request(this.#config, now);
    else if (this.#phase === 'signing-on') {
      if (this.#attempts <= this.#retries) this.#request(this.#config, now);
      else
        this.#close(
          'timeout',
          `no identification after ${counted(this.#attempts, 'request')} at ${this.#openingBaud} baud`,
        );
    } else if (this.#phase === 'asking') this.#again(now, NO_ANSWER);
  }

  /** When `handleTimeout` must be called; undefined when no timer is needed. */
  pollTimeout(): Millis | undefined {
    if (this.#unsent === undefined) return this.#deadline;
    return Math.min(this.#quietUntil, this.#deadline ?? this.#quietUntil);
  }

  /** The next octets to write, with parity; undefined when there are none left. */
  pollTransmit(): Uint8Array | undefined {
    const frame = this.#frames.shift();
    return frame === undefined ? undefined : withEvenParity(frame);
  }

  /** The next event; undefined when there is none left. */
  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  pending(): string | undefined {
    const { length } = this.#buffer;
    if (length === 0) return undefined;
    return `of a message ${counted(length, 'octet')} came and its end is missing: ${shownOctets(this.#buffer.bytes)}`;
  }

  // ---- inside

  get #timeout(): Millis {
    return (this.#config.role === 'client' ? this.#config.timeout : undefined) ?? ANSWER_TIMEOUT;
  }

  get #retries(): number {
    return (this.#config.role === 'client' ? this.#config.retries : undefined) ?? 2;
  }

  get #openingBaud(): number {
    return (this.#config.role === 'client' ? this.#config.openingBaud : undefined) ?? OPENING_BAUD;
  }

  /** A client waits for the reaction time after the last octet of the meter before it sends (6.3.14). */
  get #quietUntil(): Millis {
    return this.#config.role === 'client' ? this.#lastHeard + (this.#identification?.reactionTimeMs ?? 0) : 0;
  }

  #wake({ wakeUp = 0, ...config }: ModeCClientConfig, now: Millis): void {
    if (wakeUp === 0) {
      this.#request(config, now);
      return;
    }
    this.#transmit(new Uint8Array(wakeUp));
    this.#phase = 'waking';
    this.#deadline = now + wakeUp * (10_000 / this.#openingBaud) + WAKING_TIME;
  }

  #request(config: ModeCClientConfig, now: Millis): void {
    this.#attempts++;
    this.#phase = 'signing-on';
    this.#selected = false;
    this.#buffer.clear();
    this.#transmit(encodeRequest(config.deviceAddress));
    this.#deadline = now + this.#timeout;
  }

  /** Sends the option and changes the speed. A meter of mode A or B sends its data by itself. */
  #select(option: Uint8Array, config: ModeCClientConfig, now: Millis): void {
    const meter = this.#identification as Identification;
    this.#selected = true;
    this.#option = option;
    this.#phase = 'asking';
    this.#deadline = now + this.#timeout;
    if (meter.mode === 'A' || meter.mode === 'B') return;
    const proposed = Math.min(meter.baudRate, config.maxBaud ?? meter.baudRate);
    const stays =
      config.fixedBaud === true || config.fixedLine === true || this.#second || proposed === this.#openingBaud;
    // On a line of fixed speed the meter is first asked to keep its speed, then to use the proposed one; elsewhere the other way round.
    const baud =
      (config.fixedLine === true) === this.#second || config.fixedBaud === true ? proposed : this.#openingBaud;
    const change = stays ? undefined : ({ type: 'reconfigure', baud, format: '7E1' } as const);
    this.#last = new Uint8Array(0);
    this.#sendWhenQuiet(encodeAcknowledgement('0', baudCharacterOf(baud), textOf(option)), change, now);
    // The option itself takes 200 ms at 300 baud.
    this.#deadline = Math.max(now, this.#quietUntil) + this.#timeout + 500;
  }

  #say(message: Uint8Array, now: Millis): void {
    this.#last = message;
    this.#sendWhenQuiet(message, undefined, now);
    if (this.#config.role === 'client') {
      this.#phase = 'asking';
      this.#deadline = Math.max(now, this.#quietUntil) + this.#timeout;
    }
  }

  #sendWhenQuiet(octets: Uint8Array, reconfigure: LinkEvent | undefined, now: Millis): void {
    this.#unsent = { octets, reconfigure };
    if (now >= this.#quietUntil) this.#sendNow();
  }

  #sendNow(): void {
    const { octets, reconfigure } = this.#unsent ?? {};
    this.#unsent = undefined;
    if (octets !== undefined) this.#transmit(octets);
    if (reconfigure !== undefined) this.#events.push(reconfigure);
  }

  #transmit(octets: Uint8Array): void {
    this.#frames.push(octets);
  }

  /** An answer is missing or broken: asked for again, a few times. */
  #again(now: Millis, why: string): void {
    if (++this.#attempts > this.#retries) {
      if (this.#opensAgain(now)) return;
      if (why === REFUSED) this.#answered(Uint8Array.of(NAK));
      else this.#close('timeout', `${why}, ${counted(this.#attempts, 'time')}`);
      return;
    }
    // A question is repeated; data after the option are asked for by NAK.
    this.#transmit((why === NO_ANSWER || why === REFUSED) && this.#last.length > 0 ? this.#last : Uint8Array.of(NAK));
    this.#deadline = now + this.#timeout;
  }

  /**
   * Nothing came of the option that can be read: some meters stay at the opening speed whatever was agreed, others cannot stay there. The
   * whole opening is done once more with the other speed.
   */
  #opensAgain(now: Millis): boolean {
    const config = this.#config;
    const moot = this.#last.length > 0 || this.#second || this.#option === undefined || config.role !== 'client';
    const mode = this.#identification?.mode;
    const same = (this.#identification?.baudRate ?? 0) === this.#openingBaud;
    if (moot || config.fixedBaud === true || mode === 'A' || mode === 'B' || same) return false;
    this.#second = true;
    this.#attempts = 0;
    if (config.fixedLine !== true) this.#events.push({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
    this.#request(config, now);
    return true;
  }

  #read(now: Millis): void {
    while (this.#buffer.length > 0) {
      const first = (this.#buffer.bytes[0] as number) & 0x7f;
      if (this.#isSingle(first)) {
        this.#buffer.tellPassed(this.#events);
        this.#buffer.take(1);
        this.#single(first, now);
        continue;
      }
      let length: number | undefined;
      let message: Iec21Message;
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
        else {
          this.#buffer.tellPassed(this.#events);
          this.#buffer.pass(length, error.message);
          if (first === SOH || first === STX) this.#broken(error.message, now);
        }
        continue;
      }
      this.#buffer.tellPassed(this.#events);
      const octets = this.#buffer.take(length).map((octet) => octet & 0x7f);
      if (this.#config.role === 'client') this.#clientMessage(message, octets, now);
      else this.#serverMessage(message, octets, this.#config, now);
    }
    this.#buffer.tellPassed(this.#events);
  }

  /** ACK and NAK by themselves: an ACK that opens the option select is one with more behind it, at the meter before it is ready. */
  #isSingle(octet: number): boolean {
    if (octet === NAK) return true;
    if (octet !== ACK) return false;
    // After the option an ACK is our own, come back while the line changed its speed.
    return this.#config.role === 'client' ? this.#phase === 'asking' && this.#last.length > 0 : this.#phase === 'ready';
  }

  #single(octet: number, now: Millis): void {
    if (octet === ACK) {
      if (this.#config.role === 'client') this.#answered(Uint8Array.of(ACK));
    } else if (this.#config.role === 'client') {
      if (this.#phase === 'asking') this.#again(now, REFUSED);
    } else if (this.#last.length > 0) this.#transmit(this.#last);
  }

  #broken(why: string, now: Millis): void {
    if (this.#config.role === 'server') this.#transmit(Uint8Array.of(NAK));
    else if (this.#phase === 'asking') this.#again(now, `the answer cannot be read: ${why}`);
  }

  #clientMessage(message: Iec21Message, octets: Uint8Array, now: Millis): void {
    if (this.#phase === 'signing-on' && message.type === 'identification') {
      this.#identification = message;
      this.#phase = 'ready';
      this.#deadline = undefined;
      if (this.#second && this.#option !== undefined && this.#config.role === 'client') {
        this.#select(this.#option, this.#config, now);
        return;
      }
      this.#events.push({ type: 'connected', maxInfo: 0, window: 1, client: 0, server: 0 });
      // Mode B changes its speed without being asked.
      if (message.mode === 'B' && this.#config.role === 'client' && this.#config.fixedBaud !== true)
        this.#events.push({ type: 'reconfigure', baud: message.baudRate, format: '7E1' });
      return;
    }
    const answers = ['data-readout', 'programming-data', 'error-message', 'programming-command'];
    if (this.#phase === 'asking' && answers.includes(message.type)) this.#answered(octets);
    else if (this.#phase === 'ready' && message.type === 'data-readout') this.#answered(octets);
  }

  #answered(octets: Uint8Array): void {
    this.#phase = 'ready';
    this.#deadline = undefined;
    this.#attempts = 0;
    this.#payload(octets);
  }

  #payload(bytes: Uint8Array): void {
    this.#events.push({ type: 'payload', bytes, client: 0, server: 0, unconfirmed: false });
  }

  #serverMessage(message: Iec21Message, octets: Uint8Array, config: ModeCServerConfig, now: Millis): void {
    if (message.type === 'request') {
      const { deviceAddress } = message;
      if (deviceAddress !== '' && deviceAddress !== (config.deviceAddress ?? '')) return;
      this.#phase = 'answering';
      this.#deadline = now + (config.reactionTime ?? REACTION_TIME);
    } else if (this.#phase === 'signing-on' && message.type === 'acknowledgement') {
      const baud = baudRateOf(message.baudCharacter);
      if (baud === undefined || message.protocolControl !== '0') return;
      if (baud.baudRate !== OPENING_BAUD)
        this.#events.push({ type: 'reconfigure', baud: baud.baudRate, format: '7E1' });
      this.#phase = 'ready';
      this.#deadline = now + 60_000;
      this.#events.push({ type: 'connected', maxInfo: 0, window: 1, client: 0, server: 0 });
      this.#payload(Uint8Array.of(message.modeControl.charCodeAt(0)));
    } else if (this.#phase === 'ready' && message.type === 'programming-command') {
      this.#deadline = now + 60_000;
      if (message.command === 'B0') this.#close('peer', 'the reader ended it (B0)');
      else this.#payload(octets);
    }
  }

  #serverExpired(config: ModeCServerConfig, now: Millis): void {
    if (this.#phase === 'answering') {
      const text = `/${config.manufacturer}${baudCharacterOf(config.baud)}${config.identification}\r\n`;
      this.#transmit(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
      this.#phase = 'signing-on';
      this.#deadline = now + 2 * ANSWER_TIMEOUT;
    } else if (this.#phase !== 'idle') this.#close('timeout', 'the reader fell silent');
  }

  #close(cause: 'local' | 'peer' | 'timeout', reason: string): void {
    const back = this.#selected || this.#phase === 'ready';
    this.#phase = 'idle';
    this.#deadline = undefined;
    this.#selected = false;
    this.#last = new Uint8Array(0);
    this.#unsent = undefined;
    if (back) this.#events.push({ type: 'reconfigure', baud: this.#openingBaud, format: '7E1' });
    this.#events.push({ type: 'closed', cause, reason });
  }
}

function beginsMessage(octet: number): boolean {
  return octet === SOH || octet === STX || octet === NAK || beginsSignOn(octet);
}
