/**
 * The server side of a line, for a meter of one's own. {@link LogicalDevice}, {@link object} and {@link serve} are where to begin.
 *
 * @module cosem/server
 */

import { type Clock, type Millis, systemClock } from './base/clock.js';
import { given } from './base/given.js';
import { checkOptions, type OptionNames } from './base/known-options.js';
import type { CryptoProvider } from './contracts/crypto-provider.js';
import type { Link } from './contracts/link.js';
import type { Transport } from './contracts/transport.js';
import type { Listening, TransportServer } from './contracts/transport-server.js';
import { HdlcServerLink } from './link/hdlc-server-link.js';
import { ModeELink } from './link/mode-e.js';
import { WrapperLink } from './link/wrapper-link.js';
import { nobleCrypto } from './security/noble-crypto.js';
import type { LogicalDevice } from './server/logical-device.js';
import { commonTitle } from './server/own-objects.js';
import { MeterServer } from './server/server.js';
import { DeviceLine, type ServedLineOptions } from './transport/device-line.js';
import { IdlePeers } from './transport/idle-peers.js';
import { type ServedLink, serveLink } from './transport/server.js';

// ---- contracts

export type { AnsweringLine, AnsweringSession } from './contracts/answering-line.js';
export type {
  ApplicationContext,
  AssociationDefinition,
  AuthenticationLock,
  Naming,
  ServerSecurity,
  SignedServices,
} from './contracts/association.js';
export type { CounterGuard } from './contracts/counter-guard.js';
export type { OctetSource } from './contracts/octet-source.js';
export type { GetAnswer, RequestContext, ServedDevice, ServerApplication } from './contracts/served-device.js';
export type { Listening, TransportServer } from './contracts/transport-server.js';

// ---- server

export {
  type AssociationOffer,
  type AssociationOptions,
  type CipheredOptions,
  type HlsMechanism,
  type HlsOptions,
  hls,
  type KeyTransferOptions,
  type LlsOptions,
  lls,
  publicClient,
} from './server/associations.js';
export type { LockOptions } from './server/authentication-lock.js';
export type { ServedCertificates } from './server/held-certificates.js';
export { type AssociationNames, LogicalDevice, type LogicalDeviceOptions } from './server/logical-device.js';
export { type Clients, type DeviceObject, type ObjectRights, object } from './server/object.js';
export { type OwnProfile, profile } from './server/own-profile.js';
export { MeterServer, type MeterServerConfig } from './server/server.js';
export type { LineOwner, ServerLine } from './server/server-line.js';
export type { ServerSessionConfig } from './session/server-config.js';
export type { ServerSession } from './session/server-session.js';

// ---- transport

export { DeviceLine, type DeviceLineOptions, type ServedLineOptions } from './transport/device-line.js';
export { IdlePeers, type IdlePeersOptions, type Standing } from './transport/idle-peers.js';
export { type ServedLink, type ServerHandler, serveLink } from './transport/server.js';

// ---- serve

const IDLE: Millis = 180_000;
const HANDSHAKE: Millis = 30_000;
const MAX_PEERS = 128;

/** What carries APDUs: HDLC, also after a sign-on of IEC 62056-21 (mode E), or the wrapper in a stream or in datagrams. */
export type ServedFraming = 'hdlc' | 'mode-e' | 'wrapper' | 'wrapper-udp';

/** Options of {@link serve}. */
export interface ServeOptions extends ServedLineOptions {
  /** What carries the APDUs. Default that of the server that listens, or `hdlc` over a single transport. */
  readonly framing?: ServedFraming;
  /** The clock. Default that of the system. */
  readonly clock?: Clock;
  /** Cryptography. Default `@noble`; `nodeCrypto` of `cosem/node` is some eight times as fast. */
  readonly crypto?: CryptoProvider;
  /** A connection that was silent for so many milliseconds is closed; `Infinity` closes none. Default 180 000. */
  readonly idle?: Millis;
  /** A connection without an association so many milliseconds after it began is closed. Default 30 000. */
  readonly handshake?: Millis;
  /** The most connections at a time. With more, the one that was silent longest is closed, unauthenticated ones first. Default 128. */
  readonly maxPeers?: number;
}

const OPTIONS: OptionNames<ServeOptions> = {
  framing: true,
  lower: true,
  clock: true,
  crypto: true,
  idle: true,
  handshake: true,
  maxPeers: true,
  onClosed: true,
  trace: true,
  onLinkEvent: true,
};

/** A running server of logical devices. */
export interface DeviceServer {
  /** Connects the lines with the devices. */
  readonly server: MeterServer;
  /** Address that was bound; undefined over one transport. */
  readonly host: string | undefined;
  /** Port that was bound (when 0 was asked for, the one that was chosen); undefined over one transport. */
  readonly port: number | undefined;
  /** Number of open connections. */
  readonly lines: number;
  /** Stops listening and closes every connection. Never throws. */
  close(): Promise<void>;
}

/**
 * Serves logical devices to all clients that connect to a server (TCP, UDP), or over one transport such as a serial port. Each connection has sessions
 * of its own. Neither a client nor an error of your implementation can end it.
 *
 * ```ts
 * const server = await serve(device, tcpServer({ port: 4059 }));
 * await serve(device, serial('/dev/ttyUSB0'), { framing: 'hdlc' });
 * ```
 * @param devices one, or all the logical devices of one physical device.
 * @throws LinkError when the address cannot be bound or the transport cannot be opened; StateError for wrong options.
 */
export async function serve(
  devices: LogicalDevice | readonly LogicalDevice[],
  on: TransportServer | Transport,
  options: ServeOptions = {},
): Promise<DeviceServer> {
  checkOptions(options, OPTIONS, 'serve');
  const all = 'sap' in devices ? [devices] : devices;
  const { clock = systemClock, crypto = nobleCrypto } = options;
  const server = new MeterServer({ devices: all, crypto, systemTitle: commonTitle(all) });
  for (const device of all) device.beside(all);
  const lines = new Set<ServedLink>();
  const begin = async (transport: Transport, framing: ServedFraming, peers: IdlePeers | undefined): Promise<void> => {
    let served: ServedLink | undefined;
    let gone = false;
    const { onClosed } = options;
    const line = new DeviceLine(server.line(), {
      datagrams: framing === 'wrapper-udp',
      peers,
      onClosed: (error) => {
        gone = true;
        if (served !== undefined) lines.delete(served);
        onClosed?.(error);
      },
    });
    served = await serveLink(line.over(transport), linkOf(framing, all, options), clock, line.handler(), options);
    if (!gone) lines.add(served);
  };
  let listening: Listening | undefined;
  if ('listen' in on) {
    const { idle = IDLE, handshake = HANDSHAKE, maxPeers = MAX_PEERS, framing = on.framing, onClosed } = options;
    const peers = new IdlePeers({ clock, idle, handshake, most: maxPeers });
    listening = await on.listen((transport) => {
      // A peer that goes before its line is ready is only reported as closed.
      begin(transport, framing, peers).catch((error: Error) => onClosed?.(error));
    });
  } else await begin(on, options.framing ?? 'hdlc', undefined);
  return {
    server,
    host: listening?.host,
    port: listening?.port,
    get lines() {
      return lines.size;
    },
    async close() {
      await Promise.all([...lines].map((line) => line.close()));
      await listening?.close();
    },
  };
}

function linkOf(framing: ServedFraming, all: readonly LogicalDevice[], { lower }: ServeOptions): Link {
  const devices = all.map(({ sap }) => sap);
  if (framing === 'wrapper' || framing === 'wrapper-udp')
    return new WrapperLink('server', { devices, ...(framing === 'wrapper' ? {} : { mode: 'datagram' }) });
  const hdlc = new HdlcServerLink({ devices, ...given({ lower }) });
  if (framing === 'hdlc') return hdlc;
  // Signs on as it is named: three letters of the maker, then what tells it from others.
  const name = all[0]?.name ?? '';
  const manufacturer = /^[A-Z]{3}/.exec(name)?.[0] ?? NO_MAKER;
  const identification = name.slice(3) || 'COSEM';
  return new ModeELink({ role: 'server', manufacturer, identification, baud: MODE_E_BAUD }, hdlc);
}

/** No maker has these letters. */
const NO_MAKER = 'XXX';
/** What it proposes, as most meters do. */
const MODE_E_BAUD = 9600;
