/** Associations, keys and security setups of the meter. */

import { AccessError } from '../../src/base/errors.js';
import { PUBLIC, associations as specified } from '../../src/companion/is15959/associations.js';
import type { Implementation } from '../../src/cosem/class.js';
import type { SecuritySetupV0 } from '../../src/cosem/classes/access.js';
import type { Core } from './core.js';
import { BENCH_SECRETS, type Identity, type MeterOptions, type MeterSecrets } from './options.js';
import type { AssociationDefinition, Platform, ServerSecurity } from './platform.js';

const MAX_RECEIVE = 832;
const MAX_SEND = 768;
/** What the reference meter offers and the server does not do is not offered. */
const GENERAL_BLOCK_TRANSFER = 0x200000;
const POLICIES = ['nothing', 'all-authenticated', 'all-encrypted', 'all-authenticated-and-encrypted'] as const;
const PROTECTIONS = ['none', 'authentication', 'encryption', 'authenticated-encryption'] as const;
const SECRET_CHANGED: Readonly<Record<number, number>> = { 32: 161, 48: 162, 80: 163 };
const KEY_CHANGED = 164;

/** Keys and associations of one meter. All ciphered associations share one set of keys and counters. */
export interface Access {
  readonly secrets: MeterSecrets;
  readonly security: ServerSecurity;
  /** By client SAP, in order; the in-home display has none. */
  readonly associations: readonly AssociationDefinition[];
}

export function accessOf(options: MeterOptions, platform: Platform, core: Core): Access {
  const secrets: MeterSecrets = { ...BENCH_SECRETS, ...options.secrets };
  const security: ServerSecurity = {
    keys: {
      encryption: secrets.encryptionKey,
      authentication: secrets.authenticationKey,
      broadcast: secrets.broadcastKey,
    },
    counters: platform.counters(),
    counterEntry: 'server/guek',
    received: platform.receiveCounter(),
    broadcastReceived: platform.receiveCounter(),
  };
  const offered = specified.filter((association) => association.key !== 'ihd');
  return {
    secrets,
    security,
    associations: offered.map((spec): AssociationDefinition => {
      const { mechanism, alternativeMechanisms } = spec;
      const secret = { 32: secrets.lls, 48: secrets.hls, 80: secrets.firmwareHls }[spec.clientSap];
      const ciphered = spec.clientSap !== PUBLIC;
      return watched(core, {
        client: spec.clientSap,
        name: spec.title,
        logicalName: spec.logicalName,
        context: ciphered ? 'ln-ciphered' : 'ln',
        mechanism,
        conformance: spec.conformance & ~GENERAL_BLOCK_TRANSFER,
        maxReceivePduSize: MAX_RECEIVE,
        maxSendPduSize: MAX_SEND,
        ...(alternativeMechanisms === undefined ? {} : { alternativeMechanisms }),
        ...(secret === undefined ? {} : { secret }),
        ...(ciphered ? { security, policy: PROTECTIONS[spec.policy] } : {}),
        ...(spec.securitySetup === undefined ? {} : { securitySetup: spec.securitySetup }),
        ...(spec.preEstablished === true ? { preEstablished: true } : {}),
      });
    }),
  };
}

/** Logs it when the secret is changed. */
function watched(core: Core, definition: AssociationDefinition): AssociationDefinition {
  const event = SECRET_CHANGED[definition.client];
  let { secret } = definition;
  if (event === undefined || secret === undefined) return definition;
  return Object.defineProperty(definition, 'secret', {
    enumerable: true,
    get: () => secret,
    set: (changed: Uint8Array) => {
      secret = changed;
      core.events.record(event, core.now());
    },
  });
}

/** The security setup of one association. */
export function securitySetup(
  definition: AssociationDefinition,
  access: Access,
  identity: Identity,
  platform: Platform,
  core: Core,
): Implementation<typeof SecuritySetupV0> {
  const target = `64:${definition.securitySetup}`;
  const level = () => PROTECTIONS.indexOf(definition.policy ?? 'none');
  return {
    securityPolicy: () => POLICIES[level()] ?? 'nothing',
    securitySuite: 'AES-GCM-128',
    clientSystemTitle: new Uint8Array(0),
    serverSystemTitle: identity.systemTitle,
    securityActivate: (policy) => {
      const wanted = POLICIES.indexOf(policy);
      // Protection is never taken away again: only what is there may be added to.
      if ((wanted & level()) !== level())
        throw new AccessError('read-write-denied', target, 'a weaker security policy');
      definition.policy = PROTECTIONS[wanted] ?? 'none';
    },
    globalKeyTransfer: (wrapped) => {
      const keys = { ...access.security.keys };
      for (const { keyId, keyWrapped } of wrapped) {
        const key = unwrapped(platform, access.secrets.masterKey, keyWrapped, target);
        if (keyId === 'global-unicast-encryption-key') Object.assign(keys, { encryption: key });
        else if (keyId === 'global-broadcast-encryption-key') Object.assign(keys, { broadcast: key });
        else if (keyId === 'authentication-key') Object.assign(keys, { authentication: key });
        else throw new AccessError('other-reason', target, 'the master key is not transferred this way');
      }
      // All of them or none: a client that sends two must not end with one.
      access.security.keys = keys;
      core.events.record(KEY_CHANGED, core.now());
    },
  };
}

function unwrapped(platform: Platform, masterKey: Uint8Array, wrapped: Uint8Array, target: string): Uint8Array {
  let key: Uint8Array;
  try {
    key = platform.unwrapKey(platform.crypto, masterKey, wrapped);
  } catch (error) {
    throw new AccessError('other-reason', target, 'a key that is not wrapped under the master key', { cause: error });
  }
  if (key.length !== 16 || key.every((octet) => octet === 0)) {
    throw new AccessError('other-reason', target, 'a key that cannot be used');
  }
  return key;
}
