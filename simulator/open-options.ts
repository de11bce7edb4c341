import { StateError } from '../src/base/errors.js';
import { given } from '../src/base/given.js';
import type { Framing } from '../src/contracts/link.js';
import type { MeterConnection } from './meter/connections.js';
import type { MeterPlace } from './place.js';

/** The names that `open()` has for mechanisms, by their number. */
const MECHANISMS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'] as const;

/** The part of the options of `open()` that a connection needs. Holds keys and passwords. */
export interface ConnectionOptions {
  /** Data link of the line that the meter is served on; left out where no line is served yet and its options name none. */
  readonly framing?: Framing;
  /** Client SAP. */
  readonly client: number;
  /** Server SAP. */
  readonly server: number;
  /** HDLC: the lower (physical) part of the meter's address, where it has one. */
  readonly serverLower?: number;
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

/** The connection that is meant when none is named. */
const USUAL = 'reader';

/**
 * The options with which `open()` connects to a virtual meter, by the name of the connection: `public`, `reader`, `utility`, `push`,
 * `firmware` or `ihd`; without a name the reader's, or the only one of a recorded meter. Framing and address are those of the line that was served
 * last, also of a meter of a fleet, behind a gateway or not.
 * ```ts
 * const client = await open(await meter.line({ framing: 'wrapper' }), openOptionsOf(meter, 'utility'));
 * ```
 * Where several lines are served in different framings, take these options when you open the line, or write `framing` behind them.
 * @throws StateError when the meter has no such connection.
 */
export function openOptionsOf(
  meter: { readonly connections: readonly MeterConnection[]; readonly place?: MeterPlace | undefined },
  name?: string,
): ConnectionOptions {
  const { connections, place } = meter;
  const named = connections.find((candidate) => candidate.name === (name ?? USUAL));
  const connection = named ?? (name === undefined && connections.length === 1 ? connections[0] : undefined);
  if (connection === undefined) {
    const known = connections.map((candidate) => candidate.name).join(', ');
    throw new StateError(`the meter has no connection '${name ?? USUAL}'`, { hint: `it has ${known}` });
  }
  const { client, server, mechanism, secret, security, preEstablished } = connection;
  return {
    ...given({ framing: place?.framing, serverLower: place?.serverLower }),
    client,
    server: place?.server ?? server,
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
