/** Why a step was not done, and what to do about it, in English and Hindi. */

export const refusals = {
  // ---- the work order and the order of steps
  'order-expired': {
    en: 'Work order {order} was valid until {until|date}. Ask the utility for a new one.',
    hi: 'कार्य आदेश {order} केवल {until|date} तक मान्य था। बिजली कंपनी से नया आदेश लें।',
  },
  'order-changed': {
    en: 'Work order {order} was changed after work on it began. Put back the order as it was, or give the new one another id.',
    hi: 'काम शुरू होने के बाद कार्य आदेश {order} बदला गया है। पुराना आदेश वापस रखें, या नए आदेश को दूसरी पहचान दें।',
  },
  'step-out-of-order': {
    en: 'Step {step|step} cannot be done yet: {next|step} comes first.',
    hi: 'चरण {step|step} अभी नहीं किया जा सकता: पहले {next|step} पूरा करें।',
  },
  'step-not-skippable': {
    en: "The utility's policy does not let step {step|step} be skipped.",
    hi: 'बिजली कंपनी के नियम चरण {step|step} को छोड़ने की अनुमति नहीं देते।',
  },
  'reason-too-short': {
    en: 'The reason is too short: write at least {least} characters that others will understand.',
    hi: 'कारण बहुत छोटा है: कम से कम {least} अक्षरों में ऐसा लिखें कि दूसरे समझ सकें।',
  },
  // ---- 1 installer
  'letter-missing': {
    en: 'The number of the authorisation letter is missing. Without a letter no meter is installed.',
    hi: 'प्राधिकार पत्र की संख्या नहीं दी गई। पत्र के बिना मीटर नहीं लगाया जाता।',
  },
  'letter-expired': {
    en: 'The authorisation letter {letter} was valid until {until|date}. Ask the utility to renew it before you go on.',
    hi: 'प्राधिकार पत्र {letter} {until|date} तक ही मान्य था। आगे बढ़ने से पहले बिजली कंपनी से इसका नवीनीकरण कराएँ।',
  },
  'date-impossible': {
    en: 'The last day of the letter is no date. Write day, month and year: 31-12-2026.',
    hi: 'पत्र की मान्यता का अंतिम दिन सही तारीख़ नहीं है। दिन, महीना और वर्ष लिखें: 31-12-2026।',
  },
  'card-not-shown': {
    en: 'Show the consumer your identity card first.',
    hi: 'पहले उपभोक्ता को अपना पहचान पत्र दिखाएँ।',
  },
  'installer-not-signer': {
    en: 'The signing key of this folder belongs to {owner}, not to {name}. Give the name {owner}, or work in a folder with your own key (cosem commission init).',
    hi: 'इस फ़ोल्डर की हस्ताक्षर कुंजी {owner} की है, {name} की नहीं। नाम {owner} लिखें, या अपनी कुंजी वाले फ़ोल्डर में काम करें (cosem commission init)।',
  },
  'installer-missing': {
    en: 'Name and identification of the installer are missing.',
    hi: 'मीटर लगाने वाले का नाम और पहचान संख्या नहीं दी गई।',
  },
  // ---- 2 consumer
  'otp-wrong': {
    en: 'The OTP is wrong. Ask the consumer to read the six digits again. Tries left: {left}.',
    hi: 'ओटीपी गलत है। उपभोक्ता से छह अंक फिर पढ़ने को कहें; {left} प्रयास बचे हैं।',
  },
  'otp-expired': {
    en: 'The OTP has expired. Have a new one sent, or ask the utility for a new work order.',
    hi: 'ओटीपी की अवधि समाप्त हो गई है। नया ओटीपी भिजवाएँ, या बिजली कंपनी से नया कार्य आदेश लें।',
  },
  'otp-used': {
    en: 'This OTP has been used already; each serves once. Tries left: {left}.',
    hi: 'यह ओटीपी पहले ही उपयोग हो चुका है; हर ओटीपी एक बार ही चलता है। {left} प्रयास बचे हैं।',
  },
  'otp-locked': {
    en: 'Five wrong OTPs: the verification is locked. Nothing was installed. Ask the utility for a new work order.',
    hi: 'पाँच बार गलत ओटीपी: सत्यापन बंद कर दिया गया है। कुछ भी स्थापित नहीं हुआ। बिजली कंपनी से नया कार्य आदेश लें।',
  },
  'otp-rate-limited': {
    en: 'Too fast. Try again after {at|moment}.',
    hi: 'बहुत जल्दी। {at|moment} के बाद फिर प्रयास करें।',
  },
  'otp-not-provisioned': {
    en: 'This work order brought no OTP that can be checked without a network. Go where there is a network, or ask the utility for a new order.',
    hi: 'इस कार्य आदेश में बिना नेटवर्क जाँचा जा सकने वाला ओटीपी नहीं है। जहाँ नेटवर्क हो वहाँ जाएँ, या बिजली कंपनी से नया आदेश लें।',
  },
  'otp-no-network': {
    en: "There is no network: the utility's service was not reached. Nothing is lost; try again where there is one.",
    hi: 'नेटवर्क नहीं है: बिजली कंपनी की सेवा तक नहीं पहुँचा जा सका। कुछ भी खोया नहीं; जहाँ नेटवर्क हो वहाँ फिर प्रयास करें।',
  },
  'otp-expired-here': {
    en: 'The OTP has expired. Ask the utility for a new work order.',
    hi: 'ओटीपी की अवधि समाप्त हो गई है। बिजली कंपनी से नया कार्य आदेश लें।',
  },
  'otp-unknown': {
    en: "The utility's service knows of no OTP for this order. Have a new one sent.",
    hi: 'बिजली कंपनी की सेवा के पास इस आदेश का कोई ओटीपी नहीं है। नया ओटीपी भिजवाएँ।',
  },
  'otp-service-down': {
    en: "The network is there, but the utility's service does not answer. Nothing is lost; try again in a minute, or call {helpline}.",
    hi: 'नेटवर्क है, पर बिजली कंपनी की सेवा उत्तर नहीं दे रही। कुछ भी खोया नहीं; एक मिनट बाद फिर प्रयास करें, या {helpline} पर फ़ोन करें।',
  },
  'otp-fell-back': {
    en: "The utility's service is not reached any more. Ask the consumer for the OTP that the utility gave beforehand: it is checked here.",
    hi: 'बिजली कंपनी की सेवा तक अब नहीं पहुँचा जा सका। उपभोक्ता से वह ओटीपी पूछें जो बिजली कंपनी ने पहले दिया था: वह यहीं जाँचा जाएगा।',
  },
  'otp-service-error': {
    en: "The utility's service answered with an error. Try again later, or call {helpline}.",
    hi: 'बिजली कंपनी की सेवा ने त्रुटि बताई। बाद में फिर प्रयास करें, या {helpline} पर फ़ोन करें।',
  },
  // ---- 3 documents
  'documents-too-few': {
    en: 'At least {least} documents are needed; {count} were given.',
    hi: 'कम से कम {least} दस्तावेज़ चाहिए; {count} दिए गए।',
  },
  'document-type': {
    en: "Document {number} is of a kind that the utility's policy does not take. It takes {types|documents}.",
    hi: 'दस्तावेज़ {number} ऐसा है जिसे बिजली कंपनी के नियम स्वीकार नहीं करते। स्वीकार्य: {types|documents}।',
  },
  'document-number': {
    en: 'The number of document {number} has fewer than four letters and digits.',
    hi: 'दस्तावेज़ {number} की संख्या में चार से कम अक्षर या अंक हैं।',
  },
  'document-form': {
    en: 'Document {number} has no number of its kind ({kind|documents}: {form|word}). Read it from the document again, digit by digit.',
    hi: 'दस्तावेज़ {number} की संख्या इस प्रकार की नहीं है ({kind|documents}: {form|word})। दस्तावेज़ से एक-एक अंक फिर पढ़ें।',
  },
  'document-seen': {
    en: 'Document {number} was already given by another consumer.',
    hi: 'दस्तावेज़ {number} पहले ही किसी दूसरे उपभोक्ता ने दिया है।',
  },
  // ---- 4 old meter
  'old-meter-missing': {
    en: 'The order names the old meter {serial}. Write down its serial number, final reading and condition.',
    hi: 'आदेश में पुराना मीटर {serial} लिखा है। उसकी क्रम संख्या, अंतिम रीडिंग और स्थिति लिखें।',
  },
  'old-meter-unexpected': {
    en: 'The order is for a new connection, without an old meter. If there is one, ask the utility for a new order.',
    hi: 'आदेश नए कनेक्शन का है, जिसमें पुराना मीटर नहीं है। यदि मीटर है तो बिजली कंपनी से नया आदेश लें।',
  },
  'old-meter-differs': {
    en: 'The old meter is {serial}, the order says {expected}. Are you at the right house? If so, explain the difference in writing.',
    hi: 'पुराना मीटर {serial} है, आदेश में {expected} लिखा है। क्या आप सही घर पर हैं? यदि हाँ, तो अंतर का कारण लिखित में बताएँ।',
  },
  'old-meter-unreadable': {
    en: 'The order has the old meter {expected}. That its number or reading cannot be read needs a reason in writing, such as: burnt, display dead. Is it the right house?',
    hi: 'आदेश में पुराना मीटर {expected} है। उसका नंबर या रीडिंग न पढ़ पाने का कारण लिखित में बताएँ, जैसे: जला हुआ, डिस्प्ले बंद। क्या घर सही है?',
  },
  'reading-impossible': {
    en: 'The final reading is no number of kWh. Write the digits of the register, such as 12345.6; - where they cannot be read.',
    hi: 'अंतिम रीडिंग kWh की संख्या नहीं है। रजिस्टर के अंक लिखें, जैसे 12345.6; न पढ़े जा सकें तो -।',
  },
  'condition-missing': {
    en: 'The condition of the old meter is missing. Write what you see: good, burnt, seal broken.',
    hi: 'पुराने मीटर की स्थिति नहीं लिखी गई। जो दिखे वह लिखें: ठीक, जला हुआ, सील टूटी।',
  },
  // ---- 5 new meter
  'wrong-meter': {
    en: 'This is meter {serial}, the order is for {expected}. Fetch the right meter; nothing was changed on this one.',
    hi: 'यह मीटर {serial} है, आदेश {expected} का है। सही मीटर लाएँ; इस मीटर में कुछ नहीं बदला गया।',
  },
  'meter-of-other-order': {
    en: 'Meter {serial} belongs to work order {order}. Were two meters swapped? Nothing was changed on this one.',
    hi: 'मीटर {serial} कार्य आदेश {order} का है। क्या दो मीटर आपस में बदल गए? इस मीटर में कुछ नहीं बदला गया।',
  },
  'serial-unreadable': {
    en: 'The meter does not tell a serial number. Take another meter and send this one back.',
    hi: 'मीटर अपनी क्रम संख्या नहीं बताता। दूसरा मीटर लें और इसे वापस भेजें।',
  },
  'wrong-category': {
    en: 'The meter is of category {category}, the order is for {expected}.',
    hi: 'मीटर की श्रेणी {category} है, आदेश {expected} का है।',
  },
  'wrong-firmware': {
    en: 'The meter has firmware {firmware}; the utility takes {expected}. Take another meter.',
    hi: 'मीटर का फ़र्मवेयर {firmware} है; बिजली कंपनी {expected} स्वीकार करती है। दूसरा मीटर लें।',
  },
  'duplicate-meter': {
    en: 'Meter {serial} already serves another consumer (work order {order}). A meter serves one consumer at a time.',
    hi: 'मीटर {serial} पहले से किसी दूसरे उपभोक्ता के यहाँ लगा है (कार्य आदेश {order})। एक मीटर एक समय में एक ही उपभोक्ता का होता है।',
  },
  'old-is-new': {
    en: 'Meter {serial} is the old meter of this order. Were the two serial numbers swapped?',
    hi: 'मीटर {serial} इसी आदेश का पुराना मीटर है। क्या दोनों क्रम संख्याएँ आपस में बदल गईं?',
  },
  'seals-too-few': {
    en: 'At least {least} seals are needed; {count} were given.',
    hi: 'कम से कम {least} सील चाहिए; {count} दी गईं।',
  },
  'seal-twice': {
    en: 'Seal {seal} was given twice or serves another meter.',
    hi: 'सील {seal} दो बार दी गई है या किसी दूसरे मीटर पर लगी है।',
  },
  // ---- 6 clock
  'clock-too-far': {
    en: "The meter's clock is {seconds|duration} {way|word}; the utility lets it be set by {limit|duration} at most. It was not changed. Check the laptop's clock, then take another meter.",
    hi: 'मीटर की घड़ी {seconds|duration} {way|word} है; बिजली कंपनी अधिकतम {limit|duration} का सुधार करने देती है। घड़ी नहीं बदली गई। लैपटॉप की घड़ी जाँचें, फिर दूसरा मीटर लें।',
  },
  'clock-unset': {
    en: "The meter's clock shows no time. It was not changed. Take another meter.",
    hi: 'मीटर की घड़ी समय नहीं दिखाती। घड़ी नहीं बदली गई। दूसरा मीटर लें।',
  },
  'clock-not-taken': {
    en: "The meter's clock was set but is still {seconds|duration} off. Take another meter.",
    hi: 'मीटर की घड़ी मिलाई गई पर अब भी {seconds|duration} का अंतर है। दूसरा मीटर लें।',
  },
  // ---- 7 relay
  'no-load': {
    en: 'No current flows. Ask the consumer to switch on a lamp, so that the test proves something.',
    hi: 'करंट नहीं बह रहा। उपभोक्ता से एक बल्ब जलाने को कहें, ताकि जाँच का अर्थ हो।',
  },
  'relay-stuck': {
    en: 'The relay does not open: the supply stayed on. Take another meter.',
    hi: 'रिले नहीं खुलता: बिजली चालू रही। दूसरा मीटर लें।',
  },
  'relay-unsure': {
    en: 'The relay was told to open, and its contacts have not followed: they may yet. Run this step again: it closes the relay first.',
    hi: 'रिले को खुलने का आदेश दिया गया, पर उसके संपर्क अभी नहीं खुले: वे अब भी खुल सकते हैं। यह चरण फिर चलाएँ: वह पहले रिले जोड़ेगा।',
  },
  'relay-leaks': {
    en: 'The relay says open, but {current} A still flow. The supply is on again. Take another meter.',
    hi: 'रिले खुला बताता है, पर {current} A करंट अब भी बह रहा है। बिजली फिर चालू है। दूसरा मीटर लें।',
  },
  'relay-stays-open': {
    en: 'The relay does not close: THE SUPPLY IS OFF. Press the button on the meter and run this step again; if it stays off, call {helpline}.',
    hi: 'रिले नहीं जुड़ता: बिजली बंद है। मीटर का बटन दबाएँ और यह चरण फिर चलाएँ; यदि बिजली न आए तो {helpline} पर फ़ोन करें।',
  },
  'no-voltage': {
    en: 'The relay is closed, but the meter measures {voltage} V. Check the connection at the terminals.',
    hi: 'रिले जुड़ा है, पर मीटर {voltage} V ही मापता है। टर्मिनलों का कनेक्शन जाँचें।',
  },
  // ---- 8 readings
  'energy-unreadable': {
    en: 'The meter does not tell its register {register}. Take another meter.',
    hi: 'मीटर अपना रजिस्टर {register} नहीं बताता। दूसरा मीटर लें।',
  },
  'start-reading-high': {
    en: 'The new meter has already counted {reading} kWh; the utility takes at most {limit} kWh.',
    hi: 'नया मीटर पहले ही {reading} kWh गिन चुका है; बिजली कंपनी अधिकतम {limit} kWh स्वीकार करती है।',
  },
  // ---- 9 events
  cover: {
    en: 'The meter cover was opened ({when|date}). Do not use this meter: send it back.',
    hi: 'मीटर का ढक्कन खोला गया था ({when|date})। यह मीटर न लगाएँ: इसे वापस भेजें।',
  },
  magnet: {
    en: 'A magnet was near the meter ({when|date}). Explain it in writing, or take another meter.',
    hi: 'मीटर के पास चुंबक था ({when|date})। लिखित में कारण बताएँ, या दूसरा मीटर लें।',
  },
  neutral: {
    en: 'The neutral was disturbed ({when|date}). Check the connection, explain it in writing, or take another meter.',
    hi: 'न्यूट्रल में गड़बड़ी थी ({when|date})। कनेक्शन जाँचें, लिखित में कारण बताएँ, या दूसरा मीटर लें।',
  },
  'events-unreadable': {
    en: 'Neither status word nor event logs of the meter can be read. Take another meter.',
    hi: 'मीटर का न स्टेटस वर्ड पढ़ा जा सका, न घटना लॉग। दूसरा मीटर लें।',
  },
  // ---- 10 consumer index
  'swapped-meter': {
    en: 'The index has meter {serial} at this consumer and this one at the other: the serial numbers are swapped.',
    hi: 'इंडेक्स में मीटर {serial} इस उपभोक्ता के यहाँ है और यह मीटर दूसरे के यहाँ: क्रम संख्याएँ आपस में बदल गई हैं।',
  },
  'consumer-served': {
    en: 'This consumer already has meter {serial}. End its service first, with its final reading.',
    hi: 'इस उपभोक्ता के यहाँ पहले से मीटर {serial} है। पहले अंतिम रीडिंग के साथ उसे हटाएँ।',
  },
  'order-indexed': {
    en: 'Work order {order} is in the index already, with other values. Enter a correction with its reason.',
    hi: 'कार्य आदेश {order} पहले से इंडेक्स में है, पर दूसरे मानों के साथ। कारण सहित सुधार दर्ज करें।',
  },
  'value-impossible': {
    en: '{field} is impossible: {reason}.',
    hi: '{field} संभव नहीं है ({reason})।',
  },
  'position-missing': {
    en: 'The position is missing: write latitude and longitude in degrees.',
    hi: 'स्थान नहीं दिया गया: अक्षांश और देशांतर अंशों में लिखें।',
  },
  // ---- anywhere
  'disk-full': {
    en: 'The disk is full. Free some space and go on: everything up to the step before is kept.',
    hi: 'डिस्क भर गई है। कुछ जगह खाली करें और आगे बढ़ें: पिछले चरण तक सब सुरक्षित है।',
  },
  'disk-full-supply-off': {
    en: 'The disk is full, and the supply may be off. Free some space and run this step again at once: it closes the relay first.',
    hi: 'डिस्क भर गई है, और बिजली बंद हो सकती है। कुछ जगह खाली करें और यह चरण तुरंत फिर चलाएँ: वह पहले रिले जोड़ेगा।',
  },
  'storage-failed': {
    en: 'The folder cannot be written: {reason}. Everything up to the step before is kept.',
    hi: 'फ़ोल्डर में लिखा नहीं जा सका: {reason}। पिछले चरण तक सब सुरक्षित है।',
  },
  'probe-lost': {
    en: 'The meter no longer answers. Put the probe back and run this step again.',
    hi: 'मीटर उत्तर नहीं दे रहा। प्रोब वापस लगाएँ और यह चरण फिर चलाएँ।',
  },
  'probe-lost-supply-off': {
    en: 'The meter no longer answers, and THE SUPPLY MAY BE OFF. Put the probe back and run this step again: it closes the relay first.',
    hi: 'मीटर उत्तर नहीं दे रहा, और बिजली बंद हो सकती है। प्रोब वापस लगाएँ और यह चरण फिर चलाएँ: वह पहले रिले जोड़ेगा।',
  },
  'meter-refused': {
    en: 'The meter refused: {what}. Does the connection of the order have the rights of the utility?',
    hi: 'मीटर ने मना किया: {what}। क्या आदेश के कनेक्शन के पास बिजली कंपनी के अधिकार हैं?',
  },
  'meter-garbled': {
    en: 'The meter gave an impossible answer: {what}. Run the step again; if the answer stays impossible, take another meter.',
    hi: 'मीटर का उत्तर समझ में नहीं आया: {what}। चरण फिर चलाएँ; यदि ऐसा ही रहे तो दूसरा मीटर लें।',
  },
} as const;
