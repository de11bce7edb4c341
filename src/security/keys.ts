import { concat, equalConstantTime } from '../base/bytes.js';
import { SecurityError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { type SuiteId, securitySuites } from './suites.js';

const SEMIBLOCK = 8;
const WRAP_CHECK = new Uint8Array(SEMIBLOCK).fill(0xa6);

/**
 * AES key wrap (RFC 3394, NIST SP 800-38F KW): protects new keys under the master key (class 64, method 2).
 * @returns the wrapped key, eight octets longer.
 * @throws StateError when the key is not a multiple of eight octets, or shorter than 16.
 */
export function wrapKey(crypto: CryptoProvider, kek: Uint8Array, key: Uint8Array): Uint8Array {
  const n = key.length / SEMIBLOCK;
  if (!Number.isInteger(n) || n < 2) throw new StateError(`a key of ${counted(key.length, 'octet')} cannot be wrapped`);
  const wrapped = concat(WRAP_CHECK, key);
  const block = new Uint8Array(2 * SEMIBLOCK);
  block.set(WRAP_CHECK);
  for (let t = 1; t <= 6 * n; t++) {
    const at = SEMIBLOCK * (1 + ((t - 1) % n));
    block.set(wrapped.subarray(at, at + SEMIBLOCK), SEMIBLOCK);
    block.set(crypto.ecbEncrypt(kek, block));
    wrapped.set(block.subarray(SEMIBLOCK), at);
    addStep(block, t);
  }
  wrapped.set(block.subarray(0, SEMIBLOCK));
  return wrapped;
}

/**
 * Unwraps a key.
 * @throws SecurityError `bad-key-wrap` when its integrity check fails: the master key is wrong, or octets were changed on the way.
 */
export function unwrapKey(crypto: CryptoProvider, kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const n = wrapped.length / SEMIBLOCK - 1;
  if (!Number.isInteger(n) || n < 2) {
    throw new SecurityError('bad-key-wrap', `no wrapped key has ${counted(wrapped.length, 'octet')}`, {
      hint: 'a wrapped key has 24 octets (security suites 0 and 1) or 40 (suite 2)',
    });
  }
  const key = wrapped.slice(SEMIBLOCK);
  const block = new Uint8Array(2 * SEMIBLOCK);
  block.set(wrapped.subarray(0, SEMIBLOCK));
  for (let t = 6 * n; t >= 1; t--) {
    const at = SEMIBLOCK * ((t - 1) % n);
    addStep(block, t);
    block.set(key.subarray(at, at + SEMIBLOCK), SEMIBLOCK);
    block.set(crypto.ecbDecrypt(kek, block));
    key.set(block.subarray(SEMIBLOCK), at);
  }
  if (!equalConstantTime(block.subarray(0, SEMIBLOCK), WRAP_CHECK)) {
    key.fill(0);
    throw new SecurityError('bad-key-wrap', 'the wrapped key does not pass its integrity check', {
      hint: 'was it wrapped under another master key?',
    });
  }
  return key;
}

/** A ^= t over 64 bits; for real keys t is far below 256. */
function addStep(block: Uint8Array, t: number): void {
  block[7] = (block[7] as number) ^ t;
}

/** The inputs of {@link deriveKey} beside the shared secret. */
export interface Derivation {
  readonly suite: 1 | 2;
  /** What the key is for: protecting messages and data, or wrapping keys (a master key). Default `cipher`. */
  readonly use?: 'cipher' | 'wrap';
  /** System title of the originator, with the transaction id (its length first) in the static unified model. */
  readonly partyUInfo: Uint8Array;
  /** System title of the recipient. */
  readonly partyVInfo: Uint8Array;
}

/**
 * The key of a shared secret by the KDF that the Green Book fixes (9.2.3.4.6.5): {@link concatenationKdf} over AlgorithmID || PartyUInfo ||
 * PartyVInfo, with the hash and the key length of the suite.
 * @param sharedSecret Z, from `CryptoProvider.agree`.
 */
export function deriveKey(crypto: CryptoProvider, sharedSecret: Uint8Array, derivation: Derivation): Uint8Array {
  const { use = 'cipher', partyUInfo, partyVInfo } = derivation;
  const suite = securitySuites[derivation.suite satisfies SuiteId];
  const algorithm = use === 'wrap' ? suite.wrapAlgorithm : suite.cipherAlgorithm;
  const otherInfo = concat(algorithm as Uint8Array, partyUInfo, partyVInfo);
  return concatenationKdf(crypto, suite.hash as KdfHash, sharedSecret, otherInfo, suite.keyLength);
}

type KdfHash = 'sha-256' | 'sha-384';

/**
 * The single-step KDF of NIST SP 800-56A 5.8.1 in one step, which is enough for keys that are no longer than the hash: the leftmost octets of
 * hash(00000001 || Z || OtherInfo).
 */
export function concatenationKdf(
  crypto: CryptoProvider,
  hash: KdfHash,
  sharedSecret: Uint8Array,
  otherInfo: Uint8Array,
  length: number,
): Uint8Array {
  return crypto.hash(hash, concat(Uint8Array.of(0, 0, 0, 1), sharedSecret, otherInfo)).slice(0, length);
}
