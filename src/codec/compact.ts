import { hexOctet } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CompactArray, Data, TypeDescription } from './data.js';
import { readScalar, type Scalar, writeScalar } from './scalar.js';
import { sizeOfTag, TAG, typeOfTag } from './tags.js';
import { wireValue } from './wire-value.js';

/** Nesting that is read and written. Deeper input is an attack or an accident: real buffers have three or four levels. */
export const MAX_DEPTH = 32;

/**
 * Values that one octet of contents may stand for. A description can name values that take no octets (null-data, empty structures);
 * without a bound a message of n octets would unfold into n * n values.
 */
const MAX_VALUES_PER_OCTET = 16;

/**
 * Reads the contents of a compact-array (IEC 62056-5-3): type description, then the elements' octets, which stay octets.
 * They are checked to be a whole number of elements.
 * @throws DecodeError `truncated` when they are not, `bad-value` when an element has no size, `too-deep`, `unknown-tag`.
 */
export function readCompactArray(r: Reader): CompactArray {
  const start = r.offset;
  const description = readDescription(r, 0, true);
  const length = r.length();
  r.need(length);
  checkContents(description, new Reader(r.bytes, r.offset, r.offset + length), start);
  return { description, contents: r.take(length) };
}

/**
 * Writes the contents of a compact-array.
 * @throws StateError when its contents are not a whole number of elements of its description.
 */
export function writeCompactArray(w: Writer, value: CompactArray): void {
  // First, because it refuses counts by which the contents could not be checked.
  writeDescription(w, value.description, 0);
  try {
    checkContents(value.description, new Reader(value.contents), 0);
  } catch (cause) {
    throw new StateError('the contents of the compact-array do not fit its description', { cause });
  }
  w.octets(value.contents);
}

/**
 * The elements of a compact-array, each with its type.
 * @throws DecodeError when the contents are not a whole number of elements; never for a value that `readData` gave.
 */
export function compactArrayElements(value: CompactArray): Data[] {
  checkSize(value.description, value.contents.length, 0);
  const r = new Reader(value.contents);
  const elements: Data[] = [];
  try {
    while (r.remaining > 0) elements.push(readDescribed(r, value.description));
  } catch (error) {
    throw error instanceof DecodeError ? error.within(elements.length) : error;
  }
  return elements;
}

/**
 * Packs values of one description into a compact-array.
 * @throws StateError when an element is of another type, or elements have no size.
 */
export function compactArrayOf(description: TypeDescription, elements: readonly Data[]): CompactArray {
  const w = new Writer();
  for (const element of elements) writeDescribed(w, description, element);
  const contents = w.finish();
  if (elements.length > 0 && contents.length === 0) {
    throw new StateError('elements without octets cannot be counted in a compact-array', { hint: 'send an array' });
  }
  return { description, contents };
}

/**
 * Reads the buffer of a Compact data object (class 62): values without tags, told by the object's template_description. Unlike in a
 * compact-array, counts of arrays are in the buffer.
 * @throws DecodeError when the description or the buffer is not whole.
 */
export function readCompactData(templateDescription: Uint8Array, buffer: Uint8Array): Data {
  const template = new Reader(templateDescription);
  const description = readDescription(template, 0, false);
  template.done('template description');
  const { least, values } = extentOf(description, 0);
  if (values > MAX_VALUES_PER_OCTET * Math.max(least, 1)) template.fail('bad-value', 'far more values than octets', 0);
  const r = new Reader(buffer);
  const value = readDescribed(r, description);
  r.done('buffer');
  return value;
}

/** In place of the count of an array in a template description, which has none. */
const COUNT_IN_BUFFER = -1;

/** A tag alone; or array, a count of two octets (if `isCounted`) and the element; or structure, a count, and the elements. */
function readDescription(r: Reader, depth: number, isCounted: boolean): TypeDescription {
  if (depth > MAX_DEPTH) r.fail('too-deep', `a type description nested in more than ${MAX_DEPTH} levels`);
  const tag = r.u8();
  if (tag === TAG.array) {
    const count = isCounted ? r.u16() : COUNT_IN_BUFFER;
    return { type: 'array', count, element: readDescription(r, depth + 1, isCounted) };
  }
  if (tag === TAG.structure) {
    const count = r.length();
    if (count > r.remaining)
      r.fail('truncated', `${counted(count, 'element')} described in ${counted(r.remaining, 'octet')}`);
    const elements: TypeDescription[] = [];
    for (let i = 0; i < count; i++) elements.push(readDescription(r, depth + 1, isCounted));
    return { type: 'structure', elements };
  }
  const type = typeOfTag(tag);
  if (type === undefined || type === 'compact-array' || type === 'array' || type === 'structure') {
    return r.fail('unknown-tag', `${hexOctet(tag)} is no tag of a type description`, r.offset - 1);
  }
  return { type };
}

function writeDescription(w: Writer, description: TypeDescription, depth: number): void {
  if (depth > MAX_DEPTH) throw new StateError(`a type description nested in more than ${MAX_DEPTH} levels`);
  w.u8(TAG[description.type]);
  if (description.type === 'array') {
    if (!(Number.isInteger(description.count) && description.count >= 0 && description.count <= 0xffff)) {
      throw new StateError(`${counted(description.count, 'element')} in a type description`, { hint: 'at most 65535' });
    }
    w.u16(description.count);
    writeDescription(w, description.element, depth + 1);
  } else if (description.type === 'structure') {
    w.length(description.elements.length);
    for (const element of description.elements) writeDescription(w, element, depth + 1);
  }
}

/** One value whose type is known from a description. */
export function readDescribed(r: Reader, description: TypeDescription): Data {
  if (description.type === 'array') {
    const count = description.count === COUNT_IN_BUFFER ? r.length() : description.count;
    const value: Data[] = [];
    for (let i = 0; i < count; i++) value.push(readDescribed(r, description.element));
    return wireValue('array', value);
  }
  if (description.type === 'structure') {
    const value: Data[] = [];
    for (const element of description.elements) value.push(readDescribed(r, element));
    return wireValue('structure', value);
  }
  return readScalar(r, TAG[description.type]);
}

function writeDescribed(w: Writer, description: TypeDescription, data: Data): void {
  if (data.type !== description.type) {
    throw new StateError(`a compact-array of ${description.type} cannot hold ${data.type}`);
  }
  if (description.type === 'array' || description.type === 'structure') {
    const count = description.type === 'array' ? description.count : description.elements.length;
    const values = data.value as readonly Data[];
    if (values.length !== count) {
      throw new StateError(
        `${description.type} of ${counted(values.length, 'element')} in a compact-array described with ${count}`,
      );
    }
    values.forEach((value, i) => {
      const inner = description.type === 'array' ? description.element : description.elements[i];
      writeDescribed(w, inner as TypeDescription, value);
    });
  } else writeScalar(w, data as Scalar);
}

/** Octets that one value of a description takes, where it always takes as many. */
export function sizeOf(description: TypeDescription): number | undefined {
  const { least, fixed } = extentOf(description, 0);
  return fixed ? least : undefined;
}

/** How many elements the contents of a compact-array may hold at most. */
export function mostElements(value: CompactArray): number {
  const { least } = checkSize(value.description, value.contents.length, 0);
  return value.contents.length === 0 ? 0 : Math.floor(value.contents.length / least);
}

/** Octets that one element takes at least, whether it always takes just these, and the values it unfolds into. */
interface Extent {
  readonly least: number;
  readonly fixed: boolean;
  readonly values: number;
}

const VARIABLE: Extent = { least: 1, fixed: false, values: 1 };

function extentOf(description: TypeDescription, depth: number): Extent {
  if (depth > MAX_DEPTH)
    throw new DecodeError('too-deep', `a type description nested in more than ${MAX_DEPTH} levels`);
  if (description.type === 'array') {
    const { least, fixed, values } = extentOf(description.element, depth + 1);
    if (description.count === COUNT_IN_BUFFER) {
      if (least > 0 && values <= MAX_VALUES_PER_OCTET * least) return VARIABLE;
      throw new DecodeError('bad-value', 'elements of an array with no octets, or far more values than octets');
    }
    return { least: least * description.count, fixed, values: 1 + values * description.count };
  }
  if (description.type === 'structure') {
    let least = 0;
    let fixed = true;
    let values = 1;
    for (const element of description.elements) {
      const extent = extentOf(element, depth + 1);
      least += extent.least;
      fixed &&= extent.fixed;
      values += extent.values;
    }
    return { least, fixed, values };
  }
  const size = sizeOfTag(TAG[description.type]);
  return size === undefined ? VARIABLE : { least: size, fixed: true, values: 1 };
}

function checkSize(description: TypeDescription, contents: number, offset: number): Extent {
  const extent = extentOf(description, 0);
  if (contents > 0 && extent.least === 0) {
    throw new DecodeError('bad-value', 'elements of a compact-array that take no octets', offset);
  }
  if (contents > 0 && extent.values > MAX_VALUES_PER_OCTET * extent.least) {
    throw new DecodeError('bad-value', 'elements of a compact-array with far more values than octets', offset);
  }
  return extent;
}

function checkContents(description: TypeDescription, r: Reader, offset: number): void {
  const { least, fixed } = checkSize(description, r.remaining, offset);
  if (!fixed) while (r.remaining > 0) skipDescribed(r, description);
  else if (r.remaining > 0 && r.remaining % least !== 0) {
    r.fail(
      'truncated',
      `${counted(r.remaining, 'octet')} left, not a whole number of elements of ${counted(least, 'octet')}`,
      r.end,
    );
  }
}

function skipDescribed(r: Reader, description: TypeDescription): void {
  if (description.type === 'array') {
    for (let i = 0; i < description.count; i++) skipDescribed(r, description.element);
  } else if (description.type === 'structure') {
    for (const element of description.elements) skipDescribed(r, element);
  } else {
    const length = sizeOfTag(TAG[description.type]) ?? r.length();
    skip(r, description.type === 'bit-string' ? Math.ceil(length / 8) : length);
  }
}

function skip(r: Reader, octets: number): void {
  r.need(octets);
  r.offset += octets;
}
