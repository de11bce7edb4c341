import { fromLatin1 } from '../../src/base/bytes.js';
import { given } from '../../src/base/given.js';
import { associations, DISPLAY } from '../../src/companion/is15959/associations.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { Identity } from './options.js';
import type { Access } from './security.js';

/** How one kind of client connects to a meter. Holds keys and passwords. */
export interface MeterConnection {
  /** Which association: `public`, `reader`, `utility`, `push`, `firmware` or `ihd`. */
  readonly name: string;
  /** What the association is called in IS 15959, in English. */
  readonly title: string;
  /** Client SAP. */
  readonly client: number;
  /** Server SAP: the management logical device, 1. */
  readonly server: number;
  /** Number of the authentication mechanism (IEC 62056-5-3 clause 7): 0 none, 1 LLS, 2 to 7 HLS. */
  readonly mechanism: number;
  /** Password of LLS or secret of HLS; left out without authentication. */
  readonly secret?: Uint8Array;
  /** What would have been negotiated, for an association that is open without AARQ (pre-established). */
  readonly preEstablished?: {
    /** Conformance block, 24 bits (IEC 62056-5-3 clause 7). */
    readonly conformance: number;
    /** Longest APDU that the meter takes, in octets. */
    readonly serverMaxReceivePduSize: number;
  };
  /** Keys and titles, for a ciphered application context. */
  readonly security?: {
    /** Global unicast encryption key (GUEK). */
    readonly encryptionKey: Uint8Array;
    /** Authentication key (GAK). */
    readonly authenticationKey: Uint8Array;
    /** Global broadcast encryption key (GBEK). */
    readonly broadcastKey?: Uint8Array;
    /** Protection that requests need at least, and that answers carry. */
    readonly policy: 'none' | 'authentication' | 'encryption' | 'authenticated-encryption';
    /** A system title that the client can use, 8 octets; the meter accepts any. */
    readonly clientTitle: Uint8Array;
    /** System title of the meter, 8 octets. */
    readonly serverTitle: Uint8Array;
    /** Logical name of the object with the lowest invocation counter that the meter accepts, where the public client may read it. */
    readonly invocationCounter?: string;
  };
}

const CLIENT_TITLE = fromLatin1('CSMHES01');

/** The connections with the keys and secrets of this moment: they can be changed while the meter lives. */
export function connectionsOf(access: Access, identity: Identity): MeterConnection[] {
  return access.associations.map((definition) => {
    const spec = associations.find((association) => association.clientSap === definition.client);
    // Only the display itself may read its counter, so it must keep count by itself.
    const invocationCounter = definition.client === DISPLAY ? undefined : spec?.invocationCounter;
    const connection: MeterConnection = {
      name: spec?.key ?? String(definition.client),
      title: definition.name,
      client: definition.client,
      server: 1,
      mechanism: definition.mechanism,
      ...(definition.preEstablished === true
        ? {
            preEstablished: {
              conformance: definition.conformance,
              serverMaxReceivePduSize: definition.maxReceivePduSize,
            },
          }
        : {}),
    };
    return Object.defineProperties(connection, {
      ...(definition.secret === undefined ? {} : { secret: { enumerable: true, get: () => definition.secret } }),
      ...(definition.security === undefined
        ? {}
        : { security: { enumerable: true, get: () => securityOf(definition, identity, invocationCounter) } }),
    });
  });
}

function securityOf({ security, policy }: AssociationDefinition, identity: Identity, counter: string | undefined) {
  if (security === undefined) return undefined;
  const { encryption, authentication, broadcast } = security.keys;
  return {
    encryptionKey: encryption,
    authenticationKey: authentication,
    ...given({ broadcastKey: broadcast }),
    policy: policy ?? 'none',
    clientTitle: CLIENT_TITLE,
    serverTitle: identity.systemTitle,
    ...given({ invocationCounter: counter }),
  } satisfies MeterConnection['security'];
}
