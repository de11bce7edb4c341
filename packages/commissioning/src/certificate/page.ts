import { dateText, visibleText } from 'cosem/inspect';
import { meterComparisonPage, meterComparisonSummary } from '../comparison/page.js';
import { messages } from '../messages.js';
import { paymentModePage, paymentModeSummary } from '../payment-mode/page.js';
import { reconnectionPage, reconnectionSummary } from '../reconnection/page.js';
import type { AnyRecord, RecordFormat, Records } from '../record/kinds.js';
import type { Certificate, Disclosure, RecordBase } from '../record/record-base.js';
import { keyId } from '../record/signing.js';
import { installationPage, installationSummary } from './installation-page.js';
import { type CertificatePage, clipped, grouped, type PageContent, type Row, timeText } from './page-parts.js';
import { surveyPage, surveySummary } from './survey-page.js';
import { filled, WORDS } from './words.js';

/** What people are shown of a kind of record. */
interface Shown<R extends AnyRecord> {
  /** Its certificate. */
  readonly page: (record: R, person: Disclosure) => PageContent;
  /** What `cosem verify` says of it, besides what it says of all records. */
  readonly summary: (record: R) => readonly Row[];
}

const SHOWN: { readonly [F in RecordFormat]: Shown<Records[F]> } = {
  'cosem-commissioning-record-1': { page: installationPage, summary: installationSummary },
  'cosem-reconnection-record-1': { page: reconnectionPage, summary: reconnectionSummary },
  'cosem-payment-mode-record-1': { page: paymentModePage, summary: paymentModeSummary },
  'cosem-meter-comparison-record-1': { page: meterComparisonPage, summary: meterComparisonSummary },
  'cosem-survey-record-1': { page: surveyPage, summary: surveySummary },
};

function shownOf({ format }: RecordBase): Shown<AnyRecord> {
  return SHOWN[format as RecordFormat] as Shown<AnyRecord>;
}

/** A record of any kind in a few rows, without the person. */
export function recordSummary(record: AnyRecord): readonly Row[] {
  const { workOrder, sequence, consumer, at } = record;
  return [
    { label: WORDS.workOrder, value: filled(WORDS.orderAndRecord, { order: workOrder.id, sequence }) },
    { label: WORDS.consumer, value: consumer.number },
    { label: WORDS.signedAt, value: dateText(at) },
    ...shownOf(record).summary(record),
  ];
}

/**
 * Makes the content of the page from what was signed. It is deterministic: it depends on the certificate alone. Control characters in
 * texts, such as one that reverses the direction of writing, have no effect.
 */
export function certificatePage(certificate: Certificate): CertificatePage {
  return visible(pageOf(certificate));
}

function visible<T>(part: T): T {
  if (typeof part === 'string') return visibleText(part) as T & string;
  if (Array.isArray(part)) return part.map(visible) as T & unknown[];
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, visible(member)])) as T & object;
}

function pageOf({ signed, compact, person }: Certificate): CertificatePage {
  const { record } = signed;
  return {
    id: record.workOrder.id,
    sequence: String(record.sequence),
    utility: clipped(record.utility),
    helpline: record.helpline,
    ...shownOf(record).page(record as AnyRecord, person),
    free: { headline: WORDS.free, sentence: messages.free },
    check: {
      title: WORDS.check,
      how: WORDS.checkHow,
      rows: [
        { label: WORDS.signedAt, value: timeText(record.at) },
        { label: WORDS.record, value: grouped(signed.hash.slice(0, 32)) },
        { label: WORDS.key, value: `${grouped(keyId(signed.publicKey))} (${signed.algorithm})` },
      ],
    },
    code: compact,
    at: record.at,
  };
}
