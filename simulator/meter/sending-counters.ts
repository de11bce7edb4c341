/** Invocation counters of what a virtual meter sends: no start of it may set them back for a client that knew it before. */

import { toHex } from '../../src/base/bytes.js';
import type { Clock } from '../../src/base/clock.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
import { SENDING_ENTRIES } from './key-sets.js';
import type { MeterOptions } from './options.js';
import type { Platform } from './platform.js';

/** 2026 begins. */
const COUNTING_SINCE = Date.UTC(2026, 0, 1);
/** More than a meter answers in a second, so that one that was busy and is started anew at once still counts on. */
const COUNTERS_A_SECOND = 2048;
/** Room is left above. Such a count comes round every 22 days: who read the meter before is told that it lost its counter. */
const MOST_AT_FIRST = 0xf000_0000;

/** Of the store that was given, under the meter's title: it is what clients know it by. Else they last as long as the process. */
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
 * Lets a meter's sending begin at a count that goes on with the time, or above it: the same meter may have been there of which nothing is kept,
 * in a fleet, a test, another folder.
 */
export function beginCounters(counters: CounterStore, clocks: Clocks): void {
  for (const entry of SENDING_ENTRIES) counters.raise(entry, firstCounter(clocks));
}

interface Clocks {
  readonly clock: Clock;
  /** Where the meter's own time may begin anywhere, that of its lines counts. */
  readonly lineClock?: Clock;
}

function firstCounter({ clock, lineClock = clock }: Clocks): number {
  const seconds = Math.max(0, lineClock.now() - COUNTING_SINCE) / 1000;
  return 1 + (Math.floor(seconds * COUNTERS_A_SECOND) % MOST_AT_FIRST);
}
