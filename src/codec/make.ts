import { fromLatin1 } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { quoted } from '../base/words.js';
import { compactArrayOf } from './compact.js';
import type { BitString, Data, TypeDescription } from './data.js';
import { requireBigInt, requireInteger } from './scalar.js';
import { toUtf8 } from './utf8.js';
import { wireValue } from './wire-value.js';

/*
 * Makers of Data: `structureOf([u8(5), textOctets('meter')])`. Each throws StateError for a value that its type cannot hold, where it
 * is made and not where it is sent.
 */

/** null-data */
export function nullValue(): Data {
  return wireValue('null-data', null);
}

/** dont-care */
export function dontCare(): Data {
  return wireValue('dont-care', null);
}

/** boolean */
export function boolValue(value: boolean): Data {
  return wireValue('boolean', value);
}

/** integer */
export function i8(value: number): Data {
  return wireValue('integer', requireInteger('integer', value));
}

/** long */
export function i16(value: number): Data {
  return wireValue('long', requireInteger('long', value));
}

/** double-long */
export function i32(value: number): Data {
  return wireValue('double-long', requireInteger('double-long', value));
}

/** long64 */
export function i64(value: bigint): Data {
  return wireValue('long64', requireBigInt('long64', value));
}

/** unsigned */
export function u8(value: number): Data {
  return wireValue('unsigned', requireInteger('unsigned', value));
}

/** long-unsigned */
export function u16(value: number): Data {
  return wireValue('long-unsigned', requireInteger('long-unsigned', value));
}

/** double-long-unsigned */
export function u32(value: number): Data {
  return wireValue('double-long-unsigned', requireInteger('double-long-unsigned', value));
}

/** long64-unsigned */
export function u64(value: bigint): Data {
  return wireValue('long64-unsigned', requireBigInt('long64-unsigned', value));
}

/** float32: the nearest one to the number given. */
export function f32(value: number): Data {
  return wireValue('float32', Math.fround(value));
}

/** float64 */
export function f64(value: number): Data {
  return wireValue('float64', value);
}

/** enum */
export function enumValue(value: number): Data {
  return wireValue('enum', requireInteger('enum', value));
}

/** bcd: one octet, as a signed number. */
export function bcdValue(value: number): Data {
  return wireValue('bcd', requireInteger('bcd', value));
}

/** octet-string */
export function octets(value: Uint8Array): Data {
  return wireValue('octet-string', value);
}

/** octet-string holding text in UTF-8, which for the usual ASCII is the text itself. */
export function textOctets(text: string): Data {
  return wireValue('octet-string', toUtf8(text));
}

/** visible-string; Latin-1 at most. */
export function visible(text: string): Data {
  fromLatin1(text);
  return wireValue('visible-string', text);
}

/** utf8-string */
export function utf8(text: string): Data {
  toUtf8(text);
  return wireValue('utf8-string', text);
}

/** bit-string of text of 0 and 1, first bit first. */
export function bits(text: string): Data {
  return wireValue('bit-string', bitStringOf(text));
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

/** An array of values. */
export function arrayOf(elements: readonly Data[]): Data {
  return wireValue('array', elements);
}

/** A structure of values. */
export function structureOf(elements: readonly Data[]): Data {
  return wireValue('structure', elements);
}

/** compact-array of elements that all fit the description. */
export function compactArrayValue(description: TypeDescription, elements: readonly Data[]): Data {
  return wireValue('compact-array', compactArrayOf(description, elements));
}
