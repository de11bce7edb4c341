import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { CosemError, fromHex, StateError, toHex } from 'cosem';
import { counted } from 'cosem/inspect';
import { concat } from 'cosem/protocol';

/** Ed25519 (RFC 8032), or ECDSA on P-256 with SHA-256 (FIPS 186-5). Signatures of both have 64 octets. */
export type SignatureAlgorithm = 'ed25519' | 'p-256';
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = ['ed25519', 'p-256'];

/** A signer. The private key cannot be read from it. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** 32 octets, or 33 of a compressed point; hexadecimal. */
  readonly publicKey: string;
  sign(message: Uint8Array): Uint8Array;
}

/** A key that is trusted to sign. */
export interface TrustedSigner {
  /** Name of the key's owner, for people. */
  readonly name: string;
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: string;
  /** ISO 8601: earlier and later records are not accepted. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

const KEY_LENGTH = 32;

/** @throws StateError when the private key does not have 32 octets or is not valid for the curve. */
export function signerOf(algorithm: SignatureAlgorithm, privateKey: Uint8Array): Signer {
  const secret = privateKey.slice();
  if (secret.length !== KEY_LENGTH)
    throw new StateError(`a private key of ${counted(secret.length, 'octet')} instead of 32`);
  const publicKey = publicKeyOf(algorithm, secret);
  const sign = (message: Uint8Array) =>
    algorithm === 'ed25519' ? ed25519.sign(message, secret) : p256.sign(message, secret, { lowS: true });
  return { algorithm, publicKey, sign };
}

function publicKeyOf(algorithm: SignatureAlgorithm, secret: Uint8Array): string {
  try {
    const key = algorithm === 'ed25519' ? ed25519.getPublicKey(secret) : p256.getPublicKey(secret, true);
    return toHex(key).toLowerCase();
  } catch (error) {
    if (error instanceof CosemError) throw error;
    // The library's own message might contain the key.
    throw new StateError('the private key is not valid for the curve', { hint: 'make another key' });
  }
}

/** Whether a signature is valid. Malformed keys and signatures give false, never an error. */
export function signatureHolds(
  algorithm: SignatureAlgorithm,
  publicKey: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = fromHex(publicKey);
    return algorithm === 'ed25519'
      ? ed25519.verify(signature, message, key, { zip215: false })
      : p256.verify(signature, message, key, { lowS: true });
  } catch {
    return false;
  }
}

/** A short name of a key: the first eight octets of its SHA-256, hexadecimal. */
export function keyId(publicKey: string): string {
  return toHex(sha256(fromHex(publicKey)).subarray(0, 8)).toLowerCase();
}

/**
 * The octets that are signed: a word for the kind, a zero octet and the content, so that a signature of one kind is not valid for another.
 * @param kind the format of a record, or of the text of a QR code.
 */
export function signedOctets(kind: string, content: Uint8Array): Uint8Array {
  return concat(new TextEncoder().encode(`${kind}\0`), content);
}

/** The trusted signer with this key, if it was trusted at that time. */
export function trustedAt(
  trusted: readonly TrustedSigner[],
  matches: (signer: TrustedSigner) => boolean,
  at: string,
): TrustedSigner | undefined {
  const time = Date.parse(at);
  return trusted.find(
    (signer) =>
      matches(signer) &&
      (signer.from === undefined || time >= Date.parse(signer.from)) &&
      (signer.until === undefined || time <= Date.parse(signer.until)),
  );
}

/** The result of a check. */
export type Verdict<T> =
  | { readonly verdict: 'valid'; readonly signer: TrustedSigner; readonly content: T }
  | { readonly verdict: 'altered'; readonly reason: string }
  /** The signature is valid, but its key is not trusted, or not for that time. */
  | { readonly verdict: 'unknown-signer'; readonly publicKey: string; readonly content: T };
