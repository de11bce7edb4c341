import { equalBytes } from '../base/bytes.js';
import { AccessError } from '../base/errors.js';
import { PROTECTIONS } from '../base/protections.js';
import type { AssociationDefinition, ServerSecurity } from '../contracts/association.js';
import type { CounterGuard } from '../contracts/counter-guard.js';
import type { GlobalKeys } from '../contracts/protection.js';
import type { SecuritySetupV0 } from '../cosem/classes/security-setup.js';
import type { Implementation } from '../cosem/implementation.js';
import { keyLengthOf } from '../session/key-agreement.js';

const POLICIES = ['nothing', 'all-authenticated', 'all-encrypted', 'all-authenticated-and-encrypted'] as const;

/** The security suites as attribute 3 names them. */
export const SUITE_NAMES = ['AES-GCM-128', 'ECDH-ECDSA-P-256-AES-GCM-128', 'ECDH-ECDSA-P-384-AES-GCM-256'] as const;

/** What the security setup of an association needs of its device. */
export interface SecurityFacts {
  readonly systemTitle: Uint8Array;
  /** Unwraps a key with the master key. Throws when it was wrapped under another key. */
  unwrap(wrapped: Uint8Array): Uint8Array;
  /** The replay guard for messages under a new key. */
  guard(key: Uint8Array): CounterGuard;
  /** Called with new keys before they take effect. If it throws, the client gets a refusal and the old keys stay. */
  onKeys(keys: GlobalKeys): void;
}

/** The security setup (class 64) of one association. */
export function securitySetupObject(
  definition: AssociationDefinition,
  facts: SecurityFacts,
): Implementation<typeof SecuritySetupV0> {
  const target = `64:${definition.securitySetup}`;
  const level = () => PROTECTIONS.indexOf(definition.policy ?? 'none');
  return {
    securityPolicy: () => POLICIES[level()] ?? 'nothing',
    securitySuite: () => SUITE_NAMES[definition.suite ?? 0],
    clientSystemTitle: () => definition.lastClientTitle ?? new Uint8Array(0),
    serverSystemTitle: facts.systemTitle,
    securityActivate: (policy) => {
      const wanted = POLICIES.indexOf(policy);
      // Protection can only be added, never removed.
      if ((wanted & level()) !== level())
        throw new AccessError('read-write-denied', target, 'a weaker security policy');
      definition.policy = PROTECTIONS[wanted] ?? 'none';
    },
    globalKeyTransfer: (wrapped) => transferred(definition, facts, keyLengthOf(definition.suite ?? 0), wrapped),
  };
}

/** Takes keys that came wrapped under the master key: all or none. @throws AccessError */
export function transferred(
  definition: AssociationDefinition,
  facts: SecurityFacts,
  length: number,
  wrapped: readonly { readonly keyId: string; readonly keyWrapped: Uint8Array }[],
): void {
  const { security } = definition;
  const target = `64:${definition.securitySetup}`;
  if (security === undefined) throw new AccessError('other-reason', target, 'the association has no keys');
  const keys = { ...security.keys };
  for (const { keyId, keyWrapped } of wrapped) {
    const key = unwrapped(facts, keyWrapped, length, target);
    if (keyId === 'global-unicast-encryption-key') Object.assign(keys, { encryption: key });
    else if (keyId === 'global-broadcast-encryption-key') Object.assign(keys, { broadcast: key });
    else if (keyId === 'authentication-key') Object.assign(keys, { authentication: key });
    else throw new AccessError('other-reason', target, 'the master key is not transferred this way');
  }
  if (wrapped.length === 0) throw new AccessError('other-reason', target, 'no key');
  facts.onKeys(keys);
  replaceKeys(security, keys, facts);
}

/** All keys or none: a client that sends two must not end up with one. Under a new key clients may count from the beginning. */
export function replaceKeys(security: ServerSecurity, keys: GlobalKeys, facts: SecurityFacts): void {
  const { encryption, broadcast } = security.keys;
  if (!equalBytes(keys.encryption, encryption)) security.received = facts.guard(keys.encryption);
  if (keys.broadcast !== undefined && (broadcast === undefined || !equalBytes(keys.broadcast, broadcast))) {
    security.broadcastReceived = facts.guard(keys.broadcast);
  }
  security.keys = keys;
}

function unwrapped(facts: SecurityFacts, wrapped: Uint8Array, length: number, target: string): Uint8Array {
  let key: Uint8Array;
  try {
    key = facts.unwrap(wrapped);
  } catch (error) {
    throw new AccessError('other-reason', target, 'a key that is not wrapped under the master key', { cause: error });
  }
  if (key.length !== length || key.every((octet) => octet === 0)) {
    throw new AccessError('other-reason', target, 'a key that cannot be used');
  }
  return key;
}
