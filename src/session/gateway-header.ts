import type { GatewayApdu } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import type { Millis } from '../base/clock.js';
import { DecodeError } from '../base/errors.js';
import type { Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';

/** A link over another one, whose payloads may have the header of a gateway (IEC 62056-5-3 Annex C). */
export abstract class HeaderLink implements Link {
  protected readonly inner: Link;

  constructor(inner: Link) {
    this.inner = inner;
  }

  abstract send(payload: Uint8Array, now: Millis, options?: SendOptions): void;
  abstract unanswered(now: Millis, options: SendOptions): void;

  connect(now: Millis): void {
    this.inner.connect(now);
  }

  disconnect(now: Millis): void {
    this.inner.disconnect(now);
  }

  receive(chunk: Uint8Array, now: Millis): void {
    this.inner.receive(chunk, now);
  }

  handleTimeout(now: Millis): void {
    this.inner.handleTimeout(now);
  }

  pollTimeout(): Millis | undefined {
    return this.inner.pollTimeout();
  }

  pollTransmit(): Uint8Array | undefined {
    return this.inner.pollTransmit();
  }

  pollEvent(): LinkEvent | undefined {
    const event = this.inner.pollEvent();
    if (event?.type !== 'payload') return event;
    return this.hasHeader(event) ? this.#behind(event) : this.withoutHeader(event);
  }

  pending(): string | undefined {
    return this.inner.pending?.();
  }

  /** Whether a payload has the header that is looked for. */
  protected abstract hasHeader(event: PayloadEvent): boolean;
  /** What becomes of a payload without it. */
  protected abstract withoutHeader(event: PayloadEvent): LinkEvent;
  /** What becomes of one with it. */
  protected abstract withHeader(event: PayloadEvent, header: GatewayApdu): LinkEvent;

  #behind(event: PayloadEvent): LinkEvent {
    const { bytes } = event;
    try {
      return this.withHeader(event, decodeApdu(bytes) as GatewayApdu);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { type: 'discarded', bytes, reason: `a gateway header that cannot be read: ${error.message}` };
    }
  }
}
