/** What several services share: descriptors, selective access, blocks, lists, OPTIONAL fields. */

import type { Reader, Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData, writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime } from '../codec/datetime.js';
import { readLastValue } from '../codec/odd-array.js';
import type {
  AccessSelection,
  AttributeDescriptor,
  AttributeWithSelection,
  GetDataResult,
  MethodDescriptor,
} from '../contracts/services.js';
import type { OnDeviation } from './deviation.js';
import type { DataBlock } from './service-apdus.js';

/** An A-XDR BOOLEAN or the usage flag of an OPTIONAL field: any octet but zero is true. */
export function readFlag(r: Reader, field: string): boolean {
  r.field = field;
  return r.u8() !== 0;
}

export function writeFlag(w: Writer, value: boolean): void {
  w.u8(value ? 1 : 0);
}

export function readU8(r: Reader, field: string): number {
  r.field = field;
  return r.u8();
}

export function readU16(r: Reader, field: string): number {
  r.field = field;
  return r.u16();
}

export function readU32(r: Reader, field: string): number {
  r.field = field;
  return r.u32();
}

/** Fails on an alternative that the CHOICE does not have. */
export function unknownChoice(r: Reader, choice: number, of: string): never {
  return r.fail('unknown-choice', `${of} has no alternative ${choice}`, r.offset - 1);
}

/** A length, then that many octets, as a view. */
export function readOctets(r: Reader, field: string): Uint8Array {
  r.field = field;
  return r.take(r.length());
}

/** Returns a number that fits its field of so many bits, and throws for any other: nothing is cut silently. */
export function checkUnsigned(value: number, bits: 6 | 8 | 16 | 24 | 32, field: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw new StateError(`${field} ${value} does not fit ${counted(bits, 'bit')}`, {
    hint: `use a whole number from 0 to ${2 ** bits - 1}`,
  });
}

export function writeU8(w: Writer, value: number, field: string): void {
  w.u8(checkUnsigned(value, 8, field));
}

export function writeU16(w: Writer, value: number, field: string): void {
  w.u16(checkUnsigned(value, 16, field));
}

export function writeU32(w: Writer, value: number, field: string): void {
  w.u32(checkUnsigned(value, 32, field));
}

/** Data that extends to the end. @param bear is told of wrong counts; without it they are refused. */
export function readLastData(r: Reader, bear: OnDeviation | undefined): ReturnType<typeof readData> {
  return readLastValue(r, bear && ((text) => bear({ code: 'wrong-count', text })));
}

/** Data at this place; the path of an error within it begins with the name of the field. */
export function readDataField(r: Reader, field: string): ReturnType<typeof readData> {
  r.field = field;
  return readData(r);
}

/**
 * SEQUENCE OF: a count, then the elements. The count is checked against the octets that are left before anything is allocated, because each
 * element takes at least one octet.
 */
export function readList<T>(r: Reader, field: string, readElement: (r: Reader) => T): T[] {
  r.field = field;
  const count = r.length();
  if (count > r.remaining)
    r.fail('truncated', `${counted(count, 'element')} claimed, ${counted(r.remaining, 'octet')} left`);
  const list: T[] = [];
  try {
    while (list.length < count) {
      r.field = '';
      list.push(readElement(r));
    }
  } catch (error) {
    placeError(r, error).within(list.length);
    r.field = field;
    throw error;
  }
  r.field = field;
  return list;
}

export function writeList<T>(w: Writer, list: readonly T[], writeElement: (w: Writer, element: T) => void): void {
  w.length(list.length);
  for (const element of list) writeElement(w, element);
}

/** A list, then the list of the values that belong to its elements in order. */
export function readPairs<T>(r: Reader, field: string, readElement: (r: Reader) => T): [list: T[], values: Data[]] {
  const list = readList(r, field, readElement);
  const values = readList(r, 'values', readData);
  if (list.length !== values.length) r.fail('bad-value', differing(field.slice(0, -1), list.length, values.length));
  return [list, values];
}

/** @throws StateError when two lists that belong together differ in length. */
export function checkSameCount(element: string, elements: number, values: number): void {
  if (elements !== values) throw new StateError(differing(element, elements, values));
}

function differing(element: string, elements: number, values: number): string {
  return `${counted(elements, element)} with ${counted(values, 'value')}`;
}

/** Puts the field being read into the path of a DecodeError; throws any other error again. */
export function placeError(r: Reader, error: unknown): DecodeError {
  if (!(error instanceof DecodeError)) throw error;
  if (r.field !== '') {
    const steps = r.field.split('.');
    for (let i = steps.length - 1; i >= 0; i--) error.within(steps[i] as string);
  }
  return error;
}

export function readAttribute(r: Reader): AttributeDescriptor {
  r.field = 'attribute.class-id';
  const classId = r.u16();
  r.field = 'attribute.instance-id';
  const instanceId = r.take(6);
  r.field = 'attribute.attribute-id';
  return { classId, instanceId, attributeId: r.i8() };
}

export function writeAttribute(w: Writer, attribute: AttributeDescriptor): void {
  writeU16(w, attribute.classId, 'class-id');
  writeInstanceId(w, attribute.instanceId);
  writeI8(w, attribute.attributeId, 'attribute-id');
}

export function readAttributeWithSelection(r: Reader): AttributeWithSelection {
  const attribute = readAttribute(r);
  return readFlag(r, 'access-selection') ? { ...attribute, selection: readSelection(r) } : attribute;
}

export function writeAttributeWithSelection(w: Writer, attribute: AttributeWithSelection): void {
  writeAttribute(w, attribute);
  const selection = attribute.selection;
  if (selection === undefined) {
    w.u8(0);
    return;
  }
  w.u8(1);
  writeSelection(w, selection);
}

/** Selective-Access-Descriptor. */
export function writeSelection(w: Writer, selection: AccessSelection): void {
  writeU8(w, selection.selector, 'access-selector');
  writeData(w, selection.parameters);
}

export function readSelection(r: Reader): AccessSelection {
  const selector = readU8(r, 'access-selection.access-selector');
  return { selector, parameters: readDataField(r, 'access-selection.access-parameters') };
}

export function readMethod(r: Reader): MethodDescriptor {
  r.field = 'method.class-id';
  const classId = r.u16();
  r.field = 'method.instance-id';
  const instanceId = r.take(6);
  r.field = 'method.method-id';
  return { classId, instanceId, methodId: r.i8() };
}

export function writeMethod(w: Writer, method: MethodDescriptor): void {
  writeU16(w, method.classId, 'class-id');
  writeInstanceId(w, method.instanceId);
  writeI8(w, method.methodId, 'method-id');
}

function writeInstanceId(w: Writer, instanceId: Uint8Array): void {
  if (instanceId.length !== 6) {
    throw new StateError(`a logical name has 6 octets, this one has ${instanceId.length}`);
  }
  w.bytes(instanceId);
}

function writeI8(w: Writer, value: number, field: string): void {
  if (!Number.isInteger(value) || value < -128 || value > 127) {
    throw new StateError(`${field} ${value} does not fit a signed octet`, {
      hint: 'use a whole number from -128 to 127',
    });
  }
  w.u8(value);
}

/** DataBlock-SA, and DataBlock-G with raw data. */
export function readBlock(r: Reader): DataBlock {
  const last = readFlag(r, 'block.last-block');
  const number = readU32(r, 'block.block-number');
  return { last, number, raw: readOctets(r, 'block.raw-data') };
}

export function writeBlock(w: Writer, block: DataBlock): void {
  writeFlag(w, block.last);
  writeU32(w, block.number, 'block-number');
  w.octets(block.raw);
}

/** Get-Data-Result: CHOICE of data [0] and data-access-result [1]. */
export function readDataResult(r: Reader, bear?: OnDeviation): GetDataResult {
  const choice = r.u8();
  if (choice === 0) {
    r.field = r.field === 'result' ? 'result.data' : r.field === '' ? 'data' : `${r.field}.data`;
    return { data: readLastData(r, bear) };
  }
  if (choice === 1) {
    r.field = r.field === '' ? 'data-access-result' : `${r.field}.data-access-result`;
    return { error: r.u8() };
  }
  return unknownChoice(r, choice, 'Get-Data-Result');
}

export function writeDataResult(w: Writer, result: GetDataResult): void {
  if ('data' in result) {
    w.u8(0);
    writeData(w, result.data);
    return;
  }
  w.u8(1);
  writeU8(w, result.error, 'data-access-result');
}

/** A date-time that may be left out: an OCTET STRING of 12 octets, or empty. */
export function readOptionalDateTime(r: Reader): { readonly dateTime?: CosemDateTime } {
  const octets = readOctets(r, 'date-time');
  return octets.length === 0 ? {} : { dateTime: readDateTime(r, octets) };
}

export function writeOptionalDateTime(w: Writer, dateTime: CosemDateTime | undefined): void {
  if (dateTime === undefined) w.u8(0);
  else w.octets(dateTime.toBytes());
}

/** The date-time in these octets, of which there must be 12. */
export function readDateTime(r: Reader, octets: Uint8Array): CosemDateTime {
  if (octets.length !== 12) {
    r.fail('bad-value', `a date-time has 12 octets, this one has ${octets.length}`, r.offset - octets.length);
  }
  return CosemDateTime.fromBytes(octets);
}
