import type { DataType } from './data.js';

/** The CHOICE tags of `Data` (IEC 62056-5-3): one octet each. */
export const TAG = {
  'null-data': 0,
  array: 1,
  structure: 2,
  boolean: 3,
  'bit-string': 4,
  'double-long': 5,
  'double-long-unsigned': 6,
  'octet-string': 9,
  'visible-string': 10,
  'utf8-string': 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  'long-unsigned': 18,
  'compact-array': 19,
  long64: 20,
  'long64-unsigned': 21,
  enum: 22,
  float32: 23,
  float64: 24,
  'date-time': 25,
  date: 26,
  time: 27,
  'delta-integer': 28,
  'delta-long': 29,
  'delta-double-long': 30,
  'delta-unsigned': 31,
  'delta-long-unsigned': 32,
  'delta-double-long-unsigned': 33,
  'dont-care': 255,
} as const satisfies Record<DataType, number>;

const TYPES = new Map<number, DataType>(Object.entries(TAG).map(([type, tag]) => [tag, type as DataType]));

/** The type of a tag; undefined when the CHOICE has no such tag. */
export function typeOfTag(tag: number): DataType | undefined {
  return TYPES.get(tag);
}

/** Smallest and largest value of the integer types that fit a JavaScript number. `bcd` is a signed octet (Integer8), as the ASN.1 has it. */
export const INTEGER_RANGE = {
  'double-long': [-0x80000000, 0x7fffffff],
  'double-long-unsigned': [0, 0xffffffff],
  bcd: [-0x80, 0x7f],
  integer: [-0x80, 0x7f],
  long: [-0x8000, 0x7fff],
  unsigned: [0, 0xff],
  'long-unsigned': [0, 0xffff],
  enum: [0, 0xff],
  'delta-integer': [-0x80, 0x7f],
  'delta-long': [-0x8000, 0x7fff],
  'delta-double-long': [-0x80000000, 0x7fffffff],
  'delta-unsigned': [0, 0xff],
  'delta-long-unsigned': [0, 0xffff],
  'delta-double-long-unsigned': [0, 0xffffffff],
} as const satisfies Partial<Record<DataType, readonly [number, number]>>;

/** Types whose values are numbers. */
export type IntegerType = keyof typeof INTEGER_RANGE;

/** Smallest and largest value of the 64 bit types. */
export const BIGINT_RANGE = {
  long64: [-0x8000000000000000n, 0x7fffffffffffffffn],
  'long64-unsigned': [0n, 0xffffffffffffffffn],
} as const satisfies Partial<Record<DataType, readonly [bigint, bigint]>>;

/** Types whose values are bigints. */
export type BigIntType = keyof typeof BIGINT_RANGE;

/** Octets of the types that are kept as octets of fixed length. */
export const OCTETS_OF = { 'date-time': 12, date: 5, time: 4 } as const;

/** Octets behind the tag, of the types that always take as many. */
const SIZES: readonly (readonly [number, readonly DataType[]])[] = [
  [0, ['null-data', 'dont-care']],
  [1, ['boolean', 'bcd', 'integer', 'unsigned', 'enum', 'delta-integer', 'delta-unsigned']],
  [2, ['long', 'long-unsigned', 'delta-long', 'delta-long-unsigned']],
  [4, ['double-long', 'double-long-unsigned', 'delta-double-long', 'delta-double-long-unsigned', 'float32', 'time']],
  [5, ['date']],
  [8, ['long64', 'long64-unsigned', 'float64']],
  [12, ['date-time']],
];

const SIZE_OF_TAG = new Map(
  SIZES.flatMap(([size, types]) => types.map((type) => [TAG[type] as number, size] as const)),
);

/** Octets that follow a tag, where they are always as many. */
export function sizeOfTag(tag: number): number | undefined {
  return SIZE_OF_TAG.get(tag);
}
