import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { wrapKey } from '../security/keys.js';

/** New global keys, as many as are to be changed. Security suite 0: sixteen octets each. */
export interface NewKeys {
  /** Global unicast encryption key, GUEK. */
  readonly encryption?: Uint8Array;
  /** Global broadcast encryption key, GBEK. */
  readonly broadcast?: Uint8Array;
  /** Authentication key, GAK. In India mostly the same as the encryption key: then give both. */
  readonly authentication?: Uint8Array;
}

/** A key as class 64 takes it (key_transfer_data): its id, and the key under AES key wrap with the master key (RFC 3394). */
export interface WrappedKey {
  readonly keyId: 'global-unicast-encryption-key' | 'global-broadcast-encryption-key' | 'authentication-key';
  readonly keyWrapped: Uint8Array;
}

const IDS = {
  encryption: 'global-unicast-encryption-key',
  broadcast: 'global-broadcast-encryption-key',
  authentication: 'authentication-key',
} as const;
const KEY_LENGTH = 16;

/**
 * Wraps new keys under the master key (KEK), in the order of their ids.
 * @throws StateError when none is given, one has not sixteen octets, or one is all zeros: meters refuse that as no key.
 */
export function wrapKeys(crypto: CryptoProvider, masterKey: Uint8Array, keys: NewKeys): WrappedKey[] {
  checkKey('master key', masterKey);
  const wrapped: WrappedKey[] = [];
  for (const name of ['encryption', 'broadcast', 'authentication'] as const) {
    const key = keys[name];
    if (key === undefined) continue;
    checkKey(`new ${name} key`, key);
    wrapped.push({ keyId: IDS[name], keyWrapped: wrapKey(crypto, masterKey, key) });
  }
  if (wrapped.length === 0) throw new StateError('there is no key to transfer');
  return wrapped;
}

function checkKey(name: string, key: Uint8Array): void {
  if (key.length !== KEY_LENGTH) {
    throw new StateError(`the ${name} has ${counted(key.length, 'octet')} instead of ${KEY_LENGTH}`, {
      hint: '32 hexadecimal digits',
    });
  }
  if (key.every((octet) => octet === 0)) throw new StateError(`the ${name} is all zeros`);
}
