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

/** What the library finds wrong with a value that a person wrote, with its Hindi. */
const VALUE_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^the port of (.+) is not a whole number from (\d+) to (\d+)$/, '$1 का पोर्ट $2 से $3 तक की पूर्ण संख्या नहीं है'],
  [/^(.+) is not a whole number from (\d+) to (\d+)$/, '$1: यह $2 से $3 तक की पूर्ण संख्या नहीं है'],
  [/^(.+) is not a number from (\d+) to (\d+)$/, '$1: यह $2 से $3 तक की संख्या नहीं है'],
  [/^(.+) is unknown$/, '$1: यह मान ज्ञात नहीं है'],
  [/^(.+) is not an address$/, '$1: यह पता नहीं है'],
  [/^there is no companion specification (.+)$/, '$1 नाम का कोई कम्पैनियन विनिर्देश नहीं है'],
  [/^(--\S+) and (--\S+) at once$/, '$1 और $2 एक साथ नहीं चलते'],
  [/^low level security needs a password$/, 'lls के लिए पासवर्ड चाहिए'],
  [/^authentication (\S+) needs a secret$/, '$1 के लिए गुप्त कुंजी चाहिए'],
  [/^'([^']*)' is not CLASS:OBIS:ATTRIBUTE$/, "'$1': यह <CLASS:OBIS:ATTRIBUTE> के रूप में नहीं है"],
  [/^'([^']*)' is not a logical name \(OBIS code\)$/, "'$1': यह लॉजिकल नाम (<OBIS>) नहीं है"],
  [/^'([^']*)' is not a hexadecimal digit$/, "'$1': यह हेक्साडेसिमल अंक नहीं है"],
  [
    /^(\S+) cannot be read: there is no such file or folder \((\w+)\)$/,
    "'$1' नहीं पढ़ी जा सकी: ऐसी कोई फ़ाइल या फ़ोल्डर नहीं है ($2)",
  ],
  [
    /^(.+): cannot listen: there is no host of that name \((\w+)\)$/,
    "'$1' पर सुना नहीं जा सका: इस नाम का कोई कंप्यूटर नहीं है ($2)",
  ],
  [/^change what\?$/, 'क्या बदलना है?'],
  [/^there is nothing to decode$/, 'डिकोड करने को कुछ नहीं है'],
  [/^what shall be listened to\?$/, 'किसे सुनना है?'],
  [/^which port\?$/, 'कौन सा पोर्ट?'],
  [/^under which identification does the meter know this image\?$/, 'मीटर इस इमेज को किस पहचान से जानता है?'],
];
/** What it says to try, with its Hindi. */
const VALUE_HINTS: readonly (readonly [RegExp, string])[] = [
  [/^did you mean '([^']+)'\? one of (.+)$/, "क्या '$1'? इनमें से एक लिखें: $2"],
  [/^one of (.+)$/, 'इनमें से एक लिखें: $1'],
  [/^write HOST:PORT, such as (.+) or (.+)$/, 'HOST:PORT लिखें, जैसे $1 या $2'],
  [/^a meter is reached by one of them$/, 'मीटर तक इनमें से एक ही रास्ता बताएँ'],
  [/^such as (\S+)$/, 'जैसे $1'],
  [/^write six numbers, such as (\S+) or (\S+)$/, 'छह संख्याएँ लिखें, जैसे $1 या $2'],
  [
    /^use 0-9 and A-F, two digits an octet; files, base64, logs and pcap recordings are read too$/,
    '<0-9> और <A-F> लिखें, हर ऑक्टेट के दो अंक; फ़ाइलें, <base64>, लॉग और <pcap> रिकॉर्डिंग भी पढ़ी जाती हैं',
  ],
  [/^give hexadecimal digits or a file, or pipe them in$/, 'हेक्साडेसिमल अंक या फ़ाइल दें, या उन्हें पाइप से भेजें'],
  [/^give (--\S+) PATH, or a FILE with a recording$/, '$1 <PATH> दें, या रिकॉर्डिंग वाली <FILE>'],
  [/^is it the right file\? - stands for standard input$/, 'क्या फ़ाइल सही है? - का अर्थ है मानक इनपुट'],
  [/^is it the right file, and may you read it\?$/, 'क्या फ़ाइल सही है, और क्या आप उसे पढ़ सकते हैं?'],
  [/^check the name or write the IP address$/, 'नाम जाँचें या IP पता लिखें'],
  [
    /^add --id with what the manufacturer gave with it, as text or hex:…$/,
    '--id जोड़ें, निर्माता की दी हुई पहचान के साथ, पाठ या hex:… के रूप में',
  ],
  [
    /^add (--serial) PATH \((`cosem ports`) lists them\) or (--tcp) HOST:PORT$/,
    '$1 <PATH> ($2 उन्हें दिखाता है) या $3 <HOST:PORT> जोड़ें',
  ],
  [/^add (--[\w, -]+) or (--\S+), each a value or random$/, '$1 या $2 जोड़ें, हर एक का मान या <random>'],
  [/^add ((?:-\S+(?: [A-Z:]+)?(?:,| and| or)? ?)+)$/, '$1 जोड़ें'],
];

/** A fault of a value in each language; undefined where there is English alone. */
export function valueFault(message: string, hint: string | undefined): FailureWords | undefined {
  const hi = inHindi(message, VALUE_FAULTS);
  const hintHi = hint === undefined ? undefined : inHindi(hint, VALUE_HINTS);
  if (hi === undefined || (hint !== undefined && hintHi === undefined)) return undefined;
  return {
    message: { en: message, hi },
    ...(hint === undefined || hintHi === undefined ? {} : { hint: { en: hint, hi: hintHi } }),
  };
}

function inHindi(text: string, table: readonly (readonly [RegExp, string])[]): string | undefined {
  const found = table.find(([pattern]) => pattern.test(text));
  return found === undefined ? undefined : text.replace(found[0], found[1]);
}
