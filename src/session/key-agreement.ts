/** Key pairs and key agreement of class 64, for rooms that see no cryptography. */

import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { KeyPairs } from '../contracts/protection.js';
import { agreeEphemeral, checkKeyPairs, makeKeyPair, offerEphemeral } from '../security/agreement.js';
import { curveOf, type SuiteId, securitySuites } from '../security/suites.js';

/** The numbers of the keys of class 64 that can be agreed on. */
const KEY_IDS = {
  'global-unicast-encryption-key': 0,
  'global-broadcast-encryption-key': 1,
  'authentication-key': 2,
  'master-key': 3,
} as const;

/** A key that can be agreed on, by its key_id. */
export type AgreedKeyId = keyof typeof KEY_IDS;

/** Both sides of a key agreement: the ephemeral unified model, C(2e, 0s). */
export interface AgreementSides {
  readonly suite: SuiteId;
  /** System title of the client. */
  readonly client: Uint8Array;
  /** System title of the server. */
  readonly server: Uint8Array;
  /** Our private signing key and the public one of the other side. */
  readonly keyPairs: KeyPairs;
}

/** What one side offers, and how it gets the key out of the answer. */
export interface KeyOffer {
  /** key_data: our ephemeral public key and our signature over it. */
  readonly keyData: Uint8Array;
  /**
   * The key, once, from key_data of the other side.
   * @throws SecurityError `bad-signature`, `bad-key`, `missing-key`.
   */
  readonly take: (keyData: Uint8Array) => Uint8Array;
}

/**
 * One side's half of key_agreement (class 64, method 3), the same for client and server.
 * @throws SecurityError `missing-key`; StateError in suite 0.
 */
export function offerKey(crypto: CryptoProvider, sides: AgreementSides, keyId: AgreedKeyId): KeyOffer {
  const { suite, client, server, keyPairs } = sides;
  const id = KEY_IDS[keyId];
  const { privateKey, data } = offerEphemeral(crypto, suite, keyPairs, id);
  const agreement = {
    suite,
    originator: client,
    recipient: server,
    keyId: id,
    use: keyId === 'master-key' ? ('wrap' as const) : ('cipher' as const),
  };
  return { keyData: data, take: (theirs) => agreeEphemeral(crypto, agreement, keyPairs, privateKey, theirs) };
}

/** A new key pair on the curve of a suite. @throws StateError in suite 0. */
export function newKeyPair(
  crypto: CryptoProvider,
  suite: SuiteId,
): { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array } {
  return makeKeyPair(crypto, curveOf(suite));
}

/** Octets of the keys of a suite. */
export function keyLengthOf(suite: SuiteId): 16 | 32 {
  return securitySuites[suite].keyLength;
}

/** Checks key pairs, where there are some. @throws SecurityError `bad-key`; StateError in suite 0. */
export function checkSuite(crypto: CryptoProvider, suite: SuiteId, pairs: KeyPairs | undefined): void {
  if (pairs !== undefined) checkKeyPairs(crypto, suite, pairs);
}
