import { fromLatin1, hexOctet, toLatin1 } from '../base/bytes.js';
import type { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { counted, withArticle } from '../base/words.js';
import type { BitString, Data } from './data.js';
import { BIGINT_RANGE, type BigIntType, INTEGER_RANGE, type IntegerType, OCTETS_OF } from './tags.js';
import { fromUtf8, toUtf8 } from './utf8.js';
import { wireValue } from './wire-value.js';

/**
 * Contents of a value whose tag was read (or is known from a type description) and is neither array, structure nor compact-array.
 */
export function readScalar(r: Reader, tag: number): Data {
  switch (tag) {
    case 0:
      return wireValue('null-data', null);
    case 3:
      return wireValue('boolean', r.u8() !== 0);
    case 4:
      return wireValue('bit-string', readBitString(r));
    case 5:
      return wireValue('double-long', r.i32());
    case 6:
      return wireValue('double-long-unsigned', r.u32());
    case 9:
      return wireValue('octet-string', r.take(r.length()));
    case 10:
      return wireValue('visible-string', toLatin1(r.take(r.length())));
    case 12:
      return wireValue('utf8-string', fromUtf8(r.take(r.length())));
    case 13:
      return wireValue('bcd', r.i8());
    case 15:
      return wireValue('integer', r.i8());
    case 16:
      return wireValue('long', r.i16());
    case 17:
      return wireValue('unsigned', r.u8());
    case 18:
      return wireValue('long-unsigned', r.u16());
    case 20:
      return wireValue('long64', r.i64());
    case 21:
      return wireValue('long64-unsigned', r.u64());
    case 22:
      return wireValue('enum', r.u8());
    case 23:
      return wireValue('float32', r.f32());
    case 24:
      return wireValue('float64', r.f64());
    case 25:
      return wireValue('date-time', r.take(12));
    case 26:
      return wireValue('date', r.take(5));
    case 27:
      return wireValue('time', r.take(4));
    case 28:
      return wireValue('delta-integer', r.i8());
    case 29:
      return wireValue('delta-long', r.i16());
    case 30:
      return wireValue('delta-double-long', r.i32());
    case 31:
      return wireValue('delta-unsigned', r.u8());
    case 32:
      return wireValue('delta-long-unsigned', r.u16());
    case 33:
      return wireValue('delta-double-long-unsigned', r.u32());
    case 255:
      return wireValue('dont-care', null);
    default:
      return r.fail('unknown-tag', `${hexOctet(tag)} is no tag of Data`, r.offset - 1);
  }
}

function readBitString(r: Reader): BitString {
  const length = r.length();
  return { bytes: r.take(Math.ceil(length / 8)), length };
}

/** A scalar as it may be given to {@link writeScalar}. */
export type Scalar = Exclude<Data, { readonly type: 'array' | 'structure' | 'compact-array' }>;

/**
 * Contents of a value, without its tag.
 * @throws StateError when the value does not fit its type.
 */
export function writeScalar(w: Writer, data: Scalar): void {
  switch (data.type) {
    case 'null-data':
    case 'dont-care':
      return;
    case 'boolean':
      w.u8(data.value ? 1 : 0);
      return;
    case 'bit-string':
      writeBitString(w, data.value);
      return;
    case 'bcd':
    case 'integer':
    case 'unsigned':
    case 'enum':
    case 'delta-integer':
    case 'delta-unsigned':
      w.u8(requireInteger(data.type, data.value));
      return;
    case 'long':
    case 'long-unsigned':
    case 'delta-long':
    case 'delta-long-unsigned':
      w.u16(requireInteger(data.type, data.value));
      return;
    case 'double-long':
    case 'double-long-unsigned':
    case 'delta-double-long':
    case 'delta-double-long-unsigned':
      w.u32(requireInteger(data.type, data.value));
      return;
    case 'long64':
    case 'long64-unsigned':
      w.u64(requireBigInt(data.type, data.value));
      return;
    case 'float32':
      w.f32(data.value);
      return;
    case 'float64':
      w.f64(data.value);
      return;
    case 'octet-string':
      w.octets(data.value);
      return;
    case 'visible-string':
      w.octets(fromLatin1(data.value));
      return;
    case 'utf8-string':
      w.octets(toUtf8(data.value));
      return;
    case 'date-time':
    case 'date':
    case 'time':
      w.bytes(requireOctets(data.type, data.value));
      return;
    default:
      throw new StateError(`${String((data as Data).type)} is no type of Data`);
  }
}

function writeBitString(w: Writer, value: BitString): void {
  w.length(requireBitString(value).length).bytes(value.bytes);
}

/** @throws StateError unless a whole number within the type's range. */
export function requireInteger(type: IntegerType, value: number): number {
  const [low, high] = INTEGER_RANGE[type];
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new StateError(`${shown(value)} is no value of ${type}`, { hint: `whole numbers from ${low} to ${high}` });
}

/** @throws StateError unless within the range of the 64 bit type. */
export function requireBigInt(type: BigIntType, value: bigint): bigint {
  const [low, high] = BIGINT_RANGE[type];
  if (typeof value === 'bigint' && value >= low && value <= high) return value;
  throw new StateError(`${shown(value)} is no value of ${type}`, { hint: `a bigint from ${low} to ${high}` });
}

/** A number in a message; a caller without types may have sent anything. */
function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : `a ${typeof value}`;
}

/** @throws StateError unless as long as the type asks. */
export function requireOctets(type: keyof typeof OCTETS_OF, value: Uint8Array): Uint8Array {
  if (value.length === OCTETS_OF[type]) return value;
  throw new StateError(`${withArticle(type)} of ${counted(value.length, 'octet')}`, {
    hint: `${withArticle(type)} has ${counted(OCTETS_OF[type], 'octet')}`,
  });
}

/** @throws StateError unless the octets are as many as the bits need. */
export function requireBitString(value: BitString): BitString {
  if (Number.isInteger(value.length) && value.length >= 0 && value.bytes.length === Math.ceil(value.length / 8)) {
    return value;
  }
  throw new StateError(`a bit-string of ${counted(value.length, 'bit')} in ${counted(value.bytes.length, 'octet')}`);
}
