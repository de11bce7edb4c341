/** What is shown and answered by `init`, `index`, `verify` and `sync`, in English and Hindi. */

export const views = {
  // ---- the folder and its files
  'folder-none': {
    en: '{folder} is no commissioning folder: it has no orders',
    hi: '{folder} मीटर लगाने का फ़ोल्डर नहीं है: उसमें orders नहीं है',
  },
  'folder-this': { en: 'this', hi: 'यह' },
  'folder-none-try': {
    en: 'say --folder FOLDER, or make one: cosem commission init FOLDER',
    hi: '--folder के साथ फ़ोल्डर बताएँ, या नया बनाएँ: `cosem commission init`',
  },
  'passphrase-nobody': {
    en: 'the keys of the folder are sealed by a passphrase, and nobody is here to be asked',
    hi: 'फ़ोल्डर की कुंजियाँ पासवर्ड से बंद हैं, और यहाँ पूछने के लिए कोई नहीं है',
  },
  'passphrase-nobody-try': {
    en: 'put it into the environment as COSEM_PASSPHRASE, or say --passphrase-file FILE',
    hi: 'पासवर्ड एनवायरनमेंट में COSEM_PASSPHRASE के नाम से रखें, या --passphrase-file से फ़ाइल बताएँ',
  },
  'file-unread': { en: '{file} cannot be read', hi: '{file} पढ़ी नहीं जा सकी' },
  'file-unread-why': { en: '{file} cannot be read: {reason}', hi: '{file} पढ़ी नहीं जा सकी ({code})' },
  'file-unread-try': { en: 'is {option} the right file?', hi: 'क्या {option} में सही फ़ाइल दी गई है?' },
  'document-faulty': { en: '{file} has not the right form', hi: '{file} की सामग्री सही नहीं है' },
  'document-fields': { en: 'wrong in {file}: {fields}', hi: '{file} में ये खाने सही नहीं हैं: {fields}' },
  'document-try': {
    en: 'mend the file, or ask the utility for it again',
    hi: 'फ़ाइल ठीक करें, या बिजली कंपनी से फिर लें',
  },
  // ---- commission
  'nobody-to-ask': {
    en: 'commissioning asks the installer, and nobody is here to be asked',
    hi: 'मीटर लगाने वाले से सवाल पूछे जाते हैं, और यहाँ उत्तर देने वाला कोई नहीं है',
  },
  'nobody-to-ask-try': {
    en: 'run it on a terminal, or add --answers FILE',
    hi: 'टर्मिनल पर चलाएँ, या --answers से उत्तरों की फ़ाइल दें',
  },
  'which-order': { en: 'which order: {one} or {other}?', hi: 'कौन सा आदेश: {one} या {other}?' },
  'which-order-try': { en: 'name one', hi: 'एक ही लिखें' },
  'answers-for': { en: '--answers are for which order?', hi: '--answers किस आदेश के लिए हैं?' },
  'answers-for-try': { en: 'add --order ID', hi: '--order के साथ आदेश की संख्या दें' },
  'order-none': { en: 'there is no work order {order} in {folder}', hi: '{folder} में कार्य आदेश {order} नहीं है' },
  'order-none-known': { en: 'it has {orders}', hi: 'उसमें ये हैं: {orders}' },
  'order-none-try': {
    en: 'put work orders into its folder orders',
    hi: 'कार्य आदेश उसके orders फ़ोल्डर में रखें',
  },
  'order-unread': {
    en: 'work order {order} cannot be read: {file}: {why}',
    hi: 'कार्य आदेश {order} पढ़ा नहीं जा सका: {file}: {why}',
  },
  'order-unread-try': {
    en: 'mend the file, or ask the utility for it again',
    hi: 'फ़ाइल ठीक करें, या बिजली कंपनी से फिर लें',
  },
  'file-problem': { en: '{field} {reason}: {fix}', hi: "'{field}' सही नहीं है" },
  // ---- init
  'init-name-missing': { en: 'whose keys are they?', hi: 'कुंजियाँ किसके नाम की होंगी?' },
  'init-name-missing-try': { en: 'add --name "YOUR NAME"', hi: '--name के साथ अपना नाम लिखें' },
  'init-ask-name': {
    en: 'Your name, as others shall see it on what you sign',
    hi: 'आपका नाम, जैसा आपके हस्ताक्षर किए काग़ज़ों पर दिखेगा',
  },
  'init-ask-passphrase': {
    en: 'A passphrase for the keys, eight characters or more',
    hi: 'कुंजियों के लिए पासवर्ड, कम से कम आठ अक्षर',
  },
  'init-passphrase-short': {
    en: 'Eight characters at least: take three or four words.',
    hi: 'कम से कम आठ अक्षर चाहिए: तीन-चार शब्द लें।',
  },
  'init-passphrase-again': { en: 'The same again', hi: 'वही पासवर्ड फिर लिखें' },
  'init-passphrase-other': { en: 'That is another one.', hi: 'यह वही पासवर्ड नहीं है।' },
  'init-making': { en: 'making keys', hi: 'कुंजियाँ बनाई जा रही हैं' },
  'init-ready': { en: '{folder} is ready.', hi: '{folder} तैयार है।' },
  'init-kept': {
    en: 'Its keys were there already and are kept.',
    hi: 'उसकी कुंजियाँ पहले से थीं, वही रखी गई हैं।',
  },
  'init-orders': { en: 'work orders, a JSON file each', hi: 'कार्य आदेश, हर एक की अपनी फ़ाइल' },
  'init-policy': { en: "the utility's rules", hi: 'बिजली कंपनी के नियम' },
  'init-keys': {
    en: 'the signing key, sealed by your passphrase: there is no way back without it',
    hi: 'हस्ताक्षर की कुंजी, आपके पासवर्ड से बंद: पासवर्ड भूल जाने पर वह फिर नहीं खुलेगी',
  },
  'init-trusted': { en: 'whose signatures count', hi: 'किसके हस्ताक्षर माने जाएँगे' },
  'init-sample': {
    en: 'A sample order for the virtual meter is in it. In another terminal:',
    hi: 'इसमें आभासी मीटर के लिए एक नमूना आदेश है। दूसरे टर्मिनल में चलाएँ:',
  },
  'init-sample-otp': {
    en: "The sample consumer's OTP, which is kept nowhere else: {otp}",
    hi: 'नमूना उपभोक्ता का ओटीपी, जो और कहीं नहीं रखा गया है: {otp}',
  },
  'init-then': { en: 'Then:', hi: 'फिर:' },
  'init-sms': {
    en: 'With an OTP by short message: {command}, and --verifier with what it prints.',
    hi: 'ओटीपी एसएमएस से मँगाना हो तो: {command}, और वह जो पता दिखाए उसे --verifier में दें।',
  },
  'init-put-orders': {
    en: 'Put work orders into {folder}, then: {command}',
    hi: 'कार्य आदेश {folder} में रखें, फिर: {command}',
  },
  // ---- index
  'index-empty': { en: 'The index is empty.', hi: 'इंडेक्स में अभी कुछ नहीं है।' },
  'index-row': { en: 'Row', hi: 'पंक्ति' },
  'index-meter': { en: 'Meter', hi: 'मीटर' },
  'index-feeder': { en: 'Feeder', hi: 'फ़ीडर' },
  'index-transformer': { en: 'Transformer', hi: 'ट्रांसफ़ॉर्मर' },
  'index-pole': { en: 'Pole', hi: 'पोल' },
  'index-since': { en: 'Since', hi: 'कब से' },
  'index-until': { en: 'Until', hi: 'कब तक' },
  'index-order': { en: 'Order', hi: 'आदेश' },
  'index-erased': { en: '(erased)', hi: '(मिटाया गया)' },
  'index-corrects': { en: 'Corrects', hi: 'सुधार' },
  'index-corrects-row': { en: 'row {row}: {reason}', hi: 'पंक्ति {row}: {reason}' },
  'index-recorded': { en: 'Recorded', hi: 'दर्ज किया गया' },
  'index-position': { en: 'Position', hi: 'स्थान' },
  'index-replaced': { en: 'Replaced', hi: 'हटाया गया मीटर' },
  'index-seals': { en: 'Seals', hi: 'सील' },
  'index-work-order': { en: 'Work order', hi: 'कार्य आदेश' },
  'index-installed': { en: 'Installed', hi: 'लगाया गया' },
  'index-taken-away': { en: 'Taken away', hi: 'हटाया गया' },
  'index-last-reading': { en: 'Last reading', hi: 'अंतिम रीडिंग' },
  'index-reading-at': { en: '{energy} at {time|date}', hi: '{energy}, {time|date} को' },
  'index-survey': { en: 'Survey', hi: 'सर्वेक्षण' },
  'index-old-meter': { en: 'Old meter', hi: 'पुराना मीटर' },
  'index-row-title': { en: 'Row {row}', hi: 'पंक्ति {row}' },
  'index-unknown': {
    en: 'the index knows {what} neither as a meter nor as a consumer nor as a work order',
    hi: "इंडेक्स में '{what}' नाम का न मीटर है, न उपभोक्ता, न कार्य आदेश",
  },
  'index-unknown-try': { en: 'cosem index list shows what it knows', hi: '`cosem index list` दिखाता है कि उसमें क्या है' },
  'index-exported': { en: '{rows} written to {file}.', hi: '{file} में लिखी गई पंक्तियाँ: {count}।' },
  'index-import-row': { en: 'row {row} ({order}): {why}', hi: 'पंक्ति {row} ({order}): {why}' },
  'index-import-refused': {
    en: '{good} of {rows} can be taken. Nothing was written: mend the file and import it again.',
    hi: 'ली जा सकने वाली पंक्तियाँ: {count} में से {good}। कुछ नहीं लिखा गया: फ़ाइल ठीक करके फिर चलाएँ।',
  },
  'index-import-dry': {
    en: '{good} of {rows} can be taken. Nothing was written, as it was a dry run.',
    hi: 'ली जा सकने वाली पंक्तियाँ: {count} में से {good}। यह केवल जाँच थी, कुछ नहीं लिखा गया।',
  },
  'index-imported': { en: '{rows} taken into the index.', hi: 'इंडेक्स में ली गई पंक्तियाँ: {count}।' },
  'index-corrected': { en: 'Row {new} corrects row {row}.', hi: 'पंक्ति {new} पंक्ति {row} की जगह लेती है।' },
  'index-ended': {
    en: 'Row {new}: the meter of row {row} serves no longer.',
    hi: 'पंक्ति {new}: पंक्ति {row} का मीटर अब सेवा में नहीं है।',
  },
  'index-field': { en: "'{field}' is no field", hi: "'{field}' नाम का कोई खाना नहीं है" },
  'index-field-try': { en: 'fields: {fields}', hi: 'खाने ये हैं: {fields}' },
  'index-reading-form': {
    en: "--reading '{reading}' is no number of kWh",
    hi: "--reading '{reading}' कोई kWh संख्या नहीं है",
  },
  'index-reading-form-try': {
    en: 'write the digits of the register, such as 1234.5',
    hi: 'मीटर पर दिखे अंक लिखें, जैसे 1234.5',
  },
  'index-at-form': { en: "--at '{at}' is no time", hi: "--at '{at}' सही समय नहीं है" },
  'index-at-form-try': {
    en: 'write it as 2026-11-23T14:05:00+05:30',
    hi: 'इस तरह लिखें: 2026-11-23T14:05:00+05:30',
  },
  'index-row-none': {
    en: 'row {row} is not in the index, or a later one corrects it',
    hi: 'पंक्ति {row} इंडेक्स में नहीं है, या बाद की कोई पंक्ति उसकी जगह ले चुकी है',
  },
  'index-row-none-try': {
    en: 'cosem index list --all shows the last word on each installation',
    hi: '`cosem index list --all` हर मीटर की अंतिम स्थिति दिखाता है',
  },
  'index-json-output': {
    en: '--json tells what was done, and the index itself goes to stdout',
    hi: '--json बताता है कि क्या किया गया, और इंडेक्स स्वयं स्क्रीन पर जाता है',
  },
  'index-json-output-try': { en: 'add --output FILE', hi: '--output के साथ फ़ाइल बताएँ' },
  'index-erase-ask': {
    en: 'Erase everything personal of consumer {consumer}',
    hi: 'उपभोक्ता {consumer} की सारी निजी जानकारी मिटाएँ',
  },
  'index-erase-warn': { en: 'There is no way back.', hi: 'मिटाई गई जानकारी वापस नहीं आएगी।' },
  'index-erase-object': { en: 'the consumer index', hi: 'उपभोक्ता इंडेक्स' },
  'index-erase-unknown': {
    en: 'consumer {consumer} is neither in the index nor in a work order',
    hi: 'उपभोक्ता {consumer} न इंडेक्स में है, न किसी कार्य आदेश में',
  },
  'index-erase-unknown-try': { en: 'is the number right?', hi: 'क्या संख्या सही है?' },
  'index-erased-done': {
    en: 'The consumer is erased from the index.',
    hi: 'उपभोक्ता की निजी जानकारी इंडेक्स से मिटा दी गई।',
  },
  'index-erased-none': { en: 'The index did not have the consumer.', hi: 'उपभोक्ता इंडेक्स में नहीं था।' },
  'index-removed': { en: 'removed {file}', hi: '{file} हटाई गई' },
  // ---- day import
  'import-mapping': { en: 'which column is what?', hi: 'कौन सा कॉलम क्या है, यह नहीं बताया गया' },
  'import-mapping-try': {
    en: 'say --mapping FILE: docs/commissioning-files.md has an example',
    hi: '--mapping से फ़ाइल बताएँ: उदाहरण docs/commissioning-files.md में है',
  },
  // ---- sync
  'sync-nobody': { en: 'nobody is named who takes the records', hi: 'यह नहीं बताया गया कि अभिलेख किसे भेजे जाएँ' },
  'sync-nobody-try': {
    en: 'say --url https://…, or have the utility write services.records into policy.json',
    hi: '--url https://… लिखें, या बिजली कंपनी से policy.json में services.records भरवाएँ',
  },
  'sync-sending': { en: 'sending to {url}', hi: '{url} को भेजा जा रहा है' },
  'sync-sending-one': { en: 'sending the record', hi: 'अभिलेख भेजा जा रहा है' },
  // ---- verify
  'verify-qr': { en: 'the QR code', hi: 'क्यूआर कोड' },
  'verify-nothing': {
    en: '{file} is no certificate, record or text of a QR code of commissioning',
    hi: '{file} न मीटर का प्रमाण पत्र है, न अभिलेख, न क्यूआर कोड का पाठ',
  },
  'verify-nothing-try': {
    en: 'give the JSON, HTML or PDF that cosem wrote, or the text that begins with COSEM1:',
    hi: 'JSON, HTML या PDF प्रमाण पत्र दें, या वह पाठ जो COSEM1: से शुरू होता है',
  },
  'verify-wrong-file-try': { en: 'is that the right file?', hi: 'क्या फ़ाइल सही है?' },
  'verify-unread': { en: '{message}', hi: '{file} पढ़ी नहीं जा सकी' },
  'verify-altered': { en: 'Altered: {reason|altered}.', hi: 'बदला हुआ: {reason|altered}।' },
  'verify-because': { en: '{reason|altered}', hi: '{reason|altered}' },
  'verify-page': {
    en: 'Page not checked: this version of cosem makes no such page. Another one made it, or a forger did.',
    hi: 'पन्ना जाँचा नहीं गया: यह संस्करण ऐसा पन्ना नहीं बनाता। इसे दूसरे संस्करण ने बनाया है, या किसी जालसाज़ ने।',
  },
  'verify-inside': {
    en: 'The record inside it, signed by {signer}, says:',
    hi: 'उसके भीतर का अभिलेख, जिस पर {signer} के हस्ताक्षर हैं, यह कहता है:',
  },
  'verify-inside-unknown': {
    en: 'The record inside it, signed with the key {key}, which nobody here trusts, says:',
    hi: 'उसके भीतर का अभिलेख, जिस पर कुंजी {key} के हस्ताक्षर हैं (यह कुंजी यहाँ विश्वसनीय नहीं), यह कहता है:',
  },
  'verify-trust': { en: 'Trusted: the keys of {file}.', hi: 'विश्वसनीय: {file} की कुंजियाँ।' },
  'verify-trust-none': { en: 'No key is trusted here.', hi: 'यहाँ किसी कुंजी पर विश्वास नहीं किया गया है।' },
  'verify-claim': {
    en: '{file} names {names} for it: you have not said that you trust that list, and a forger could have written it.',
    hi: '{file} में उसके लिए {names} का नाम है: आपने नहीं कहा कि उस सूची पर विश्वास है, और वह किसी जालसाज़ की लिखी हो सकती है।',
  },
  'verify-try-altered': {
    en: 'Rely on nothing in it: ask the utility for another, and report it to the helpline.',
    hi: 'इसकी किसी बात पर भरोसा न करें: बिजली कंपनी से दूसरा लें, और हेल्पलाइन पर सूचना दें।',
  },
  'verify-try-unknown-signer': {
    en: 'Compare the key with that of the utility, or say --trust FILE with the keys that it gave you.',
    hi: 'कुंजी को बिजली कंपनी की कुंजी से मिलाएँ, या उसकी दी हुई कुंजियों की फ़ाइल --trust से बताएँ।',
  },
  'verify-try-unknown-page': {
    en: 'Rely on nothing that the page shows: what stands above is all that was signed. Ask for the JSON, or scan the QR code.',
    hi: 'पन्ने पर लिखी बातों पर भरोसा न करें: हस्ताक्षर केवल ऊपर लिखी बातों पर हैं। JSON माँगें, या क्यूआर कोड स्कैन करें।',
  },
  'verify-record-of': { en: '{order}, record {sequence}', hi: '{order}, अभिलेख {sequence}' },
  'verify-signed-at': { en: 'Signed at', hi: 'हस्ताक्षर का समय' },
  'verify-india': { en: "{time|date}, India's time", hi: '{time|date}, भारतीय समय' },
  'verify-none': { en: 'none', hi: 'नहीं' },
  'verify-not-tested': { en: 'not tested', hi: 'जाँच नहीं हुई' },
  'verify-tested': { en: 'tested', hi: 'जाँच हुई' },
  'verify-installer': { en: '{name} ({id}), letter {letter}', hi: '{name} ({id}), पत्र {letter}' },
  'verify-letter': { en: 'Letter', hi: 'प्राधिकार पत्र' },
  'verify-record': { en: 'Record', hi: 'अभिलेख' },
  'verify-key': { en: 'Key', hi: 'कुंजी' },
  'verify-checking': { en: 'checking {file}', hi: '{file} जाँची जा रही है' },
  'verify-folder-empty': {
    en: 'there is no certificate and no record in {folder}',
    hi: '{folder} में न कोई प्रमाण पत्र है, न अभिलेख',
  },
  'verify-folder-empty-try': {
    en: 'give a commissioning folder, or one of its certificates',
    hi: 'मीटर लगाने का फ़ोल्डर दें, या उसका कोई प्रमाण पत्र',
  },
  'verify-file': { en: 'File', hi: 'फ़ाइल' },
  'verify-verdict': { en: 'Verdict', hi: 'निर्णय' },
  'verdict-valid': { en: 'valid', hi: 'मान्य' },
  'verdict-altered': { en: 'altered', hi: 'बदला हुआ' },
  'verdict-unknown-signer': { en: 'unknown signer', hi: 'अज्ञात हस्ताक्षरकर्ता' },
  'verdict-unknown-page': { en: 'page not checked', hi: 'पन्ना नहीं जाँचा' },
  'verify-signed-by': { en: 'signed by {signer}', hi: '{signer} के हस्ताक्षर' },
  'verify-page-not-compared': {
    en: 'this version makes no such page: not compared',
    hi: 'यह संस्करण ऐसा पन्ना नहीं बनाता: मिलाया नहीं गया',
  },
  'verify-chain': {
    en: 'Chain: {records}, none missing between them.',
    hi: 'श्रृंखला: अभिलेख {count}, बीच में कोई छूटा नहीं।',
  },
  'verify-chain-broken': { en: 'Chain broken: {problems|altered}.', hi: 'श्रृंखला टूटी है: {problems|altered}।' },
  'trust-unread': { en: '{file} cannot be read', hi: '{file} पढ़ी नहीं जा सकी' },
  'trust-none': { en: 'there is no file {file}', hi: '{file} नाम की कोई फ़ाइल नहीं है' },
  'trust-try': { en: 'the utility gives trusted-signers.json', hi: 'बिजली कंपनी trusted-signers.json देती है' },
  // ---- the demonstration
  'demo-making': { en: 'making a folder with keys', hi: 'कुंजियों वाला फ़ोल्डर बनाया जा रहा है' },
  'demo-not-empty': { en: '{folder} is not empty', hi: '{folder} ख़ाली नहीं है' },
  'demo-not-empty-try': {
    en: 'the demo begins in a fresh folder: name another',
    hi: 'प्रदर्शन नए फ़ोल्डर में होता है: कोई दूसरा नाम दें',
  },
} as const;

/** Why something signed is not as it was, as the checks name it in English. What is not here is said as {@link ALTERED}. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^the page is not what the signed record inside it gives$/, 'पन्ना वह नहीं है जो उसके भीतर का हस्ताक्षरित अभिलेख देता है'],
  [/^there is no whole record inside it$/, 'उसके भीतर पूरा अभिलेख नहीं है'],
  [/^the name, address or mobile is not the one that was signed$/, 'नाम, पता या मोबाइल वह नहीं है जिस पर हस्ताक्षर हुए थे'],
  [/^its QR code is that of another record$/, 'उसका क्यूआर कोड किसी दूसरे अभिलेख का है'],
  [/^it is no signed record$/, 'वह हस्ताक्षरित अभिलेख नहीं है'],
  [/^it is no record/, 'वह अभिलेख नहीं है'],
  [/^its hash does not fit its content$/, 'उसका हैश उसकी सामग्री से मेल नहीं खाता'],
  [/^its signature does not hold$/, 'उसका हस्ताक्षर सही नहीं है'],
  [/^it is no code of a commissioning certificate$/, 'वह मीटर के प्रमाण पत्र का कोड नहीं है'],
  [/^the record before record (\d+) \((.+)\) is missing$/, 'अभिलेख $1 ($2) से पहले का अभिलेख नहीं है'],
  [/^the record of (\S+) is not in (.+)$/, '$1 का अभिलेख $2 में नहीं है'],
  [/^(.+) contains lines that are not records$/, '$1 में ऐसी पंक्तियाँ हैं जो अभिलेख नहीं हैं'],
  [/^record (\d+) is no signed record$/, 'अभिलेख $1 हस्ताक्षरित नहीं है'],
  [/^record (\d+) does not follow the one before$/, 'अभिलेख $1 अपने पहले वाले के बाद नहीं आता'],
  [/^there is no record$/, 'कोई अभिलेख नहीं है'],
  [/^record (\d+) \((.+)\) says that it is the first$/, 'अभिलेख $1 ($2) कहता है कि वह पहला है'],
  [
    /^record (\d+) \((.+)\) is not the only one that follows record (\d+)$/,
    'अभिलेख $1 ($2) अकेला नहीं है जो अभिलेख $3 के बाद आता है',
  ],
  [/^record (\d+) \((.+)\) follows record (\d+)$/, 'अभिलेख $1 ($2) अभिलेख $3 के बाद आता है'],
];
const ALTERED = 'यह वह नहीं है जिस पर हस्ताक्षर हुए थे';

/** Reasons of the checks in Hindi, with semicolons between them. */
export function alteredInHindi(reasons: string): string {
  return reasons
    .split('; ')
    .map((reason) => {
      const [, number, rest] = /^record (\d+): (.*)$/.exec(reason) ?? [];
      return number === undefined ? reasonInHindi(reason) : `अभिलेख ${number}: ${reasonInHindi(rest as string)}`;
    })
    .join('; ');
}

function reasonInHindi(reason: string): string {
  const [pattern, hindi] = REASONS.find(([one]) => one.test(reason)) ?? [];
  return pattern === undefined || hindi === undefined ? ALTERED : reason.replace(pattern, hindi);
}
