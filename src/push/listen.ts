import type { Clock, Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { LineSettings, Transport } from '../contracts/transport.js';
import { type ConfirmOptions, checkConfirm } from './confirms.js';
import { Lines, mostWaiting, PUSH_OPTIONS, type PushOptions, SERIAL_SILENCE } from './lines.js';
import { PortSearch, USUAL_FORMATS } from './port-search.js';
import { type PushPlace, PushStream } from './push-stream.js';

/** A network port: a number is one of the loopback address. */
export interface PushEndpoint {
  /** The address to bind; loopback (127.0.0.1) unless told, so that nobody listens to a network unasked. `0.0.0.0` is every IPv4 address. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** A serial port. Without `baudRate` the usual settings of customer ports are tried until messages come. */
export interface PushSerialPort extends Partial<LineSettings> {
  readonly path: string;
  /** The settings that are tried, in place of the usual ones; it tells what was heard. */
  readonly search?: PortSearch;
}

/** What {@link listenPushes} is told. */
export interface ListenPushesOptions extends PushOptions {
  /** Listens for connections. IEC 62056-47 names port 4059. */
  readonly tcp?: number | PushEndpoint | readonly (number | PushEndpoint)[];
  /** Listens for datagrams. */
  readonly udp?: number | PushEndpoint | readonly (number | PushEndpoint)[];
  /** Serial ports, by path or with their settings: nothing is sent to them. */
  readonly serial?: string | PushSerialPort | readonly (string | PushSerialPort)[];
  /** A TCP connection over which nothing came for so long is closed, in milliseconds; `Infinity` closes none. 10 minutes unless told. */
  readonly idle?: Millis;
  /**
   * How pushes are confirmed that ask for it (service class confirmed): in the wrapper, over TCP or UDP, once the caller has taken them, so that
   * what is lost on the way or in a crash comes again. `false`: not at all. Unless told those in clear are, when the loop asks for the next.
   */
  readonly confirm?: boolean | ConfirmOptions;
  /** TCP connections at a time, and UDP peers; of more the one that was silent longest is closed. 256 unless told. */
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

/** Ports of the platform. */
export interface ListenPlatform {
  readonly crypto: CryptoProvider;
  readonly tcp: ListenFor;
  readonly udp: ListenFor;
  readonly serial: (path: string, settings: LineSettings) => Transport;
  /** Takes connections in, of which none is kept open for nothing. */
  readonly peers: (bounds: { readonly clock: Clock; readonly idle: Millis; readonly most: number }) => {
    admit(transport: Transport): Transport;
  };
}

const IDLE: Millis = 600_000;
const MOST_PEERS = 256;

/** @throws StateError when the options cannot be so. */
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
  checkConfirm(confirm, 'listenPushes');
  const confirming = confirm === true ? {} : confirm === false ? undefined : confirm;
  if (!(idle > 0 && Number.isInteger(maxPeers) && maxPeers > 0)) {
    throw new StateError('idle is milliseconds above 0, maxPeers a whole number above 0');
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
        // Those that were closed for a new one may still be on their way out.
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
