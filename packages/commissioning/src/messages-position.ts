/** Texts about where the meter is, in English and Hindi. */

/** Why a position was not taken. */
export const positionRefusals = {
  'gps-away': {
    en: 'The GPS receiver {name} is not there. Plug it in again, or type the position.',
    hi: 'GPS रिसीवर {name} नहीं मिला। उसे फिर लगाएँ, या स्थान लिखें।',
  },
  'gps-silent': {
    en: 'The GPS receiver {name} says nothing. Is it the right port? Or type the position.',
    hi: 'GPS रिसीवर {name} से कुछ नहीं आ रहा। क्या पोर्ट सही है? या स्थान लिखें।',
  },
  'gps-garbled': {
    en: 'What {name} sends is no NMEA. Another speed may help: --gps PATH@4800. Or type the position.',
    hi: '{name} से जो आ रहा है वह NMEA नहीं है। दूसरी गति आज़माएँ: --gps PATH@4800। या स्थान लिखें।',
  },
  'gps-no-fix': {
    en: 'The GPS receiver sees too few satellites. Take it under the open sky and wait a minute, or type the position.',
    hi: 'GPS रिसीवर को पर्याप्त उपग्रह नहीं मिले। उसे खुले आसमान के नीचे रखकर एक मिनट रुकें, या स्थान लिखें।',
  },
  'gps-poor': {
    en: 'The GPS position is poor (HDOP {hdop}, at most {most}). Take the receiver under the open sky, or type the position.',
    hi: 'GPS का स्थान भरोसे लायक नहीं है (HDOP {hdop}, अधिकतम {most})। रिसीवर खुले आसमान के नीचे रखें, या स्थान लिखें।',
  },
  'gps-rough': {
    en: 'The GPS position may be wrong by {error} m, at most {most} m. Take the receiver under the open sky, or type the position.',
    hi: 'GPS के स्थान में {error} मीटर तक की त्रुटि हो सकती है, अधिकतम {most} मीटर। रिसीवर खुले आसमान के नीचे रखें, या स्थान लिखें।',
  },
  'gps-unknown-quality': {
    en: 'The GPS receiver does not say how good its position is. Type the position.',
    hi: 'GPS रिसीवर नहीं बताता कि उसका स्थान कितना सही है। स्थान लिखें।',
  },
  'gps-estimated': {
    en: 'The GPS receiver only reckons or simulates its position; it did not measure it. Type the position.',
    hi: 'GPS रिसीवर ने स्थान मापा नहीं, केवल अनुमान लगाया है। स्थान लिखें।',
  },
  'gps-stale': {
    en: 'The GPS position is old, or the clock of the laptop is wrong: {seconds|duration} between them. Wait for a new one, check the clock, or type the position.',
    hi: 'GPS का स्थान पुराना है, या लैपटॉप की घड़ी गलत है: दोनों में {seconds|duration} का अंतर। नए स्थान की प्रतीक्षा करें, घड़ी जाँचें, या स्थान लिखें।',
  },
  'position-far': {
    en: 'This position is {metres} m from where the order or the survey has the meter; at most {most} m is usual. Is it the right house? If it is, explain it in writing.',
    hi: 'यह स्थान आदेश या सर्वेक्षण में दिए स्थान से {metres} मीटर दूर है; सामान्यतः अधिकतम {most} मीटर होता है। क्या घर सही है? सही हो तो लिखित में कारण बताएँ।',
  },
} as const;

export const positionTexts = {
  'position-by-order': { en: 'the work order', hi: 'कार्य आदेश' },
  'position-by-survey': { en: 'the survey', hi: 'सर्वेक्षण' },
  'position-by-typed': { en: 'typed by hand', hi: 'हाथ से लिखा गया' },
  'position-by-gps': { en: 'GPS receiver', hi: 'जीपीएस रिसीवर' },
  'position-by-gpsd': { en: 'GPS receiver (gpsd)', hi: 'जीपीएस रिसीवर (gpsd)' },
  'doing-gps': { en: 'waiting for the GPS receiver', hi: 'GPS रिसीवर की प्रतीक्षा' },
  'gps-satellites': { en: '{count} satellites', hi: '{count} उपग्रह' },
  'gps-taken': {
    en: 'Position from the GPS receiver: {latitude}, {longitude} ({quality}).',
    hi: 'GPS रिसीवर से स्थान: {latitude}, {longitude} ({quality})।',
  },
} as const;
