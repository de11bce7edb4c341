import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { wrapKey } from '../security/keys.js';

/** New global keys, as many as are to be changed: sixteen octets each, or 32 with security suite 2. */
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
const KEY_LENGTHS = [16, 32];

/**
 * Wraps new keys under the master key (KEK), in the order of their ids.
 * @throws StateError when none is given, one is not as long as the master key (16 octets, or 32 with suite 2), or one is all zeros: meters refuse
 *   that as no key.
 */
export function wrapKeys(crypto: CryptoProvider, masterKey: Uint8Array, keys: NewKeys): WrappedKey[] {
  const { length } = masterKey;
  checkKey('master key', masterKey, KEY_LENGTHS.includes(length) ? length : 16);
  const wrapped: WrappedKey[] = [];
  for (const name of ['encryption', 'broadcast', 'authentication'] as const) {
    const key = keys[name];
    if (key === undefined) continue;
    checkKey(`new ${name} key`, key, length);
    wrapped.push({ keyId: IDS[name], keyWrapped: wrapKey(crypto, masterKey, key) });
  }
  if (wrapped.length === 0) throw new StateError('there is no key to transfer');
  return wrapped;
}

function checkKey(name: string, key: Uint8Array, length: number): void {
  if (key.length !== length) {
    throw new StateError(`the ${name} has ${counted(key.length, 'octet')} instead of ${length}`, {
      hint: `${2 * length} hexadecimal digits`,
    });
  }
  if (key.every((octet) => octet === 0)) throw new StateError(`the ${name} is all zeros`);
}
