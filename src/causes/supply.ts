import type { Language } from '../base/language.js';
import { type CauseFacts, filled, type Sentence } from './cause.js';

/** Why a house is dark, or why its supply may not be switched on, in words for a person: what was found, and what to do. */
export interface SupplyCause {
  /** What was found, in one sentence. */
  readonly says: Sentence;
  /** What to do, the first thing first. */
  readonly try: readonly Sentence[];
}

const PRESS: Sentence = {
  en: 'press the button on the meter, as its maker says (most often for 3 seconds), and look again',
  hi: 'मीटर का बटन दबाएँ (अधिकतर 3 सेकंड तक, जैसा निर्माता बताता है), फिर दोबारा देखें',
};
const HAND_OVER: Sentence = {
  en: 'leave the supply off and tell the utility; take photographs of meter, cover and seals',
  hi: 'बिजली बंद ही रहने दें और बिजली कंपनी को बताएँ; मीटर, ढक्कन और सील की फ़ोटो लें',
};
const ELECTRICIAN: Sentence = {
  en: 'the consumer needs an electrician for the wiring of the house; the meter is sound',
  hi: 'घर की वायरिंग के लिए उपभोक्ता बिजली मिस्त्री बुलाए; मीटर ठीक है',
};
const REPLACE: Sentence = {
  en: 'do not give the order again and again: have the meter replaced',
  hi: 'आदेश बार-बार न दें: मीटर बदलवाएँ',
};

const table = {
  'wrong-meter': {
    says: {
      en: 'This is meter {serial}, not meter {expected}.',
      hi: 'यह मीटर {serial} है, मीटर {expected} नहीं।',
    },
    try: [
      {
        en: 'compare the number on the name plate, and put the probe on the right meter',
        hi: 'नाम पट्टिका का नंबर मिलाएँ, और प्रोब सही मीटर पर लगाएँ',
      },
      {
        en: 'is the right number on the name plate? Then two meters were exchanged in the records: tell the utility',
        hi: 'नाम पट्टिका पर सही नंबर है? तो रिकॉर्ड में दो मीटर आपस में बदल गए हैं: बिजली कंपनी को बताएँ',
      },
    ],
  },
  'meter-unnamed': {
    says: {
      en: 'The meter did not tell its serial number: it is not known whether it is meter {expected}.',
      hi: 'मीटर ने अपना क्रमांक नहीं बताया: ज्ञात नहीं कि यह मीटर {expected} ही है।',
    },
    try: [{ en: 'compare the number on the name plate', hi: 'नाम पट्टिका का नंबर मिलाएँ' }],
  },
  'relay-not-told': {
    says: {
      en: 'The meter did not tell the state of its relay: whether it is the reason is not known.',
      hi: 'मीटर ने अपनी रिले की स्थिति नहीं बताई: कारण रिले है या नहीं, ज्ञात नहीं।',
    },
    try: [
      {
        en: 'connect as the utility, which may read more, and look again',
        hi: 'बिजली कंपनी के अधिकार वाले कनेक्शन से जुड़कर दोबारा देखें, वह ज़्यादा पढ़ सकता है',
      },
      {
        en: 'measure the voltage at the outgoing terminals, if you are allowed to',
        hi: 'अनुमति हो तो मीटर के बाहर जाने वाले टर्मिनल पर वोल्टेज नापें',
      },
    ],
  },
  tampered: {
    says: {
      en: 'The meter reports tampering: {tampers}[, {time}]. After that the supply is not switched on here.',
      hi: 'मीटर छेड़छाड़ बताता है: {tampers}[, {time}]। इसके बाद बिजली यहाँ से चालू नहीं की जाती।',
    },
    try: [HAND_OVER],
  },
  'tamper-not-known': {
    says: {
      en: 'Whether the meter was tampered with could not be read.',
      hi: 'मीटर से छेड़छाड़ हुई या नहीं, यह पढ़ा नहीं जा सका।',
    },
    try: [
      {
        en: 'connect as the utility, which may read status word and event logs, and look again',
        hi: 'बिजली कंपनी के अधिकार वाले कनेक्शन से जुड़कर दोबारा देखें, वह घटना लॉग पढ़ सकता है',
      },
    ],
  },
  'relay-stuck-open': {
    says: {
      en: 'The relay is ordered closed, but its contacts are open: it is stuck.',
      hi: 'रिले को जुड़े रहने का आदेश है, पर उसके संपर्क खुले हैं: रिले अटकी है।',
    },
    try: [REPLACE],
  },
  'relay-stuck-closed': {
    says: {
      en: 'The relay is ordered open, but its contacts are closed[: {amperes} A flow]. It is stuck, and not the reason.',
      hi: 'रिले को खुला रहने का आदेश है, पर उसके संपर्क जुड़े हैं[: {amperes} A बह रहा है]। रिले अटकी है, पर कारण वह नहीं।',
    },
    try: [ELECTRICIAN, REPLACE],
  },
  'no-supply': {
    says: {
      en: 'No voltage comes to the meter: {volts} V. The supply is missing before the meter.',
      hi: 'मीटर तक वोल्टेज नहीं आ रहा: {volts} V। बिजली मीटर से पहले ही नहीं है।',
    },
    try: [
      {
        en: 'do the neighbours have supply? Look at the service wire, the fuse at the pole and the transformer',
        hi: 'क्या पड़ोस में बिजली है? सर्विस तार, खंभे का फ़्यूज़ और ट्रांसफ़ॉर्मर देखें',
      },
      { en: 'report it to the line staff', hi: 'लाइन स्टाफ़ को बताएँ' },
    ],
  },
  'phase-missing': {
    says: {
      en: 'The relay is closed, but a phase has no voltage: {volts} V.',
      hi: 'रिले जुड़ी है, पर एक फ़ेज़ में वोल्टेज नहीं है: {volts} V।',
    },
    try: [
      {
        en: 'look at the fuse of that phase at the pole and at the service wire; report it to the line staff',
        hi: 'खंभे पर उस फ़ेज़ का फ़्यूज़ और सर्विस तार देखें; लाइन स्टाफ़ को बताएँ',
      },
    ],
  },
  'load-present': {
    says: {
      en: 'The relay is closed and {amperes} A flow: the meter supplies the house. The fault is behind it.',
      hi: 'रिले जुड़ी है और {amperes} A बह रहा है: मीटर से बिजली जा रही है। ख़राबी मीटर के बाद है।',
    },
    try: [
      {
        en: 'which part of the house is dark? Look at its switch, fuse and MCB',
        hi: 'घर का कौन सा हिस्सा अँधेरे में है? उसका स्विच, फ़्यूज़ और MCB देखें',
      },
      ELECTRICIAN,
    ],
  },
  'no-load': {
    says: {
      en: 'The relay is closed and {volts} V are there, but no current flows: the circuit is open behind the meter.',
      hi: 'रिले जुड़ी है और {volts} V मौजूद है, पर धारा नहीं बह रही: परिपथ मीटर के बाद खुला है।',
    },
    try: [
      {
        en: 'switch on the main switch, the MCB and one lamp, and look again',
        hi: 'मेन स्विच, MCB और एक बल्ब चालू करें, फिर दोबारा देखें',
      },
      {
        en: 'still no current? Measure at the outgoing terminals, if you are allowed to: voltage there means the wiring, none means the relay',
        hi: 'फिर भी धारा नहीं? अनुमति हो तो बाहर जाने वाले टर्मिनल नापें: वोल्टेज है तो वायरिंग, नहीं है तो रिले ख़राब है',
      },
    ],
  },
  'closed-not-measured': {
    says: {
      en: 'The meter says that its relay is closed. Voltage and current could not be read: more is not known.',
      hi: 'मीटर कहता है कि रिले जुड़ी है। वोल्टेज और धारा पढ़े नहीं जा सके: इससे अधिक ज्ञात नहीं।',
    },
    try: [
      {
        en: 'measure at the outgoing terminals, if you are allowed to',
        hi: 'अनुमति हो तो बाहर जाने वाले टर्मिनल नापें',
      },
    ],
  },
  overload: {
    says: {
      en: 'The meter opened its relay at {opened}, because the load was too high[: the limit is {limit} W].',
      hi: 'लोड ज़्यादा होने से मीटर ने {opened} पर रिले खोली[: सीमा {limit} W है]।',
    },
    try: [
      {
        en: 'switch off what draws most (heater, geyser, motor, air conditioner)',
        hi: 'सबसे ज़्यादा बिजली लेने वाले उपकरण (हीटर, गीज़र, मोटर, AC) बंद करें',
      },
      PRESS,
      {
        en: 'does it happen again? The consumer may ask the utility for a higher sanctioned load',
        hi: 'फिर ऐसा हो? उपभोक्ता बिजली कंपनी से स्वीकृत लोड बढ़ाने को कह सकता है',
      },
    ],
  },
  'no-credit': {
    says: {
      en: 'The balance is {balance}[ (at {balanceTime})]: there is no credit to switch on with.',
      hi: 'बैलेंस {balance} है[ ({balanceTime} पर)]: चालू करने के लिए राशि नहीं है।',
    },
    try: [
      {
        en: 'the consumer recharges so that the balance is above zero; then look again',
        hi: 'उपभोक्ता इतना रिचार्ज करे कि बैलेंस शून्य से ऊपर हो; फिर दोबारा देखें',
      },
      {
        en: 'was it recharged? Ask the utility, with the receipt, to send the recharge to the meter again',
        hi: 'रिचार्ज हो चुका है? रसीद के साथ बिजली कंपनी से रिचार्ज मीटर को फिर भेजने को कहें',
      },
    ],
  },
  'emergency-credit': {
    says: {
      en: 'The balance is {balance}, but emergency credit[ of {emergency}] is there to be used.',
      hi: 'बैलेंस {balance} है, पर आपातकालीन राशि[ {emergency}] उपलब्ध है।',
    },
    try: [
      PRESS,
      {
        en: 'what is used of it is taken from the next recharge: the consumer must know',
        hi: 'जितनी राशि ख़र्च होगी, अगले रिचार्ज से कटेगी: उपभोक्ता को बताएँ',
      },
    ],
  },
  'recharge-not-arrived': {
    says: {
      en: 'The recharge[ of {amount}] of {recharged} has not reached the meter: its last one is of {tokenTime}.',
      hi: '{recharged} का रिचार्ज[ {amount}] मीटर तक नहीं पहुँचा: मीटर में पिछला रिचार्ज {tokenTime} का है।',
    },
    try: [
      {
        en: 'ask the utility to send the recharge to the meter again; then look again',
        hi: 'बिजली कंपनी से रिचार्ज मीटर को फिर भेजने को कहें; फिर दोबारा देखें',
      },
      {
        en: 'compare the consumer number on the receipt: was another meter recharged?',
        hi: 'रसीद पर उपभोक्ता संख्या मिलाएँ: कहीं दूसरे मीटर का रिचार्ज तो नहीं हुआ?',
      },
    ],
  },
  'token-refused': {
    says: {
      en: 'The meter refused the last token[, of {tokenTime}].',
      hi: 'मीटर ने पिछला टोकन[, {tokenTime} का,] अस्वीकार किया।',
    },
    try: [
      {
        en: 'compare the digits of the token and the meter number on the receipt; enter it again once',
        hi: 'रसीद पर टोकन के अंक और मीटर नंबर मिलाएँ; एक बार फिर डालें',
      },
      { en: 'ask the utility for a new token', hi: 'बिजली कंपनी से नया टोकन लें' },
    ],
  },
  'recharged-not-closed': {
    says: {
      en: 'The recharge reached the meter at {tokenTime} (balance {balance}), the order to close did not: off since {opened}.',
      hi: 'रिचार्ज {tokenTime} पर मीटर में पहुँचा (बैलेंस {balance}), पर चालू करने का आदेश नहीं: {opened} से बंद है।',
    },
    try: [
      {
        en: 'give the order to close now, or ask the utility to give it',
        hi: 'चालू करने का आदेश अभी दें, या बिजली कंपनी से दिलवाएँ',
      },
    ],
  },
  'cut-by-order': {
    says: {
      en: 'An order opened the relay[ at {opened}], and none to close has come since.',
      hi: 'रिले किसी आदेश से[ {opened} पर] खुली है, और चालू करने का आदेश तब से नहीं आया।',
    },
    try: [
      {
        en: 'only the utility knows why: ask it for an order to reconnect',
        hi: 'कारण केवल बिजली कंपनी जानती है: उससे बिजली जोड़ने का आदेश लें',
      },
    ],
  },
  'open-not-explained': {
    says: {
      en: 'The relay is open[ since {opened}]. Why is not known: the meter did not tell what it was ordered to be.',
      hi: 'रिले[ {opened} से] खुली है। कारण ज्ञात नहीं: मीटर ने नहीं बताया कि रिले को क्या आदेश मिला है।',
    },
    try: [
      {
        en: 'connect as the utility, which may read more, and look again',
        hi: 'बिजली कंपनी के अधिकार वाले कनेक्शन से जुड़कर दोबारा देखें, वह ज़्यादा पढ़ सकता है',
      },
    ],
  },
  'credit-not-known': {
    says: {
      en: 'The relay is open. Whether credit is the reason is not known: the meter did not tell its payment mode or its balance.',
      hi: 'रिले खुली है। कारण राशि है या नहीं, ज्ञात नहीं: मीटर ने भुगतान का प्रकार या बैलेंस नहीं बताया।',
    },
    try: [
      {
        en: 'ask the utility for the balance, and whether it ordered the meter to open',
        hi: 'बिजली कंपनी से बैलेंस पूछें, और यह भी कि क्या उसने मीटर बंद कराया है',
      },
    ],
  },
  'waits-for-button': {
    says: {
      en: 'The meter is ready to close and waits for its button.',
      hi: 'मीटर चालू होने को तैयार है और बटन दबाने की प्रतीक्षा में है।',
    },
    try: [PRESS],
  },
  'mode-wants-button': {
    says: {
      en: 'The meter is ready, but control mode {mode} does not let it close by itself: it waits for its button.',
      hi: 'मीटर तैयार है, पर कंट्रोल मोड {mode} में वह खुद चालू नहीं होता: बटन दबाने की प्रतीक्षा में है।',
    },
    try: [
      PRESS,
      {
        en: 'if it should close by itself, the utility sets control mode 5 or 6',
        hi: 'उसे खुद चालू होना चाहिए, तो बिजली कंपनी कंट्रोल मोड 5 या 6 लगाए',
      },
    ],
  },
  'mode-makes-ready': {
    says: {
      en: 'In control mode {mode} an order from afar only makes the relay ready; then the button must be pressed.',
      hi: 'कंट्रोल मोड {mode} में दूर से दिया आदेश रिले को केवल तैयार करता है; फिर बटन दबाना पड़ता है।',
    },
    try: [
      {
        en: 'somebody must be at the meter when the order is given',
        hi: 'आदेश देते समय कोई मीटर के पास हो',
      },
    ],
  },
  'mode-not-known': {
    says: {
      en: 'The control mode[, {mode},] is not known: what an order to close does cannot be foretold.',
      hi: 'कंट्रोल मोड[, {mode},] ज्ञात नहीं: चालू करने का आदेश क्या करेगा, पहले से नहीं कहा जा सकता।',
    },
    try: [{ en: 'ask the utility which mode it should be', hi: 'बिजली कंपनी से पूछें कि कौन सा मोड होना चाहिए' }],
  },
  'closes-later': {
    says: {
      en: 'The meter is to close its relay by its own schedule at {closes}, not before.',
      hi: 'मीटर अपनी समय-सारणी से {closes} पर रिले जोड़ेगा, उससे पहले नहीं।',
    },
    try: [{ en: 'wait until then, and look again', hi: 'तब तक रुकें, फिर दोबारा देखें' }],
  },
  'outside-hours': {
    says: {
      en: 'The utility reconnects from {from} to {to} only; the meter’s clock shows {time}.',
      hi: 'बिजली कंपनी केवल {from} से {to} तक बिजली जोड़ती है; मीटर की घड़ी {time} दिखाती है।',
    },
    try: [{ en: 'come back within these hours', hi: 'इन घंटों में फिर आएँ' }],
  },
  'clock-wrong': {
    says: {
      en: 'The meter’s clock is wrong: it shows {time}[, {difference} s off]. Its times prove nothing.',
      hi: 'मीटर की घड़ी गलत है: वह {time} दिखाती है[, {difference} सेकंड का अंतर]। उसके समय से कुछ सिद्ध नहीं होता।',
    },
    try: [
      {
        en: 'have the clock set (`cosem clock sync`, with the rights of the utility), and look again',
        hi: 'घड़ी मिलवाएँ (`cosem clock sync`, बिजली कंपनी के अधिकार से), फिर दोबारा देखें',
      },
    ],
  },
  'times-not-known': {
    says: {
      en: 'When the relay opened, or when the recharge came, could not be read: which was first is not known.',
      hi: 'रिले कब खुली या रिचार्ज कब आया, पढ़ा नहीं जा सका: पहले क्या हुआ, ज्ञात नहीं।',
    },
    try: [
      {
        en: 'ask the utility when it ordered the meter to open, and for an order to reconnect',
        hi: 'बिजली कंपनी से पूछें कि मीटर कब बंद कराया गया, और बिजली जोड़ने का आदेश लें',
      },
    ],
  },
  'weak-signal': {
    says: {
      en: 'The meter’s modem has little or no network[: {signal} dBm]: recharges and orders may not get through.',
      hi: 'मीटर के मॉडेम को नेटवर्क कम है या नहीं है[: {signal} dBm]: रिचार्ज और आदेश शायद न पहुँचें।',
    },
    try: [
      {
        en: 'tell the utility: aerial, SIM or place of the meter must be looked at',
        hi: 'बिजली कंपनी को बताएँ: एंटेना, SIM या मीटर की जगह देखनी होगी',
      },
    ],
  },
} as const satisfies Record<string, SupplyCause>;

/** The name of a cause for which a house is dark or must stay so, for programs to branch on. */
export type SupplyCauseId = keyof typeof table;

/** The table of what `diagnoseSupply` of `cosem/tools` can conclude. docs/troubleshooting.md lists it. */
export const supplyCauses: Readonly<Record<SupplyCauseId, SupplyCause>> = table;

/** A cause of {@link supplyCauses} in the words of one language. */
export interface WordedSupplyCause {
  /** Its name in the table. */
  readonly id: SupplyCauseId;
  /** What was found, in one sentence. */
  readonly sentence: string;
  /** What to do, the first thing first. */
  readonly try: readonly string[];
}

/**
 * What was found about the supply of a house in words, with facts put into its sentences.
 *
 * @example
 * ```ts
 * const { verdict } = await diagnoseSupply(meter);
 * console.log(wordSupplyCause(verdict.id, verdict.facts, 'hi').sentence);
 * ```
 * @param facts values for the places in the sentences. A place without one says that it is not known.
 */
export function wordSupplyCause(
  id: SupplyCauseId,
  facts: CauseFacts = {},
  language: Language = 'en',
): WordedSupplyCause {
  const { says, try: steps } = supplyCauses[id];
  const worded = (text: Sentence) => filled(text, facts, language);
  return { id, sentence: worded(says), try: steps.map(worded) };
}
