import { SecurityError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { CryptoProvider, Curve } from '../contracts/crypto-provider.js';
import { curveLengths } from './suites.js';

const IV = 12;
const BLOCK = 16;
const MOST_RANDOM = 65_536;

/**
 * Makes a provider accept and refuse the same as all others. Cryptographic libraries differ in the keys that they accept (one accepts AES keys of 24
 * octets, which no suite has), and throw errors of their own.
 * @throws SecurityError `bad-key`; StateError for an IV, blocks or a length that are wrong.
 */
export function checkedCrypto(raw: CryptoProvider): CryptoProvider {
  return {
    gcmSeal: (key, iv, aad, plaintext) => raw.gcmSeal(aesKey(key), vector(iv), aad, plaintext),
    gcmOpen: (key, iv, aad, sealed) => raw.gcmOpen(aesKey(key), vector(iv), aad, sealed),
    gcmCrypt: (key, iv, text) => raw.gcmCrypt(aesKey(key), vector(iv), text),
    ecbEncrypt: (key, octets) => raw.ecbEncrypt(aesKey(key), blocks(octets)),
    ecbDecrypt: (key, octets) => raw.ecbDecrypt(aesKey(key), blocks(octets)),
    hash: raw.hash,
    sign: (curve, privateKey, message) => onCurve(curve, privateKey, () => raw.sign(curve, privateKey, message)),
    verify: raw.verify,
    agree: (curve, privateKey, publicKey) =>
      onCurve(curve, privateKey, () => raw.agree(curve, privateKey, publicKey), publicKey),
    publicKey: (curve, privateKey) => onCurve(curve, privateKey, () => raw.publicKey(curve, privateKey)),
    random(length) {
      if (Number.isInteger(length) && length >= 0 && length <= MOST_RANDOM) return raw.random(length);
      throw new StateError(`${length} random octets`, { hint: `a whole number, 0 to ${MOST_RANDOM}` });
    },
  };
}

function aesKey(key: Uint8Array): Uint8Array {
  if (key.length === 16 || key.length === 32) return key;
  throw new SecurityError('bad-key', `an AES key of ${counted(key.length, 'octet')}`, {
    hint: 'a key has 16 octets (security suites 0 and 1) or 32 (suite 2)',
  });
}

function vector(iv: Uint8Array): Uint8Array {
  if (iv.length === IV) return iv;
  throw new StateError(`an initialization vector of ${counted(iv.length, 'octet')} instead of ${IV}`);
}

function blocks(octets: Uint8Array): Uint8Array {
  if (octets.length % BLOCK === 0) return octets;
  throw new StateError(`${counted(octets.length, 'octet')} are no blocks of ${BLOCK}`);
}

/** Some libraries take a key of another length, filled or cut, and a key of P-384 must never pass for one of P-256. */
function onCurve<T>(curve: Curve, privateKey: Uint8Array, work: () => T, publicKey?: Uint8Array): T {
  const length = curveLengths[curve];
  const fits = privateKey.length === length && (publicKey === undefined || publicKey.length === 2 * length);
  try {
    // What has no curves at all says so itself.
    if (fits) return work();
  } catch (error) {
    if (error instanceof StateError) throw error;
    // The error of the library may contain the key.
  }
  throw new SecurityError('bad-key', `a key that is none of the curve ${curve}`, {
    hint: `a private key has ${counted(length, 'octet')}, a public one ${2 * length}`,
  });
}
