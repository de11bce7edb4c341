import type { Millis } from '../base/clock.js';
import type { Data } from '../codec/data.js';
import type { AssociationDefinition } from './association.js';
import type { OctetSource } from './octet-source.js';
import type { ActionResult, AttributeWithSelection, MethodDescriptor } from './services.js';

/** What the server answers to a GET of one attribute. `octets` is the encoding of the data, made as it is asked for. */
export type GetAnswer = { readonly data: Data } | { readonly octets: OctetSource } | { readonly error: number };

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
  get(attribute: AttributeWithSelection, context: RequestContext): GetAnswer;
  /** @returns a data-access-result, 0 is success. */
  set(attribute: AttributeWithSelection, value: Data, context: RequestContext): number;
  action(method: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult;
  /** 0 non-associated, 1 association-pending, 2 associated: then `clientTitle` is the system title that the AARQ told, if it told one. */
  statusChanged(association: AssociationDefinition, status: 0 | 1 | 2, clientTitle?: Uint8Array): void;
}

/** What a server needs of a logical device: `LogicalDevice` is one. */
export interface ServedDevice extends ServerApplication {
  /** Server SAP. */
  readonly sap: number;
  /** The association of a client SAP. */
  association(client: number): AssociationDefinition | undefined;
}
