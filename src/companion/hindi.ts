import type { Language } from '../base/language.js';

/** Titles of readings and words of values, by the English of the companion specifications. */
const HINDI: Readonly<Record<string, string>> = {
  // ---- the name plate
  'Name plate': 'नेम प्लेट',
  'Meter serial number': 'मीटर की क्रम संख्या',
  'Device ID': 'डिवाइस आईडी',
  Manufacturer: 'निर्माता',
  'Firmware version': 'फ़र्मवेयर संस्करण',
  'Meter type': 'मीटर का प्रकार',
  'Meter category': 'मीटर की श्रेणी',
  'Current rating': 'करंट रेटिंग',
  'Year of manufacture': 'निर्माण वर्ष',
  'Logical device name': 'लॉजिकल डिवाइस का नाम',
  'single phase': 'सिंगल फ़ेज़',
  'three phase, direct connected': 'थ्री फ़ेज़, सीधा',
  // ---- the clock
  Clock: 'घड़ी',
  Time: 'समय',
  'Time zone, minutes from local time to UTC': 'समय क्षेत्र, स्थानीय समय से UTC तक मिनट',
  'Clock status': 'घड़ी की स्थिति',
  valid: 'मान्य',
  // ---- energy
  Energy: 'ऊर्जा',
  'Active energy import': 'खपत (सक्रिय ऊर्जा)',
  'Apparent energy import': 'आभासी ऊर्जा आयात',
  'Active energy export': 'सक्रिय ऊर्जा निर्यात',
  'Apparent energy export': 'आभासी ऊर्जा निर्यात',
  'Maximum demand kW': 'अधिकतम माँग kW',
  'Maximum demand kVA': 'अधिकतम माँग kVA',
  'Maximum demand kW time': 'अधिकतम माँग kW का समय',
  'Maximum demand kVA time': 'अधिकतम माँग kVA का समय',
  // ---- the account
  Prepayment: 'प्रीपेड खाता',
  'Metering mode': 'मीटरिंग का प्रकार',
  'Payment mode': 'भुगतान का प्रकार',
  'Current balance': 'वर्तमान शेष राशि',
  'Balance time': 'शेष राशि का समय',
  'Last token amount': 'पिछले रिचार्ज की राशि',
  'Last token time': 'पिछले रिचार्ज का समय',
  'Total at last recharge': 'पिछले रिचार्ज तक कुल राशि',
  'forward only': 'केवल आयात',
  'import and export': 'आयात और निर्यात',
  'post-paid': 'पोस्टपेड',
  'pre-paid': 'प्रीपेड',
  // ---- the relay
  Relay: 'रिले',
  'Supply connected': 'बिजली चालू',
  'Control state': 'रिले की स्थिति',
  'Control mode': 'रिले नियंत्रण',
  'Load limit': 'भार सीमा',
  disconnected: 'बंद',
  connected: 'चालू',
  'ready for reconnection': 'फिर जुड़ने को तैयार',
  'always connected': 'सदा चालू',
  'opens by order, button or itself; closes by button after an order':
    'आदेश, बटन या अपने आप खुलता है; आदेश के बाद बटन से जुड़ता है',
  'opens by order, button or itself; closes by order': 'आदेश, बटन या अपने आप खुलता है; आदेश से जुड़ता है',
  'opens by order or itself; closes by button after an order': 'आदेश से या अपने आप खुलता है; आदेश के बाद बटन से जुड़ता है',
  'opens by order or itself; closes by order': 'आदेश से या अपने आप खुलता है; आदेश से जुड़ता है',
  'opens by order, button or itself; closes by button after an order, or by itself':
    'आदेश, बटन या अपने आप खुलता है; आदेश के बाद बटन से, या अपने आप जुड़ता है',
  'opens by order or itself; closes by button after an order, or by itself':
    'आदेश से या अपने आप खुलता है; आदेश के बाद बटन से, या अपने आप जुड़ता है',
  yes: 'हाँ',
  no: 'नहीं',
  // ---- instantaneous values
  'Instantaneous values': 'इस समय के मान',
  Voltage: 'वोल्टेज',
  'Phase current': 'फ़ेज़ करंट',
  'Neutral current': 'न्यूट्रल करंट',
  Current: 'करंट',
  'Power factor': 'पावर फ़ैक्टर',
  Frequency: 'आवृत्ति',
  'Active power': 'सक्रिय शक्ति',
  'Apparent power': 'आभासी शक्ति',
  'Reactive power': 'प्रतिघाती शक्ति',
  // ---- clients
  'Public client': 'सार्वजनिक क्लाइंट',
  'Meter reader': 'मीटर रीडर',
  'Utility setting': 'बिजली कंपनी',
};

/**
 * A title of a reading or a word of a value in a language, from the English that meters and companion specifications give: `Voltage R` is
 * `वोल्टेज R`, `1, pre-paid` is `1, प्रीपेड`. What is not known there stays as it is.
 */
export function companionWords(text: string, language: Language): string {
  if (language === 'en') return text;
  const whole = word(text);
  if (whole !== undefined) return whole;
  const [, zoned, zone] = /^(.+), time zone (\d)$/.exec(text) ?? [];
  if (zoned !== undefined) return `${word(zoned) ?? zoned}, समय-खंड ${zone}`;
  const [, title, phase] = /^(.+) ([RYB])$/.exec(text) ?? [];
  if (title !== undefined) return `${word(title) ?? title} ${phase}`;
  const [, code, meaning = ''] = /^(\d+(?:, | ))(.+)$/.exec(text) ?? [];
  if (code !== undefined) return code + (word(meaning) ?? meaning);
  const [, said = '', number] = /^(.+) (\(\d+\))$/.exec(text) ?? [];
  return number === undefined ? text : `${word(said) ?? said} ${number}`;
}

function word(text: string): string | undefined {
  return Object.hasOwn(HINDI, text) ? HINDI[text] : undefined;
}
