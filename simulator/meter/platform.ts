import type { ServerSecurity } from '../../src/contracts/association.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';
import type { Framing, Link } from '../../src/contracts/link.js';
import type { PortPlatform } from '../customer-port/platform.js';

/** How a meter deviates from the HDLC standard. */
export interface LinkSlips {
  /** The UA announces the limits of the meter, whatever the SNRM proposed. */
  readonly ignoresProposal: boolean;
  /** An SNRM that proposes nothing but window sizes gets a UA without information field. */
  readonly bareUaToWindows: boolean;
  /** The UA to a DISC repeats the negotiated parameters. */
  readonly parametersInUaToDisc: boolean;
  /** FRMR has no information field. */
  readonly bareFrmr: boolean;
}

/** Addresses and limits of the meter's side of a data link. */
export interface MeterLinkOptions {
  /** Server SAPs answered to. */
  readonly devices: readonly number[];
  readonly maxInfo: number;
  readonly window: number;
  /** HDLC: the physical address answered to; any, unless given. */
  readonly lower?: number;
  /** HDLC: silence after which a connection ends, in milliseconds. */
  readonly inactivityTimeout: number;
  /** HDLC: silence within a frame after which it is dropped, in milliseconds. */
  readonly interOctetTimeout?: number;
  /** HDLC: whether the meter is busy and must answer RNR. */
  readonly busy?: () => boolean;
  /** HDLC: how the meter deviates from the standard. */
  readonly slips?: LinkSlips;
  /** Mode E: three letters of the manufacturer, and the identification of the meter. */
  readonly manufacturer: string;
  readonly identification?: string;
}

/** The meters that a gateway reaches by the header of their requests (IEC 62056-5-3 Annex C). */
export interface Behind {
  /** The network behind the gateway, 0 to 255. */
  readonly networkId: number;
  /** The server address that stands for the meter on this side of the gateway; undefined where there is no such meter. */
  serverOf(physicalDeviceAddress: Uint8Array): number | undefined;
}

/** Makes the links of gateways with many meters behind them. */
export interface GatewayPlatform {
  /** A link that accepts every wPort, and the header of a gateway. */
  wrapper(mode: 'stream' | 'datagram', behind: Behind): Promise<Link>;
  /** The HDLC link of the gateway itself, which has no physical address and takes the header of a gateway. */
  station(behind: Behind): Promise<Link>;
  /**
   * Splits octets into HDLC frames. Each complete frame is handed over with the physical address that it goes to, undefined where it has
   * none. Octets that are not a frame are dropped.
   */
  hdlcFrames(onFrame: (physical: number | 'all' | undefined, frame: Uint8Array) => void): (chunk: Uint8Array) => void;
}

/** Links and cryptography, provided by the entry: the meter itself knows only their contracts. */
export interface Platform {
  /** Frames and protection of customer ports. */
  readonly port: PortPlatform;
  /** A promise where the code of the link is loaded first. */
  readonly links: Readonly<Record<Framing, (options: MeterLinkOptions) => Link | Promise<Link>>>;
  readonly gateway: GatewayPlatform;
  readonly crypto: CryptoProvider;
  /** Counters in memory. */
  readonly counters: () => ServerSecurity['counters'];
  readonly receiveCounter: () => ServerSecurity['received'];
  /** AES key unwrap (RFC 3394). Throws when the key does not fit. */
  readonly unwrapKey: (crypto: CryptoProvider, wrappingKey: Uint8Array, wrapped: Uint8Array) => Uint8Array;
}
