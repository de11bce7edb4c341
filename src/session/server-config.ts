import type { ActionResult, AttributeWithSelection, MechanismId, MethodDescriptor } from '../apdu/apdu.js';
import type { Millis } from '../base/clock.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Protection, ReceiveCounter } from '../security/ciphering.js';
import type { CounterStore } from '../security/counter.js';
import type { CryptoProvider } from '../security/crypto.js';
import type { GlobalKeys } from './protection.js';
import type { OctetSource } from './transfer.js';

/** Keys and counters of a server; several associations may share one set. */
export interface ServerSecurity {
  /** A key transfer puts new keys here; they hold from the next association on. */
  keys: GlobalKeys;
  readonly counters: CounterStore;
  /** The entry of `counters` for the server's sending under the global key: it runs on across associations. */
  readonly counterEntry: string;
  /** Guards what clients send under the global key, across associations. A new key brings a new one, for it is counted from the beginning. */
  received: ReceiveCounter;
  broadcastReceived?: ReceiveCounter;
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
   * the blocks of GET and ACTION all the same, as a reference meter does.
   */
  readonly longAnswers?: 'general-blocks' | 'service-blocks';
  /** Requests with a list get no answer, though they were negotiated, as of meters in the field. False. */
  readonly ignoresLists?: boolean;
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

/** What the server answers to a GET of one attribute. `octets` is the encoding of the data, made as it is asked for. */
export type Reading = { readonly data: Data } | { readonly octets: OctetSource } | { readonly error: number };

/** Who asks, and when. One object a session, its time set anew for each request. */
export interface RequestContext {
  readonly client: number;
  readonly association: AssociationDefinition;
  /** Whether the request carries an authentication tag that holds. */
  authenticated: boolean;
  now: Millis;
}

/** What stands behind a session: a logical device. It must not throw. */
export interface ServerApplication {
  get(attribute: AttributeWithSelection, context: RequestContext): Reading;
  /** @returns a data-access-result, 0 is success. */
  set(attribute: AttributeWithSelection, value: Data, context: RequestContext): number;
  action(method: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult;
  /** 0 non-associated, 1 association-pending, 2 associated: then `clientTitle` is the system title that the AARQ told, if it told one. */
  statusChanged(association: AssociationDefinition, status: 0 | 1 | 2, clientTitle?: Uint8Array): void;
}

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
