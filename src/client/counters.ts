import { AssociationError, DecodeError } from '../base/errors.js';
import { withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { PreparedCounters } from './ahead-counters.js';

/**
 * How an invocation counter is taken up that a meter publishes or names in a refusal.
 *
 * Nothing of it is proved: who sits on the line can say any number in the meter's place. Two things must not happen then.
 * - A counter sent twice under one key lays open what it protects (AES-GCM). So each counter of an attempt is set aside durably before
 *   it is sent (`CounterStore.reserve`), whatever becomes of the attempt.
 * - A number near the end would end the key: a meter takes any counter above the last one, and the one that was forged becomes its last.
 *   So no more than {@link LARGEST_COUNTER_STEP} is taken up at once, counted from what the store knew when the meter was opened, however
 *   often it is refused in between, and never more than {@link HIGHEST_UNASKED_COUNTER} in all: whatever is forged, for however long, half of
 *   the key's life is left. More is taken only when a person says so (`counterStep`, `CounterStore.raise`, `cosem keys raise`).
 *
 * The store itself moves only when an association was opened with the counter and the meter's answer carried a tag, or its half of HLS: what was merely forged costs the counters that were sent for
 * it, and not the ones below. An association without HLS may be a recorded one played again, so that this proves little by itself: the bound
 * holds all the same.
 */

/** The largest step taken unasked: two years of a counter that runs with the seconds, as that of some tools in India does. */
export const LARGEST_COUNTER_STEP = 0x0400_0000;
/** No counter above this is taken up unasked: half of a key's life, and the time in seconds until the year 2038. */
export const HIGHEST_UNASKED_COUNTER = 0x7fff_ffff;
/** Of a key of which a store has given fewer, it knows as good as nothing: others have used it, and any step may be right. */
export const KNOWN_COUNTERS = 1024;
/** 0xFFFFFFFF is never sent. */
const LAST_USABLE = 0xffff_fffe;
/** Counters set aside at once for an attempt: AARQ, GMAC, pass 3, and some for a release. */
const ATTEMPT = 8;

/** The highest counter that is taken up, where the store knows this one. */
export function counterLimit(known: number, step: number | undefined): number {
  if (step !== undefined) return Math.min(known + step, LAST_USABLE);
  return known < KNOWN_COUNTERS
    ? HIGHEST_UNASKED_COUNTER
    : Math.min(known + LARGEST_COUNTER_STEP, HIGHEST_UNASKED_COUNTER);
}

/** Why a counter is not taken up, with what a person may do; undefined where it is. */
export function counterStepRefusal(
  wanted: number | bigint,
  known: number,
  limit: number,
): AssociationError | undefined {
  if (wanted <= limit) return undefined;
  const what = `the meter wants an invocation counter of at least ${wanted}, ours is ${known}`;
  if (wanted > LAST_USABLE) {
    return new AssociationError(`${what}: no key has so many`, {
      diagnostic: 'invocation-counter-error',
      hint: 'either the key is at the end of its life and must be changed, or somebody forges the answer: nothing of it is proved',
    });
  }
  return new AssociationError(`${what}: so large a step is not taken unasked, for nothing of it is proved`, {
    diagnostic: 'invocation-counter-error',
    hint: `if others use this key it may be right: cosem keys raise ${wanted} takes it up, and so does a larger --counter-step (counterStep)`,
  });
}

/**
 * The counter in an object of class 1, from whatever integer type holds it.
 * @throws DecodeError when it is none.
 */
export function counterOf(value: Data, target: string): number | bigint {
  if ('value' in value && INTEGERS.has(value.type)) {
    const counter = value.value as number | bigint;
    if (counter >= 0) return counter;
  }
  const shown = INTEGERS.has(value.type) ? 'a negative number' : withArticle(value.type);
  throw new DecodeError('bad-value', `${target} holds ${shown}, which is no invocation counter`, -1, {
    hint: 'name the right object: in India 0.0.43.1.2.255 for client 32 and 0.0.43.1.3.255 for client 48, elsewhere often 0.0.43.1.0.255',
  });
}

const INTEGERS: ReadonlySet<string> = new Set<Data['type']>([
  ...(['integer', 'long', 'double-long', 'long64'] as const),
  ...(['unsigned', 'long-unsigned', 'double-long-unsigned', 'long64-unsigned'] as const),
]);

/** Where meters publish the counter of a client, besides what a companion specification says: 0-0:43.1.0, and 43.1.x for client x. */
export function usualCounterObjects(client: number): readonly string[] {
  return client > 0 && client <= 0xff ? ['0.0.43.1.0.255', `0.0.43.1.${client}.255`] : ['0.0.43.1.0.255'];
}

/** A store as it is used for an attempt with a counter that is not proved; behind it, once {@link settle} was called, the store itself. */
export class AttemptCounters implements PreparedCounters {
  readonly #store: CounterStore;
  readonly #entry: string;
  #next: number;
  #end = 0;
  #settled = false;

  constructor(store: CounterStore, entry: string, atLeast: number) {
    this.#store = store;
    this.#entry = entry;
    this.#next = atLeast;
    if (store.reserve !== undefined) return;
    // It cannot set counters aside: to send none twice it must move.
    store.raise(entry, atLeast);
    this.#settled = true;
  }

  /** What is to be waited for before it is asked. */
  ready(): Promise<void> | undefined {
    return readyOf(this.#store)?.();
  }

  next(entry: string): number {
    if (this.#settled || entry !== this.#entry) return this.#store.next(entry);
    if (this.#next >= this.#end) {
      const first = this.#store.reserve?.(entry, this.#next, ATTEMPT);
      if (first === undefined) return this.#store.next(entry);
      this.#next = first;
      this.#end = first + ATTEMPT;
    }
    return this.#next++;
  }

  peek(entry: string): number {
    return this.#settled || entry !== this.#entry ? this.#store.peek(entry) : this.#next;
  }

  raise(entry: string, atLeast: number): void {
    this.#store.raise(entry, atLeast);
  }

  /** An association was opened with it: the store goes on above it. */
  settle(): void {
    if (this.#settled) return;
    this.#store.raise(this.#entry, this.#next);
    this.#settled = true;
  }
}

/** What tells whether a store must be waited for; undefined where none ever must. */
export function readyOf(counters: CounterStore | undefined): PreparedCounters['ready'] | undefined {
  if (counters === undefined || !('ready' in counters)) return undefined;
  const prepared = counters as PreparedCounters;
  return () => prepared.ready();
}
