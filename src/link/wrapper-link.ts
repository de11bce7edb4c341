import { concat } from '../base/bytes.js';
import type { Millis } from '../base/clock.js';
import { Reader, Writer } from '../base/cursor.js';
import { type DecodeError, StateError } from '../base/errors.js';
import type { Remark } from '../base/remark.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';
import { unwrappedPayload } from './hdlc-llc.js';
import { SERVER_TAGS } from './server-tags.js';
import {
  checkWrapperOptions,
  type WrapperClientConfig,
  type WrapperListenerConfig,
  type WrapperServerConfig,
} from './wrapper-config.js';

/** A wrapper protocol data unit (IEC 62056-47, 5.4): header version 1, two ports, length, APDU. */
export interface Wpdu {
  readonly source: number;
  readonly destination: number;
  /** After decoding a view of the input. */
  readonly apdu: Uint8Array;
}

/** The wPort of all logical devices of all stations (IEC 62056-47). What comes to it is carried out and not answered. */
export const ALL_STATION_PORT = 0x7f;
const VERSION = 1;
const HEADER = 8;
const HDLC_FLAG = 0x7e;
const MAX_LENGTH = 0xffff;
/** After so many octets without a WPDU the search is given up. */
const MOST_SKIPPED = 0x10000;

/** The octets of a WPDU. Throws StateError when a port or the APDU does not fit. */
export function encodeWpdu({ source, destination, apdu }: Wpdu): Uint8Array {
  if (apdu.length > MAX_LENGTH) {
    throw new StateError(`an APDU of ${counted(apdu.length, 'octet')} does not fit into a WPDU`, {
      hint: `at most ${MAX_LENGTH} octets fit: use block transfer`,
    });
  }
  checkPort(source);
  checkPort(destination);
  const writer = new Writer(HEADER + apdu.length);
  return writer.u16(VERSION).u16(source).u16(destination).u16(apdu.length).bytes(apdu).finish();
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= MAX_LENGTH) return;
  throw new StateError(`${port} is not a wrapper port`, { hint: 'a wPort is a whole number, 0 to 65535' });
}

/**
 * Reads exactly one WPDU, as a datagram holds it.
 * @throws DecodeError `truncated`, `bad-version`, `trailing-bytes`.
 */
export function decodeWpdu(bytes: Uint8Array): Wpdu {
  const reader: Reader = new Reader(bytes);
  const wpdu = readWpdu(reader);
  reader.done('WPDU');
  return wpdu;
}

function readWpdu(reader: Reader): Wpdu {
  const version = reader.u16();
  if (version !== VERSION) {
    reader.fail('bad-version', `wrapper version ${version} instead of ${VERSION}`, reader.offset - 2);
  }
  const source = reader.u16();
  const destination = reader.u16();
  return { source, destination, apdu: reader.take(reader.u16()) };
}

/** Octets that wait for the rest of their WPDU, joined without repeated copying. */
class Pending {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length, 256));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  /** Returns the joined octets and begins again. Views of them stay valid. */
  take(): Uint8Array {
    const bytes = this.bytes;
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return bytes;
  }
}

/**
 * The wrapper of IEC 62056-47 for TCP and UDP, for either side. It is a header, not a protocol: `connect` is done at once, and there are no time-outs. A
 * server can serve any number of clients over one connection: events and `send` name the client.
 */
export class WrapperLink implements Link {
  readonly #role: 'client' | 'server' | 'listener';
  readonly #config: Partial<WrapperClientConfig> & WrapperServerConfig;
  readonly #maxApdu: number;
  readonly #pending = new Pending();
  readonly #transmit: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];
  /** A header is missing: the next WPDU is being searched for. */
  #hunting = false;
  /** Number of octets skipped since the last WPDU, and the remark about them for the next one. */
  #skipped = 0;
  #remark: Remark | undefined;
  #connected = false;
  /** Closed: what still comes is ignored until the owner connects again. */
  #ended = false;
  /** Client and server of the last payload, to which an answer is sent. */
  #peer: { readonly client: number; readonly server: number } | undefined;

  constructor(role: 'client', config: WrapperClientConfig);
  constructor(role: 'server', config: WrapperServerConfig);
  constructor(role: 'listener', config: WrapperListenerConfig);
  constructor(
    role: 'client' | 'server' | 'listener',
    config: WrapperClientConfig | WrapperServerConfig | WrapperListenerConfig,
  ) {
    checkWrapperOptions(role, config);
    this.#role = role;
    this.#config = config;
    this.#maxApdu = config.maxApdu ?? MAX_LENGTH;
    if (role === 'client') {
      const { client, server } = config as WrapperClientConfig;
      checkPort(client);
      checkPort(server);
      this.#peer = { client, server };
    }
  }

  /** Connects at once. It may be left out: the first octets that come connect as well. */
  connect(): void {
    if (this.#connected) throw new StateError('the wrapper link is connected already');
    this.#open();
  }

  #open(): void {
    this.#connected = true;
    this.#ended = false;
    const { client = 0, server = 0 } = this.#peer ?? {};
    this.#events.push({ type: 'connected', maxInfo: this.#maxApdu, window: 1, client, server });
  }

  send(payload: Uint8Array, _now: Millis, options: SendOptions = {}): void {
    if (!this.#connected) throw new StateError('the wrapper link is not connected');
    const client = options.client ?? this.#peer?.client;
    const server = options.server ?? this.#peer?.server;
    if (client === undefined || server === undefined) {
      throw new StateError('the wrapper link does not know where to send', {
        hint: 'name client and server: nobody asked yet',
      });
    }
    const fromClient = this.#role !== 'server';
    const source = fromClient ? client : server;
    const destination = fromClient ? server : client;
    this.#transmit.push(encodeWpdu({ source, destination, apdu: payload }));
  }

  /** Disconnects at once. */
  disconnect(): void {
    if (this.#connected) this.#close('local', 'disconnected');
  }

  receive(chunk: Uint8Array, _now: Millis): void {
    if (this.#ended || chunk.length === 0) return;
    if (!this.#connected) this.#open();
    if (this.#config.mode === 'datagram') this.#receiveDatagram(chunk);
    else this.#receiveStream(chunk);
  }

  #receiveDatagram(bytes: Uint8Array): void {
    let reader: Reader = new Reader(bytes);
    while (reader.remaining > 0) {
      const start = reader.offset;
      try {
        this.#deliver(readWpdu(reader));
      } catch (error) {
        const next = this.#findsBack ? this.#nextStart(bytes, start + 1) : bytes.length;
        if (next < bytes.length && this.#isWhole(bytes.subarray(next))) {
          this.#skip(bytes.subarray(start, next));
          reader = new Reader(bytes, next);
          continue;
        }
        this.#discard(bytes.subarray(start), (error as DecodeError).message);
        return;
      }
    }
  }

  #receiveStream(chunk: Uint8Array): void {
    let rest = chunk;
    if (this.#hunting) {
      const found = this.#hunt(concat(this.#pending.take(), chunk));
      if (found === undefined) return;
      rest = found;
    }
    // First only so much is joined as completes the WPDU that has begun; all others are views of the chunk.
    while (this.#pending.length > 0 && rest.length > 0) {
      const known = this.#pending.length < HEADER ? HEADER : HEADER + lengthOf(this.#pending.bytes);
      const taken = Math.min(known - this.#pending.length, rest.length);
      this.#pending.append(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      if (this.#findsBack && (!hasVersion(this.#pending.bytes) || this.#hides(this.#pending.bytes))) {
        const found = this.#hunt(concat(this.#pending.take(), rest));
        if (found === undefined) return;
        rest = found;
        break;
      }
      if (!this.#isAcceptable(this.#pending.bytes)) return;
      const { length } = this.#pending;
      if (length >= HEADER && length === HEADER + lengthOf(this.#pending.bytes))
        this.#deliver(decodeWpdu(this.#pending.take()));
    }
    while (rest.length > 0) {
      if (this.#findsBack && (!hasVersion(rest) || this.#hides(rest))) {
        const found = this.#hunt(rest);
        if (found === undefined) return;
        rest = found;
      }
      if (!this.#isAcceptable(rest)) return;
      const whole = rest.length < HEADER ? Number.POSITIVE_INFINITY : HEADER + lengthOf(rest);
      if (rest.length < whole) {
        this.#pending.append(rest);
        return;
      }
      // As a chunk nearly always is: no views are made of it.
      if (rest.length === whole) {
        this.#deliver(decodeWpdu(rest));
        return;
      }
      this.#deliver(decodeWpdu(rest.subarray(0, whole)));
      rest = rest.subarray(whole);
    }
  }

  /** Whether octets before the next WPDU are skipped. A server does not do that: it must not guess for strangers. */
  get #findsBack(): boolean {
    return this.#role !== 'server';
  }

  /**
   * Skips to the next WPDU that fits us.
   * @returns the octets from there on; undefined when not enough of it has come.
   */
  #hunt(bytes: Uint8Array): Uint8Array | undefined {
    if (isHdlc(bytes)) {
      this.#discard(bytes, 'an HDLC frame, not the wrapper');
      this.#close('frame-reject', 'HDLC frames come here, not the wrapper');
      return undefined;
    }
    // A flag alone may open a frame of HDLC: the next octet tells.
    const start = bytes.length === 1 && bytes[0] === HDLC_FLAG ? 0 : this.#nextStart(bytes, 0);
    this.#skip(bytes.subarray(0, start));
    const rest = bytes.subarray(start);
    this.#hunting = !this.#isWhole(rest);
    if (!this.#hunting) return rest;
    if (this.#skipped > MOST_SKIPPED)
      this.#close('frame-reject', `${counted(this.#skipped, 'octet')} came and no wrapper message`);
    else if (rest.length > 0) this.#pending.append(rest);
    return undefined;
  }

  /** Whether octets that only look like the beginning of a header, such as 00 01 of a modem, come before one that fits us. */
  #hides(bytes: Uint8Array): boolean {
    if (bytes.length <= HEADER || this.#mayBegin(bytes, 0)) return false;
    const near = bytes.subarray(0, 2 * HEADER + 1);
    const start = this.#nextStart(near, 1);
    return start <= HEADER && this.#isWhole(near.subarray(start));
  }

  /** Where a WPDU that fits us begins, or may begin when more has come; the end when none does. */
  #nextStart(bytes: Uint8Array, from: number): number {
    let start = from;
    while (start < bytes.length && !this.#mayBegin(bytes, start)) start++;
    return start;
  }

  /** Whether enough has come to judge the header. */
  #isWhole(bytes: Uint8Array): boolean {
    return bytes.length > HEADER;
  }

  /**
   * Whether a header fits that begins there, as far as it has come: version, our wPort and that of the server, an acceptable length, and an
   * APDU that a server sends.
   */
  #mayBegin(bytes: Uint8Array, start: number): boolean {
    const { client, server } = this.#config;
    if (!mayBe(VERSION, bytes, start) || !mayBe(server, bytes, start + 2) || !mayBe(client, bytes, start + 4))
      return false;
    if (bytes.length < start + HEADER) return true;
    const length = lengthOf(bytes, start);
    const first = bytes[start + HEADER];
    return length > 0 && length <= this.#maxApdu && (first === undefined || SERVER_TAGS.has(first));
  }

  #skip(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#skipped += octets.length;
    this.#discard(octets, `octets outside a wrapper message, skipped: ${shownOctets(octets)}`);
    this.#remark ??= {
      code: 'outside-wrapper',
      text: `something on the way, such as a modem, wrote between the messages of the meter, and it was skipped: ${shownOctets(octets)}`,
      weight: 'note',
    };
  }

  /** Checks the header as far as it has come. A wrong one ends the connection. */
  #isAcceptable(bytes: Uint8Array): boolean {
    let bad = 0;
    let reason = 'the wrapper header has another version than 1';
    if (bytes[0] !== 0) bad = 1;
    else if (bytes.length > 1 && bytes[1] !== VERSION) bad = 2;
    else if (bytes.length >= HEADER && lengthOf(bytes) > this.#maxApdu) {
      bad = HEADER;
      reason = `an APDU of ${counted(lengthOf(bytes), 'octet')} is announced, ${this.#maxApdu} are taken`;
    }
    if (bad === 0) return true;
    this.#discard(bytes.subarray(0, bad), reason);
    this.#close('frame-reject', reason);
    return false;
  }

  #deliver({ source, destination, apdu }: Wpdu): void {
    const fromClient = this.#role === 'server';
    const client = fromClient ? source : destination;
    const server = fromClient ? destination : source;
    if (!this.#isOurs(destination)) {
      this.#discard(apdu, `for wPort ${destination}, which is not ours`);
      return;
    }
    if (apdu.length === 0 || apdu.length > this.#maxApdu) {
      this.#discard(
        apdu,
        apdu.length === 0 ? 'a WPDU without APDU' : `an APDU longer than ${counted(this.#maxApdu, 'octet')}`,
      );
      return;
    }
    if (this.#role !== 'client') this.#peer = { client, server };
    const unwrapped = fromClient ? undefined : unwrappedPayload(apdu);
    const remark = this.#remark ?? unwrapped?.remark;
    this.#remark = undefined;
    this.#skipped = 0;
    const bytes = unwrapped?.bytes ?? apdu;
    const unconfirmed = fromClient && server === ALL_STATION_PORT;
    const event = { type: 'payload', bytes, client, server, unconfirmed } as const;
    this.#events.push(remark === undefined ? event : { ...event, remark });
  }

  #isOurs(port: number): boolean {
    if (this.#role === 'client') return port === this.#config.client;
    const { devices } = this.#config;
    return devices === undefined || devices.includes(port) || (port === ALL_STATION_PORT && this.#role === 'server');
  }

  #discard(bytes: Uint8Array, reason: string): void {
    this.#events.push({ type: 'discarded', bytes, reason });
  }

  #close(cause: 'local' | 'frame-reject', reason: string): void {
    this.#connected = false;
    this.#ended = true;
    this.#hunting = false;
    this.#pending.take();
    if (this.#role !== 'client') this.#peer = undefined;
    this.#events.push({ type: 'closed', cause, reason });
  }

  /** Does nothing: the wrapper has no time-outs. */
  handleTimeout(): void {}

  /** Always undefined: the wrapper needs no timer. */
  pollTimeout(): undefined {
    return undefined;
  }

  /** The next WPDU to write; undefined when there is none left. */
  pollTransmit(): Uint8Array | undefined {
    return this.#transmit.shift();
  }

  /** The next event; undefined when there is none left. */
  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  pending(): string | undefined {
    const { length, bytes } = this.#pending;
    if (length === 0) return undefined;
    const of = length < HEADER ? '' : `, ${HEADER + lengthOf(bytes)} were announced,`;
    return `of a wrapper message ${counted(length, 'octet')} came${of} and its end is missing`;
  }
}

/** Whether the version, as far as it has come, is that of a wrapper header. */
function hasVersion(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && (bytes.length === 1 || bytes[1] === VERSION);
}

/** Flag and frame format type 3. */
function isHdlc(bytes: Uint8Array): boolean {
  return bytes[0] === HDLC_FLAG && ((bytes[1] ?? 0) & 0xf0) === 0xa0;
}

/** Whether a field of two octets has the value, as far as it has come; any value will do where none is given. */
function mayBe(value: number | undefined, bytes: Uint8Array, at: number): boolean {
  if (value === undefined) return true;
  const high = bytes[at];
  const low = bytes[at + 1];
  return (high === undefined || high === value >> 8) && (low === undefined || low === (value & 0xff));
}

function lengthOf(bytes: Uint8Array, start = 0): number {
  return ((bytes[start + 6] as number) << 8) | (bytes[start + 7] as number);
}
