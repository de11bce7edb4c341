import type { GatewayAddress, GatewayApdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { gatewayText } from '../apdu/gateway.js';
import { APDU_TAGS } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import type { Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';
import { HeaderLink } from './gateway-header.js';

/** The meters that a gateway reaches by the header of their requests. */
export interface Behind {
  /** The network behind the gateway, 0 to 255. */
  readonly networkId: number;
  /** The server address that stands for the meter on this side of the gateway; undefined where there is no such meter. */
  serverOf(physicalDeviceAddress: Uint8Array): number | undefined;
}

/** How the last request of a client to a meter came. */
interface WayBack {
  /** The address of the gateway itself, to which the request went. */
  readonly server: number;
  readonly meter: GatewayAddress;
}

/** The most pairs of client and meter that are remembered; both may be made up. */
const MOST_WAYS = 4096;

/**
 * The gateway's side of a link. A request with a header becomes one to the server address of its meter, and what goes back to that client from
 * there gets the header of a response. What comes without a header passes unchanged.
 */
export class GatewayStationLink extends HeaderLink {
  readonly #behind: Behind;
  readonly #ways = new Map<string, WayBack>();

  constructor(inner: Link, behind: Behind) {
    super(inner);
    this.#behind = behind;
  }

  send(payload: Uint8Array, now: Millis, options?: SendOptions): void {
    const way = this.#wayOf(options);
    if (way === undefined) {
      this.inner.send(payload, now, options);
      return;
    }
    const apdu = encodeApdu({ type: 'gateway-response', ...way.meter, apdu: payload });
    this.inner.send(apdu, now, { ...options, server: way.server });
  }

  unanswered(now: Millis, options: SendOptions): void {
    const way = this.#wayOf(options);
    this.inner.unanswered?.(now, way === undefined ? options : { ...options, server: way.server });
  }

  #wayOf({ client, server }: SendOptions = {}): WayBack | undefined {
    return this.#ways.get(`${client} ${server}`);
  }

  protected hasHeader({ bytes }: PayloadEvent): boolean {
    return bytes[0] === APDU_TAGS['gateway-request'];
  }

  protected withoutHeader(event: PayloadEvent): LinkEvent {
    this.#ways.delete(`${event.client} ${event.server}`);
    return event;
  }

  protected withHeader(event: PayloadEvent, { apdu, networkId, physicalDeviceAddress }: GatewayApdu): LinkEvent {
    const meter = { networkId, physicalDeviceAddress };
    const known = networkId === this.#behind.networkId;
    const server = known ? this.#behind.serverOf(physicalDeviceAddress) : undefined;
    if (server === undefined) {
      const reason = `there is no meter ${gatewayText(meter)} behind this gateway`;
      return { type: 'discarded', bytes: event.bytes, reason };
    }
    this.#remember(`${event.client} ${server}`, { server: event.server, meter });
    return { ...event, bytes: apdu, server };
  }

  #remember(pair: string, way: WayBack): void {
    this.#ways.delete(pair);
    this.#ways.set(pair, way);
    const [oldest] = this.#ways.keys();
    if (this.#ways.size > MOST_WAYS && oldest !== undefined) this.#ways.delete(oldest);
  }
}
