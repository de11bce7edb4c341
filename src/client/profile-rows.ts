import { DecodeError } from '../base/errors.js';
import { counted, withArticle } from '../base/words.js';
import { compactArrayElements } from '../codec/compact.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime } from '../codec/datetime.js';
import { wireValue } from '../codec/wire-value.js';
import type { ProfileColumn } from './profile-column.js';
import { ProfileRow } from './profile-row.js';
import { declaredDateTime, Reading } from './readings.js';

/** The rows of a buffer, each a list of values. @throws DecodeError when it is not an array of structures. */
export function rowsOf(buffer: Data, target: string): readonly (readonly Data[])[] {
  if (isNothing(buffer)) return [];
  const rows =
    buffer.type === 'array'
      ? buffer.value
      : buffer.type === 'compact-array'
        ? compactArrayElements(buffer.value)
        : undefined;
  if (rows === undefined)
    throw new DecodeError('bad-tag', `a buffer that is ${withArticle(buffer.type)}`, 0, { path: [target] });
  return rows.map((row, i) => {
    if (row.type === 'structure') return row.value;
    // A profile of one column may be an array of its values.
    if (row.type !== 'array' && row.type !== 'compact-array') return [row];
    throw new DecodeError('bad-tag', `a row that is ${withArticle(row.type)}`, 0, { path: [target, i] });
  });
}

/** Whether a buffer is empty: some meters send null-data or another empty value instead of an empty array. */
function isNothing(buffer: Data): boolean {
  if (buffer.type === 'null-data') return true;
  return (buffer.type === 'structure' || buffer.type === 'octet-string') && buffer.value.length === 0;
}

/**
 * Gives rows their meaning, one after the other. An omitted value (null-data) is that of the row before; an omitted time stamp is the one
 * before plus the capture period (Blue Book 4.3.6); a delta is added to the value of the row before.
 */
export class RowReader {
  readonly #columns: readonly ProfileColumn[];
  readonly #clock: number;
  readonly #period: number;
  readonly #target: string;
  readonly #odd: ((problem: string) => void) | undefined;
  #before: readonly Data[] = [];
  #count = 0;

  /**
   * @param period seconds; 0 where an omitted time cannot be filled in.
   * @param odd is called with what is wrong with a row's time, where a field of it is impossible.
   */
  constructor(columns: readonly ProfileColumn[], period: number, target: string, odd?: (problem: string) => void) {
    this.#odd = odd;
    this.#columns = columns;
    this.#clock = columns.findIndex((column) => column.isTime);
    this.#period = period;
    this.#target = target;
  }

  /** The last row, with omitted values filled in. */
  get last(): readonly Data[] {
    return this.#before;
  }

  /** A reader for the following rows, with a period that is now known. */
  goingOn(period: number): RowReader {
    const reader = new RowReader(this.#columns, period, this.#target);
    reader.#before = this.#before;
    reader.#count = this.#count;
    return reader;
  }

  /** @throws DecodeError when it does not have a value for each column. */
  read(row: readonly Data[]): ProfileRow {
    const columns = this.#columns;
    if (row.length !== columns.length) {
      throw new DecodeError(
        'missing-field',
        `a row of ${counted(row.length, 'value')} under ${counted(columns.length, 'column')}`,
        0,
        {
          path: [this.#target, this.#count],
        },
      );
    }
    this.#count++;
    const full = row.map((value, column) => this.#filled(value, column));
    this.#before = full;
    const clock = full[this.#clock];
    const time = clock === undefined ? undefined : declaredDateTime(clock);
    const problem = this.#odd && time?.problem();
    if (problem !== undefined) this.#odd?.(problem);
    return new ProfileRow(
      time,
      full.map((value, column) => cell(columns[column] as ProfileColumn, value, time)),
    );
  }

  #filled(value: Data, column: number): Data {
    const last = this.#before[column];
    if (last === undefined) return value;
    if (value.type.startsWith('delta-')) return added(last, value);
    if (value.type !== 'null-data') return value;
    return column === this.#clock ? (later(last, this.#period) ?? value) : last;
  }
}

/** A profile has thousands of them: an object that is spread together costs ten times as much as one that is written out. */
function cell(column: ProfileColumn, data: Data, rowTime: CosemDateTime | undefined): Reading {
  const { classId, logicalName, attributeIndex: attributeId, name, scalerUnit, isTime } = column;
  const presentation = isTime ? 'date-time' : undefined;
  const time = isTime ? undefined : rowTime;
  return new Reading({ classId, logicalName, attributeId, name, data, scalerUnit, time, presentation });
}

/** Adds a difference to a number, in the number's own type. Where they do not fit, the difference stays as it is. */
function added(last: Data, delta: Data): Data {
  if (typeof delta.value !== 'number') return delta;
  if (typeof last.value === 'bigint') return wireValue(last.type as 'long64', last.value + BigInt(delta.value));
  return typeof last.value === 'number' ? wireValue(last.type as 'long', last.value + delta.value) : delta;
}

/** A time stamp some seconds later, with the same deviation and status; undefined where it is not a time. */
function later(stamp: Data, seconds: number): Data | undefined {
  const time = declaredDateTime(stamp);
  if (time === undefined || seconds === 0 || !time.isSpecified()) return undefined;
  const { deviation, status, hundredths } = time;
  // Computed in local time, because the deviation may be anything.
  const wall = time.with({ deviation: 0 }).toMillis() as number;
  const next = CosemDateTime.fromDate(new Date(wall + seconds * 1000), 0, status).with({ deviation, hundredths });
  return wireValue('octet-string', next.toBytes());
}
