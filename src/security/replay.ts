import type { ReplayGuard } from '../contracts/replay-guard.js';
import { ReceiveCounter } from './ciphering.js';

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
