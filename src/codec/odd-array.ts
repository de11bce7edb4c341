/**
 * Arrays of structures whose counts do not hold: object lists and buffers of which some meters count one element too many or too few, or cut
 * the last one off. For readers that tolerate this; each repair is reported.
 */

import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData } from './axdr.js';
import type { Data } from './data.js';
import { TAG } from './tags.js';

/** Called with a sentence for each count that does not hold. Must not throw. */
export type OnWrongCount = (text: string) => void;

/** Fields of the first structure by which the others are found again. */
const KNOWN_FIELDS = 3;
/** So many octets must be the same: fewer turn up within values by chance. */
const FEWEST_KNOWN = 4;
/** How deep the whole parts of an entry that is cut are looked for. */
const MOST_LEVELS = 6;
const LONG_COUNT = 0x80;

/**
 * Reads the value that fills what is left of the reader. Where its octets end and its elements begin is trusted more than the counts. What
 * follows and is not one of its elements is left unread.
 * @param onWrongCount undefined: counts are believed.
 * @throws DecodeError as `readData` does, where nothing can be made of it.
 */
export function readLastValue(r: Reader, onWrongCount: OnWrongCount | undefined): Data {
  if (onWrongCount === undefined) return readData(r);
  const start = r.offset;
  let value: Data;
  try {
    value = readData(r);
  } catch (error) {
    const mended = error instanceof DecodeError ? mend(r, start) : undefined;
    if (mended === undefined) throw error;
    onWrongCount(mended.text);
    return mended.value;
  }
  if (r.offset === r.end || value.type !== 'array') return value;
  const fields = commonCount(value.value);
  const mended = fields === undefined ? mend(r, start) : goOn(r, value.value, fields);
  if (mended === undefined) return value;
  onWrongCount(mended.text);
  return mended.value;
}

interface Mended {
  readonly value: Data;
  readonly text: string;
}

/** The number of fields that all of the elements have; undefined where they are no structures, or differ. */
function commonCount(elements: readonly Data[]): number | undefined {
  const [first] = elements;
  if (first?.type !== 'structure') return first === undefined ? 0 : undefined;
  const { length } = first.value;
  return elements.every((one) => one.type === 'structure' && one.value.length === length) ? length : undefined;
}

/** Elements of the same form behind the last one counted. Nothing else may follow but padding. */
function goOn(r: Reader, elements: readonly Data[], fields: number): Mended | undefined {
  const start = r.offset;
  const more: Data[] = [];
  const ahead = new Reader(r.bytes, start, r.end);
  // An array that says it is empty shows no form: what stands behind is no element of it.
  while (fields > 0 && ahead.remaining > 0 && !isPadding(ahead)) {
    const element = attempt(() => readData(ahead));
    if (element?.type !== 'structure' || element.value.length !== fields) return undefined;
    more.push(element);
    r.offset = ahead.offset;
  }
  if (more.length === 0) return undefined;
  const value = [...elements, ...more];
  return { value: { type: 'array', value }, text: countText(elements.length, value.length) };
}

function countText(claimed: number, came: number): string {
  return `an array says that it has ${counted(claimed, 'element')}, and it has ${came}`;
}

/** Zeros up to the end of the last block. */
function isPadding({ bytes, offset, end }: Reader): boolean {
  for (let i = offset; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** What the elements are cut into. */
class Elements {
  readonly value: Data[] = [];
  /** With another number of fields than they say. */
  miscounted = 0;
  /** Kept in part: entries of object lists. */
  partly = 0;
  /** Left out. */
  cut = 0;

  get text(): string {
    const { miscounted, partly, cut } = this;
    return [
      ...(miscounted === 0 ? [] : [`${counted(miscounted, 'element')} with another number of fields than told`]),
      ...(partly === 0 ? [] : [`${counted(partly, 'element')} read in part`]),
      ...(cut === 0 ? [] : ['the last one is cut and left out']),
    ].join('; ');
  }
}

/** The elements found by what they begin with. Undefined where that does not explain what is wrong. */
function mend(r: Reader, start: number): Mended | undefined {
  const { bytes, end } = r;
  const head = new Reader(bytes, start, end);
  const claimed = attempt(() => (head.u8() === TAG.array ? head.length() : undefined));
  const first = head.offset;
  if (claimed === undefined || claimed === 0 || bytes[first] !== TAG.structure) return undefined;
  const pattern = patternAt(bytes, first, end);
  const found = new Elements();
  const isList = isListEntry(bytes, first);
  for (let at = first; at < end; ) {
    const next = nextStart(bytes, at + 1, end, pattern);
    if (!addChunk(found, bytes, at, next, isList)) {
      // A row that cannot be read stands for the end of a buffer that is cut, nowhere else.
      if (!isList && next < end) return undefined;
      if (!isList) found.cut++;
    }
    at = next;
  }
  const { value, text } = found;
  if (value.length === 0 || value.length === found.partly) return undefined;
  if (!isList && commonCount(value) === undefined) return undefined;
  r.offset = end;
  const count = value.length + found.cut === claimed ? '' : countText(claimed, value.length + found.cut);
  // The end of a list is marked: it may show fewer objects than there are.
  if (isList && value.length < claimed) value.push({ type: 'null-data', value: null });
  const said = [count, text].filter((part) => part !== '').join('; ');
  return { value: { type: 'array', value }, text: said === '' ? 'counts within an array do not hold' : said };
}

/** An entry of an object list begins with class, version and logical name. */
function isListEntry(bytes: Uint8Array, at: number): boolean {
  const is = (offset: number, octet: number) => bytes[at + offset] === octet;
  return is(2, TAG['long-unsigned']) && is(5, TAG.unsigned) && is(7, TAG['octet-string']) && is(8, 6);
}

/** Octets that every element begins with; -1 for those that may be any. Empty where they are too few to go by. */
function patternAt(bytes: Uint8Array, at: number, end: number): readonly number[] {
  const fields = Math.min(bytes[at + 1] ?? 0, KNOWN_FIELDS);
  // Its own count may be the wrong one.
  const pattern: number[] = [TAG.structure, -1];
  const r = new Reader(bytes, at + 2, end);
  for (let i = 0; i < fields && r.remaining > 0; i++) {
    const start = r.offset;
    const tag = r.peek();
    const value = attempt(() => readData(r));
    if (value === undefined || value.type === 'array' || value.type === 'structure') break;
    const known = value.type === 'octet-string' ? 2 : 1;
    for (let j = start; j < r.offset; j++) pattern.push(j === start ? tag : j < start + known ? (bytes[j] ?? -1) : -1);
  }
  return pattern.filter((octet) => octet >= 0).length >= FEWEST_KNOWN ? pattern : [];
}

function nextStart(bytes: Uint8Array, from: number, end: number, pattern: readonly number[]): number {
  const last = pattern.length === 0 ? -1 : end - pattern.length;
  for (let at = from; at <= last; at++) {
    if (bytes[at] !== TAG.structure) continue;
    if (pattern.every((octet, i) => octet < 0 || bytes[at + i] === octet)) return at;
  }
  return end;
}

/** Whether all of a chunk could be read. Of an entry of an object list what can be read is kept all the same. */
function addChunk(found: Elements, bytes: Uint8Array, at: number, end: number, isList: boolean): boolean {
  const fields = bytes[at + 1] ?? LONG_COUNT;
  const r = new Reader(bytes, at, end);
  let whole = at;
  // Rows that leave out their first value do not begin like the others.
  while (r.remaining > 0 && !isPadding(r)) {
    const element = attempt(() => readData(r));
    if (element?.type !== 'structure' || element.value.length !== fields) break;
    if (whole === at) found.value.push(element);
    else if (!isList) found.value.push(element);
    else break;
    whole = r.offset;
  }
  const rest = new Reader(bytes, whole, end);
  if (rest.remaining === 0 || (whole > at && isPadding(rest))) return true;
  const recounted = fieldsOf(bytes, at, end, fields);
  if (recounted !== undefined) {
    if (whole > at) found.value.pop();
    found.value.push(recounted);
    found.miscounted++;
    return true;
  }
  if (!isList) return false;
  const part = whole > at ? undefined : partly(new Reader(bytes, at, end), 0);
  if (part !== undefined) found.value.push(part);
  found.partly++;
  return false;
}

/** A structure by the values that are there: one more, or one fewer, than it says. */
function fieldsOf(bytes: Uint8Array, at: number, end: number, claimed: number): Data | undefined {
  const r = new Reader(bytes, at + 2, end);
  const value: Data[] = [];
  while (r.remaining > 0) {
    const field = attempt(() => readData(r));
    if (field === undefined || value.length > claimed) return undefined;
    value.push(field);
  }
  return Math.abs(value.length - claimed) === 1 ? { type: 'structure', value } : undefined;
}

/** What is whole of a value that is not. */
function partly(r: Reader, level: number): Data | undefined {
  const tag = r.u8();
  if ((tag !== TAG.array && tag !== TAG.structure) || level >= MOST_LEVELS) return undefined;
  const count = attempt(() => r.length()) ?? 0;
  const value: Data[] = [];
  while (value.length < count && r.remaining > 0) {
    const start = r.offset;
    const element = attempt(() => readData(r));
    if (element !== undefined) {
      value.push(element);
      continue;
    }
    r.offset = start;
    const part = partly(r, level + 1);
    if (part !== undefined) value.push(part);
    break;
  }
  return { type: tag === TAG.array ? 'array' : 'structure', value };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
