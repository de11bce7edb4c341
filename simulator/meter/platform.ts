import type { LogicalDevice } from '../../src/server/logical-device.js';
import type { MeterServer, MeterServerConfig } from '../../src/server/server.js';
import type { serveLink } from '../../src/transport/server.js';

/** One association that the meter offers, as the server wants it. */
export type AssociationDefinition = Parameters<LogicalDevice['associate']>[0];
export type ServerSecurity = NonNullable<AssociationDefinition['security']>;
export type Crypto = MeterServerConfig['crypto'];
export type Link = Parameters<typeof serveLink>[1];
/** What is pushed. */
export type DataNotification = Extract<
  Parameters<NonNullable<ReturnType<MeterServer['session']>>['notify']>[0],
  { type: 'data-notification' }
>;

/**
 * What carries the APDUs: HDLC; HDLC after a sign-on in mode E of IEC 62056-21, at 300 baud 7E1; the wrapper in a stream (TCP) or in
 * datagrams (UDP).
 */
export type Framing = 'hdlc' | 'mode-e' | 'wrapper' | 'wrapper-udp';

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
  /** Mode E: three letters of the maker. */
  readonly manufacturer: string;
}

/** What the entry puts in: the meter itself sees of links and of cryptography their contracts only. */
export interface Platform {
  readonly links: Readonly<Record<Framing, (options: MeterLinkOptions) => Link>>;
  readonly crypto: Crypto;
  readonly counters: () => ServerSecurity['counters'];
  readonly receiveCounter: () => ServerSecurity['received'];
  /** AES key unwrap (RFC 3394). Throws when the key does not fit. */
  readonly unwrapKey: (crypto: Crypto, wrappingKey: Uint8Array, wrapped: Uint8Array) => Uint8Array;
}
