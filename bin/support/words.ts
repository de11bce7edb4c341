/** What `cosem support` says, in the languages of its readers. */

import type { Language, Sentence } from '../../src/inspect.js';

interface SupportWords {
  readonly shown: string;
  readonly without: string;
  question(file: string): string;
  readonly again: string;
  written(file: string): string;
  readonly notWritten: string;
}

export const SUPPORT_WORDS: Readonly<Record<Language, SupportWords>> = {
  en: {
    shown: 'This is the whole content of the support file. Look through it before you give it to somebody.',
    without:
      'No key, password or OTP is in it, and nothing about a consumer: no name, address, number, document or reading. Names of files and of this computer are shortened.',
    question: (file) => `Write it to ${file}?`,
    again: 'Please answer y or n.',
    written: (file) => `Written: ${file}. Only you can open it. Send it to your support.`,
    notWritten: 'Nothing was written.',
  },
  hi: {
    shown: 'सहायता फ़ाइल में केवल इतना ही होगा। किसी को देने से पहले इसे देख लें।',
    without:
      'इसमें कोई कुंजी, पासवर्ड या ओटीपी नहीं है, और उपभोक्ता के बारे में कुछ नहीं है: न नाम, न पता, न नंबर, न दस्तावेज़, न रीडिंग। फ़ाइलों के और इस कंप्यूटर के नाम छोटे किए गए हैं।',
    question: (file) => `इसे ${file} में लिखें?`,
    again: 'कृपया y (हाँ) या n (नहीं) लिखें।',
    written: (file) => `फ़ाइल लिखी गई: ${file}। इसे केवल आप खोल सकते हैं। इसे अपने सहायता केंद्र को भेजें।`,
    notWritten: 'कुछ भी नहीं लिखा गया।',
  },
};

/** Why nothing is written where nobody can be asked. */
export const UNASKED: Readonly<Record<'why' | 'hint', Sentence>> = {
  why: {
    en: 'this writes a file, and nobody is here to be asked',
    hi: 'इससे एक फ़ाइल लिखी जाएगी, और पूछने के लिए कोई सामने नहीं है',
  },
  hint: { en: 'add --yes when it is meant', hi: 'लिखवानी हो तो --yes जोड़ें' },
};
