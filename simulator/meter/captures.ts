import type { Millis } from '../../src/base/clock.js';
import type { MeterTime } from './time.js';

/** A series of moments at equal distances. */
interface CaptureRun {
  readonly first: Millis;
  readonly count: number;
}

/** Moments in order. Each is computed from its index, without the others. */
export interface Moments {
  readonly length: number;
  /** Whether the meter's clock always rises from one to the next. */
  readonly ascending: boolean;
  /** @param index 0 is the oldest; -1 is the moment before it. */
  at(index: number): Millis;
}

/**
 * The moments at which the meter captures a row by time: at each full period of its own clock, after `since` and up to `until`, the newest
 * `limit` of them. A new series begins where the clock was set.
 */
export function captures(time: MeterTime, seconds: number, since: Millis, until: Millis, limit: number): Moments {
  const period = seconds * 1000;
  const runs: CaptureRun[] = [];
  let from = since;
  for (;;) {
    // What fell due at the very moment at which the clock was set was captured before.
    const end = Math.min(time.settingAfter(from), until);
    const first = time.trueTime((Math.floor(time.wall(from) / period) + 1) * period, from);
    if (first <= end) runs.push({ first, count: Math.floor((end - first) / period) + 1 });
    if (end >= until) break;
    from = end;
  }
  const total = runs.reduce((sum, run) => sum + run.count, 0);
  const skipped = Math.max(0, total - limit);
  const find = (index: number): Millis | undefined => {
    let left = index + skipped;
    if (left < 0) return undefined;
    for (const run of runs) {
      if (left < run.count) return run.first + left * period;
      left -= run.count;
    }
    return undefined;
  };
  return {
    length: total - skipped,
    ascending: runs.length <= 1,
    at: (index) => find(index) ?? since,
  };
}
