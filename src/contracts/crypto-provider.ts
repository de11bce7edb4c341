/**
 * The small synchronous contract for all cryptography. The isomorphic default is built on `@noble`; `cosem/node` gives Node's own, which is
 * some eight times as fast on short messages. Keys are 16 or 32 octets; initialization vectors (IV) are 12.
 */
export interface CryptoProvider {
  /** AES-GCM with a tag of 12 octets (NIST SP 800-38D). Returns ciphertext followed by tag. With an empty plaintext this is GMAC. */
  gcmSeal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Checks and decrypts what {@link CryptoProvider.gcmSeal} gave. Undefined when the tag does not hold; no plaintext is released then. */
  gcmOpen(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** The encryption half of GCM alone (CTR from IV || 00000002): security control 0x20. Its own inverse. */
  gcmCrypt(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array;
  /** AES-ECB over whole blocks of 16 octets, without padding. For key wrap (RFC 3394). */
  ecbEncrypt(key: Uint8Array, blocks: Uint8Array): Uint8Array;
  /** The inverse of {@link CryptoProvider.ecbEncrypt}. */
  ecbDecrypt(key: Uint8Array, blocks: Uint8Array): Uint8Array;
  /** Digest of a message: 16, 20, 32 or 48 octets. */
  hash(algorithm: 'md5' | 'sha-1' | 'sha-256' | 'sha-384', message: Uint8Array): Uint8Array;
  /** ECDSA signature as r || s: 64 or 96 octets. */
  sign(curve: Curve, privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** Whether an ECDSA signature r || s holds for this public key, given as x || y. */
  verify(curve: Curve, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** The shared secret Z of ECDH: the x coordinate. */
  agree(curve: Curve, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** The public key, x || y, of a private one. */
  publicKey(curve: Curve, privateKey: Uint8Array): Uint8Array;
  /** So many octets from the cryptographic random generator of the system. */
  random(length: number): Uint8Array;
}

/** An elliptic curve: P-256 with security suite 1, P-384 with security suite 2. */
export type Curve = 'P-256' | 'P-384';
