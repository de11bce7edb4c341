/** The capture period of a profile, checked against the times of its rows. */

import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';
import { declaredDateTime } from './readings.js';

const MINUTE = 60;

/** The period for filling in omitted times, and a remark where there is one. */
export interface TrustedPeriod {
  /** Seconds; 0 where omitted times cannot be filled in. */
  readonly period: number;
  readonly remark?: { readonly code: string; readonly text: string };
}

/**
 * Checks a capture period against the rows. Where their times contradict it, omitted times are not filled in: a wrong time is worse than
 * none.
 * @param told seconds, as the meter says; 0 where nothing is certain.
 * @param clock the column of the time.
 */
export function trustedPeriod(told: number, rows: readonly (readonly Data[])[], clock: number): TrustedPeriod {
  const observed = told === 0 ? undefined : observedPeriod(told, rows, clock);
  if (observed === undefined || observed === told) return { period: told };
  const text = `the capture period is told as ${counted(told, 'second')}, but the rows stand ${counted(observed, 'second')} apart: times that are left out are not filled in`;
  return { period: 0, remark: { code: 'capture-period', text } };
}

/** Seconds from row to row, as most of the times show; undefined where they do not contradict the period. */
function observedPeriod(told: number, rows: readonly (readonly Data[])[], clock: number): number | undefined {
  const counts = new Map<number, number>();
  /** Distances of directly neighbouring rows. */
  const neighbours = new Set<number>();
  let before: { readonly at: number; readonly time: CosemDateTime } | undefined;
  rows.forEach((row, at) => {
    const value = row[clock];
    const time = value === undefined ? undefined : declaredDateTime(value);
    if (time?.isSpecified() !== true) return;
    if (before !== undefined) {
      const each = secondsBetween(before.time, time) / (at - before.at);
      // A clock that was set back shows nothing.
      if (each > 0 && at - before.at === 1) neighbours.add(each);
      if (each > 0) counts.set(each, (counts.get(each) ?? 0) + 1);
    }
    before = { at, time };
  });
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  if (most === undefined) return undefined;
  const [observed, times] = most;
  if (times > 1 || observed < told) return observed;
  // Meters that omit regular times write one after an outage, so one run that ends in such a time is not proof.
  const isOutage = !neighbours.has(observed) && observed % told === 0;
  return observed % MINUTE === 0 && !isOutage ? observed : undefined;
}

/** The seconds between two instants, where both have a deviation; else between the local times. */
function secondsBetween(a: CosemDateTime, b: CosemDateTime): number {
  const [from, to] = [a.toMillis(), b.toMillis()];
  if (from !== undefined && to !== undefined) return (to - from) / 1000;
  const wall = (time: CosemDateTime) => time.with({ deviation: 0 }).toMillis() ?? Number.NaN;
  return (wall(b) - wall(a)) / 1000;
}
