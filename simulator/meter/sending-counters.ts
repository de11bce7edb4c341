/** The sending invocation counters of a virtual meter: no restart may set them back for a client that knew it before. */

import { toHex } from '../../src/base/bytes.js';
import type { Clock } from '../../src/base/clock.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
import { SENDING_ENTRIES } from './key-sets.js';
import type { MeterOptions } from './options.js';
import type { Platform } from './platform.js';

/** The beginning of 2026. */
const COUNTING_SINCE = Date.UTC(2026, 0, 1);
/** More than a meter answers in a second, so that a busy meter that is restarted at once still counts upwards. */
const COUNTERS_A_SECOND = 2048;
/**
 * The highest start, which leaves room above it. The start wraps every 22 days; a client that read the meter before is then told that the
 * meter lost its counter.
 */
const MOST_AT_FIRST = 0xf000_0000;

/**
 * The counters of the store that was given, under the meter's system title, by which clients know it. Without a store they last as long as
 * the process.
 */
export function sendingCounters(
  platform: Pick<Platform, 'counters'>,
  { counters }: Pick<MeterOptions, 'counters'>,
  systemTitle: Uint8Array,
): CounterStore {
  if (counters === undefined) return platform.counters();
  const named = (entry: string) => `virtual/${toHex(systemTitle)}/${entry}`;
  return {
    next: (entry) => counters.next(named(entry)),
    peek: (entry) => counters.peek(named(entry)),
    raise: (entry, atLeast) => counters.raise(named(entry), atLeast),
  };
}

/**
 * Starts the counters at a number that rises with time, or above it. The same meter may have existed before without leaving any state: in a
 * fleet, in a test, in another folder.
 */
export function beginCounters(counters: CounterStore, clocks: Clocks): void {
  for (const entry of SENDING_ENTRIES) counters.raise(entry, firstCounter(clocks));
}

interface Clocks {
  readonly clock: Clock;
  /** The clock of the lines counts where it is given, because the meter's own time may begin anywhere. */
  readonly lineClock?: Clock;
}

function firstCounter({ clock, lineClock = clock }: Clocks): number {
  const seconds = Math.max(0, lineClock.now() - COUNTING_SINCE) / 1000;
  return 1 + (Math.floor(seconds * COUNTERS_A_SECOND) % MOST_AT_FIRST);
}
