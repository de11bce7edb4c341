/**
 * `Data` of IEC 62056-5-3 / 62056-6-2: a lossless tagged union. What was read can be written back octet for octet, but for what has
 * several encodings: lengths are written in their shortest form, `true` as 1, NaN as the usual one. A utf8-string keeps octets that are
 * not UTF-8 as lone surrogates (U+DC80 and on), so that one bad label neither costs a message nor is lost.
 */

/** A bit string: `length` bits, the first is the most significant bit of `bytes[0]`; unused bits are kept as they came. */
export interface BitString {
  /** The bits, eight in an octet; the last octet is filled up. */
  readonly bytes: Uint8Array;
  /** How many of the bits count. */
  readonly length: number;
}

/** Type description of a compact-array (a tag alone, or nested). */
export type TypeDescription =
  | {
      /** Name of a wire type that has no parts. */
      readonly type: Exclude<Data['type'], 'array' | 'structure' | 'compact-array'>;
    }
  | {
      /** Its elements are arrays. */
      readonly type: 'array';
      /** How many elements each of these arrays has. */
      readonly count: number;
      /** The type of their elements. */
      readonly element: TypeDescription;
    }
  | {
      /** Its elements are structures. */
      readonly type: 'structure';
      /** The types of their elements, in their order. */
      readonly elements: readonly TypeDescription[];
    };

/** A compact-array as it came: its contents stay octets until `compactArrayElements` takes them apart. */
export interface CompactArray {
  /** The type of its elements. */
  readonly description: TypeDescription;
  /** The elements, without their tags. */
  readonly contents: Uint8Array;
}

/** One value of one wire type. */
interface Wire<K, V> {
  /** Its type, as the Blue Book writes it. */
  readonly type: K;
  /** The value itself. */
  readonly value: V;
}

/** One value with its wire type. Every member has the same shape, so engines keep access to it fast. */
export type Data =
  | Wire<'null-data', null>
  | Wire<'array', readonly Data[]>
  | Wire<'structure', readonly Data[]>
  | Wire<'boolean', boolean>
  | Wire<'bit-string', BitString>
  | Wire<'double-long', number>
  | Wire<'double-long-unsigned', number>
  | Wire<'octet-string', Uint8Array>
  | Wire<'visible-string', string>
  | Wire<'utf8-string', string>
  | Wire<'bcd', number>
  | Wire<'integer', number>
  | Wire<'long', number>
  | Wire<'unsigned', number>
  | Wire<'long-unsigned', number>
  | Wire<'compact-array', CompactArray>
  | Wire<'long64', bigint>
  | Wire<'long64-unsigned', bigint>
  | Wire<'enum', number>
  | Wire<'float32', number>
  | Wire<'float64', number>
  | Wire<'date-time', Uint8Array>
  | Wire<'date', Uint8Array>
  | Wire<'time', Uint8Array>
  | Wire<'delta-integer', number>
  | Wire<'delta-long', number>
  | Wire<'delta-double-long', number>
  | Wire<'delta-unsigned', number>
  | Wire<'delta-long-unsigned', number>
  | Wire<'delta-double-long-unsigned', number>
  | Wire<'dont-care', null>;

/** The name of a wire type. */
export type DataType = Data['type'];
