/** What is said of failures that are in no table of causes, in the languages of its readers. */

import type { Language, Sentence } from '../src/inspect.js';

interface FailureTexts {
  readonly hint: string;
  /** In front of the codes of an error. */
  readonly codes: string;
  /** In front of words of which there is English alone. */
  readonly english: string;
  readonly looking: string;
}

export const FAILURE_WORDS: Readonly<Record<Language, FailureTexts>> = {
  en: {
    hint: 'hint',
    codes: 'codes',
    english: 'in English',
    looking: 'Looking for what would work; Ctrl-C ends it.',
  },
  hi: {
    hint: 'उपाय',
    codes: 'तकनीकी कोड',
    english: 'अंग्रेज़ी में',
    looking: 'ढूँढ रहे हैं कि किन विकल्पों से काम चलेगा; Ctrl-C से रुकेगा।',
  },
};

/** What kind of failure it is, by its code: said where the rest is there in English alone. */
export const GENERAL_WORDS: Readonly<Record<string, Sentence>> & { readonly usage: Sentence } = {
  usage: { en: 'An option or a value of the command is wrong.', hi: 'कमांड का कोई विकल्प या मान सही नहीं है।' },
  state: { en: 'An option or a value of the command is wrong.', hi: 'कमांड का कोई विकल्प या मान सही नहीं है।' },
  document: { en: 'A file is not as it should be.', hi: 'फ़ाइल की सामग्री सही नहीं है।' },
  storage: { en: 'A file or a folder cannot be used.', hi: 'फ़ाइल या फ़ोल्डर काम में नहीं लिया जा सका।' },
  refused: { en: 'It is not allowed.', hi: 'इसकी अनुमति नहीं है।' },
  internal: {
    en: 'This is a fault of cosem itself.',
    hi: 'यह इसी प्रोग्राम की त्रुटि है: सहायता केंद्र को बताएँ।',
  },
};

/** Ctrl-C. @param released whether there was a meter that was released. */
export function interruptedWords(released: boolean): Sentence {
  return released
    ? { en: 'interrupted; the meter was released', hi: 'बीच में रोका गया; मीटर को छोड़ दिया गया' }
    : { en: 'interrupted', hi: 'बीच में रोका गया' };
}
