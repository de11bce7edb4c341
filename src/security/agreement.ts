import { concat } from '../base/bytes.js';
import { SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider, Curve } from '../contracts/crypto-provider.js';
import type { KeyPairs } from '../contracts/protection.js';
import { deriveKey } from './keys.js';
import { curveLengths, curveOf, type SuiteId, securitySuites } from './suites.js';

/** Who agrees on a key, in which suite. */
export interface Agreement {
  readonly suite: SuiteId;
  /** System title of party U: who sends the message, or the client of class 64. */
  readonly originator: Uint8Array;
  /** System title of party V. */
  readonly recipient: Uint8Array;
}

/** How often a private key is drawn before something must be wrong with the random numbers: one in 2^32 is none of P-256. */
const TRIES = 8;
const EMPTY = new Uint8Array(0);

/** A new key pair from the cryptographic random generator. @throws SecurityError `bad-key` where that gives no key. */
export function makeKeyPair(
  crypto: CryptoProvider,
  curve: Curve,
): { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array } {
  for (let tries = 1; ; tries++) {
    const privateKey = crypto.random(curveLengths[curve]);
    try {
      return { privateKey, publicKey: crypto.publicKey(curve, privateKey) };
    } catch (error) {
      if (!(error instanceof SecurityError) || tries === TRIES) throw error;
    }
  }
}

/**
 * One-pass Diffie-Hellman, C(1e, 1s), for who sends (Green Book 9.2.3.4.6.3): a key for one message, and what lets the recipient compute it.
 * @returns the key, and key-ciphered-data: an ephemeral public key and our signature over it.
 * @throws SecurityError `missing-key`, `bad-key`.
 */
export function offerOnePass(
  crypto: CryptoProvider,
  agreement: Agreement,
  pairs: KeyPairs,
): { readonly key: Uint8Array; readonly data: Uint8Array } {
  const curve = curveOf(agreement.suite);
  const signing = neededPair(pairs.signing, 'our private signing key');
  const theirs = neededPair(pairs.peerAgreement, 'the public key of key agreement of the other side');
  const { privateKey, publicKey } = makeKeyPair(crypto, curve);
  const key = derived(crypto, agreement, crypto.agree(curve, privateKey, theirs), EMPTY);
  privateKey.fill(0);
  return { key, data: concat(publicKey, crypto.sign(curve, signing, publicKey)) };
}

/**
 * The same for who receives.
 * @param data key-ciphered-data.
 * @throws SecurityError `missing-key`, `bad-signature`, `bad-key`.
 */
export function takeOnePass(
  crypto: CryptoProvider,
  agreement: Agreement,
  pairs: KeyPairs,
  data: Uint8Array,
): Uint8Array {
  const curve = curveOf(agreement.suite);
  const ours = neededPair(pairs.agreement, 'our private key of key agreement');
  const ephemeral = signedKey(crypto, curve, pairs, data, EMPTY);
  return derived(crypto, agreement, crypto.agree(curve, ours, ephemeral), EMPTY);
}

/**
 * The static unified model, C(0e, 2s), the same for both sides (Green Book 9.2.3.4.6.4).
 * @param transactionId the nonce: another one gives another key.
 * @throws SecurityError `missing-key`, `bad-key`.
 */
export function staticUnified(
  crypto: CryptoProvider,
  agreement: Agreement,
  pairs: KeyPairs,
  transactionId: Uint8Array,
): Uint8Array {
  const curve = curveOf(agreement.suite);
  const ours = neededPair(pairs.agreement, 'our private key of key agreement');
  const theirs = neededPair(pairs.peerAgreement, 'the public key of key agreement of the other side');
  const nonce = concat(Uint8Array.of(transactionId.length), transactionId);
  return derived(crypto, agreement, crypto.agree(curve, ours, theirs), nonce);
}

/**
 * One side's half of the ephemeral unified model, C(2e, 0s), as key_agreement of class 64 has it (Green Book 9.2.3.4.6.2).
 * @param keyId number of the key that is agreed on.
 * @returns the ephemeral private key, which {@link agreeEphemeral} needs, and key_data: the public key and our signature over key_id and it.
 * @throws SecurityError `missing-key`, `bad-key`.
 */
export function offerEphemeral(
  crypto: CryptoProvider,
  suite: SuiteId,
  pairs: KeyPairs,
  keyId: number,
): { readonly privateKey: Uint8Array; readonly data: Uint8Array } {
  const curve = curveOf(suite);
  const signing = neededPair(pairs.signing, 'our private signing key');
  const { privateKey, publicKey } = makeKeyPair(crypto, curve);
  const signature = crypto.sign(curve, signing, concat(Uint8Array.of(keyId), publicKey));
  return { privateKey, data: concat(publicKey, signature) };
}

/** What both sides of the ephemeral unified model compute. */
export interface EphemeralAgreement extends Agreement {
  /** Number of the key that is agreed on. */
  readonly keyId: number;
  /** A master key is for wrapping, any other for ciphering. */
  readonly use: 'cipher' | 'wrap';
}

/**
 * The key of the ephemeral unified model.
 * @param privateKey our ephemeral one, which is erased.
 * @param theirs key_data of the other side.
 * @throws SecurityError `missing-key`, `bad-signature`, `bad-key`.
 */
export function agreeEphemeral(
  crypto: CryptoProvider,
  agreement: EphemeralAgreement,
  pairs: KeyPairs,
  privateKey: Uint8Array,
  theirs: Uint8Array,
): Uint8Array {
  const curve = curveOf(agreement.suite);
  const ephemeral = signedKey(crypto, curve, pairs, theirs, Uint8Array.of(agreement.keyId));
  const shared = crypto.agree(curve, privateKey, ephemeral);
  privateKey.fill(0);
  return derived(crypto, agreement, shared, EMPTY, agreement.use);
}

/** The public key in data that is signed by the other side. */
function signedKey(
  crypto: CryptoProvider,
  curve: Curve,
  { peerSigning }: KeyPairs,
  data: Uint8Array,
  before: Uint8Array,
): Uint8Array {
  const verifying = neededPair(peerSigning, 'the public signing key of the other side');
  const length = 2 * curveLengths[curve];
  if (data.length !== 2 * length) {
    throw new SecurityError(
      'bad-key',
      `${counted(data.length, 'octet')} are no key of ${curve} with its signature, which have ${2 * length}`,
    );
  }
  const publicKey = data.subarray(0, length);
  if (crypto.verify(curve, verifying, concat(before, publicKey), data.subarray(length))) return publicKey;
  throw new SecurityError('bad-signature', 'the signature over a key that the other side offers does not hold', {
    hint: 'is the public signing key that of this device?',
  });
}

function derived(
  crypto: CryptoProvider,
  { suite, originator, recipient }: Agreement,
  shared: Uint8Array,
  nonce: Uint8Array,
  use: 'cipher' | 'wrap' = 'cipher',
): Uint8Array {
  const parties = { partyUInfo: concat(originator, nonce), partyVInfo: recipient };
  const key = deriveKey(crypto, shared, { suite: suite as 1 | 2, use, ...parties });
  // Green Book tables 14 to 16: destroy Z.
  shared.fill(0);
  return key;
}

/** @throws SecurityError `missing-key` that names what is missing. */
export function neededPair(key: Uint8Array | undefined, what: string): Uint8Array {
  if (key !== undefined) return key;
  throw new SecurityError('missing-key', `this needs ${what}, which was not given`);
}

/**
 * Checks the lengths of key pairs, and that private keys are such of the curve.
 * @throws SecurityError `bad-key` that names the key, and never shows it; StateError where suite 0 has pairs.
 */
export function checkKeyPairs(crypto: CryptoProvider, suite: SuiteId, pairs: KeyPairs): void {
  const curve = curveOf(suite);
  const length = curveLengths[curve];
  for (const [key, name, wanted] of [
    [pairs.signing, 'private signing key', length],
    [pairs.agreement, 'private key of key agreement', length],
    [pairs.peerSigning, 'public signing key of the other side', 2 * length],
    [pairs.peerAgreement, 'public key of key agreement of the other side', 2 * length],
  ] as const) {
    if (key === undefined) continue;
    if (key.length !== wanted) {
      throw new SecurityError(
        'bad-key',
        `the ${name} has ${counted(key.length, 'octet')}, but ${curve} of security suite ${securitySuites[suite].id} takes ${wanted}`,
        { hint: `give ${2 * wanted} hexadecimal digits` },
      );
    }
    if (wanted === length) crypto.publicKey(curve, key);
  }
}
