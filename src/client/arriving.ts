import { onAbort } from '../base/abort.js';
import { awaited } from './caller.js';
import { Stream } from './stream.js';

/**
 * Things that come one after the other: all of them by `await`, or each as it comes by `for await`, written where the call is. Leaving the
 * loop early ends what is under way.
 */
export interface Arriving<T> extends Promise<T[]>, AsyncIterable<T> {}

/**
 * @param whole gets all of them.
 * @param each tells of each as it comes, until the signal aborts.
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

  /** Begins in the next turn: until then it shows whether a loop asks for it. */
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
    // Its error comes out of the loop.
    this.#ended = promise.then(
      () => stream.end(),
      (error: unknown) => stream.end(error),
    );
    return {
      next: () => awaited(stream.next()),
      return: async () => {
        const step = await stream.return();
        await this.#ended;
        return step;
      },
    };
  }
}

/** Those that are asked for when they have begun to come. */
async function* later<T>(promise: Promise<T[]>): AsyncGenerator<T, void, undefined> {
  yield* await promise;
}
