import type { Companion } from '../companion/companion.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';

/** Keys that open ciphered messages. Each is optional. They never appear in the result. */
export interface InspectKeys {
  /** Global unicast encryption key (EK, GUEK). */
  readonly encryption?: Uint8Array;
  /** Authentication key (AK, GAK). */
  readonly authentication?: Uint8Array;
  /** Dedicated key, when the InitiateRequest that carries it is not part of the input. */
  readonly dedicated?: Uint8Array;
  /** Global broadcast encryption key (GBEK). */
  readonly broadcast?: Uint8Array;
  /** Master key (KEK), for general-ciphering whose messages bring their key along. */
  readonly master?: Uint8Array;
  /** Private key of key agreement of one side, for general-ciphering under an agreed key: that of the recipient with one-pass Diffie-Hellman. */
  readonly agreement?: Uint8Array;
  /** Public key of key agreement of the other side, x || y, for the static unified model. */
  readonly peerAgreement?: Uint8Array;
  /** Public signing key of who signed, x || y. */
  readonly peerSigning?: Uint8Array;
}

/** System titles, eight octets each, when no AARQ or AARE with them is part of the input. */
export interface SystemTitles {
  /** System title of the client. */
  readonly client?: Uint8Array;
  /** System title of the server. */
  readonly server?: Uint8Array;
}

/** How octets are taken apart. */
export interface InspectOptions {
  /** Keys that open ciphered messages. */
  readonly keys?: InspectKeys;
  /** System titles of both sides. */
  readonly titles?: SystemTitles;
  /** Adds the names that a companion specification gives to objects. */
  readonly companion?: Companion;
  /** Treats deviations from the standard as errors. Default false: they are tolerated and noted in the remarks of nodes. */
  readonly strict?: boolean;
  /**
   * Leaves secrets out: passwords (LLS), dedicated keys, secrets that are written by SET or passed to methods. Pieces of longer messages are
   * then shown only joined, and only the first octets of garbage. Default false.
   */
  readonly mask?: boolean;
  /** Cryptography that opens ciphered messages. Default: the portable provider. */
  readonly crypto?: CryptoProvider;
}
