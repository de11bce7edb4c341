import { ghash } from '@noble/ciphers/_polyval.js';
import { ctr, ecb } from '@noble/ciphers/aes.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { concat, equalConstantTime } from '../base/bytes.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { checkedCrypto } from './checked-crypto.js';

const TAG = 12;
const BLOCK = 16;

const hashes = { md5, 'sha-1': sha1, 'sha-256': sha256, 'sha-384': sha384 };
const curves = { 'P-256': p256, 'P-384': p384 };

/**
 * The isomorphic {@link CryptoProvider}, on the `@noble` libraries: runs wherever JavaScript does. In Node the provider of
 * `cosem/node` is some eight times as fast.
 */
export const nobleCrypto: CryptoProvider = checkedCrypto({
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
  sign: (curve, privateKey, message) => curves[curve].sign(message, privateKey, { lowS: false }),
  verify(curve, publicKey, message, signature) {
    // A peer's key may be no point of the curve and its signature may have any length: that is a "no", not a crash.
    try {
      return curves[curve].verify(signature, message, uncompressed(publicKey), { lowS: false });
    } catch {
      return false;
    }
  },
  agree: (curve, privateKey, publicKey) =>
    curves[curve].getSharedSecret(privateKey, uncompressed(publicKey), true).subarray(1),
  publicKey: (curve, privateKey) => curves[curve].getPublicKey(privateKey, false).subarray(1),
  random: (length) => randomBytes(length),
});

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

/** SEC 1 form of a COSEM public key, which comes as x || y. */
function uncompressed(publicKey: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(4), publicKey);
}
