import { SecurityError } from '../base/errors.js';
import type { CounterStore } from '../contracts/counter-store.js';
import { MemoryReplayGuard } from './replay.js';

/** The highest invocation counter. It is never used: the life of the key ends when it is reached. */
export const LAST_INVOCATION_COUNTER = 0xffffffff;
/** The first counter of a new key. */
const FIRST_INVOCATION_COUNTER = 1;

/**
 * @internal Asserts that a counter may be used.
 * @throws SecurityError `counter-exhausted`
 */
export function checkCounterLeft(counter: number): void {
  if (counter < LAST_INVOCATION_COUNTER) return;
  throw new SecurityError('counter-exhausted', 'the invocation counter of this key has reached its end', {
    hint: 'transfer a new key to the meter: under the old one no message can be protected safely any more',
  });
}

/** Counters that were used ahead of the next one: from the first up to, but not including, the second. */
export type Span = readonly [from: number, to: number];

/** What a store keeps of an entry: the next counter, and the counters above it that were used already, in order. */
export interface CounterState {
  readonly next: number;
  readonly spent: readonly Span[];
}

/** The most spans that are kept. With more, the nearest two are merged, so that a forger cannot fill the store. */
const MOST_SPANS = 32;

/** @internal The state of a new key. */
export const FRESH_COUNTERS: CounterState = { next: FIRST_INVOCATION_COUNTER, spent: [] };

/**
 * @internal The first of `count` counters in a row that are free, from `atLeast` on.
 * @throws SecurityError `counter-exhausted`
 */
export function freeCounters({ next, spent }: CounterState, atLeast: number, count: number): number {
  let from = Math.max(next, atLeast);
  for (const [start, end] of spent) if (from < end && start < from + count) from = end;
  checkCounterLeft(from + count - 1);
  return from;
}

/** @internal The end of a run of free counters that begins at `from`, at most `to`. */
export function freeRun({ spent }: CounterState, from: number, to: number): number {
  return spent.reduce((end, [start]) => (start >= from ? Math.min(end, start) : end), to);
}

/** @internal The state after these counters were used: `next` moves when they follow it directly, otherwise they become a span. */
export function withSpent({ next, spent }: CounterState, from: number, to: number): CounterState {
  // As it is for nearly every message.
  if (from === next && spent.length === 0) return { next: to, spent };
  const spans: [number, number][] = [];
  for (const [start, end] of [...spent, [from, to] as const].sort((a, b) => a[0] - b[0])) {
    const last = spans.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else spans.push([start, end]);
  }
  const moved = movedTo({ next, spent: spans }, next);
  return { next: moved.next, spent: fewer(moved.spent) };
}

/** The same with the nearest spans merged; counters between them count as used. */
function fewer(spent: readonly Span[]): readonly Span[] {
  const spans = [...spent];
  while (spans.length > MOST_SPANS) {
    const gaps = spans.slice(1).map(([start], i) => start - (spans[i] as Span)[1]);
    const at = gaps.indexOf(Math.min(...gaps));
    spans.splice(at, 2, [(spans[at] as Span)[0], (spans[at + 1] as Span)[1]]);
  }
  return spans;
}

/** @internal The state whose next counter is free and at least `atLeast`. */
export function movedTo({ next, spent }: CounterState, atLeast: number): CounterState {
  let to = Math.max(next, atLeast);
  for (const [start, end] of spent) if (start <= to && to < end) to = end;
  return { next: to, spent: spent.filter(([start]) => start > to) };
}

/** A counter store in memory: for tests, simulated meters and dedicated keys only, because it forgets its counters when the process ends. */
export class MemoryCounterStore implements CounterStore {
  readonly #states: Map<string, CounterState>;
  /** The counters that were received, in memory as well. */
  readonly received: MemoryReplayGuard = new MemoryReplayGuard();

  /** @param start the next counter of entries that exist already. */
  constructor(start: Readonly<Record<string, number>> = {}) {
    this.#states = new Map(Object.entries(start).map(([entry, next]) => [entry, { next, spent: [] }]));
  }

  /** As {@link CounterStore.next}. */
  next(entry: string): number {
    return this.reserve(entry, 0, 1);
  }

  /** As {@link CounterStore.peek}. */
  peek(entry: string): number {
    return this.#state(entry).next;
  }

  /** As {@link CounterStore.raise}. */
  raise(entry: string, atLeast: number): void {
    if (atLeast > this.peek(entry)) this.#states.set(entry, movedTo(this.#state(entry), atLeast));
  }

  /** As {@link CounterStore.reserve}. */
  reserve(entry: string, atLeast: number, count: number): number {
    const state = this.#state(entry);
    const from = freeCounters(state, atLeast, count);
    this.#states.set(entry, withSpent(state, from, from + count));
    return from;
  }

  #state(entry: string): CounterState {
    return this.#states.get(entry) ?? FRESH_COUNTERS;
  }
}
