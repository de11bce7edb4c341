import type { SecurityReason } from '../base/errors.js';
import type { Cause, Sentence } from './cause.js';

const checkTitles: Sentence = {
  en: 'is it the system title of the sender? The meter’s is --server-title, ours is --title',
  hi: 'क्या सिस्टम टाइटल भेजने वाले का ही है? मीटर का --server-title है, हमारा --title',
};
const checkEk: Sentence = {
  en: 'check --ek, 32 hexadecimal digits: is it the key of this very meter?',
  hi: '--ek जाँचें, 32 हेक्साडेसिमल अंक: क्या यह इसी मीटर की कुंजी है?',
};
const checkAk: Sentence = {
  en: 'check --ak, 32 hexadecimal digits; on many Indian meters it is the same as --ek',
  hi: '--ak जाँचें: 32 हेक्साडेसिमल अंक; भारत के बहुत से मीटरों में वह --ek जैसी ही होती है',
};
const checkBoth: Sentence = {
  en: 'check --ek and --ak: 32 hexadecimal digits each, and the keys of this very meter',
  hi: '--ek और --ak जाँचें: दोनों 32 हेक्साडेसिमल अंक, और इसी मीटर की कुंजियाँ',
};
const swap: Sentence = {
  en: 'exchange the two: what is --ek now is --ak',
  hi: 'दोनों को आपस में बदलें: जो अभी --ek है वह --ak है',
};
const giveTitle: Sentence = { en: 'give the title {found}', hi: 'सिस्टम टाइटल {found} दें' };

/** Messages whose protection does not hold: a sentence for each {@link SecurityReason}. */
export const protectionCauses = {
  'wrong-ak': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The authentication key (AK, GAK) is wrong; the encryption key is right.',
      hi: 'प्रमाणीकरण कुंजी (AK, GAK) गलत है; एन्क्रिप्शन कुंजी सही है।',
    },
    try: [
      checkAk,
      {
        en: 'do other messages of this meter open with it? Then this one was changed on the way',
        hi: 'क्या इसी मीटर के दूसरे संदेश इससे खुलते हैं? तब यह संदेश रास्ते में बदल गया है',
      },
    ],
  },
  'decrypt-garbage': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The deciphered message is not readable: the encryption key (EK, GUEK) is wrong, or the system title or counter is not the one that the message was made with.',
      hi: 'खोलने पर कुछ पढ़ने लायक नहीं निकलता: एन्क्रिप्शन कुंजी (EK, GUEK) गलत है, या सिस्टम टाइटल या काउंटर वह नहीं है जिससे संदेश बना था।',
    },
    try: [checkEk, checkTitles],
  },
  'bad-tag': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The authentication tag is wrong, and the deciphered message is not readable: the encryption key (EK, GUEK), the system title or the counter is wrong.',
      hi: 'प्रमाणीकरण टैग सही नहीं बैठता, और खोलने पर कुछ पढ़ने लायक नहीं निकलता: एन्क्रिप्शन कुंजी (EK, GUEK) गलत है, या सिस्टम टाइटल या काउंटर।',
    },
    try: [checkEk, checkTitles],
  },
  'either-key': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The authentication tag is wrong. The message is not encrypted, so it cannot be told which is wrong: encryption key, authentication key, title, counter or content.',
      hi: 'प्रमाणीकरण टैग सही नहीं बैठता। संदेश खुला है, इसलिए पता नहीं चलता कि गलत क्या है: एन्क्रिप्शन कुंजी, प्रमाणीकरण कुंजी, सिस्टम टाइटल, काउंटर या संदेश।',
    },
    try: [checkBoth, checkTitles],
  },
  'swapped-keys': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The two keys are exchanged: the encryption key (EK) was given as authentication key (AK), and the other way round.',
      hi: 'दोनों कुंजियाँ आपस में बदल गई हैं: एन्क्रिप्शन कुंजी (EK) प्रमाणीकरण कुंजी (AK) की जगह दी गई है, और उलटा भी।',
    },
    try: [swap],
  },
  'same-key': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'This meter has one key for both: the {which} given is right, the other key is not.',
      hi: 'इस मीटर में दोनों जगह एक ही कुंजी है: दी गई {which} सही है, दूसरी कुंजी गलत है।',
    },
    try: [{ en: 'give that key as --ek and as --ak', hi: 'वही कुंजी --ek और --ak दोनों में दें' }],
  },
  'key-as-text': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The key ({which}) was given as the text of its hexadecimal digits, not as the octets that they stand for.',
      hi: 'कुंजी ({which}) हेक्साडेसिमल अंकों के अक्षरों के रूप में दी गई है, उन ऑक्टेट के रूप में नहीं जिन्हें वे अंक बताते हैं।',
    },
    try: [
      {
        en: 'write the digits themselves, without text: before them; in a program turn them into octets first (fromHex)',
        hi: 'अंक सीधे लिखें, आगे text: न लगाएँ; प्रोग्राम में उन्हें पहले ऑक्टेट में बदलें (fromHex)',
      },
    ],
  },
  'half-key': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The key ({which}) looks like {digits} hexadecimal digits taken as text: that is half of a key at most. It opens nothing.',
      hi: 'कुंजी ({which}) {digits} हेक्साडेसिमल अंकों के अक्षर जैसी दिखती है: यह अधिक से अधिक आधी कुंजी है। इससे कुछ नहीं खुलता।',
    },
    try: [
      {
        en: 'give all 32 hexadecimal digits of the key',
        hi: 'कुंजी के पूरे 32 हेक्साडेसिमल अंक दें',
      },
    ],
  },
  'reversed-key': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The octets of the key ({which}) are in reverse order.',
      hi: 'कुंजी ({which}) के ऑक्टेट उलटे क्रम में हैं: अंतिम सबसे पहले।',
    },
    try: [{ en: 'reverse the order of its octets', hi: 'उसके ऑक्टेट का क्रम उलट दें' }],
  },
  'key-length': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message uses security suite {suite}, whose keys have {wanted} octets; the given {which} has {given}.',
      hi: 'संदेश सिक्योरिटी सूट {suite} का है, जिसकी कुंजियाँ {wanted} ऑक्टेट की होती हैं; दी गई {which} {given} ऑक्टेट की है।',
    },
    try: [
      {
        en: 'ask the utility for the keys of that suite: 32 hexadecimal digits in suites 0 and 1, 64 in suite 2',
        hi: 'बिजली कंपनी से उसी सूट की कुंजियाँ लें: सूट 0 और 1 में 32 हेक्साडेसिमल अंक, सूट 2 में 64',
      },
    ],
  },
  'other-key-set': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message claims to be made with the {said} key, but it was made with the {found} key.',
      hi: 'संदेश बताता है कि वह {said} कुंजी से बना है, पर वह {found} कुंजी से बना है।',
    },
    try: [
      {
        en: 'this is a fault of the sender: report it to the maker, with the message',
        hi: 'यह भेजने वाले की गलती है: संदेश के साथ निर्माता को बताएँ',
      },
    ],
  },
  'wrong-title': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message was made with the system title {found}, not with {title}; the keys are right.',
      hi: 'संदेश सिस्टम टाइटल {found} से बना है, {title} से नहीं; कुंजी सही है।',
    },
    try: [giveTitle],
  },
  'reversed-title': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The octets of the system title {title} are in reverse order: the message was made with {found}.',
      hi: 'सिस्टम टाइटल {title} के ऑक्टेट उलटे क्रम में हैं: संदेश {found} से बना है।',
    },
    try: [giveTitle],
  },
  'title-as-text': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The system title was given as the text of its hexadecimal digits: the message was made with {found}.',
      hi: 'सिस्टम टाइटल हेक्साडेसिमल अंकों के अक्षरों के रूप में दिया गया है: संदेश {found} से बना है।',
    },
    try: [giveTitle],
  },
  'own-title': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The system titles are exchanged: the message was made with {found}, the title of the other side, not with {title}.',
      hi: 'सिस्टम टाइटल आपस में बदल गए हैं: संदेश {found} से बना है, जो दूसरे पक्ष का है, {title} से नहीं।',
    },
    try: [
      {
        en: 'exchange --title (ours) and --server-title (the meter’s)',
        hi: '--title (हमारा) और --server-title (मीटर का) आपस में बदलें',
      },
    ],
  },
  'other-counter': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The invocation counter {counter} is that of another message: this one was made with {found}.',
      hi: 'इनवोकेशन काउंटर {counter} किसी दूसरे संदेश का है: यह संदेश {found} से बना है।',
    },
    try: [
      {
        en: 'was the message put together from two, or was its beginning changed on the way? Record it again',
        hi: 'क्या संदेश दो संदेशों से जोड़ा गया है, या उसका आरंभ रास्ते में बदल गया? उसे फिर रिकॉर्ड करें',
      },
    ],
  },
  'changed-control': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The security control octet {control} is not the one that the message was made with, {found}; the keys are right.',
      hi: 'सिक्योरिटी कंट्रोल ऑक्टेट {control} वह नहीं है जिससे संदेश बना था ({found}); कुंजियाँ सही हैं।',
    },
    try: [
      {
        en: 'compression (80) or broadcast (40) was set or cleared by a gateway or the sender: report it with the message',
        hi: 'संपीड़न (80) या ब्रॉडकास्ट (40) बिट गेटवे या भेजने वाले ने बदल दी है: संदेश के साथ इसकी सूचना दें',
      },
    ],
  },
  'changed-envelope': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The authentication tag is right, so the keys are right; but the message inside is of another kind than its envelope says.',
      hi: 'प्रमाणीकरण टैग सही बैठता है, यानी कुंजियाँ सही हैं; पर अंदर का संदेश उस किस्म का नहीं है जो लिफ़ाफ़ा बताता है।',
    },
    try: [
      {
        en: 'the first octet of the message was changed on the way, or its sender is at fault: do not trust it, and report it with the message',
        hi: 'संदेश का पहला ऑक्टेट रास्ते में बदला गया, या गलती भेजने वाले की है: इस पर भरोसा न करें, और संदेश के साथ इसकी सूचना दें',
      },
    ],
  },
  'tag-length': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The authentication tag has {octets} octets instead of 12.',
      hi: 'प्रमाणीकरण टैग 12 के बजाय {octets} ऑक्टेट का है।',
    },
    try: [
      {
        en: 'is the end of the message cut off? Without a whole tag nothing in it is trusted',
        hi: 'क्या संदेश का अंत कट गया है? पूरे टैग के बिना उसकी कोई बात नहीं मानी जाती',
      },
    ],
  },
  'not-verified': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message opens with the encryption key, but without an authentication key (AK) nothing proves who made it.',
      hi: 'संदेश एन्क्रिप्शन कुंजी से खुल जाता है, पर प्रमाणीकरण कुंजी (AK) के बिना यह सिद्ध नहीं होता कि उसे किसने बनाया।',
    },
    try: [
      { en: 'give --ak as well', hi: '--ak भी दें' },
      {
        en: 'a program that accepts it all the same sets acceptUnauthenticated',
        hi: 'फिर भी लेना हो तो प्रोग्राम acceptUnauthenticated लिखे',
      },
    ],
  },
  'missing-key': {
    stage: 'protection',
    exit: 2,
    says: {
      en: 'A key or system title that the message needs was not given.',
      hi: 'संदेश के लिए ज़रूरी कुंजी या सिस्टम टाइटल नहीं दिया गया।',
    },
    try: [{ en: 'give --ek, --ak and --title', hi: '--ek, --ak और --title दें' }],
  },
  'bad-key': {
    stage: 'protection',
    exit: 2,
    says: {
      en: 'A key or system title cannot be used for this message.',
      hi: 'दी गई कुंजी या सिस्टम टाइटल इस संदेश के काम का नहीं है।',
    },
    try: [checkBoth, checkTitles],
  },
  replay: {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message was sent before, or the counter of its sender was set back.',
      hi: 'यह संदेश पहले भी आ चुका है, या भेजने वाले का काउंटर पीछे चला गया है।',
    },
    try: [
      {
        en: 'was the meter replaced, or a recording played back?',
        hi: 'क्या मीटर बदला गया, या कोई रिकॉर्डिंग फिर चलाई गई?',
      },
      {
        en: 'if you know that the meter has lost its counter: cosem keys forget --received[ --entry {entry}], with the --counters FILE that it is read with',
        hi: 'अगर पक्का पता है कि मीटर का काउंटर खो गया है: cosem keys forget --received[ --entry {entry}], उसी --counters FILE के साथ जिससे मीटर पढ़ा जाता है',
      },
    ],
  },
  'not-protected': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The message came with less protection than was agreed: it is not trusted.',
      hi: 'संदेश तय सुरक्षा से कम सुरक्षा के साथ आया: उस पर भरोसा नहीं किया जाता।',
    },
    try: [
      {
        en: 'ask for the protection that the meter gives: --security',
        hi: 'वही सुरक्षा माँगें जो मीटर देता है: --security',
      },
    ],
  },
  'bad-challenge': {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The challenge of the meter is too short, too long or copied from ours: it proves nothing.',
      hi: 'मीटर का चैलेंज बहुत छोटा या बहुत लंबा है, या हमारे ही चैलेंज से बना है: इससे कुछ सिद्ध नहीं होता।',
    },
    try: [
      {
        en: 'is this the meter itself, and not an echo of the line?',
        hi: 'क्या यह मीटर ही है, लाइन की गूँज तो नहीं?',
      },
    ],
  },
  'bad-signature': {
    stage: 'protection',
    exit: 5,
    says: { en: 'The digital signature is wrong.', hi: 'डिजिटल हस्ताक्षर सही नहीं है।' },
    try: [{ en: 'is it the certificate of the sender?', hi: 'क्या प्रमाणपत्र भेजने वाले का ही है?' }],
  },
  'bad-certificate': {
    stage: 'protection',
    exit: 5,
    says: { en: 'The certificate is not accepted.', hi: 'प्रमाणपत्र स्वीकार नहीं हुआ।' },
    try: [
      {
        en: 'is it the certificate of this meter, still valid, and signed by an authority that you trust?',
        hi: 'क्या यह इसी मीटर का प्रमाणपत्र है, अभी मान्य है, और ऐसे प्राधिकारी का हस्ताक्षर है जिस पर आपको भरोसा है?',
      },
    ],
  },
  'bad-key-wrap': {
    stage: 'protection',
    exit: 5,
    says: { en: 'The check of a wrapped key fails.', hi: 'लपेटी हुई कुंजी जाँच में सही नहीं निकली।' },
    try: [
      { en: 'was it wrapped under another master key (KEK)?', hi: 'क्या वह किसी दूसरी मास्टर कुंजी (KEK) से लपेटी गई थी?' },
    ],
  },
  'counter-exhausted': {
    stage: 'protection',
    exit: 2,
    says: {
      en: 'The invocation counter of this key is used up: no message may be sent under it any more.',
      hi: 'इस कुंजी का इनवोकेशन काउंटर समाप्त हो गया है: इससे अब कोई संदेश नहीं भेजा जा सकता।',
    },
    try: [{ en: 'have the key changed: `cosem keys`', hi: 'कुंजी बदलवाएँ: `cosem keys`' }],
  },
  compressed: {
    stage: 'protection',
    exit: 5,
    says: {
      en: 'The content is compressed (V.44), which is not supported.',
      hi: 'संदेश संपीड़ित (V.44) है, जिसे यह प्रोग्राम नहीं खोलता।',
    },
    try: [{ en: 'switch compression off in the meter', hi: 'मीटर में संपीड़न बंद करें' }],
  },
} as const satisfies Record<SecurityReason, Cause>;
