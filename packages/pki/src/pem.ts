import 'reflect-metadata';
import { PemConverter } from '@peculiar/x509';
import { DecodeError } from 'cosem';
import { DER, MOST_OCTETS } from './der.js';

/** What stands in a PEM file between its dashes. */
const LABELS = {
  certificate: ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'],
  request: ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'],
} as const;
/** The most characters of a file: 64 certificates of 8 KiB in base64. */
const MOST_CHARACTERS = 700_000;

/** What a file holds. */
export type PemKind = keyof typeof LABELS;

/**
 * Takes certificates or requests out of a file: DER; PEM, with whatever stands before, between and after; the same octets as hexadecimal digits or
 * base64.
 * @returns DER of each, at least one, not read yet.
 * @throws DecodeError where there is none.
 */
export function readPem(file: Uint8Array, kind: PemKind): Uint8Array[] {
  if (file.length > MOST_CHARACTERS) {
    throw new DecodeError('bad-length', `the file is longer than ${MOST_CHARACTERS} octets`, MOST_CHARACTERS);
  }
  if (file[0] === DER.sequence && (file[1] ?? 0) >= 0x80) return [file];
  const text = new TextDecoder().decode(file);
  const found = text.includes('-----BEGIN') ? blocksOf(text, LABELS[kind]) : bareOf(text);
  if (found.length > 0) return found;
  const other = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  const what = kind === 'certificate' ? 'certificate' : 'certificate request';
  throw new DecodeError('bad-value', `there is no ${what} in it${other === undefined ? '' : `, but ${other}`}`, -1);
}

function blocksOf(text: string, labels: readonly string[]): Uint8Array[] {
  try {
    return PemConverter.decodeWithHeaders(text)
      .filter(({ type }) => labels.includes(type))
      .map(({ rawData }) => new Uint8Array(rawData));
  } catch (error) {
    throw new DecodeError('bad-value', 'what stands between BEGIN and END is not base64', -1, { cause: error });
  }
}

function bareOf(text: string): Uint8Array[] {
  const words = text.replace(/\s+/g, '');
  if (words.length > 4 * MOST_OCTETS) return [];
  if (/^(?:[0-9a-f]{2})+$/i.test(words))
    return [Uint8Array.from(words.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))];
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(words) && words.startsWith('MI')) {
    return [Uint8Array.from(atob(words.replace(/=+$/, '')), (character) => character.charCodeAt(0))];
  }
  return [];
}

/** PEM of a certificate or a request. */
export function writePem(octets: Uint8Array, kind: PemKind): string {
  return `${PemConverter.encode(octets.slice(), LABELS[kind][0]).trimEnd()}\n`;
}
