import { onAbort } from '../base/abort.js';
import { awaited } from './caller.js';
import { Stream } from './stream.js';

/**
 * Results that arrive one after the other: all of them by `await`, or each as it arrives by `for await` directly on the call. Leaving the
 * loop early ends the work, and so does the signal: the loop then throws its reason.
 */
export interface Arriving<T> extends Promise<T[]>, AsyncIterable<T> {}

/**
 * @param whole gets all results.
 * @param each reports each result as it arrives, until the signal aborts.
 */
export function arriving<T>(
  whole: () => Promise<T[]>,
  each: (tell: (item: T) => void, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Arriving<T> {
  const loop = new Loop<T>(signal);
  const promise = loop.run(whole, each);
  return Object.assign(promise, { [Symbol.asyncIterator]: () => loop.begin(promise) });
}

class Loop<T> {
  readonly #signal: AbortSignal | undefined;
  readonly #leave = new AbortController();
  #stream: Stream<T> | undefined;
  #begun = false;
  #ended: Promise<unknown> | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Starts in the next turn, when it is clear whether a loop is used. */
  async run(
    whole: () => Promise<T[]>,
    each: (tell: (item: T) => void, signal: AbortSignal) => Promise<unknown>,
  ): Promise<T[]> {
    this.#signal?.throwIfAborted();
    await undefined;
    this.#begun = true;
    const stream = this.#stream;
    if (stream === undefined) return await whole();
    const items: T[] = [];
    const off = this.#signal && onAbort(this.#signal, () => this.#leave.abort(this.#signal?.reason));
    try {
      const told = (item: T) => {
        items.push(item);
        stream.push(item);
      };
      if (!this.#leave.signal.aborted) await each(told, this.#leave.signal);
    } finally {
      off?.();
    }
    return items;
  }

  begin(promise: Promise<T[]>): AsyncIterator<T> {
    if (this.#begun || this.#stream !== undefined) return later(promise);
    const stream = new Stream<T>({ onEnd: () => this.#leave.abort() });
    this.#stream = stream;
    // Its error is thrown by the loop.
    this.#ended = promise.then(
      () => stream.end(),
      (error: unknown) => stream.end(error),
    );
    return {
      next: async () => {
        // Also what has arrived is no longer wanted.
        this.#signal?.throwIfAborted();
        return awaited(stream.next());
      },
      return: async () => {
        const step = await stream.return();
        await this.#ended;
        return step;
      },
    };
  }
}

/** The loop over results that have already begun to arrive. */
async function* later<T>(promise: Promise<T[]>): AsyncGenerator<T, void, undefined> {
  yield* await promise;
}
