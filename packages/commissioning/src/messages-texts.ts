/** All messages but refusals and prompts: titles, promises, instructions. English and Hindi. */

export const texts = {
  'step-installer': { en: 'Installer', hi: 'मीटर लगाने वाला' },
  'step-consumer': { en: 'Consumer verification', hi: 'उपभोक्ता सत्यापन' },
  'step-documents': { en: 'Documents', hi: 'दस्तावेज़' },
  'step-old-meter': { en: 'Old meter', hi: 'पुराना मीटर' },
  'step-new-meter': { en: 'New meter', hi: 'नया मीटर' },
  'step-clock': { en: 'Clock', hi: 'घड़ी' },
  'step-relay': { en: 'Relay', hi: 'रिले' },
  'step-readings': { en: 'Start readings', hi: 'आरंभिक रीडिंग' },
  'step-events': { en: 'Events', hi: 'घटनाएँ' },
  'step-index': { en: 'Consumer index', hi: 'उपभोक्ता इंडेक्स' },
  'step-certificate': { en: 'Certificate', hi: 'प्रमाण पत्र' },
  'outcome-open': { en: 'open', hi: 'बाकी' },
  'outcome-done': { en: 'done', hi: 'पूरा' },
  'outcome-skipped': { en: 'skipped', hi: 'छोड़ा गया' },
  'outcome-failed': { en: 'failed', hi: 'असफल' },
  free: {
    en: 'The meter and its installation are free of charge. Pay nobody.',
    hi: 'मीटर और उसे लगाना निःशुल्क है। किसी को कोई पैसा न दें।',
  },
  helpline: { en: 'Complaints: call {helpline}.', hi: 'शिकायत के लिए {helpline} पर फ़ोन करें।' },
  'show-papers': {
    en: 'Show the consumer your authorisation letter and your identity card.',
    hi: 'उपभोक्ता को अपना प्राधिकार पत्र और पहचान पत्र दिखाएँ।',
  },
  'otp-ask': {
    en: 'A 6-digit OTP goes to the registered mobile ******{last4}. Ask the consumer for it; the meter is free, the OTP is for this alone.',
    hi: 'पंजीकृत मोबाइल ******{last4} पर 6 अंकों का ओटीपी भेजा जाता है। उपभोक्ता से ओटीपी पूछें; मीटर निःशुल्क है, ओटीपी केवल इसी के लिए है।',
  },
  'otp-sent': { en: 'The OTP was sent to ******{last4}.', hi: 'ओटीपी ******{last4} पर भेज दिया गया है।' },
  'otp-offline': {
    en: 'No network is needed: the consumer has the OTP from the utility.',
    hi: 'नेटवर्क की आवश्यकता नहीं: उपभोक्ता के पास बिजली कंपनी का ओटीपी है।',
  },
  'otp-verified': { en: 'The consumer is verified.', hi: 'उपभोक्ता का सत्यापन हो गया।' },
  'relay-warn': {
    en: 'The supply will be off for a few seconds. Tell the consumer, and look that nobody is at risk.',
    hi: 'बिजली कुछ सेकंड के लिए बंद होगी। उपभोक्ता को बताएँ, और देखें कि किसी को ख़तरा न हो।',
  },
  'relay-opening': { en: 'The relay opens.', hi: 'रिले खुल रहा है।' },
  'relay-closing': { en: 'The relay closes.', hi: 'रिले जुड़ रहा है।' },
  'relay-button': { en: 'Press the button on the meter now.', hi: 'अब मीटर का बटन दबाएँ।' },
  'relay-tested': { en: 'The relay opens and closes.', hi: 'रिले खुलता और जुड़ता है।' },
  'clock-good': { en: 'The clock is right ({seconds|duration} off).', hi: 'घड़ी सही है (अंतर {seconds|duration})।' },
  'clock-set': {
    en: 'The clock was {seconds|duration} off and was set.',
    hi: 'घड़ी में {seconds|duration} का अंतर था, मिला दी गई।',
  },
  'document-aadhaar': { en: 'Aadhaar', hi: 'आधार' },
  'document-pan': { en: 'PAN', hi: 'पैन (PAN)' },
  'document-voter-card': { en: 'voter identity card (EPIC)', hi: 'मतदाता पहचान पत्र (EPIC)' },
  'document-driving-licence': { en: 'driving licence', hi: 'ड्राइविंग लाइसेंस' },
  'form-aadhaar': { en: 'twelve digits', hi: 'बारह अंक' },
  'form-pan': { en: 'five letters, four digits, one letter', hi: 'पाँच अक्षर, चार अंक, एक अक्षर' },
  'form-voter-card': { en: 'three letters, seven digits', hi: 'तीन अक्षर, सात अंक' },
  'form-driving-licence': {
    en: 'two letters of the state, two digits of the office, the year, seven digits',
    hi: 'राज्य के दो अक्षर, कार्यालय के दो अंक, वर्ष, सात अंक',
  },
  ahead: { en: 'ahead', hi: 'आगे' },
  behind: { en: 'behind', hi: 'पीछे' },
  'record-valid': {
    en: 'Valid: signed by {signer} and not altered.',
    hi: 'मान्य: {signer} द्वारा हस्ताक्षरित, कोई बदलाव नहीं।',
  },
  'record-altered': { en: 'Altered: it is not what was signed.', hi: 'बदला हुआ: यह वह नहीं है जिस पर हस्ताक्षर हुए थे।' },
  'record-unknown-signer': {
    en: 'Unknown signer: the signature is right, but its key {key} is not trusted here.',
    hi: 'अज्ञात हस्ताक्षरकर्ता: हस्ताक्षर सही है, पर उसकी कुंजी {key} यहाँ विश्वसनीय नहीं है।',
  },
  'not-readable': { en: 'not readable', hi: 'पढ़ा नहीं जा सका' },
  'demo-condition': { en: 'good, seal intact', hi: 'ठीक है, सील सही है' },
  'demo-folder': { en: 'A fresh folder: {folder}', hi: 'नया फ़ोल्डर: {folder}' },
  'demo-parts': {
    en: 'A virtual prepaid meter of IS 15959, {meter}, waits to be installed; a test service sends OTPs and takes records.',
    hi: 'IS 15959 का एक आभासी प्रीपेड मीटर, {meter}, लगाया जाना है; एक परीक्षण सेवा ओटीपी भेजती और अभिलेख लेती है।',
  },
  'demo-answers': {
    en: 'The installer’s answers come from this program; the OTP is shown to nobody.',
    hi: 'मीटर लगाने वाले के उत्तर यह प्रोग्राम देता है; ओटीपी किसी को नहीं दिखाया जाता।',
  },
  'demo-checked': { en: 'Checked as anybody can check it', hi: 'जाँच, जैसी कोई भी कर सकता है' },
  'demo-taken': {
    en: 'Records that the utility accepted: {count}.',
    hi: 'बिजली कंपनी द्वारा स्वीकार किए गए अभिलेख: {count}।',
  },
  'demo-look': { en: 'To look at the consumer index: {command}', hi: 'उपभोक्ता इंडेक्स देखने के लिए: {command}' },
  'order-done': { en: 'Work order {order} is done.', hi: 'कार्य आदेश {order} पूरा हुआ।' },
  'sync-later': {
    en: 'They are tried again after {at|moment}, or at once with --now.',
    hi: '{at|moment} के बाद फिर भेजे जाएँगे, या --now से तुरंत।',
  },
  'sync-refused': {
    en: 'The utility refused record {id}: somebody must look into it.',
    hi: 'बिजली कंपनी अभिलेख {id} नहीं लेती: किसी को देखना होगा।',
  },
  'sync-done': { en: 'Records sent: {sent}, waiting: {waiting}.', hi: 'भेजे गए अभिलेख: {sent}, प्रतीक्षा में: {waiting}।' },
  // ---- why the meter was not reached
  'supply-may-be-off': { en: 'THE SUPPLY MAY BE OFF.', hi: 'बिजली बंद हो सकती है।' },
  'again-closes-first': {
    en: 'Run this step again as soon as you can: it closes the relay first.',
    hi: 'जितनी जल्दी हो सके यह चरण फिर चलाएँ: वह पहले रिले जोड़ेगा।',
  },
  'settings-from': {
    en: 'keys, password, client and mechanism stand in {config}, connection {connection}: have the utility correct them there',
    hi: 'कुंजियाँ, पासवर्ड, क्लाइंट और विधि {config} के connection {connection} में हैं: बिजली कंपनी से वहीं ठीक करवाएँ',
  },
  'garbled-again': {
    en: 'only if `cosem doctor` finds nothing and the answer stays impossible, take another meter',
    hi: 'दूसरा मीटर तभी लें जब `cosem doctor` को कुछ न मिले और उत्तर ऐसा ही रहे',
  },
} as const;
