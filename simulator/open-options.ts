import { StateError } from '../src/base/errors.js';
import { given } from '../src/base/given.js';
import type { MeterConnection } from './meter/connections.js';

/** Mechanisms by their number, as `open()` names them. */
const MECHANISMS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'] as const;

/** What `open()` needs to be let in: a part of its options. */
export interface ConnectionOptions {
  readonly client: number;
  readonly server: number;
  readonly authentication: (typeof MECHANISMS)[number];
  readonly password?: Uint8Array;
  readonly secret?: Uint8Array;
  readonly preEstablished?: { readonly conformance: number; readonly serverMaxReceivePduSize: number };
  readonly security?: {
    readonly systemTitle: Uint8Array;
    readonly encryptionKey: Uint8Array;
    readonly authenticationKey: Uint8Array;
    readonly policy: NonNullable<MeterConnection['security']>['policy'];
    readonly readInvocationCounter: string | undefined;
    /** Where nothing exchanges the titles: requests tell ours, and this is the meter's. */
    readonly general?: boolean;
    readonly serverTitle?: Uint8Array;
  };
}

/**
 * How `open()` connects to a virtual meter, by the connection's name: `open(await meter.line(), openOptionsOf(meter, 'utility'))`.
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
