import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { arrayOf, enumValue, i8, i16, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import { BIGINT_RANGE, INTEGER_RANGE } from '../../src/codec/tags.js';
import { decodeTolerantly } from '../../src/codec/tolerance.js';
import type { Type } from '../../src/codec/type.js';
import {
  array,
  bool,
  choice,
  enumOf,
  int8,
  int64,
  nullData,
  structure,
  uint8,
  uint16,
  uint32,
  uint64,
} from '../../src/codec/types.js';
import { scalerUnit } from '../../src/cosem/classes/storage.js';

const state = enumOf({ off: 0, on: 1 });
const long64 = (value: bigint): Data => ({ type: 'long64', value });

describe('a number in another type than declared', () => {
  test.each([
    ['a period as long-unsigned', uint32, u16(900), 900],
    ['entries in use as unsigned', uint32, u8(8), 8],
    ['a size as long64', uint32, long64(4096n), 4096],
    ['a count as double-long-unsigned', uint16, u32(12), 12],
    ['a scaler as long', int8, i16(-3), -3],
    ['an enum as unsigned', state, u8(1), 'on'],
    ['an enum as a boolean', state, { type: 'boolean', value: true }, 'on'],
    ['a boolean as unsigned', bool, u8(0), false],
    ['a boolean as FF', bool, u8(255), true],
    ['a boolean as enum', bool, enumValue(1), true],
    ['a 64 bit number as unsigned', uint64, u8(3), 3n],
    ['a signed one as long', int64, i16(-3), -3n],
    ['an option of a choice', choice(nullData, bool), u8(1), true],
    ['an element of an array', array(uint16), arrayOf([u8(1), u16(2)]), [1, 2]],
    ['a field of a structure', structure({ a: uint8, b: state }), structureOf([u16(1), u8(0)]), { a: 1, b: 'off' }],
    ['scaler and unit', scalerUnit, structureOf([i16(-2), u16(30)]), { scaler: -2, unit: 'Wh' }],
  ] as [string, Type<unknown>, Data, unknown][])('is read: %s', (_, type, data, value) => {
    const read = decodeTolerantly(type, data);
    expect(read.value).toEqual(value);
    expect(read.notes.length).toBeGreaterThan(0);
    expect(() => type.decode(data)).toThrow(DecodeError);
  });

  test.each([
    ['one too large', uint8, u16(256)],
    ['a negative one', uint32, i8(-1)],
    ['a boolean that is neither', bool, u8(2)],
    ['an enum without a name', state, u8(2)],
    ['octets', uint8, octets(Uint8Array.of(1))],
    ['nothing', bool, { type: 'null-data', value: null }],
    ['bcd', uint8, { type: 'bcd', value: 3 }],
    ['a floating point number', uint8, { type: 'float32', value: 3 }],
    ['a structure of another size', structure({ a: uint8 }), structureOf([u16(1), u8(0)])],
    ['one good, one not', structure({ a: uint8, b: uint8 }), structureOf([u16(1), u16(999)])],
  ] as [string, Type<unknown>, Data][])('is refused as the strict reading refuses it: %s', (_, type, data) => {
    const strictly = caught(() => type.decode(data));
    expect(caught(() => decodeTolerantly(type, data))).toBe(strictly);
    expect(strictly).not.toBe('');
  });

  test('is never another number: every type against every other', () => {
    const kinds = Object.entries({ ...INTEGER_RANGE, ...BIGINT_RANGE }).filter(
      ([type]) => !/delta|bcd|enum/.test(type),
    );
    const declared: readonly Type<unknown>[] = [int8, uint8, uint16, uint32, int64, uint64];
    const one = fc
      .constantFrom(...kinds)
      .chain(([type, [low, high]]) =>
        fc
          .bigInt(BigInt(low), BigInt(high))
          .map((value) => ({ type, value: /64/.test(type) ? value : Number(value) }) as Data),
      );
    fc.assert(
      fc.property(fc.constantFrom(...declared), one, (type, data) => {
        let read: unknown;
        try {
          read = decodeTolerantly(type, data).value;
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          return;
        }
        expect(BigInt(read as number | bigint)).toBe(BigInt(data.value as number | bigint));
      }),
      { numRuns: 2000 },
    );
  });
});

test('what is as declared is read without a note', () => {
  expect(decodeTolerantly(scalerUnit, structureOf([i8(-2), enumValue(30)])).notes).toEqual([]);
});

function caught(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
