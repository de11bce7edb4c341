/** The questions to the installer and the messages during the work, in English and Hindi. */

export const prompts = {
  // ---- the day and an order
  'day-empty': { en: 'There is no work order in {folder}.', hi: '{folder} में कोई कार्य आदेश नहीं है।' },
  'day-title': { en: 'Work orders', hi: 'कार्य आदेश' },
  'day-count': {
    en: '{done} done, {open} open, {failed} failed',
    hi: 'पूरे: {done}, बाकी: {open}, असफल: {failed}',
  },
  'day-unreadable': { en: '{count} unreadable', hi: 'पढ़े नहीं जा सके: {count}' },
  'order-title': { en: 'Work order {order}', hi: 'कार्य आदेश {order}' },
  'label-consumer': { en: 'Consumer', hi: 'उपभोक्ता' },
  'label-address': { en: 'Address', hi: 'पता' },
  'label-mobile': { en: 'Registered mobile', hi: 'पंजीकृत मोबाइल' },
  'label-load': { en: 'Sanctioned load', hi: 'स्वीकृत भार' },
  'label-network': { en: 'Feeder, transformer, pole', hi: 'फ़ीडर, ट्रांसफ़ॉर्मर, पोल' },
  'label-old-meter': { en: 'Old meter', hi: 'पुराना मीटर' },
  'label-new-meter': { en: 'New meter', hi: 'नया मीटर' },
  'label-none': { en: 'none: new connection', hi: 'नहीं: नया कनेक्शन' },
  'label-any': { en: 'any', hi: 'कोई भी' },
  resumed: {
    en: '{done} of 11 steps are done. It goes on with step {step|numbered}.',
    hi: '11 में से {done} चरण पूरे हैं। अब चरण {step|numbered}।',
  },
  // ---- questions
  'ask-order': { en: 'Which work order?', hi: 'कौन सा कार्य आदेश?' },
  'ask-order-none': { en: 'none, stop here', hi: 'कोई नहीं, यहीं रुकें' },
  'ask-passphrase': { en: 'Passphrase of the keys', hi: 'कुंजियों का पासवर्ड' },
  'passphrase-wrong': {
    en: 'That passphrase does not open the keys. Type it again; Ctrl-C stops.',
    hi: 'इस पासवर्ड से कुंजियाँ नहीं खुलतीं। फिर लिखें; रुकने के लिए Ctrl-C दबाएँ।',
  },
  'ask-installer-id': { en: 'Your employee number', hi: 'आपकी कर्मचारी संख्या' },
  'ask-installer-name': { en: 'Your name', hi: 'आपका नाम' },
  'ask-letter': { en: 'Number of your authorisation letter', hi: 'आपके प्राधिकार पत्र की संख्या' },
  'ask-letter-until': {
    en: 'Last day it is valid (day-month-year, such as 31-12-2026)',
    hi: 'पत्र की मान्यता का अंतिम दिन (दिन-महीना-वर्ष, जैसे 31-12-2026)',
  },
  'ask-card': {
    en: 'Did you show the consumer your letter and identity card?',
    hi: 'क्या आपने उपभोक्ता को अपना पत्र और पहचान पत्र दिखाया?',
  },
  'ask-otp': { en: 'OTP, six digits', hi: 'ओटीपी, छह अंक' },
  'otp-form': {
    en: 'The OTP has six digits. Ask the consumer to read them again.',
    hi: 'ओटीपी में छह अंक होते हैं। उपभोक्ता से फिर पढ़ने को कहें।',
  },
  'ask-document-type': {
    en: 'Document {number}: which kind?',
    hi: 'दस्तावेज़ {number}: किस प्रकार का?',
  },
  'document-other': { en: 'another kind', hi: 'दूसरा प्रकार' },
  'ask-document-other': { en: 'Which one?', hi: 'कौन सा?' },
  'ask-document-number': {
    en: 'Its number (only the last four characters are kept)',
    hi: 'उसकी संख्या (केवल अंतिम चार अक्षर रखे जाते हैं)',
  },
  'ask-document-more': { en: 'Another document?', hi: 'एक और दस्तावेज़?' },
  'ask-old-serial': {
    en: 'Serial number on the old meter (- if not readable)',
    hi: 'पुराने मीटर पर लिखी क्रम संख्या (न पढ़ी जा सके तो -)',
  },
  'ask-old-reading': {
    en: 'Its final reading in kWh (- if not readable)',
    hi: 'उसकी अंतिम रीडिंग, kWh में (न पढ़ी जा सके तो -)',
  },
  'ask-old-condition': {
    en: 'Its condition (good, burnt, seal broken …)',
    hi: 'उसकी स्थिति (ठीक, जला हुआ, सील टूटी …)',
  },
  'old-meter-none': {
    en: 'New connection: there is no old meter.',
    hi: 'नया कनेक्शन: पुराना मीटर नहीं है।',
  },
  'ask-seal': { en: 'Seal {number}', hi: 'सील {number}' },
  'ask-seal-more': { en: 'Seal {number} (empty: no more)', hi: 'सील {number} (और नहीं हो तो खाली छोड़ें)' },
  'ask-probe': {
    en: 'Put the probe on the new meter. Is it on?',
    hi: 'प्रोब नए मीटर पर लगाएँ। लग गया?',
  },
  'ask-supply': {
    en: 'Does the consumer know, and may the supply go off now?',
    hi: 'क्या उपभोक्ता को बता दिया है, और क्या अब बिजली बंद की जा सकती है?',
  },
  'ask-explanation': {
    en: 'Your explanation (it goes into the record)',
    hi: 'आपका स्पष्टीकरण (यह अभिलेख में लिखा जाएगा)',
  },
  'ask-position': {
    en: 'Where is the meter? Latitude, longitude in degrees (such as 26.8467, 80.9462)',
    hi: 'मीटर कहाँ है? अक्षांश, देशांतर अंशों में (जैसे 26.8467, 80.9462)',
  },
  'position-form': {
    en: 'Write two numbers with a comma between them, such as 26.8467, 80.9462.',
    hi: 'दो संख्याएँ बीच में अल्पविराम के साथ लिखें, जैसे 26.8467, 80.9462।',
  },
  needed: { en: 'This is needed.', hi: 'यह आवश्यक है।' },
  yes: { en: 'Yes', hi: 'हाँ' },
  no: { en: 'No', hi: 'नहीं' },
  // ---- after a refusal
  'ask-what-now': { en: 'What now?', hi: 'अब क्या करें?' },
  'now-again': { en: 'Do this step again', hi: 'यह चरण फिर करें' },
  'now-resend': { en: 'Have a new OTP sent', hi: 'नया ओटीपी भिजवाएँ' },
  'now-explain': { en: 'Explain it in writing', hi: 'लिखित में कारण बताएँ' },
  'now-skip': { en: 'Skip this step, with a reason', hi: 'कारण लिखकर यह चरण छोड़ें' },
  'now-stop': { en: 'Stop here; go on later', hi: 'यहीं रुकें; बाद में आगे बढ़ें' },
  'ask-reason': { en: 'Why is it skipped?', hi: 'यह चरण क्यों छोड़ा जा रहा है?' },
  'waiting-until': { en: 'Waiting until {at|moment}.', hi: '{at|moment} तक प्रतीक्षा।' },
  'supply-again': {
    en: 'Trying again to bring the supply back.',
    hi: 'बिजली वापस लाने का फिर प्रयास हो रहा है।',
  },
  'relay-first': {
    en: 'The relay test ends first, so that the supply is on.',
    hi: 'पहले रिले जाँच पूरी होगी, ताकि बिजली चालू रहे।',
  },
  stopped: {
    en: 'Stopped at step {step|step}. Everything before is kept. Go on with: {command}',
    hi: 'चरण {step|step} पर रुके। इससे पहले का सब सुरक्षित है। आगे बढ़ने के लिए: {command}',
  },
  // ---- what is going on
  'doing-open': { en: 'opening the folder', hi: 'फ़ोल्डर खोला जा रहा है' },
  'doing-new-meter': { en: 'reading the name plate', hi: 'नेम प्लेट पढ़ी जा रही है' },
  'doing-clock': { en: 'comparing the clock', hi: 'घड़ी मिलाई जा रही है' },
  'doing-relay': { en: 'looking at the relay', hi: 'रिले देखा जा रहा है' },
  'doing-readings': { en: 'reading the registers', hi: 'रजिस्टर पढ़े जा रहे हैं' },
  'doing-events': { en: 'reading status word and event logs', hi: 'स्टेटस वर्ड और घटना लॉग पढ़े जा रहे हैं' },
  'doing-certificate': { en: 'signing and drawing the certificate', hi: 'प्रमाण पत्र पर हस्ताक्षर हो रहे हैं' },
  'doing-code': { en: 'asking for an OTP', hi: 'ओटीपी माँगा जा रहा है' },
  'doing-consumer': { en: 'checking the OTP', hi: 'ओटीपी जाँचा जा रहा है' },
  // ---- what came of it
  'did-installer': {
    en: '{name} ({id}), letter {letter}, valid until {until|date}.',
    hi: '{name} ({id}), पत्र {letter}, {until|date} तक मान्य।',
  },
  'did-documents': {
    en: '{count} noted: kind and last four characters, no number.',
    hi: '{count} दर्ज: प्रकार और अंतिम चार अक्षर, पूरी संख्या नहीं।',
  },
  'did-document-seen': {
    en: 'Noted: document {number} was given by another consumer too.',
    hi: 'ध्यान दें: दस्तावेज़ {number} किसी दूसरे उपभोक्ता ने भी दिया है।',
  },
  'did-old-meter': { en: '{serial}: {reading} kWh, {condition}.', hi: '{serial}: {reading} kWh, {condition}।' },
  'did-new-meter': { en: 'Meter {serial}{about}; seals {seals}.', hi: 'मीटर {serial}{about}; सील {seals}।' },
  'did-relay-load': {
    en: '{before} before, {open} while open, {after} after.',
    hi: 'पहले {before}, खुला रहने पर {open}, बाद में {after}।',
  },
  'did-relay-times': { en: 'The supply was {times}.', hi: 'बिजली {times}।' },
  'did-relay-resumed': {
    en: 'The test was interrupted and taken up again; the supply is on.',
    hi: 'जाँच बीच में रुकी थी और फिर पूरी की गई; बिजली चालू है।',
  },
  'did-readings': { en: 'At {time|date} by the meter’s clock:', hi: 'मीटर की घड़ी के अनुसार {time|date}:' },
  'events-clean': { en: 'Nothing has happened to the meter.', hi: 'मीटर के साथ कोई छेड़छाड़ नहीं हुई।' },
  'events-explained': { en: 'Found and explained: {what}.', hi: 'पाया गया और समझाया गया: {what}।' },
  'events-unread': { en: 'Logs that the meter did not show: {logs}.', hi: 'लॉग जो मीटर ने नहीं दिखाए: {logs}।' },
  'did-index': { en: 'Row {row} of the consumer index.', hi: 'उपभोक्ता इंडेक्स की पंक्ति {row}।' },
  'did-certificate': {
    en: 'Record {sequence}, signed. Give the consumer the certificate:',
    hi: 'अभिलेख {sequence}, हस्ताक्षरित। उपभोक्ता को प्रमाण पत्र दें:',
  },
  'did-skip': { en: 'Skipped: {reason}', hi: 'छोड़ा गया: {reason}' },
  'see-usage': {
    en: 'From now on the consumer can see usage and balance at any time.',
    hi: 'अब उपभोक्ता किसी भी समय अपनी खपत और शेष राशि देख सकता है।',
  },
} as const;
