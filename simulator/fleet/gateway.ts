import type { Clock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';
import type { Transport } from '../../src/contracts/transport.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { Faults } from '../faults/faults.js';
import { SERVER_SAP } from '../meter/device.js';
import type { Framing, GatewayPlatform } from '../meter/platform.js';
import { type Answerer, type AnsweringLine, type Served, type ServeOptions, serveMeter } from '../serve.js';
import { Multidrop } from './multidrop.js';

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

export interface GatewayOptions extends Omit<ServeOptions, 'lower' | 'framing'> {
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

/** Serves a line to many meters. @throws StateError, LinkError */
export async function serveGateway(
  meters: Meters,
  platform: GatewayPlatform,
  transport: Transport,
  options: GatewayOptions,
  own: { readonly clock: Clock; readonly faults: Faults },
): Promise<ServedLink> {
  const at = addressesOf(meters, options);
  if (options.framing === 'hdlc') return new Multidrop(meters, at, platform, transport, options).serve();
  const mode = options.framing === 'wrapper' ? 'stream' : 'datagram';
  return serveMeter({ ...own, answerer: router(meters, at), link: () => platform.wrapper(mode) }, transport, options);
}

function addressesOf(meters: Meters, options: GatewayOptions): Addresses {
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

/** Hands each APDU to the meter at its wPort, over a line to it that is part of this one. */
function router(meters: Meters, at: Addresses): Answerer {
  return {
    line: () => {
      /** To meters that were spoken to and are in memory. */
      const lines = new Map<number, AnsweringLine>();
      const lineAt = (port: number) => lines.get(at(port) ?? -1);
      return {
        handle: (client, port, apdu, ...rest) => {
          const index = at(port);
          if (index === undefined) return undefined;
          let line = lines.get(index);
          if (line === undefined) {
            line = meters.answerer(index).line(() => lines.delete(index));
            lines.set(index, line);
          }
          return line.handle(client, SERVER_SAP, apdu, ...rest);
        },
        released: (client) => {
          for (const line of lines.values()) line.released(client);
          if (client === undefined) lines.clear();
        },
        session: (client, port) => lineAt(port)?.session(client, SERVER_SAP),
        get associated() {
          return [...lines.values()].some((line) => line.associated);
        },
        get proved() {
          return [...lines.values()].some((line) => line.proved);
        },
      };
    },
  };
}
