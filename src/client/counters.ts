import { AssociationError, DecodeError } from '../base/errors.js';
import { withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { PreparedCounters } from './ahead-counters.js';

/**
 * How we adopt an invocation counter that a meter publishes, or names in a refusal.
 *
 * Such a number is not proved: anybody on the line can send any number. Two things must be prevented.
 * - A counter that is used twice under one key exposes what it protects (AES-GCM). So each counter of an attempt is reserved durably before
 *   it is sent (`CounterStore.reserve`), whatever becomes of the attempt.
 * - A number near the end would use up the key: a meter accepts any higher counter, and the forged one becomes its last. So the counter
 *   rises by at most {@link LARGEST_COUNTER_STEP} from what the store knew when the meter was opened, however often it is refused in
 *   between, and never above {@link HIGHEST_UNASKED_COUNTER}. Whatever is forged, for however long, half of the key's life is left. Larger
 *   steps need the decision of a person (`counterStep`, `CounterStore.raise`, `cosem keys raise`).
 *
 * The store itself only moves when an association was opened with the counter, and the meter's answer was authenticated or its half of HLS
 * succeeded. A forged number therefore costs only the counters that were sent because of it, and not the ones below. An association without
 * HLS may be a replayed recording, which proves little by itself; the limits apply all the same.
 */

/** The largest step without a person's decision: two years of a counter that follows the seconds, as some tools in India use. */
export const LARGEST_COUNTER_STEP = 0x0400_0000;
/** The highest counter without a person's decision: half of a key's life, and the time in seconds until the year 2038. */
export const HIGHEST_UNASKED_COUNTER = 0x7fff_ffff;
/** When a store has given out fewer counters of a key than this, others have probably used the key, and a step of any size may be right. */
export const KNOWN_COUNTERS = 1024;
/** The last counter of a key: 0xFFFFFFFF is never sent. */
export const LAST_COUNTER = 0xffff_fffe;
/** How many counters are reserved for an attempt: AARQ, GMAC, pass 3, and some for a release. */
const ATTEMPT = 8;

/** The highest counter that we adopt when the store has reached this one. */
export function counterLimit(known: number, step: number | undefined): number {
  if (step !== undefined) return Math.min(known + step, LAST_COUNTER);
  return known < KNOWN_COUNTERS
    ? HIGHEST_UNASKED_COUNTER
    : Math.min(known + LARGEST_COUNTER_STEP, HIGHEST_UNASKED_COUNTER);
}

/** Why a counter is not adopted, and what a person may do; undefined where it may be adopted. */
export function counterStepRefusal(
  wanted: number | bigint,
  known: number,
  limit: number,
): AssociationError | undefined {
  if (wanted <= limit) return undefined;
  const what = `the meter wants an invocation counter of at least ${wanted}, ours is ${known}`;
  if (wanted > LAST_COUNTER) {
    return new AssociationError(`${what}: that is more than a key has`, {
      diagnostic: 'invocation-counter-error',
      hint: 'either the key is at the end of its life and must be changed, or somebody forged the answer, which is not protected',
    });
  }
  return new AssociationError(
    `${what}: so large a step is not made without being asked for, because the meter's number is not proved`,
    {
      diagnostic: 'invocation-counter-error',
      hint: `if others use this key it may be right: cosem keys raise ${wanted} accepts it, and so does a larger --counter-step (counterStep)`,
    },
  );
}

/**
 * The counter in an object of class 1, in any integer type.
 * @throws DecodeError when it is not a counter.
 */
export function counterOf(value: Data, target: string): number | bigint {
  if ('value' in value && INTEGERS.has(value.type)) {
    const counter = value.value as number | bigint;
    if (counter >= 0) return counter;
  }
  const shown = INTEGERS.has(value.type) ? 'a negative number' : withArticle(value.type);
  throw new DecodeError('bad-value', `${target} holds ${shown}, which is not an invocation counter`, -1, {
    hint: 'name the right object: in India 0.0.43.1.2.255 for client 32 and 0.0.43.1.3.255 for client 48, elsewhere often 0.0.43.1.0.255',
  });
}

const INTEGERS: ReadonlySet<string> = new Set<Data['type']>([
  ...(['integer', 'long', 'double-long', 'long64'] as const),
  ...(['unsigned', 'long-unsigned', 'double-long-unsigned', 'long64-unsigned'] as const),
]);

/** A counter store for an attempt with a counter that is not proved. After {@link settle} it passes everything to the store itself. */
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
    // A store that cannot reserve counters must itself move, so that none is sent twice.
    store.raise(entry, atLeast);
    this.#settled = true;
  }

  /** What must be awaited before the store is used. */
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

  /** Called when an association was opened with the counter: the store continues above it. */
  settle(): void {
    if (this.#settled) return;
    this.#store.raise(this.#entry, this.#next);
    this.#settled = true;
  }
}

/** The function that says whether a store must be awaited; undefined where it never must. */
export function readyOf(counters: CounterStore | undefined): PreparedCounters['ready'] | undefined {
  if (counters === undefined || !('ready' in counters)) return undefined;
  const prepared = counters as PreparedCounters;
  return () => prepared.ready();
}
