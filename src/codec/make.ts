import { fromLatin1 } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { quoted } from '../base/words.js';
import { compactArrayOf } from './compact.js';
import type { BitString, Data, TypeDescription } from './data.js';
import { requireBigInt, requireInteger } from './scalar.js';
import { toUtf8 } from './utf8.js';

/*
 * Makers of Data: `structureOf([u8(5), textOctets('meter')])`. Each throws StateError for a value that its type cannot hold, where it
 * is made and not where it is sent.
 */

export function nullValue(): Data {
  return { type: 'null-data', value: null };
}

export function dontCare(): Data {
  return { type: 'dont-care', value: null };
}

export function boolValue(value: boolean): Data {
  return { type: 'boolean', value };
}

/** integer */
export function i8(value: number): Data {
  return { type: 'integer', value: requireInteger('integer', value) };
}

/** long */
export function i16(value: number): Data {
  return { type: 'long', value: requireInteger('long', value) };
}

/** double-long */
export function i32(value: number): Data {
  return { type: 'double-long', value: requireInteger('double-long', value) };
}

/** long64 */
export function i64(value: bigint): Data {
  return { type: 'long64', value: requireBigInt('long64', value) };
}

/** unsigned */
export function u8(value: number): Data {
  return { type: 'unsigned', value: requireInteger('unsigned', value) };
}

/** long-unsigned */
export function u16(value: number): Data {
  return { type: 'long-unsigned', value: requireInteger('long-unsigned', value) };
}

/** double-long-unsigned */
export function u32(value: number): Data {
  return { type: 'double-long-unsigned', value: requireInteger('double-long-unsigned', value) };
}

/** long64-unsigned */
export function u64(value: bigint): Data {
  return { type: 'long64-unsigned', value: requireBigInt('long64-unsigned', value) };
}

/** float32: the nearest one to the number given. */
export function f32(value: number): Data {
  return { type: 'float32', value: Math.fround(value) };
}

/** float64 */
export function f64(value: number): Data {
  return { type: 'float64', value };
}

/** enum */
export function enumValue(value: number): Data {
  return { type: 'enum', value: requireInteger('enum', value) };
}

/** bcd: one octet, as a signed number. */
export function bcdValue(value: number): Data {
  return { type: 'bcd', value: requireInteger('bcd', value) };
}

/** octet-string */
export function octets(value: Uint8Array): Data {
  return { type: 'octet-string', value };
}

/** octet-string holding text in UTF-8, which for the usual ASCII is the text itself. */
export function textOctets(text: string): Data {
  return { type: 'octet-string', value: toUtf8(text) };
}

/** visible-string; Latin-1 at most. */
export function visible(text: string): Data {
  fromLatin1(text);
  return { type: 'visible-string', value: text };
}

/** utf8-string */
export function utf8(text: string): Data {
  toUtf8(text);
  return { type: 'utf8-string', value: text };
}

/** bit-string of text of 0 and 1, first bit first. */
export function bits(text: string): Data {
  return { type: 'bit-string', value: bitStringOf(text) };
}

/** A bit string of text of 0 and 1, first bit first; unused bits are 0. @throws StateError for any other character. */
export function bitStringOf(text: string): BitString {
  if (!/^[01]*$/.test(text))
    throw new StateError(`${quoted(text)} is no bit string`, { hint: 'write it with 0 and 1' });
  const bytes = new Uint8Array(Math.ceil(text.length / 8));
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '1') bytes[i >> 3] = (bytes[i >> 3] as number) | (0x80 >> (i & 7));
  }
  return { bytes, length: text.length };
}

/** Text of 0 and 1 of a bit string, first bit first. */
export function bitStringToText(value: BitString): string {
  let text = '';
  for (let i = 0; i < value.length; i++) text += ((value.bytes[i >> 3] as number) >> (7 - (i & 7))) & 1;
  return text;
}

export function arrayOf(elements: readonly Data[]): Data {
  return { type: 'array', value: elements };
}

export function structureOf(elements: readonly Data[]): Data {
  return { type: 'structure', value: elements };
}

/** compact-array of elements that all fit the description. */
export function compactArrayValue(description: TypeDescription, elements: readonly Data[]): Data {
  return { type: 'compact-array', value: compactArrayOf(description, elements) };
}
