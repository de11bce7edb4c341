/** What the pages of all kinds of records are made of. */

import { Decimal } from 'cosem';
import { dateText, type Language } from 'cosem/inspect';
import type { InstallerEvidence } from '../evidence.js';
import { documentName } from '../messages.js';
import type { Disclosure, RecordBase } from '../record/record-base.js';
import { filled, WORDS, type Words } from './words.js';

/** The value beside a label: one text for all languages, or one in each. */
export type Shown = string | Words;

export interface Row {
  readonly label: Words;
  readonly value: Shown;
  /** Whether the value is emphasised, because people look for it first. */
  readonly strong?: boolean;
}

export interface Section {
  readonly title: Words;
  readonly rows: readonly Row[];
}

/** What is different on the page of each kind of record. */
export interface PageContent {
  readonly title: Words;
  /** Two columns. */
  readonly columns: readonly (readonly Section[])[];
  /** What the consumer can do or expect. */
  readonly see: { readonly title: Words; readonly lines: readonly Words[] };
}

/** The content of the printed certificate, without its layout. PDF and HTML show the same, and nothing but what was signed. */
export interface CertificatePage extends PageContent {
  /** Of the work order. */
  readonly id: string;
  readonly sequence: string;
  readonly utility: string;
  readonly helpline: string;
  readonly free: { readonly headline: Words; readonly sentence: Words };
  readonly check: { readonly title: Words; readonly how: Words; readonly rows: readonly Row[] };
  /** The text of the QR code. */
  readonly code: string;
  /** ISO 8601: when it was signed. */
  readonly at: string;
}

/** Longer texts are cut in print, so that the certificate stays one page; the record has them whole. */
const LONGEST = 80;
export const LONGEST_REASON = 110;

/** Name, address, number and mobile of the consumer. */
export function personRows({ consumer }: Pick<RecordBase, 'consumer'>, person: Disclosure): Row[] {
  return [
    { label: WORDS.name, value: clipped(person.name), strong: true },
    { label: WORDS.address, value: clipped(person.address, 200) },
    { label: WORDS.consumerNumber, value: consumer.number, strong: true },
    { label: WORDS.mobile, value: `******${person.mobileLast4.slice(-4)}` },
  ];
}

/** Who came, in one row. */
export function installerRow({ name, id, letter }: InstallerEvidence): Row {
  return { label: WORDS.installerOfRecord, value: filled(WORDS.withLetter, { name, id, letter }) };
}

/** Who came, with which letter. */
export function installerSection({ name, id, letter, letterValidUntil }: InstallerEvidence): Section {
  const until = clipped(dateText(letterValidUntil), 10);
  const paper = clipped(letter, 40);
  return {
    title: WORDS.installer,
    rows: [
      { label: WORDS.name, value: `${clipped(name, 50)} (${clipped(id, 28)})`, strong: true },
      {
        label: WORDS.authorisation,
        value: {
          hi: `${paper}, ${until} ${WORDS.validUntil.hi}`,
          en: `${paper}, ${WORDS.validUntil.en} ${until}`,
        },
      },
      { label: WORDS.card, value: WORDS.shown },
    ],
  };
}

/** Kinds of documents by their names. */
export function documentsText(kinds: readonly string[]): Words {
  const names = (language: Language) => clipped(kinds.map((kind) => documentName(kind, language)).join(', ')) || '–';
  return { hi: names('hi'), en: names('en') };
}

/** A row of what there is; none where nothing is. */
export function optional(label: Words, parts: readonly (string | undefined)[]): Row[] {
  const value = parts.filter((part) => part !== undefined && part !== '').join(', ');
  return value === '' ? [] : [{ label, value: clipped(value) }];
}

/** Divides by 1000 exactly: `1234` becomes `1.234`. */
export function kilo(value: string): string {
  const text = Decimal.parse(value).shift(-3).toString();
  return text.includes('.') ? text.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros)) : text;
}

// ---- texts

export function clipped(text: string, longest = LONGEST): string {
  const letters = [...text];
  return letters.length <= longest
    ? text
    : `${letters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

/** `2026-11-23T10:30:03+05:30`, and as meters write it, as `23-11-2026 10:30:03 (UTC+05:30)`. */
export function timeText(text: string): string {
  const [, date, time, offset] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?([+-].*)?$/.exec(text) ?? [];
  if (date === undefined || time === undefined) return clipped(text);
  return `${dateText(date)} ${time}${offset === undefined ? '' : ` (UTC${clipped(offset, 6)})`}`;
}

/** Hexadecimal in groups of four, which people can compare. */
export function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? '';
}
