import type { MeterStore } from '../../src/contracts/meter-store.js';
import { damaged } from './damaged.js';
import { decodeState, encodeState, type Parts } from './parts.js';

/** The names of parts in the store begin with this. */
const PREFIX = 'part ';

/** Saves the parts of one meter in a store and restores them. Only parts that changed since they were last written are written. */
export class Keeper {
  readonly #parts: Parts;
  readonly #store: MeterStore;
  readonly #meter: string;
  /** The text in the store, by part. */
  readonly #written = new Map<string, string>();

  constructor(parts: Parts, store: MeterStore, meter: string) {
    this.#parts = parts;
    this.#store = store;
    this.#meter = meter;
  }

  /** Restores what was saved, if anything was. @throws StateError when it is damaged. */
  restore(): void {
    const saved = new Map<string, unknown>();
    for (const [name, text] of this.#store.load(this.#meter)) {
      if (!name.startsWith(PREFIX)) continue;
      const part = name.slice(PREFIX.length);
      this.#written.set(part, text);
      saved.set(
        part,
        this.#whole(part, () => decodeState(text)),
      );
    }
    this.#parts.load(saved, (part, load) => this.#whole(part, load));
  }

  /** Parts fail in different ways on damaged state; whoever opens the meter gets one kind of error. */
  #whole<T>(part: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw damaged(this.#meter, part, cause);
    }
  }

  /** Stores all parts if one of them was changed from outside. After a failure it tries again the next time. */
  settle(): void {
    if (!this.#parts.takeChanged()) return;
    try {
      this.#write(this.#parts.save());
    } catch (error) {
      this.#parts.changed();
      throw error;
    }
  }

  /** Stores one part that is independent of all others. */
  settlePart(name: string): void {
    this.#write(new Map([[name, this.#parts.savePart(name)]]));
  }

  #write(states: ReadonlyMap<string, unknown>): void {
    const texts = new Map<string, string>();
    for (const [name, state] of states) {
      const text = encodeState(state);
      if (text !== this.#written.get(name)) texts.set(name, text);
    }
    if (texts.size === 0) return;
    this.#store.save(this.#meter, new Map([...texts].map(([name, text]) => [PREFIX + name, text])));
    for (const [name, text] of texts) this.#written.set(name, text);
  }
}
