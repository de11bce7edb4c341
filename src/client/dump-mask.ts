/** What a template must not reveal: secrets are never recorded, and names of the meter are replaced when that is asked for. */

import { fromLatin1, toHex, toLatin1 } from '../base/bytes.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';

/** Shorter secrets would match by chance. */
const SHORTEST_SECRET = 4;

/** Whether a value contains one of the secrets anywhere, as octets or as text. */
export function holdsSecret(data: Data, secrets: readonly Uint8Array[]): boolean {
  const known = secrets.filter(({ length }) => length >= SHORTEST_SECRET);
  if (known.length === 0) return false;
  // In A-XDR octets and text are stored unchanged, so that a secret is found in any type.
  const octets = toLatin1(encodeData(data));
  const text = octets.toUpperCase();
  return known.some((secret) => octets.includes(toLatin1(secret)) || text.includes(toHex(secret)));
}

/** Values that name the meter: logical device name, device IDs 1 to 10, electricity and other media's IDs. */
const NAMES = [/^0\.\d+\.42\.0\.0\.255$/, /^0\.\d+\.96\.1\.\d+\.255$/, /^[1-9]\.\d+\.0\.0\.\d\.255$/];
const SHORTEST_NUMBER = 5;
const TITLE_LENGTH = 8;
const MAKER_LENGTH = 3;
const MAC_LENGTH = 6;

/** Whether an object's value names the meter. */
export function namesTheMeter(classId: number, logicalName: string): boolean {
  return (classId === 1 || classId === 3) && NAMES.some((pattern) => pattern.test(logicalName));
}

/**
 * Replaces serial numbers, the system title and hardware addresses by others of the same length, wherever they occur. Numbers are replaced
 * in the order in which they are met, so that the same meter always gives the same result. Letters, such as the manufacturer's, stay.
 */
export class Mask {
  /** Digits of serial numbers and their replacements, the longest first. */
  readonly #numbers: (readonly [from: string, to: string])[] = [];
  /** Octets as Latin-1 text, and their replacement. */
  readonly #octets: (readonly [from: string, to: string])[] = [];

  /** Adds the numbers in a value that names the meter. */
  addName(data: Data): void {
    for (const text of textsOf(data)) {
      for (const [digits] of text.matchAll(/[1-9]\d*/g)) {
        if (digits.length < SHORTEST_NUMBER || this.#numbers.some(([, to]) => to === digits)) continue;
        if (!this.#numbers.some(([from]) => from === digits)) this.#numbers.push([digits, this.#nextNumber(digits)]);
      }
    }
    this.#numbers.sort(([a], [b]) => b.length - a.length);
  }

  /** Adds a system title; its first three octets name the manufacturer and stay. */
  addTitle(title: Uint8Array): void {
    if (title.length === TITLE_LENGTH) this.#addOctets(title, MAKER_LENGTH);
  }

  addMac(data: Data): void {
    if (data.type === 'octet-string' && data.value.length === MAC_LENGTH) this.#addOctets(data.value, MAKER_LENGTH);
  }

  octets(octets: Uint8Array): Uint8Array {
    return fromLatin1(this.#replaced(toLatin1(octets)));
  }

  /** The value with everything replaced. */
  data(data: Data): Data {
    switch (data.type) {
      case 'array':
      case 'structure':
        return { type: data.type, value: data.value.map((item) => this.data(item)) };
      case 'octet-string':
        return { type: 'octet-string', value: this.octets(data.value) };
      case 'visible-string':
      case 'utf8-string':
        return { type: data.type, value: this.#replaced(data.value) };
      case 'compact-array': {
        // All lengths stay the same, so the contents still fit their description.
        const { description, contents } = data.value;
        return { type: 'compact-array', value: { description, contents: this.octets(contents) } };
      }
      case 'double-long':
      case 'double-long-unsigned':
        return { type: data.type, value: Number(this.#numberFor(String(data.value))) };
      case 'long64':
      case 'long64-unsigned':
        return { type: data.type, value: BigInt(this.#numberFor(String(data.value))) };
      default:
        return data;
    }
  }

  #numberFor(digits: string): string {
    return this.#numbers.find(([from]) => from === digits)?.[1] ?? digits;
  }

  /** A replacement of the same length that is nobody's serial number: `1`, zeros, and a running number. */
  #nextNumber(digits: string): string {
    const ordinal = String(this.#numbers.length + 1);
    return `1${ordinal.padStart(digits.length - 1, '0')}`;
  }

  #addOctets(octets: Uint8Array, kept: number): void {
    const text = toLatin1(octets);
    const tail = text.slice(kept);
    const ordinal = this.#octets.length + 1;
    const replacement = /^\d+$/.test(tail)
      ? String(ordinal).padStart(tail.length, '0')
      : String.fromCharCode(ordinal).padStart(tail.length, '\0');
    if (this.#octets.some(([from, to]) => from === text || to === text)) return;
    this.#octets.push([text, text.slice(0, kept) + replacement]);
  }

  #replaced(text: string): string {
    let replaced = text;
    for (const [from, to] of this.#octets) replaced = replaced.replaceAll(from, to);
    for (const [from, to] of this.#numbers) replaced = replaced.replaceAll(from, to);
    return replaced;
  }
}

function textsOf(data: Data): string[] {
  if (data.type === 'octet-string') return [toLatin1(data.value)];
  if (data.type === 'visible-string' || data.type === 'utf8-string') return [data.value];
  // Some meters store their serial number as a number.
  if (typeof data.value === 'number' || typeof data.value === 'bigint') return [String(data.value)];
  return [];
}
