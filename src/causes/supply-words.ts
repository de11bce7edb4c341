import type { Language } from '../base/language.js';
import type { Sentence } from './cause.js';

/** What is read for it, by the names of its parts. */
const PARTS = {
  serial: { en: 'serial number', hi: 'क्रमांक' },
  clock: { en: 'clock', hi: 'घड़ी' },
  output: { en: 'contacts of the relay', hi: 'रिले के संपर्क' },
  state: { en: 'state of the relay', hi: 'रिले की स्थिति' },
  mode: { en: 'control mode', hi: 'कंट्रोल मोड' },
  payment: { en: 'payment mode', hi: 'भुगतान का प्रकार' },
  balance: { en: 'balance', hi: 'बैलेंस' },
  token: { en: 'last recharge', hi: 'पिछला रिचार्ज' },
  limit: { en: 'load limit', hi: 'लोड की सीमा' },
  volts: { en: 'voltage', hi: 'वोल्टेज' },
  amperes: { en: 'current', hi: 'धारा' },
  tampers: { en: 'tamper signs', hi: 'छेड़छाड़ के संकेत' },
  'switching-log': { en: 'log of the relay', hi: 'रिले का लॉग' },
  'tamper-log': { en: 'log of tampering', hi: 'छेड़छाड़ का लॉग' },
  'overload-log': { en: 'log of overloads', hi: 'अधिक लोड का लॉग' },
  'transaction-log': { en: 'log of changes', hi: 'बदलावों का लॉग' },
  signal: { en: 'signal of the modem', hi: 'मॉडेम का सिग्नल' },
} as const satisfies Record<string, Sentence>;

/** A part of what is read to find out why a house is dark. */
export type SupplyPart = keyof typeof PARTS;

/** The name of such a part in sentences. */
export function wordSupplyPart(part: SupplyPart, language: Language = 'en'): string {
  return PARTS[part][language];
}

/** Tampering that bars switching on, by name, as sentences have it. */
const TAMPERINGS = {
  cover: { en: 'cover opened', hi: 'ढक्कन खोला गया' },
  magnet: { en: 'magnet', hi: 'चुंबक' },
  neutral: { en: 'neutral disturbed', hi: 'न्यूट्रल में गड़बड़ी' },
  bypass: { en: 'current bypassed', hi: 'धारा बाईपास की गई' },
} as const satisfies Record<string, Sentence>;

/** A kind of tampering that bars switching on. */
export type SupplyTamper = keyof typeof TAMPERINGS;

/** @internal Several tamperings as a fact of a sentence. */
export function tamperFact(tampers: readonly SupplyTamper[]): Sentence {
  const said = (language: Language) => tampers.map((tamper) => TAMPERINGS[tamper][language]).join(', ');
  return { en: said('en'), hi: said('hi') };
}
