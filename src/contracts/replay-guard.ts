/**
 * Remembers which invocation counters of a sender were passed, so that a message counts once. Entries are told apart by a text such as
 * `4B464D1010000002/9f2c41aa`: the sender's system title and a name for the key, never the key itself.
 */
export interface ReplayGuard {
  /** The lowest counter acceptable; 0 for an entry that is not known. */
  lowest(entry: string): number;
  /**
   * Takes note of a message that proved itself: from now on its counter is passed, whatever crashes.
   * @throws SecurityError `replay` when it was passed already; StateError when it cannot be kept.
   */
  accept(entry: string, counter: number): void;
}
