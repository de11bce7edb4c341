import type { Millis } from '../base/clock.js';
import type { Data } from '../codec/data.js';
import type { AssociationDefinition, Naming } from './association.js';
import type { OctetSource } from './octet-source.js';
import type { ActionResult, AttributeDescriptor, AttributeWithSelection, MethodDescriptor } from './services.js';

/** What the server answers to a GET of one attribute: its data, its encoding piece by piece, or an error. */
export type GetAnswer =
  | {
      /** The value of the attribute. */
      readonly data: Data;
    }
  | {
      /** The encoding of the value (A-XDR), made when it is asked for: for long values. */
      readonly octets: OctetSource;
    }
  | {
      /** A data-access-result other than 0 (success). */
      readonly error: number;
    };

/** Who asks, and when. Each session has one such object, whose time is set again for each request. */
export interface RequestContext {
  /** Client SAP. */
  readonly client: number;
  /** The association in which the request came. */
  readonly association: AssociationDefinition;
  /** How its association names things. Left out: by logical names. */
  naming?: Naming;
  /** Whether the request carries an authentication tag that holds. */
  authenticated: boolean;
  /** When the request came, by the clock of the meter. */
  now: Millis;
}

/** What answers behind a session: a logical device. It must not throw. */
export interface ServerApplication {
  /** Answers a GET of one attribute. */
  get(attribute: AttributeWithSelection, context: RequestContext): GetAnswer;
  /** Carries out a SET of one attribute. @returns a data-access-result; 0 is success. */
  set(attribute: AttributeWithSelection, value: Data, context: RequestContext): number;
  /** Carries out an ACTION, with its parameter where the request has one. */
  action(method: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult;
  /**
   * The attribute or method that a client means by a short name; undefined where there is none, or the client does not see its object. Without it
   * no association can have short names.
   */
  named?(
    shortName: number,
    context: Pick<RequestContext, 'client'>,
  ): AttributeDescriptor | MethodDescriptor | undefined;
  /**
   * Is called when the status of an association changes: 0 non-associated, 1 association-pending, 2 associated. With 2, `clientTitle` is the
   * system title of the AARQ, if it had one.
   */
  statusChanged(association: AssociationDefinition, status: 0 | 1 | 2, clientTitle?: Uint8Array): void;
}

/** What a server needs of a logical device. `LogicalDevice` implements it. */
export interface ServedDevice extends ServerApplication {
  /** Server SAP. */
  readonly sap: number;
  /** The association that is offered to a client SAP; undefined when there is none. */
  association(client: number): AssociationDefinition | undefined;
  /** The short name of an attribute or method for a client, to report it; undefined where there is none. */
  shortNameOf?(member: AttributeDescriptor | MethodDescriptor, client: number): number | undefined;
}
