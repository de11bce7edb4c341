/** Facts that are words themselves. */

import type { CauseFacts, Sentence } from './cause.js';

/** Where the name of a meter stands that told none. */
export const ON_ITS_FACE: Sentence = { en: 'on its face', hi: 'मीटर पर लिखी है' };
/** Of a meter that takes no association in clear. */
export const WANTS_CIPHERING: CauseFacts = {
  wanted: { en: 'ciphering', hi: 'एन्क्रिप्शन' },
  contextTry: { en: 'give --ek, --ak and --title', hi: '--ek, --ak और --title दें' },
};
/** Of a meter that takes no ciphered association. */
export const WANTS_CLEAR: CauseFacts = {
  wanted: { en: 'no ciphering', hi: 'बिना एन्क्रिप्शन का संपर्क' },
  contextTry: {
    en: 'leave --ek, --ak and --title out, or say --security none',
    hi: '--ek, --ak और --title न दें, या --security none लिखें',
  },
};
