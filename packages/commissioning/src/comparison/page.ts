/** The page of a comparison with a check meter. */

import {
  clipped,
  kilo,
  type PageContent,
  personRows,
  type Row,
  type Section,
  timeText,
} from '../certificate/page-parts.js';
import { filled, WORDS, type Words } from '../certificate/words.js';
import { messages } from '../messages.js';
import type { Disclosure } from '../record/record-base.js';
import type { ComparedInRecord, MeterComparisonRecord } from './record.js';
import { breakCode } from './steps.js';

const OWN = {
  title: { hi: 'मीटर मिलान का अभिलेख', en: 'Record of a meter comparison' },
  tested: { hi: 'जाँचा गया मीटर', en: 'Meter under test' },
  check: { hi: 'चेक मीटर', en: 'Check meter' },
  accuracy: { hi: 'शुद्धता श्रेणी', en: 'Accuracy class' },
  energy: { hi: 'इन घंटों की खपत', en: 'Energy in these hours' },
  clock: { hi: 'घड़ी', en: 'Clock' },
  ahead: { hi: 'लैपटॉप से {seconds} सेकंड आगे', en: '{seconds} s ahead of the laptop' },
  behind: { hi: 'लैपटॉप से {seconds} सेकंड पीछे', en: '{seconds} s behind the laptop' },
  result: { hi: 'परिणाम', en: 'Result' },
  hours: { hi: 'तुलना के घंटे', en: 'Hours compared' },
  span: { hi: '{from} से {to}', en: '{from} to {to}' },
  difference: { hi: 'अंतर', en: 'Difference' },
  percent: { hi: '{percent} %', en: '{percent} %' },
  noDifference: { hi: 'चेक मीटर ने कुछ नहीं गिना', en: 'the check meter counted nothing' },
  verdict: { hi: 'निष्कर्ष', en: 'Verdict' },
  clocks: { hi: 'दोनों घड़ियों में अंतर', en: 'Clocks apart' },
  seconds: { hi: '{seconds} सेकंड', en: '{seconds} s' },
  leftOut: { hi: 'छोड़ा गया', en: 'Left out' },
  noClockLog: { hi: 'घड़ी बदलने का लॉग पढ़ा नहीं जा सका', en: 'the log of clock changes could not be read' },
  by: { hi: 'किसने किया', en: 'Done by' },
  see: { hi: 'यह कैसे पढ़ें', en: 'How to read it' },
  seeSame: {
    hi: 'दोनों मीटरों ने एक ही बिजली एक ही घंटों में गिनी; अंतर चेक मीटर की खपत का प्रतिशत है',
    en: "Both meters counted the same energy in the same hours; the difference is in percent of the check meter's",
  },
  seeClass: {
    hi: 'श्रेणी 1 का मीटर 1 % तक, श्रेणी 2 का 2 % तक कम या अधिक दिखा सकता है',
    en: 'A meter of class 1 may show up to 1 % more or less, one of class 2 up to 2 %',
  },
} as const satisfies Record<string, Words>;

/** The page. */
export function meterComparisonPage(record: MeterComparisonRecord, person: Disclosure): PageContent {
  const { meter, checkMeter } = record;
  return {
    title: OWN.title,
    columns: [
      [
        { title: WORDS.consumer, rows: personRows(record, person) },
        { title: OWN.result, rows: resultRows(record) },
      ],
      [meterSection(OWN.tested, meter), meterSection(OWN.check, checkMeter)],
    ],
    see: { title: OWN.see, lines: [OWN.seeSame, OWN.seeClass] },
  };
}

/** What `cosem verify` says of it. */
export function meterComparisonSummary(record: MeterComparisonRecord): Row[] {
  const { meter, checkMeter, by } = record;
  return [
    { label: OWN.tested, value: withClass(meter) },
    { label: OWN.check, value: withClass(checkMeter) },
    hoursRow(record),
    differenceRow(record),
    { label: OWN.verdict, value: messages[`compared-${record.verdict}`] },
    { label: OWN.by, value: by },
  ];
}

function withClass({ serial, accuracy }: ComparedInRecord): Words {
  return filled(messages['class-of'], { serial: clipped(serial), accuracy });
}

function resultRows(record: MeterComparisonRecord): Row[] {
  const { verdict, clocks, leftOut, clockLogs, by } = record;
  const codes = [...new Set(leftOut.map(breakCode))];
  const left = (language: 'hi' | 'en') => clipped(codes.map((code) => messages[code][language]).join(', '), 160);
  return [
    hoursRow(record),
    differenceRow(record),
    { label: OWN.verdict, value: messages[`compared-${verdict}`], strong: true },
    { label: OWN.clocks, value: filled(OWN.seconds, { seconds: Math.abs(clocks) }) },
    ...(clockLogs ? [] : [{ label: OWN.clock, value: OWN.noClockLog }]),
    ...(codes.length === 0 ? [] : [{ label: OWN.leftOut, value: { hi: left('hi'), en: left('en') } }]),
    { label: OWN.by, value: clipped(by) },
  ];
}

function hoursRow({ from, to }: MeterComparisonRecord): Row {
  return { label: OWN.hours, value: filled(OWN.span, { from: timeText(from), to: timeText(to) }) };
}

function differenceRow({ difference }: MeterComparisonRecord): Row {
  const value = difference === null ? OWN.noDifference : filled(OWN.percent, { percent: clipped(difference, 20) });
  return { label: OWN.difference, value, strong: true };
}

function meterSection(title: Words, { serial, accuracy, energy, ahead }: ComparedInRecord): Section {
  return {
    title,
    rows: [
      { label: WORDS.serial, value: clipped(serial), strong: true },
      { label: OWN.accuracy, value: accuracy },
      { label: OWN.energy, value: `${kilo(energy)} kWh`, strong: true },
      { label: OWN.clock, value: filled(ahead < 0 ? OWN.behind : OWN.ahead, { seconds: Math.abs(ahead) }) },
    ],
  };
}
