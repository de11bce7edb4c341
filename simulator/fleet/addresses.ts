import { StateError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';
import type { Framing } from '../../src/contracts/link.js';
import type { Answerer, AttachOptions, Served } from '../serve.js';

/** Addresses that meters behind a gateway can have. */
export interface AddressRange {
  readonly first: number;
  /** Addresses from the first on. */
  readonly most: number;
}

/** wPorts below are those of clients and of a meter's own logical devices, the last one is a broadcast. */
const PORTS: AddressRange = { first: 0x100, most: 0xfeff };

/** Addresses of meters behind a gateway. Of HDLC's those below have a meaning, those above are CALLING and ALL-STATION. */
export const ADDRESSES: Readonly<Record<Exclude<Framing, 'mode-e'>, AddressRange>> = {
  wrapper: PORTS,
  'wrapper-udp': PORTS,
  hdlc: { first: 0x10, most: 0x3fee },
};

export interface GatewayOptions extends Omit<AttachOptions, 'lower' | 'framing'> {
  readonly framing: Exclude<Framing, 'mode-e'>;
  /** The first meter behind it; 0. */
  readonly from?: number;
  /** How many meters are behind it; all that there are from the first on, or as many as there are addresses. */
  readonly count?: number;
  /** Address of the first of them: 256 in the wrapper, 16 in HDLC. */
  readonly first?: number;
}

/** Meters that may be spoken to. */
export interface Meters {
  readonly count: number;
  /** What lines of a meter are served with. */
  served(index: number): Served;
  /** The part of it that answers. */
  answerer(index: number): Answerer;
}

/** The meter at an address. */
export type Addresses = (address: number) => number | undefined;

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
