import type { GatewayAddress, GatewayApdu } from '../apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { checkGatewayAddress, gatewayText, isGatewayTag } from '../apdu/gateway.js';
import type { Millis } from '../base/clock.js';
import { DecodeError } from '../base/errors.js';
import type { Remark } from '../base/remark.js';
import type { Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';

const WITHOUT: Remark = {
  code: 'gateway-header',
  text: 'the gateway leaves out its header before what the meter answers',
  weight: 'note',
};

/**
 * A link to one meter behind a gateway: what is sent gets the header with the address of the meter, what comes loses it (IEC 62056-5-3 Annex C).
 * What comes from another meter behind the same gateway is discarded with that reason.
 */
export class GatewayLink implements Link {
  readonly #inner: Link;
  readonly #address: GatewayAddress;
  readonly #sent: GatewayApdu['type'];

  /**
   * @param sent the header of what is sent: a client writes that of a request, a meter or its gateway that of a response.
   * @throws StateError for an address that no header can have.
   */
  constructor(inner: Link, address: GatewayAddress, sent: GatewayApdu['type'] = 'gateway-request') {
    checkGatewayAddress(address);
    this.#inner = inner;
    this.#address = address;
    this.#sent = sent;
  }

  connect(now: Millis): void {
    this.#inner.connect(now);
  }

  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    const { networkId, physicalDeviceAddress } = this.#address;
    const behind = encodeApdu({ type: this.#sent, networkId, physicalDeviceAddress, apdu: payload });
    this.#inner.send(behind, now, options);
  }

  awaitMore(now: Millis): void {
    this.#inner.awaitMore?.(now);
  }

  unanswered(now: Millis, options: SendOptions): void {
    this.#inner.unanswered?.(now, options);
  }

  disconnect(now: Millis): void {
    this.#inner.disconnect(now);
  }

  receive(chunk: Uint8Array, now: Millis): void {
    this.#inner.receive(chunk, now);
  }

  handleTimeout(now: Millis): void {
    this.#inner.handleTimeout(now);
  }

  pollTimeout(): Millis | undefined {
    return this.#inner.pollTimeout();
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#inner.pollTransmit();
  }

  pollEvent(): LinkEvent | undefined {
    const event = this.#inner.pollEvent();
    return event?.type === 'payload' ? this.#withoutHeader(event) : event;
  }

  pending(): string | undefined {
    return this.#inner.pending?.();
  }

  #withoutHeader(event: PayloadEvent): LinkEvent {
    const { bytes } = event;
    if (!isGatewayTag(bytes[0])) return { remark: WITHOUT, ...event };
    try {
      const { apdu, ...sender } = decodeApdu(bytes) as GatewayApdu;
      if (gatewayText(sender) === gatewayText(this.#address)) return { ...event, bytes: apdu };
      return { type: 'discarded', bytes, reason: `of another meter behind the gateway, ${gatewayText(sender)}` };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { type: 'discarded', bytes, reason: `a gateway header that cannot be read: ${error.message}` };
    }
  }
}
