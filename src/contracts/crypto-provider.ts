/**
 * The small synchronous contract that all cryptography goes through. The isomorphic default is built on `@noble`; `cosem/node`
 * gives Node's own, some eight times as fast on short messages. Keys are 16 or 32 octets; IVs are 12.
 */
export interface CryptoProvider {
  /** AES-GCM with a tag of 12 octets (NIST SP 800-38D). Returns ciphertext followed by tag. With an empty plaintext this is GMAC. */
  gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Undefined when the tag does not hold; then no plaintext is released. */
  gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** The encryption half of GCM alone (CTR from IV || 00000002): security control 0x20. Its own inverse. */
  gcmCrypt(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array;
  /** AES-ECB over whole blocks, no padding. */
  ecbEncrypt(key: Uint8Array, blocks: Uint8Array): Uint8Array;
  ecbDecrypt(key: Uint8Array, blocks: Uint8Array): Uint8Array;
  hash(algorithm: 'md5' | 'sha-1' | 'sha-256' | 'sha-384', message: Uint8Array): Uint8Array;
  /** Signature as r || s. */
  sign(curve: Curve, privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(curve: Curve, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** The shared secret Z: x coordinate. */
  agree(curve: Curve, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** Public key as x || y. */
  publicKey(curve: Curve, privateKey: Uint8Array): Uint8Array;
  /** From the system's cryptographic generator. */
  random(length: number): Uint8Array;
}

export type Curve = 'P-256' | 'P-384';
