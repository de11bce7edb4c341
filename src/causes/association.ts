import type { Cause } from './cause.js';

const checkEk = {
  en: 'check --ek, 32 hexadecimal digits',
  hi: '--ek जाँचें: 32 हेक्साडेसिमल अंक',
};
const theseKeys = {
  en: 'are they the keys of this very meter[ ({name})]? Compare the serial number on its face',
  hi: 'क्या ये इसी मीटर[ ({name})] की कुंजियाँ हैं? मीटर पर लिखी क्रम संख्या से मिलाएँ',
};
const meterWaits = {
  en: 'after several failures many meters answer nothing for a while',
  hi: 'कई बार गलत होने पर बहुत से मीटर कुछ देर तक उत्तर नहीं देते',
};

/** The association, and what may be read in it. */
export const associationCauses = {
  'association-silent': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The data link works, but the meter does not answer the association of client {client}.',
      hi: 'डेटा लिंक बन गया, पर क्लाइंट {client} के एसोसिएशन का मीटर उत्तर नहीं देता।',
    },
    try: [
      {
        en: 'does this meter know client {client}? 16 is the public client',
        hi: 'क्या यह मीटर क्लाइंट {client} को पहचानता है? 16 सार्वजनिक क्लाइंट है',
      },
      {
        en: 'is server {server} the management logical device (1)?',
        hi: 'क्या सर्वर {server} प्रबंधन वाला लॉजिकल डिवाइस (1) है?',
      },
    ],
  },
  'client-unknown': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The meter refuses client {client} without a reason ({diagnostic}).',
      hi: 'मीटर क्लाइंट {client} को बिना कारण बताए मना करता है ({diagnostic})।',
    },
    try: [
      {
        en: 'does the meter know this client? In India 16 public, 32 reader, 48 utility',
        hi: 'क्या मीटर इस क्लाइंट को पहचानता है? भारत में 16 सार्वजनिक, 32 रीडर, 48 बिजली कंपनी',
      },
      {
        en: 'another association may still be open: wait two minutes',
        hi: 'शायद दूसरा एसोसिएशन अभी खुला है: दो मिनट रुकें',
      },
    ],
  },
  'not-now': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The meter refuses for now (rejected-transient): it waits after wrong passwords or keys, or another client is connected.',
      hi: 'मीटर अभी मना करता है (rejected-transient): गलत पासवर्ड या कुंजी के बाद वह रुकता है, या कोई दूसरा क्लाइंट जुड़ा है।',
    },
    try: [
      {
        en: 'wait two minutes without trying, then try once',
        hi: 'दो मिनट बिना कुछ किए रुकें, फिर एक बार चलाएँ',
      },
      {
        en: 'check password and keys before that: each wrong one makes many meters wait longer',
        hi: 'उससे पहले पासवर्ड और कुंजियाँ जाँचें: हर गलत प्रयास पर बहुत से मीटर और देर रुकते हैं',
      },
    ],
  },
  'wrong-context': {
    stage: 'association',
    exit: 4,
    says: { en: 'Client {client} of this meter needs {wanted}.', hi: 'इस मीटर का क्लाइंट {client} {wanted} चाहता है।' },
    try: [{ en: '{contextTry}', hi: '{contextTry}' }],
  },
  'short-names': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'This meter speaks short names (SN referencing), and was asked by logical names.',
      hi: 'यह मीटर लघु नाम (SN referencing) समझता है, और उससे लॉजिकल नाम से पूछा गया।',
    },
    try: [
      {
        en: 'the same command with `--naming sn`: then the meter is read as any other',
        hi: 'वही कमांड `--naming sn` के साथ चलाएँ: फिर मीटर बाकी मीटरों की तरह पढ़ा जाएगा',
      },
      {
        en: 'older meters of this kind also speak IEC 62056-21: `cosem readout`',
        hi: 'ऐसे पुराने मीटर प्रायः IEC 62056-21 भी बोलते हैं: `cosem readout`',
      },
    ],
  },
  'wrong-mechanism': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'Client {client} of this meter needs another authentication mechanism than {given} ({diagnostic}).',
      hi: 'इस मीटर का क्लाइंट {client} {given} के बजाय कोई और प्रमाणीकरण विधि चाहता है ({diagnostic})।',
    },
    try: [
      {
        en: '--auth lls with --password, --auth hls2 (or gmac) with --secret: the reader is often lls, the utility hls2',
        hi: '--auth lls के साथ --password, --auth hls2 (या gmac) के साथ --secret: रीडर में प्रायः lls, बिजली कंपनी में hls2',
      },
    ],
  },
  'needs-authentication': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'Client {client} of this meter needs a password or a secret ({diagnostic}).',
      hi: 'इस मीटर का क्लाइंट {client} पासवर्ड या सीक्रेट चाहता है ({diagnostic})।',
    },
    try: [
      {
        en: 'give --password (LLS) or --secret (HLS), or use the public client: --client 16',
        hi: '--password (LLS) या --secret (HLS) दें, या सार्वजनिक क्लाइंट लें: --client 16',
      },
    ],
  },
  'wrong-password': {
    stage: 'association',
    exit: 4,
    says: { en: 'The password (LLS) is wrong.', hi: 'पासवर्ड (LLS) गलत है।' },
    try: [
      {
        en: 'check --password: its length, capital letters; write octets as hex:…',
        hi: '--password जाँचें: लंबाई, बड़े-छोटे अक्षर; ऑक्टेट hex:… की तरह लिखें',
      },
      meterWaits,
    ],
  },
  'wrong-secret': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The HLS secret is wrong: the meter refused our half of the authentication.',
      hi: 'HLS सीक्रेट गलत है: मीटर ने हमारे हिस्से का प्रमाण नहीं माना।',
    },
    try: [
      {
        en: 'check --secret, and that --auth is the mechanism it belongs to',
        hi: '--secret जाँचें, और यह भी कि --auth वही विधि है जिसका यह सीक्रेट है',
      },
      meterWaits,
    ],
  },
  'wrong-ek': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The encryption key (EK, GUEK) is wrong: the meter cannot decipher what we send.',
      hi: 'एन्क्रिप्शन कुंजी (EK, GUEK) गलत है: हमारा भेजा हुआ मीटर खोल नहीं पाता।',
    },
    try: [
      checkEk,
      {
        en: 'is it the key of this very meter[ ({name})]? Compare the serial number on its face',
        hi: 'क्या यह इसी मीटर[ ({name})] की कुंजी है? मीटर पर लिखी क्रम संख्या से मिलाएँ',
      },
    ],
  },
  'wrong-key': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The encryption key or the authentication key is wrong: the meter does not say which.',
      hi: 'एन्क्रिप्शन कुंजी या प्रमाणीकरण कुंजी गलत है: मीटर नहीं बताता कि कौन सी।',
    },
    try: [
      {
        en: 'check --ek and --ak, 32 hexadecimal digits each',
        hi: '--ek और --ak जाँचें: दोनों 32 हेक्साडेसिमल अंक',
      },
      theseKeys,
    ],
  },
  'counter-too-low': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The invocation counter is lower than one that the meter has seen under this key.',
      hi: 'इनवोकेशन काउंटर उससे छोटा है जो मीटर इस कुंजी के साथ देख चुका है।',
    },
    try: [
      {
        en: 'name the object in which the meter shows its counter: --counter-object 0.0.43.1.0.255; or use the number that the meter names: `cosem keys raise N`',
        hi: 'वह ऑब्जेक्ट बताएँ जिसमें मीटर उसे दिखाता है: --counter-object 0.0.43.1.0.255; या मीटर की बताई संख्या लें: `cosem keys raise N`',
      },
      {
        en: 'was the key used by another tool, or was the counters file lost? Give the file of that tool: --counters FILE',
        hi: 'क्या यह कुंजी किसी दूसरे टूल ने बरती, या काउंटर की फ़ाइल खो गई? उस टूल की फ़ाइल --counters FILE से दें',
      },
    ],
  },
  'bad-proof': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The meter could not prove itself, or what it sent cannot be deciphered ({diagnostic}).',
      hi: 'मीटर अपना प्रमाण नहीं दे सका, या उसका भेजा हुआ खोला नहीं जा सका ({diagnostic})।',
    },
    try: [{ en: 'check --ek and --ak', hi: '--ek और --ak जाँचें' }, theseKeys],
  },
  'association-refused': {
    stage: 'association',
    exit: 4,
    says: {
      en: 'The meter refuses the association: {diagnostic}.',
      hi: 'मीटर एसोसिएशन से मना करता है: {diagnostic}।',
    },
    try: [
      {
        en: 'check --client, --auth and the keys; the public client 16 needs none',
        hi: '--client, --auth और कुंजियाँ जाँचें; सार्वजनिक क्लाइंट 16 को इनमें से कुछ नहीं चाहिए',
      },
    ],
  },
  'read-refused': {
    stage: 'reading',
    exit: 4,
    says: {
      en: 'The association is open, but client {client} has no right to this object.',
      hi: 'एसोसिएशन बन गया, पर क्लाइंट {client} को इस ऑब्जेक्ट का अधिकार नहीं है।',
    },
    try: [
      {
        en: '`cosem objects` lists what this client may do',
        hi: '`cosem objects` बताता है कि यह क्लाइंट क्या-क्या कर सकता है',
      },
      {
        en: 'another client may have it: --client 32 or 48 in India',
        hi: 'शायद दूसरे क्लाइंट को वह अधिकार हो: भारत में --client 32 या 48',
      },
    ],
  },
  'request-refused': {
    stage: 'reading',
    exit: 4,
    says: {
      en: 'The association is open, but the meter does not do what was asked.',
      hi: 'एसोसिएशन बन गया, पर जो माँगा गया वह मीटर नहीं करता।',
    },
    try: [
      {
        en: '`cosem objects` lists what the meter has, and what this client may do',
        hi: '`cosem objects` बताता है कि मीटर में क्या-क्या है, और यह क्लाइंट क्या कर सकता है',
      },
    ],
  },
  'change-unknown': {
    stage: 'reading',
    exit: 6,
    says: {
      en: 'A change was sent, and the answer did not come: the meter may have made it or not ({target}).',
      hi: 'बदलाव भेजा गया, पर उत्तर नहीं मिला: हो सकता है मीटर ने उसे किया हो, हो सकता है नहीं ({target})।',
    },
    try: [
      {
        en: 'read what it should have changed before it is sent again',
        hi: 'उसे फिर भेजने से पहले पढ़कर देखें कि बदलाव हुआ या नहीं',
      },
    ],
  },
  'line-drops': {
    stage: 'reading',
    exit: 3,
    says: {
      en: 'The association is open, but the line breaks while reading: {diagnostic}.',
      hi: 'एसोसिएशन बन गया, पर पढ़ते समय लाइन टूट जाती है: {diagnostic}।',
    },
    try: [
      { en: 'centre the probe and shade it', hi: 'प्रोब को बीच में लगाएँ और धूप से बचाएँ' },
      {
        en: 'use a speed one step lower: --baud with --framing mode-e',
        hi: '--framing mode-e के साथ --baud एक स्तर कम करें',
      },
    ],
  },
} as const satisfies Record<string, Cause>;
