import type { ReplayGuard } from './replay-guard.js';

/**
 * Where invocation counters for sending come from, where that takes a while: a database, a service. Counters are taken in blocks before they
 * are needed, so that what protects an APDU never waits. A counter never comes twice for the same key, whatever crashes: what
 * {@link AsyncCounterStore.take} gives is durable before it resolves. Entries are told apart as those of a {@link CounterStore}.
 */
export interface AsyncCounterStore {
  /**
   * Uses up `count` counters in a row, the first of them at least `atLeast` and above all that were taken before. Several processes may take at
   * once: nobody is given what another was.
   *
   * ```sql
   * INSERT INTO counters VALUES ($entry, greatest($atLeast, 1) + $count) ON CONFLICT (entry)
   *   DO UPDATE SET next = greatest(counters.next, $atLeast) + $count RETURNING next - $count
   * ```
   * @returns the first of them, from 1 on, once nothing can undo it.
   */
  take(entry: string, atLeast: number, count: number): Promise<number>;
  /** The counter that `take` would give, without using it up; 1 for an entry that is not known. */
  peek(entry: string): Promise<number>;
  /** As {@link CounterStore.received}. As long as one `open` goes where it is left out. */
  readonly received?: ReplayGuard;
}
