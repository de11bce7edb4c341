import type { Language } from '../base/language.js';
import { type CauseFacts, filled, type Sentence } from './cause.js';

/** What `cosem doctor` says about stages that work, and about what it is doing. */
const table = {
  'port-opens': { en: '{port} opens', hi: '{port} खुलता है' },
  'link-answers': { en: 'the meter answers on the data link', hi: 'मीटर डेटा लिंक पर उत्तर देता है' },
  associated: {
    en: 'client {client} has an association',
    hi: 'क्लाइंट {client} का एसोसिएशन बन गया',
  },
  read: { en: '{name}: {value}', hi: '{name}: {value}' },
  all: { en: 'Everything works.', hi: 'सब कुछ ठीक चलता है।' },
  connecting: {
    en: 'connecting; where another client has the meter, up to {seconds} s',
    hi: 'जोड़ रहे हैं; मीटर किसी और से जुड़ा हो तो {seconds} सेकंड तक',
  },
  'other-ways': {
    en: 'trying other speeds, framings and addresses',
    hi: 'दूसरी गतियाँ, फ़्रेमिंग और पते आज़मा रहे हैं',
  },
  'short-names': { en: 'trying short names', hi: 'लघु नाम (SN) आज़मा रहे हैं' },
  'one-key': {
    en: 'trying the encryption key alone',
    hi: 'केवल एन्क्रिप्शन कुंजी आज़मा रहे हैं',
  },
  exchanged: { en: 'trying the two keys exchanged', hi: 'दोनों कुंजियाँ अदल-बदल कर आज़मा रहे हैं' },
  'same-key': {
    en: 'trying one key in both places',
    hi: 'दोनों जगह एक ही कुंजी आज़मा रहे हैं',
  },
} as const satisfies Record<string, Sentence>;

/** The names of what {@link wordProgress} can say. */
export type ProgressId = keyof typeof table;

/** In words: a stage that works, or something that is being tried. */
export function wordProgress(id: ProgressId, facts: CauseFacts = {}, language: Language = 'en'): string {
  return filled(table[id], facts, language);
}
