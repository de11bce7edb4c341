/** All texts of the printed certificate, in both languages. */

import { companionWords } from 'cosem/classes';

/** The same in Hindi and English. */
export interface Words {
  readonly hi: string;
  readonly en: string;
}

export const WORDS = {
  title: { hi: 'मीटर स्थापना प्रमाण पत्र', en: 'Certificate of meter installation' },
  free: { hi: 'निःशुल्क', en: 'FREE OF CHARGE' },
  helpline: { hi: 'शिकायत हेल्पलाइन', en: 'Complaints helpline' },

  consumer: { hi: 'उपभोक्ता', en: 'Consumer' },
  name: { hi: 'नाम', en: 'Name' },
  address: { hi: 'पता', en: 'Address' },
  consumerNumber: { hi: 'उपभोक्ता संख्या', en: 'Consumer number' },
  mobile: { hi: 'पंजीकृत मोबाइल', en: 'Registered mobile' },
  sanctionedLoad: { hi: 'स्वीकृत भार', en: 'Sanctioned load' },
  verified: { hi: 'पहचान की पुष्टि', en: 'Identity confirmed' },
  documents: { hi: 'दस्तावेज़ (केवल प्रकार)', en: 'Documents (kind only)' },

  newMeter: { hi: 'नया मीटर', en: 'New meter' },
  serial: { hi: 'क्रम संख्या', en: 'Serial number' },
  make: { hi: 'निर्माता, वर्ष', en: 'Make, year' },
  kind: { hi: 'प्रकार, श्रेणी', en: 'Type, category' },
  firmware: { hi: 'फ़र्मवेयर', en: 'Firmware' },
  seals: { hi: 'सील', en: 'Seals' },
  network: { hi: 'फ़ीडर / ट्रांसफ़ार्मर / पोल', en: 'Feeder / transformer / pole' },

  oldMeter: { hi: 'पुराना मीटर', en: 'Old meter' },
  none: { hi: 'नहीं था (नया कनेक्शन)', en: 'none (new connection)' },
  finalReading: { hi: 'अंतिम रीडिंग', en: 'Final reading' },
  condition: { hi: 'स्थिति', en: 'Condition' },
  unreadable: { hi: 'पढ़ा नहीं जा सका', en: 'not readable' },
  position: { hi: 'स्थान कहाँ से', en: 'Position from' },
  far: { hi: 'अपेक्षित स्थान से {metres} मीटर', en: '{metres} m from where it was expected' },

  readings: { hi: 'आरंभिक रीडिंग', en: 'Start readings' },
  readAt: { hi: 'मीटर की घड़ी के अनुसार', en: "By the meter's clock" },
  activeImport: { hi: 'खपत (सक्रिय ऊर्जा)', en: 'Active energy import' },
  apparentImport: { hi: 'आभासी ऊर्जा आयात', en: 'Apparent energy import' },
  activeExport: { hi: 'सक्रिय ऊर्जा निर्यात', en: 'Active energy export' },
  apparentExport: { hi: 'आभासी ऊर्जा निर्यात', en: 'Apparent energy export' },
  moreRegisters: { hi: 'अन्य रजिस्टर', en: 'Other registers' },
  photos: { hi: 'फ़ोटो', en: 'Photos' },
  inRecord: { hi: '{count}, हस्ताक्षरित अभिलेख में', en: '{count}, in the signed record' },
  paymentMode: { hi: 'भुगतान का प्रकार', en: 'Payment' },
  balance: { hi: 'शेष राशि', en: 'Balance' },

  tests: { hi: 'जाँच', en: 'Tests' },
  relay: { hi: 'रिले (बिजली बंद और चालू)', en: 'Relay (supply off and on)' },
  clock: { hi: 'घड़ी', en: 'Clock' },
  events: { hi: 'छेड़छाड़ की घटनाएँ', en: 'Tamper events' },
  passed: { hi: 'सही', en: 'passed' },
  opened: { hi: 'बंद', en: 'off' },
  closed: { hi: 'चालू', en: 'on' },
  seenOff: { hi: 'बंद देखा', en: 'seen off' },
  seenOn: { hi: 'चालू देखा', en: 'seen on' },
  between: { hi: '{after} और {before} के बीच', en: 'between {after} and {before}' },
  byMeter: { hi: 'मीटर की घड़ी से', en: "by the meter's clock" },
  byLaptop: { hi: 'लैपटॉप की घड़ी से', en: "by the laptop's clock" },
  offTimes: { hi: '{count} बार बंद', en: 'off {count} times' },
  resumed: { hi: 'बीच में रुकी, फिर पूरी की गई', en: 'interrupted, then taken up again' },
  underLoad: { hi: 'भार के साथ', en: 'under load' },
  withoutLoad: { hi: 'बिना भार', en: 'without load' },
  clockSet: { hi: '{seconds} सेकंड का अंतर था, मिलाई गई', en: '{seconds} s off, was set' },
  clockGood: { hi: 'सही, अंतर {seconds} सेकंड', en: 'right, {seconds} s off' },
  noEvents: { hi: 'कोई नहीं', en: 'none' },
  explained: { hi: 'लिखित कारण सहित', en: 'explained in writing' },
  notDone: { hi: 'नहीं की गई', en: 'not done' },

  installer: { hi: 'मीटर लगाने वाला', en: 'Installer' },
  authorisation: { hi: 'प्राधिकार पत्र', en: 'Letter of authorisation' },
  validUntil: { hi: 'तक मान्य', en: 'valid until' },
  card: { hi: 'पहचान पत्र', en: 'Identity card' },
  shown: { hi: 'दिखाया गया', en: 'shown' },

  skipped: { hi: 'छोड़े गए चरण', en: 'Steps left out' },

  see: { hi: 'आप कभी भी क्या देख सकते हैं', en: 'What you can see at any time' },
  seeUsage: {
    hi: 'अपनी खपत: अभी, आज, इस महीने और पिछले दिनों की',
    en: 'Your usage: now, today, this month and on the days before',
  },
  seeBalance: {
    hi: 'अपनी शेष राशि, पिछला रिचार्ज और यह कितने दिन चलेगी',
    en: 'Your balance, the last recharge and how many days it lasts',
  },
  seeWhere: {
    hi: 'मीटर के डिस्प्ले पर बटन दबाकर; बिजली कंपनी के ऐप और वेबसाइट पर; या लैपटॉप पर “cosem watch” से',
    en: 'On the meter: press its button. In the app and on the site of the utility. With “cosem watch” on a laptop',
  },

  check: { hi: 'यह प्रमाण पत्र जाँचें', en: 'Check this certificate' },
  checkHow: {
    hi: 'क्यूआर कोड को स्कैन करें और उसका पाठ, या यह फ़ाइल, “cosem verify” को दें: इंटरनेट की आवश्यकता नहीं। कोड में किसी व्यक्ति का नाम नहीं है।',
    en: 'Scan the QR code and give its text, or this file, to “cosem verify”: no network is needed. The code names no person.',
  },
  signedAt: { hi: 'हस्ताक्षर का समय', en: 'Signed at' },
  record: { hi: 'अभिलेख', en: 'Record' },
  key: { hi: 'कुंजी', en: 'Key' },

  workOrder: { hi: 'कार्य आदेश', en: 'Work order' },
  orderAndRecord: { hi: '{order}, अभिलेख {sequence}', en: '{order}, record {sequence}' },
  meter: { hi: 'मीटर', en: 'Meter' },
  startReading: { hi: 'आरंभिक रीडिंग', en: 'Start reading' },
  noReading: { hi: 'नहीं ली गई', en: 'none' },
  relayOfRecord: { hi: 'रिले', en: 'Relay' },
  notTested: { hi: 'जाँच नहीं की गई', en: 'not tested' },
  installerOfRecord: { hi: 'मीटर लगाने वाला', en: 'Installer' },
  withLetter: { hi: '{name} ({id}), प्राधिकार पत्र {letter}', en: '{name} ({id}), letter {letter}' },
} as const satisfies Record<string, Words>;

/** Replaces each `{name}` by its parameter. */
export function filled({ hi, en }: Words, params: Readonly<Record<string, string | number>>): Words {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?'));
  return { hi: fill(hi), en: fill(en) };
}

/** The words for a value of the companion specification, which meters give in English. */
export function translated(text: string): Words {
  return { hi: companionWords(text, 'hi'), en: text };
}
