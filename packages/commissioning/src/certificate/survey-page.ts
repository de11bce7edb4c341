/** The certificate of a survey. */

import { messages } from '../messages.js';
import type { Disclosure } from '../record/record-base.js';
import type { SurveyRecord } from '../record/survey-record.js';
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
import { filled, WORDS } from './words.js';

export function surveyPage(record: SurveyRecord, person: Disclosure): PageContent {
  const { verification, documents, skipped, photos = [] } = record;
  return {
    title: messages['survey-certificate'],
    columns: [
      [
        {
          title: WORDS.consumer,
          rows: [
            ...personRows(record, person),
            { label: WORDS.sanctionedLoad, value: `${kilo(String(record.sanctionedLoad))} kW` },
            { label: WORDS.verified, value: `OTP, ${timeText(verification.at)}` },
            ...(documents === undefined ? [] : [{ label: WORDS.documents, value: documentsText(documents) }]),
          ],
        },
        ...(skipped?.documents === undefined
          ? []
          : [
              {
                title: WORDS.skipped,
                rows: [{ label: WORDS.documents, value: clipped(skipped.documents, LONGEST_REASON) }],
              },
            ]),
      ],
      [place(record, person, photos.length), oldMeter(record), installerSection(record.installer)],
    ],
    see: {
      title: messages['survey-next-title'],
      lines: [messages['survey-next-meter'], messages['survey-next-free'], messages['survey-next-otp']],
    },
  };
}

/** What `cosem verify` says of the record of a survey. */
export function surveySummary({ network, oldMeter: meter, installer }: SurveyRecord): Row[] {
  return [
    { label: WORDS.oldMeter, value: meter === null ? messages['survey-no-meter'] : (meter.serial ?? WORDS.unreadable) },
    { label: WORDS.network, value: [network.feeder, network.transformer, network.pole].join(' / ') },
    installerRow(installer),
  ];
}

function place({ network, position: origin }: SurveyRecord, { position }: Disclosure, photos: number): Section {
  return {
    title: messages['survey-place'],
    rows: [
      { label: WORDS.network, value: [network.feeder, network.transformer, network.pole].join(' / '), strong: true },
      ...(position === undefined
        ? []
        : [{ label: messages['label-position'], value: `${position.latitude}, ${position.longitude}` }]),
      ...positionRows(origin),
      ...(photos === 0 ? [] : [{ label: WORDS.photos, value: filled(WORDS.inRecord, { count: photos }) }]),
    ],
  };
}

function oldMeter({ oldMeter: meter }: SurveyRecord): Section {
  const { oldMeter: title } = WORDS;
  if (meter === null) return { title, rows: [{ label: WORDS.serial, value: messages['survey-no-meter'] }] };
  return {
    title,
    rows: [
      { label: WORDS.serial, value: meter.serial === null ? WORDS.unreadable : clipped(meter.serial), strong: true },
      ...optional(messages['label-make'], [meter.make]),
      {
        label: messages['label-reading'],
        value: meter.reading === null ? messages['reading-none'] : `${clipped(meter.reading)} kWh`,
      },
      { label: WORDS.condition, value: messages[`meter-${meter.state}`] },
      { label: WORDS.seals, value: messages[`seals-${meter.seals}`] },
      ...optional(messages['label-remark'], [meter.remark, meter.explanation]),
    ],
  };
}
