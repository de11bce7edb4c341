import type { Apdu } from '../apdu/apdu.js';
import type { ConformanceName } from '../apdu/conformance.js';
import type { Data } from '../codec/data.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { MethodDescriptor } from '../contracts/services.js';
import type { Target } from './client-answers.js';
import type { ClientSessionConfig } from './client-config.js';
import type { Envelope } from './envelope.js';

/** What speaks in another way needs of the channel of an association. */
export interface NamingChannel {
  readonly config: ClientSessionConfig;
  readonly envelope: Envelope;
  /** The kind of block transfer that is under way. */
  transfer: ConformanceName | undefined;
  /**
   * Judges an APDU without an invoke id.
   * @returns undefined where the next payload is to be awaited.
   * @throws AccessError, without a target AssociationError, for an error of the service.
   */
  judge(apdu: Apdu, target: Target | undefined): Apdu | undefined;
  /** What is yielded after a payload that was put aside. */
  waitOn(): Exchange;
}

/**
 * How the services of a client are spoken where that is not by logical names. Requests and answers keep the form that they have with logical
 * names; what goes over the line is another one. Loaded where a meter wants it.
 */
export interface ClientNaming {
  /** An association begins. @param limit octets that a request may have before it is protected. */
  begin(limit: number): void;
  /** Asks what the request says. @returns the answer in the form of logical names. */
  ask(channel: NamingChannel, request: Uint8Array): Procedure<Apdu>;
  /** The same for pass 3 of HLS, protected as the association itself is. */
  askHls(channel: NamingChannel, request: Uint8Array): Procedure<Apdu>;
  /** Calls a method without awaiting an answer. @param more whether another request follows at once. */
  tell(channel: NamingChannel, method: MethodDescriptor, parameter: Data | undefined, more: boolean): Procedure<void>;
}
