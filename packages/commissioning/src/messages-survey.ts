/** Texts of the survey and of taking it up, in English and Hindi. */

/** Why a step of a survey, or taking one up, was refused. */
export const surveyRefusals = {
  'survey-meter-differs': {
    en: 'The order expects {expected|word}, and you found {found|word}. Look again; if it is so, explain it in writing.',
    hi: 'आदेश के अनुसार {expected|word} होना चाहिए, और आपको {found|word} मिला। फिर देखें; यदि ऐसा ही है तो लिखित कारण दें।',
  },
  'network-code': {
    en: '{what|word}: this is no code. Write up to 32 letters, digits and . _ / - without blanks, as on the plate.',
    hi: '{what|word}: यह कोड नहीं है। प्लेट के अनुसार अधिकतम 32 अक्षर, अंक और . _ / - बिना खाली जगह लिखें।',
  },
  'serial-form': {
    en: 'This is no serial number. Write the 4 to 24 letters and digits of the name plate.',
    hi: 'यह क्रम संख्या नहीं है। नेम प्लेट के 4 से 24 अक्षर और अंक लिखें।',
  },
  'reading-below-survey': {
    en: 'The final reading is {reading} kWh, and the survey of {at|date} read {before} kWh. Read again; if it is so, explain it in writing.',
    hi: 'अंतिम रीडिंग {reading} kWh है, और {at|date} के सर्वेक्षण में {before} kWh थी। फिर पढ़ें; यदि ऐसा ही है तो लिखित कारण दें।',
  },
} as const;

export const surveyTexts = {
  'step-network': { en: 'Feeder, transformer, pole', hi: 'फ़ीडर, ट्रांसफ़ार्मर, पोल' },
  'step-position': { en: 'Position', hi: 'स्थान' },
  'label-feeder': { en: 'Feeder', hi: 'फ़ीडर' },
  'label-transformer': { en: 'Transformer', hi: 'ट्रांसफ़ार्मर' },
  'label-pole': { en: 'Pole', hi: 'पोल' },
  'label-position': { en: 'Position', hi: 'स्थान' },
  'label-make': { en: 'Make', hi: 'निर्माता' },
  'label-reading': { en: 'Reading', hi: 'रीडिंग' },
  'label-remark': { en: 'Remark', hi: 'टिप्पणी' },
  'label-order-meter': { en: 'this meter', hi: 'यही मीटर' },
  'label-other-meter': { en: 'another meter', hi: 'दूसरा मीटर' },
  'label-no-meter': { en: 'no meter', hi: 'कोई मीटर नहीं' },
  'ask-feeder': { en: 'Code of the feeder', hi: 'फ़ीडर का कोड' },
  'ask-transformer': { en: 'Code of the transformer', hi: 'ट्रांसफ़ार्मर का कोड' },
  'ask-pole': { en: 'Number of the pole', hi: 'पोल का नंबर' },
  'ask-survey-meter': { en: 'Is there an old meter?', hi: 'क्या पुराना मीटर लगा है?' },
  'ask-survey-make': {
    en: 'Its make (Enter where there is none)',
    hi: 'निर्माता (न लिखा हो तो एंटर दबाएँ)',
  },
  'ask-survey-state': { en: 'How is the old meter?', hi: 'पुराना मीटर कैसा है?' },
  'ask-survey-reading': { en: 'Its reading in kWh', hi: 'रीडिंग, kWh में' },
  'ask-survey-reading-if': {
    en: 'Its reading in kWh (Enter where none can be read)',
    hi: 'रीडिंग, kWh में (न पढ़ी जा सके तो एंटर दबाएँ)',
  },
  'ask-survey-seals': { en: 'And its seals?', hi: 'और उसकी सील?' },
  'ask-survey-remark': { en: 'A remark (Enter for none)', hi: 'टिप्पणी (न हो तो एंटर दबाएँ)' },
  'ask-survey-position': {
    en: 'Position as latitude, longitude, such as 26.8467, 80.9462 (Enter for none)',
    hi: 'स्थान: अक्षांश, देशांतर, जैसे 26.8467, 80.9462 (न हो तो एंटर दबाएँ)',
  },
  'meter-working': { en: 'working', hi: 'चालू' },
  'meter-stopped': { en: 'stopped', hi: 'बंद पड़ा' },
  'meter-burnt': { en: 'burnt', hi: 'जला हुआ' },
  'meter-unreadable': { en: 'cannot be read', hi: 'पढ़ा नहीं जा सकता' },
  'seals-intact': { en: 'intact', hi: 'सही' },
  'seals-broken': { en: 'broken', hi: 'टूटी हुई' },
  'seals-none': { en: 'none', hi: 'नहीं है' },
  'reading-none': { en: 'cannot be read', hi: 'पढ़ी नहीं जा सकी' },
  'survey-title': { en: 'Survey {order}', hi: 'सर्वेक्षण {order}' },
  'survey-certificate': { en: 'Certificate of survey', hi: 'सर्वेक्षण प्रमाण पत्र' },
  'survey-place': { en: 'Place of the connection', hi: 'कनेक्शन का स्थान' },
  'survey-no-meter': { en: 'there is none', hi: 'नहीं लगा है' },
  'survey-next-title': { en: 'What comes next', hi: 'आगे क्या होगा' },
  'survey-next-meter': {
    en: 'The new meter comes later. What was surveyed today is not asked again.',
    hi: 'नया मीटर बाद में लगेगा। आज जो दर्ज हुआ, वह दोबारा नहीं पूछा जाएगा।',
  },
  'survey-next-free': {
    en: 'Survey, meter and installation cost nothing. Pay nobody.',
    hi: 'सर्वेक्षण, मीटर और उसे लगाना निःशुल्क है। किसी को कोई पैसा न दें।',
  },
  'survey-next-otp': {
    en: 'Give an OTP to nobody who does not show a letter and an identity card.',
    hi: 'जो प्राधिकार पत्र और पहचान पत्र न दिखाए, उसे कोई ओटीपी न दें।',
  },
  'survey-done': {
    en: 'Survey {order} is finished and signed. The consumer waits for the new meter.',
    hi: 'सर्वेक्षण {order} पूरा हुआ और उस पर हस्ताक्षर हो गए। अब उपभोक्ता को नया मीटर मिलना बाकी है।',
  },
  'survey-resumed': {
    en: 'Going on with step {step|numbered}: {done} steps are done, and are not asked again.',
    hi: 'चरण {step|numbered} से आगे: {done} चरण पूरे हैं, वे दोबारा नहीं पूछे जाएँगे।',
  },
  'did-network': {
    en: 'Feeder {feeder}, transformer {transformer}, pole {pole}.',
    hi: 'फ़ीडर {feeder}, ट्रांसफ़ार्मर {transformer}, पोल {pole}।',
  },
  'did-surveyed-meter': {
    en: 'Old meter {serial}: {state|word}, {reading} kWh, seals {seals|word}.',
    hi: 'पुराना मीटर {serial}: {state|word}, {reading} kWh, सील {seals|word}।',
  },
  'did-surveyed-unread': {
    en: 'Old meter {serial}: {state|word}, no reading, seals {seals|word}.',
    hi: 'पुराना मीटर {serial}: {state|word}, रीडिंग नहीं, सील {seals|word}।',
  },
  'did-position': { en: 'Position {position}.', hi: 'स्थान {position}।' },
  'did-no-position': { en: 'Without a position.', hi: 'स्थान दर्ज नहीं किया गया।' },
  'survey-signed': { en: 'Record {sequence} is signed.', hi: 'अभिलेख {sequence} पर हस्ताक्षर हो गए।' },
  'survey-taken': {
    en: 'Survey {order} of {at|date} by {by} is taken up: what it says is not asked again.',
    hi: '{by} का {at|date} का सर्वेक्षण {order} लिया गया: उसमें दर्ज बातें दोबारा नहीं पूछी जाएँगी।',
  },
  'surveyed-before': { en: 'Surveyed', hi: 'सर्वेक्षण' },
  'survey-not-altered': {
    en: 'Survey {order} is not taken up: it was changed after it was signed. Everything is asked. Report it to the utility.',
    hi: 'सर्वेक्षण {order} नहीं लिया गया: हस्ताक्षर के बाद उसे बदला गया है। सब कुछ पूछा जाएगा। बिजली कंपनी को सूचना दें।',
  },
  'survey-not-known': {
    en: 'Survey {order} is not taken up: nobody here trusts its signature. Everything is asked.',
    hi: 'सर्वेक्षण {order} नहीं लिया गया: उसके हस्ताक्षर यहाँ मान्य नहीं हैं। सब कुछ पूछा जाएगा।',
  },
  'survey-not-same': {
    en: 'Survey {order} is not taken up: name, address or mobile of the consumer are others now. Everything is asked.',
    hi: 'सर्वेक्षण {order} नहीं लिया गया: उपभोक्ता का नाम, पता या मोबाइल बदल गया है। सब कुछ पूछा जाएगा।',
  },
  'survey-not-recent': {
    en: 'Survey {order} of {at|date} is not taken up: it is older than {days} days. Everything is asked.',
    hi: '{at|date} का सर्वेक्षण {order} नहीं लिया गया: वह {days} दिन से पुराना है। सब कुछ पूछा जाएगा।',
  },
  'index-waiting': { en: 'Surveyed, waiting for a meter', hi: 'सर्वेक्षण हो चुका, मीटर बाकी' },
} as const;
