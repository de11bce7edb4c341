import type { ReplayGuard } from './replay-guard.js';

/**
 * Where invocation counters for sending come from. A counter never comes twice for the same key, whatever crashes: a store that
 * survives a restart makes the value durable before it hands it out. Entries are told apart by a text such as
 * `4D4D4D0000BC614E/meter-1/guek`: system title and a name for the key, never the key itself.
 */
export interface CounterStore {
  /**
   * The next counter, used up by the asking.
   * @throws SecurityError `counter-exhausted` when 0xFFFFFFFF is reached: a new key is needed.
   * @throws StateError when the store cannot keep its promise (damaged, locked, not writable).
   */
  next(entry: string): number;
  /** What `next` would give, without using it up. */
  peek(entry: string): number;
  /** Makes `next` give at least this: a counter that a meter was opened with, or that a person says. Never goes back. */
  raise(entry: string, atLeast: number): void;
  /**
   * Sets `count` counters in a row aside, the first of them at least `atLeast`, for an attempt with a counter that nothing proves. They are
   * as used up as those of `next`, and as durably, and nobody is given them again; but `next` does not move: what a forger names costs the
   * counters that were sent for it, not the ones below them. A store without it is raised instead.
   * @returns the first of them.
   * @throws as `next`.
   */
  reserve?(entry: string, atLeast: number, count: number): number;
  /**
   * How far the counters of meters came that were received, by the meter's system title and its key. With it a session that was recorded is
   * not believed when it is played again to a client that comes later; a store without it is believed as far as one `open` goes. The first
   * message of an association, and one in 64, is accepted there, and in the end the last.
   */
  readonly received?: ReplayGuard;
}
