import type { Clock, Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { LineSettings, Transport } from '../contracts/transport.js';
import { type ConfirmOptions, confirmOptions } from './confirms.js';
import { Lines, mostWaiting, PUSH_OPTIONS, type PushOptions, SERIAL_SILENCE } from './lines.js';
import { PortSearch, USUAL_FORMATS } from './port-search.js';
import { type PushPlace, PushStream } from './push-stream.js';

/** A network port to listen on. */
export interface PushEndpoint {
  /** The address to bind. Default 127.0.0.1, so that no port is open to the network unless asked for. `0.0.0.0` is every IPv4 address. */
  readonly host?: string;
  /** Port number; 0 picks a free one. */
  readonly port: number;
}

/** A serial port to listen on. Without `baudRate` the usual settings of customer ports are tried until messages come. */
export interface PushSerialPort extends Partial<LineSettings> {
  /** Path or name of the port: `/dev/ttyUSB0`, `COM3`. */
  readonly path: string;
  /** The settings to try in place of the usual ones. Afterwards it also tells what was heard at each. */
  readonly search?: PortSearch;
}

/** Options of `listenPushes`. At least one of `tcp`, `udp` and `serial` is needed. */
export interface ListenPushesOptions extends PushOptions {
  /** TCP ports to listen on; a bare number is a port on 127.0.0.1. IEC 62056-47 names port 4059. */
  readonly tcp?: number | PushEndpoint | readonly (number | PushEndpoint)[];
  /** The same for UDP. */
  readonly udp?: number | PushEndpoint | readonly (number | PushEndpoint)[];
  /** Serial ports, by path or with their settings. Nothing is ever sent to them. */
  readonly serial?: string | PushSerialPort | readonly (string | PushSerialPort)[];
  /** A TCP connection that was silent for so many milliseconds is closed; `Infinity` closes none. Default 10 minutes. */
  readonly idle?: Millis;
  /**
   * How pushes are confirmed that ask for it (service class confirmed). A confirm is sent in the wrapper or HDLC, over TCP or UDP, once the caller has
   * taken the push, so that the meter repeats what was lost on the way or in a crash. `false` sends no confirms. Default: pushes in clear are
   * confirmed when the loop asks for the next push.
   */
  readonly confirm?: boolean | ConfirmOptions;
  /** The most TCP connections, and UDP peers, at a time. With more, the one that was silent longest is closed. Default 256. */
  readonly maxPeers?: number;
}

interface OpenListener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

type ListenFor = (
  options: { readonly host?: string; readonly port: number; readonly maxPeers: number },
  onPeer: (transport: Transport) => void,
) => Promise<OpenListener>;

/** What the platform provides: cryptography and ports. */
export interface ListenPlatform {
  readonly crypto: CryptoProvider;
  readonly tcp: ListenFor;
  readonly udp: ListenFor;
  readonly serial: (path: string, settings: LineSettings) => Transport;
  /** Bounds the number of connections, and closes idle ones. */
  readonly peers: (bounds: { readonly clock: Clock; readonly idle: Millis; readonly most: number }) => {
    admit(transport: Transport): Transport;
  };
}

const IDLE: Millis = 600_000;
const MOST_PEERS = 256;

/** Listens for pushes with what the platform provides. @throws StateError when an option is out of range, or there is nothing to listen on. */
export function listenPushesOn(platform: ListenPlatform, options: ListenPushesOptions): PushStream {
  const known = {
    ...PUSH_OPTIONS,
    tcp: true,
    udp: true,
    serial: true,
    idle: true,
    maxPeers: true,
    confirm: true,
  } as const;
  checkOptions(options, known, 'listenPushes', { others: { guard: 'counters', port: 'tcp' } });
  const { idle = IDLE, maxPeers = MOST_PEERS, confirm = true } = options;
  const confirming = confirmOptions(confirm, 'listenPushes');
  if (!(idle > 0 && Number.isInteger(maxPeers) && maxPeers > 0)) {
    throw new StateError('idle must be more than 0 milliseconds, and maxPeers a whole number above 0');
  }
  const tcp = listOf(options.tcp).map(endpointOf);
  const udp = listOf(options.udp).map(endpointOf);
  const ports = listOf(options.serial).map((port) => (typeof port === 'string' ? { path: port } : port));
  if (tcp.length + udp.length + ports.length === 0) {
    throw new StateError('there is nothing to listen on', { hint: 'name tcp, udp or serial, such as { tcp: 4059 }' });
  }
  const listeners: OpenListener[] = [];
  let lines: Lines | undefined;
  return new PushStream({
    most: mostWaiting(options),
    signal: options.signal,
    takenByNext: confirming?.when !== 'explicit',
    start: async (sink) => {
      const opened = new Lines(options, options.crypto ?? platform.crypto, sink, confirming);
      lines = opened;
      const places: PushPlace[] = [];
      const peers = platform.peers({ clock: opened.clock, idle, most: maxPeers });
      const listen = async (protocol: 'tcp' | 'udp', { host, port }: PushEndpoint) => {
        const onPeer = (peer: Transport) =>
          protocol === 'tcp' ? opened.peer(peers.admit(peer), 'stream') : opened.peer(peer, 'datagram');
        // Connections that were closed to make room may still count for a while.
        const bounds = { port, maxPeers: protocol === 'tcp' ? 2 * maxPeers : maxPeers };
        const listener = await platform[protocol](host === undefined ? bounds : { host, ...bounds }, onPeer);
        listeners.push(listener);
        if (opened.stopped) await listener.close();
        places.push({ protocol, host: listener.host, port: listener.port });
      };
      for (const endpoint of tcp) await listen('tcp', endpoint);
      for (const endpoint of udp) await listen('udp', endpoint);
      for (const port of ports) {
        if (opened.stopped) break;
        const { path } = port;
        const search = searchOf(port);
        const made = () => platform.serial(path, search?.format ?? settingsOf(port));
        const first = made();
        await opened.port({ first, again: made, silence: SERIAL_SILENCE, search });
        places.push({ protocol: 'serial', path, name: first.name });
      }
      return places;
    },
    stop: async () => {
      await lines?.close();
      for (const listener of listeners) await listener.close();
    },
  });
}

function listOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given as T];
}

function endpointOf(given: number | PushEndpoint): PushEndpoint {
  const endpoint = typeof given === 'number' ? { port: given } : given;
  if (Number.isInteger(endpoint.port) && endpoint.port >= 0 && endpoint.port <= 65_535) return endpoint;
  throw new StateError(`${endpoint.port} is not a port`, { hint: 'ports are 0 to 65535; DLMS meters often use 4059' });
}

function searchOf({ search, baudRate }: PushSerialPort): PortSearch | undefined {
  return search ?? (baudRate === undefined ? new PortSearch(USUAL_FORMATS) : undefined);
}

function settingsOf({ baudRate = 9600, dataBits = 8, parity = 'none' }: PushSerialPort): LineSettings {
  return { baudRate, dataBits, parity };
}
