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
  return read(r, 0);
}

function read(r: Reader, depth: number): Data {
  const tag = r.u8();
  switch (tag) {
    case TAG.array:
      return { type: 'array', value: readElements(r, depth) };
    case TAG.structure:
      return { type: 'structure', value: readElements(r, depth) };
    case TAG['compact-array']:
      return { type: 'compact-array', value: readCompactArray(r) };
    default:
      return readScalar(r, tag);
  }
}

function readElements(r: Reader, depth: number): Data[] {
  if (depth >= MAX_DEPTH) r.fail('too-deep', `nested in more than ${MAX_DEPTH} levels`, r.offset - 1);
  const count = r.length();
  if (count > r.remaining) r.fail('truncated', `${count} elements in ${r.remaining} octets`);
  const elements: Data[] = [];
  try {
    for (let i = 0; i < count; i++) elements.push(read(r, depth + 1));
  } catch (error) {
    throw error instanceof DecodeError ? error.within(elements.length) : error;
  }
  return elements;
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
 * @throws DecodeError as {@link readData} does, and `trailing-bytes`.
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
