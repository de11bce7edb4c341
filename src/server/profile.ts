import { Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import { decodeData, writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { TAG } from '../codec/tags.js';
import type { OctetSource } from '../contracts/octet-source.js';
import type { ProfileGenericV1 } from '../cosem/classes/storage.js';
import type { SelectionOf } from '../cosem/selection.js';
import { PartsSource, takeAll } from '../session/transfer.js';
import { compareValues } from './compare.js';
import type { OctetAttribute } from './octets.js';

/** A column of a profile: one capture object. */
export interface BufferColumn {
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
  readonly columns: readonly BufferColumn[];
  /** The column by which rows ascend, if one does: ranges in it are found by halving instead of looking at each row. */
  readonly sortedBy?: number;
  /** The present rows. Called once for each reading, which may then take many requests. */
  rows(): ProfileRows;
}

/** The selective access that the class gives a buffer. */
type BufferSelectors = NonNullable<typeof ProfileGenericV1.attributes.buffer.selectors>;
type BufferSelection = SelectionOf<BufferSelectors>;
type Parameters<K extends BufferSelection['by']> = Extract<BufferSelection, { readonly by: K }>['parameters'];

/** Which rows, by their indices, and which columns. */
interface Selected {
  readonly rows: ProfileRows;
  readonly columns: readonly number[];
  readonly count: number;
  row(index: number): number;
}

/**
 * The buffer of a profile generic over a source of rows, with the selective access that its class declares.
 * Rows are encoded when their turn comes: a response never holds more of them than fit it.
 */
export function profileBuffer(source: RowSource): OctetAttribute<Data, BufferSelectors> {
  const octets = (selection: BufferSelection | undefined): OctetSource => encode(pick(source, selection));
  return {
    octets,
    get: () => decodeData(takeAll(octets(undefined))),
    select: (selection) => decodeData(takeAll(octets(selection))),
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

function pick(source: RowSource, selection: BufferSelection | undefined): Selected {
  const rows = source.rows();
  const columns = source.columns.map((_, i) => i);
  switch (selection?.by) {
    case undefined:
      return { rows, columns, count: rows.length, row: (i) => i };
    case 'range':
      return byRange(source, rows, columns, selection.parameters);
    case 'entry':
      return byEntry(rows, columns, selection.parameters);
  }
}

function byEntry(rows: ProfileRows, columns: readonly number[], entry: Parameters<'entry'>): Selected {
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

function byRange(source: RowSource, rows: ProfileRows, all: readonly number[], range: Parameters<'range'>): Selected {
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

function columnOf(source: RowSource, wanted: BufferColumn): number {
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
