import type { Millis } from '../base/clock.js';
import type { LogicalName } from '../base/obis.js';
import type { CounterGuard } from './counter-guard.js';
import type { CounterStore } from './counter-store.js';
import type { GlobalKeys, Protection } from './protection.js';

/** Keys and counters of a server; several associations may share one set. */
export interface ServerSecurity {
  /** A key transfer puts new keys here; they hold from the next association on. */
  keys: GlobalKeys;
  readonly counters: CounterStore;
  /** The entry of `counters` for the server's sending under the global key: it runs on across associations. */
  readonly counterEntry: string;
  /** Guards what clients send under the global key, across associations. A new key brings a new one, for it is counted from the beginning. */
  received: CounterGuard;
  broadcastReceived?: CounterGuard;
}

/** Counts failed authentications and shuts the door for a while. */
export interface AuthenticationLock {
  locked(now: Millis): boolean;
  attempted(succeeded: boolean, now: Millis): void;
}

/** One association that a logical device offers, to one client SAP. */
export interface AssociationDefinition {
  /** Client SAP. */
  readonly client: number;
  /** For people: `Meter reader`. */
  readonly name: string;
  /** Its object, such as 0.0.40.0.2.255; the current one is always at 0.0.40.0.0.255 too. */
  readonly logicalName: LogicalName;
  readonly context: 'ln' | 'ln-ciphered';
  readonly mechanism: Exclude<MechanismId, 7>;
  /** Other mechanisms of high level security that are taken as well, under the same secret or keys. */
  readonly alternativeMechanisms?: readonly Exclude<MechanismId, 0 | 1 | 7>[];
  /** Password or HLS secret. May be changed while the meter runs. */
  secret?: Uint8Array;
  readonly security?: ServerSecurity;
  /** What requests must carry at least and what answers carry, in a ciphered context. */
  policy?: Protection;
  /**
   * The same for InitiateRequest, HLS and release. `authenticated-encryption` unless told otherwise; where the policy is `encryption`, a
   * client that only encrypts its InitiateRequest is taken as well.
   */
  readonly handshake?: Protection;
  /** What the server can do, 24 bits. */
  readonly conformance: number;
  readonly maxReceivePduSize: number;
  readonly maxSendPduSize: number;
  /**
   * How answers go that are longer than an APDU may be, where general-block-transfer was negotiated: by it, unless told otherwise, or in
   * the blocks of GET and ACTION all the same.
   */
  readonly longAnswers?: 'general-blocks' | 'service-blocks';
  /** Requests that get no answer, by the type of their APDU, such as `get-request-with-list`. None unless given. */
  readonly ignores?: (service: string) => boolean;
  /**
   * Whether an RLRQ without user-information, which proves nothing, ends a ciphered association: no, unless told otherwise. Anybody on
   * the line can send one.
   */
  readonly bareRelease?: boolean;
  /** Open without AARQ, and for ever. */
  readonly preEstablished?: boolean;
  /** The one client system title that is let in; any unless given. */
  readonly clientTitle?: Uint8Array;
  /** The system title that it was opened with last: the device notes it. */
  lastClientTitle?: Uint8Array;
  readonly securitySetup?: LogicalName;
  readonly lock?: AuthenticationLock;
}

/** Authentication mechanism by its id: the last arc of 2.16.756.5.8.2.n. */
export type MechanismId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
