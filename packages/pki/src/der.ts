import { DecodeError } from 'cosem';

/** The most octets of a certificate or a request: what a meter stores is some 500, and a peer that sends more wants work done. */
export const MOST_OCTETS = 8192;
/** Levels of values in values: a certificate of the profile has nine. */
const MOST_LEVELS = 16;
/** Values in all: a certificate of the profile has some eighty. */
const MOST_VALUES = 1000;

/** One value of DER: where its octets stand in the whole. */
export interface DerValue {
  /** The identifier octet: class, constructed, number. */
  readonly tag: number;
  /** The whole value, tag and length too. */
  readonly raw: Uint8Array;
  /** Its contents. */
  readonly content: Uint8Array;
}

/** Identifier octets that certificates are made of. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  explicit0: 0xa0,
} as const;

const CONSTRUCTED = 0x20;

/**
 * Checks that octets are one value of DER and nothing after it: lengths are definite and shortest, there are not too many values, and not too
 * deep. A decoder of a library gets nothing else, because BER has many ways to write the same, and a signature holds for one.
 * @throws DecodeError with the offset of the octet at fault.
 */
export function checkDer(octets: Uint8Array): DerValue {
  if (octets.length > MOST_OCTETS) {
    throw new DecodeError(
      'bad-length',
      `${octets.length} octets are more than a certificate has: at most ${MOST_OCTETS}`,
    );
  }
  const counter = { values: 0 };
  const end = walk(octets, 0, octets.length, 1, counter);
  if (end !== octets.length) throw new DecodeError('trailing-bytes', 'octets follow the end of the value', end);
  return valueAt(octets, 0, octets.length);
}

function walk(octets: Uint8Array, at: number, limit: number, level: number, counter: { values: number }): number {
  if (level > MOST_LEVELS)
    throw new DecodeError('too-deep', `values stand in values more than ${MOST_LEVELS} deep`, at);
  if (++counter.values > MOST_VALUES)
    throw new DecodeError('bad-value', `there are more than ${MOST_VALUES} values`, at);
  const { start, end } = extent(octets, at, limit);
  if (((octets[at] as number) & CONSTRUCTED) !== 0) {
    for (let inner = start; inner < end; ) inner = walk(octets, inner, end, level + 1, counter);
  }
  return end;
}

/** Where the contents of a value begin and end. */
function extent(octets: Uint8Array, at: number, limit: number): { start: number; end: number } {
  const tag = octets[at];
  const first = octets[at + 1];
  if (at + 1 >= limit || tag === undefined || first === undefined) {
    throw new DecodeError('truncated', 'a value ends before its length', Math.min(at, octets.length));
  }
  if ((tag & 0x1f) === 0x1f) throw new DecodeError('bad-tag', 'no certificate has tags of several octets', at);
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const octetsOfLength = first & 0x7f;
    if (octetsOfLength === 0 || octetsOfLength > 2) {
      throw new DecodeError('bad-length', 'a length that DER does not have, or no certificate', at + 1);
    }
    length = 0;
    for (let i = 0; i < octetsOfLength; i++) {
      if (start >= limit) throw new DecodeError('truncated', 'a value ends in its length', at);
      length = length * 256 + (octets[start++] as number);
    }
    if (length < (octetsOfLength === 1 ? 0x80 : 0x100)) {
      throw new DecodeError('bad-length', 'a length that is not written in the shortest way', at + 1);
    }
  }
  if (start + length > limit) throw new DecodeError('truncated', 'a value is longer than what it stands in', at);
  return { start, end: start + length };
}

function valueAt(octets: Uint8Array, at: number, limit: number): DerValue {
  const { start, end } = extent(octets, at, limit);
  return { tag: octets[at] as number, raw: octets.subarray(at, end), content: octets.subarray(start, end) };
}

/** The values that stand in the contents of another one. @throws DecodeError. */
export function valuesIn(content: Uint8Array): DerValue[] {
  const found: DerValue[] = [];
  for (let at = 0; at < content.length; ) {
    const value = valueAt(content, at, content.length);
    found.push(value);
    at += value.raw.length;
  }
  return found;
}

/** The value of a tag, or what is missing. @throws DecodeError. */
export function must(value: DerValue | undefined, tag: number, what: string): DerValue {
  if (value?.tag === tag) return value;
  throw new DecodeError(value === undefined ? 'missing-field' : 'bad-tag', `there is no ${what} where one must be`, -1);
}

/** Makes a value of DER. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const value = new Uint8Array(1 + head.length + length);
  value.set([tag, ...head]);
  let at = 1 + head.length;
  for (const part of parts) {
    value.set(part, at);
    at += part.length;
  }
  return value;
}
