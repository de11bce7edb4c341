/** Facts for the sentences of causes that are words themselves. */

import type { CauseFacts } from './cause.js';

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
