import { LinkError, StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/** Options of {@link memoryPair}. */
export interface MemoryPairOptions {
  /**
   * When the other end gets what is written. `microtask` (default): after the present task of the writer, so that nobody is called back
   * from inside a write. `synchronous`: before `write` returns. A write during a delivery waits, so deliveries never nest.
   */
  readonly delivery?: 'microtask' | 'synchronous';
  /** Names of both ends, for people. */
  readonly names?: readonly [string, string];
}

/**
 * Two transports that are connected to each other, without timers and without copies: chunk boundaries are kept.
 * ```ts
 * const [client, server] = memoryPair();
 * ```
 */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  checkOptions(options, { delivery: true, names: true }, 'memoryPair');
  const wire = new Wire(options.delivery ?? 'microtask');
  const [first, second] = options.names ?? ['memory a', 'memory b'];
  const a = new MemoryEnd(first, wire);
  const b = new MemoryEnd(second, wire);
  a.peer = b;
  b.peer = a;
  return [a, b];
}

/** The octets in transit in both directions, in order. */
class Wire {
  readonly #synchronous: boolean;
  readonly #ends: MemoryEnd[] = [];
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #next = 0;
  #running = false;
  readonly #run = () => this.#deliver();

  constructor(delivery: 'microtask' | 'synchronous') {
    this.#synchronous = delivery === 'synchronous';
  }

  /** An undefined chunk stands for the end of the stream. */
  put(to: MemoryEnd, chunk: Uint8Array | undefined): void {
    this.#ends.push(to);
    this.#chunks.push(chunk);
    if (this.#running) return;
    this.#running = true;
    if (this.#synchronous) this.#deliver();
    else queueMicrotask(this.#run);
  }

  #deliver(): void {
    try {
      while (this.#next < this.#ends.length) {
        const end = this.#ends[this.#next] as MemoryEnd;
        const chunk = this.#chunks[this.#next];
        this.#next++;
        if (this.#next === this.#ends.length) this.#clear();
        end.hear(chunk);
      }
      this.#running = false;
    } catch (error) {
      // A handler that throws must not stop the wire. The rest is delivered later, and the writer gets the error.
      this.#running = this.#next < this.#ends.length;
      if (this.#running) queueMicrotask(this.#run);
      throw error;
    }
  }

  #clear(): void {
    this.#ends.length = 0;
    this.#chunks.length = 0;
    this.#next = 0;
  }
}

class MemoryEnd implements Transport {
  readonly name: string;
  peer: MemoryEnd | undefined;
  readonly #wire: Wire;
  #handler: TransportHandler | undefined;
  #closed = false;
  /** What came before the end was opened. */
  #early: (Uint8Array | undefined)[] = [];

  constructor(name: string, wire: Wire) {
    this.name = name;
    this.#wire = wire;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#closed) {
      throw new LinkError('transport', `${this.name} is closed`, { hint: 'a memory pair is used once: make another' });
    }
    if (this.#handler !== undefined) throw new StateError(`${this.name} is open already`);
    this.#handler = handler;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.#wire.put(this, chunk);
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.peer === undefined) return;
    this.#wire.put(this.peer, bytes);
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.peer !== undefined) this.#wire.put(this.peer, undefined);
    this.#handler?.closed();
  }

  hear(chunk: Uint8Array | undefined): void {
    if (this.#closed) return;
    if (this.#handler === undefined) this.#early.push(chunk);
    else if (chunk !== undefined) this.#handler.data(chunk);
    else {
      this.#closed = true;
      this.#handler.closed(new LinkError('transport', `${this.name}: the other end closed`, { hint: 'connect again' }));
    }
  }
}
