import { systemClock } from './clock.js';

/** Who listens to events, each by its name and with its own type. A listener that throws keeps no other back, nor who tells. */
export class Listeners<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(event: never) => void>>();
  #ended = false;
  readonly #report: (error: unknown, name: keyof E) => void;

  /** @param report is told what a listener threw. Unless given it is thrown in a turn of its own, as platforms do for their own events. */
  constructor(report: (error: unknown, name: keyof E) => void = uncaught) {
    this.#report = report;
  }

  /**
   * One that comes after the end is told of nothing, and not kept.
   * @returns what takes it back.
   */
  on<K extends keyof E>(name: K, listener: (event: E[K]) => void): () => void {
    if (this.#ended) return () => {};
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all);
    // The same function may listen twice, and each goes by itself.
    const entry = (event: E[K]) => listener(event);
    all.add(entry);
    return () => void all.delete(entry);
  }

  emit<K extends keyof E>(name: K, event: E[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: E[K]) => void)(event);
      } catch (error) {
        this.#report(error, name);
      }
    }
  }

  /** Nobody is told of anything any more. */
  end(): void {
    this.#ended = true;
    this.#listeners.clear();
  }
}

/** An error of the caller's own that nobody awaits: neither swallowed nor thrown into what was under way. */
export function uncaught(error: unknown): void {
  systemClock.at(0, () => {
    throw error;
  });
}
