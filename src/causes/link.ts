import type { Cause } from './cause.js';

/** The data link: the meter is heard, but not in the way that was asked for. */
export const linkCauses = {
  'wrong-baud': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter stands at {baud} baud, not at {given}.',
      hi: 'मीटर {baud} बॉड पर चल रहा है, {given} पर नहीं।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'wants-sign-on': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter wants the sign-on of IEC 62056-21 mode E before HDLC.',
      hi: 'मीटर HDLC से पहले IEC 62056-21 mode E का साइन-ऑन चाहता है।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'no-sign-on': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter does not sign on in mode E: it speaks HDLC directly.',
      hi: 'मीटर mode E का साइन-ऑन नहीं करता: वह सीधे HDLC में बात करता है।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'no-hdlc': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter {name} signs on, but offers no HDLC (mode {mode}).',
      hi: 'मीटर {name} साइन-ऑन करता है, पर HDLC नहीं देता (mode {mode})।',
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
  'wrong-address': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter answers to the address {address}, not to {given}.',
      hi: 'मीटर का पता {address} है, {given} नहीं।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'wrong-framing': {
    stage: 'link',
    exit: 3,
    says: {
      en: 'The meter at {port} speaks {framing}, not {given}.',
      hi: '{port} का मीटर {framing} में बात करता है, {given} में नहीं।',
    },
    try: [{ en: 'use {options}', hi: '{options} के साथ चलाएँ' }],
  },
  'nobody-behind': {
    stage: 'link',
    exit: 3,
    says: {
      en: '{port} takes the connection, but no meter answers behind it, neither in the wrapper nor in HDLC.',
      hi: '{port} से कनेक्शन बनता है, पर उसके पीछे कोई मीटर उत्तर नहीं देता, न wrapper में, न HDLC में।',
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
      en: 'The meter answers, but later than the time-out of {given} s allows.',
      hi: 'मीटर उत्तर देता है, पर {given} सेकंड की सीमा के बाद।',
    },
    try: [
      {
        en: 'leave --timeout out, or give it more: --timeout 20',
        hi: '--timeout न दें, या अधिक समय दें: --timeout 20',
      },
    ],
  },
} as const satisfies Record<string, Cause>;
