import type { MeterStore } from '../../src/contracts/meter-store.js';

const NOTHING: ReadonlyMap<string, string> = new Map();

/** A store in memory, which lasts as long as the process: for tests, and for fleets that need not survive a restart. */
export class MemoryMeterStore implements MeterStore {
  readonly #meters = new Map<string, Map<string, string>>();

  /** How many meters have saved something. */
  get size(): number {
    return this.#meters.size;
  }

  load(meter: string): ReadonlyMap<string, string> {
    return this.#meters.get(meter) ?? NOTHING;
  }

  save(meter: string, texts: ReadonlyMap<string, string>): void {
    const kept = this.#meters.get(meter);
    if (kept === undefined) this.#meters.set(meter, new Map(texts));
    else for (const [name, text] of texts) kept.set(name, text);
  }
}
