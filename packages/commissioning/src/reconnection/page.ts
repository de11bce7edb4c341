/** The page of a reconnection: what was found, what was done, what proves it. */

import {
  clipped,
  LONGEST_REASON,
  type PageContent,
  personRows,
  type Row,
  type Section,
  timeText,
} from '../certificate/page-parts.js';
import { switchWords } from '../certificate/relay-words.js';
import { WORDS, type Words } from '../certificate/words.js';
import type { Disclosure } from '../record/record-base.js';
import type { FoundInRecord, ReconnectionRecord, SaidInRecord } from './record.js';

const OWN = {
  title: { hi: 'बिजली जोड़ने का अभिलेख', en: 'Record of reconnection' },
  order: { hi: 'बिजली कंपनी का आदेश', en: 'Order of the utility' },
  close: { hi: 'जोड़ना', en: 'Closing' },
  ordered: { hi: 'बिजली कंपनी का आदेश है', en: 'ordered by the utility' },
  'own-credit': { hi: 'केवल मीटर की अपनी राशि होने पर', en: 'only where the meter has credit' },
  never: { hi: 'केवल कारण जानना', en: 'only to find out why' },
  reason: { hi: 'कारण', en: 'Reason' },
  by: { hi: 'किसने किया', en: 'Done by' },
  found: { hi: 'क्या मिला', en: 'What was found' },
  before: { hi: 'जोड़ने से ठीक पहले', en: 'Directly before' },
  verdict: { hi: 'निष्कर्ष', en: 'Verdict' },
  also: { hi: 'यह भी', en: 'Also' },
  contacts: { hi: 'रिले के संपर्क', en: 'Contacts of the relay' },
  isClosed: { hi: 'जुड़े', en: 'closed' },
  isOpen: { hi: 'खुले', en: 'open' },
  mode: { hi: 'कंट्रोल मोड', en: 'Control mode' },
  recharge: { hi: 'पिछला रिचार्ज', en: 'Last recharge' },
  load: { hi: 'वोल्टेज, धारा', en: 'Voltage, current' },
  unread: { hi: 'मीटर ने नहीं बताया', en: 'Not told by the meter' },
  done: { hi: 'क्या किया गया', en: 'What was done' },
  result: { hi: 'परिणाम', en: 'Result' },
  closed: { hi: 'रिले जोड़ी गई, मीटर से पढ़कर देखा', en: 'relay closed, read back from the meter' },
  ready: { hi: 'मीटर तैयार, बटन की प्रतीक्षा में; बिजली नहीं आई', en: 'ready, waits for the button; no supply yet' },
  left: { hi: 'कुछ नहीं जोड़ा गया', en: 'nothing was closed' },
  why: { hi: 'क्यों', en: 'Why' },
  at: { hi: 'कब', en: 'When' },
  after: { hi: 'उसके बाद', en: 'Afterwards' },
  see: { hi: 'आप क्या कर सकते हैं', en: 'What you can do' },
  seeReadBack: {
    hi: 'इस पन्ने पर वही लिखा है जो मीटर से पढ़ा गया; जो पढ़ा नहीं जा सका, वह भी लिखा है',
    en: 'This page states what was read from the meter, and what could not be read',
  },
  seeComplain: {
    hi: 'बिजली फिर न रहे तो हेल्पलाइन को यह अभिलेख संख्या बताएँ',
    en: 'If the supply fails again, tell the helpline the number of this record',
  },
} as const satisfies Record<string, Words>;

/** The page. */
export function reconnectionPage(record: ReconnectionRecord, person: Disclosure): PageContent {
  const { ordered, by, meter } = record;
  const again = JSON.stringify(record.before) !== JSON.stringify(record.found);
  return {
    title: OWN.title,
    columns: [
      [
        { title: WORDS.consumer, rows: personRows(record, person) },
        {
          title: OWN.order,
          rows: [
            { label: WORDS.meter, value: clipped(meter.serial), strong: true },
            { label: OWN.close, value: OWN[ordered.close] },
            ...(ordered.reason === undefined
              ? []
              : [{ label: OWN.reason, value: clipped(ordered.reason, LONGEST_REASON) }]),
            { label: OWN.by, value: clipped(by) },
          ],
        },
        doneSection(record),
      ],
      [foundSection(OWN.found, record.found), ...(again ? [foundSection(OWN.before, record.before)] : [])],
    ],
    see: { title: OWN.see, lines: [OWN.seeReadBack, OWN.seeComplain] },
  };
}

/** What `cosem verify` says of it. */
export function reconnectionSummary({ meter, found, done, by }: ReconnectionRecord): Row[] {
  return [
    { label: WORDS.meter, value: meter.serial },
    { label: OWN.verdict, value: words(found.verdict) },
    { label: OWN.result, value: OWN[done.outcome] },
    ...done.why.map((why) => ({ label: OWN.why, value: words(why) })),
    { label: OWN.by, value: by },
  ];
}

function foundSection(title: Words, found: FoundInRecord): Section {
  const { relay, balance, balanceTime, rechargeTime, time, unread } = found;
  const load = loadText(found);
  return {
    title,
    rows: [
      ...(time === undefined ? [] : [{ label: WORDS.readAt, value: timeText(time) }]),
      { label: OWN.verdict, value: words(found.verdict), strong: true },
      ...found.also.map((one) => ({ label: OWN.also, value: words(one) })),
      ...(relay.closed === undefined ? [] : [{ label: OWN.contacts, value: relay.closed ? OWN.isClosed : OWN.isOpen }]),
      ...(relay.mode === undefined ? [] : [{ label: OWN.mode, value: String(relay.mode) }]),
      ...(balance === undefined
        ? []
        : [
            {
              label: WORDS.balance,
              value: [`₹ ${clipped(balance)}`, timeText(balanceTime ?? '')].filter(Boolean).join(', '),
            },
          ]),
      ...(rechargeTime === undefined ? [] : [{ label: OWN.recharge, value: timeText(rechargeTime) }]),
      ...(load === '' ? [] : [{ label: OWN.load, value: load }]),
      ...(unread.length === 0
        ? []
        : [
            {
              label: OWN.unread,
              value: {
                hi: clipped(unread.map(({ hi }) => hi).join(', '), LONGEST_REASON),
                en: clipped(unread.map(({ en }) => en).join(', '), LONGEST_REASON),
              },
            },
          ]),
    ],
  };
}

function doneSection({ done, at }: ReconnectionRecord): Section {
  const after = done.after === undefined ? '' : loadText(done.after);
  return {
    title: OWN.done,
    rows: [
      { label: OWN.result, value: OWN[done.outcome], strong: true },
      ...done.why.map((why) => ({ label: OWN.why, value: words(why) })),
      ...(done.closed === undefined ? [] : [{ label: OWN.at, value: switchWords(done.closed, at) }]),
      ...(after === '' ? [] : [{ label: OWN.after, value: after }]),
      ...(done.resumed ? [{ label: WORDS.relay, value: WORDS.resumed }] : []),
    ],
  };
}

function words({ hi, en }: SaidInRecord): Words {
  return { hi: clipped(hi, 240), en: clipped(en, 240) };
}

function loadText({ volts, amperes }: Pick<FoundInRecord, 'volts' | 'amperes'>): string {
  const parts = [...(volts ?? []).map((value) => `${value} V`), ...(amperes ?? []).map((value) => `${value} A`)];
  return clipped(parts.join(' '));
}
