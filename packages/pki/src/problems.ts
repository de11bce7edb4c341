import { SecurityError } from 'cosem';
import { dateText, type Language } from 'cosem/inspect';
import type { Curve, KeyUse } from 'cosem/protocol';
import { useName } from './messages.js';

/** Why a certificate is not accepted. */
export type CertificateProblem =
  | { readonly code: 'authority-as-leaf'; readonly subject: string }
  | { readonly code: 'wrong-use'; readonly subject: string; readonly wanted: KeyUse; readonly uses: readonly KeyUse[] }
  | { readonly code: 'no-title'; readonly subject: string; readonly wanted: string }
  | { readonly code: 'two-titles'; readonly subject: string }
  | { readonly code: 'other-title'; readonly subject: string; readonly wanted: string; readonly title: string }
  | { readonly code: 'other-curve'; readonly subject: string; readonly wanted: Curve; readonly curve: Curve }
  | { readonly code: 'not-yet'; readonly subject: string; readonly from: number }
  | { readonly code: 'expired'; readonly subject: string; readonly until: number }
  | { readonly code: 'unknown-critical'; readonly subject: string; readonly extension: string }
  | { readonly code: 'unknown-algorithm'; readonly subject: string }
  | { readonly code: 'missing-link'; readonly subject: string; readonly issuer: string }
  | { readonly code: 'self-signed'; readonly subject: string }
  | { readonly code: 'no-authority'; readonly subject: string; readonly issuer: string }
  | { readonly code: 'weaker-signer'; readonly subject: string; readonly issuer: string }
  | { readonly code: 'other-algorithm'; readonly subject: string; readonly issuer: string }
  | { readonly code: 'bad-signature'; readonly subject: string; readonly issuer: string }
  | { readonly code: 'too-long'; readonly issuer: string; readonly most: number }
  | { readonly code: 'too-many'; readonly subject: string };

type Say<P> = (problem: P) => string;
type Table = {
  readonly [C in CertificateProblem['code']]: Readonly<Record<Language, Say<Extract<CertificateProblem, { code: C }>>>>;
};

const day = (at: number) => dateText(new Date(at).toISOString());
const uses = (list: readonly KeyUse[], language: Language) =>
  list.map((use) => useName(use, language)).join(language === 'en' ? ' and ' : ' और ') ||
  { en: 'nothing that meters use', hi: 'किसी ऐसे काम के लिए नहीं जो मीटर करते हैं' }[language];

const table: Table = {
  'authority-as-leaf': {
    en: ({ subject }) =>
      `${subject} is the certificate of an authority: it signs certificates, and a meter or client does not use it itself`,
    hi: ({ subject }) =>
      `${subject} प्राधिकारी का प्रमाणपत्र है: वह प्रमाणपत्रों पर हस्ताक्षर करता है, मीटर या क्लाइंट स्वयं उससे काम नहीं लेता`,
  },
  'wrong-use': {
    en: ({ subject, wanted, uses: list }) =>
      `the key of ${subject} is for ${uses(list, 'en')}, and ${useName(wanted, 'en')} is wanted`,
    hi: ({ subject, wanted, uses: list }) =>
      `${subject} की कुंजी ${list.length === 0 ? uses(list, 'hi') : `${uses(list, 'hi')} के लिए`} है, जबकि ${useName(wanted, 'hi')} के लिए चाहिए`,
  },
  'no-title': {
    en: ({ subject, wanted }) => `${subject} names no system title, and it has to be ${wanted}`,
    hi: ({ subject, wanted }) => `${subject} में system title नहीं है, जबकि ${wanted} होना चाहिए`,
  },
  'two-titles': {
    en: ({ subject }) => `${subject} names two different system titles`,
    hi: ({ subject }) => `${subject} में दो अलग-अलग system title हैं`,
  },
  'other-title': {
    en: ({ subject, wanted, title }) =>
      `${subject} is the certificate of the system title ${title}, and the peer has ${wanted}`,
    hi: ({ subject, wanted, title }) => `${subject} system title ${title} का प्रमाणपत्र है, जबकि सामने वाले का ${wanted} है`,
  },
  'other-curve': {
    en: ({ subject, wanted, curve }) => `the key of ${subject} is on ${curve}, and the security suite needs ${wanted}`,
    hi: ({ subject, wanted, curve }) => `${subject} की कुंजी ${curve} पर है, जबकि security suite को ${wanted} चाहिए`,
  },
  'not-yet': {
    en: ({ subject, from }) => `${subject} is valid only from ${day(from)} UTC on: is the clock right?`,
    hi: ({ subject, from }) => `${subject} ${day(from)} UTC से ही मान्य है: क्या घड़ी सही है?`,
  },
  expired: {
    en: ({ subject, until }) => `${subject} was valid until ${day(until)} UTC: a new certificate is needed`,
    hi: ({ subject, until }) => `${subject} ${day(until)} UTC तक ही मान्य था: नया प्रमाणपत्र चाहिए`,
  },
  'unknown-critical': {
    en: ({ subject, extension }) => `${subject} has the critical extension ${extension}, which is not understood here`,
    hi: ({ subject, extension }) => `${subject} में critical extension ${extension} है, जो यहाँ समझा नहीं जाता`,
  },
  'unknown-algorithm': {
    en: ({ subject }) => `${subject} is signed by an algorithm that security suites 1 and 2 do not have`,
    hi: ({ subject }) => `${subject} पर ऐसी विधि से हस्ताक्षर है जो security suite 1 और 2 में नहीं है`,
  },
  'missing-link': {
    en: ({ subject, issuer }) =>
      `the certificate of ${issuer}, which signed ${subject}, is not there: the chain has a missing link`,
    hi: ({ subject, issuer }) => `${subject} पर हस्ताक्षर करने वाले ${issuer} का प्रमाणपत्र नहीं मिला: कड़ी टूटी है`,
  },
  'self-signed': {
    en: ({ subject }) => `${subject} is signed by itself, and it is none of the trust anchors`,
    hi: ({ subject }) => `${subject} पर अपना ही हस्ताक्षर है, और वह उन प्राधिकारियों में नहीं है जिन पर भरोसा है`,
  },
  'no-authority': {
    en: ({ subject, issuer }) => `${issuer} signed ${subject}, and may not sign certificates`,
    hi: ({ subject, issuer }) => `${subject} पर ${issuer} का हस्ताक्षर है, जिसे प्रमाणपत्रों पर हस्ताक्षर करने का अधिकार नहीं है`,
  },
  'weaker-signer': {
    en: ({ subject, issuer }) => `the key of ${subject} is on P-384, and ${issuer}, which signed it, on P-256`,
    hi: ({ subject, issuer }) => `${subject} की कुंजी P-384 पर है, और हस्ताक्षर करने वाले ${issuer} की P-256 पर`,
  },
  'other-algorithm': {
    en: ({ subject, issuer }) => `${subject} is signed by another algorithm than the key of ${issuer} is for`,
    hi: ({ subject, issuer }) => `${subject} पर ऐसी विधि से हस्ताक्षर है जो ${issuer} की कुंजी की नहीं है`,
  },
  'bad-signature': {
    en: ({ subject, issuer }) =>
      `the signature on ${subject} is not by ${issuer}: it was altered, or somebody else made it`,
    hi: ({ subject, issuer }) => `${subject} पर हस्ताक्षर ${issuer} का नहीं है: उसे बदला गया है, या किसी और ने बनाया है`,
  },
  'too-long': {
    en: ({ issuer, most }) =>
      `${issuer} allows ${most === 0 ? 'no authority' : `${most} authorities`} below it, and the chain has more`,
    hi: ({ issuer, most }) => `${issuer} अपने नीचे ${most} प्राधिकारी की ही अनुमति देता है, और कड़ी में इससे अधिक हैं`,
  },
  'too-many': {
    en: ({ subject }) => `there are too many certificates that may have signed ${subject}`,
    hi: ({ subject }) => `${subject} पर हस्ताक्षर करने वाले संभावित प्रमाणपत्र बहुत अधिक हैं`,
  },
};

/** What a problem says, as one sentence without its full stop. Names in it are what certificates say: hostile. */
export function problemText(problem: CertificateProblem, language: Language): string {
  const say = table[problem.code][language] as Say<CertificateProblem>;
  return say(problem);
}

/** A certificate that is not accepted. */
export class CertificateError extends SecurityError {
  /** Why; {@link problemText} says it in each language. */
  readonly problem: CertificateProblem;
  /** The same in each language. */
  readonly words: { readonly message: Readonly<Record<Language, string>> };

  constructor(problem: CertificateProblem) {
    super('bad-certificate', problemText(problem, 'en'));
    this.problem = problem;
    this.words = { message: { en: this.message, hi: problemText(problem, 'hi') } };
  }
}
