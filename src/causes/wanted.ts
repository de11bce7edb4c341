/** Facts for the sentences of causes that are words themselves. */

import type { CauseFacts, Sentence } from './cause.js';

/** In place of the serial number of a meter that did not tell it. */
export const ON_ITS_FACE: Sentence = { en: 'on its face', hi: 'मीटर पर लिखी है' };
/** For a meter that refuses associations without ciphering. */
export const WANTS_CIPHERING: CauseFacts = {
  wanted: { en: 'ciphering', hi: 'एन्क्रिप्शन' },
  contextTry: { en: 'give --ek, --ak and --title', hi: '--ek, --ak और --title दें' },
};
/** For a meter that refuses ciphered associations. */
export const WANTS_CLEAR: CauseFacts = {
  wanted: { en: 'no ciphering', hi: 'बिना एन्क्रिप्शन का संपर्क' },
  contextTry: {
    en: 'leave out --ek, --ak and --title, or give --security none',
    hi: '--ek, --ak और --title न दें, या --security none लिखें',
  },
};
