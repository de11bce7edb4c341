/** The page of a change of the payment mode. */

import { clipped, type PageContent, personRows, type Row, type Section, timeText } from '../certificate/page-parts.js';
import { translated, WORDS, type Words } from '../certificate/words.js';
import { messages } from '../messages.js';
import type { Disclosure } from '../record/record-base.js';
import type { ModesInRecord, PaymentModeRecord } from './record.js';

const OWN = {
  title: { hi: 'भुगतान के प्रकार का अभिलेख', en: 'Record of the payment mode' },
  change: { hi: 'बदलाव', en: 'The change' },
  to: { hi: 'आदेश', en: 'Ordered' },
  result: { hi: 'परिणाम', en: 'Result' },
  changed: { hi: 'बदला गया, मीटर से दोबारा पढ़कर देखा', en: 'changed, read back from the meter' },
  already: { hi: 'पहले से ऐसा ही था, कुछ नहीं बदला गया', en: 'was so already, nothing was changed' },
  events: { hi: 'मीटर की अपनी घटनाएँ', en: "The meter's own events" },
  noLog: { hi: 'लॉग पढ़ा नहीं जा सका', en: 'its log could not be read' },
  by: { hi: 'किसने किया', en: 'Done by' },
  before: { hi: 'पहले', en: 'Before' },
  after: { hi: 'बाद में', en: 'Afterwards' },
  metering: { hi: 'मीटरिंग मोड', en: 'Metering mode' },
  see: { hi: 'आप क्या देख सकते हैं', en: 'What you can see' },
  seePrepaid: {
    hi: 'प्रीपेड: बैलेंस मीटर के डिस्प्ले पर है; शून्य होने से पहले रिचार्ज करें',
    en: 'Prepaid: the balance is on the display; recharge before it is zero',
  },
  seePostpaid: {
    hi: 'पोस्टपेड: बिल हर महीने आएगा; बची राशि बिल में जोड़ी जाती है, हेल्पलाइन से पूछें',
    en: 'Postpaid: a bill comes each month; ask the helpline how a remaining balance is settled',
  },
} as const satisfies Record<string, Words>;

const EVENTS: Readonly<Record<number, Words>> = {
  167: { hi: 'मीटरिंग मोड बदला', en: 'metering mode changed' },
  177: { hi: 'केवल आयात', en: 'forward only' },
  178: { hi: 'आयात और निर्यात', en: 'import and export' },
  211: { hi: 'पोस्टपेड किया गया', en: 'configured to post-paid' },
  212: { hi: 'प्रीपेड किया गया', en: 'configured to pre-paid' },
  213: { hi: 'केवल आयात', en: 'forward only' },
  214: { hi: 'आयात और निर्यात', en: 'import and export' },
};

/** The page. */
export function paymentModePage(record: PaymentModeRecord, person: Disclosure): PageContent {
  const { meter, to, already, by, before, after, resumed } = record;
  return {
    title: OWN.title,
    columns: [
      [
        { title: WORDS.consumer, rows: personRows(record, person) },
        {
          title: OWN.change,
          rows: [
            { label: WORDS.meter, value: clipped(meter.serial), strong: true },
            { label: OWN.to, value: messages[to] },
            { label: OWN.result, value: already ? OWN.already : OWN.changed, strong: true },
            ...(already ? [] : [eventsRow(record)]),
            ...(resumed ? [{ label: OWN.result, value: WORDS.resumed }] : []),
            { label: OWN.by, value: clipped(by) },
          ],
        },
      ],
      [modesSection(OWN.before, before), modesSection(OWN.after, after)],
    ],
    see: { title: OWN.see, lines: [to === 'prepaid' ? OWN.seePrepaid : OWN.seePostpaid] },
  };
}

/** What `cosem verify` says of it. */
export function paymentModeSummary({ meter, to, already, by }: PaymentModeRecord): Row[] {
  return [
    { label: WORDS.meter, value: meter.serial },
    { label: OWN.to, value: messages[to] },
    { label: OWN.result, value: already ? OWN.already : OWN.changed },
    { label: OWN.by, value: by },
  ];
}

function eventsRow({ events }: PaymentModeRecord): Row {
  if (events === null) return { label: OWN.events, value: OWN.noLog };
  if (events.length === 0) return { label: OWN.events, value: messages['no-events-logged'] };
  const text = (language: 'hi' | 'en') =>
    clipped(events.map(({ code, time }) => `${EVENTS[code]?.[language] ?? code} ${timeText(time)}`).join(', '), 160);
  return { label: OWN.events, value: { hi: text('hi'), en: text('en') } };
}

function modesSection(title: Words, { time, payment, metering, balance, balanceTime }: ModesInRecord): Section {
  const unknown = messages['not-known'];
  return {
    title,
    rows: [
      ...(time === undefined ? [] : [{ label: WORDS.readAt, value: timeText(time) }]),
      { label: WORDS.paymentMode, value: payment === undefined ? unknown : messages[payment], strong: true },
      { label: OWN.metering, value: metering === undefined ? unknown : translated(clipped(metering)) },
      {
        label: WORDS.balance,
        value:
          balance === undefined
            ? unknown
            : [`₹ ${clipped(balance)}`, timeText(balanceTime ?? '')].filter((part) => part !== '').join(', '),
      },
    ],
  };
}
