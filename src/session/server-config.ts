import type { Millis } from '../base/clock.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { ServerApplication } from '../contracts/served-device.js';

/** Options of a {@link ServerSession}. */
export interface ServerSessionConfig {
  /** The association that is offered. */
  readonly association: AssociationDefinition;
  /** What answers the requests: a logical device. */
  readonly application: ServerApplication;
  /** Cryptography. */
  readonly crypto: CryptoProvider;
  /** System title of the server, eight octets. */
  readonly systemTitle: Uint8Array;
  /** Where challenges come from. Default `crypto.random`. */
  readonly random?: (length: number) => Uint8Array;
  /** Accepts that `random` gives the challenge of the client, to repeat recordings of servers that draw no random numbers. Default false. */
  readonly allowEchoedChallenge?: boolean;
  /** The most octets of one SET or ACTION in all its blocks. Default 1 MiB. */
  readonly maxTransfer?: number;
  /**
   * Is called after a client has authenticated, before its association opens: whether it gets the association, or another line has it. By default it
   * does. Clients without authentication are not asked about. The time is that of the line.
   */
  readonly admits?: (now: Millis) => boolean;
  /** general-block-transfer: the most blocks that a client may send in a row, 1 to 63. Default 8. */
  readonly generalBlockWindow?: number;
}
