import { onAbort } from '../base/abort.js';
import { given } from '../base/given.js';

/** Options of a {@link Stream}. */
export interface StreamParts<T = unknown> {
  /** How many values may wait for the reader; the oldest are dropped first. No limit by default. */
  readonly most?: number;
  /** The weight of a value, for the limit on the total weight of waiting values; the oldest are dropped first. */
  readonly weigh?: (value: T) => number;
  readonly heaviest?: number;
  /** Called for each value that was dropped unread. */
  readonly onDrop?: (value: T) => void;
  /** Ends it with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the stream ends, also when the reader leaves early. */
  readonly onEnd?: () => void | Promise<void>;
}

interface Reader<T> {
  readonly resolve: (step: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** A stream of values for one `for await`. Leaving the loop ends the stream. */
export class Stream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: T[] = [];
  readonly #most: number;
  readonly #weigh: (value: T) => number;
  readonly #heaviest: number;
  #weight = 0;
  readonly #onDrop: ((value: T) => void) | undefined;
  /** Readers that are waiting for a value, in order. */
  readonly #readers: Reader<T>[] = [];
  #ended: { readonly error?: unknown } | undefined;
  #leaving: Promise<void> | undefined;
  readonly #onEnd: StreamParts['onEnd'];
  readonly #off: (() => void) | undefined;

  constructor(parts: StreamParts<T> = {}) {
    const { most = Number.POSITIVE_INFINITY, heaviest = Number.POSITIVE_INFINITY, weigh = () => 0 } = parts;
    const { onDrop, signal, onEnd } = parts;
    this.#most = most;
    this.#weigh = weigh;
    this.#heaviest = heaviest;
    this.#onDrop = onDrop;
    this.#onEnd = onEnd;
    if (signal === undefined) return;
    this.#off = onAbort(signal, () => this.end(signal.reason));
    if (signal.aborted) this.end(signal.reason);
  }

  /** Whether nothing follows. Waiting values can still be read. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  push(value: T): void {
    if (this.#ended !== undefined) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value });
      return;
    }
    this.#waiting.push(value);
    this.#weight += this.#weigh(value);
    // A single value is never dropped for its weight.
    while (this.#waiting.length > 1 && (this.#waiting.length > this.#most || this.#weight > this.#heaviest)) {
      const oldest = this.#take();
      this.#onDrop?.(oldest);
    }
  }

  /** Ends the stream; waiting values can still be read. With an error, that is thrown after them. */
  end(error?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = given({ error });
    this.#off?.();
    const [first, ...others] = this.#readers.splice(0);
    if (error === undefined) first?.resolve(DONE);
    else first?.reject(this.#takeError());
    for (const reader of others) reader.resolve(DONE);
    this.#leaving = Promise.resolve(this.#onEnd?.());
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#waiting.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ended === undefined) {
      return new Promise((resolve, reject) => {
        this.#readers.push({ resolve, reject });
      });
    }
    const { error } = this.#ended;
    if (error === undefined) return Promise.resolve(DONE);
    return Promise.reject(this.#takeError());
  }

  async return(): Promise<IteratorResult<T>> {
    this.#waiting.length = 0;
    this.end();
    await this.#leaving;
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): T {
    const value = this.#waiting.shift() as T;
    this.#weight -= this.#weigh(value);
    return value;
  }

  /** An error is thrown once; after that the stream is just over. */
  #takeError(): unknown {
    const error = this.#ended?.error;
    this.#ended = {};
    return error;
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
