import { ghash } from '@noble/ciphers/_polyval.js';
import { ctr, ecb } from '@noble/ciphers/aes.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { equalConstantTime } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { checkedCrypto } from './checked-crypto.js';

const TAG = 12;
const BLOCK = 16;

const hashes = { md5, 'sha-1': sha1, 'sha-256': sha256, 'sha-384': sha384 };

/**
 * The isomorphic {@link CryptoProvider}, on the `@noble` libraries: runs wherever JavaScript does. In Node the provider of
 * `cosem/node` is some eight times as fast. It has no elliptic curves, which security suite 0 does without: `nobleCurveCrypto` of
 * `cosem/curves` has them too, for suites 1 and 2; here what needs them throws StateError.
 */
export const nobleCrypto: CryptoProvider = nobleCryptoOn({
  sign: noCurves,
  verify: noCurves,
  agree: noCurves,
  publicKey: noCurves,
});

/** What a provider does on elliptic curves. */
export type CurveCrypto = Pick<CryptoProvider, 'sign' | 'verify' | 'agree' | 'publicKey'>;

function noCurves(): never {
  throw new StateError('this provider of cryptography has no elliptic curves, which security suites 1 and 2 need', {
    hint: 'give nobleCurveCrypto of cosem/curves, or nodeCrypto of cosem/node, as the option crypto',
  });
}

/** Suite 0 on `@noble`, and curves from elsewhere: they are the largest part of it. */
export function nobleCryptoOn(curves: CurveCrypto): CryptoProvider {
  return checkedCrypto({
    gcmSeal(key, iv, aad, plaintext) {
      const sealed = new Uint8Array(plaintext.length + TAG);
      const ciphertext = gcmCrypt(key, iv, plaintext);
      sealed.set(ciphertext);
      sealed.set(gcmTag(key, iv, aad, ciphertext), plaintext.length);
      return sealed;
    },
    gcmOpen(key, iv, aad, sealed) {
      if (sealed.length < TAG) return undefined;
      const split = sealed.length - TAG;
      const ciphertext = sealed.subarray(0, split);
      // Nothing is deciphered before the tag holds (SP 800-38D 7.2), so nothing can leak.
      if (!equalConstantTime(gcmTag(key, iv, aad, ciphertext), sealed.subarray(split))) return undefined;
      return gcmCrypt(key, iv, ciphertext);
    },
    gcmCrypt,
    ecbEncrypt: (key, blocks) => ecb(key, { disablePadding: true }).encrypt(blocks),
    ecbDecrypt: (key, blocks) => ecb(key, { disablePadding: true }).decrypt(blocks),
    hash: (algorithm, message) => hashes[algorithm](message),
    ...curves,
    random: (length) => randomBytes(length),
  });
}

/** noble's `gcm` knows tags of 16 octets alone, so GCM is put together from its parts: GHASH and CTR. */
function gcmTag(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const hashKey = ecb(key, { disablePadding: true }).encrypt(new Uint8Array(BLOCK));
  const lengths = new Uint8Array(BLOCK);
  const view = new DataView(lengths.buffer);
  view.setBigUint64(0, BigInt(aad.length) * 8n);
  view.setBigUint64(8, BigInt(ciphertext.length) * 8n);
  // Each update is padded with zeros to whole blocks, as GCM wants it; the expected length only sizes a table.
  const hashing = ghash
    .create(hashKey, aad.length + ciphertext.length)
    .update(aad)
    .update(ciphertext)
    .update(lengths);
  return ctr(key, counterBlock(iv, 1)).encrypt(hashing.digest()).subarray(0, TAG);
}

function gcmCrypt(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  return text.length === 0 ? new Uint8Array(0) : ctr(key, counterBlock(iv, 2)).encrypt(text);
}

/** IV || 32 bit block counter. CTR counts over 128 bits, GCM over 32: the same below 64 GiB. */
function counterBlock(iv: Uint8Array, counter: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(iv);
  block[BLOCK - 1] = counter;
  return block;
}
