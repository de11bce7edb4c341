import { type MeterPlace, placeOf } from '../place.js';
import type { AttachOptions } from '../serve.js';
import { ADDRESSES, type GatewayOptions } from './addresses.js';

interface Served {
  /** Counts lines, so that of two the later one is known. */
  readonly turn: number;
}

interface ServedGateway extends Served {
  readonly framing: GatewayOptions['framing'];
  readonly from: number;
  readonly count: number;
  readonly first: number;
}

/** Where the meters of a fleet are: each on the line that was served last. */
export class Places {
  readonly #own = new Map<number, Served & { readonly place: MeterPlace }>();
  /** One for each kind of gateway: a gateway is served anew for each connection. */
  readonly #gateways = new Map<string, ServedGateway>();
  #turn = 0;

  /** A meter has a line of its own. */
  attached(index: number, options: AttachOptions): void {
    this.#own.set(index, { place: placeOf(options), turn: this.#turn++ });
  }

  /** Meters are behind a gateway. */
  gateway({ framing, from = 0, count = Number.POSITIVE_INFINITY, first }: GatewayOptions): void {
    const gateway = { framing, from, count, first: first ?? ADDRESSES[framing].first };
    this.#gateways.set(Object.values(gateway).join(), { ...gateway, turn: this.#turn++ });
  }

  /** Where a meter is; undefined where no line reaches it yet. */
  of(index: number): MeterPlace | undefined {
    const own = this.#own.get(index);
    let last: ServedGateway | undefined;
    for (const gateway of this.#gateways.values()) {
      const { from, count, turn } = gateway;
      if (index >= from && index < from + count && turn > (last ?? own ?? NEVER).turn) last = gateway;
    }
    if (last === undefined) return own?.place;
    const address = last.first + index - last.from;
    return { framing: last.framing, ...(last.framing === 'hdlc' ? { serverLower: address } : { server: address }) };
  }
}

const NEVER: Served = { turn: -1 };
