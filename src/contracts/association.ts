import type { Millis } from '../base/clock.js';
import type { LogicalName } from '../base/obis.js';
import type { CounterGuard } from './counter-guard.js';
import type { CounterStore } from './counter-store.js';
import type { GlobalKeys, KeyPairs, Protection } from './protection.js';

/** Keys and counters of a server. Several associations may share one set. */
export interface ServerSecurity {
  /** The global keys. A key transfer puts new ones here; they are used from the next association on. */
  keys: GlobalKeys;
  /** The master key (KEK): of keys that are transferred, and of messages that bring their key along. */
  masterKey?: Uint8Array;
  /** Where the server's own invocation counters for sending come from. */
  readonly counters: CounterStore;
  /** The entry of `counters` for what the server sends under the global key. The counter runs on across associations. */
  readonly counterEntry: string;
  /** Replay guard of what clients send under the global key, across associations. A new key gets a new guard, because its counters begin again. */
  received: CounterGuard;
  /** The same for what clients send under the global broadcast key (GBEK); left out where the device takes no broadcast. */
  broadcastReceived?: CounterGuard;
}

/** Counts failed authentications and refuses further ones for a while. */
export interface AuthenticationLock {
  /** Whether authentication is refused at present. */
  locked(now: Millis): boolean;
  /** Is called after each authentication that was tried, with its outcome. */
  attempted(succeeded: boolean, now: Millis): void;
}

/** Which services of an association are signed (general-signing). */
export interface SignedServices {
  /** Whether a request that is not signed is refused. */
  readonly request: boolean;
  /** Whether answers are signed. */
  readonly response: boolean;
}

/** One association that a logical device offers, to one client SAP. */
export interface AssociationDefinition {
  /** Client SAP. */
  readonly client: number;
  /** A name for people: `Meter reader`. */
  readonly name: string;
  /** Logical name of its association object, such as 0.0.40.0.2.255. The current association is always at 0.0.40.0.0.255 too. */
  readonly logicalName: LogicalName;
  /** Application context: logical names or short names, without ciphering or with it. */
  readonly context: ApplicationContext;
  /** Whether clients may name in the other way too: each opens in the context that it asks for. Default false. */
  readonly bothNamings?: boolean;
  /** Authentication mechanism that the client must use. */
  readonly mechanism: MechanismId;
  /** Other mechanisms of high level security that are accepted as well, with the same secret or keys. */
  readonly alternativeMechanisms?: readonly Exclude<MechanismId, 0 | 1>[];
  /** Password or HLS secret. May be changed while the meter runs. */
  secret?: Uint8Array;
  /** Keys and counters; needed in a ciphered context and for HLS-GMAC. */
  readonly security?: ServerSecurity;
  /** Security suite of keys, signatures and key agreement. Default 0. */
  suite?: 0 | 1 | 2;
  /** Key pairs, for mechanism 7, signatures and key agreement: suites 1 and 2. May be changed while the meter runs. */
  keyPairs?: KeyPairs;
  /** In a ciphered context: the protection that requests must have at least, and that answers get. */
  policy?: Protection;
  /** The protection that answers get, where it is another one. */
  responsePolicy?: Protection;
  /** Whether requests must be signed, and answers are: suites 1 and 2. A request that is signed is answered so where there is a key for it. */
  signed?: SignedServices;
  /**
   * The same for InitiateRequest, HLS and release. Default `authenticated-encryption`. Where the policy is `encryption`, a client that only
   * encrypts its InitiateRequest is accepted as well.
   */
  readonly handshake?: Protection;
  /**
   * The conformance block that the server offers, 24 bits: `conformanceBits` makes it from names. With short names `get` offers Read too,
   * `set` Write, `action` and `selective-access` parameterized access, `event-notification` InformationReport.
   */
  readonly conformance: number;
  /** The longest APDU that the server takes, in octets: server-max-receive-pdu-size of its InitiateResponse. */
  readonly maxReceivePduSize: number;
  /** The longest APDU that the server sends, in octets, even if the client would take a longer one. */
  readonly maxSendPduSize: number;
  /**
   * How answers that are longer than one APDU are sent where general-block-transfer was negotiated: by general-block-transfer (default), or
   * still by the blocks of GET and ACTION.
   */
  readonly longAnswers?: 'general-blocks' | 'service-blocks';
  /** For tests: requests that get no answer, by the type of their APDU, such as `get-request-with-list`. Default none. */
  readonly ignores?: (service: string) => boolean;
  /**
   * Whether an RLRQ without user-information ends a ciphered association. Default no: such an RLRQ is not authenticated, and anybody on the
   * line can send one.
   */
  readonly bareRelease?: boolean;
  /** The association is always open, without an AARQ. */
  readonly preEstablished?: boolean;
  /** The only client system title that is accepted (eight octets); any where it is left out. */
  readonly clientTitle?: Uint8Array;
  /** The client system title of the last opening. The device writes it here. */
  lastClientTitle?: Uint8Array;
  /** Logical name of the Security setup object that belongs to it, such as 0.0.43.0.2.255. */
  readonly securitySetup?: LogicalName;
  /** Refuses authentication for a while after failures; no such lock where it is left out. */
  readonly lock?: AuthenticationLock;
}

/** How attributes and methods are named: by logical names (LN referencing) or by short names (SN referencing). */
export type Naming = 'ln' | 'sn';

/** Application context: how things are named, and whether APDUs are ciphered (IEC 62056-5-3 clause 7.2). */
export type ApplicationContext = Naming | `${Naming}-ciphered`;

/** Authentication mechanism by its id, the last arc of 2.16.756.5.8.2.n: 0 none, 1 LLS, 2 to 7 HLS (5 is GMAC, 7 is ECDSA). */
export type MechanismId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
