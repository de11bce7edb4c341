import { SecurityError, StateError } from '../base/errors.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { counterEntryOf, type SecurityOptions } from './options.js';

/** A store that must be waited for, now and then, before it is asked. */
export interface PreparedCounters extends CounterStore {
  /** Undefined where there are counters enough for what comes next; else what is to be waited for. @throws what keeps them from being had. */
  ready(): Promise<void> | undefined;
}

/** Taken at once; as many are lost at most when the process ends. */
const BLOCK = 32;
/** More are taken meanwhile when so few are left. */
const FEW = 16;
/** No step of a procedure uses more. */
const NEEDED = 4;
/** 0xFFFFFFFF is never sent. */
const END = 0xffff_ffff;

/** Counters that were taken and not used: `next` up to, not including, `end`. */
interface Span {
  next: number;
  readonly end: number;
}

/**
 * Counters of a store that answers later, taken in blocks ahead: whoever sends waits for {@link ready} before, and none is given out that was
 * not made durable.
 */
export class AheadCounters implements PreparedCounters {
  readonly #store: AsyncCounterStore;
  readonly #entry: string;
  /** In rising order. */
  #spans: Span[] = [];
  #known = 1;
  /** Counters below it are not given out any more. */
  #floor = 0;
  #taking: Promise<void> | undefined;
  readonly received?: NonNullable<AsyncCounterStore['received']>;

  /** @param entry the only one that is asked for. */
  constructor(store: AsyncCounterStore, entry: string) {
    this.#store = store;
    this.#entry = entry;
    if (store.received !== undefined) this.received = store.received;
  }

  /** Looks how far the store is. */
  async look(): Promise<void> {
    this.#known = checked(await this.#store.peek(this.#entry));
    // Others took some meanwhile: a meter that they spoke to wants ours above.
    if (this.#known > (this.#spans.at(-1)?.end ?? 0)) this.#floor = Math.max(this.#floor, this.#known);
  }

  ready(): Promise<void> | undefined {
    const left = this.#left();
    if (left >= FEW) return undefined;
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    if (left < NEEDED) return this.#taking;
    // Whoever runs out meanwhile is told.
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

/** What a store of the caller's gives. */
function checked(counter: number): number {
  if (Number.isSafeInteger(counter) && counter >= 0 && counter <= END) return counter;
  throw new StateError('the counter store gave what is no invocation counter', {
    hint: 'a number, and no text or bigint',
  });
}

function exhausted(): SecurityError {
  return new SecurityError('counter-exhausted', 'the invocation counter of this key has reached its end', {
    hint: 'transfer a new key to the meter: under the old one no message can be protected safely any more',
  });
}

/** Those that answer later are taken ahead. */
export function countersOf(security: SecurityOptions, crypto: CryptoProvider): CounterStore | undefined {
  const { counters } = security;
  return isAsync(counters) ? new AheadCounters(counters, counterEntryOf(crypto, security)) : counters;
}

/** Whether a store answers later. */
function isAsync(store: CounterStore | AsyncCounterStore | undefined): store is AsyncCounterStore {
  return store !== undefined && 'take' in store;
}
