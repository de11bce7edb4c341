import { AccessError, type DecodeError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Remark } from '../base/remark.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../codec/datetime.js';
import { octets } from '../codec/make.js';
import type { CaptureColumn } from '../companion/companion.js';
import type { ProfileGenericObject } from '../cosem/classes/storage.js';
import { type SelectedRef, selected } from '../cosem/selected.js';

/** A moment: an instant, or a date-time of the meter with its wildcards. */
export type Moment = Date | CosemDateTime;

/** Which rows of a profile are wanted. */
export type RowSelection =
  /** Rows of a range of time, both bounds included. */
  | {
      /** First moment; open when left out. */
      readonly from?: Moment;
      /** Last moment; open when left out. */
      readonly to?: Moment;
    }
  /** The newest rows. */
  | {
      /** How many of the newest rows. */
      readonly last: number;
    }
  /** Rows by their number in the buffer. */
  | {
      /** Number of the first row, from 1. */
      readonly fromEntry: number;
      /** Number of the last row; 0 or left out for the last one in the buffer. */
      readonly toEntry?: number;
    };

/** The ways to select, each with its members. */
const WAYS = [['from', 'to'], ['last'], ['fromEntry', 'toEntry']] as const;
const ROW_SELECTION: OptionNames<RowSelection> = {
  from: true,
  to: true,
  last: true,
  fromEntry: true,
  toEntry: true,
};

/** @throws StateError for a selection with a misspelt member, or two at once: ignoring it would read the whole buffer. */
export function checkSelection(selection: RowSelection): void {
  checkOptions(selection, ROW_SELECTION, 'the selection of rows');
  const ways = WAYS.filter((names) => names.some((name) => (selection as Record<string, unknown>)[name] !== undefined));
  if (ways.length < 2) return;
  const words = ways.map((names) => `'${names[0]}'`).join(' and ');
  throw new StateError(`rows are selected in one way, not by ${words}`, { hint: 'give one of them' });
}

/** Years that every meter's clock can hold: they replace an open bound of a range. */
const EARLIEST = new CosemDateTime({
  year: 2000,
  month: 1,
  dayOfMonth: 1,
  hour: 0,
  minute: 0,
  second: 0,
  hundredths: 0,
});
const LATEST = new CosemDateTime({
  year: 2099,
  month: 12,
  dayOfMonth: 31,
  hour: 23,
  minute: 59,
  second: 59,
  hundredths: 0,
});

/** Both bounds of a range as the request has them. */
export interface Range {
  readonly from: CosemDateTime;
  readonly to: CosemDateTime;
}

/**
 * A range in the meter's notation. `deviation` (minutes, UTC = local + deviation) converts instants to the meter's local time.
 * @throws StateError when an instant is given and the deviation is unknown, or the range ends before it begins.
 */
export function rangeOf(
  selection: { readonly from?: Moment; readonly to?: Moment },
  deviation: number | undefined,
): Range {
  const range = { from: bound(selection.from, EARLIEST, deviation), to: bound(selection.to, LATEST, deviation) };
  if (comparePlaces(range.from, range.to) > 0) {
    throw new StateError(`the range ends (${range.to}) before it begins (${range.from})`);
  }
  return range;
}

function bound(moment: Moment | undefined, open: CosemDateTime, deviation: number | undefined): CosemDateTime {
  if (moment === undefined) return deviation === undefined ? open : open.with({ deviation });
  if (moment instanceof CosemDateTime) return moment;
  if (deviation === undefined) {
    throw new StateError("an instant is given, but the meter's clock does not tell its deviation from UTC", {
      hint: 'give the option deviation (India: -330), or the bounds as CosemDateTime in local time',
    });
  }
  return CosemDateTime.fromDate(moment, deviation);
}

/** The range of all times. */
export const OPEN: Range = { from: EARLIEST, to: LATEST };

type BufferRef = ProfileGenericObject['buffer'];

/** A reference to the rows of a range of time, with all columns. */
export function rowsInTime(buffer: BufferRef, time: CaptureColumn, { from, to }: Range): SelectedRef<Data> {
  const [fromValue, toValue] = [octets(from.toBytes()), octets(to.toBytes())];
  return selected(buffer, 'range', { restrictingObject: time, fromValue, toValue, selectedValues: [] });
}

/** A reference to rows by number, with all columns. */
export function rowsNumbered(buffer: BufferRef, fromEntry: number, toEntry: number): SelectedRef<Data> {
  return selected(buffer, 'entry', { fromEntry, toEntry, fromSelectedValue: 1, toSelectedValue: 0 });
}

/** Whether a row's time lies in the range. An invalid time does not. */
export function inRange(time: CosemDateTime | undefined, { from, to }: Range): boolean {
  if (time === undefined || !time.isSpecified()) return false;
  return comparePlaces(time, from) >= 0 && comparePlaces(time, to) <= 0;
}

/** Whether a row has no time that can be compared with a range. */
export function isTimeless({ time }: { readonly time: CosemDateTime | undefined }): boolean {
  return time === undefined || !time.isSpecified();
}

/** Compares instants where both have a deviation, else local times. */
export function comparePlaces(a: CosemDateTime, b: CosemDateTime): number {
  const exact = a.compare(b);
  if (exact !== undefined) return exact;
  const wall = { deviation: DEVIATION_UNSPECIFIED };
  return a.with(wall).compare(b.with(wall)) ?? 0;
}

/** Rows that lie in a range, and a remark about others. */
export interface Picked<R> {
  readonly rows: R[];
  readonly remark?: Pick<Remark, 'code' | 'text'>;
}

/**
 * Compares rows with the range that was asked for.
 * @param selected whether the meter was asked to select: rows without a readable time are then its decision, unless it did not select at
 * all.
 */
export function inRangeOf<R extends { readonly time: CosemDateTime | undefined }>(
  came: R[],
  range: Range,
  selected: boolean,
): Picked<R> {
  const rows = came.filter((row) => inRange(row.time, range));
  const without = came.filter(isTimeless).length;
  const beside = came.length - rows.length - without;
  if (selected && beside === 0) return { rows: came };
  const unreadable =
    without === 0
      ? ''
      : `${counted(without, 'row')} without a readable time ${without === 1 ? 'was' : 'were'} left out`;
  if (selected) {
    const text = `the meter did not keep to the range of time: of ${counted(came.length, 'row')} that it sent ${rows.length} lie in it`;
    return { rows, remark: { code: 'range-ignored', text: unreadable === '' ? text : `${text}; ${unreadable}` } };
  }
  return unreadable === '' ? { rows } : { rows, remark: { code: 'rows-without-time', text: unreadable } };
}

/** The remark when a meter does not select. */
export function refusedSelection(error: AccessError | DecodeError): Pick<Remark, 'code' | 'text'> {
  const why = error instanceof AccessError ? error.result : error.message;
  return {
    code: 'selection-refused',
    text: `the meter does not select rows (${why}): its whole buffer is read and the rows are picked here`,
  };
}

/** The remark when a meter sends other rows than were asked for by number. */
export function ignoredEntries(came: number, most: number): Pick<Remark, 'code' | 'text'> {
  return {
    code: 'entries-ignored',
    text: `the meter did not keep to the numbers of the rows: ${came} came where ${Math.max(0, most)} were asked for; the whole buffer is read and they are picked here`,
  };
}
