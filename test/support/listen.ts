import type { Transport } from '../../src/contracts/transport.js';

/** What a transport tells its owner, to be waited for: no test sleeps. */
export class Listening {
  readonly octets: number[] = [];
  readonly chunks: Uint8Array[] = [];
  /** Resolves with the error of `closed`, if any. */
  readonly closed: Promise<Error | undefined>;
  closings = 0;
  #count = Number.POSITIVE_INFINITY;
  #enough: (() => void) | undefined;
  #close: ((error: Error | undefined) => void) | undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  data(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.octets.push(...chunk);
    if (this.octets.length >= this.#count) this.#enough?.();
  }

  closedNow(error?: Error): void {
    this.closings++;
    this.#close?.(error);
  }

  /** The octets heard so far, once there are n of them. */
  async heard(n: number): Promise<number[]> {
    if (this.octets.length < n) {
      await new Promise<void>((resolve) => {
        this.#count = n;
        this.#enough = resolve;
      });
    }
    return this.octets;
  }
}

/** Opens a transport and listens to it. */
export async function listening(transport: Transport): Promise<Listening> {
  const listener = new Listening();
  await transport.open({
    data: (chunk) => listener.data(chunk),
    closed: (error) => listener.closedNow(error),
  });
  return listener;
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
