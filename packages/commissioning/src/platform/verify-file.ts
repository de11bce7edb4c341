import { certificateHtml, certificateInHtml, htmlMaker } from '../certificate/html.js';
import { COMPACT_PREFIX, type CompactClaims, verifyCompact } from '../record/compact.js';
import type { AnyRecord } from '../record/kinds.js';
import { verifyRecord } from '../record/record.js';
import type { Certificate } from '../record/record-base.js';
import type { TrustedSigner, Verdict } from '../record/signing.js';
import { readStrictJson, type StrictJson } from '../strict-json.js';
import { certificateFonts } from './certificate-fonts.js';
import { certificatePdf, pdfMaker } from './certificate-pdf.js';

/**
 * A page that this version cannot make: another version made it, or a forger. It was not compared, so nothing is known about what it shows.
 * `record` is the verdict on the record inside it.
 */
export interface UnknownPage {
  readonly verdict: 'unknown-page';
  readonly record: Exclude<Verdict<AnyRecord>, { readonly verdict: 'altered' }>;
}

/** What kind of file it is, and the result of the check. For a page `valid` means that it shows exactly what was signed. */
export type FileCheck =
  | { readonly kind: 'code'; readonly verdict: Verdict<CompactClaims> }
  | { readonly kind: 'record' | 'certificate'; readonly verdict: Verdict<AnyRecord> }
  | { readonly kind: 'html' | 'pdf'; readonly verdict: Verdict<AnyRecord> | UnknownPage };

const ALTERED_PAGE = { verdict: 'altered', reason: 'the page is not what the signed record inside it gives' } as const;
const NO_RECORD = { verdict: 'altered', reason: 'there is no whole record inside it' } as const;

/** Largest file in octets; a certificate has less than one million. */
export const LARGEST_FILE = 16_000_000;

/**
 * Checks a file that commissioning handed out: a record or certificate as JSON, a certificate as HTML or PDF, or the text of its QR code.
 * For HTML and PDF the page is made again from the record inside and compared octet by octet: a page that shows something else counts as
 * altered, whatever its record says. JSON that can be read in two ways counts as altered before its signature is checked. It never throws
 * because of the content of the file.
 * @param trusted the signers that the caller trusts; never take them from beside the file.
 * @returns undefined for a file of another kind, or of more than 16 MB.
 * @throws StorageError when the fonts of cosem are missing.
 */
export async function verifyFile(
  octets: Uint8Array,
  trusted: readonly TrustedSigner[],
): Promise<FileCheck | undefined> {
  if (octets.length > LARGEST_FILE) return undefined;
  const latin1 = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
  if (latin1.startsWith('%PDF-')) return verifyPdf(octets, latin1, trusted);
  const text = trimmed(new TextDecoder().decode(octets));
  if (text.startsWith(COMPACT_PREFIX)) return { kind: 'code', verdict: verifyCompact(text, trusted) };
  if (/^<!doctype html>/i.test(text)) return verifyHtml(text, trusted);
  const read = readStrictJson(text);
  if (read === undefined || typeof read.value !== 'object' || read.value === null) return undefined;
  const kind = Object.hasOwn(read.value, 'signed') ? 'certificate' : 'record';
  if (kind === 'record' && !Object.hasOwn(read.value, 'record')) return undefined;
  return { kind, verdict: verifyRead(read, trusted) };
}

/** ASCII white space only: other kinds would be visible on a page. */
const WHITE = ' \t\r\n';

/** Trims without a regular expression, which would need quadratic time for a long run of white space. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && WHITE.includes(text.charAt(start))) start++;
  while (end > start && WHITE.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function verifyRead({ value, fault }: StrictJson, trusted: readonly TrustedSigner[]): Verdict<AnyRecord> {
  return fault === undefined ? verifyRecord(value, trusted) : { verdict: 'altered', reason: fault };
}

async function verifyHtml(text: string, trusted: readonly TrustedSigner[]): Promise<FileCheck | undefined> {
  const found = certificateInHtml(text);
  if (found === undefined) return undefined;
  const fonts = certificateFonts().web;
  const again = async (certificate: Certificate) => trimmed(certificateHtml(certificate, fonts)) === text;
  return { kind: 'html', verdict: await verifyPage(found.json, found.maker === htmlMaker(fonts), again, trusted) };
}

/** Checks a PDF as {@link certificatePdf} writes it: attachment and producer are not compressed. */
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
  return { kind: 'pdf', verdict: await verifyPage(json, latin1.includes(`(${pdfMaker()})`), again, trusted) };
}

async function verifyPage(
  json: string,
  ours: boolean,
  again: (certificate: Certificate) => Promise<boolean>,
  trusted: readonly TrustedSigner[],
): Promise<Verdict<AnyRecord> | UnknownPage> {
  const read = readStrictJson(json);
  const value = read?.value;
  if (read === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, 'signed')) {
    return NO_RECORD;
  }
  const verdict = verifyRead(read, trusted);
  if (verdict.verdict === 'altered') return verdict;
  if (!ours) return { verdict: 'unknown-page', record: verdict };
  let same: boolean;
  try {
    same = await again(value as Certificate);
  } catch {
    // It is signed, but no page can be made from such a record.
    same = false;
  }
  return same ? verdict : ALTERED_PAGE;
}
