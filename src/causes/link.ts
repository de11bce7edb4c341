import type { Cause } from './cause.js';

/** The data link: the meter answers, but not with the settings that were given. */
export const linkCauses = {
  'wrong-baud': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers at {baud} baud; at {given} it did not.',
      hi: 'मीटर {baud} बॉड पर उत्तर देता है; {given} पर उत्तर नहीं मिला।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'wants-sign-on': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers HDLC after the sign-on of IEC 62056-21 mode E; without it, it did not answer.',
      hi: 'मीटर IEC 62056-21 mode E के साइन-ऑन के बाद HDLC में उत्तर देता है; उसके बिना उत्तर नहीं मिला।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'no-sign-on': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers HDLC directly; it did not answer the sign-on of mode E.',
      hi: 'मीटर सीधे HDLC में उत्तर देता है; mode E के साइन-ऑन का उत्तर नहीं मिला।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'no-hdlc': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter {name} signs on and says, twice, that it has no HDLC (mode {mode}).',
      hi: 'मीटर {name} साइन-ऑन करता है और दो बार कहता है कि उसमें HDLC नहीं है (मोड {mode})।',
    },
    try: [
      {
        en: 'read it with `cosem readout --serial {port}`',
        hi: 'इसे `cosem readout --serial {port}` से पढ़ें',
      },
      {
        en: 'some meters offer HDLC only after a setting by the maker’s tool',
        hi: 'कुछ मीटर निर्माता के टूल से सेटिंग करने पर ही HDLC देते हैं',
      },
    ],
  },
  'signed-on-silent': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter {name} signs on (mode {mode}), but nothing answered after the sign-on, which was done several times. This does not show whether it has HDLC.',
      hi: 'मीटर {name} साइन-ऑन करता है (मोड {mode}), पर कई बार साइन-ऑन करने पर भी उसके बाद कोई उत्तर नहीं मिला। इससे यह नहीं कहा जा सकता कि उसमें HDLC है या नहीं।',
    },
    try: [
      {
        en: 'centre the probe and shade it; then try again',
        hi: 'प्रोब को बीच में रखें और छाया करें; फिर दोबारा चलाएँ',
      },
      {
        en: 'a lower speed: --framing mode-e --baud 300, or 2400',
        hi: 'कम गति: --framing mode-e --baud 300, या 2400',
      },
      {
        en: 'an unusual address: `cosem discover --serial {port} --deep`',
        hi: 'असामान्य पता: `cosem discover --serial {port} --deep`',
      },
      {
        en: 'without HDLC it can be read by `cosem readout --serial {port}`',
        hi: 'HDLC के बिना इसे `cosem readout --serial {port}` से पढ़ा जा सकता है',
      },
    ],
  },
  'answers-otherwise': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'Client {client} got no answer, but client 16 gets one on the same line and address.',
      hi: 'क्लाइंट {client} को उत्तर नहीं मिला, पर उसी लाइन और पते पर क्लाइंट 16 को मिलता है।',
    },
    try: [
      {
        en: 'does this meter know client {client}? Many meters do not answer other clients at all',
        hi: 'क्या यह मीटर क्लाइंट {client} को पहचानता है? कई मीटर दूसरों को उत्तर ही नहीं देते',
      },
      {
        en: 'or the line loses octets now and then: centre the probe, check the wiring, try again',
        hi: 'या लाइन में कभी-कभी अक्षर खो जाते हैं: प्रोब बीच में रखें, तार देखें, फिर दोबारा चलाएँ',
      },
    ],
  },
  'wrong-address': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers at the address {address}; at {given} it did not.',
      hi: 'मीटर पता {address} पर उत्तर देता है; {given} पर उत्तर नहीं मिला।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'wrong-framing': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter at {port} answers in {framing}; in {given} it did not.',
      hi: '{port} का मीटर {framing} में उत्तर देता है; {given} में उत्तर नहीं मिला।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'nobody-behind': {
    stage: 'link',
    exit: 3,
    says: {
      en: '{port} accepts the connection, but no meter behind it answers, neither in the wrapper nor in HDLC.',
      hi: '{port} से कनेक्शन बनता है, पर उसके पीछे कोई मीटर उत्तर नहीं देता, न रैपर में, न HDLC में।',
    },
    try: [
      {
        en: 'a converter: is its serial side at the speed of the meter, and wired to it?',
        hi: 'कन्वर्टर हो तो: क्या उसकी सीरियल गति मीटर जितनी है, और क्या तार मीटर से जुड़े हैं?',
      },
      {
        en: 'several meters behind it: `cosem discover --tcp {port} --range 1-32`',
        hi: 'उसके पीछे कई मीटर हों तो: `cosem discover --tcp {port} --range 1-32`',
      },
    ],
  },
  'text-answer': {
    stage: 'link',
    exit: 5,
    says: {
      en: 'Text came from {port} where an answer of a meter should be: {text}.',
      hi: '{port} से मीटर के उत्तर की जगह यह पाठ आया: {text}।',
    },
    try: [
      {
        en: 'the text is not from the meter, but from a gateway, converter or modem before it: look at the settings there',
        hi: 'यह मीटर ने नहीं, उसके पहले लगे गेटवे, कन्वर्टर या मॉडेम ने लिखा है: उसकी सेटिंग देखें',
      },
      {
        en: 'does it know this meter? --server {server}; --physical for several meters behind one converter',
        hi: 'क्या वह इस मीटर को जानता है? --server {server}; एक कन्वर्टर के पीछे कई मीटर हों तो --physical',
      },
      {
        en: 'a port that sends text by itself: `cosem listen` reads what customer ports push',
        hi: 'पोर्ट अपने आप पाठ भेजता हो तो: `cosem listen` ग्राहक पोर्ट का डेटा पढ़ता है',
      },
    ],
  },
  'link-refused': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter is there, but refuses the data link (DM).',
      hi: 'मीटर मौजूद है, पर डेटा लिंक से मना करता है (DM)।',
    },
    try: [
      {
        en: 'another client may be connected: wait two minutes until its link times out',
        hi: 'शायद कोई दूसरा क्लाइंट जुड़ा है: दो मिनट रुकें, तब तक उसका लिंक टूट जाएगा',
      },
      { en: 'is --client {client} known to this meter?', hi: 'क्या यह मीटर --client {client} को पहचानता है?' },
    ],
  },
  'slow-meter': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers, but perhaps later than the time-out of {given} s allows.',
      hi: 'मीटर उत्तर देता है, पर शायद {given} सेकंड की सीमा के बाद।',
    },
    try: [
      {
        en: 'leave --timeout out, or allow more time: --timeout 20',
        hi: '--timeout न दें, या अधिक समय दें: --timeout 20',
      },
    ],
  },
} as const satisfies Record<string, Cause>;
