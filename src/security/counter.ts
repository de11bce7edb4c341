import { SecurityError } from '../base/errors.js';

/**
 * Where invocation counters for sending come from. A counter never comes twice for the same key, whatever crashes: a store that
 * survives a restart makes the value durable before it hands it out. Entries are told apart by a text such as
 * `4D4D4D0000BC614E/meter-1/guek`: system title and a name for the key, never the key itself.
 */
export interface CounterStore {
  /**
   * The next counter, used up by the asking.
   * @throws SecurityError `counter-exhausted` when 0xFFFFFFFF is reached: a new key is needed.
   * @throws StateError when the store cannot keep its promise (damaged, locked, not writable).
   */
  next(entry: string): number;
  /** What `next` would give, without using it up. */
  peek(entry: string): number;
  /** Makes `next` give at least this: what a meter publishes as the lowest counter it accepts. Never goes back. */
  raise(entry: string, atLeast: number): void;
}

/** The highest invocation counter: it is never used, reaching it ends the life of the key. */
export const LAST_INVOCATION_COUNTER = 0xffffffff;
/** The first counter of a new key. */
export const FIRST_INVOCATION_COUNTER = 1;

/**
 * @internal Asserts that a counter may be used.
 * @throws SecurityError `counter-exhausted`
 */
export function checkCounterLeft(counter: number): void {
  if (counter < LAST_INVOCATION_COUNTER) return;
  throw new SecurityError('counter-exhausted', 'the invocation counter of this key has reached its end', {
    hint: 'transfer a new key to the meter: under the old one no message can be protected safely any more',
  });
}

/** Counters that last as long as the process: for tests, meters of a simulation, dedicated keys. Nothing else should rely on it. */
export class MemoryCounterStore implements CounterStore {
  readonly #next: Map<string, number>;

  /** @param start the next counter of entries that exist already. */
  constructor(start: Readonly<Record<string, number>> = {}) {
    this.#next = new Map(Object.entries(start));
  }

  next(entry: string): number {
    const counter = this.peek(entry);
    checkCounterLeft(counter);
    this.#next.set(entry, counter + 1);
    return counter;
  }

  peek(entry: string): number {
    return this.#next.get(entry) ?? FIRST_INVOCATION_COUNTER;
  }

  raise(entry: string, atLeast: number): void {
    if (atLeast > this.peek(entry)) this.#next.set(entry, atLeast);
  }
}
