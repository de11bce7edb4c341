import { fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';
import type { Framing } from '../../src/contracts/link.js';
import type { Behind } from '../meter/platform.js';
import type { Answerer, AttachOptions, Served } from '../serve.js';

/** The addresses that meters behind a gateway can have. */
export interface AddressRange {
  /** The lowest address. */
  readonly first: number;
  /** How many addresses there are from the first on. */
  readonly most: number;
}

/** Lower wPorts belong to clients and to a meter's own logical devices; the highest one is the broadcast address. */
const PORTS: AddressRange = { first: 0x100, most: 0xfeff };

/**
 * The addresses of meters behind a gateway, by framing: wPorts in the wrapper, physical addresses in HDLC. In HDLC, lower addresses are
 * reserved and higher ones are CALLING and ALL-STATION (IEC 62056-46, 6.4.4.2).
 */
export const ADDRESSES: Readonly<Record<Exclude<Framing, 'mode-e'>, AddressRange>> = {
  wrapper: PORTS,
  'wrapper-udp': PORTS,
  hdlc: { first: 0x10, most: 0x3fee },
};

/** Options of a gateway: which meters are behind it, and at which addresses. */
export interface GatewayOptions extends Omit<AttachOptions, 'lower' | 'framing'> {
  /** Data link of the line: `hdlc`, `wrapper` or `wrapper-udp`. */
  readonly framing: Exclude<Framing, 'mode-e'>;
  /** Index in the fleet of the first meter behind the gateway. Default 0. */
  readonly from?: number;
  /** How many meters are behind it. By default all meters of the fleet from the first one on, as far as there are addresses. */
  readonly count?: number;
  /**
   * The network id of the headers by which the meters are reached too, 0 to 255. Default 0. The physical device address of a meter in it is its
   * address in decimal digits: `256`.
   */
  readonly networkId?: number;
  /** Address of the first of them. Default 256 in the wrapper, 16 in HDLC. */
  readonly first?: number;
}

/** The meters that a gateway reaches. */
export interface Meters {
  readonly count: number;
  /** What the lines of a meter need to be served. */
  served(index: number): Served;
  /** The part of it that answers. */
  answerer(index: number): Answerer;
}

/** The meter at an address. */
export type Addresses = (address: number) => number | undefined;

/** The physical device address in the header of a gateway of the meter at an address: its decimal digits. */
export function headerAddress(address: number): Uint8Array {
  return fromLatin1(String(address));
}

/** The meters that the header of a gateway reaches. @throws StateError for a network id that cannot be. */
export function behindOf(at: Addresses, { networkId = 0 }: GatewayOptions): Behind {
  if (!Number.isInteger(networkId) || networkId < 0 || networkId > 0xff) {
    throw new StateError(`${networkId} is not a network id`, { hint: 'it is a whole number, 0 to 255' });
  }
  return {
    networkId,
    serverOf: (octets) => {
      const digits = toLatin1(octets);
      const address = /^[1-9]\d{0,4}$/.test(digits) ? Number(digits) : Number.NaN;
      return at(address) === undefined ? undefined : address;
    },
  };
}

/** The meters behind a gateway by their addresses. @throws StateError when they do not fit. */
export function addressesOf(meters: Meters, options: GatewayOptions): Addresses {
  const range = ADDRESSES[options.framing];
  const { from = 0, first = range.first } = options;
  const room = range.first + range.most - first;
  const count = options.count ?? Math.min(meters.count - from, room);
  if (from < 0 || first < 1 || count < 1 || count > room || from + count > meters.count) {
    throw new StateError(`${counted(count, 'meter')} from ${from} on do not fit behind addresses from ${first} on`, {
      hint: `it is ${counted(meters.count, 'meter')} and ${counted(room, 'address')}`,
    });
  }
  return (address) => (address >= first && address < first + count ? from + address - first : undefined);
}
