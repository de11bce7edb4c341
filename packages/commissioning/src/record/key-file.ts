import { gcm } from '@noble/ciphers/aes.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { fromHex, SecurityError, StateError, toHex } from 'cosem';
import { z } from 'zod';
import { canonicalBytes } from '../canonical.js';
import { parseDocument } from '../document.js';
import type { RandomOctets } from '../index/sealing.js';
import { DEFAULT_WORK, type ScryptWork } from '../otp.js';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm, type Signer, signerOf, type TrustedSigner } from './signing.js';

const hex = (octets: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * octets}}$`));
const schema = z.strictObject({
  format: z.literal('cosem-commissioning-keys-1'),
  name: z.string().max(80),
  algorithm: z.enum(SIGNATURE_ALGORITHMS as [SignatureAlgorithm, ...SignatureAlgorithm[]]),
  publicKey: z.string().regex(/^[0-9a-f]{64,66}$/),
  scrypt: z.strictObject({
    n: z
      .int()
      .min(2)
      .max(2 ** 18),
    r: z.int().min(1).max(8),
    p: z.int().min(1).max(4),
    salt: hex(16),
  }),
  nonce: hex(12),
  /** The private key and the index key under AES-256-GCM; the rest of the file is authenticated with them. */
  sealed: hex(80),
});
type KeyFile = z.output<typeof schema>;

/** The keys of an opened key file. */
export interface CommissioningKeys {
  /** Name of the signer. */
  readonly name: string;
  readonly signer: Signer;
  /** Of the consumer index: 32 octets. */
  readonly indexKey: Uint8Array;
}

const SHORTEST = 8;
const KEY = 32;

/**
 * Makes keys: one to sign records, one for the consumer index.
 * @param passphrase seals the file; eight characters at least.
 * @returns the text of the key file.
 * @throws StateError when the passphrase is too short.
 */
export function makeKeyFile(
  name: string,
  passphrase: string,
  random: RandomOctets,
  algorithm: SignatureAlgorithm = 'ed25519',
  work: ScryptWork = DEFAULT_WORK,
): string {
  if ([...passphrase].length < SHORTEST) {
    throw new StateError(`the passphrase has fewer than ${SHORTEST} characters`, { hint: 'take three or four words' });
  }
  const keys = random(2 * KEY);
  const { publicKey } = signerOf(algorithm, keys.subarray(0, KEY));
  const salt = random(16);
  const nonce = random(12);
  const head = {
    format: 'cosem-commissioning-keys-1' as const,
    name,
    algorithm,
    publicKey,
    scrypt: { n: work.n, r: work.r, p: work.p, salt: toHex(salt) },
    nonce: toHex(nonce),
  };
  const sealed = gcm(stretched(passphrase, salt, work), nonce, canonicalBytes(head)).encrypt(keys);
  return `${JSON.stringify({ ...head, sealed: toHex(sealed) }, undefined, 2)}\n`;
}

/**
 * Opens a key file.
 * @throws DocumentError when it is not a key file, SecurityError when the passphrase is wrong or the file was changed.
 */
export function openKeyFile(text: string, file: string, passphrase: string): CommissioningKeys {
  const { sealed, ...head } = parseDocument<KeyFile>(schema, text, file);
  const key = stretched(passphrase, fromHex(head.scrypt.salt), head.scrypt);
  let keys: Uint8Array;
  try {
    keys = gcm(key, fromHex(head.nonce), canonicalBytes(head)).decrypt(fromHex(sealed));
  } catch {
    throw new SecurityError('bad-key', `the passphrase does not open ${file}`, {
      hint: 'type it again; if it is lost, make new keys and have the utility trust them',
    });
  }
  const signer = signerOf(head.algorithm, keys.subarray(0, KEY));
  return { name: head.name, signer, indexKey: keys.slice(KEY, 2 * KEY) };
}

/** The public part of a key file, which others need to trust its signatures. It needs no passphrase. @throws DocumentError. */
export function publicPartOf(text: string, file: string): TrustedSigner {
  const { name, algorithm, publicKey } = parseDocument<KeyFile>(schema, text, file);
  return { name, algorithm, publicKey };
}

function stretched(passphrase: string, salt: Uint8Array, { n, r, p }: ScryptWork): Uint8Array {
  return scrypt(new TextEncoder().encode(passphrase.normalize('NFKC')), salt, { N: n, r, p, dkLen: KEY });
}

const trustedSchema = z.strictObject({
  format: z.literal('cosem-trusted-signers-1'),
  signers: z.array(
    z.strictObject({
      name: z.string().max(80),
      algorithm: z.enum(SIGNATURE_ALGORITHMS as [SignatureAlgorithm, ...SignatureAlgorithm[]]),
      publicKey: z.string().regex(/^[0-9a-f]{64,66}$/),
      from: z.iso.datetime({ offset: true }).optional(),
      until: z.iso.datetime({ offset: true }).optional(),
    }),
  ),
});

/** The signers that a utility trusts. @throws DocumentError. */
export function parseTrustedSigners(text: string, file: string): readonly TrustedSigner[] {
  return parseDocument(trustedSchema, text, file).signers;
}

/** Reads the signers to trust from a file of trusted signers, or from the public part of a key file. @throws DocumentError. */
export function parseTrust(text: string, file: string): readonly TrustedSigner[] {
  return text.includes('"cosem-commissioning-keys-1"') ? [publicPartOf(text, file)] : parseTrustedSigners(text, file);
}
