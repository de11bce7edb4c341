import { Decimal } from 'cosem';
import { dateText, type Language, visibleText } from 'cosem/inspect';
import type { RecordedValue } from '../evidence.js';
import { documentName, messages } from '../messages.js';
import type { CommissioningRecord } from '../record/commissioning-record.js';
import type { Certificate } from '../record/record.js';
import { keyId } from '../record/signing.js';
import { relayWords } from './relay-words.js';
import { filled, translated, WORDS, type Words } from './words.js';

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

/** The content of the printed certificate, without its layout. PDF and HTML show the same, and nothing but what was signed. */
export interface CertificatePage {
  /** Of the work order. */
  readonly id: string;
  readonly sequence: string;
  readonly utility: string;
  readonly helpline: string;
  readonly title: Words;
  readonly free: { readonly headline: Words; readonly sentence: Words };
  /** Two columns. */
  readonly columns: readonly (readonly Section[])[];
  readonly see: { readonly title: Words; readonly lines: readonly Words[] };
  readonly check: { readonly title: Words; readonly how: Words; readonly rows: readonly Row[] };
  /** The text of the QR code. */
  readonly code: string;
  /** ISO 8601: when it was signed. */
  readonly at: string;
}

/** Longer texts are cut in print, so that the certificate stays one page; the record has them whole. */
const LONGEST = 80;
const LONGEST_REASON = 110;
const MOST_SEALS = 6;

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
    title: WORDS.title,
    free: { headline: WORDS.free, sentence: messages.free },
    columns: [
      [consumer(signed.record, person), newMeter(record), oldMeter(record)],
      [readings(record), tests(record), installer(record), ...skipped(record)],
    ],
    see: { title: WORDS.see, lines: [WORDS.seeUsage, WORDS.seeBalance, WORDS.seeWhere] },
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

function consumer(record: CommissioningRecord, person: Certificate['person']): Section {
  const { verification, documents } = record;
  return {
    title: WORDS.consumer,
    rows: [
      { label: WORDS.name, value: clipped(person.name), strong: true },
      { label: WORDS.address, value: clipped(person.address, 200) },
      { label: WORDS.consumerNumber, value: record.consumer.number, strong: true },
      { label: WORDS.mobile, value: `******${person.mobileLast4.slice(-4)}` },
      { label: WORDS.sanctionedLoad, value: `${kilo(String(record.sanctionedLoad))} kW` },
      {
        label: WORDS.verified,
        value: verification === undefined ? WORDS.notDone : `OTP, ${stepTime(record, 'consumer')}`,
      },
      ...(documents === undefined ? [] : [{ label: WORDS.documents, value: documentsText(documents) }]),
    ],
  };
}

function documentsText(kinds: readonly string[]): Words {
  const names = (language: Language) => clipped(kinds.map((kind) => documentName(kind, language)).join(', ')) || '–';
  return { hi: names('hi'), en: names('en') };
}

function newMeter({ meter: { namePlate, seals }, network }: CommissioningRecord): Section {
  const { manufacturer, year, meterType, category, firmware } = namePlate;
  const more = seals.length > MOST_SEALS ? ` + ${seals.length - MOST_SEALS}` : '';
  const kind = translated(meterType ?? '');
  const behind = category === undefined ? '' : `, ${category}`;
  return {
    title: WORDS.newMeter,
    rows: [
      { label: WORDS.serial, value: clipped(namePlate.serial), strong: true },
      ...optional(WORDS.make, [manufacturer, year]),
      ...(meterType === undefined
        ? optional(WORDS.kind, [category])
        : [{ label: WORDS.kind, value: { hi: clipped(kind.hi + behind), en: clipped(kind.en + behind) } }]),
      ...optional(WORDS.firmware, [firmware]),
      { label: WORDS.seals, value: clipped(seals.slice(0, MOST_SEALS).join(', ') + more, LONGEST_REASON) || '–' },
      { label: WORDS.network, value: [network.feeder, network.transformer, network.pole].join(' / ') },
    ],
  };
}

function optional(label: Words, parts: readonly (string | undefined)[]): Row[] {
  const value = parts.filter((part) => part !== undefined && part !== '').join(', ');
  return value === '' ? [] : [{ label, value: clipped(value) }];
}

function oldMeter({ oldMeter: meter }: CommissioningRecord): Section {
  const { oldMeter: title } = WORDS;
  if (meter === undefined) return { title, rows: [{ label: WORDS.serial, value: WORDS.notDone }] };
  if (meter === null) return { title, rows: [{ label: WORDS.serial, value: WORDS.none }] };
  return {
    title,
    rows: [
      { label: WORDS.serial, value: clipped(meter.serial) },
      { label: WORDS.finalReading, value: `${meter.finalReading} kWh`, strong: true },
      { label: WORDS.condition, value: clipped(meter.condition) },
    ],
  };
}

/** The energy totals that are printed, by logical name. */
const TOTALS: readonly (readonly [name: string, label: Words])[] = [
  ['1.0.1.8.0.255', WORDS.activeImport],
  ['1.0.9.8.0.255', WORDS.apparentImport],
  ['1.0.2.8.0.255', WORDS.activeExport],
  ['1.0.10.8.0.255', WORDS.apparentExport],
];

function readings({ readings: { time, energies, payment } }: CommissioningRecord): Section {
  const totals = TOTALS.flatMap(([name, label]) => {
    const found = energies.find(({ logicalName }) => logicalName === name);
    return found === undefined ? [] : [{ label, value: quantity(found), strong: name === '1.0.1.8.0.255' }];
  });
  const others = energies.length - totals.length;
  const mode = payment.find(({ logicalName }) => /^0\.0\.94\.9[16]\.20\.255$/.test(logicalName));
  const balance = payment.find(({ logicalName }) => /^0\.0\.94\.9[16]\.24\.255$/.test(logicalName));
  return {
    title: WORDS.readings,
    rows: [
      { label: WORDS.readAt, value: timeText(time) },
      ...totals,
      ...(others > 0 ? [{ label: WORDS.moreRegisters, value: filled(WORDS.inRecord, { count: others }) }] : []),
      ...(mode === undefined ? [] : [{ label: WORDS.paymentMode, value: translated(clipped(mode.value)) }]),
      ...(balance === undefined ? [] : [{ label: WORDS.balance, value: quantity(balance) }]),
    ],
  };
}

function quantity({ value, unit }: RecordedValue): string {
  if (unit === 'currency' || unit === 'INR') return `₹ ${value}`;
  const isKilo = ['Wh', 'VAh', 'varh', 'W', 'VA', 'var'].includes(unit);
  return isKilo ? `${kilo(value)} k${unit}` : `${clipped(value)} ${unit}`.trimEnd();
}

/** Divides by 1000 exactly: `1234` becomes `1.234`. */
function kilo(value: string): string {
  const text = Decimal.parse(value).shift(-3).toString();
  return text.includes('.') ? text.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros)) : text;
}

function tests(record: CommissioningRecord): Section {
  const { relay, clock, events, photos = [] } = record;
  return {
    title: WORDS.tests,
    rows: [
      { label: WORDS.relay, value: relay === undefined ? WORDS.notDone : relayWords(relay, record.at) },
      { label: WORDS.clock, value: clock === undefined ? WORDS.notDone : clockResult(clock) },
      { label: WORDS.events, value: events === undefined ? WORDS.notDone : eventsResult(events) },
      ...(photos.length === 0
        ? []
        : [{ label: WORDS.photos, value: filled(WORDS.inRecord, { count: photos.length }) }]),
    ],
  };
}

function clockResult({ difference, set }: NonNullable<CommissioningRecord['clock']>): Words {
  return filled(set ? WORDS.clockSet : WORDS.clockGood, { seconds: Math.abs(difference) });
}

function eventsResult({ findings }: NonNullable<CommissioningRecord['events']>): Words {
  if (findings.length === 0) return WORDS.noEvents;
  const names = findings.map(({ tamper }) => tamper).join(', ');
  return { hi: `${names}: ${WORDS.explained.hi}`, en: `${names}: ${WORDS.explained.en}` };
}

function installer({ installer: { name, id, letter, letterValidUntil } }: CommissioningRecord): Section {
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

function skipped({ steps }: CommissioningRecord): Section[] {
  const rows = steps.flatMap(({ step, outcome, reason }): Row[] =>
    outcome === 'skipped' ? [{ label: messages[`step-${step}`], value: clipped(reason ?? '', LONGEST_REASON) }] : [],
  );
  return rows.length === 0 ? [] : [{ title: WORDS.skipped, rows }];
}

// ---- texts

function clipped(text: string, longest = LONGEST): string {
  const letters = [...text];
  return letters.length <= longest
    ? text
    : `${letters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

function stepTime({ steps }: CommissioningRecord, wanted: string): string {
  const at = steps.find(({ step }) => step === wanted)?.at;
  return at === undefined ? '' : timeText(at);
}

/** `2026-11-23T10:30:03+05:30`, and as meters write it, as `23-11-2026 10:30:03 (UTC+05:30)`. */
function timeText(text: string): string {
  const [, date, time, offset] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?([+-].*)?$/.exec(text) ?? [];
  if (date === undefined || time === undefined) return clipped(text);
  return `${dateText(date)} ${time}${offset === undefined ? '' : ` (UTC${clipped(offset, 6)})`}`;
}

/** Hexadecimal in groups of four, which people can compare. */
function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? '';
}
