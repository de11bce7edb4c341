import { StateError } from '../src/base/errors.js';
import { given } from '../src/base/given.js';
import type { MeterConnection } from './meter/connections.js';

/** The names that `open()` has for mechanisms, by their number. */
const MECHANISMS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'] as const;

/** The part of the options of `open()` that a connection needs. Holds keys and passwords. */
export interface ConnectionOptions {
  /** Client SAP. */
  readonly client: number;
  /** Server SAP. */
  readonly server: number;
  /** Authentication mechanism. */
  readonly authentication: (typeof MECHANISMS)[number];
  /** Password, for LLS. */
  readonly password?: Uint8Array;
  /** HLS secret, for mechanisms that need one. */
  readonly secret?: Uint8Array;
  /** What would have been negotiated, for a pre-established association. */
  readonly preEstablished?: {
    /** Conformance block, 24 bits (IEC 62056-5-3 clause 7). */
    readonly conformance: number;
    /** Longest APDU that the meter takes, in octets. */
    readonly serverMaxReceivePduSize: number;
  };
  /** Keys and titles, for a ciphered application context. */
  readonly security?: {
    /** System title of the client, 8 octets. */
    readonly systemTitle: Uint8Array;
    /** Global unicast encryption key (GUEK). */
    readonly encryptionKey: Uint8Array;
    /** Authentication key (GAK). */
    readonly authenticationKey: Uint8Array;
    /** Protection of requests and answers. */
    readonly policy: NonNullable<MeterConnection['security']>['policy'];
    /** Logical name of the object with the invocation counter, which the public client reads first; undefined where there is none. */
    readonly readInvocationCounter: string | undefined;
    /** Whether to use general ciphering, which carries the system titles. Needed where no AARQ exchanges them. */
    readonly general?: boolean;
    /** System title of the meter, 8 octets, where no AARE tells it. */
    readonly serverTitle?: Uint8Array;
  };
}

/**
 * The options with which `open()` connects to a virtual meter, by the name of the connection: `public`, `reader`, `utility`, `push`,
 * `firmware` or `ihd`.
 * ```ts
 * const client = await open(await meter.line(), openOptionsOf(meter, 'utility'));
 * ```
 * @throws StateError when the meter has no such connection.
 */
export function openOptionsOf(
  meter: { readonly connections: readonly MeterConnection[] },
  name: string,
): ConnectionOptions {
  const connection = meter.connections.find((candidate) => candidate.name === name);
  if (connection === undefined) {
    const known = meter.connections.map((candidate) => candidate.name).join(', ');
    throw new StateError(`the meter has no connection '${name}'`, { hint: `it has ${known}` });
  }
  const { client, server, mechanism, secret, security, preEstablished } = connection;
  return {
    client,
    server,
    authentication: MECHANISMS[mechanism] ?? 'none',
    ...given({ preEstablished }),
    ...(secret === undefined ? {} : { [mechanism === 1 ? 'password' : 'secret']: secret }),
    ...(security === undefined
      ? {}
      : {
          security: {
            systemTitle: security.clientTitle,
            encryptionKey: security.encryptionKey,
            authenticationKey: security.authenticationKey,
            policy: security.policy,
            readInvocationCounter: security.invocationCounter,
            ...(preEstablished === undefined ? {} : { general: true, serverTitle: security.serverTitle }),
          },
        }),
  };
}
