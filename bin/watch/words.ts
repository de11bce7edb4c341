/** The texts of the consumer's view, in each language. */

import { counted, dateText, type Language } from '../../src/inspect.js';
import type { DaysLeft, NoDaysLeft } from '../../src/tools.js';

export const WORDS = {
  en: {
    title: 'Usage and balance',
    meter: 'Meter',
    now: 'Now',
    today: 'Today',
    month: 'This month',
    since: 'since',
    days: 'Last days',
    blocks: 'Today through the day',
    balance: 'Balance',
    daysLeft: 'Lasts about',
    lasts: (days: string) => `${days} days`,
    lastRecharge: 'Last recharge',
    counted: 'counted',
    supplyOff: 'The supply is off',
    postpaid: 'Post-paid: there is no balance',
    updated: 'Read at',
    lost: 'The meter does not answer: the values are old.',
    unknown: 'not known',
    todayShort: 'today',
    reading: 'reading usage and balance',
    every: (seconds: number) => `every ${seconds} s   q ends`,
    served: (url: string) => `Usage and balance are at ${url} for browsers of this machine. Ctrl-C ends.`,
    other: 'हिन्दी',
    helpline: 'Complaints: call 1912',
  },
  hi: {
    title: 'खपत और शेष राशि',
    meter: 'मीटर',
    now: 'अभी',
    today: 'आज',
    month: 'इस महीने',
    since: 'से',
    days: 'पिछले दिन',
    blocks: 'आज, दिन भर',
    balance: 'शेष राशि',
    daysLeft: 'यह राशि',
    lasts: (days: string) => `लगभग ${days} दिन चलेगी`,
    lastRecharge: 'पिछला रिचार्ज',
    counted: 'गणना',
    supplyOff: 'बिजली बंद है',
    postpaid: 'पोस्टपेड: कोई शेष राशि नहीं',
    updated: 'पढ़ा गया',
    lost: 'मीटर उत्तर नहीं दे रहा: ये मान पुराने हैं।',
    unknown: 'ज्ञात नहीं',
    todayShort: 'आज',
    reading: 'खपत और शेष राशि पढ़ रहे हैं',
    every: (seconds: number) => `हर ${seconds} सेकंड पर   q: बंद करें`,
    served: (url: string) => `खपत और शेष राशि इस कंप्यूटर के ब्राउज़र में ${url} पर है। Ctrl-C से बंद होगा।`,
    other: 'English',
    helpline: 'शिकायत: 1912 पर फ़ोन करें',
  },
} as const satisfies Record<Language, Record<string, unknown>>;

const REASONS: Readonly<Record<NoDaysLeft, Readonly<Record<Language, string>>>> = {
  'not-prepaid': { en: 'the meter is not prepaid', hi: 'मीटर प्रीपेड नहीं है' },
  'no-balance': { en: 'the meter does not tell enough of its account', hi: 'मीटर खाते के बारे में पूरा नहीं बताता' },
  'recharged-lately': {
    en: 'recharged less than a day ago: no rate yet (--price reckons from the energy)',
    hi: 'रिचार्ज हुए एक दिन नहीं हुआ: दर अभी ज्ञात नहीं',
  },
  'nothing-spent': { en: 'nothing was spent yet', hi: 'अभी कुछ ख़र्च नहीं हुआ' },
};

/** How the days left were computed. */
export function basisText(left: DaysLeft, language: Language): string {
  if (left.days === undefined) return REASONS[left.reason][language];
  const { basis, perDay } = left;
  const rate = language === 'en' ? `at ₹ ${perDay} a day` : `₹ ${perDay} प्रतिदिन की दर से`;
  if (basis.type === 'price') {
    return language === 'en'
      ? `${rate}: the mean of the last ${counted(basis.wholeDays, 'day')}, at ₹ ${basis.price} a kWh`
      : `${rate}: पिछले ${basis.wholeDays} दिनों का औसत, ₹ ${basis.price} प्रति kWh`;
  }
  const from = dateText(basis.from.toText().slice(0, 10));
  return language === 'en'
    ? `${rate}: ₹ ${basis.spent} spent since the recharge of ${from}`
    : `${rate}: ${from} के रिचार्ज के बाद ₹ ${basis.spent} ख़र्च`;
}
