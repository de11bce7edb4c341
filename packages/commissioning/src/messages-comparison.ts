/** Texts of `cosem compare-meters`, English and Hindi. */

/** Why it refuses. */
export const comparisonRefusals = {
  'compare-check-first': {
    en: 'This is the check meter {serial}. First comes the meter under test, {expected}: put the probe there.',
    hi: 'यह चेक मीटर {serial} है। पहले जाँचा जाने वाला मीटर {expected} पढ़ना है: प्रोब वहाँ लगाएँ।',
  },
  'compare-still-tested': {
    en: 'This is still the meter under test, {serial}. Put the probe to the check meter {expected}.',
    hi: 'यह अब भी जाँचा जाने वाला मीटर {serial} है। प्रोब चेक मीटर {expected} पर लगाएँ।',
  },
  'compare-same-meter': {
    en: 'Both sides are the same meter, {serial}: it cannot be compared with itself. Ask the utility for a right order.',
    hi: 'दोनों ओर एक ही मीटर {serial} है: उसकी तुलना उसी से नहीं हो सकती। बिजली कंपनी से सही आदेश लें।',
  },
  'compare-clock-unset': {
    en: 'The clock of this meter shows no time, so nobody can say which hours it counted. Have the clock set first (cosem clock sync), and compare a day later.',
    hi: 'इस मीटर की घड़ी समय नहीं दिखाती, इसलिए कोई नहीं कह सकता कि उसने कौन से घंटे गिने। पहले घड़ी मिलवाएँ (cosem clock sync) और एक दिन बाद तुलना करें।',
  },
  'compare-no-rows': {
    en: 'This meter has no load profile of the last {hours} h. Was it without supply, or installed lately? Compare later.',
    hi: 'इस मीटर में पिछले {hours} घंटों का लोड प्रोफ़ाइल नहीं है। क्या बिजली नहीं थी, या मीटर अभी लगा है? बाद में तुलना करें।',
  },
  'compare-clocks-apart': {
    en: 'The clocks of the two meters are {seconds|duration} apart: rows of one time are of different hours. Have both clocks set (cosem clock sync), and compare a day later.',
    hi: 'दोनों मीटरों की घड़ियों में {seconds|duration} का अंतर है: एक ही समय की पंक्तियाँ अलग घंटों की हैं। दोनों घड़ियाँ मिलवाएँ (cosem clock sync) और एक दिन बाद तुलना करें।',
  },
  'compare-no-overlap': {
    en: 'The two meters have no hours in common: their load profiles do not overlap, or their periods do not fit each other. Leave the check meter in place for a day, and compare again.',
    hi: 'दोनों मीटरों के कोई घंटे साझा नहीं हैं: उनके लोड प्रोफ़ाइल एक-दूसरे पर नहीं पड़ते, या उनकी अवधियाँ मेल नहीं खातीं। चेक मीटर को एक दिन लगा रहने दें और फिर तुलना करें।',
  },
  'compare-all-broken': {
    en: 'No hours can be compared: {what|word} ({from|date} to {to|date}), and nothing is left beside it.',
    hi: 'किसी भी घंटे की तुलना नहीं हो सकती: {what|word} ({from|date} से {to|date}), और उसके अलावा कुछ नहीं बचता।',
  },
  'compare-broken': {
    en: 'Not all hours can be compared: {what|word} ({from|date} to {to|date}). The longest part without a fault is {least|date} to {most|date}: run it again and answer Yes, or compare later.',
    hi: 'सभी घंटों की तुलना नहीं हो सकती: {what|word} ({from|date} से {to|date})। बिना दोष का सबसे लंबा भाग {least|date} से {most|date} है: फिर चलाएँ और हाँ कहें, या बाद में तुलना करें।',
  },
} as const;

/** What it says. */
export const comparisonTexts = {
  'step-tested-load': { en: 'Meter under test', hi: 'जाँचा जाने वाला मीटर' },
  'step-check-load': { en: 'Check meter', hi: 'चेक मीटर' },
  'step-comparison': { en: 'Comparison', hi: 'तुलना' },
  'compare-title': { en: 'Meter comparison {order}', hi: 'मीटर मिलान {order}' },
  'compare-dry-title': { en: 'Comparison of two meters', hi: 'दो मीटरों की तुलना' },
  'doing-load': { en: 'reading the load profile', hi: 'लोड प्रोफ़ाइल पढ़ रहे हैं' },
  'did-load': {
    en: '{rows} rows, {from|date} to {to|date}. Beside this laptop its clock is {seconds|duration} {way|word}.',
    hi: '{rows} पंक्तियाँ, {from|date} से {to|date} तक। उसकी घड़ी इस लैपटॉप से {seconds|duration} {way|word} है।',
  },
  'ask-probe-over': {
    en: 'Put the probe to the check meter {serial}. Ready?',
    hi: 'प्रोब चेक मीटर {serial} पर लगाएँ। तैयार?',
  },
  'ask-class': {
    en: 'Accuracy class on the name plate of meter {serial}',
    hi: 'मीटर {serial} की नेम प्लेट पर लिखी शुद्धता श्रेणी',
  },
  'class-option': { en: 'class {accuracy}', hi: 'श्रेणी {accuracy}' },
  'class-of': { en: '{serial}, class {accuracy}', hi: '{serial}, श्रेणी {accuracy}' },
  'classes-needed': {
    en: 'the accuracy classes are not in the order, and nobody is here to be asked',
    hi: 'आदेश में शुद्धता श्रेणियाँ नहीं हैं, और पूछने के लिए यहाँ कोई नहीं है',
  },
  'classes-needed-try': {
    en: 'add --accuracy and --check-accuracy: 0.2S, 0.5S, 1 or 2, as the name plates say',
    hi: '--accuracy और --check-accuracy जोड़ें: 0.2S, 0.5S, 1 या 2, जैसा नेम प्लेट पर लिखा है',
  },
  'class-unknown': { en: "'{text}' is no accuracy class", hi: "'{text}' शुद्धता श्रेणी नहीं है" },
  'class-unknown-try': {
    en: 'write 0.2S, 0.5S, 1 or 2, as the name plate says',
    hi: '0.2S, 0.5S, 1 या 2 लिखें, जैसा नेम प्लेट पर लिखा है',
  },
  'break-is': { en: '{what|word}: {from|date} to {to|date}', hi: '{what|word}: {from|date} से {to|date}' },
  'ask-longest': {
    en: 'Compare only {from|date} to {to|date}, the longest part without a fault?',
    hi: 'केवल {from|date} से {to|date} की तुलना करें, जो बिना दोष का सबसे लंबा भाग है?',
  },
  'break-tested-missing': { en: 'the meter under test has no rows', hi: 'जाँचे जाने वाले मीटर में पंक्तियाँ नहीं हैं' },
  'break-check-missing': { en: 'the check meter has no rows', hi: 'चेक मीटर में पंक्तियाँ नहीं हैं' },
  'break-tested-clock-set': {
    en: 'the clock of the meter under test was set',
    hi: 'जाँचे जाने वाले मीटर की घड़ी बदली गई थी',
  },
  'break-check-clock-set': { en: 'the clock of the check meter was set', hi: 'चेक मीटर की घड़ी बदली गई थी' },
  'break-tested-doubtful': {
    en: 'the meter under test doubts its own clock',
    hi: 'जाँचे जाने वाले मीटर को अपनी घड़ी पर भरोसा नहीं',
  },
  'break-check-doubtful': { en: 'the check meter doubts its own clock', hi: 'चेक मीटर को अपनी घड़ी पर भरोसा नहीं' },
  'break-tested-no-energy': {
    en: 'rows of the meter under test have no energy',
    hi: 'जाँचे जाने वाले मीटर की पंक्तियों में ऊर्जा नहीं है',
  },
  'break-check-no-energy': {
    en: 'rows of the check meter have no energy',
    hi: 'चेक मीटर की पंक्तियों में ऊर्जा नहीं है',
  },
  'break-tested-twice': {
    en: 'the meter under test has rows twice: its clock was set back',
    hi: 'जाँचे जाने वाले मीटर में पंक्तियाँ दो बार हैं: उसकी घड़ी पीछे की गई',
  },
  'break-check-twice': {
    en: 'the check meter has rows twice: its clock was set back',
    hi: 'चेक मीटर में पंक्तियाँ दो बार हैं: उसकी घड़ी पीछे की गई',
  },
  'did-compare': {
    en: '{from|date} to {to|date}: {tested} kWh, check meter {check} kWh, difference {difference}.',
    hi: '{from|date} से {to|date}: {tested} kWh, चेक मीटर {check} kWh, अंतर {difference}।',
  },
  'did-compare-clocks': {
    en: 'The clocks of the two meters are {seconds|duration} apart.',
    hi: 'दोनों मीटरों की घड़ियों में {seconds|duration} का अंतर है।',
  },
  'compared-within': {
    en: 'Both meters agree within their accuracy classes.',
    hi: 'दोनों मीटर अपनी शुद्धता श्रेणियों के भीतर मेल खाते हैं।',
  },
  'compared-outside': {
    en: 'The meters differ by more than their accuracy classes allow: the meter under test is to be tested in a laboratory.',
    hi: 'मीटरों में उनकी शुद्धता श्रेणियों से अधिक अंतर है: जाँचे गए मीटर की प्रयोगशाला में जाँच होनी चाहिए।',
  },
  'compared-too-little': {
    en: 'No verdict: too little energy was counted for these classes and clocks. Compare more hours.',
    hi: 'कोई निष्कर्ष नहीं: इन श्रेणियों और घड़ियों के लिए बहुत कम बिजली गिनी गई। अधिक घंटों की तुलना करें।',
  },
} as const;
