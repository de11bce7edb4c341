import type { GatewayAddress, GatewayApdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { checkGatewayAddress, gatewayText, isGatewayTag } from '../apdu/gateway.js';
import type { Millis } from '../base/clock.js';
import type { Remark } from '../base/remark.js';
import type { Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';
import { HeaderLink } from './gateway-header.js';

const WITHOUT: Remark = {
  code: 'gateway-header',
  text: 'the gateway leaves out its header before what the meter answers',
  weight: 'note',
};

/**
 * A link to one meter behind a gateway: what is sent gets the header with the address of the meter, what comes loses it (IEC 62056-5-3 Annex C).
 * What comes from another meter behind the same gateway is discarded with that reason.
 */
export class GatewayLink extends HeaderLink {
  readonly #address: GatewayAddress;
  readonly #sent: GatewayApdu['type'];

  /**
   * @param sent the header of what is sent: a client writes that of a request, a meter or its gateway that of a response.
   * @throws StateError for an address that no header can have.
   */
  constructor(inner: Link, address: GatewayAddress, sent: GatewayApdu['type'] = 'gateway-request') {
    super(inner);
    checkGatewayAddress(address);
    this.#address = address;
    this.#sent = sent;
  }

  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    const { networkId, physicalDeviceAddress } = this.#address;
    const behind = encodeApdu({ type: this.#sent, networkId, physicalDeviceAddress, apdu: payload });
    this.inner.send(behind, now, options);
  }

  awaitMore(now: Millis): void {
    this.inner.awaitMore?.(now);
  }

  unanswered(now: Millis, options: SendOptions): void {
    this.inner.unanswered?.(now, options);
  }

  protected hasHeader({ bytes }: PayloadEvent): boolean {
    return isGatewayTag(bytes[0]);
  }

  protected withoutHeader(event: PayloadEvent): LinkEvent {
    return { remark: WITHOUT, ...event };
  }

  protected withHeader(event: PayloadEvent, { apdu, ...sender }: GatewayApdu): LinkEvent {
    if (gatewayText(sender) === gatewayText(this.#address)) return { ...event, bytes: apdu };
    const reason = `of another meter behind the gateway, ${gatewayText(sender)}`;
    return { type: 'discarded', bytes: event.bytes, reason };
  }
}
