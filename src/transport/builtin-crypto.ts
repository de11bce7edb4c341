import type { CryptoProvider, Curve } from '../contracts/crypto-provider.js';
import { checkedCrypto } from '../security/checked-crypto.js';
import { curveLengths } from '../security/suites.js';

/** Node's `crypto`. Not imported here: a program for browsers holds this file too, and never calls it. */
type NodeCryptography = ReturnType<typeof process.getBuiltinModule<'node:crypto'>>;

const TAG = 12;
const GCM_OPTIONS = { authTagLength: TAG };
const EMPTY = new Uint8Array(0);

const gcmName = (key: Uint8Array) => (key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm');
const ecbName = (key: Uint8Array) => (key.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb');
const ctrName = (key: Uint8Array) => (key.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr');

const hashNames = { md5: 'md5', 'sha-1': 'sha1', 'sha-256': 'sha256', 'sha-384': 'sha384' };
const curveNames = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' };
const curveHashes = { 'P-256': 'sha256', 'P-384': 'sha384' };

/** Node's own cryptography where the program runs in Node, or in what has it too (Bun, Deno); undefined in a browser. */
export function builtinCrypto(): CryptoProvider | undefined {
  const node = process.getBuiltinModule?.('node:crypto') as NodeCryptography | undefined;
  return node && cryptoOn(node);
}

/** Node's own cryptography as a {@link CryptoProvider}. */
export function cryptoOn(node: NodeCryptography): CryptoProvider {
  const { createCipheriv, createDecipheriv, createECDH, createHash, createPrivateKey, createPublicKey } = node;
  const { randomFillSync, sign, verify } = node;
  const publicKeyObject = (curve: Curve, publicKey: Uint8Array) =>
    createPublicKey({ format: 'jwk', key: jwk(curve, publicKey) });
  const privateKeyObject = (curve: Curve, privateKey: Uint8Array) => {
    const d = Buffer.from(privateKey).toString('base64url');
    return createPrivateKey({ format: 'jwk', key: { ...jwk(curve, provider.publicKey(curve, privateKey)), d } });
  };
  const provider = checkedCrypto({
    gcmSeal(key, iv, aad, plaintext) {
      const cipher = createCipheriv(gcmName(key), key, iv, GCM_OPTIONS);
      cipher.setAAD(aad);
      const sealed = new Uint8Array(plaintext.length + TAG);
      if (plaintext.length > 0) sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    gcmOpen(key, iv, aad, sealed) {
      if (sealed.length < TAG) return undefined;
      const split = sealed.length - TAG;
      const decipher = createDecipheriv(gcmName(key), key, iv, GCM_OPTIONS);
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(split));
      const plaintext = split > 0 ? decipher.update(sealed.subarray(0, split)) : EMPTY;
      try {
        decipher.final();
      } catch {
        plaintext.fill(0);
        return undefined;
      }
      return plain(plaintext);
    },
    gcmCrypt(key, iv, text) {
      const block = new Uint8Array(16);
      block.set(iv);
      block[15] = 2;
      return plain(createCipheriv(ctrName(key), key, block).update(text));
    },
    ecbEncrypt: (key, blocks) => plain(createCipheriv(ecbName(key), key, null).setAutoPadding(false).update(blocks)),
    ecbDecrypt: (key, blocks) => plain(createDecipheriv(ecbName(key), key, null).setAutoPadding(false).update(blocks)),
    hash: (algorithm, message) => plain(createHash(hashNames[algorithm]).update(message).digest()),
    sign: (curve, privateKey, message) =>
      plain(sign(curveHashes[curve], message, { key: privateKeyObject(curve, privateKey), dsaEncoding: 'ieee-p1363' })),
    verify(curve, publicKey, message, signature) {
      // A peer's key may be no point of the curve: that is a "no", not a crash.
      try {
        const key = publicKeyObject(curve, publicKey);
        return verify(curveHashes[curve], message, { key, dsaEncoding: 'ieee-p1363' }, signature);
      } catch {
        return false;
      }
    },
    agree(curve, privateKey, publicKey) {
      const ecdh = createECDH(curveNames[curve]);
      ecdh.setPrivateKey(privateKey);
      return plain(ecdh.computeSecret(Buffer.concat([Buffer.of(4), publicKey])));
    },
    publicKey(curve, privateKey) {
      const ecdh = createECDH(curveNames[curve]);
      ecdh.setPrivateKey(privateKey);
      return plain(ecdh.getPublicKey()).subarray(1);
    },
    random: (length) => randomFillSync(new Uint8Array(length)),
  });
  return provider;
}

/** The octets of a Buffer as what the rest of the library works with. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function jwk(curve: Curve, publicKey: Uint8Array) {
  const length = curveLengths[curve];
  const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
  return { kty: 'EC', crv: curve, x: text(publicKey.subarray(0, length)), y: text(publicKey.subarray(length)) };
}
