/** The certificate of a meter that was installed. */

import type { RecordedValue } from '../evidence.js';
import { messages } from '../messages.js';
import type { CommissioningRecord } from '../record/commissioning-record.js';
import type { Disclosure } from '../record/record-base.js';
import {
  clipped,
  documentsText,
  installerRow,
  installerSection,
  kilo,
  LONGEST_REASON,
  optional,
  type PageContent,
  personRows,
  type Row,
  type Section,
  timeText,
} from './page-parts.js';
import { positionRows } from './position-row.js';
import { relayWords } from './relay-words.js';
import { filled, translated, WORDS, type Words } from './words.js';

const MOST_SEALS = 6;

export function installationPage(record: CommissioningRecord, person: Disclosure): PageContent {
  return {
    title: WORDS.title,
    columns: [
      [consumer(record, person), newMeter(record), oldMeter(record)],
      [readings(record), tests(record), installerSection(record.installer), ...skipped(record)],
    ],
    see: { title: WORDS.see, lines: [WORDS.seeUsage, WORDS.seeBalance, WORDS.seeWhere] },
  };
}

/** What `cosem verify` says of the record of an installation. */
export function installationSummary({ meter, readings, relay, installer, at }: CommissioningRecord): Row[] {
  const total = readings.energies.find(({ logicalName }) => logicalName === '1.0.1.8.0.255');
  return [
    { label: WORDS.meter, value: meter.namePlate.serial },
    { label: WORDS.startReading, value: total === undefined ? WORDS.noReading : quantity(total) },
    { label: WORDS.relayOfRecord, value: relay === undefined ? WORDS.notTested : relayWords(relay, at) },
    installerRow(installer),
  ];
}

function consumer(record: CommissioningRecord, person: Disclosure): Section {
  const { verification, documents, survey } = record;
  return {
    title: WORDS.consumer,
    rows: [
      ...personRows(record, person),
      { label: WORDS.sanctionedLoad, value: `${kilo(String(record.sanctionedLoad))} kW` },
      {
        label: WORDS.verified,
        value:
          verification === undefined
            ? WORDS.notDone
            : `OTP, ${survey === undefined ? stepTime(record, 'consumer') : timeText(survey.at)}`,
      },
      ...(survey === undefined
        ? []
        : [
            {
              label: messages['surveyed-before'],
              value: clipped(`${survey.workOrder}, ${timeText(survey.at)}, ${survey.by}`),
            },
          ]),
      ...(documents === undefined ? [] : [{ label: WORDS.documents, value: documentsText(documents) }]),
    ],
  };
}

function newMeter({ meter: { namePlate, seals }, network, position }: CommissioningRecord): Section {
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
      ...positionRows(position),
    ],
  };
}

function oldMeter({ oldMeter: meter }: CommissioningRecord): Section {
  const { oldMeter: title } = WORDS;
  if (meter === undefined) return { title, rows: [{ label: WORDS.serial, value: WORDS.notDone }] };
  if (meter === null) return { title, rows: [{ label: WORDS.serial, value: WORDS.none }] };
  return {
    title,
    rows: [
      { label: WORDS.serial, value: meter.serial === null ? WORDS.unreadable : clipped(meter.serial) },
      {
        label: WORDS.finalReading,
        value: meter.finalReading === null ? WORDS.unreadable : `${meter.finalReading} kWh`,
        strong: true,
      },
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

function skipped({ steps }: CommissioningRecord): Section[] {
  const rows = steps.flatMap(({ step, outcome, reason }): Row[] =>
    outcome === 'skipped' ? [{ label: messages[`step-${step}`], value: clipped(reason ?? '', LONGEST_REASON) }] : [],
  );
  return rows.length === 0 ? [] : [{ title: WORDS.skipped, rows }];
}

function stepTime({ steps }: CommissioningRecord, wanted: string): string {
  const at = steps.find(({ step }) => step === wanted)?.at;
  return at === undefined ? '' : timeText(at);
}
