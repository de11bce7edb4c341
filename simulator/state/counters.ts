import type { ServerSecurity } from '../../src/contracts/association.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import { keptNumber } from './damaged.js';

type Counters = ServerSecurity['counters'];

const PREFIX = 'counter ';
/** How many counters one write reserves; at most as many are skipped when the process is killed. */
const BLOCK = 256;

/**
 * Sending invocation counters that never repeat: a block of them is stored as used before the first of it is used. The rest of a block is
 * skipped when the process is killed.
 */
export class StoredCounters implements Counters {
  readonly #counters: Counters;
  readonly #store: MeterStore;
  readonly #meter: string;
  /** By entry: the end of what is reserved. */
  readonly #reserved = new Map<string, number>();

  /**
   * @param counters the counters in memory.
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

  /** Stores the exact counters, so that nothing is skipped. Called when the meter is put away. */
  release(): void {
    for (const entry of this.#reserved.keys()) this.#reserve(entry, this.#counters.peek(entry));
    this.#reserved.clear();
  }

  #reserve(entry: string, end: number): void {
    this.#store.save(this.#meter, new Map([[PREFIX + entry, String(end)]]));
    this.#reserved.set(entry, end);
  }
}
