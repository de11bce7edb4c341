import crc16 from 'crc/calculators/crc16';
import { fromLatin1, toLatin1 } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { shownOctets } from '../base/shown.js';
import { counted, withArticle } from '../base/words.js';
import { baudRateOf, type DataSet, decodeDataSets, decodeIec21 } from './iec21.js';
import { isLineEnd, sevenAt, TelegramScan } from './telegram-scan.js';

/**
 * Telegrams of ports that only send: P1 of the Dutch and Belgian companion standards (DSMR, eMUCS), and mode D of IEC 62056-21, on which they are
 * based. They come as seven bits with parity or as eight bits, perhaps after line ends, and with LF alone where a program has stored them.
 */

/** The sender of a telegram, as its first line tells. On a port that only sends, the rest of that line has no effect. */
export interface TelegramMeter {
  /** Three letters of the flag association, or what is in their place. */
  readonly manufacturer: string;
  /** The name in the line, after the baud rate character. */
  readonly identification: string;
  /** The speed that the line names, in baud; undefined where it names none. */
  readonly baudRate: number | undefined;
}

/** A telegram that is right. */
export interface DecodedTelegram {
  /** Who sent it. */
  readonly meter: TelegramMeter;
  /** Its data sets, in order. */
  readonly dataSets: readonly DataSet[];
  /** Its CRC-16; undefined where there is none: then it may be damaged. */
  readonly crc: number | undefined;
  /** The telegram from its `/` on, seven bits for each character. */
  readonly octets: Uint8Array;
}

const SLASH = 0x2f;
const STX = 0x02;
const CR = 0x0d;
const LF = 0x0a;
/** The most starts that are tried for one end: the first may have swallowed the beginning of the next telegram. */
const MAX_STARTS = 8;
const CAPACITY = 4096;

/** The offset of the first octet that is not a line end. */
function behindLineEnds(bytes: Uint8Array, from = 0): number {
  let i = from;
  while (isLineEnd(sevenAt(bytes, i)) || (from === 0 && sevenAt(bytes, i) === 0)) i++;
  return i;
}

/**
 * The length of the telegram at the beginning of the octets, with line ends before it; undefined while it is incomplete. A telegram ends with the
 * line of its `!`, or, when its data are between STX and ETX, with its block check.
 * @throws DecodeError `no-frame` when none begins there, `bad-length` when a line or the telegram does not end.
 */
export function telegramLength(bytes: Uint8Array): number | undefined {
  return lengthIn(bytes, false);
}

function lengthIn(bytes: Uint8Array, isAll: boolean): number | undefined {
  const start = behindLineEnds(bytes);
  return start === bytes.length ? undefined : new TelegramScan().endOf(bytes, start, isAll);
}

/**
 * Reads one whole telegram.
 *
 * @example
 * ```ts
 * const { meter, dataSets } = decodeTelegram(octets);
 * ```
 * @throws DecodeError `truncated`, `trailing-bytes`, `bad-checksum` when its CRC or block check is wrong, `bad-value`, `no-frame`.
 */
export function decodeTelegram(bytes: Uint8Array): DecodedTelegram {
  const length = lengthIn(bytes, true);
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
    if (!('dataSets' in message))
      throw new DecodeError('bad-value', `${withArticle(message.type)} in place of data`, stx);
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

/** The CRC is computed over what was sent: eight bits or seven, and lines ending with CR LF even if a program stored only LF. */
function crcHolds(raw: Uint8Array, crc: number): boolean {
  if (crc16(raw) === crc) return true;
  const stripped = raw.map((octet) => octet & 0x7f);
  if (crc16(stripped) === crc) return true;
  return !stripped.includes(CR) && crc16(fromLatin1(toLatin1(stripped).replaceAll('\n', '\r\n'))) === crc;
}

/** The sender from a line such as `/ABC5name`, whatever is in place of the speed. */
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

/**
 * Cuts a stream into telegrams, with anything between them. Never more than a telegram is kept, and the work grows linearly with the octets, in any
 * chunks.
 */
export class TelegramSplitter {
  readonly #refused: (octets: Uint8Array, reason: string, telegram: boolean) => void;
  readonly #scan = new TelegramScan();
  /** Octets that were not reported yet are `#bytes` from `#start` to `#end`. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The furthest end of a wrong telegram, and how many starts were tried for it. */
  #horizon = 0;
  #failed = 0;

  /** @param refused hears octets that make no telegram and why; `telegram` when it was one that does not hold, or that the
   *   next one cut off. */
  constructor(refused: (octets: Uint8Array, reason: string, telegram: boolean) => void) {
    this.#refused = refused;
  }

  /** The telegrams that are complete now. */
  push(chunk: Uint8Array): DecodedTelegram[] {
    this.#append(chunk);
    const came = this.#bytes.subarray(0, this.#end);
    const telegrams: DecodedTelegram[] = [];
    for (;;) {
      this.#toSlash();
      if (this.#start === this.#end) return telegrams;
      let end: number | undefined;
      try {
        end = this.#scan.endOf(came, this.#start);
        if (end === undefined) return telegrams;
        telegrams.push(decodeTelegram(came.subarray(this.#start, end)));
        this.#start = end;
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#drop(this.#next(end), error.message, end !== undefined || error.reason === 'truncated');
      }
    }
  }

  /** In words, what has come of an incomplete telegram. */
  get pending(): string | undefined {
    const length = this.#end - this.#start;
    if (length === 0) return undefined;
    const came = this.#bytes.subarray(this.#start, this.#end);
    return `of a telegram ${counted(length, 'octet')} came and its end is missing: ${shownOctets(came)}`;
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const kept = this.#bytes.subarray(this.#start, this.#end);
      const bytes = new Uint8Array(Math.max(CAPACITY, 2 * (kept.length + chunk.length)));
      bytes.set(kept);
      this.#bytes = bytes;
      this.#scan.shift(this.#start);
      this.#horizon -= this.#start;
      this.#end = kept.length;
      this.#start = 0;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #toSlash(): void {
    let slash = this.#start;
    let noise = false;
    for (; slash < this.#end && sevenAt(this.#bytes, slash) !== SLASH; slash++) {
      const octet = sevenAt(this.#bytes, slash);
      noise ||= !isLineEnd(octet) && octet !== 0;
    }
    if (noise) this.#drop(slash, 'no telegram begins so', false);
    else this.#start = slash;
  }

  /**
   * Where to continue after a start that led to nothing. A wrong telegram may have swallowed the beginning of the next, which is searched for inside it.
   * After a few tries only the start right before the end is tried, so that many starts before one end do not cost more.
   */
  #next(telegram: number | undefined): number {
    const end = telegram ?? this.#end;
    if (telegram === undefined) return this.#lineWithSlash(end, false) ?? end;
    if (end > this.#horizon) {
      this.#horizon = end;
      this.#failed = 0;
    }
    this.#failed++;
    return this.#lineWithSlash(end, this.#failed > MAX_STARTS) ?? end;
  }

  /** The first line inside that begins with a slash, or the last. */
  #lineWithSlash(end: number, last: boolean): number | undefined {
    const isOne = (i: number) => sevenAt(this.#bytes, i) === SLASH && sevenAt(this.#bytes, i - 1) === LF;
    if (last) {
      for (let i = end - 1; i > this.#start; i--) if (isOne(i)) return i;
    } else {
      for (let i = this.#start + 1; i < end; i++) if (isOne(i)) return i;
    }
    return undefined;
  }

  #drop(end: number, reason: string, telegram: boolean): void {
    const octets = this.#bytes.slice(this.#start, end);
    this.#start = end;
    this.#refused(octets, reason, telegram);
  }
}
