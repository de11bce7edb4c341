import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { Reader, Writer } from '../../src/base/cursor.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { decodeData, encodeData, readData, writeData } from '../../src/codec/axdr.js';
import { compactArrayElements, compactArrayOf, readCompactData } from '../../src/codec/compact.js';
import type { Data } from '../../src/codec/data.js';
import {
  arrayOf,
  bits,
  compactArrayValue,
  nullValue,
  structureOf,
  u8,
  u16,
  u32,
  visible,
} from '../../src/codec/make.js';
import { arbitraryCompactArray, arbitraryData } from '../support/arbitraries.js';

const RUNS = { numRuns: 1000 };

describe('Data', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(arbitraryData, (data) => {
        expect(decodeData(encodeData(data))).toEqual(data);
      }),
      RUNS,
    );
  });

  test('is read from any offset and leaves the reader behind it', () => {
    fc.assert(
      fc.property(fc.array(arbitraryData, { maxLength: 4 }), fc.uint8Array({ maxLength: 5 }), (values, before) => {
        const w = new Writer(1).bytes(before);
        for (const value of values) writeData(w, value);
        const r = new Reader(w.finish(), before.length);
        expect(values.map(() => readData(r))).toEqual(values);
        r.done();
      }),
      RUNS,
    );
  });

  test('cut short is refused, wherever it is cut', () => {
    fc.assert(
      fc.property(arbitraryData, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (data, part) => {
        const bytes = encodeData(data);
        expect(() => decodeData(bytes.subarray(0, Math.floor(part * bytes.length)))).toThrow(DecodeError);
      }),
      RUNS,
    );
  });

  test('of any octets is a value or a DecodeError, and a value is stable once written', () => {
    const mangled = fc
      .tuple(arbitraryData, fc.nat(), fc.nat({ max: 255 }))
      .map(([data, at, octet]) => encodeData(data).map((old, i, all) => (i === at % all.length ? octet : old)));
    let values = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), mangled), (bytes) => {
        let data: Data;
        try {
          data = decodeData(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        values++;
        expect(decodeData(encodeData(data))).toEqual(data);
      }),
      { numRuns: 3000 },
    );
    expect(values).toBeGreaterThan(100);
  });

  test('with octets behind it is the same', () => {
    // At the end of the input values are read the long way, before it in place.
    fc.assert(
      fc.property(arbitraryData, (data) => {
        const padded = new Reader(concat(encodeData(arrayOf([data])), new Uint8Array(16)));
        expect(readData(padded)).toEqual(arrayOf([data]));
      }),
      RUNS,
    );
  });

  test('names the element at fault', () => {
    const error = thrownBy(() => decodeData(fromHex('0102 0201 1101 0202 1102 07')));
    expect(error).toMatchObject({ reason: 'unknown-tag', offset: 10, path: [1, 1] });
    expect(error.message).toBe('0x07 is no tag of Data (unknown-tag at octet 10 in 1.1)');
  });

  test('that does not fit its type is the caller’s fault', () => {
    const wrong: Data[] = [
      { type: 'unsigned', value: 256 },
      { type: 'integer', value: -129 },
      { type: 'long', value: 1.5 },
      { type: 'double-long-unsigned', value: -1 },
      { type: 'enum', value: Number.NaN },
      { type: 'long64', value: 2n ** 63n },
      { type: 'long64-unsigned', value: -1n },
      { type: 'date-time', value: new Uint8Array(11) },
      { type: 'bit-string', value: { bytes: new Uint8Array(1), length: 9 } },
      { type: 'visible-string', value: '€' },
      { type: 'utf8-string', value: '\ud800' },
      { type: 'compact-array', value: { description: { type: 'long' }, contents: new Uint8Array(3) } },
      ...[-1, 1.5, 65536].map((count): Data => {
        const description = { type: 'array', count, element: { type: 'unsigned' } } as const;
        return { type: 'compact-array', value: { description, contents: new Uint8Array([1]) } };
      }),
    ];
    for (const data of wrong) expect(() => encodeData(data), data.type).toThrow(StateError);
  });

  test('nested deeper than it can be read is not written', () => {
    const nested = (levels: number): Data => (levels === 0 ? u8(1) : structureOf([nested(levels - 1)]));
    expect(decodeData(encodeData(nested(32)))).toEqual(nested(32));
    expect(() => encodeData(nested(33))).toThrow(StateError);
    expect(thrownBy(() => decodeData(fromHex(`${'0201'.repeat(33)}1101`))).reason).toBe('too-deep');
  });

  test('keeps what a utf8-string holds beside UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (octets) => {
        const bytes = new Writer().u8(12).octets(octets).finish();
        expect(toHex(encodeData(decodeData(bytes)))).toBe(toHex(bytes));
      }),
      RUNS,
    );
    expect(decodeData(fromHex('0C 03 41FF42')).value).toBe('A\udcffB');
    expect(decodeData(fromHex('0C 05 C3A9 C3 EFBB')).value).toBe('é\udcc3\udcef\udcbb');
  });
});

describe('claims of the peer', () => {
  test('make no room: arrays never have more places than there are octets', () => {
    // 20 levels that each claim all octets left: only the outermost can be right.
    const claims = fromHex(`${'0182FFF0'.repeat(20)}${'00'.repeat(65_520)}`);
    expect(thrownBy(() => decodeData(claims))).toMatchObject({ reason: 'truncated', path: [0] });
  });

  test.each([
    ['null-data in an array', (n: number) => concat(fromHex('0184'), u32Octets(n), new Uint8Array(n))],
    ['empty arrays', (n: number) => concat(fromHex('0184'), u32Octets(n / 2), repeat('0100', n / 2))],
    [
      'arrays in arrays',
      (n: number) => concat(fromHex('0184'), u32Octets(n / 64), repeat(`${'0101'.repeat(31)}00`, n / 64)),
    ],
    ['a compact-array of octet-strings', (n: number) => compact('09', new Uint8Array(n))],
    ['a compact-array with much null-data', (n: number) => compact(`02 08 ${'00'.repeat(7)} 11`, new Uint8Array(n))],
    ['an octet-string', (n: number) => concat(fromHex('0984'), u32Octets(n), new Uint8Array(n))],
    ['a utf8-string that is none', (n: number) => concat(fromHex('0C84'), u32Octets(n), new Uint8Array(n).fill(0xff))],
  ])('cost time in proportion: %s', (_, make) => {
    // 16 times the octets: 16 times the time if linear, 256 if quadratic. A floor keeps the clock's grain out of it, the shortest of many
    // turns the scheduler.
    expect(growth(make(1024), make(16 * 1024))).toBeLessThan(MOST_GROWTH);
  });
});

describe('compact-array', () => {
  test('gives its elements back', () => {
    fc.assert(
      fc.property(arbitraryCompactArray, ({ value, elements }) => {
        expect(compactArrayElements(value)).toEqual(elements);
        const data: Data = { type: 'compact-array', value };
        expect(decodeData(encodeData(data))).toEqual(data);
      }),
      RUNS,
    );
  });

  test('with an array in each element, and with strings', () => {
    const bytes = fromHex('13 02 02 01 0002 12 09 0C 0001 0002 02 4142 0003 0004 00');
    const value = decodeData(bytes);
    expect(value.type === 'compact-array' && compactArrayElements(value.value)).toEqual([
      structureOf([arrayOf([u16(1), u16(2)]), { type: 'octet-string', value: fromHex('4142') }]),
      structureOf([arrayOf([u16(3), u16(4)]), { type: 'octet-string', value: fromHex('') }]),
    ]);
  });

  test.each([
    ['an element of another type', { type: 'unsigned' } as const, [u8(1), u16(2)]],
    [
      'a structure of another size',
      { type: 'structure', elements: [{ type: 'unsigned' }] } as const,
      [structureOf([])],
    ],
    ['elements without octets', { type: 'null-data' } as const, [nullValue()]],
  ])('is not made of %s', (_, description, elements) => {
    expect(() => compactArrayOf(description, elements)).toThrow(StateError);
  });

  test.each([
    ['truncated inside an element', '13 09 03 03 41 00', 'truncated'],
    ['65535 null-data for an octet', '13 02 02 01FFFF00 11 01 00', 'bad-value'],
    ['65535 to the power of 8', `13 02 02 ${'01FFFF'.repeat(8)}00 11 01 00`, 'bad-value'],
    ['an array of no tag', '13 01 0001 07 01 00', 'unknown-tag'],
    ['a description of elements that are not there', '13 02 7F 11', 'truncated'],
  ])('with %s is refused', (_, hex, reason) => {
    expect(thrownBy(() => decodeData(fromHex(hex)))).toMatchObject({ reason });
  });

  test('unfolds into no more values than its octets allow', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 }), (description, contents) => {
        const bytes = new Writer().u8(19).bytes(description).octets(contents).finish();
        let data: Data;
        try {
          data = decodeData(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        if (data.type === 'compact-array') {
          expect(
            compactArrayElements(data.value).reduce((sum, element) => sum + countOf(element), 0),
          ).toBeLessThanOrEqual(16 * data.value.contents.length);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('compact data', () => {
  test.each([
    ['an array without a count in the buffer', '01 11', '', 'truncated'],
    ['elements that take no octets', '01 0200', '05', 'bad-value'],
    ['octets behind the last value', '11', '0102', 'trailing-bytes'],
    ['a template with more than one value', '1111', '01', 'trailing-bytes'],
  ])('with %s is refused', (_, template, buffer, reason) => {
    expect(thrownBy(() => readCompactData(fromHex(template), fromHex(buffer)))).toMatchObject({ reason });
  });

  test('with an empty array goes on behind it', () => {
    expect(readCompactData(fromHex('0202 01 0202 1112 11'), fromHex('00 07'))).toEqual(
      structureOf([arrayOf([]), u8(7)]),
    );
  });
});

describe('makers', () => {
  test('refuse what a type cannot hold', () => {
    expect(() => u8(-1)).toThrow(/-1 is no value of unsigned/);
    expect(() => u32(2 ** 32)).toThrow(StateError);
    expect(() => visible('€')).toThrow(StateError);
    expect(() => bits('012')).toThrow(StateError);
    expect(() => compactArrayValue({ type: 'unsigned' }, [u16(1)])).toThrow(StateError);
  });
});

function thrownBy(action: () => unknown): DecodeError {
  try {
    action();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function countOf(data: Data): number {
  if (data.type !== 'array' && data.type !== 'structure') return 1;
  return data.value.reduce((sum, element) => sum + countOf(element), 1);
}

/** How much longer the larger takes, each in the shortest of its turns: of as many as it takes to be sure. */
function growth(small: Uint8Array, large: Uint8Array): number {
  let [shortSmall, shortLarge] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let times = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5 || (turn < 100 && times >= MOST_GROWTH); turn++) {
    shortSmall = Math.min(shortSmall, timeToRead(small));
    shortLarge = Math.min(shortLarge, timeToRead(large));
    times = shortLarge / Math.max(shortSmall, 0.1);
  }
  return times;
}

const MOST_GROWTH = 100;

function timeToRead(bytes: Uint8Array): number {
  const start = performance.now();
  const data = decodeData(bytes);
  if (data.type === 'compact-array') compactArrayElements(data.value);
  return performance.now() - start;
}

function compact(description: string, contents: Uint8Array): Uint8Array {
  return concat(fromHex(`13 ${description}`), new Writer().octets(contents).finish());
}

function repeat(hex: string, times: number): Uint8Array {
  return fromHex(hex.repeat(times));
}

function u32Octets(value: number): Uint8Array {
  return new Writer().u32(value).finish();
}
