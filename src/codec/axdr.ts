import { u32At } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { MAX_DEPTH, readCompactArray, writeCompactArray } from './compact.js';
import type { Data } from './data.js';
import { readScalar, writeScalar } from './scalar.js';
import { TAG } from './tags.js';

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
      return { type: 'array', value: readElements(r, depth, owed) };
    case TAG.structure:
      return { type: 'structure', value: readElements(r, depth, owed) };
    case TAG['compact-array']:
      return { type: 'compact-array', value: readCompactArray(r) };
    default:
      return readScalar(r, tag);
  }
}

function readElements(r: Reader, depth: number, owed: number): Data[] {
  if (depth >= MAX_DEPTH) r.fail('too-deep', `nested in more than ${MAX_DEPTH} levels`, r.offset - 1);
  const count = r.length();
  // An octet belongs to one element only, so all arrays together never get more room than there are octets.
  if (count > r.remaining - owed) r.fail('truncated', `${count} elements in ${r.remaining - owed} octets`);
  const elements = new Array<Data>(count);
  let i = 0;
  try {
    for (; i < count; i++) elements[i] = readElement(r, depth + 1, owed + count - 1 - i);
  } catch (error) {
    throw error instanceof DecodeError ? error.within(i) : error;
  }
  return elements;
}

/**
 * Does what {@link read} does, but reads the types that profile buffers are made of in place: the hot path of the library, twice as
 * fast so. It has no loop of its own, which would at times leave V8 in unoptimized code. Whatever is rare or wrong goes the long way.
 */
function readElement(r: Reader, depth: number, owed: number): Data {
  const { bytes, offset } = r;
  const left = r.end - offset;
  if (left >= 5) {
    switch (bytes[offset]) {
      case TAG['double-long-unsigned']:
        r.offset = offset + 5;
        return { type: 'double-long-unsigned', value: u32At(bytes, offset + 1) };
      case TAG['octet-string']: {
        const length = bytes[offset + 1] as number;
        if (length >= 0x80) break;
        r.offset = offset + 2;
        return { type: 'octet-string', value: r.take(length) };
      }
      case TAG['long-unsigned']:
        r.offset = offset + 3;
        return { type: 'long-unsigned', value: ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number) };
    }
  }
  return read(r, depth, owed);
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
