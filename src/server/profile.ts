import { Writer } from '../base/cursor.js';
import { AccessError, DecodeError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import { decodeData, writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { TAG } from '../codec/tags.js';
import { array, data, structure, uint16, uint32 } from '../codec/types.js';
import type { OctetSource } from '../contracts/octet-source.js';
import type { Selection } from '../cosem/class.js';
import { captureObject } from '../cosem/classes/storage.js';
import { PartsSource, takeAll } from '../session/transfer.js';
import { compareValues } from './compare.js';
import type { OctetAttribute } from './octets.js';

/** A column of a profile: one capture object. */
export interface ProfileColumn {
  readonly classId: number;
  readonly logicalName: LogicalName;
  readonly attributeIndex: number;
  readonly dataIndex: number;
}

/** Rows as they stand at one moment, the oldest first. They must not change while they are read. */
export interface ProfileRows {
  readonly length: number;
  value(row: number, column: number): Data;
}

/** Where the rows of a profile come from. */
export interface RowSource {
  readonly columns: readonly ProfileColumn[];
  /** The column by which rows ascend, if one does: ranges in it are found by halving instead of looking at each row. */
  readonly sortedBy?: number;
  /** The present rows. Called once for each reading, which may then take many requests. */
  rows(): ProfileRows;
}

const RANGE = 1;
const ENTRY = 2;

const rangeDescriptor = structure({
  restrictingObject: captureObject,
  fromValue: data,
  toValue: data,
  selectedValues: array(captureObject),
});

const entryDescriptor = structure({
  fromEntry: uint32,
  toEntry: uint32,
  fromSelectedValue: uint16,
  toSelectedValue: uint16,
});

/** Which rows, by their indices, and which columns. */
interface Selected {
  readonly rows: ProfileRows;
  readonly columns: readonly number[];
  readonly count: number;
  row(index: number): number;
}

/**
 * The buffer of a profile generic (class 7, attribute 2) over a source of rows, with selective access by range (1) and by entry (2).
 * Rows are encoded when their turn comes: a response never holds more of them than fit it.
 */
export function profileBuffer(source: RowSource): OctetAttribute<Data> {
  const octets = (selection: Selection | undefined): OctetSource => encode(select(source, selection));
  return {
    selectors: [RANGE, ENTRY],
    octets,
    get: (selection) => decodeData(takeAll(octets(selection))),
  };
}

function encode({ rows, columns, count, row }: Selected): OctetSource {
  let next = -1;
  return new PartsSource(() => {
    if (next < 0) {
      next = 0;
      return new Writer(8).u8(TAG.array).length(count).finish();
    }
    if (next === count) return undefined;
    const index = row(next++);
    const w = new Writer();
    w.u8(TAG.structure).length(columns.length);
    for (const column of columns) writeData(w, rows.value(index, column));
    return w.finish();
  });
}

function select(source: RowSource, selection: Selection | undefined): Selected {
  const rows = source.rows();
  const columns = source.columns.map((_, i) => i);
  if (selection === undefined) return { rows, columns, count: rows.length, row: (i) => i };
  if (selection.selector === RANGE) return byRange(source, rows, columns, selection.parameters);
  if (selection.selector === ENTRY) return byEntry(rows, columns, selection.parameters);
  throw new AccessError('type-unmatched', 'buffer', `a profile has no selector ${selection.selector}`);
}

function byEntry(rows: ProfileRows, columns: readonly number[], parameters: Data): Selected {
  const entry = entryDescriptor.decode(parameters);
  // Entries and columns count from 1; 0 stands for the last.
  const from = Math.max(1, entry.fromEntry);
  const to = entry.toEntry === 0 ? rows.length : Math.min(entry.toEntry, rows.length);
  const fromColumn = Math.max(1, entry.fromSelectedValue);
  const toColumn = entry.toSelectedValue === 0 ? columns.length : entry.toSelectedValue;
  return {
    rows,
    columns: columns.slice(fromColumn - 1, toColumn),
    count: Math.max(0, to - from + 1),
    row: (i) => from - 1 + i,
  };
}

function byRange(source: RowSource, rows: ProfileRows, all: readonly number[], parameters: Data): Selected {
  const range = rangeDescriptor.decode(parameters);
  const column = columnOf(source, range.restrictingObject);
  const columns = range.selectedValues.length === 0 ? all : range.selectedValues.map((c) => columnOf(source, c));
  const { fromValue, toValue } = range;
  if (source.sortedBy === column) {
    const first = firstRow(rows, column, (value) => compareValues(value, fromValue, 'low') >= 0);
    const end = firstRow(rows, column, (value) => compareValues(value, toValue, 'high') > 0);
    return { rows, columns, count: Math.max(0, end - first), row: (i) => first + i };
  }
  const matching: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const value = rows.value(i, column);
    if (compareValues(value, fromValue, 'low') >= 0 && compareValues(value, toValue, 'high') <= 0) matching.push(i);
  }
  return { rows, columns, count: matching.length, row: (i) => matching[i] as number };
}

/** The first row for which a condition holds that, once true, stays true. */
function firstRow(rows: ProfileRows, column: number, holds: (value: Data) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rows.value(middle, column))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function columnOf(source: RowSource, wanted: ProfileColumn): number {
  const found = source.columns.findIndex(
    (column) =>
      column.logicalName === wanted.logicalName &&
      column.attributeIndex === wanted.attributeIndex &&
      column.classId === wanted.classId &&
      column.dataIndex === wanted.dataIndex,
  );
  if (found >= 0) return found;
  const name = `${wanted.classId}:${wanted.logicalName}:${wanted.attributeIndex}`;
  throw new DecodeError('bad-value', `${name} is no capture object of this profile`);
}
