import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, SecurityError, toHex } from 'cosem';
import { counted } from 'cosem/inspect';
import { concat } from 'cosem/protocol';

/** Draws secret random octets. */
export type RandomOctets = (length: number) => Uint8Array;

const NONCE = 12;
const KEY = 32;
const encoder = new TextEncoder();

/** The keys derived from one secret of 32 octets, which is kept outside the data base: one for each purpose (HKDF, RFC 5869). */
export class IndexKeys {
  readonly #wrapping: Uint8Array;
  readonly #consumers: Uint8Array;
  /** For digests of documents. */
  readonly documents: Uint8Array;
  readonly #random: RandomOctets;
  /** A value that shows whether a data base was made with these keys, and nothing else. */
  readonly fingerprint: string;

  constructor(secret: Uint8Array, random: RandomOctets) {
    if (secret.length !== KEY)
      throw new SecurityError('bad-key', `the index key has ${counted(secret.length, 'octet')} instead of 32`);
    const derive = (purpose: string) => hkdf(sha256, secret, undefined, encoder.encode(`cosem index: ${purpose}`), KEY);
    this.#wrapping = derive('data keys');
    this.#consumers = derive('consumer numbers');
    this.documents = derive('documents');
    this.fingerprint = toHex(derive('fingerprint').subarray(0, 8));
    this.#random = random;
  }

  /** The digest of a consumer number. The same number always gives the same digest, which reveals nothing without the key. */
  consumerDigest(number: string): string {
    return toHex(hmac(sha256, this.#consumers, encoder.encode(number.trim())));
  }

  /** A new data key, and the wrapped form that is stored. */
  newDataKey(digest: string): { readonly key: Uint8Array; readonly wrapped: string } {
    const key = this.#random(KEY);
    return { key, wrapped: this.seal(this.#wrapping, key, digest) };
  }

  /** @throws SecurityError when it was changed, or sealed by another key. */
  dataKey(wrapped: string, digest: string): Uint8Array {
    return open(this.#wrapping, wrapped, digest);
  }

  /**
   * Encrypts with AES-256-GCM; nonce, ciphertext and tag as hexadecimal. @param place where it is stored: it cannot be opened in another
   * place.
   */
  seal(key: Uint8Array, octets: Uint8Array, place: string): string {
    const nonce = this.#random(NONCE);
    return toHex(concat(nonce, gcm(key, nonce, encoder.encode(place)).encrypt(octets)));
  }

  sealText(key: Uint8Array, text: string, place: string): string {
    return this.seal(key, encoder.encode(text), place);
  }

  /** @throws SecurityError when it was changed, moved, or sealed by another key. */
  openText(key: Uint8Array, sealed: string, place: string): string {
    return new TextDecoder().decode(open(key, sealed, place));
  }
}

function open(key: Uint8Array, sealed: string, place: string): Uint8Array {
  try {
    const octets = fromHex(sealed);
    return gcm(key, octets.subarray(0, NONCE), encoder.encode(place)).decrypt(octets.subarray(NONCE));
  } catch {
    throw new SecurityError('bad-tag', 'sealed data of the index was changed, or the key is another', {
      hint: 'use the key that the index was made with, or a back-up of it',
    });
  }
}
