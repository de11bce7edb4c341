/** Finds the fields of an ACSE APDU: strictly in the order of the ASN.1, or as real devices send them. */

import { hexOctet } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readBer, readBerLength } from '../codec/ber.js';
import type { Deviation, OnDeviation } from './deviation.js';

type Tags = Readonly<Record<string, number>>;

/** Gives the fields of an APDU by their names. */
export interface Fields<T extends Tags> {
  optional<V>(field: keyof T & string, read: (contents: Reader) => V): V | undefined;
  required<V>(field: keyof T & string, read: (contents: Reader) => V): V;
  userInformation(): Uint8Array | undefined;
}

const USER_INFORMATION = 'user-information';
const OCTET_STRING = 0x04;
const CONSTRUCTED = 0x20;
const CLASS = 0xc0;
const CONTEXT_CLASS = 0x80;

/**
 * Reads the contents of an APDU after its tag; afterwards the reader is at the end of the APDU.
 * @param bear is called for each deviation that is tolerated: fields in another order, unknown fields, wrong lengths. Without it none is tolerated.
 * @throws DecodeError; always for a field that occurs twice.
 */
export function readFields<T extends Tags, A>(
  whole: Reader,
  tags: T,
  bear: OnDeviation | undefined,
  make: (fields: Fields<T>) => A,
): A {
  if (bear === undefined) return inSequence(whole, tags, false, make);
  const { offset } = whole;
  // Most devices count right. Those that do not, state too short a length around the user-information: then its octets show where it ends.
  for (const counts of [true, false]) {
    whole.offset = offset;
    const table = tableOf(whole, tags, counts);
    if (table === undefined) continue;
    try {
      const apdu = make(table);
      for (const deviation of table.deviations) bear(deviation);
      return apdu;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  whole.offset = offset;
  const apdu = inSequence(whole, tags, true, make);
  bear({ code: 'wrong-lengths', text: 'lengths around its elements do not fit' });
  return apdu;
}

// ---- any order

interface Table<T extends Tags> extends Fields<T> {
  readonly deviations: readonly Deviation[];
}

/**
 * All elements of an APDU by their tags; undefined where their lengths do not fit together.
 * @param counts whether to believe the length of the APDU itself; otherwise it extends to the end of the octets.
 * @throws DecodeError `bad-value` for a field that occurs twice.
 */
function tableOf<T extends Tags>(whole: Reader, tags: T, counts: boolean): Table<T> | undefined {
  const length = readBerLength(whole);
  const start = whole.offset;
  if (counts && length > whole.remaining) return undefined;
  const end = counts ? start + length : whole.end;
  const names = new Map(Object.entries(tags).map(([name, tag]) => [tag, name]));
  // A known field right after the stated end belongs inside: the length is wrong.
  if (end < whole.end && names.has(whole.bytes[end] as number)) return undefined;
  const r = new Reader(whole.bytes, start, end);
  const elements = elementsOf(r, names);
  if (elements === undefined) return undefined;
  whole.offset = end;
  const { found, deviations } = elements;
  if (!counts) deviations.push({ code: 'wrong-lengths', text: `its length says ${counted(length, 'octet')}` });
  const information = found.get(tags[USER_INFORMATION] as number);
  const extended = information?.end === end && end < whole.end;
  if (extended) {
    // Either these octets are surplus, or all lengths are too small: only the decoder of the user-information can tell.
    whole.offset = whole.end;
    const text = `${counted(whole.end - end, 'octet')} after the end that its length states`;
    deviations.push({ code: 'surplus-octets', text });
  }

  function optional<V>(field: keyof T & string, read: (contents: Reader) => V): V | undefined {
    const contents = found.get(tags[field] as number);
    return contents === undefined ? undefined : within(field, () => readWhole(contents, read));
  }
  return {
    deviations,
    ...fieldsBy(r, optional, (contents) => {
      const octets = readOctetString(contents);
      return extended ? new Reader(whole.bytes, contents.end - octets.length, whole.end).rest() : octets;
    }),
  };
}

interface Elements {
  readonly found: Map<number, Reader>;
  readonly deviations: Deviation[];
}

function elementsOf(r: Reader, names: ReadonlyMap<number, string>): Elements | undefined {
  const found = new Map<number, Reader>();
  const deviations: Deviation[] = [];
  const order = [...names.keys()];
  const described = (tag: number) => `${names.get(tag) ?? 'the field'} (${hexOctet(tag)})`;
  let last: number | undefined;
  while (r.remaining > 0) {
    const tag = r.peek();
    const known = names.has(tag);
    const contextual = (tag & CLASS) === CONTEXT_CLASS;
    // No element follows the user-information: what looks like one of another class is the rest of a longer user-information.
    if (!known && !contextual && order.some((one) => names.get(one) === USER_INFORMATION && found.has(one))) {
      return undefined;
    }
    if ((known || contextual) && found.has(tag)) r.fail('bad-value', `${described(tag)} occurs twice`);
    let contents: Reader;
    try {
      contents = readBer(r).contents;
    } catch {
      return undefined;
    }
    found.set(tag, contents);
    if (!known) {
      deviations.push({ code: 'unknown-field', text: `the field ${hexOctet(tag)} is unknown and was skipped` });
    } else if (last !== undefined && order.indexOf(tag) < order.indexOf(last)) {
      deviations.push({ code: 'field-order', text: `${described(tag)} comes after ${described(last)}` });
    } else last = tag;
  }
  return { found, deviations };
}

// ---- in sequence

/**
 * Reads the fields in the order of the ASN.1. Lenient reading ignores the length around an element and uses only that of the element inside it,
 * and the user-information extends to the end.
 */
function inSequence<T extends Tags, A>(whole: Reader, tags: T, lenient: boolean, make: (fields: Fields<T>) => A): A {
  const length = readBerLength(whole);
  if (!lenient) whole.need(length);
  const start = whole.offset;
  whole.offset = lenient ? whole.end : start + length;
  const r = new Reader(whole.bytes, start, whole.offset);
  const names = new Map(Object.entries(tags).map(([name, tag]) => [tag, name]));

  function optional<V>(field: keyof T & string, read: (contents: Reader) => V): V | undefined {
    const tag = tags[field] as number;
    if (r.remaining === 0 || r.peek() !== tag) return undefined;
    const uncounted = lenient && (tag & CONSTRUCTED) !== 0;
    return within(field, () => (uncounted ? readUncounted(r, read) : readWhole(readBer(r).contents, read)));
  }
  const apdu = make(fieldsBy(r, optional, lenient ? readLongString : readOctetString));
  if (r.remaining === 0) return apdu;
  // What is left is an unknown field, or one out of order, or one that occurs twice.
  const name = names.get(r.peek());
  const named = name === undefined ? '' : ` (${name})`;
  return r.fail('bad-value', `a field with tag ${hexOctet(r.peek())}${named} that has no place here`);
}

function fieldsBy<T extends Tags>(
  r: Reader,
  optional: Fields<T>['optional'],
  readInformation: (contents: Reader) => Uint8Array,
): Fields<T> {
  return {
    optional,
    required: (field, read) => optional(field, read) ?? r.fail('missing-field', `${field} is missing`),
    userInformation: () => optional(USER_INFORMATION, readInformation),
  };
}

function readWhole<V>(contents: Reader, read: (contents: Reader) => V): V {
  const value = read(contents);
  contents.done('field');
  return value;
}

function readUncounted<V>(r: Reader, read: (contents: Reader) => V): V {
  r.u8();
  readBerLength(r);
  return read(r);
}

function within<V>(field: string, read: () => V): V {
  try {
    return read();
  } catch (error) {
    throw error instanceof DecodeError ? error.within(field) : error;
  }
}

/** The OCTET STRING inside of an element. */
export function readOctetString(r: Reader): Uint8Array {
  const { tag, contents, offset } = readBer(r);
  if (tag !== OCTET_STRING) r.fail('bad-value', `tag ${hexOctet(tag)} where an OCTET STRING belongs`, offset);
  return contents.rest();
}

function readLongString(r: Reader): Uint8Array {
  if (r.u8() !== OCTET_STRING) r.fail('bad-value', 'no OCTET STRING in the user-information', r.offset - 1);
  readBerLength(r);
  return r.rest();
}
