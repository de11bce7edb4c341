/**
 * The entry for Node: TCP, UDP and serial transports, Node's own cryptography, a counter store in a file. The rest is in the entry `cosem`.
 *
 * @module cosem/node
 */

export { FileCacheStore } from './transport/node-cache-store.js';
export type { CounterFileSystem } from './transport/node-counter-file.js';
export { FileCounterStore, type FileCounterStoreOptions } from './transport/node-counter-store.js';
export { nodeCrypto } from './transport/node-crypto.js';
export { listenUdp, udp } from './transport/node-datagram.js';
export { diagnostics } from './transport/node-diagnostics.js';
export { type DuplexOptions, duplex } from './transport/node-duplex.js';
export { type DurableFileSystem, durableReplace, syncFolder, writeAll } from './transport/node-durable.js';
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
export { type PortFault, portFaultOf } from './transport/node-serial-error.js';
export {
  type Listener,
  type ListenOptions,
  listenTcp,
  type Peer,
  type TcpOptions,
  tcp,
} from './transport/node-socket.js';
export { type TlsOptions, tls } from './transport/node-tls.js';
