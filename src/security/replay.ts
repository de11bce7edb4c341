import { ReceiveCounter } from './ciphering.js';

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

/** A guard that lasts as long as the process. */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #lowest: Map<string, number>;

  /** @param start what was kept from before: the lowest counter acceptable of each entry. */
  constructor(start: Iterable<readonly [string, number]> = []) {
    this.#lowest = new Map(start);
  }

  lowest(entry: string): number {
    return this.#lowest.get(entry) ?? 0;
  }

  accept(entry: string, counter: number): void {
    const received = new ReceiveCounter(this.lowest(entry));
    received.accept(counter);
    this.#lowest.set(entry, received.lowest);
  }

  /**
   * Makes as if nothing had been received under an entry: what was recorded of that sender can be played again then. For a meter that lost its
   * counter, and when a person says so.
   * @returns whether there was one.
   */
  forget(entry: string): boolean {
    return this.#lowest.delete(entry);
  }
}
