import { conformanceBits } from '../apdu/conformance.js';
import type { Reception } from '../apdu/received.js';
import type { MechanismId } from '../contracts/association.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys, Protection } from '../contracts/protection.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import type { ListTrust } from './list-trust.js';

/** Ciphering on the client's side, security suite 0. */
export interface ClientSecurity {
  readonly keys: GlobalKeys;
  readonly counters: CounterStore;
  /** The entry of `counters` for our sending under the global key: `<own title>/<meter>/guek`. */
  readonly counterEntry: string;
  /** How requests are protected. `authenticated-encryption` unless told otherwise. */
  readonly request?: Protection;
  /** What answers must carry at least. As the requests unless told otherwise. */
  readonly response?: Protection;
  /**
   * How the association itself is protected: InitiateRequest, HLS ACTION and release, always under the global key.
   * `authenticated-encryption` unless told otherwise, whatever the policy for data is.
   */
  readonly handshake?: Protection;
  /** Sixteen octets for this association alone; the APDUs after it use ded-ciphering. */
  readonly dedicatedKey?: Uint8Array;
  /** Wraps APDUs in general-glo- or general-ded-ciphering instead of the service-specific forms. */
  readonly general?: boolean;
  /** The meter's system title, where it is known beforehand: needed for a pre-established association. */
  readonly serverTitle?: Uint8Array;
  /** The lowest invocation counter taken from the meter. 0, and what `received` keeps of it, unless told otherwise. */
  readonly lowestReceived?: number;
  /** Keeps how far the counters of meters came: what an earlier association received is not taken again. */
  readonly received?: ReplayGuard;
}

/** Everything a client needs to know about one association. */
export interface ClientSessionConfig extends Reception {
  readonly crypto: CryptoProvider;
  /** `ln` unless told otherwise. */
  readonly context?: 'ln' | 'ln-ciphered';
  /** Authentication mechanism, 0 (none) unless told otherwise. */
  readonly mechanism?: Exclude<MechanismId, 7>;
  /** Password (mechanism 1) or HLS secret (2, 3, 4, 6). */
  readonly secret?: Uint8Array;
  /** Our own system title: for ciphering and for mechanisms 5 and 6. */
  readonly systemTitle?: Uint8Array;
  /** Keys: for ciphering, and for mechanism 5 without it. */
  readonly security?: ClientSecurity;
  /** An association that the meter holds open without AARQ: what would have been negotiated. */
  readonly preEstablished?: { readonly conformance: number; readonly serverMaxReceivePduSize: number };
  /** Proposed conformance, {@link CLIENT_CONFORMANCE} unless told otherwise. */
  readonly conformance?: number;
  /** The longest APDU taken from the meter; 0 is no limit. 65535 unless told otherwise. */
  readonly maxReceivePduSize?: number;
  /** calling-AE-invocation-id: the user's identification. */
  readonly userId?: number;
  /** CtoS. Drawn from `crypto.random` unless given; give one only to repeat a recording. */
  readonly challenge?: Uint8Array;
  /** Some meters answer every request under one and the same invoke id: use only this one. */
  readonly fixedInvokeId?: number;
  /** Asks with high priority, as most clients do, unless told otherwise. */
  readonly highPriority?: boolean;
  /**
   * Goes on when the meter sends our own challenge back as its own. Off unless told otherwise: with mechanisms 2, 3 and 4 whoever
   * does that needs no secret. For recordings of meters that draw no random numbers.
   */
  readonly allowEchoedChallenge?: boolean;
  /**
   * Mechanism 2: takes a challenge of the meter that is not one block of AES, 16 octets. Off unless told otherwise. One that has a block in
   * common with ours is refused in any case.
   */
  readonly allowOddChallenge?: boolean;
  /**
   * Takes a meter whose invocation counter went back, in associations in which pass 4 proves it afresh. Off unless told otherwise: what it
   * answered under that key before can then be played into the association.
   */
  readonly allowCounterReset?: boolean;
  /** What is known of how the meter answers lists, from associations before. */
  readonly lists?: ListTrust;
  /**
   * Goes on when the meter takes our half of the authentication (HLS) and returns nothing for its own: then anybody may be on the line. Off
   * unless told otherwise. A proof that does not hold is refused in any case.
   */
  readonly acceptUnprovenMeter?: boolean;
  /** Octets that one block transfer may have. */
  readonly maxTransfer?: number;
  /**
   * general-block-transfer: blocks that the meter may send in a row, 1 to 63. 1 unless told otherwise: not every server that streams does
   * it as it should.
   */
  readonly generalBlockWindow?: number;
  /**
   * general-block-transfer: milliseconds without a block after which the missing ones are asked for again. Left out where the data link
   * loses nothing: never.
   */
  readonly blockPatience?: number;
  /** The messages go as datagrams, of which any may be lost or come twice. */
  readonly datagrams?: boolean;
}

/** What this client proposes unless told otherwise: every LN service it speaks. */
export const CLIENT_CONFORMANCE: number = conformanceBits([
  'general-protection',
  'general-block-transfer',
  'priority-mgmt-supported',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'multiple-references',
  'data-notification',
  'get',
  'set',
  'selective-access',
  'event-notification',
  'action',
]);

/** What was agreed. */
export interface AssociationView {
  /** Negotiated conformance, 24 bits. */
  readonly conformance: number;
  /** The longest APDU that the meter takes; 0 is no limit. */
  readonly serverMaxReceivePduSize: number;
  readonly dlmsVersion: number;
  readonly qualityOfService?: number;
  /** The meter's system title, where it told it or it was given. */
  readonly serverTitle?: Uint8Array;
}
