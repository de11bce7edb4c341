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
