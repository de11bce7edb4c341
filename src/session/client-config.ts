import { conformanceBits } from '../apdu/conformance.js';
import type { Reception } from '../apdu/received.js';
import type { MechanismId } from '../contracts/association.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys, KeyPairs, MessageKey, Protection } from '../contracts/protection.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import type { ReadShortNames } from '../contracts/short-names.js';
import type { SuiteId } from '../security/suites.js';
import type { ListTrust } from './list-trust.js';

/** Ciphering on the side of the client. */
export interface ClientSecurity {
  /** The global keys: 16 octets each, or 32 with security suite 2. */
  readonly keys: GlobalKeys;
  /** Where our invocation counters for sending come from. */
  readonly counters: CounterStore;
  /** The entry of `counters` for what we send under the global key: `<own title>/<meter>/guek`. */
  readonly counterEntry: string;
  /** How requests are protected. Default `authenticated-encryption`. */
  readonly request?: Protection;
  /** The protection that answers must have at least. Default that of the requests. */
  readonly response?: Protection;
  /**
   * How the association itself is protected: InitiateRequest, HLS ACTION and release, always under the global key. Default
   * `authenticated-encryption`, whatever the policy for data is.
   */
  readonly handshake?: Protection;
  /** A key for this association only, as long as the global ones. Further APDUs use ded-ciphering with it. */
  readonly dedicatedKey?: Uint8Array;
  /**
   * Uses general-glo- or general-ded-ciphering in place of the service-specific forms; or, by the name of the key of its messages, general-ciphering.
   * Default false.
   */
  readonly general?: boolean | MessageKey;
  /** Whether requests are signed (general-signing around their ciphering). Suites 1 and 2. Default false. */
  readonly sign?: boolean;
  /** Whether answers must be signed. Default that of `sign`. */
  readonly signedResponse?: boolean;
  /** The master key (KEK), for messages that bring their key along. */
  readonly masterKey?: Uint8Array;
  /** System title of the meter, if it is known beforehand. A pre-established association needs it. */
  readonly serverTitle?: Uint8Array;
  /** The lowest invocation counter that is accepted from the meter. Default 0, or what `received` has stored. */
  readonly lowestReceived?: number;
  /** Stores the counters received from meters, so that a recording of an earlier association is refused. */
  readonly received?: ReplayGuard;
}

/** Options of a {@link ClientSession}: everything about one association. */
export interface ClientSessionConfig extends Reception {
  /** Cryptography. May be left out for an association in clear without HLS. */
  readonly crypto?: CryptoProvider | undefined;
  /** Application context: logical names without ciphering, or with it. Default `ln`. */
  readonly context?: 'ln' | 'ln-ciphered';
  /**
   * Given for a meter with short names: makes them from its object list. The application context is then that of short names, and services keep the
   * form that they have with logical names.
   */
  readonly shortNames?: ReadShortNames;
  /** Authentication mechanism. Default 0 (none). */
  readonly mechanism?: MechanismId;
  /** Security suite of keys and signatures. Default 0. */
  readonly suite?: SuiteId;
  /** Key pairs, for mechanism 7, signatures and key agreement: suites 1 and 2. */
  readonly keyPairs?: KeyPairs;
  /** Password (mechanism 1) or HLS secret (2, 3, 4, 6). */
  readonly secret?: Uint8Array;
  /** Our own system title: for ciphering and for mechanisms 5, 6 and 7. */
  readonly systemTitle?: Uint8Array;
  /** Keys: for ciphering, and for mechanism 5 without it. */
  readonly security?: ClientSecurity;
  /** For an association that the meter always holds open, without an AARQ: what would have been negotiated. */
  readonly preEstablished?: {
    /** Conformance block of the association, 24 bits. */
    readonly conformance: number;
    /** The longest APDU that the meter accepts, in octets; 0 means no limit. */
    readonly serverMaxReceivePduSize: number;
  };
  /** The proposed conformance block. Default {@link CLIENT_CONFORMANCE}. */
  readonly conformance?: number;
  /** The longest APDU that is accepted from the meter, in octets; 0 means no limit. Default 65535. */
  readonly maxReceivePduSize?: number;
  /** calling-AE-invocation-id: identifies the user of the client. */
  readonly userId?: number;
  /** The challenge CtoS. Default drawn from `crypto.random`; give one only to repeat a recording. */
  readonly challenge?: Uint8Array;
  /** The only invoke id to use, for meters that answer every request under the same one. */
  readonly fixedInvokeId?: number;
  /** Whether requests have high priority, as with most clients. Default true. */
  readonly highPriority?: boolean;
  /**
   * Accepts our own challenge as the challenge of the meter. Default false: with mechanisms 2, 3 and 4 such a meter needs no secret. For recordings of
   * meters that draw no random numbers.
   */
  readonly allowEchoedChallenge?: boolean;
  /**
   * Mechanism 2: accepts a challenge of the meter that is not one block of AES (16 octets). Default false. A challenge that has a block in common with
   * ours is always refused.
   */
  readonly allowOddChallenge?: boolean;
  /**
   * Accepts a meter whose invocation counter went back, in associations where pass 4 proves the meter afresh. Default false: old answers under that key
   * could then be played into the association.
   */
  readonly allowCounterReset?: boolean;
  /** What earlier associations have shown of how the meter answers lists. */
  readonly lists?: ListTrust;
  /**
   * Continues when the meter accepts our part of HLS authentication but returns nothing for its own: then anybody may be on the line. Default false. A
   * wrong proof is always refused.
   */
  readonly acceptUnprovenMeter?: boolean;
  /** The most octets of one block transfer. */
  readonly maxTransfer?: number;
  /**
   * general-block-transfer: the most blocks that the meter may send in a row, 1 to 63. Default 1, because some servers do not stream correctly.
   */
  readonly generalBlockWindow?: number;
  /**
   * general-block-transfer: after so many milliseconds without a block the missing ones are asked for again. Default never, for data links that lose
   * nothing.
   */
  readonly blockPatience?: number;
  /** Whether messages are datagrams, which may be lost or come twice. */
  readonly datagrams?: boolean;
}

/** The conformance block that this client proposes by default to meters with short names. */
export const SHORT_NAME_CONFORMANCE: number = conformanceBits([
  'read',
  'write',
  'unconfirmed-write',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'multiple-references',
  'information-report',
  'data-notification',
  'parameterized-access',
]);

/** The conformance block that this client proposes by default: every LN service that it supports. */
export const CLIENT_CONFORMANCE: number = conformanceBits([
  'general-protection',
  'general-block-transfer',
  'priority-mgmt-supported',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'multiple-references',
  'data-notification',
  'access',
  'get',
  'set',
  'selective-access',
  'event-notification',
  'action',
]);

/** What was negotiated for an association. */
export interface AssociationView {
  /** Negotiated conformance, 24 bits. */
  readonly conformance: number;
  /** The longest APDU that the meter accepts, in octets; 0 means no limit. */
  readonly serverMaxReceivePduSize: number;
  /** negotiated-dlms-version-number: 6. */
  readonly dlmsVersion: number;
  /** negotiated-quality-of-service, where the meter sent one; not used in DLMS/COSEM. */
  readonly qualityOfService?: number;
  /** System title of the meter, if it was sent or given. */
  readonly serverTitle?: Uint8Array;
}
