/** The texts of the page on the local network, in each language. */

import type { Language } from '../../src/inspect.js';

interface LanWords {
  /** Under the code on the terminal. */
  scan(url: string): string;
  readonly warning: string;
  readonly noCode: string;
  readonly entered: string;
  readonly ends: string;
  /** On the phone, without the cookie. */
  readonly title: string;
  readonly locked: string;
  readonly used: string;
}

export const LAN_WORDS: Readonly<Record<Language, LanWords>> = {
  en: {
    scan: (url) => `Scan the code with the phone; it must be in the same Wi-Fi. Or type there: ${url}`,
    warning: 'Everybody in this Wi-Fi can read what goes over it. Do not use it in a public one.',
    noCode: 'The code is not drawn: the package qr is not installed (npm install qr).',
    entered: 'A phone has opened the page. The code is used up; for another phone end and start again.',
    ends: 'The page is for reading only and ends with this command: Ctrl-C.',
    title: 'Usage and balance',
    locked: 'Scan the code that “cosem watch” shows on the laptop.',
    used: 'This code is used up. Start “cosem watch” on the laptop again and scan the new one.',
  },
  hi: {
    scan: (url) => `फ़ोन से यह कोड स्कैन करें; फ़ोन इसी Wi-Fi में हो। या फ़ोन में लिखें: ${url}`,
    warning: 'इस Wi-Fi में मौजूद हर व्यक्ति इस पर जाने वाला डेटा पढ़ सकता है। सार्वजनिक Wi-Fi में इसका प्रयोग न करें।',
    noCode: 'कोड नहीं बना: qr पैकेज इंस्टॉल नहीं है (npm install qr)।',
    entered: 'एक फ़ोन ने पेज खोल लिया है। कोड अब काम नहीं करेगा; दूसरे फ़ोन के लिए बंद करके फिर शुरू करें।',
    ends: 'पेज केवल देखने के लिए है और इस कमांड के साथ बंद होता है: Ctrl-C।',
    title: 'खपत और शेष राशि',
    locked: 'लैपटॉप पर “cosem watch” जो कोड दिखाता है उसे स्कैन करें।',
    used: 'यह कोड काम में आ चुका है। लैपटॉप पर “cosem watch” फिर शुरू करें और नया कोड स्कैन करें।',
  },
};
