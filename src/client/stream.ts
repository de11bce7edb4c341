import { onAbort } from '../base/abort.js';

/** How a {@link Stream} is made. */
export interface StreamParts {
  /** So many wait at most for who reads; the oldest go first. No bound unless told. */
  readonly most?: number;
  /** Ends it with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when it ends, also when who reads leaves early. */
  readonly onEnd?: () => void | Promise<void>;
}

/** What comes as it comes, for one `for await`. Leaving the loop ends the stream. */
export class Stream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: T[] = [];
  readonly #most: number;
  #reader:
    | { readonly resolve: (step: IteratorResult<T>) => void; readonly reject: (error: unknown) => void }
    | undefined;
  #ended: { readonly error?: unknown } | undefined;
  #leaving: Promise<void> | undefined;
  readonly #onEnd: StreamParts['onEnd'];
  readonly #off: (() => void) | undefined;

  constructor({ most = Number.POSITIVE_INFINITY, signal, onEnd }: StreamParts = {}) {
    this.#most = most;
    this.#onEnd = onEnd;
    if (signal === undefined) return;
    this.#off = onAbort(signal, () => this.end(signal.reason));
    if (signal.aborted) this.end(signal.reason);
  }

  push(value: T): void {
    if (this.#ended !== undefined) return;
    if (this.#reader !== undefined) {
      this.#reader.resolve({ done: false, value });
      this.#reader = undefined;
      return;
    }
    if (this.#waiting.length >= this.#most) this.#waiting.shift();
    this.#waiting.push(value);
  }

  /** Nothing follows; what waits is still read. With an error that is thrown then. */
  end(error?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = error === undefined ? {} : { error };
    this.#off?.();
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined && error === undefined) reader.resolve(DONE);
    else reader?.reject(this.#takeError());
    this.#leaving = Promise.resolve(this.#onEnd?.());
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#waiting.length > 0) return Promise.resolve({ done: false, value: this.#waiting.shift() as T });
    if (this.#ended === undefined) {
      return new Promise((resolve, reject) => {
        this.#reader = { resolve, reject };
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

  /** An error is thrown once: who asks on is told that it is over. */
  #takeError(): unknown {
    const error = this.#ended?.error;
    this.#ended = {};
    return error;
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
