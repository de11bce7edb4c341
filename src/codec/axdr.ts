import { u32At } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { MAX_DEPTH, readCompactArray, writeCompactArray } from './compact.js';
import type { Data } from './data.js';
import { readScalar, writeScalar } from './scalar.js';
import { TAG } from './tags.js';
import { wireValue } from './wire-value.js';

/**
 * Reads one `Data` of IEC 62056-5-3 in A-XDR (IEC 61334-6). Octet strings are views of the reader's octets, not copies.
 * Counts are checked against the octets left before anything is made of them.
 * @throws DecodeError `truncated`, `unknown-tag`, `bad-length`, `bad-value` (compact-array), `too-deep`; the path names the element.
 */
export function readData(r: Reader): Data {
  return read(r, 0, 0);
}

/** @param owed octets that elements still to come of outer arrays and structures need at least. */
function read(r: Reader, depth: number, owed: number): Data {
  const tag = r.u8();
  switch (tag) {
    case TAG.array:
      return wireValue('array', readElements(r, depth, owed));
    case TAG.structure:
      return wireValue('structure', readFields(r, depth, owed));
    case TAG['compact-array']:
      return wireValue('compact-array', readCompactArray(r));
    default:
      return readScalar(r, tag);
  }
}

/** Reads a count and makes room for as many values. */
function room(r: Reader, depth: number, owed: number): Data[] {
  if (depth >= MAX_DEPTH) r.fail('too-deep', `nested in more than ${MAX_DEPTH} levels`, r.offset - 1);
  const count = r.length();
  // An octet belongs to one value only, so all arrays together never get more places than there are octets.
  if (count > r.remaining - owed)
    r.fail('truncated', `${counted(count, 'element')} in ${counted(r.remaining - owed, 'octet')}`);
  return new Array<Data>(count);
}

function readElements(r: Reader, depth: number, owed: number): Data[] {
  const elements = room(r, depth, owed);
  let i = 0;
  try {
    for (; i < elements.length; i++) elements[i] = read(r, depth + 1, owed + elements.length - 1 - i);
  } catch (error) {
    throw error instanceof DecodeError ? error.within(i) : error;
  }
  return elements;
}

/**
 * Does what {@link readElements} does, but reads what rows of profiles are made of in place: the hot path of the library, more than
 * twice as fast so. Apart from the arrays, because V8 optimizes a function that runs often better than one that loops long. Tags stand
 * as numbers for the same reason. Whatever is rare or wrong goes the long way.
 */
function readFields(r: Reader, depth: number, owed: number): Data[] {
  const fields = room(r, depth, owed);
  const count = fields.length;
  const { bytes, end } = r;
  let i = 0;
  try {
    for (; i < count; i++) {
      const { offset } = r;
      const tag = end - offset >= 5 ? bytes[offset] : -1;
      if (tag === 6) {
        r.offset = offset + 5;
        fields[i] = wireValue('double-long-unsigned', u32At(bytes, offset + 1));
      } else if (tag === 9 && (bytes[offset + 1] as number) < 0x80) {
        r.offset = offset + 2;
        fields[i] = wireValue('octet-string', r.take(bytes[offset + 1] as number));
      } else if (tag === 18) {
        r.offset = offset + 3;
        fields[i] = wireValue('long-unsigned', ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number));
      } else fields[i] = read(r, depth + 1, owed + count - 1 - i);
    }
  } catch (error) {
    throw error instanceof DecodeError ? error.within(i) : error;
  }
  return fields;
}

/**
 * Writes one `Data` with its tag.
 * @throws StateError when a value does not fit its type, or nesting is deeper than a reader would accept.
 */
export function writeData(w: Writer, data: Data): void {
  write(w, data, 0);
}

function write(w: Writer, data: Data, depth: number): void {
  w.u8(TAG[data.type]);
  switch (data.type) {
    case 'array':
    case 'structure':
      if (depth >= MAX_DEPTH) throw new StateError(`values nested in more than ${MAX_DEPTH} levels cannot be sent`);
      w.length(data.value.length);
      for (const element of data.value) write(w, element, depth + 1);
      return;
    case 'compact-array':
      writeCompactArray(w, data.value);
      return;
    default:
      writeScalar(w, data);
  }
}

/**
 * Reads octets that hold one `Data` and nothing else.
 * @throws DecodeError as `readData` does, and `trailing-bytes`.
 */
export function decodeData(bytes: Uint8Array): Data {
  const r = new Reader(bytes);
  const data = readData(r);
  r.done('value');
  return data;
}

/** The octets of one `Data`. @throws StateError when a value does not fit its type. */
export function encodeData(data: Data): Uint8Array {
  const w = new Writer();
  writeData(w, data);
  return w.finish();
}
