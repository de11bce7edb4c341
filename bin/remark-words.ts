/** What is said of something odd about a meter: in Hindi by its code, for the sentences that come with remarks are English. */

import type { Remark } from '../src/index.js';
import type { Language } from '../src/inspect.js';

/** Of each code that people are told of; the table is in docs/quirks.md. */
const HINDI: Readonly<Record<string, string>> = {
  'capture-period': 'पंक्तियों के समय कैप्चर अवधि से मेल नहीं खाते: छूटे हुए समय भरे नहीं गए',
  'clock-deviation': 'घड़ी ने UTC से अंतर नहीं लिया, उसके बिना मिलाई गई',
  'columns-kept': 'मीटर प्रोफ़ाइल के कॉलम नहीं बताता: पिछली बार के कॉलम लिए गए, पंक्तियाँ उनसे मेल खाती हैं',
  'columns-numbered': 'मीटर प्रोफ़ाइल के कॉलम ठीक से नहीं बताता: नामों के बजाय क्रमांक दिए गए, स्केलर के बिना',
  'counter-reset': 'मीटर का इनवोकेशन काउंटर पीछे चला गया; मीटर ने अपनी पहचान सिद्ध की, और आपने इसकी अनुमति दी थी',
  'echoed-challenge': 'मीटर ने हमारी ही चुनौती लौटाई: उसने अपनी पहचान सिद्ध नहीं की, और आपने इसकी अनुमति दी थी',
  'entries-ignored': 'मीटर ने पंक्तियों के क्रमांक नहीं माने: सब पढ़कर यहाँ चुनी गईं',
  'entries-in-use': 'मीटर जितनी पंक्तियाँ बताता है, बफ़र में उतनी नहीं हैं; यदि वह एक भी नहीं बताता, तो अंतिम पंक्तियाँ नहीं पढ़ी गईं',
  'gateway-header': 'गेटवे मीटर के उत्तर से पहले अपना हेडर नहीं भेजता',
  'in-flight': 'मीटर एक साथ कई अनुरोधों का उत्तर नहीं देता: अब से अगला अनुरोध उत्तर आने पर ही भेजा जाता है',
  'list-void': 'मीटर के सूची वाले उत्तर भरोसे के नहीं हैं: वस्तुएँ एक-एक करके पूछी गईं',
  'notification-refused': 'मीटर ने बिना पूछे जो भेजा वह मानक के अनुसार नहीं है, इसलिए नहीं लिया गया',
  'object-list-odd': 'वस्तु सूची की कुछ प्रविष्टियाँ मानक के अनुसार नहीं हैं: वे चिह्नित हैं या छोड़ी गईं',
  'odd-challenge': 'मीटर की चुनौती 16 ऑक्टेट की नहीं है, और आपने इसकी अनुमति दी थी',
  'opened-without': 'मीटर की एक सेवा काम नहीं करती: उसके बिना फिर से जुड़े',
  'order-looked-at': 'मीटर के उत्तर से पता नहीं चला कि आदेश पूरा हुआ या नहीं: मीटर से दोबारा पढ़कर देखा गया',
  'outside-wrapper': 'संदेशों के बीच के ऑक्टेट, जैसे मॉडेम का पाठ, छोड़ दिए गए',
  'range-ignored': 'मीटर ने समय की सीमा नहीं मानी: बाहर की पंक्तियाँ यहाँ छोड़ी गईं',
  'rows-without-time': 'जिन पंक्तियों का समय पढ़ा नहीं जा सका, वे छोड़ी गईं',
  'selection-refused': 'मीटर पंक्तियाँ नहीं चुनता: सब पढ़कर यहाँ चुनी गईं',
  'sort-method': 'पंक्तियाँ मीटर के बताए क्रम से उल्टी हैं: उन्हें समय के अनुसार लिया गया',
  'telegram-refused': 'एक टेलीग्राम दो बार नहीं माना गया, या जो आया वह टेलीग्राम नहीं है',
  'unproven-meter': 'मीटर ने अपनी पहचान सिद्ध नहीं की, और आपने इसे मान लिया था',
  'wrong-count': 'सूची या बफ़र की गिनती सही नहीं है: जो पूरा है वह दिखाया गया',
};

/** The sentence of a remark. The object stands in front where the sentence does not name it; in Hindi codes stand alone where there are no words. */
export function remarkText({ code, text, target }: Remark, language: Language): string {
  if (language === 'en') return target === undefined || text.includes(target) ? text : `${target}: ${text}`;
  const words = Object.hasOwn(HINDI, code) ? HINDI[code] : code;
  return `मीटर के बारे में टिप्पणी${target === undefined ? '' : ` (${target})`}: ${words}`;
}

/** The codes that have Hindi words. */
export const REMARKS_IN_HINDI: readonly string[] = Object.keys(HINDI);
