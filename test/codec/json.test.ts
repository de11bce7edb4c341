import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { type DataJson, dataFromJson, dataToJson } from '../../src/codec/json.js';
import {
  arrayOf,
  bits,
  compactArrayValue,
  f32,
  i8,
  i64,
  nullValue,
  octets,
  structureOf,
  u8,
  u16,
  visible,
} from '../../src/codec/make.js';

const leaf: fc.Arbitrary<Data> = fc.oneof(
  fc.constant(nullValue()),
  fc.integer({ min: -128, max: 127 }).map(i8),
  fc.integer({ min: 0, max: 65_535 }).map(u16),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(i64),
  fc.float().map(f32),
  fc.uint8Array({ maxLength: 20 }).map(octets),
  fc.string({ maxLength: 10 }).map((text) => visible(text.replace(/[^\x20-\x7e]/g, '?'))),
  fc.stringMatching(/^[01]{0,20}$/).map(bits),
  fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 })
    .map((values) => compactArrayValue({ type: 'unsigned' }, values.map(u8))),
);
const { value: anyData } = fc.letrec<{ value: Data }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }).map(arrayOf),
    fc.array(tie('value'), { maxLength: 4 }).map(structureOf),
  ),
}));

describe('Data as JSON', () => {
  it('comes back octet for octet from JSON text', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const back = dataFromJson(JSON.parse(JSON.stringify(dataToJson(data))));
        expect(encodeData(back)).toEqual(encodeData(data));
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[Data, DataJson]>([
    [u16(5), { 'long-unsigned': 5 }],
    [i64(-(2n ** 63n)), { long64: '-9223372036854775808' }],
    [octets(Uint8Array.of(1, 0xab)), { 'octet-string': '01AB' }],
    [bits('101'), { 'bit-string': '101' }],
    [f32(Number.NEGATIVE_INFINITY), { float32: '-Infinity' }],
    [structureOf([u8(1), nullValue()]), { structure: [{ unsigned: 1 }, { 'null-data': null }] }],
  ])('%o is written %o', (data, json) => {
    expect(dataToJson(data)).toEqual(json);
  });

  it('reads numbers written as text', () => {
    expect(dataFromJson({ 'long-unsigned': '0x10' })).toEqual(u16(16));
    expect(dataFromJson({ boolean: 'false' })).toEqual({ type: 'boolean', value: false });
  });

  it.each([
    [5, 'one key'],
    [{}, 'one key'],
    [{ unsigned: 1, long: 2 }, 'one key'],
    [{ unsigned: 256 }, '256 is no value of unsigned'],
    [{ unsigned: '' }, 'a number'],
    [{ long64: '1.5' }, 'whole number'],
    [{ 'octet-string': '0' }, 'odd'],
    [{ 'date-time': '00' }, 'date-time of 1 octet'],
    [{ boolean: 1 }, 'true or false'],
    [{ array: 1 }, 'a list'],
    [{ constructor: 1 }, 'no type of Data'],
    [{ 'compact-array': { 'contents-description': 'toString', 'array-contents': '' } }, 'the name of a type'],
    // Found by the fuzz: an array of -1 elements was walked through for ever.
    ...[-1, 1.5, 65536, 'NaN'].map((count): [unknown, string] => [
      {
        'compact-array': {
          'contents-description': { array: { 'number-of-elements': count, 'type-description': 'unsigned' } },
          'array-contents': '01',
        },
      },
      'a whole number from 0 to 65535',
    ]),
  ])('refuses %o', (json, words) => {
    expect(() => dataFromJson(json)).toThrow(words);
  });
});
