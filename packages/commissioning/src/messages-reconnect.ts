/** Texts of `cosem reconnect` and `cosem payment-mode`, English and Hindi. What is found out has its sentences in `cosem/inspect`. */

/** Why one of them refuses. */
export const reconnectRefusals = {
  'reconnect-reopened': {
    en: 'The relay was closed by this order and was opened again since. It is not closed a second time: ask the utility.',
    hi: 'इस आदेश से रिले जोड़ी गई थी और उसके बाद फिर खुल गई। इसे दूसरी बार नहीं जोड़ा जाता: बिजली कंपनी से पूछें।',
  },
  'reconnect-unproved': {
    en: 'The order to close was given, then the line broke. Whether the relay closed meanwhile cannot be read, so the order is not given twice: ask the utility.',
    hi: 'चालू करने का आदेश दिया गया, फिर लाइन टूट गई। बीच में रिले जुड़ी या नहीं, पढ़ा नहीं जा सकता, इसलिए आदेश दोबारा नहीं दिया जाता: बिजली कंपनी से पूछें।',
  },
  'reconnect-not-done': {
    en: 'The meter took the order to close, but its relay did not close. It is not proved that there is supply: look again, and have the meter examined.',
    hi: 'मीटर ने चालू करने का आदेश लिया, पर रिले नहीं जुड़ी। बिजली आने का प्रमाण नहीं है: दोबारा देखें, और मीटर की जाँच कराएँ।',
  },
  'mode-not-told': {
    en: 'The meter does not tell its payment mode: it is not changed, because the change could not be proved.',
    hi: 'मीटर अपने भुगतान का प्रकार नहीं बताता: इसे बदला नहीं जाता, क्योंकि बदलाव का प्रमाण नहीं मिलेगा।',
  },
  'mode-not-kept': {
    en: 'The meter took the change, but read back it is {now|word}. Look again; if it stays so, ask the utility.',
    hi: 'मीटर ने बदलाव लिया, पर दोबारा पढ़ने पर वह {now|word} है। फिर देखें; ऐसा ही रहे तो बिजली कंपनी से पूछें।',
  },
  'metering-moved': {
    en: 'The payment mode is {now|word} now, but the metering mode was {before} and is {after}. Tell the utility before you leave.',
    hi: 'भुगतान का प्रकार अब {now|word} है, पर मीटरिंग मोड {before} था और अब {after} है। जाने से पहले बिजली कंपनी को बताएँ।',
  },
} as const;

export const reconnectTexts = {
  'step-diagnosis': { en: 'Why it is dark', hi: 'बिजली क्यों नहीं है' },
  'step-reconnect': { en: 'Reconnect', hi: 'बिजली जोड़ना' },
  'step-modes': { en: 'How it is paid now', hi: 'अभी भुगतान का प्रकार' },
  'step-mode-change': { en: 'The change', hi: 'बदलाव' },
  'reconnect-title': { en: 'Reconnection {order}', hi: 'बिजली जोड़ना {order}' },
  'reconnect-dry-title': { en: 'Why is the house dark?', hi: 'घर में बिजली क्यों नहीं है?' },
  'mode-title': { en: 'Payment mode {order}', hi: 'भुगतान का प्रकार {order}' },
  'doing-diagnosis': { en: 'reading the meter', hi: 'मीटर पढ़ रहे हैं' },
  'doing-closing': { en: 'closing the relay', hi: 'रिले जोड़ रहे हैं' },
  'doing-mode': { en: 'changing the payment mode', hi: 'भुगतान का प्रकार बदल रहे हैं' },
  'found-also': { en: 'Also found:', hi: 'यह भी मिला:' },
  'found-unread': {
    en: 'Not known, because the meter did not tell it: {what}.',
    hi: 'ज्ञात नहीं, क्योंकि मीटर ने नहीं बताया: {what}।',
  },
  'to-do': { en: 'What to do:', hi: 'क्या करें:' },
  'ask-look-again': {
    en: 'Done at the meter what is written above? Look again now?',
    hi: 'ऊपर लिखा काम मीटर पर कर लिया? अब दोबारा देखें?',
  },
  'ask-close': {
    en: 'Close the relay of meter {serial} now? The supply comes back at once: nobody may be working on the wiring.',
    hi: 'मीटर {serial} की रिले अभी जोड़ें? बिजली तुरंत आएगी: वायरिंग पर कोई काम न कर रहा हो।',
  },
  'ask-ready': {
    en: 'Make meter {serial} ready to close now? Then press its button, and the supply comes back.',
    hi: 'मीटर {serial} को अभी चालू होने के लिए तैयार करें? फिर बटन दबाने पर बिजली आएगी।',
  },
  'ask-finish-open': {
    en: 'Finish the order without closing? The record will say so.',
    hi: 'बिना जोड़े आदेश पूरा करें? अभिलेख में यही लिखा जाएगा।',
  },
  'press-now': { en: 'Press the button on the meter now.', hi: 'अब मीटर का बटन दबाएँ।' },
  'did-close': {
    en: 'The relay is closed, read back from the meter: {load}.',
    hi: 'रिले जुड़ गई, मीटर से दोबारा पढ़कर देखा: {load}।',
  },
  'did-ready': {
    en: 'The meter is ready and waits for its button: the supply is not back yet.',
    hi: 'मीटर तैयार है और बटन की प्रतीक्षा में है: बिजली अभी नहीं आई है।',
  },
  'did-leave': { en: 'Nothing was closed: {why}', hi: 'कुछ नहीं जोड़ा गया: {why}' },
  'left-is-closed': { en: 'the relay is closed already.', hi: 'रिले पहले से जुड़ी है।' },
  'left-takes-no-order': {
    en: 'the relay takes no order in the state in which it is.',
    hi: 'रिले जिस स्थिति में है उसमें आदेश नहीं लेती।',
  },
  'left-only-to-find-out': { en: 'the order is only to find out why.', hi: 'आदेश केवल कारण जानने का है।' },
  'left-no-own-credit': {
    en: 'without an order of the utility only a meter with credit of its own is closed, and that was not seen.',
    hi: 'बिजली कंपनी के आदेश के बिना केवल वही मीटर जोड़ा जाता है जिसमें राशि हो, और वह नहीं दिखी।',
  },
  'left-declined': { en: 'the installer declined.', hi: 'मीटर लगाने वाले ने मना किया।' },
  'reconnect-done': { en: 'Order {order} is done and signed.', hi: 'आदेश {order} पूरा हुआ और उस पर हस्ताक्षर हो गए।' },
  'did-record': { en: 'Signed as record {sequence}.', hi: 'अभिलेख {sequence} पर हस्ताक्षर हो गए।' },
  'own-credit-offer': {
    en: 'The meter has credit of its own, so it may be closed without an order. There will be no signed record.',
    hi: 'मीटर में राशि है, इसलिए इसे बिना आदेश भी जोड़ा जा सकता है। हस्ताक्षरित अभिलेख नहीं बनेगा।',
  },
  'go-on-with': { en: 'Go on with: {command}', hi: 'आगे बढ़ने के लिए: {command}' },
  prepaid: { en: 'prepaid', hi: 'प्रीपेड' },
  postpaid: { en: 'postpaid', hi: 'पोस्टपेड' },
  'not-known': { en: 'not known', hi: 'ज्ञात नहीं' },
  'did-modes': {
    en: 'Payment mode {mode|word}, metering mode {metering}, balance {balance}.',
    hi: 'भुगतान का प्रकार {mode|word}, मीटरिंग मोड {metering}, बैलेंस {balance}।',
  },
  'ask-mode': {
    en: 'Change meter {serial} to {to|word} now?',
    hi: 'मीटर {serial} को अभी {to|word} करें?',
  },
  'mode-warning': {
    en: 'Balance {balance}: a prepaid meter without credit may cut the supply at once.',
    hi: 'बैलेंस {balance}: राशि न होने पर प्रीपेड मीटर तुरंत बिजली काट सकता है।',
  },
  'did-mode': {
    en: 'Changed to {to|word}, read back from the meter. Its own events: {events}.',
    hi: '{to|word} किया गया, मीटर से दोबारा पढ़कर देखा। मीटर की अपनी घटनाएँ: {events}।',
  },
  'did-mode-already': {
    en: 'The meter was {to|word} already; nothing was changed.',
    hi: 'मीटर पहले से {to|word} था; कुछ नहीं बदला गया।',
  },
  'event-at': { en: '{code} at {time|date}', hi: '{time|date} पर {code}' },
  'metering-forward': { en: 'forward only', hi: 'केवल आयात' },
  'metering-both': { en: 'import and export', hi: 'आयात और निर्यात' },
  'no-events-logged': { en: 'none logged', hi: 'कोई दर्ज नहीं' },
} as const;
