import type { ServerSecurity } from '../../src/contracts/association.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import { keptNumber } from './damaged.js';

type Counters = ServerSecurity['counters'];

const PREFIX = 'counter ';
/** Counters that one write reserves: as many are skipped at most when the process ends. */
const BLOCK = 256;

/**
 * Invocation counters of a meter's sending that never repeat: a block of them is written down as used before the first of it is. What is
 * left of a block when the process is killed is never used.
 */
export class StoredCounters implements Counters {
  readonly #counters: Counters;
  readonly #store: MeterStore;
  readonly #meter: string;
  /** By entry: from here on nothing is reserved. */
  readonly #reserved = new Map<string, number>();

  /**
   * @param counters count as long as the process lasts.
   * @throws StateError when what is kept is damaged.
   */
  constructor(counters: Counters, store: MeterStore, meter: string) {
    this.#counters = counters;
    this.#store = store;
    this.#meter = meter;
    for (const [name, text] of store.load(meter)) {
      if (!name.startsWith(PREFIX)) continue;
      const entry = name.slice(PREFIX.length);
      counters.raise(entry, keptNumber(text, meter, `the counter ${entry}`));
    }
  }

  next(entry: string): number {
    const next = this.#counters.peek(entry);
    if (next >= (this.#reserved.get(entry) ?? 0)) this.#reserve(entry, next + BLOCK);
    return this.#counters.next(entry);
  }

  peek(entry: string): number {
    return this.#counters.peek(entry);
  }

  raise(entry: string, atLeast: number): void {
    this.#counters.raise(entry, atLeast);
  }

  /** Gives back what was reserved and not used: the meter is put away, not killed. */
  release(): void {
    for (const entry of this.#reserved.keys()) this.#reserve(entry, this.#counters.peek(entry));
    this.#reserved.clear();
  }

  #reserve(entry: string, end: number): void {
    this.#store.save(this.#meter, new Map([[PREFIX + entry, String(end)]]));
    this.#reserved.set(entry, end);
  }
}
