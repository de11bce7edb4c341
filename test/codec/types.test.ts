import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import {
  arrayOf,
  enumValue,
  i8,
  i16,
  nullValue,
  octets,
  structureOf,
  textOctets,
  u8,
  u16,
  u32,
  visible,
} from '../../src/codec/make.js';
import type { Infer } from '../../src/codec/type.js';
import {
  array,
  bool,
  choice,
  type data,
  dateTime,
  enumOf,
  float32,
  int8,
  logicalName,
  nullData,
  octetString,
  structure,
  text,
  time,
  uint8,
  uint16,
  uint32,
  type uint64,
  utf8String,
  visibleString,
} from '../../src/codec/types.js';
import { arbitraryType, dataOf, valueOfType } from '../support/arbitraries.js';

const scalerUnit = structure({ scaler: int8, unit: enumOf({ Wh: 30, varh: 32 }) });
const schedule = structure({
  name: text,
  entries: array(structure({ at: time, script: logicalName, selector: uint16 })),
});

describe('typed views', () => {
  test('give any value back, through octets', () => {
    const typed = arbitraryType.chain((type) => fc.tuple(fc.constant(type), valueOfType(type)));
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(type.decode(decodeData(encodeData(type.encode(value))))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('of any data are a value or a DecodeError', () => {
    const other = fc
      .tuple(arbitraryType, arbitraryType)
      .chain(([type, shaped]) => fc.tuple(fc.constant(type), dataOf(shaped.shape)));
    fc.assert(
      fc.property(other, ([type, found]) => {
        try {
          type.decode(found);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of any value are Data or a StateError', () => {
    fc.assert(
      fc.property(arbitraryType, fc.anything(), (type, value) => {
        if (JSON.stringify(type.shape.kind) === '"data"') return;
        let made: Data;
        try {
          made = type.encode(value);
        } catch (error) {
          expect(error).toBeInstanceOf(StateError);
          return;
        }
        expect(made).toHaveProperty('type');
      }),
      { numRuns: 2000 },
    );
  });

  test('infer the types of their values', () => {
    expectTypeOf<Infer<typeof scalerUnit>>().toEqualTypeOf<{ readonly scaler: number; readonly unit: 'Wh' | 'varh' }>();
    expectTypeOf<Infer<typeof uint64>>().toEqualTypeOf<bigint>();
    expectTypeOf<Infer<typeof data>>().toEqualTypeOf<Data>();
    const either = choice(nullData, array(uint8), dateTime);
    expectTypeOf<Infer<typeof either>>().toEqualTypeOf<null | readonly number[] | CosemDateTime>();
    // @ts-expect-error: a unit that is none
    expect(() => scalerUnit.encode({ scaler: 0, unit: 'kWh' })).toThrow(StateError);
  });

  test('say where and what does not fit', () => {
    const read = (bytes: string) => () => schedule.decode(decodeData(fromHex(bytes)));
    expect(read('0202 0901 41 0101 0203 0904 FFFFFFFF 0906 0000010000FF 06 00000001')).toThrow(
      'long-unsigned expected, double-long-unsigned found (bad-tag in entries.0.selector)',
    );
    expect(read('0202 0901 41 0101 0202 0904 FFFFFFFF 0906 0000010000FF')).toThrow(
      "'selector' is missing in a structure of 2 elements (missing-field in entries.0)",
    );
    const entry = { at: time.decode(octets(fromHex('00000000'))), script: '0.0.10.0.106.255', selector: 70_000 };
    expect(() => schedule.encode({ name: 'A', entries: [entry] })).toThrow(
      '70000 is no value of long-unsigned (in entries.0.selector)',
    );
  });

  test('do not take one integer type for another', () => {
    expect(() => int8.decode(u8(1))).toThrow('integer expected, unsigned found');
    expect(() => uint32.decode(u16(1))).toThrow('double-long-unsigned expected, long-unsigned found');
    expect(() => uint8.decode(enumValue(1))).toThrow(DecodeError);
    expect(() => float32.decode(i16(1))).toThrow(DecodeError);
    expect(() => bool.decode(u8(1))).toThrow(DecodeError);
  });
});

describe('what meters send otherwise', () => {
  const forms: Data[] = [textOctets('Zähler'), visible('Zähler'), { type: 'utf8-string', value: 'Zähler' }];

  test.each([text, visibleString, utf8String])('text is read from every text type', (type) => {
    expect(forms.map((form) => type.decode(form))).toEqual(['Zähler', 'Zähler', 'Zähler']);
    expect(() => type.decode(u8(1))).toThrow(DecodeError);
  });

  test('octets are read from text', () => {
    expect(toHex(octetString.decode(visible('AB')))).toBe('4142');
  });

  test('a date-time is read from either form', () => {
    const bytes = fromHex('07EA0B17010E0500 00 FEB6 00');
    for (const type of ['octet-string', 'date-time'] as const) {
      expect(dateTime.decode({ type, value: bytes }).toText()).toBe('2026-11-23 14:05:00 +05:30');
    }
    expect(dateTime.encode(CosemDateTime.fromBytes(bytes))).toEqual(octets(bytes));
    expect(() => dateTime.decode(octets(fromHex('00')))).toThrow(/1 octet instead of 12/);
  });

  test('an array is read from a compact-array', () => {
    const compact = decodeData(fromHex('13 0202 0F16 04 001E FD20'));
    expect(array(scalerUnit).decode(compact)).toEqual([
      { scaler: 0, unit: 'Wh' },
      { scaler: -3, unit: 'varh' },
    ]);
  });
});

describe('enums', () => {
  test('refuse numbers and names they do not have', () => {
    const state = enumOf({ off: 0, on: 1 });
    expect(() => state.decode(enumValue(2))).toThrow('enum 2 is none of off (0), on (1)');
    expect(() => state.encode('constructor' as 'on')).toThrow(StateError);
    expect(() => enumOf({ much: 256 })).toThrow(StateError);
  });
});

describe('choices', () => {
  const certificate = choice(
    structure({ serial: octetString, issuer: octetString }),
    structure({ a: uint8, b: uint8, c: octetString }),
  );

  test('tell structures by their size', () => {
    const value = structureOf([u8(1), u8(2), octets(fromHex('03'))]);
    expect(certificate.decode(value)).toEqual({ a: 1, b: 2, c: fromHex('03') });
    expect(certificate.encode({ a: 1, b: 2, c: fromHex('03') })).toEqual(value);
  });

  test('prefer the option that the data has the form of', () => {
    const either = choice(octetString, visibleString, dateTime);
    expect(either.decode(visible('A'))).toBe('A');
    expect(choice(dateTime, text).decode(textOctets('twelve chars'))).toBeInstanceOf(CosemDateTime);
    expect(choice(dateTime, text).decode(visible('text'))).toBe('text');
  });

  test('say what would have fitted', () => {
    const either = choice(nullData, array(int8));
    expect(() => either.decode(u8(1))).toThrow('unsigned where one of null-data, array belongs (unknown-choice)');
    expect(() => either.decode(arrayOf([i8(1), u8(1)]))).toThrow('integer expected, unsigned found (bad-tag in 1)');
    expect(() => either.encode('x' as unknown as null)).toThrow('the value fits none of null-data, array');
    expect(either.decode(nullValue())).toBeNull();
  });
});

describe('structures and arrays', () => {
  test('have the size that was declared', () => {
    expect(() => scalerUnit.decode(structureOf([i8(0), enumValue(30), u8(1)]))).toThrow(/3 elements instead of 2/);
    expect(() => array(uint8, 2).decode(arrayOf([u8(1)]))).toThrow(/1 element instead of 2/);
    expect(() => array(uint8, 2).encode([1])).toThrow(StateError);
    expect(() => array(uint8).encode(5 as unknown as number[])).toThrow(StateError);
    expect(() => scalerUnit.encode(undefined as never)).toThrow(StateError);
    expect(() => structure({ 1: uint8 })).toThrow(StateError);
  });

  test('write numbers of 32 bits as they are', () => {
    expect(toHex(encodeData(array(uint32).encode([0, 0xffffffff])))).toBe('0102060000000006FFFFFFFF');
    expect(array(uint32).decode(arrayOf([u32(0xffffffff)]))).toEqual([0xffffffff]);
  });
});
