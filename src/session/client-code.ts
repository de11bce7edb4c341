import type { Procedure } from '../contracts/procedure.js';
import type { ClientChannel } from './client-channel.js';
import type { ClientSessionConfig } from './client-config.js';
import type { Envelope } from './envelope.js';

/** What both sides have told each other when HLS goes on with pass 3. */
export interface HlsExchange {
  readonly ctos: Uint8Array;
  readonly stoc: Uint8Array;
  /** The meter's system title, where it is known. */
  readonly serverTitle: Uint8Array | undefined;
}

/** HLS on the side of the client. */
export interface ClientHls {
  /** CtoS of a new association; undefined where its mechanism has none. {@link settleChallenge} when it is opened or given up. */
  ownChallenge(config: ClientSessionConfig): Uint8Array | undefined;
  /** CtoS of an association that opened or failed. */
  settleChallenge(ctos: Uint8Array | undefined): void;
  /** Passes 3 and 4. */
  proveBoth(channel: ClientChannel, exchange: HlsExchange): Procedure<void>;
}

/** The code that an association with keys or HLS needs, and one in clear does not. */
export interface ClientCode {
  /** @throws StateError when the configuration lacks keys that its context or mechanism needs. */
  readonly envelope: (config: ClientSessionConfig, unreadable: (octets: Uint8Array) => void) => Envelope;
  readonly hls: ClientHls;
}
