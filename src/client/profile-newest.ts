/** The newest rows of a profile, decided by the rows themselves: sort method and entries in use are only hints. */

import type { CosemDateTime } from '../codec/datetime.js';
import { comparePlaces } from './profile-selection.js';

interface Timed {
  readonly time: CosemDateTime | undefined;
}

/** How rows follow each other in time; `mixed` where a clock was set, or the rows have no times. */
export type RowOrder = 'rising' | 'falling' | 'mixed';

/** The order of rows by their times; `mixed` where the times do not show it. */
export function orderOf(rows: readonly Timed[]): RowOrder {
  let rises = false;
  let falls = false;
  for (let i = 1; i < rows.length; i++) {
    const [before, time] = [rows[i - 1]?.time, rows[i]?.time];
    if (!isTold(before) || !isTold(time)) return 'mixed';
    const order = comparePlaces(before, time);
    if (order < 0) rises = true;
    if (order > 0) falls = true;
  }
  if (rises === falls) return 'mixed';
  return rises ? 'rising' : 'falling';
}

/**
 * The newest of all rows of a buffer, in the buffer's order: by their times where each has one, else by the position that the sort method
 * implies.
 * @param newestFirst whether the sort method puts the newest row first.
 */
export function newestOf<R extends Timed>(rows: readonly R[], count: number, newestFirst: boolean): R[] {
  if (rows.length <= count) return [...rows];
  const byPlace = newestFirst ? rows.slice(0, count) : rows.slice(-count);
  if (!rows.every(({ time }) => isTold(time))) return byPlace;
  const places = rows.map((_, i) => i);
  // Among rows of equal time, those that the sort method counts as newer come first.
  const later = newestFirst ? (a: number, b: number) => a - b : (a: number, b: number) => b - a;
  places.sort((a, b) => comparePlaces(timeAt(rows, b), timeAt(rows, a)) || later(a, b));
  return places
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((i) => rows[i] as R);
}

function timeAt(rows: readonly Timed[], i: number): CosemDateTime {
  return (rows[i] as Timed).time as CosemDateTime;
}

function isTold(time: CosemDateTime | undefined): time is CosemDateTime {
  return time?.isSpecified() === true;
}
