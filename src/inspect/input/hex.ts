/**
 * Hexadecimal text as people and programs write it. Separators are kept until the digits are paired, so that no octet is made from digits of two
 * others.
 */

import { StateError } from '../../base/errors.js';
import { counted } from '../../base/words.js';

/** Octets of a text, and remarks on how it was read. */
export interface HexReading {
  readonly octets: Uint8Array;
  readonly remarks: readonly string[];
}

/** What may stand between octets, including brackets and quotes of programming languages. */
const BETWEEN = /[\s,;:.\-_|"'{}[\]()<>\\/=]+/;
const PREFIXED = /^(?:0x|\$|#x?|x)([0-9a-f]+)$/i;
const SUFFIXED = /^0?([0-9a-f]{1,2})h$/i;

interface Token {
  readonly digits: string;
  /** Whether it is marked as hexadecimal: `0x7E`. */
  readonly marked: boolean;
}

/** Whether a text consists of nothing but hexadecimal digits, their separators and prefixes. */
export function isHexText(text: string): boolean {
  const words = text.split(BETWEEN).filter((word) => word !== '');
  return words.length > 0 && words.every((word) => tokensOf(word) !== undefined);
}

/**
 * The octets of hexadecimal text: `7E A0 07`, `7EA007`, `0x7E, 0xA0, 0x7`, `7e:a0:07`, `\x7e\xa0`, `7Eh A0h`. A single digit is an octet if no
 * group has more than two digits (some programs omit the leading zero). Numbers up to 255 that cannot be hexadecimal are read as decimal.
 * @throws StateError when a group has an odd number of digits, or the text can be read in two ways.
 */
export function hexOctets(text: string): HexReading {
  const tokens: Token[] = [];
  for (const word of text.split(BETWEEN)) {
    if (word === '') continue;
    const read = tokensOf(word);
    if (read === undefined) throw noDigit(word);
    // Not spread into push: there may be very many.
    for (const token of read) tokens.push(token);
  }
  const remarks: string[] = [];
  const decimal = decimalOctets(tokens);
  if (decimal !== undefined) {
    return {
      octets: decimal,
      remarks: ['read as decimal numbers, because a group of three digits is not an octet in hexadecimal'],
    };
  }
  const plain = tokens.filter(({ marked }) => !marked);
  const single = plain.filter(({ digits }) => digits.length === 1);
  if (single.length > 0) checkSingle(plain, single.length, remarks);
  const octets = new Uint8Array(tokens.reduce((sum, { digits }) => sum + ((digits.length + 1) >> 1), 0));
  let at = 0;
  for (const { digits } of tokens) {
    if (digits.length > 1 && digits.length % 2 !== 0) throw oddGroup(tokens, digits);
    if (digits.length === 1) octets[at++] = Number.parseInt(digits, 16);
    else for (let i = 0; i < digits.length; i += 2) octets[at++] = Number.parseInt(digits.slice(i, i + 2), 16);
  }
  return { octets, remarks };
}

function tokensOf(word: string): Token[] | undefined {
  if (/^[0-9a-f]+$/i.test(word)) return [{ digits: word, marked: false }];
  const marked = PREFIXED.exec(word) ?? SUFFIXED.exec(word);
  if (marked) return [{ digits: marked[1] as string, marked: true }];
  // Without separators: 0x7E0xA00x7, where the 0 of a prefix must not become part of the octet before it, and x7ExA0.
  const groups = /^0x/i.test(word) ? word.slice(2).split(/0x/i) : word.slice(1).split(/x/i);
  const fits = /^0x/i.test(word) ? /^[0-9a-f]{1,2}$/i : /^[0-9a-f]{2}$/i;
  if (!/^0?x/i.test(word) || !groups.every((digits) => fits.test(digits))) return undefined;
  return groups.map((digits) => ({ digits, marked: true }));
}

/** Accepts single digits as octets where no other reading is possible. */
function checkSingle(plain: readonly Token[], single: number, remarks: string[]): void {
  const longest = Math.max(...lengthsOf(plain));
  if (plain.length === 1) throw oddGroup(plain, plain[0]?.digits ?? '');
  if (longest === 1) {
    throw new StateError(
      'every digit stands alone: they can be octets of one digit each, or the two halves of octets',
      {
        hint: 'write 07 03 for octets of one digit, 73 for two halves',
      },
    );
  }
  if (longest > 2) {
    throw new StateError(
      'single digits are mixed with longer groups: each can be an octet, or half of an octet that was cut',
      {
        hint: 'write two digits for each octet',
      },
    );
  }
  remarks.push(`${counted(single, 'octet was', 'octets were')} written with one digit: 7 was read as 07`);
}

/** The different lengths of the groups. */
function lengthsOf(tokens: readonly Token[]): Set<number> {
  return new Set(tokens.map(({ digits }) => digits.length));
}

/** Decimal numbers of an array, such as `126, 160, 7`, where a group of three digits excludes hexadecimal. */
function decimalOctets(tokens: readonly Token[]): Uint8Array | undefined {
  if (tokens.length < 2 || !tokens.some(({ digits }) => digits.length === 3)) return undefined;
  if (tokens.some(({ digits, marked }) => marked || !/^\d{1,3}$/.test(digits) || Number(digits) > 255))
    return undefined;
  return Uint8Array.from(tokens, ({ digits }) => Number(digits));
}

function oddGroup(tokens: readonly Token[], digits: string): StateError {
  const shown = digits.length > 20 ? `${digits.slice(0, 20)}…` : digits;
  const broken = tokens.length > 1 ? ': is one missing, or does a line end within an octet?' : ': is one missing?';
  return new StateError(`'${shown}' has ${counted(digits.length, 'digit')}, an odd number`, {
    hint: `two digits an octet${broken}`,
  });
}

function noDigit(word: string): StateError {
  const bad = /[^0-9a-fx]/i.exec(word)?.[0] ?? word.charAt(0);
  return new StateError(`'${bad}' is not a hexadecimal digit`, {
    hint: 'use 0-9 and A-F, two digits an octet; files, base64, logs and pcap recordings are read too',
  });
}
