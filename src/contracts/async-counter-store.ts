import type { AsyncReplayGuard } from './replay-guard.js';

/**
 * A store of invocation counters for sending that answers later, such as a database or a service. Counters are taken in blocks before they are
 * needed, so that protecting an APDU never waits. A counter is never given twice for the same key, even after a crash: what
 * {@link AsyncCounterStore.take} gives is durable before the promise resolves. Entries have the same names as those of a {@link CounterStore}.
 */
export interface AsyncCounterStore {
  /**
   * Uses up `count` counters in a row, the first of them at least `atLeast` and above all that were taken before. Several processes may call it
   * at once: none gets a counter that another got.
   *
   * ```sql
   * INSERT INTO counters VALUES ($entry, greatest($atLeast, 1) + $count) ON CONFLICT (entry)
   *   DO UPDATE SET next = greatest(counters.next, $atLeast) + $count RETURNING next - $count
   * ```
   * @returns the first of them, 1 or more, once they are durable.
   */
  take(entry: string, atLeast: number, count: number): Promise<number>;
  /** The counter that `take` would give, without using it up; 1 for an entry that is not known. */
  peek(entry: string): Promise<number>;
  /** As {@link CounterStore.received}; it may answer later too. Where it is left out, replay is noticed within one `open` only. */
  readonly received?: AsyncReplayGuard;
}
