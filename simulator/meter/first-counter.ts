import type { Clock } from '../../src/base/clock.js';

/** 2026 begins. */
const COUNTING_SINCE = Date.UTC(2026, 0, 1);
/** More than a meter answers in a second, so that one that was busy and is started anew at once still counts on. */
const COUNTERS_A_SECOND = 2048;
/** Room is left above. Such a count comes round every 22 days: who read the meter before is told that it lost its counter. */
const MOST_AT_FIRST = 0xf000_0000;

/**
 * The first counter of a meter's sending of which nothing is kept: it counts on with the time, so that a client that knew the meter before it
 * was started anew does not take it for a recording. The time is that of its lines: the meter's own may begin anywhere.
 */
export function firstCounter({
  clock,
  lineClock = clock,
}: {
  readonly clock: Clock;
  readonly lineClock?: Clock;
}): number {
  const seconds = Math.max(0, lineClock.now() - COUNTING_SINCE) / 1000;
  return 1 + (Math.floor(seconds * COUNTERS_A_SECOND) % MOST_AT_FIRST);
}
