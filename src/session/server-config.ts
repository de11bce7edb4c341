import type { Millis } from '../base/clock.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { ServerApplication } from '../contracts/served-device.js';

export interface ServerSessionConfig {
  readonly association: AssociationDefinition;
  readonly application: ServerApplication;
  readonly crypto: CryptoProvider;
  /** The server's own. */
  readonly systemTitle: Uint8Array;
  /** Where challenges come from; `crypto.random` unless given. */
  readonly random?: (length: number) => Uint8Array;
  /** Goes on though `random` draws what the client sent as its challenge: to repeat recordings of servers that draw nothing. */
  readonly allowEchoedChallenge?: boolean;
  /** Octets that one SET or ACTION may have in all its blocks. 1 MiB unless told otherwise. */
  readonly maxTransfer?: number;
  /**
   * Asked when a client has proved itself, before its association opens: whether it gets it, or another holds it on another line. Yes,
   * unless given. A client that proves nothing is not asked for. The time is that of the line.
   */
  readonly admits?: (now: Millis) => boolean;
  /** general-block-transfer: blocks that a client may send in a row, 1 to 63. 8 unless told otherwise. */
  readonly generalBlockWindow?: number;
}
