import { fromHex, toHex } from 'cosem';
import { z } from 'zod';
import { canonicalBytes, canonicalDigest } from '../canonical.js';
import { faultOfValue } from '../strict-json.js';
import { COMPACT, readCompact } from './compact.js';
import { type AnyRecord, recordKind } from './kinds.js';
import { commitmentOf, type RecordBase, type SignedRecord } from './record-base.js';
import type { Verdict } from './signing.js';
import {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type Signer,
  signatureHolds,
  signedOctets,
  type TrustedSigner,
  trustedAt,
} from './signing.js';

/** Signs a record of any kind. */
export function signRecord<R extends RecordBase>(record: R, signer: Signer): SignedRecord<R> {
  const signature = toHex(signer.sign(signedOctets(record.format, canonicalBytes(record)))).toLowerCase();
  const { algorithm, publicKey } = signer;
  return { record, hash: canonicalDigest(record), algorithm, publicKey, signature };
}

/** Only lower-case hexadecimal: any other form shows that the value was changed. */
const hexadecimal = z.string().regex(/^[0-9a-f]{2,200}$/);
const envelope = z.strictObject({
  /** Checked by its own schema, and never replaced by the schema's output: the hash must cover what was received. */
  record: z.unknown(),
  hash: hexadecimal,
  algorithm: z.enum(SIGNATURE_ALGORITHMS as [SignatureAlgorithm, ...SignatureAlgorithm[]]),
  publicKey: hexadecimal,
  signature: hexadecimal,
});
const text = z.string();
const person = z.strictObject({
  salt: text,
  name: text,
  address: text,
  mobileLast4: text,
  position: z.strictObject({ latitude: z.number(), longitude: z.number() }).optional(),
  documents: z.array(z.strictObject({ type: text, last4: text, digest: text, seen: z.boolean() })).optional(),
});
const certificateSchema = z.strictObject({
  format: z.literal('cosem-certificate-1'),
  signed: z.unknown(),
  person,
  compact: z.string(),
});

/**
 * Checks a signed record of any kind, from any source. It never throws. That no name appears twice in the text, and that numbers have one form, can only
 * be seen in the text: `verifyFile` checks that.
 * @param value JSON of a {@link SignedRecord}, or of a {@link Certificate}, whose disclosure is then checked too.
 */
export function verifyRecord(value: unknown, trusted: readonly TrustedSigner[]): Verdict<AnyRecord> {
  const fault = faultOfValue(value);
  if (fault !== undefined) return { verdict: 'altered', reason: fault };
  const certificate = certificateSchema.safeParse(value);
  const verdict = verifySigned(certificate.success ? certificate.data.signed : value, trusted);
  if (verdict.verdict === 'altered' || !certificate.success) return verdict;
  if (commitmentOf(certificate.data.person) !== verdict.content.consumer.commitment) {
    return { verdict: 'altered', reason: 'the name, address or mobile is not the one that was signed' };
  }
  const { hash, algorithm, publicKey } = envelope.parse(certificate.data.signed);
  const code = readCompact(certificate.data.compact);
  const same =
    code !== undefined &&
    code.claims.recordHash.length === 32 &&
    hash.startsWith(code.claims.recordHash) &&
    signatureHolds(algorithm, publicKey, signedOctets(COMPACT, code.content), code.signature);
  return same ? verdict : { verdict: 'altered', reason: 'its QR code is that of another record' };
}

function verifySigned(value: unknown, trusted: readonly TrustedSigner[]): Verdict<AnyRecord> {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) return { verdict: 'altered', reason: 'it is no signed record' };
  const { record, hash, algorithm, publicKey, signature } = parsed.data;
  const format = (record as Partial<RecordBase> | null | undefined)?.format;
  const kind = recordKind(format);
  if (kind === undefined) return { verdict: 'altered', reason: 'it is no record of a kind that this version knows' };
  const formed = kind.schema.safeParse(record);
  if (!formed.success) return { verdict: 'altered', reason: `it is no record${placeOf(formed.error)}` };
  let octets: Uint8Array;
  let signatureOctets: Uint8Array;
  try {
    octets = signedOctets(String(format), canonicalBytes(record));
    signatureOctets = fromHex(signature);
  } catch {
    return { verdict: 'altered', reason: 'it is no signed record' };
  }
  if (canonicalDigest(record) !== hash) return { verdict: 'altered', reason: 'its hash does not fit its content' };
  if (!signatureHolds(algorithm, publicKey, octets, signatureOctets)) {
    return { verdict: 'altered', reason: 'its signature does not hold' };
  }
  const content = record as AnyRecord;
  const signer = trustedAt(trusted, (key) => key.algorithm === algorithm && key.publicKey === publicKey, content.at);
  return signer === undefined
    ? { verdict: 'unknown-signer', publicKey, content }
    : { verdict: 'valid', signer, content };
}

/** The place of an error, by names of our own fields; nothing of the content. */
function placeOf({ issues: [first] }: z.ZodError): string {
  const path = first?.path ?? [];
  return path.length === 0 ? '' : `: ${path.map(String).join('.')} is not as it should be`;
}
