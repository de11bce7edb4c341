/**
 * `Data` of IEC 62056-5-3 / 62056-6-2: a lossless tagged union. What was read can be written back octet for octet, but for what has
 * several encodings: lengths are written in their shortest form, `true` as 1, NaN as the usual one. A utf8-string keeps octets that are
 * not UTF-8 as lone surrogates (U+DC80 and on), so that one bad label neither costs a message nor is lost.
 */

/** A bit string: `length` bits, the first is the most significant bit of `bytes[0]`; unused bits are kept as they came. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Type description of a compact-array (a tag alone, or nested). */
export type TypeDescription =
  | { readonly type: Exclude<Data['type'], 'array' | 'structure' | 'compact-array'> }
  | { readonly type: 'array'; readonly count: number; readonly element: TypeDescription }
  | { readonly type: 'structure'; readonly elements: readonly TypeDescription[] };

/** A compact-array as it came: contents stay octets until asked for (`compactArrayElements`). */
export interface CompactArray {
  readonly description: TypeDescription;
  readonly contents: Uint8Array;
}

/** One value with its wire type. Every member has the same shape, so engines keep access to it fast. */
export type Data =
  | { readonly type: 'null-data'; readonly value: null }
  | { readonly type: 'array'; readonly value: readonly Data[] }
  | { readonly type: 'structure'; readonly value: readonly Data[] }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bit-string'; readonly value: BitString }
  | { readonly type: 'double-long'; readonly value: number }
  | { readonly type: 'double-long-unsigned'; readonly value: number }
  | { readonly type: 'octet-string'; readonly value: Uint8Array }
  | { readonly type: 'visible-string'; readonly value: string }
  | { readonly type: 'utf8-string'; readonly value: string }
  | { readonly type: 'bcd'; readonly value: number }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'long'; readonly value: number }
  | { readonly type: 'unsigned'; readonly value: number }
  | { readonly type: 'long-unsigned'; readonly value: number }
  | { readonly type: 'compact-array'; readonly value: CompactArray }
  | { readonly type: 'long64'; readonly value: bigint }
  | { readonly type: 'long64-unsigned'; readonly value: bigint }
  | { readonly type: 'enum'; readonly value: number }
  | { readonly type: 'float32'; readonly value: number }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: 'date-time'; readonly value: Uint8Array }
  | { readonly type: 'date'; readonly value: Uint8Array }
  | { readonly type: 'time'; readonly value: Uint8Array }
  | { readonly type: 'delta-integer'; readonly value: number }
  | { readonly type: 'delta-long'; readonly value: number }
  | { readonly type: 'delta-double-long'; readonly value: number }
  | { readonly type: 'delta-unsigned'; readonly value: number }
  | { readonly type: 'delta-long-unsigned'; readonly value: number }
  | { readonly type: 'delta-double-long-unsigned'; readonly value: number }
  | { readonly type: 'dont-care'; readonly value: null };

export type DataType = Data['type'];
