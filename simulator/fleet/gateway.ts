import type { Clock } from '../../src/base/clock.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import type { AnsweringLine } from '../../src/contracts/answering-line.js';
import type { Transport } from '../../src/contracts/transport.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { Faults } from '../faults/faults.js';
import { SERVER_SAP } from '../meter/device.js';
import type { GatewayPlatform } from '../meter/platform.js';
import { type Answerer, ATTACH_OPTIONS, serveMeter } from '../serve.js';
import type { Addresses, GatewayOptions, Meters } from './addresses.js';
import { addressesOf, behindOf } from './addresses.js';
import { Multidrop } from './multidrop.js';

const { lower: _lower, ...LINE_OPTIONS } = ATTACH_OPTIONS;
const GATEWAY_OPTIONS: OptionNames<GatewayOptions> = {
  ...LINE_OPTIONS,
  from: true,
  count: true,
  first: true,
  networkId: true,
};

/** Serves a line to many meters. @throws StateError, LinkError */
export async function serveGateway(
  meters: Meters,
  platform: GatewayPlatform,
  transport: Transport,
  options: GatewayOptions,
  own: { readonly clock: Clock; readonly faults: Faults; faultsOf(meter: number): Faults },
): Promise<ServedLink> {
  checkOptions(options, GATEWAY_OPTIONS, 'gateway');
  const at = addressesOf(meters, options);
  // Where the meters are is for the gateway alone; its line is a plain one.
  const { from: _from, count: _count, first: _first, networkId: _networkId, ...attach } = options;
  const behind = behindOf(at, options);
  const { clock, faults } = own;
  const answerer = router(meters, at);
  const mode = attach.framing === 'wrapper' ? 'stream' : 'datagram';
  const faultsAt = (port: number) => {
    const meter = at(port);
    return meter === undefined ? undefined : own.faultsOf(meter);
  };
  const served = { clock, faults, faultsAt, answerer };
  if (attach.framing === 'hdlc') {
    const station = { ...served, link: () => platform.station(behind) };
    return new Multidrop({ meters, at, station, platform, transport, options: attach }).serve();
  }
  return serveMeter({ ...served, link: () => platform.wrapper(mode, behind) }, transport, attach);
}

/** Hands each APDU to the meter at its wPort, or at the address in its header, over a line to it that is part of this one. */
function router(meters: Meters, at: Addresses): Answerer {
  return {
    line: () => {
      /** Lines to the meters that were spoken to and are in memory. */
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
        released: (client, port) => {
          const those = port === undefined ? [...lines.keys()] : [at(port) ?? -1];
          for (const index of those) {
            lines.get(index)?.released(client);
            if (client === undefined) lines.delete(index);
          }
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
