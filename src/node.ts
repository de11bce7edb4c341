/**
 * The entry for Node: TCP, UDP and serial transports, Node's own cryptography, a counter store in a file. The rest is in the entry `cosem`.
 *
 * @module cosem/node
 */

import { given } from './base/given.js';
import { checkOptions } from './base/known-options.js';
import type { Meter } from './client/meter.js';
import { openKnowing } from './client/quirks/apply.js';
import { parseTown, type StoredMeter, TOWN_OPTIONS, type Town, type TownOptions } from './client/stored/town.js';
import type { Transport } from './contracts/transport.js';
import { platform } from './platform.js';
import { type ListenPushesOptions, listenPushesOn } from './push/listen.js';
import type { PushStream } from './push/push-stream.js';
import { IdlePeers } from './transport/idle-peers.js';
import { textOfFile } from './transport/node-bounded-file.js';
import { nodeCrypto } from './transport/node-crypto.js';
import { listenUdp } from './transport/node-datagram.js';
import { serial } from './transport/node-serial.js';
import { listenTcp } from './transport/node-socket.js';
import { transportOf } from './transport/node-stored-line.js';

export { type PortFault, portFaultOf } from './base/port-fault.js';
export { systemErrorCode, systemErrorText } from './base/system-error.js';
export type { ConfirmOptions } from './push/confirms.js';
export type { ListenPushesOptions, PushEndpoint, PushSerialPort } from './push/listen.js';
export { FileCacheStore } from './transport/node-cache-store.js';
export type { CounterFileSystem } from './transport/node-counter-file.js';
export { FileCounterStore, type FileCounterStoreOptions } from './transport/node-counter-store.js';
export { nodeCrypto } from './transport/node-crypto.js';
export { listenUdp, udp } from './transport/node-datagram.js';
export { diagnostics } from './transport/node-diagnostics.js';
export { type DuplexOptions, duplex } from './transport/node-duplex.js';
export {
  type DurableFileSystem,
  durableReplace,
  synced,
  syncFolder,
  writeAll,
} from './transport/node-durable.js';
export { FileImageNote, type NotedImage } from './transport/node-image-note.js';
export {
  type FreshSecrets,
  KeyFile,
  type KeyFileSystem,
  PENDING_CHANGE,
  type StoredConnection,
} from './transport/node-key-file.js';
export { LineFile } from './transport/node-line-file.js';
export { type MeterFile, openMeterStore } from './transport/node-meter-store.js';
export {
  adapterOf,
  type ListPortsOptions,
  likelyFirst,
  listPorts,
  type PortList,
  type PortLister,
  type SerialPortInfo,
} from './transport/node-ports.js';
export { FileReplayGuard, ReceivedCounters } from './transport/node-replay-guard.js';
export {
  type SerialBinding,
  type SerialBindingPort,
  type SerialControl,
  type SerialOpenOptions,
  type SerialOptions,
  type SerialSettings,
  serial,
} from './transport/node-serial.js';
export { tcpServer, udpServer } from './transport/node-servers.js';
export {
  type Listener,
  type ListenOptions,
  listenTcp,
  type Peer,
  type TcpOptions,
  tcp,
} from './transport/node-socket.js';
export { transportOf } from './transport/node-stored-line.js';
export { type TlsOptions, tls } from './transport/node-tls.js';

/** The longest configuration file that is read: 16 MiB. */
const LONGEST_FILE = 1 << 24;

/**
 * Listens for what meters push: on TCP, UDP and serial ports, several at once, in any frame and with any protection. Use it in one `for await` loop;
 * leaving the loop closes all ports, and nothing keeps the process alive.
 *
 * ```ts
 * const pushes = listenPushes({ tcp: { host: '0.0.0.0', port: 4059 }, keysOf: (title) => vault.keysOf(toHex(title)), counters });
 * pushes.on('refused', ({ from, error }) => console.warn(from, error.message));
 * for await (const { sender, readings } of pushes) store(sender, readings);
 * ```
 * With a {@link FileReplayGuard} as `counters`, recorded pushes are refused also after a restart. `counters` and `keysOf` may be asynchronous.
 * @returns the pushes, with events for what is not a push ({@link PushStream.on}). The loop throws LinkError when a port cannot be opened, or the
 * reason of the signal.
 * @throws StateError when an option is wrong.
 */
export function listenPushes(options: ListenPushesOptions): PushStream {
  const ports = { crypto: nodeCrypto, tcp: listenTcp, udp: listenUdp, serial };
  return listenPushesOn({ ...ports, peers: (bounds) => new IdlePeers(bounds) }, options);
}

/** A meter of a configuration on this machine, ready to be opened. A `MeterPool` takes it as it is. */
export interface TownMeter extends StoredMeter {
  /** What it is behind, for the bound `perGateway` of a pool: host and port. Left out for a serial port. */
  readonly gateway?: string;
  /** The serial port that it is on, where it is on one. */
  readonly line?: string;
  /** A transport to it, not open yet. Each call makes another one. */
  transport(): Transport;
  /** Opens it with its options. The signal aborts that. */
  readonly open: (signal?: AbortSignal) => Promise<Meter>;
}

/**
 * The meters of a configuration file, with keys and transports: that of `cosem simulate --write-config`, of one meter or of a town (`--fleet`), or
 * one of your own.
 *
 * ```ts
 * for (const meter of townFrom('town.json', { connection: 'reader' })) {
 *   await using opened = await open(meter.transport(), meter.options);
 *   console.log(meter.index, (await opened.reading('1.0.1.8.0.255')).text);
 * }
 * ```
 * A pool reads many at once: `pool.each(townFrom('town.json'), (meter) => meter.reading('1.0.1.8.0.255'))`.
 * @throws StateError when the file cannot be read, or is not valid: it names file and setting, never a value.
 */
export function townFrom(path: string, options: TownOptions = {}): Town<TownMeter> {
  checkOptions(options, TOWN_OPTIONS, 'townFrom');
  return parseTown(textOfFile(path, LONGEST_FILE), path, options).map(ready);
}

function ready(meter: StoredMeter): TownMeter {
  const { place, settings, options } = meter;
  const transport = () => transportOf(settings);
  return {
    ...meter,
    ...(place.type === 'serial' ? { line: place.path } : { gateway: `${place.host}:${place.port}` }),
    transport,
    open: (signal) => openKnowing(platform, transport(), { crypto: nodeCrypto, ...options, ...given({ signal }) }),
  };
}
