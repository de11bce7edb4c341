/** What is said of failures that are in no table of causes, in the languages of its readers. */

import type { Language, Sentence } from '../src/inspect.js';

/** What a person is told of a failure, in each language. */
export interface FailureWords {
  /** What happened. */
  readonly message: Sentence;
  /** What to try. */
  readonly hint?: Sentence;
}

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

/** What commander says of a command line, with its Hindi; the groups are names and values as they were typed. */
const LINE_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^unknown option '([^']*)'/, '$1 नाम का कोई विकल्प नहीं है'],
  [/^unknown command '([^']*)'/, '$1 नाम की कोई कमांड नहीं है'],
  [/^missing required argument '([^']*)'/, '<$1> नहीं दिया गया'],
  [/^required option '([^']*)' not specified/, 'विकल्प $1 नहीं दिया गया'],
  [/^option '([^']*)' argument missing/, 'विकल्प $1 के साथ मान नहीं दिया गया'],
  [
    /^option '([^']*)' argument '([^']*)' is invalid\. Allowed choices are (.*)\.$/,
    'विकल्प $1 का मान $2 सही नहीं है; ये मान हो सकते हैं: $3',
  ],
  [
    /^command-argument value '([^']*)' is invalid for argument '([^']*)'\. Allowed choices are (.*)\.$/,
    '<$2> का मान $1 सही नहीं है; ये मान हो सकते हैं: $3',
  ],
  [/^too many arguments.*Expected (\d+) arguments? but got (\d+)/, 'कमांड में $1 के बजाय $2 मान दिए गए हैं'],
];
const DID_YOU_MEAN = /\(did you mean (.+)\?\)$/i;

/** A fault of a command line in each language. @param message of commander, in one line. */
export function lineFault(message: string, command: string): FailureWords {
  const [pattern, hindi] = LINE_FAULTS.find(([one]) => one.test(message)) ?? [];
  const meant = DID_YOU_MEAN.exec(message)?.[1];
  const [matched = ''] = (pattern && pattern.exec(message)) ?? [];
  const said = pattern === undefined || hindi === undefined ? GENERAL_WORDS.usage.hi : matched.replace(pattern, hindi);
  return {
    message: { en: message, hi: meant === undefined ? said : `${said} (क्या ${meant}?)` },
    hint: { en: `${command} --help shows what there is`, hi: `\`${command} --help\` दिखाता है कि क्या-क्या हो सकता है` },
  };
}
