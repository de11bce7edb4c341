import { systemClock } from './clock.js';

/** Listeners for events, each with a name and a type of its own. When one listener throws, the others and the emitter go on. */
export class Listeners<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(event: never) => void>>();
  #ended = false;
  readonly #report: (error: unknown, name: keyof E) => void;

  /** @param report gets what a listener threw. By default it is thrown in a turn of its own, as platforms do for their own events. */
  constructor(report: (error: unknown, name: keyof E) => void = uncaught) {
    this.#report = report;
  }

  /**
   * Adds a listener. After `end` it is neither kept nor called.
   * @returns a function that removes it.
   */
  on<K extends keyof E>(name: K, listener: (event: E[K]) => void): () => void {
    if (this.#ended) return () => {};
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all);
    // The same function may be added twice; each is removed by itself.
    const entry = (event: E[K]) => listener(event);
    all.add(entry);
    return () => void all.delete(entry);
  }

  /** Calls all listeners of this event, in the order in which they were added. */
  emit<K extends keyof E>(name: K, event: E[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: E[K]) => void)(event);
      } catch (error) {
        this.#report(error, name);
      }
    }
  }

  /** Removes all listeners; no further one is kept or called. */
  end(): void {
    this.#ended = true;
    this.#listeners.clear();
  }
}

/** Throws an error of the caller's own code in a turn of its own: it is not swallowed, and does not break what was under way. */
export function uncaught(error: unknown): void {
  systemClock.at(0, () => {
    throw error;
  });
}
