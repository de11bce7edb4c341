/** What the commands say, in each language. */

import type { Language } from 'cosem/inspect';

type Say<A extends readonly unknown[]> = Readonly<Record<Language, (...args: A) => string>>;
const say = <A extends readonly unknown[]>(en: (...args: A) => string, hi: (...args: A) => string): Say<A> => ({
  en,
  hi,
});
const word = (en: string, hi: string): Say<[]> =>
  say(
    () => en,
    () => hi,
  );

const words = {
  'ca-made': say(
    (name: string, curve: string) => `The test authority ${name} is made, with keys on ${curve}.`,
    (name, curve) => `परीक्षण प्राधिकारी ${name} बन गया, कुंजियाँ ${curve} पर हैं।`,
  ),
  'ca-next': say(
    (folder: string) => `Whoever has the folder ${folder}/keys can make certificates: keep it to yourself.`,
    (folder) => `जिसके पास फ़ोल्डर ${folder}/keys है, वह प्रमाणपत्र बना सकता है: इसे केवल अपने पास रखें।`,
  ),
  'keys-plain': word(
    'The keys are not under a passphrase: good for tests, not for meters in use.',
    'कुंजियों पर passphrase नहीं है: परीक्षण के लिए ठीक, लगे हुए मीटरों के लिए नहीं।',
  ),
  'entity-made': say(
    (title: string, use: string) => `A certificate of ${title} for ${use} is made.`,
    (title, use) => `${title} का ${use} प्रमाणपत्र बन गया।`,
  ),
  issued: say(
    (title: string, file: string) => `The request of ${title} is signed: ${file}`,
    (title, file) => `${title} के अनुरोध पर हस्ताक्षर हो गया: ${file}`,
  ),
  file: word('file', 'फ़ाइल'),
  certificate: word('Certificate', 'प्रमाणपत्र'),
  'authority-certificate': word('Certificate of an authority', 'प्राधिकारी का प्रमाणपत्र'),
  request: word('Request for a certificate', 'प्रमाणपत्र का अनुरोध'),
  owner: word('owner', 'किसका'),
  title: word('system title', 'system title'),
  'no-title': word('none', 'नहीं है'),
  issuer: word('issued by', 'किसने दिया'),
  itself: word('itself', 'स्वयं'),
  use: word('its key is for', 'कुंजी का काम'),
  signing: word('signing certificates', 'प्रमाणपत्रों पर हस्ताक्षर'),
  'no-use': word('nothing that meters use', 'मीटरों का कोई काम नहीं'),
  curve: word('curve', 'curve'),
  'curve-suite': say(
    (curve: string, suite: number) => `${curve} (security suite ${suite})`,
    (curve, suite) => `${curve} (security suite ${suite})`,
  ),
  valid: word('valid', 'मान्य'),
  'valid-from-until': say(
    (from: string, until: string) => `${from} to ${until} UTC`,
    (from, until) => `${from} से ${until} UTC तक`,
  ),
  'valid-from': say(
    (from: string) => `from ${from} UTC on, without end`,
    (from) => `${from} UTC से, कोई अंत नहीं`,
  ),
  expired: word('no longer valid', 'अब मान्य नहीं'),
  'not-yet': word('not valid yet', 'अभी मान्य नहीं'),
  serial: word('serial number', 'क्रम संख्या'),
  'signature-holds': word('signed with the key that it is for', 'जिस कुंजी के लिए है उसी से हस्ताक्षरित'),
  chain: word('Chain:', 'कड़ी:'),
  'signed-by': say(
    (subject: string, issuer: string) => `${subject} is signed by ${issuer}`,
    (subject, issuer) => `${subject} पर ${issuer} का हस्ताक्षर है`,
  ),
  'signed-by-absent': say(
    (subject: string, issuer: string) =>
      `${subject} says that ${issuer} signed it, whose certificate is not among these`,
    (subject, issuer) => `${subject} कहता है कि ${issuer} का हस्ताक्षर है, पर उसका प्रमाणपत्र इनमें नहीं है`,
  ),
  'signed-falsely': say(
    (subject: string, issuer: string) =>
      `${subject} says that ${issuer} signed it, and the signature is not by that key`,
    (subject, issuer) => `${subject} कहता है कि ${issuer} का हस्ताक्षर है, पर हस्ताक्षर उस कुंजी का नहीं है`,
  ),
  'signed-itself': say(
    (subject: string) => `${subject} is signed by itself: a root`,
    (subject) => `${subject} पर अपना ही हस्ताक्षर है: मूल प्राधिकारी`,
  ),
  accepted: say(
    (subject: string) => `${subject} is accepted.`,
    (subject) => `${subject} स्वीकार है।`,
  ),
  'bad-title': say(
    (text: string) => `${text} is no system title`,
    (text) => `${text} system title नहीं है`,
  ),
  'bad-title-try': word(
    'it has sixteen hexadecimal digits, such as 4D4D4D0000BC614E',
    'इसमें सोलह hexadecimal अंक होते हैं, जैसे 4D4D4D0000BC614E',
  ),
  'bad-days': say(
    (text: string) => `--days ${text} is no number of days`,
    (text) => `--days ${text} दिनों की संख्या नहीं है`,
  ),
  'bad-days-try': word('give a whole number from 1 to 36500', '1 से 36500 तक की पूरी संख्या दें'),
  'bad-time': say(
    (text: string) => `--at ${text} is no time`,
    (text) => `--at ${text} समय नहीं है`,
  ),
  'bad-time-try': word('write it as 2026-12-01T12:00:00Z', 'ऐसे लिखें: 2026-12-01T12:00:00Z'),
  'no-folder': say(
    (folder: string) => `${folder} is no folder of certificates`,
    (folder) => `${folder} प्रमाणपत्रों का फ़ोल्डर नहीं है`,
  ),
  'no-folder-try': word('make one: cosem pki ca --folder FOLDER', 'पहले बनाएँ: cosem pki ca --folder FOLDER'),
  'ca-there': say(
    (folder: string) => `${folder} has an authority already`,
    (folder) => `${folder} में पहले से प्राधिकारी है`,
  ),
  'ca-there-try': word('give another folder; an authority is not replaced', 'दूसरा फ़ोल्डर दें; प्राधिकारी बदला नहीं जाता'),
  'request-other-title': say(
    (title: string, wanted: string) => `the request is for ${title}, not for ${wanted}`,
    (title, wanted) => `अनुरोध ${title} के लिए है, ${wanted} के लिए नहीं`,
  ),
  'request-no-title': word('the request names no system title', 'अनुरोध में system title नहीं है'),
  'request-no-title-try': word(
    'its common name has to be the system title in sixteen hexadecimal digits',
    'उसके common name में system title के सोलह hexadecimal अंक होने चाहिए',
  ),
  'request-other-use': say(
    (use: string) => `the request asks for a key that is not for ${use}`,
    (use) => `अनुरोध ऐसी कुंजी का है जो ${use} के लिए नहीं है`,
  ),
  'request-other-use-try': word('say --use with what it is for', '--use में सही काम बताएँ'),
  'enrol-question': say(
    (title: string, uses: string, setup: string) =>
      `Have meter ${title} generate new keys for ${uses} (security setup ${setup})`,
    (title, uses, setup) => `मीटर ${title} से ${uses} की नई कुंजियाँ बनवाएँ (security setup ${setup})`,
  ),
  'enrol-warning': word(
    'Keys that it has for that are gone at once, and their certificates are of no more use.',
    'इन कामों की उसकी पुरानी कुंजियाँ तुरंत मिट जाएँगी, और उनके प्रमाणपत्र किसी काम के नहीं रहेंगे।',
  ),
  'step-before': word('the meter gets the certificates of the authority', 'मीटर को प्राधिकारी के प्रमाणपत्र दिए जा रहे हैं'),
  'step-generate': say(
    (use: string) => `the meter makes a key pair for ${use}`,
    (use) => `मीटर ${use} की कुंजियाँ बना रहा है`,
  ),
  'step-request': say(
    (use: string) => `the meter gives its request for ${use}`,
    (use) => `मीटर से ${use} का अनुरोध लिया जा रहा है`,
  ),
  'step-import': say(
    (use: string) => `the meter gets its certificate for ${use}`,
    (use) => `मीटर को ${use} का प्रमाणपत्र दिया जा रहा है`,
  ),
  'step-prove': say(
    (use: string) => `the meter gives its certificate for ${use} back`,
    (use) => `मीटर से ${use} का प्रमाणपत्र वापस पढ़ा जा रहा है`,
  ),
  enrolled: say(
    (title: string, use: string, file: string) =>
      `Meter ${title} has its certificate for ${use} and gave it back: ${file}`,
    (title, use, file) => `मीटर ${title} में ${use} का प्रमाणपत्र है और वापस पढ़कर मिलाया गया: ${file}`,
  ),
  'no-reader': say(
    (title: string, folder: string) => `${folder} holds no certificate of ${title}`,
    (title, folder) => `${folder} में ${title} का कोई प्रमाणपत्र नहीं है`,
  ),
  'no-reader-try': word('make one: cosem pki client TITLE', 'पहले बनाएँ: cosem pki client TITLE'),
  'file-unread': say(
    (file: string, why: string) => `${file} cannot be read: ${why}`,
    (file, why) => `${file} नहीं पढ़ी जा सकी: ${why}`,
  ),
  'file-unread-try': word('is its name right?', 'क्या नाम सही है?'),
} as const;

/** The sentences, by their names. */
export type Words = typeof words;

/** A sentence in one language. */
export function told<K extends keyof Words>(language: Language, key: K, ...args: Parameters<Words[K]['en']>): string {
  return (words[key][language] as (...given: typeof args) => string)(...args);
}

/** A sentence in each language, for errors. */
export function inEach<K extends keyof Words>(key: K, ...args: Parameters<Words[K]['en']>): Record<Language, string> {
  return { en: told('en', key, ...args), hi: told('hi', key, ...args) };
}
