import type { Millis } from '../base/clock.js';
import { checkOptions } from '../base/known-options.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';

/** Pauses on a line, in milliseconds. */
export interface Pacing {
  /** From the last octet that was received to the first one that is sent. Default 0. */
  readonly turnaround?: Millis | undefined;
  /** From the end of one frame to the beginning of the next in the same burst. Default 0. */
  readonly interFrameDelay?: Millis | undefined;
  /** The time of one octet on the line, from which the end of a frame is computed. Default 0. */
  readonly octetTime?: Millis | undefined;
}

/**
 * A link that pauses before it sends. Some meters, and some two-wire adapters, are deaf for a while after their own last octet, and some meters lose a
 * frame that follows another at once.
 */
export class PacedLink implements Link {
  readonly #inner: Link;
  readonly #turnaround: Millis;
  readonly #interFrameDelay: Millis;
  readonly #octetTime: Millis;
  #now: Millis = 0;
  /** When the next octets may be sent. */
  #free: Millis = Number.NEGATIVE_INFINITY;
  #held: Uint8Array | undefined;

  /** @throws StateError for an unknown option. */
  constructor(inner: Link, pacing: Pacing) {
    checkOptions(pacing, { turnaround: true, interFrameDelay: true, octetTime: true }, 'PacedLink');
    const { turnaround = 0, interFrameDelay = 0, octetTime = 0 } = pacing;
    this.#inner = inner;
    this.#turnaround = turnaround;
    this.#interFrameDelay = interFrameDelay;
    this.#octetTime = octetTime;
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

  unanswered(now: Millis, options: SendOptions): void {
    this.#now = now;
    this.#inner.unanswered?.(now, options);
  }

  disconnect(now: Millis): void {
    this.#now = now;
    this.#inner.disconnect(now);
  }

  receive(chunk: Uint8Array, now: Millis): void {
    this.#now = now;
    if (chunk.length > 0) this.#free = Math.max(this.#free, now + this.#turnaround);
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
    if (this.#interFrameDelay > 0) {
      this.#free = this.#now + frame.length * this.#octetTime + this.#interFrameDelay;
    }
    return frame;
  }

  pollEvent(): LinkEvent | undefined {
    return this.#inner.pollEvent();
  }

  pending(): string | undefined {
    return this.#inner.pending?.();
  }
}
