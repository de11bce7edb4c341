import type { Companion } from '../companion/companion.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';

/** Keys that open ciphered messages; each only where it is needed. They never appear in what comes out. */
export interface InspectKeys {
  /** Global unicast encryption key (EK, GUEK). */
  readonly encryption?: Uint8Array;
  /** Authentication key (AK, GAK). */
  readonly authentication?: Uint8Array;
  /** Dedicated key, where the InitiateRequest that carries it was not recorded. */
  readonly dedicated?: Uint8Array;
  /** Global broadcast encryption key (GBEK). */
  readonly broadcast?: Uint8Array;
}

/** System titles, where no AARQ or AARE with them was recorded. Eight octets each. */
export interface SystemTitles {
  readonly client?: Uint8Array;
  readonly server?: Uint8Array;
}

/** What is known about octets before they are looked at. */
export interface InspectOptions {
  readonly keys?: InspectKeys;
  readonly titles?: SystemTitles;
  /** Adds the names that a companion specification gives to objects. */
  readonly companion?: Companion;
  /** Refuses by name what the standard does not allow in form. Else it is read, and the nodes say so in their remarks. */
  readonly strict?: boolean;
  /**
   * Leaves secrets out: passwords (LLS), dedicated keys, secrets written by SET or passed to methods. Pieces of longer messages are then
   * shown joined only, and of octets that make no sense just the first few.
   */
  readonly mask?: boolean;
  /** Opens ciphered messages; the portable one unless given. */
  readonly crypto?: CryptoProvider;
}
