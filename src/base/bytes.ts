/** Helpers for octets that work alike in Node and in a browser: nothing here uses `Buffer`. */

import { StateError } from './errors.js';
import { counted } from './words.js';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase());

/** Upper-case hexadecimal text of octets, without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** One octet as people write it: `0x0A`. */
export function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0').toUpperCase()}`;
}

/**
 * Octets of hexadecimal text. White space, `:`, `-` and a leading `0x` are allowed between octets.
 * @throws StateError when a character is not a hexadecimal digit or the number of digits is odd.
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^\s*0x/i, '').replace(/[\s:-]+/g, '');
  const bad = /[^0-9a-f]/i.exec(digits);
  if (bad)
    throw new StateError(`'${bad[0]}' is not a hexadecimal digit`, { hint: 'use 0-9 and A-F, two digits an octet' });
  if (digits.length % 2 !== 0) {
    throw new StateError(`hexadecimal text has ${counted(digits.length, 'digit')}, an odd number`, {
      hint: 'two digits an octet: is one missing?',
    });
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Four octets as an unsigned number, big-endian. The caller has checked that they are there. */
export function u32At(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

/** One array holding all parts, one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two octet strings are the same. Not for secrets: see {@link equalConstantTime}. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two octet strings are the same; the time it takes depends on their length alone. For passwords, tags and challenges. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Text of octets read as ISO 8859-1: every octet is one character, so nothing is lost. */
export function toLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/**
 * Octets of ISO 8859-1 text.
 * @throws StateError when a character has no octet (above U+00FF).
 */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff)
      throw new StateError(`'${text[i]}' has no place in a visible-string`, {
        hint: 'use a utf8-string, or Latin letters',
      });
    bytes[i] = code;
  }
  return bytes;
}

/** Whether every octet is a printable ASCII character. */
export function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return false;
  return true;
}

/**
 * Text without the octets (0x00 or 0xFF) with which a meter filled it up to a fixed length. What would leave fewer than three characters is
 * returned whole.
 */
export function unfilled(bytes: Uint8Array): Uint8Array {
  const last = bytes.at(-1);
  if (last !== 0 && last !== 0xff) return bytes;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === last) end--;
  return end < 3 ? bytes : bytes.subarray(0, end);
}
