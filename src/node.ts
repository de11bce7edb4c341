/**
 * The entry for Node: TCP, UDP and serial transports, Node's own cryptography, a counter store in a file. The rest is in the entry `cosem`.
 *
 * @module cosem/node
 */

import { type ListenPushesOptions, listenPushesOn } from './push/listen.js';
import type { PushStream } from './push/push-stream.js';
import { IdlePeers } from './transport/idle-peers.js';
import { nodeCrypto } from './transport/node-crypto.js';
import { listenUdp } from './transport/node-datagram.js';
import { serial } from './transport/node-serial.js';
import { listenTcp } from './transport/node-socket.js';

export { type PortFault, portFaultOf } from './base/port-fault.js';
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
  systemErrorCode,
  writeAll,
} from './transport/node-durable.js';
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
export { type TlsOptions, tls } from './transport/node-tls.js';

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
