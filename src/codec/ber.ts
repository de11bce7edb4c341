import { hexOctet } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';

/*
 * The subset of BER (ISO/IEC 8825-1) that ACSE needs in DLMS/COSEM: tags of one octet, definite lengths, primitive and constructed
 * values. Strict: no indefinite length, no length field longer than four octets, and inner values must fill their outer ones.
 */

/** One element: its whole identifier octet (class, constructed bit, number) and a reader over its contents. */
export interface BerElement {
  /** Identifier octet, such as 0xA1 (context 1, constructed) or 0x8A (context 10, primitive). */
  readonly tag: number;
  /** Bounded to the contents; its offsets are those of the whole message. */
  readonly contents: Reader;
  /** Offset of the identifier octet. */
  readonly offset: number;
}

/**
 * Reads tag and length and leaves `r` behind the contents.
 * @throws DecodeError `truncated` when the length claims more than there is, `bad-length` for indefinite or overlong lengths,
 * `bad-tag` for tags of several octets.
 */
export function readBer(r: Reader): BerElement {
  const offset = r.offset;
  const tag = r.u8();
  if ((tag & 0x1f) === 0x1f) r.fail('bad-tag', 'a BER tag of several octets', offset);
  const length = readBerLength(r);
  const start = r.offset;
  r.need(length);
  r.offset = start + length;
  return { tag, contents: new Reader(r.bytes, start, start + length), offset };
}

/**
 * Reads an element that must have this identifier octet.
 * @throws DecodeError `bad-tag` when it has another; else as {@link readBer}.
 */
export function expectBer(r: Reader, tag: number, what: string): Reader {
  const offset = r.offset;
  const found = r.peek();
  if (found !== tag) r.fail('bad-tag', `${what}: tag ${hexOctet(tag)} expected, ${hexOctet(found)} found`, offset);
  return readBer(r).contents;
}

/** A BER length: short form, or long form of one to four octets. The indefinite form is refused. */
export function readBerLength(r: Reader): number {
  const start = r.offset;
  const first = r.u8();
  if (first < 0x80) return first;
  if (first === 0x80) r.fail('bad-length', 'an indefinite length, which DLMS/COSEM does not use', start);
  const count = first & 0x7f;
  if (count > 4) r.fail('bad-length', `a length of ${counted(count, 'octet')}`, start);
  r.need(count);
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + r.u8();
  return length;
}

/**
 * Contents of an INTEGER: two's complement, one to four octets.
 * @throws DecodeError `bad-length` when empty or longer.
 */
export function readBerInteger(contents: Reader): number {
  const { remaining } = contents;
  if (remaining < 1 || remaining > 4) contents.fail('bad-length', `an INTEGER of ${counted(remaining, 'octet')}`);
  let value = contents.i8();
  while (contents.remaining > 0) value = value * 256 + contents.u8();
  return value;
}

/** A BIT STRING's contents: octets and the number of bits in them. */
export interface BerBits {
  /** Eight bits each, the last filled up. */
  readonly bytes: Uint8Array;
  /** How many bits count. */
  readonly length: number;
}

/**
 * Contents of a BIT STRING: an octet with the number of unused bits, then the bits.
 * @throws DecodeError `truncated` when empty, `bad-value` when more bits are unused than there are.
 */
export function readBerBits(contents: Reader): BerBits {
  const unused = contents.u8();
  const bytes = contents.rest();
  if (unused > 7 || (unused > 0 && bytes.length === 0)) {
    contents.fail('bad-value', `${unused} unused bits in a BIT STRING of ${counted(bytes.length, 'octet')}`);
  }
  return { bytes, length: bytes.length * 8 - unused };
}

/**
 * Dotted text of an OBJECT IDENTIFIER's contents: `60 85 74 05 08 01 01` is `2.16.756.5.8.1.1`.
 * @throws DecodeError `truncated` when empty or when the last subidentifier does not end, `bad-value` when a subidentifier begins
 * with a padding octet or is above 2^53.
 */
export function oidToText(contents: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  let open = false;
  contents.forEach((octet, i) => {
    if (!open && octet === 0x80) throw new DecodeError('bad-value', 'a subidentifier with a padding octet', i);
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DecodeError('bad-value', 'a subidentifier above 2^53', i);
    open = (octet & 0x80) !== 0;
    if (open) return;
    arcs.push(value);
    value = 0;
  });
  const [first] = arcs;
  if (open || first === undefined) {
    throw new DecodeError('truncated', 'an OBJECT IDENTIFIER that does not end', contents.length);
  }
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - 40 * root, ...arcs.slice(1)].join('.');
}

/** Contents of the OBJECT IDENTIFIER of dotted text. @throws StateError when it is not one. */
export function oidFromText(text: string): Uint8Array {
  const arcs = text.split('.').map((arc) => (/^\d{1,15}$/.test(arc) ? Number(arc) : Number.NaN));
  const [root, second] = arcs;
  if (root === undefined || second === undefined || arcs.some(Number.isNaN) || root > 2 || (root < 2 && second > 39)) {
    throw new StateError(`'${text}' is no object identifier`, { hint: 'write it as 2.16.756.5.8.1.1' });
  }
  return Uint8Array.from([root * 40 + second, ...arcs.slice(2)].flatMap(subidentifier));
}

function subidentifier(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest % 128));
  return octets;
}

/** Writes identifier octet, length in its shortest form, and contents. */
export function writeBer(w: Writer, tag: number, contents: Uint8Array): void {
  w.u8(tag).octets(contents);
}

/** Writes an element whose contents are written by `fill`. */
export function writeBerWith(w: Writer, tag: number, fill: (contents: Writer) => void): void {
  const contents = new Writer();
  fill(contents);
  writeBer(w, tag, contents.finish());
}

/** Contents of an INTEGER in its shortest two's complement form, up to 32 bits. @throws StateError outside of them. */
export function berInteger(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0x7fffffff) {
    throw new StateError(`${value} is no INTEGER of 32 bits`);
  }
  let octets = 1;
  while (octets < 4 && value !== (value << (32 - 8 * octets)) >> (32 - 8 * octets)) octets++;
  return Uint8Array.from({ length: octets }, (_, i) => value >> (8 * (octets - 1 - i)));
}
