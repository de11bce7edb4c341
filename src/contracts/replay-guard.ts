import type { Awaitable } from './awaitable.js';

/**
 * Remembers which invocation counters of a sender were accepted, so that no message is accepted twice. An entry is a text such as
 * `4B464D1010000002/9f2c41aa`: the system title of the sender and a name for the key, never the key itself.
 */
export interface ReplayGuard {
  /** The lowest counter that is still acceptable; 0 for an unknown entry. */
  lowest(entry: string): number;
  /**
   * Accepts the counter of an authenticated message: from now on it and all lower ones are passed, even after a crash.
   * @throws SecurityError `replay` when it was passed already; StateError when it cannot be stored.
   */
  accept(entry: string, counter: number): void;
}

/**
 * A {@link ReplayGuard} that may answer later, as a database does. What it guards is given to the caller only after its counter was stored.
 */
export interface AsyncReplayGuard {
  /** The lowest counter that is still acceptable; 0 for an unknown entry. */
  lowest(entry: string): Awaitable<number>;
  /**
   * Accepts the counter of an authenticated message. Where several processes use it, this must be one atomic step (compare and set).
   *
   * ```sql
   * INSERT INTO received VALUES ($entry, $counter + 1) ON CONFLICT (entry)
   *   DO UPDATE SET lowest = $counter + 1 WHERE received.lowest <= $counter RETURNING lowest -- no row: replay
   * ```
   * @throws SecurityError `replay` when it was passed already; what it throws else says that the counter is not stored.
   */
  accept(entry: string, counter: number): Awaitable<void>;
}
