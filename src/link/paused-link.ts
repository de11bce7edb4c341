import type { Millis } from '../base/clock.js';
import type { Link, LinkEvent, SendOptions } from './link.js';

/**
 * A link that lets the line be silent for a while before it speaks again: some meters, and some adapters between two wires, are deaf so long
 * after their own last octet.
 */
export class PausedLink implements Link {
  readonly #inner: Link;
  readonly #pause: Millis;
  #now: Millis = 0;
  /** When the line may be spoken on again. */
  #free: Millis = Number.NEGATIVE_INFINITY;
  #held: Uint8Array | undefined;

  constructor(inner: Link, pause: Millis) {
    this.#inner = inner;
    this.#pause = pause;
  }

  connect(now: Millis): void {
    this.#now = now;
    this.#inner.connect(now);
  }

  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    this.#now = now;
    this.#inner.send(payload, now, options);
  }

  awaitMore(now: Millis): void {
    this.#now = now;
    this.#inner.awaitMore?.(now);
  }

  disconnect(now: Millis): void {
    this.#now = now;
    this.#inner.disconnect(now);
  }

  receive(chunk: Uint8Array, now: Millis): void {
    this.#now = now;
    if (chunk.length > 0) this.#free = now + this.#pause;
    this.#inner.receive(chunk, now);
  }

  handleTimeout(now: Millis): void {
    this.#now = now;
    const due = this.#inner.pollTimeout();
    if (due !== undefined && due <= now) this.#inner.handleTimeout(now);
  }

  pollTimeout(): Millis | undefined {
    const due = this.#inner.pollTimeout();
    return this.#held === undefined ? due : Math.min(this.#free, due ?? this.#free);
  }

  pollTransmit(): Uint8Array | undefined {
    this.#held ??= this.#inner.pollTransmit();
    if (this.#held === undefined || this.#now < this.#free) return undefined;
    const frame = this.#held;
    this.#held = undefined;
    return frame;
  }

  pollEvent(): LinkEvent | undefined {
    return this.#inner.pollEvent();
  }
}
