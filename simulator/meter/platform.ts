import type { ServerSecurity } from '../../src/contracts/association.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';
import type { Framing, Link } from '../../src/contracts/link.js';

/** What a meter does against the standard of HDLC. */
export interface LinkSlips {
  /** The UA announces what the meter can do, whatever the SNRM proposed. */
  readonly ignoresProposal: boolean;
  /** An SNRM that proposes windows alone gets a UA without information. */
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
  /** HDLC: whether the meter is busy and says RNR. */
  readonly busy?: () => boolean;
  /** HDLC: what the meter does against the standard. */
  readonly slips?: LinkSlips;
  /** Mode E: three letters of the maker, and what it calls itself. */
  readonly manufacturer: string;
  readonly identification?: string;
}

/** What makes the links of gateways, behind which many meters are. */
export interface GatewayPlatform {
  /** A link that takes every wPort for its own. */
  wrapper(mode: 'stream' | 'datagram'): Link;
  /**
   * Cuts octets into HDLC frames, each given whole with the physical address that it goes to; undefined where it has none. What makes no
   * frame is left out.
   */
  hdlcFrames(onFrame: (physical: number | 'all' | undefined, frame: Uint8Array) => void): (chunk: Uint8Array) => void;
}

/** What the entry puts in: the meter itself sees of links and of cryptography their contracts only. */
export interface Platform {
  readonly links: Readonly<Record<Framing, (options: MeterLinkOptions) => Link>>;
  readonly gateway: GatewayPlatform;
  readonly crypto: CryptoProvider;
  /** Counters in memory. */
  readonly counters: () => ServerSecurity['counters'];
  readonly receiveCounter: () => ServerSecurity['received'];
  /** AES key unwrap (RFC 3394). Throws when the key does not fit. */
  readonly unwrapKey: (crypto: CryptoProvider, wrappingKey: Uint8Array, wrapped: Uint8Array) => Uint8Array;
}
