/** `cosem simulate --fleet`: many meters, one on each port or many behind one address. */

import {
  ADDRESSES,
  createFleet,
  type DeliverOptions,
  type Fleet,
  headerAddress,
  type PushedNotification,
  parseFault,
} from '../../simulator/index.js';
import type { Framing, Transport } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { type Listener, listenTcp, listenUdp, nodeCrypto } from '../../src/node.js';
import { Ended, type Run } from '../command.js';
import { type StoredConfig, type StoredConnection, writeGenerated } from '../config.js';
import { failureOf, UsageError } from '../failure.js';
import { aborted } from '../io.js';
import { type Address, lineText, wholeIn } from '../settings.js';
import { meterFaults, meterKind } from '../simulated.js';
import { connectionsAt, framingName, reachable } from './connections.js';
import { lifeOf } from './life.js';
import { type Place, peersOf } from './place.js';
import { send } from './push.js';
import { Fitness, runAgainst, type Service, type ServiceOptions, startService } from './service.js';

type GatewayFraming = Exclude<Framing, 'mode-e'>;

/** The network behind a gateway. */
const NETWORK_ID = 0;
/** Listeners are opened so many at a time. */
const AT_ONCE = 500;

/** Where the meters are. */
interface Layout {
  readonly framing: GatewayFraming;
  /** A gateway: how many meters each port has. Undefined: one meter on each port. */
  readonly perPort: number | undefined;
  /** A gateway: meters are reached by its header, and push with it. */
  readonly header?: boolean;
  readonly ports: number;
}

/** Serves a fleet until the signal, or until the command against it ends. @throws UsageError, StateError, LinkError; Ended as the command. */
export async function simulateFleet(
  run: Run,
  place: Place,
  seed: number,
  push: Address | undefined,
  service: ServiceOptions,
): Promise<void> {
  let exit = 0;
  const { io, output, options } = run;
  const count = wholeIn(String(options.fleet), '--fleet', 1, 10_000_000);
  const layout = layoutOf(run, place, count);
  const life = await lifeOf(run, { seed, count });
  try {
    const { profile, ...kind } = meterKind(run);
    const { faults, ...onFault } = meterFaults(run);
    const own = ownFaults(faults, count);
    const fleet = createFleet(profile, {
      ...life.options,
      ...kind,
      ...onFault,
      faults: faults.filter((fault) => !OWN_FAULT.test(fault)),
      ...(own.length === 0 ? {} : { faultsOf: (meter: number) => own.flatMap((fault) => fault.of(meter)) }),
      crypto: nodeCrypto,
      seed,
      count,
      ...(push === undefined
        ? {}
        : {
            onPush: (pushed: PushedNotification, meter: number) =>
              send(run, push, pushed, throughGateway(layout, meter)),
          }),
    });
    try {
      const listeners = await listen(run, fleet, place, layout);
      const line = { ...place.line, port: listeners[0]?.port } as Place['line'];
      let found: Service | undefined;
      try {
        found = await startService(service, line, new Fitness());
        announce(run, fleet, { ...place, line }, layout, seed, found.health);
        const config = typeof options.writeConfig === 'string' ? options.writeConfig : undefined;
        if (service.command.length > 0) exit = await runAgainst(io, service.command, line, config);
        else await aborted(io.signal);
      } finally {
        await found?.close();
        await Promise.all(listeners.map((listener) => listener.close()));
      }
    } finally {
      fleet.stop();
    }
  } finally {
    life.close();
  }
  output.note('The meters have stopped.');
  if (exit !== 0) throw new Ended(exit);
}

/** A push of a meter that is reached by the header of a gateway goes out with it. */
function throughGateway({ header, framing, perPort = 1 }: Layout, meter: number): DeliverOptions {
  if (header !== true) return {};
  const physicalDeviceAddress = headerAddress(ADDRESSES[framing].first + (meter % perPort));
  return { gateway: { networkId: NETWORK_ID, physicalDeviceAddress } };
}

/** `17:silence=2s@10%` or `0-99:echo`: a fault of some of the meters. */
const OWN_FAULT = /^(\d+)(?:-(\d+))?:(.*)$/s;

interface OwnFault {
  of(meter: number): readonly string[];
}

/** Faults of single meters. @throws UsageError, StateError for one that is none. */
function ownFaults(faults: readonly string[], count: number): readonly OwnFault[] {
  return faults.flatMap((text): readonly OwnFault[] => {
    const [, first = '', last = first, fault = ''] = OWN_FAULT.exec(text) ?? [];
    if (first === '') return [];
    const [from, to] = [Number(first), Number(last)];
    if (to < from || to >= count) {
      throw new UsageError(
        `--fault '${text}': there are meters 0 to ${count - 1}`,
        'such as 17:silence=2s@10% or 0-99:echo',
      );
    }
    parseFault(fault);
    return [{ of: (meter) => (meter >= from && meter <= to ? [fault] : []) }];
  });
}

function layoutOf({ options }: Run, { line, framing }: Place, count: number): Layout {
  for (const name of ['template', 'scenario', 'physical'] as const) {
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for one meter`, 'leave it out, or leave out --fleet');
  }
  if (line.type === 'serial' || framing === 'mode-e') {
    throw new UsageError('a fleet is on a network', 'use --tcp, or --udp with --gateway');
  }
  const { gateway } = options;
  if (gateway !== undefined && gateway !== true && gateway !== 'header') {
    throw new UsageError(`--gateway ${gateway}`, 'leave it at --gateway, or write --gateway header');
  }
  const perPort = gateway === undefined ? undefined : ADDRESSES[framing].most;
  if (perPort === undefined && line.type === 'udp') throw new UsageError('a fleet on --udp needs --gateway');
  const ports = Math.ceil(count / (perPort ?? 1));
  if (ports > 1 && line.port === 0) {
    throw new UsageError(
      `${counted(ports, 'port')} cannot be picked`,
      `name the first of them: --tcp ${line.host}:20000`,
    );
  }
  if (line.port + ports - 1 > 65_535) {
    throw new UsageError(
      `there are not ${counted(ports, 'port')} from ${line.port} on`,
      perPort === undefined ? 'put the meters behind one address: --gateway' : 'begin at a lower port',
    );
  }
  return { framing, perPort, ports, header: gateway === 'header' };
}

async function listen(run: Run, fleet: Fleet, { line }: Place, layout: Layout): Promise<Listener[]> {
  if (line.type === 'serial') return [];
  const { framing, perPort, ports } = layout;
  const start = line.type === 'tcp' ? listenTcp : listenUdp;
  const listeners: Listener[] = [];
  const one = async (index: number) => {
    const { peers, room } = peersOf(run, perPort === undefined ? 16 : 1024);
    const serve = (transport: Transport) =>
      perPort === undefined
        ? fleet.attach(index, transport, { framing, peers })
        : fleet.gateway(transport, {
            framing,
            peers,
            from: index * perPort,
            count: Math.min(perPort, fleet.count - index * perPort),
          });
    const onPeer = (transport: Transport) => {
      serve(transport).catch((error) => run.output.note(`${transport.name}: ${failureOf(error).message}`));
    };
    const port = line.port === 0 ? 0 : line.port + index;
    listeners[index] = await start({ host: line.host, port, maxPeers: room }, onPeer);
  };
  try {
    for (let index = 0; index < ports; index += AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, ports - index) }, (_, i) => one(index + i)));
    }
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
  return listeners;
}

/** Connections to all of them in one: numbers follow from which meter is meant. */
export function configOf(
  fleet: Fleet,
  { line, framing }: Pick<Place, 'line' | 'framing'>,
  { perPort, ports, header }: Layout,
): StoredConfig {
  if (line.type === 'serial') throw new UsageError('a fleet is on a network');
  const spread = ports === 1 ? '' : perPort === undefined ? '' : `/${perPort}`;
  const port = ports === 1 ? String(line.port) : `{${line.port}+meter${spread}}`;
  const address =
    perPort === undefined
      ? undefined
      : `{${ADDRESSES[framing as GatewayFraming].first}+meter${ports === 1 ? '' : `%${perPort}`}}`;
  const { [line.type]: endpoint } = reachable(line, undefined);
  const at: StoredConnection = {
    [line.type]: String(endpoint).replace(/\d+$/, port),
    framing: framingName(framing),
    ...(address === undefined
      ? {}
      : header
        ? { gateway: `${NETWORK_ID}/${address}` }
        : { [framing === 'hdlc' ? 'physical' : 'server']: address }),
  };
  return { ...connectionsAt(fleet.meter(0), at), meters: fleet.count };
}

/** Says where the meters are and how to connect, and writes the configuration. */
function announce(
  { output, options }: Run,
  fleet: Fleet,
  place: Place,
  layout: Layout,
  seed: number,
  health: string | undefined,
): void {
  const { line } = place;
  if (line.type === 'serial') return;
  const file = typeof options.writeConfig === 'string' ? options.writeConfig : undefined;
  const config = configOf(fleet, place, layout);
  if (file !== undefined) writeGenerated(file, config, 'cosem simulate', options.force === true);
  const [first, last] = [fleet.identity(0), fleet.identity(fleet.count - 1)];
  const { perPort, ports, framing, header } = layout;
  output.documentLine({
    event: 'ready',
    [line.type]: lineText(line),
    host: line.host,
    port: line.port,
    ports,
    framing: framingName(place.framing),
    gateway: perPort === undefined ? null : { first: ADDRESSES[framing].first, metersAPort: perPort },
    meters: fleet.count,
    firstSerialNumber: first.serial,
    lastSerialNumber: last.serial,
    seed,
    config: file ?? null,
    ...(health === undefined ? {} : { health }),
    connections: Object.keys(config.connections),
  });
  output.heading(
    `${fleet.count} virtual meters ${first.logicalDeviceName} to ${last.logicalDeviceName}, seeds from ${seed} on`,
  );
  const where = ports === 1 ? lineText(line) : `${lineText(line)} to port ${line.port + ports - 1}`;
  const each =
    perPort === undefined
      ? 'one meter on each port'
      : `meters by ${header ? `the header of a gateway, ${NETWORK_ID}/N,` : framing === 'hdlc' ? 'physical address' : 'wPort'} from ${ADDRESSES[framing].first} on`;
  output.line(`Listening on ${line.type} ${where}, ${framingName(place.framing)}, ${each}. Ctrl-C stops them.`);
  if (health !== undefined) output.line(`Health: ${health}`);
  if (file === undefined) return;
  output.line();
  output.line(`Read one of them with`);
  output.line(
    `  ${output.style('bold', `cosem read all --config ${file} --connection reader --meter ${Math.min(17, fleet.count - 1)}`)}`,
  );
  output.line(`Connections in ${file}: ${Object.keys(config.connections).join(', ')}; meters 0 to ${fleet.count - 1}.`);
}
