/** The kinds of documents that the state names, and the form of their numbers. Policies may name others, of which no form is known. */

import type { texts } from './messages-texts.js';

type TextCode = keyof typeof texts;

interface DocumentKind {
  /** What else it is called where it is typed. */
  readonly aliases: readonly string[];
  /** Whether a number, in capitals and without blanks and dashes, may be one of this kind. */
  readonly fits: (number: string) => boolean;
  /** The form in words. */
  readonly form: TextCode;
  readonly name: TextCode;
}

const KINDS = {
  aadhaar: {
    aliases: ['aadhar', 'adhar', 'uid'],
    fits: (number) => /^[2-9]\d{11}$/.test(number) && hasCheckDigit(number),
    form: 'form-aadhaar',
    name: 'document-aadhaar',
  },
  pan: {
    aliases: ['pan-card'],
    // The fourth letter is the kind of holder.
    fits: (number) => /^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$/.test(number),
    form: 'form-pan',
    name: 'document-pan',
  },
  'voter-card': {
    aliases: ['epic', 'voter-id', 'voter-id-card', 'voter-identity-card'],
    // Since 1999 three letters and seven digits; before, state, constituency, part and number.
    fits: (number) => /^[A-Z]{3}\d{7}$/.test(number) || /^[A-Z]{2}\d{10,14}$/.test(number),
    form: 'form-voter-card',
    name: 'document-voter-card',
  },
  'driving-licence': {
    aliases: ['driving-license', 'dl'],
    // State, office, year and seven digits; older ones are shorter and may have letters.
    fits: (number) => /^[A-Z]{2}\d{2}(?:(?:19|20)\d{9}|[A-Z0-9]{4,10})$/.test(number) && /\d{3}$/.test(number),
    form: 'form-driving-licence',
    name: 'document-driving-licence',
  },
} as const satisfies Record<string, DocumentKind>;

/** The kinds whose form is known. */
export const DOCUMENT_KINDS: readonly string[] = Object.keys(KINDS);

/** A kind by any of its names: `Voter ID` is `voter-card`. What is no kind of the state stays as it is, trimmed. */
export function documentKindIn(text: string): string {
  const name = text.trim();
  const key = name.toLowerCase().replace(/[\s_-]+/g, '-');
  const found = Object.entries(KINDS).find(
    ([kind, { aliases }]) => kind === key || (aliases as readonly string[]).includes(key),
  );
  return found?.[0] ?? name;
}

function known(kind: string): DocumentKind | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as keyof typeof KINDS] : undefined;
}

/** The message that names a kind; undefined where the policy alone knows it. */
export function documentNameCode(kind: string): TextCode | undefined {
  return known(kind)?.name;
}

/** The message that tells the form of a kind's numbers; undefined where the number has it, or none is known. */
export function wrongFormOf(kind: string, normalNumber: string): TextCode | undefined {
  const found = known(kind);
  return found === undefined || found.fits(normalNumber) ? undefined : found.form;
}

/** Verhoeff's dihedral check, whose last digit makes the whole come out as 0: it notices every wrong digit and every swapped pair. */
function hasCheckDigit(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = Number(digits[digits.length - 1 - i]);
    for (let turn = 0; turn < i % 8; turn++) digit = Number('1576283094'[digit]);
    check = product(check, digit);
  }
  return check === 0;
}

/** In the dihedral group of the pentagon: 0 to 4 turn it, 5 to 9 turn it over. */
function product(a: number, b: number): number {
  const turned = a % 5;
  if (a < 5) return b < 5 ? (turned + b) % 5 : 5 + ((turned + b) % 5);
  return b < 5 ? 5 + ((turned - b + 5) % 5) : (turned - (b - 5) + 5) % 5;
}
