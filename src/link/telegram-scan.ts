import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';

const SLASH = 0x2f;
const STX = 0x02;
const ETX = 0x03;
const EOT = 0x04;
const BANG = 0x21;
const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;
/** The most characters of an identification line; those of the standard have 21. */
const LONGEST_LINE = 128;
const CRC_DIGITS = 4;
/** Of the flag association. */
const LETTERS = 3;
/** The most characters after the `!`. */
const LONGEST_LAST_LINE = 16;

/** An octet without its parity. */
export function sevenAt(bytes: Uint8Array, index: number): number | undefined {
  const octet = bytes[index];
  return octet === undefined ? undefined : octet & 0x7f;
}

/**
 * Looks for the end of telegrams while octets come. It remembers what it has examined, also from one beginning to the next, so that in any chunks each
 * octet is examined only a few times. Beginnings may only move forward.
 */
export class TelegramScan {
  readonly #limit: number;
  readonly #mixed: boolean;
  /** The beginning to which `#line` and `#data` belong. */
  #start = -1;
  #line: number | undefined;
  /** The first octet after the identification line that is not a line end, as far as was examined. */
  #data = 0;
  readonly #bangs = new Finder((bytes, i) => sevenAt(bytes, i) === BANG && sevenAt(bytes, i - 1) === LF);
  /** A line that begins another telegram. */
  readonly #begins = new Finder(beginsLine);
  readonly #ends = new Finder((bytes, i) => isEnd(sevenAt(bytes, i)));

  /** What no telegram contains after its identification: control characters, and a line that begins another telegram. */
  readonly #odds = new Finder((bytes, i) => isControl(sevenAt(bytes, i)) || beginsLine(bytes, i));

  /**
   * @param limit the most octets of a telegram.
   * @param mixed whether frames and noise are on the line too: then octets that no telegram contains end the search at once.
   */
  constructor(limit = 65_536, { mixed = false }: { readonly mixed?: boolean } = {}) {
    this.#limit = limit;
    this.#mixed = mixed;
  }

  /**
   * The offset after the telegram that begins with the `/` at `start`; undefined while it is incomplete.
   * @param isAll nothing more comes: the line of the `!` may lack its line end.
   * @throws DecodeError `no-frame` when none begins there, `bad-length` when a line or the telegram does not end, `truncated` when another one begins
   *   before its end.
   */
  endOf(bytes: Uint8Array, start: number, isAll = false): number | undefined {
    if (start !== this.#start) {
      this.#start = start;
      this.#line = undefined;
    }
    if (sevenAt(bytes, start) !== SLASH) throw new DecodeError('no-frame', 'no telegram begins so', start);
    if (this.#line === undefined) {
      if (this.#mixed) needIdentification(bytes, start);
      this.#line = behindLine(bytes, start);
      if (this.#line === undefined) return undefined;
      this.#data = this.#line;
    }
    while (isLineEnd(sevenAt(bytes, this.#data))) this.#data++;
    if (this.#mixed) this.#needText(bytes, start);
    if (sevenAt(bytes, this.#data) === STX) {
      const etx = this.#ends.find(bytes, this.#data + 1);
      // The block check follows.
      if (etx !== undefined) return etx + 1 < bytes.length ? etx + 2 : undefined;
    } else {
      const bang = this.#bangs.find(bytes, this.#data);
      if (bang !== undefined) return behindBang(bytes, bang, isAll, this.#mixed);
      if (!this.#mixed && this.#begins.find(bytes, this.#data) !== undefined)
        throw new DecodeError('truncated', 'another telegram begins before its end', start);
    }
    if (bytes.length - start > this.#limit) {
      throw new DecodeError('bad-length', `no end of the telegram within ${counted(this.#limit, 'octet')}`, start);
    }
    return undefined;
  }

  #needText(bytes: Uint8Array, start: number): void {
    const stx = sevenAt(bytes, this.#data) === STX;
    const odd = this.#odds.find(bytes, stx ? this.#data + 1 : this.#data);
    if (odd === undefined || (stx && isEnd(sevenAt(bytes, odd)))) return;
    const bang = stx ? undefined : this.#bangs.find(bytes, this.#data);
    if (bang === undefined || odd < bang) throw new DecodeError('no-frame', 'the telegram breaks off', start);
  }

  /** So many octets were removed at the beginning. */
  shift(octets: number): void {
    this.#start -= octets;
    if (this.#line !== undefined) this.#line -= octets;
    this.#data -= octets;
    this.#bangs.shift(octets);
    this.#begins.shift(octets);
    this.#ends.shift(octets);
    this.#odds.shift(octets);
  }
}

/** Finds the first octet of a kind after an offset that only moves forward. */
class Finder {
  readonly #is: (bytes: Uint8Array, index: number) => boolean;
  /** Between the last offset and this one there is no such octet. */
  #at = 0;

  constructor(is: (bytes: Uint8Array, index: number) => boolean) {
    this.#is = is;
  }

  find(bytes: Uint8Array, from: number): number | undefined {
    for (this.#at = Math.max(this.#at, from); this.#at < bytes.length; this.#at++) {
      if (this.#is(bytes, this.#at)) return this.#at;
    }
    return undefined;
  }

  shift(octets: number): void {
    this.#at = Math.max(0, this.#at - octets);
  }
}

export function isLineEnd(octet: number | undefined): boolean {
  return octet === CR || octet === LF;
}

/** Whether the `/` of another telegram is there. */
function beginsLine(bytes: Uint8Array, index: number): boolean {
  return sevenAt(bytes, index) === SLASH && sevenAt(bytes, index - 1) === LF;
}

function isEnd(octet: number | undefined): boolean {
  return octet === ETX || octet === EOT;
}

function isControl(octet: number | undefined): boolean {
  return octet !== undefined && octet < SPACE && octet !== TAB && !isLineEnd(octet);
}

/** Checks the identification as far as it has come: three letters, and text up to the end of the line. */
function needIdentification(bytes: Uint8Array, start: number): void {
  for (let i = start + 1; i < Math.min(bytes.length, start + LONGEST_LINE); i++) {
    const octet = sevenAt(bytes, i);
    const fits = i <= start + LETTERS ? isLetter(octet) : !isControl(octet);
    if (!fits) throw new DecodeError('no-frame', 'no telegram begins so', start);
    if (octet === LF) return;
  }
}

function isLetter(octet: number | undefined): boolean {
  return octet !== undefined && ((octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a));
}

/** The offset after the line end of the identification; undefined while it has not come. */
function behindLine(bytes: Uint8Array, start: number): number | undefined {
  for (let i = start; i < Math.min(bytes.length, start + LONGEST_LINE); i++) {
    if (sevenAt(bytes, i) === LF) return i + 1;
  }
  if (bytes.length - start < LONGEST_LINE) return undefined;
  throw new DecodeError('bad-length', `no end of line within ${counted(LONGEST_LINE, 'octet')}`, start);
}

/**
 * After the `!` may follow four digits, and a line end, which is often cut off where telegrams are stored. Anything else there belongs to the telegram
 * as well, which is then wrong. Where frames may follow, the telegram ends before anything that is not a line end, or with the line end when it
 * comes.
 */
function behindBang(bytes: Uint8Array, bang: number, isAll: boolean, mixed: boolean): number | undefined {
  let end = bang + 1;
  while (end <= bang + CRC_DIGITS && isHex(sevenAt(bytes, end))) end++;
  if (sevenAt(bytes, end) === LF) return end + 1;
  if (sevenAt(bytes, end) === CR && sevenAt(bytes, end + 1) === LF) return end + 2;
  if (mixed) {
    const isCR = sevenAt(bytes, end) === CR;
    const isCut = end + (isCR ? 1 : 0) >= bytes.length;
    return isCut && !isAll ? undefined : end + (isCR ? 1 : 0);
  }
  if (end === bang + 1 + CRC_DIGITS) return end;
  for (; end <= bang + LONGEST_LAST_LINE; end++) {
    if (end >= bytes.length) return isAll ? bytes.length : undefined;
    if (sevenAt(bytes, end) === LF) return end + 1;
  }
  return end;
}

function isHex(octet: number | undefined): boolean {
  return octet !== undefined && /[0-9A-Fa-f]/.test(String.fromCharCode(octet));
}
