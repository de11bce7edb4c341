import { fromLatin1 } from '../../src/base/bytes.js';
import { given } from '../../src/base/given.js';
import { associations, DISPLAY } from '../../src/companion/is15959/associations.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { Identity } from './options.js';
import type { Access } from './security.js';

/** How one kind of client connects to a meter. Holds keys and passwords. */
export interface MeterConnection {
  /** `public`, `reader`, `utility`, `push`, `firmware`, `ihd`. */
  readonly name: string;
  readonly title: string;
  readonly client: number;
  readonly server: number;
  /** Authentication mechanism id. */
  readonly mechanism: number;
  /** Password of LLS or secret of HLS. */
  readonly secret?: Uint8Array;
  /** Where the meter holds the association open without AARQ: what would have been negotiated. */
  readonly preEstablished?: { readonly conformance: number; readonly serverMaxReceivePduSize: number };
  /** Where the context is ciphered. */
  readonly security?: {
    readonly encryptionKey: Uint8Array;
    readonly authenticationKey: Uint8Array;
    readonly broadcastKey?: Uint8Array;
    /** What requests carry at least, and what answers carry. */
    readonly policy: 'none' | 'authentication' | 'encryption' | 'authenticated-encryption';
    /** A title for the client; the meter takes any. */
    readonly clientTitle: Uint8Array;
    readonly serverTitle: Uint8Array;
    /** The object with the lowest invocation counter that the meter takes, where the public client may read it. */
    readonly invocationCounter?: string;
  };
}

const CLIENT_TITLE = fromLatin1('CSMHES01');

/** Keys and secrets are those of the moment: they can be changed while the meter lives. */
export function connectionsOf(access: Access, identity: Identity): MeterConnection[] {
  return access.associations.map((definition) => {
    const spec = associations.find((association) => association.clientSap === definition.client);
    // The counter of the display is shown to the display alone: it counts for itself.
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
