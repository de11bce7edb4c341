import type { ReplayGuard } from '../contracts/replay-guard.js';
import { ReceiveCounter } from './ciphering.js';

/** A guard in memory, which lasts as long as the process. */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #lowest: Map<string, number>;

  /** @param start the lowest acceptable counter of each entry, from earlier. */
  constructor(start: Iterable<readonly [string, number]> = []) {
    this.#lowest = new Map(start);
  }

  /** As {@link ReplayGuard.lowest}. */
  lowest(entry: string): number {
    return this.#lowest.get(entry) ?? 0;
  }

  /** As {@link ReplayGuard.accept}. @throws SecurityError `replay`. */
  accept(entry: string, counter: number): void {
    const received = new ReceiveCounter(this.lowest(entry));
    received.accept(counter);
    this.#lowest.set(entry, received.lowest);
  }

  /**
   * Forgets an entry, as if nothing had been received: recordings of that sender can then be played back. Only for a meter that has lost its counter,
   * and only when a person asks for it.
   * @returns whether there was such an entry.
   */
  forget(entry: string): boolean {
    return this.#lowest.delete(entry);
  }
}
