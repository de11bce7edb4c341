import { SecurityError, StateError } from '../base/errors.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { SecurityOptions } from './options.js';
import { counterEntryOf } from './security-options.js';

/** A counter store that must be awaited from time to time before it is used. */
export interface PreparedCounters extends CounterStore {
  /** Undefined where there are enough counters for the next step; else a promise to wait for. @throws what prevents getting counters. */
  ready(): Promise<void> | undefined;
}

/** How many counters are taken at a time; at most as many are skipped when the process ends. */
const BLOCK = 32;
/** When only this many are left, more are taken in the background. */
const FEW = 16;
/** A step of a procedure uses at most this many. */
const NEEDED = 4;
/** 0xFFFFFFFF is never sent. */
const END = 0xffff_ffff;

/** Counters that were taken and not used: `next` up to, not including, `end`. */
interface Span {
  next: number;
  readonly end: number;
}

/**
 * Counters of an asynchronous store, taken in blocks ahead. Before each step the driver waits for {@link ready}. A counter is only given
 * out after it was made durable.
 */
export class AheadCounters implements PreparedCounters {
  readonly #store: AsyncCounterStore;
  readonly #entry: string;
  /** Blocks in rising order. */
  #spans: Span[] = [];
  #known = 1;
  /** Counters below this are no longer given out. */
  #floor = 0;
  #taking: Promise<void> | undefined;

  /** @param entry the only entry that is used. */
  constructor(store: AsyncCounterStore, entry: string) {
    this.#store = store;
    this.#entry = entry;
  }

  /** Reads how far the store has counted. */
  async look(): Promise<void> {
    this.#known = checked(await this.#store.peek(this.#entry));
    // Others have taken counters meanwhile. A meter that they spoke to only accepts higher ones from us.
    if (this.#known > (this.#spans.at(-1)?.end ?? 0)) this.#floor = Math.max(this.#floor, this.#known);
  }

  ready(): Promise<void> | undefined {
    const left = this.#left();
    if (left >= FEW) return undefined;
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    if (left < NEEDED) return this.#taking;
    // Callers that run out of counters meanwhile get the error.
    this.#taking.catch(() => undefined);
    return undefined;
  }

  next(entry: string): number {
    this.#check(entry);
    this.#skip();
    const [span] = this.#spans;
    if (span === undefined) throw new StateError('no invocation counter was taken from the store in time');
    return span.next++;
  }

  peek(entry: string): number {
    this.#check(entry);
    this.#skip();
    return this.#spans[0]?.next ?? Math.max(this.#floor, this.#known);
  }

  raise(entry: string, atLeast: number): void {
    this.#check(entry);
    this.#floor = Math.max(this.#floor, atLeast);
  }

  async #take(): Promise<void> {
    const last = this.#spans.at(-1)?.end ?? 0;
    const atLeast = Math.max(this.#floor, last);
    if (atLeast + BLOCK > END) throw exhausted();
    const first = checked(await this.#store.take(this.#entry, atLeast, BLOCK));
    if (first + BLOCK > END) throw exhausted();
    if (first < Math.max(atLeast, this.#known)) {
      throw new StateError(`the counter store gave ${first}, which is below ${Math.max(atLeast, this.#known)}`, {
        hint: 'what take() gives must lie above all that it gave before, also to others',
      });
    }
    this.#known = first + BLOCK;
    this.#spans.push({ next: first, end: first + BLOCK });
  }

  #left(): number {
    this.#skip();
    return this.#spans.reduce((sum, { next, end }) => sum + end - next, 0);
  }

  #skip(): void {
    for (const span of this.#spans) span.next = Math.max(span.next, Math.min(this.#floor, span.end));
    this.#spans = this.#spans.filter(({ next, end }) => next < end);
  }

  #check(entry: string): void {
    if (entry !== this.#entry) throw new StateError('counters of another entry than were taken');
  }
}

/** Checks what the caller's store gives. */
function checked(counter: number): number {
  if (Number.isSafeInteger(counter) && counter >= 0 && counter <= END) return counter;
  throw new StateError('the counter store gave something that is not an invocation counter', {
    hint: 'take() must give a number, not text or a bigint',
  });
}

function exhausted(): SecurityError {
  return new SecurityError('counter-exhausted', 'the invocation counter of this key has reached its end', {
    hint: 'transfer a new key to the meter: under the old one no message can be protected safely any more',
  });
}

/** The counter store of the options, for what we send; asynchronous ones are wrapped. */
export function countersOf(
  security: SecurityOptions,
  crypto: CryptoProvider,
): Omit<CounterStore, 'received'> | undefined {
  const { counters } = security;
  return isAsync(counters) ? new AheadCounters(counters, counterEntryOf(crypto, security)) : counters;
}

/** Whether a store is asynchronous. */
function isAsync(store: SecurityOptions['counters']): store is AsyncCounterStore {
  return store !== undefined && 'take' in store;
}
