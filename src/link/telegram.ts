import crc16 from 'crc/calculators/crc16';
import { concat, fromLatin1, toLatin1 } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import { baudRateOf, type DataSet, decodeDataSets, decodeIec21, messageLength } from './iec21.js';

/**
 * Telegrams of ports that only send: P1 of the Dutch and Belgian companion standards (DSMR, eMUCS), and mode D of IEC 62056-21, which they
 * were made of. They come as seven bits with parity or as eight, with line ends before them, with LF alone where a program stored them.
 */

/** Who speaks, as far as its line tells: on a port that only sends, speed and form of that line decide nothing. */
export interface TelegramMeter {
  /** Three letters of the flag association; what stands there where they are none. */
  readonly manufacturer: string;
  readonly identification: string;
  /** The speed that the line names, in baud; undefined where it names none. */
  readonly baudRate: number | undefined;
}

/** A telegram that holds. */
export interface DecodedTelegram {
  readonly meter: TelegramMeter;
  readonly dataSets: readonly DataSet[];
  /** Undefined where there is none: then nothing proves that it came whole. */
  readonly crc: number | undefined;
  /** The telegram from its `/` on, seven bits a character. */
  readonly octets: Uint8Array;
}

const SLASH = 0x2f;
const STX = 0x02;
const BANG = 0x21;
const CR = 0x0d;
const LF = 0x0a;
/** Characters of an identification line at most: those of the standard are 21. */
const LONGEST_LINE = 128;

function at(bytes: Uint8Array, index: number): number | undefined {
  const octet = bytes[index];
  return octet === undefined ? undefined : octet & 0x7f;
}

/** Offset behind the line end at or behind `from`; undefined when none has come. */
function behindLine(bytes: Uint8Array, from: number, limit: number): number | undefined {
  for (let i = from; i < Math.min(bytes.length, from + limit); i++) if (at(bytes, i) === LF) return i + 1;
  if (bytes.length - from >= limit) {
    throw new DecodeError('bad-length', `no end of line within ${counted(limit, 'octet')}`, from);
  }
  return undefined;
}

/** Offset of the first octet that is no line end. */
function behindLineEnds(bytes: Uint8Array, from = 0): number {
  let i = from;
  while (at(bytes, i) === CR || at(bytes, i) === LF || (from === 0 && at(bytes, i) === 0)) i++;
  return i;
}

/**
 * Length of the telegram at the beginning of the octets, line ends before it included; undefined while it is incomplete. A telegram ends
 * with the line of its `!`; one whose data come between STX and ETX with its block check.
 * @throws DecodeError `no-frame` when none begins there, `bad-length` when a line or the telegram runs on without end.
 */
export function telegramLength(bytes: Uint8Array, limit = 65_536): number | undefined {
  const start = behindLineEnds(bytes);
  if (start === bytes.length) return undefined;
  if (at(bytes, start) !== SLASH) throw new DecodeError('no-frame', 'no telegram begins so', start);
  const line = behindLine(bytes, start, LONGEST_LINE);
  if (line === undefined) return undefined;
  const data = behindLineEnds(bytes, line);
  if (at(bytes, data) === STX) {
    const length = messageLength(bytes.subarray(data), limit);
    return length === undefined ? undefined : data + length;
  }
  for (let i = line; i < bytes.length; i++) {
    if (at(bytes, i) !== BANG || at(bytes, i - 1) !== LF) continue;
    const digits = crcDigits(bytes, i + 1);
    const end = i + 1 + digits;
    if (at(bytes, end) === LF) return end + 1;
    if (at(bytes, end) === CR && at(bytes, end + 1) === LF) return end + 2;
    // The line end behind the CRC is often cut off where telegrams are stored.
    return digits === 4 ? end : undefined;
  }
  if (bytes.length - start > limit) {
    throw new DecodeError('bad-length', `no end of the telegram within ${counted(limit, 'octet')}`, start);
  }
  return undefined;
}

function crcDigits(bytes: Uint8Array, from: number): number {
  let digits = 0;
  while (digits < 4 && /[0-9A-Fa-f]/.test(String.fromCharCode(at(bytes, from + digits) ?? 0))) digits++;
  return digits;
}

/**
 * Reads one whole telegram.
 * @throws DecodeError `truncated`, `trailing-bytes`, `bad-checksum` when its CRC or block check does not hold, `bad-value`, `no-frame`.
 */
export function decodeTelegram(bytes: Uint8Array): DecodedTelegram {
  const length = telegramLength(bytes);
  if (length === undefined) throw new DecodeError('truncated', 'the telegram has no end yet', bytes.length);
  const rest = bytes.length - length;
  if (behindLineEnds(bytes, length) < bytes.length) {
    throw new DecodeError('trailing-bytes', `${counted(rest, 'octet follows', 'octets follow')} the telegram`, length);
  }
  const start = behindLineEnds(bytes);
  const raw = bytes.subarray(start, length);
  const octets = raw.map((octet) => octet & 0x7f);
  const text = toLatin1(octets);
  const line = text.slice(0, text.indexOf('\n')).trimEnd();
  const meter = telegramMeter(line);
  const stx = octets.indexOf(STX);
  if (stx >= 0) {
    const message = decodeIec21(octets.subarray(stx));
    if (!('dataSets' in message)) throw new DecodeError('bad-value', `a ${message.type} in place of data`, stx);
    return { meter, dataSets: message.dataSets, crc: undefined, octets };
  }
  const bang = text.lastIndexOf('\n!') + 1;
  const digits = text.slice(bang + 1).trimEnd();
  if (digits !== '' && !/^[0-9A-Fa-f]{4}$/.test(digits)) {
    throw new DecodeError('bad-value', `a telegram ends with ! and, where it has a CRC, four digits`, bang);
  }
  const crc = digits === '' ? undefined : Number.parseInt(digits, 16);
  if (crc !== undefined && !crcHolds(raw.subarray(0, bang + 1), crc)) {
    throw new DecodeError('bad-checksum', 'the CRC-16 of the telegram does not match', bang + 1);
  }
  const from = text.indexOf('\n') + 1;
  return { meter, dataSets: decodeDataSets(text.slice(from, bang), from), crc, octets };
}

/** The CRC counts what was sent: eight bits or seven, lines that end with CR LF although a program stored LF alone. */
function crcHolds(raw: Uint8Array, crc: number): boolean {
  if (crc16(raw) === crc) return true;
  const stripped = raw.map((octet) => octet & 0x7f);
  if (crc16(stripped) === crc) return true;
  return !stripped.includes(CR) && crc16(fromLatin1(toLatin1(stripped).replaceAll('\n', '\r\n'))) === crc;
}

/** Who speaks: `/ABC5name`, whatever stands in place of the speed. */
export function telegramMeter(line: string): TelegramMeter {
  const match = /^\/([A-Za-z]{3})(.)((?:\\.)*)(.*)$/.exec(line);
  if (match === null) return { manufacturer: '', identification: line.slice(1), baudRate: undefined };
  const [, letters = '', character = '', , name = ''] = match;
  return {
    manufacturer: letters.toUpperCase(),
    identification: name,
    baudRate: baudRateOf(character)?.baudRate,
  };
}

/** Cuts a stream into telegrams, whatever stands between them. What is kept never exceeds a telegram. */
export class TelegramSplitter {
  readonly #refused: (octets: Uint8Array, reason: string, telegram: boolean) => void;
  #buffer: Uint8Array = new Uint8Array(0);

  /** @param refused hears octets that make no telegram and why; `telegram` when it was a whole one that does not hold. */
  constructor(refused: (octets: Uint8Array, reason: string, telegram: boolean) => void) {
    this.#refused = refused;
  }

  /** Telegrams that are whole now. */
  push(chunk: Uint8Array): DecodedTelegram[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk);
    const telegrams: DecodedTelegram[] = [];
    for (;;) {
      this.#toSlash();
      if (this.#buffer.length === 0) return telegrams;
      let length: number | undefined;
      try {
        length = telegramLength(this.#buffer);
        if (length === undefined) return telegrams;
        telegrams.push(decodeTelegram(this.#buffer.subarray(0, length)));
        this.#buffer = this.#buffer.slice(length);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        // One that does not hold may have swallowed the beginning of the next: that one is looked for inside it.
        const next = this.#nextTelegram(length ?? this.#buffer.length);
        this.#drop(next, error.message, length !== undefined);
      }
    }
  }

  /** What has come of a telegram that is not whole, in words. */
  get pending(): string | undefined {
    const { length } = this.#buffer;
    if (length === 0) return undefined;
    return `of a telegram ${counted(length, 'octet')} came and its end is missing: ${shownOctets(this.#buffer)}`;
  }

  #toSlash(): void {
    let start = 0;
    while (start < this.#buffer.length && at(this.#buffer, start) !== SLASH) start++;
    const skipped = this.#buffer.subarray(0, start);
    const noise = skipped.some((octet) => ![CR, LF, 0].includes(octet & 0x7f));
    if (noise) this.#drop(start, 'no telegram begins so', false);
    else this.#buffer = this.#buffer.slice(start);
  }

  #nextTelegram(end: number): number {
    for (let i = 1; i < end; i++) if (at(this.#buffer, i) === SLASH && at(this.#buffer, i - 1) === LF) return i;
    return end;
  }

  #drop(end: number, reason: string, telegram: boolean): void {
    const octets = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end);
    this.#refused(octets, reason, telegram);
  }
}
