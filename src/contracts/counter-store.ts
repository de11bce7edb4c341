import type { AsyncReplayGuard, ReplayGuard } from './replay-guard.js';

/**
 * Where invocation counters for sending come from. A counter must never be given twice for the same key, even after a crash: a store that
 * survives a restart makes a counter durable before it gives it out. An entry is a text such as `4D4D4D0000BC614E/meter-1/guek`: system
 * title and a name for the key, never the key itself.
 *
 * `Guard` is what remembers received counters: {@link open} also takes an {@link AsyncReplayGuard}, such as a database beside a file of our own counters.
 */
export interface CounterStore<Guard extends AsyncReplayGuard = ReplayGuard> {
  /**
   * Uses up the next counter and returns it.
   * @throws SecurityError `counter-exhausted` when 0xFFFFFFFF is reached: a new key is needed.
   * @throws StateError when the store cannot guarantee that (damaged, locked, not writable).
   */
  next(entry: string): number;
  /** The counter that `next` would give, without using it up. */
  peek(entry: string): number;
  /** Makes `next` give at least `atLeast`, such as the counter that a meter names or a person enters. It never lowers the counter. */
  raise(entry: string, atLeast: number): void;
  /**
   * Sets `count` counters in a row aside, the first of them at least `atLeast`, for an attempt with a counter that is not authenticated. They
   * are used up durably, as by `next`, and never given again; but `next` itself does not move. So a forger who names a high counter uses up
   * the few counters that were sent because of it, not all below them. A store without this method is raised instead.
   * @returns the first of them.
   * @throws as `next`.
   */
  reserve?(entry: string, atLeast: number, count: number): number;
  /**
   * The counters that were received from meters, by system title and key. With it, a recorded session that is played back to a later client
   * is refused; without it, replay is noticed within one `open` only. Written at the first message of an association, at one in 64 of those
   * that follow, and at the last.
   */
  readonly received?: Guard;
}
