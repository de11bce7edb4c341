import { StateError } from 'cosem';
import { concat } from 'cosem/protocol';
import { z } from 'zod';
import { canonicalBytes } from '../canonical.js';
import { readStrictJson } from '../strict-json.js';
import { fromBase45, toBase45 } from './base45.js';
import { recordKind } from './kinds.js';
import type { SignedRecord } from './record-base.js';
import type { Verdict } from './signing.js';
import { keyId, type Signer, signatureHolds, signedOctets, type TrustedSigner, trustedAt } from './signing.js';

/** The content of the QR code on the certificate: enough to check the paper without a network. It names no person. */
export interface CompactClaims {
  /** Of the record. */
  readonly format: string;
  readonly workOrder: string;
  readonly consumerNumber: string;
  /** Serial number; empty where the record is about no meter. */
  readonly meter: string;
  /** Of the record, ISO 8601 in UTC, whole seconds. */
  readonly at: string;
  /** Of an installation: total active import with its unit; empty where it was not read. */
  readonly startReading: string;
  /** Of an installation: whether the relay was tested. */
  readonly relayTested: boolean;
  /** The installer's letter of authorisation; empty where none was shown. */
  readonly letter: string;
  /** The first 16 octets of the record's hash, hexadecimal. */
  readonly recordHash: string;
}

/** Begins the text, so that anybody who scans the code can tell what it is. */
export const COMPACT_PREFIX = 'COSEM1:';
/** The format of the text, which begins what is signed. */
export const COMPACT = 'cosem-commissioning-compact-1';
const INSTALLATION = 'cosem-commissioning-record-1';
const SIGNATURE = 64;

/** One letter for each claim, because only a small QR code can be read from worn paper. */
const common = {
  w: z.string(),
  c: z.string(),
  m: z.string(),
  t: z.int(),
  l: z.string(),
  h: z.string(),
  /** Key id. */
  k: z.string().regex(/^[0-9a-f]{16}$/),
};
const wire = z.union([
  z.strictObject({ ...common, e: z.string(), r: z.union([z.literal(0), z.literal(1)]) }),
  /** Of other records, with their format. */
  z.strictObject({ ...common, f: z.string() }),
]);

/**
 * The text of the QR code: `COSEM1:` and Base45 of canonical JSON and a signature of 64 octets over `cosem-commissioning-compact-1`, a
 * zero octet and that JSON. Some 450 characters of the alphanumeric mode, below 800 whatever the record.
 */
export function compactOf({ record, hash }: SignedRecord, signer: Signer): string {
  const kind = recordKind(record.format);
  if (kind === undefined) throw new StateError(`there is no QR code of a record ${record.format}`);
  const { meter, letter, installation } = kind.claims(record);
  const content = canonicalBytes({
    w: record.workOrder.id,
    c: record.consumer.number,
    m: meter,
    t: Math.floor(Date.parse(record.at) / 1000),
    l: letter.slice(0, 40),
    h: hash.slice(0, 32),
    k: keyId(signer.publicKey),
    ...(installation === undefined
      ? { f: record.format }
      : { e: installation.startReading, r: installation.relayTested ? 1 : 0 }),
  } satisfies z.output<typeof wire>);
  return COMPACT_PREFIX + toBase45(concat(content, signer.sign(signedOctets(COMPACT, content))));
}

/**
 * Checks the text of a QR code. Without a trusted signer it is not even possible to tell whether it was altered, because the code does not
 * contain the key.
 */
export function verifyCompact(text: string, trusted: readonly TrustedSigner[]): Verdict<CompactClaims> {
  const read = readCompact(text.trim());
  if (read === undefined) return { verdict: 'altered', reason: 'it is no code of a commissioning certificate' };
  const { content, signature, claims, key } = read;
  const byId = trusted.filter(({ publicKey }) => keyId(publicKey) === key);
  if (byId.length === 0) return { verdict: 'unknown-signer', publicKey: key, content: claims };
  const octets = signedOctets(COMPACT, content);
  const holds = byId.some(({ algorithm, publicKey }) => signatureHolds(algorithm, publicKey, octets, signature));
  if (!holds) return { verdict: 'altered', reason: 'its signature does not hold' };
  const signer = trustedAt(byId, () => true, claims.at);
  return signer === undefined
    ? { verdict: 'unknown-signer', publicKey: key, content: claims }
    : { verdict: 'valid', signer, content: claims };
}

interface ReadCompact {
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
  readonly claims: CompactClaims;
  readonly key: string;
}

/** Reads the text of a QR code without checking it; undefined where it is another code. */
export function readCompact(text: string): ReadCompact | undefined {
  if (!text.startsWith(COMPACT_PREFIX)) return undefined;
  try {
    const octets = fromBase45(text.slice(COMPACT_PREFIX.length));
    const content = octets.subarray(0, Math.max(0, octets.length - SIGNATURE));
    const read = readStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(content));
    if (read === undefined || read.fault !== undefined) return undefined;
    const parsed = wire.parse(read.value);
    const { w, c, m, t, l, h, k } = parsed;
    const own = 'f' in parsed ? { e: '', r: 0, f: parsed.f } : { ...parsed, f: INSTALLATION };
    const claims: CompactClaims = {
      format: own.f,
      workOrder: w,
      consumerNumber: c,
      meter: m,
      at: new Date(t * 1000).toISOString(),
      startReading: own.e,
      relayTested: own.r === 1,
      letter: l,
      recordHash: h,
    };
    return { content, signature: octets.subarray(-SIGNATURE), claims, key: k };
  } catch {
    return undefined;
  }
}
