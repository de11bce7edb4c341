import { certificateHtml, certificateInHtml, htmlMaker } from '../certificate/html.js';
import { COMPACT_PREFIX, type CompactClaims, verifyCompact } from '../record/compact.js';
import { type Certificate, type CommissioningRecord, type Verdict, verifyRecord } from '../record/record.js';
import type { TrustedSigner } from '../record/signing.js';
import { certificateFonts } from './certificate-fonts.js';
import { certificatePdf, pdfMaker } from './certificate-pdf.js';

/**
 * Whether a printed page is what the record inside it gives. `not-compared`: another version made it, whose pages are not these; the
 * record's verdict says nothing about it then.
 */
export type PageCheck = 'same' | 'not-compared';

/** What a file is, and what came of its check. */
export type FileCheck =
  | { readonly kind: 'code'; readonly verdict: Verdict<CompactClaims> }
  | { readonly kind: 'record' | 'certificate'; readonly verdict: Verdict<CommissioningRecord> }
  | { readonly kind: 'html' | 'pdf'; readonly verdict: Verdict<CommissioningRecord>; readonly page: PageCheck };

const ALTERED_PAGE = { verdict: 'altered', reason: 'the page is not what the signed record inside it gives' } as const;
const NO_RECORD = { verdict: 'altered', reason: 'there is no whole record inside it' } as const;

/**
 * Checks what commissioning gave to somebody: a record or certificate as JSON, a certificate as HTML or PDF, or the text of its QR code.
 * Of HTML and PDF the page is made again from the record inside, and compared octet by octet: a page that shows something else is altered,
 * whatever its record says.
 * @returns undefined for what is none of these.
 */
export async function verifyFile(
  octets: Uint8Array,
  trusted: readonly TrustedSigner[],
): Promise<FileCheck | undefined> {
  const latin1 = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
  if (latin1.startsWith('%PDF-')) return verifyPdf(octets, latin1, trusted);
  const text = new TextDecoder().decode(octets).trim();
  if (text.startsWith(COMPACT_PREFIX)) return { kind: 'code', verdict: verifyCompact(text, trusted) };
  if (/^<!doctype html>/i.test(text)) return verifyHtml(text, trusted);
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('signed' in value) return { kind: 'certificate', verdict: verifyRecord(value, trusted) };
  return 'record' in value ? { kind: 'record', verdict: verifyRecord(value, trusted) } : undefined;
}

async function verifyHtml(text: string, trusted: readonly TrustedSigner[]): Promise<FileCheck | undefined> {
  const found = certificateInHtml(text);
  if (found === undefined) return undefined;
  const fonts = certificateFonts().web;
  const again = (certificate: Certificate) => Promise.resolve(certificateHtml(certificate, fonts).trim() === text);
  return verifyPage('html', found.json, found.maker === htmlMaker(fonts), again, trusted);
}

/** Of the file as {@link certificatePdf} writes it: attachment and producer are not compressed. */
async function verifyPdf(
  octets: Uint8Array,
  latin1: string,
  trusted: readonly TrustedSigner[],
): Promise<FileCheck | undefined> {
  const attached = /\/Type \/EmbeddedFile\n(?:[^\n]{0,200}\n){1,12}?\/Length (\d{1,7})\n>>\nstream\n/.exec(latin1);
  if (attached === null) return undefined;
  const start = attached.index + attached[0].length;
  const json = new TextDecoder().decode(octets.subarray(start, start + Number(attached[1])));
  const again = async (certificate: Certificate) =>
    Buffer.compare(Buffer.from(await certificatePdf(certificate)), octets) === 0;
  return verifyPage('pdf', json, latin1.includes(`(${pdfMaker()})`), again, trusted);
}

async function verifyPage(
  kind: 'html' | 'pdf',
  json: string,
  ours: boolean,
  again: (certificate: Certificate) => Promise<boolean>,
  trusted: readonly TrustedSigner[],
): Promise<FileCheck> {
  const value = parsed(json);
  const page = ours ? 'same' : 'not-compared';
  if (typeof value !== 'object' || value === null || !('signed' in value)) return { kind, verdict: NO_RECORD, page };
  const verdict = verifyRecord(value, trusted);
  if (verdict.verdict === 'altered' || !ours) return { kind, verdict, page };
  let same: boolean;
  try {
    same = await again(value as unknown as Certificate);
  } catch {
    // Signed by somebody, but no record that a page can be made of.
    same = false;
  }
  return { kind, verdict: same ? verdict : ALTERED_PAGE, page };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
