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

/** null-data: no value. */
export function nullValue(): Data {
  return wireValue('null-data', null);
}

/** dont-care: the receiver is to leave this value out of account. */
export function dontCare(): Data {
  return wireValue('dont-care', null);
}

/** boolean: true or false. */
export function boolValue(value: boolean): Data {
  return wireValue('boolean', value);
}

/** integer: a signed number of one octet, -128 to 127. */
export function i8(value: number): Data {
  return wireValue('integer', requireInteger('integer', value));
}

/** long: a signed number of two octets. */
export function i16(value: number): Data {
  return wireValue('long', requireInteger('long', value));
}

/** double-long: a signed number of four octets. */
export function i32(value: number): Data {
  return wireValue('double-long', requireInteger('double-long', value));
}

/** long64: a signed number of eight octets, as a `bigint`. */
export function i64(value: bigint): Data {
  return wireValue('long64', requireBigInt('long64', value));
}

/** unsigned: a number of one octet, 0 to 255. */
export function u8(value: number): Data {
  return wireValue('unsigned', requireInteger('unsigned', value));
}

/** long-unsigned: a number of two octets, 0 to 65535. */
export function u16(value: number): Data {
  return wireValue('long-unsigned', requireInteger('long-unsigned', value));
}

/** double-long-unsigned: a number of four octets, 0 to 4294967295. */
export function u32(value: number): Data {
  return wireValue('double-long-unsigned', requireInteger('double-long-unsigned', value));
}

/** long64-unsigned: a number of eight octets from 0, as a `bigint`. */
export function u64(value: bigint): Data {
  return wireValue('long64-unsigned', requireBigInt('long64-unsigned', value));
}

/** float32: a floating point number of four octets, rounded to the nearest one. */
export function f32(value: number): Data {
  return wireValue('float32', Math.fround(value));
}

/** float64: a floating point number of eight octets. */
export function f64(value: number): Data {
  return wireValue('float64', value);
}

/** enum: one of up to 256 values, by its number. */
export function enumValue(value: number): Data {
  return wireValue('enum', requireInteger('enum', value));
}

/** bcd: one octet, as a signed number. */
export function bcdValue(value: number): Data {
  return wireValue('bcd', requireInteger('bcd', value));
}

/** octet-string: octets as they are. */
export function octets(value: Uint8Array): Data {
  return wireValue('octet-string', value);
}

/** octet-string that holds text in UTF-8. */
export function textOctets(text: string): Data {
  return wireValue('octet-string', toUtf8(text));
}

/** visible-string: text of Latin-1 characters at most. */
export function visible(text: string): Data {
  fromLatin1(text);
  return wireValue('visible-string', text);
}

/** utf8-string: text. */
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

/** array: values that are all of one type. */
export function arrayOf(elements: readonly Data[]): Data {
  return wireValue('array', elements);
}

/** structure: values in a fixed order, each of its own type. */
export function structureOf(elements: readonly Data[]): Data {
  return wireValue('structure', elements);
}

/** compact-array of elements that all fit the description. */
export function compactArrayValue(description: TypeDescription, elements: readonly Data[]): Data {
  return wireValue('compact-array', compactArrayOf(description, elements));
}
