/** Selective access to attributes (IEC 62056-6-2): the descriptors of class 7 (Profile generic) and its kin. */

import { DecodeError, StateError } from '../base/errors.js';
import { type LogicalName, logicalNameFromBytes, logicalNameToBytes } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { arrayOf, i8, octets, structureOf, u16, u32 } from '../codec/make.js';
import type { AccessSelection } from '../contracts/services.js';

/** capture_object_definition: one column of a profile. */
export interface CaptureObject {
  readonly classId: number;
  readonly logicalName: LogicalName;
  readonly attributeId: number;
  /** 0: the whole attribute; n: its n-th element. */
  readonly dataIndex: number;
}

/** range_descriptor: the rows whose restricting object lies between two values, both included. */
export interface RangeDescriptor {
  readonly restrictingObject: CaptureObject;
  /** Of the restricting object's own type: an octet-string of 12 octets for the clock. */
  readonly fromValue: Data;
  readonly toValue: Data;
  /** Columns wanted; empty: all. */
  readonly selectedValues: readonly CaptureObject[];
}

/** entry_descriptor: rows by their number, columns by theirs; both begin at 1. */
export interface EntryDescriptor {
  readonly fromEntry: number;
  /** 0: the highest possible. */
  readonly toEntry: number;
  readonly fromSelectedValue: number;
  /** 0: the highest possible. */
  readonly toSelectedValue: number;
}

/** access-selector of a range_descriptor. */
export const RANGE_SELECTOR = 1;
/** access-selector of an entry_descriptor. */
export const ENTRY_SELECTOR = 2;

/** Time of the clock object: what most profiles are restricted by. */
export const CLOCK_TIME: CaptureObject = {
  classId: 8,
  logicalName: '0.0.1.0.0.255',
  attributeId: 2,
  dataIndex: 0,
};

/**
 * Selects rows by value.
 * @throws StateError when a number does not fit its field.
 */
export function rangeSelection(range: RangeDescriptor): AccessSelection {
  const { restrictingObject, fromValue, toValue, selectedValues } = range;
  const parameters = structureOf([
    captureObjectData(restrictingObject),
    fromValue,
    toValue,
    arrayOf(selectedValues.map(captureObjectData)),
  ]);
  return { selector: RANGE_SELECTOR, parameters };
}

/**
 * Selects rows by number.
 * @throws StateError when a number does not fit its field.
 */
export function entrySelection(entry: EntryDescriptor): AccessSelection {
  const parameters = structureOf([
    u32(entry.fromEntry),
    u32(entry.toEntry),
    u16(entry.fromSelectedValue),
    u16(entry.toSelectedValue),
  ]);
  return { selector: ENTRY_SELECTOR, parameters };
}

/**
 * The range_descriptor of a selection.
 * @throws DecodeError with the path to what does not fit; StateError when the selector is not that of a range.
 */
export function parseRange(selection: AccessSelection): RangeDescriptor {
  needSelector(selection, RANGE_SELECTOR, 'range_descriptor');
  const [object, fromValue, toValue, selected] = elements(selection.parameters, 4, 'range_descriptor');
  const columns = selected as Data;
  if (columns.type !== 'array') throw unfit('selected_values', 'array', columns);
  return {
    restrictingObject: parseCaptureObject(object as Data, 'restricting_object'),
    fromValue: fromValue as Data,
    toValue: toValue as Data,
    selectedValues: columns.value.map((column, i) => parseCaptureObject(column, 'selected_values', i)),
  };
}

/**
 * The entry_descriptor of a selection.
 * @throws DecodeError with the path to what does not fit; StateError when the selector is not that of an entry.
 */
export function parseEntry(selection: AccessSelection): EntryDescriptor {
  needSelector(selection, ENTRY_SELECTOR, 'entry_descriptor');
  const [from, to, fromColumn, toColumn] = elements(selection.parameters, 4, 'entry_descriptor');
  return {
    fromEntry: numberOf(from, 'double-long-unsigned', 'from_entry'),
    toEntry: numberOf(to, 'double-long-unsigned', 'to_entry'),
    fromSelectedValue: numberOf(fromColumn, 'long-unsigned', 'from_selected_value'),
    toSelectedValue: numberOf(toColumn, 'long-unsigned', 'to_selected_value'),
  };
}

function captureObjectData(object: CaptureObject): Data {
  return structureOf([
    u16(object.classId),
    octets(logicalNameToBytes(object.logicalName)),
    i8(object.attributeId),
    u16(object.dataIndex),
  ]);
}

function parseCaptureObject(data: Data, ...path: (string | number)[]): CaptureObject {
  try {
    const [classId, name, attributeId, dataIndex] = elements(data, 4, 'capture_object_definition');
    const logicalName = name as Data;
    if (logicalName.type !== 'octet-string') throw unfit('logical_name', 'octet-string', logicalName);
    return {
      classId: numberOf(classId, 'long-unsigned', 'class_id'),
      logicalName: logicalNameFromBytes(logicalName.value),
      attributeId: numberOf(attributeId, 'integer', 'attribute_index'),
      dataIndex: numberOf(dataIndex, 'long-unsigned', 'data_index'),
    };
  } catch (error) {
    if (error instanceof DecodeError) for (const segment of path.toReversed()) error.within(segment);
    throw error;
  }
}

function needSelector(selection: AccessSelection, selector: number, name: string): void {
  if (selection.selector === selector) return;
  throw new StateError(`access-selector ${selection.selector} is not that of a ${name} (${selector})`);
}

function elements(data: Data, count: number, name: string): readonly Data[] {
  if (data.type !== 'structure') throw unfit(name, 'structure', data);
  if (data.value.length === count) return data.value;
  throw new DecodeError('bad-value', `a ${name} of ${counted(data.value.length, 'element')} instead of ${count}`);
}

function numberOf(
  data: Data | undefined,
  type: 'double-long-unsigned' | 'long-unsigned' | 'integer',
  name: string,
): number {
  if (data?.type === type) return data.value;
  throw unfit(name, type, data as Data);
}

function unfit(name: string, type: string, found: Data): DecodeError {
  return new DecodeError('bad-value', `${found.type} where ${type} belongs`, 0, { path: [name] });
}
