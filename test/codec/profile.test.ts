import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data, TypeDescription } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import {
  arrayOf,
  compactArrayValue,
  i64,
  nullValue,
  octets,
  structureOf,
  u8,
  u16,
  u32,
  u64,
  visible,
} from '../../src/codec/make.js';
import { type BigIntColumn, type ClockColumn, type ColumnKind, decodeColumns } from '../../src/codec/profile.js';
import { arbitraryData, scalarOf } from '../support/arbitraries.js';

const RUNS = { numRuns: 1000 };
const clock = (iso: string, deviation = -330): Data =>
  octets(CosemDateTime.fromDate(new Date(iso), deviation).toBytes());

/** What a column of each kind may be sent as. */
const cells: Readonly<Record<ColumnKind, Arbitrary<Data>>> = {
  clock: fc
    .uint8Array({ minLength: 12, maxLength: 12 })
    .chain((value) => fc.constantFrom<Data>(octets(value), { type: 'date-time', value })),
  number: fc
    .constantFrom(
      'unsigned',
      'long',
      'double-long-unsigned',
      'long-unsigned',
      'integer',
      'bcd',
      'enum',
      'boolean',
      'float32',
      'float64',
      'null-data',
    )
    .chain((type) => scalarOf(type as 'unsigned')),
  bigint: fc
    .constantFrom('unsigned', 'double-long', 'double-long-unsigned', 'long64', 'null-data', 'dont-care')
    .chain((type) => scalarOf(type as 'unsigned')),
  data: arbitraryData,
};

/** A profile: for each column a few cells that its rows take turns with, so that rows look alike in long and short runs. */
const profiles = fc
  .array(fc.constantFrom<ColumnKind>('clock', 'number', 'bigint', 'data'), { maxLength: 5 })
  .chain((kinds) =>
    fc.tuple(
      fc.constant(kinds),
      fc.tuple(...kinds.map((kind) => fc.array(cells[kind], { minLength: 1, maxLength: 3 }))),
      fc.array(fc.nat({ max: 2 }), { maxLength: 24 }),
    ),
  )
  .map(([kinds, choices, turns]) => ({
    kinds,
    rows: turns.map((turn) => choices.map((choice) => choice[turn % choice.length] as Data)),
  }));

describe('columns', () => {
  test('hold what the tagged values hold', () => {
    fc.assert(
      fc.property(profiles, ({ kinds, rows }) => {
        const bytes = encodeData(arrayOf(rows.map(structureOf)));
        const profile = decodeColumns(bytes, kinds, { assumedDeviation: 60 });
        expect(profile.rows).toBe(rows.length);
        kinds.forEach((kind, i) => {
          expectColumn(
            kind,
            profile.columns[i],
            rows.map((row) => row[i] as Data),
          );
        });
      }),
      RUNS,
    );
  });

  test('of a compact-array hold what its elements hold', () => {
    const kinds: ColumnKind[] = ['number', 'clock', 'bigint', 'data'];
    const fixed = ['unsigned', 'date-time', 'long64', 'float32'] as const;
    const varying = ['long', 'octet-string', 'double-long', 'visible-string'] as const;
    const made = fc
      .constantFrom(fixed, varying)
      .chain((types) =>
        fc.tuple(
          fc.constant(types),
          fc.array(
            fc.tuple(...types.map((type) => (type === 'octet-string' ? cells.clock.filter(isOctets) : scalarOf(type)))),
            { maxLength: 8 },
          ),
        ),
      );
    fc.assert(
      fc.property(made, ([types, rows]) => {
        const description: TypeDescription = { type: 'structure', elements: types.map((type) => ({ type })) };
        const array = compactArrayValue(description, rows.map(structureOf));
        const profile = decodeColumns(encodeData(array), kinds);
        expect(profile.rows).toBe(rows.length);
        kinds.forEach((kind, i) => {
          expectColumn(
            kind,
            profile.columns[i],
            rows.map((row) => row[i] as Data),
            {},
          );
        });
      }),
      RUNS,
    );
  });

  test('of any octets are columns or a DecodeError', () => {
    const kinds = fc.array(fc.constantFrom<ColumnKind>('clock', 'number', 'bigint', 'data'), { maxLength: 4 });
    const mangled = profiles.chain(({ kinds: own, rows }) =>
      fc.tuple(fc.constant(own), fc.nat(), fc.nat({ max: 255 })).map(([, at, octet]) => {
        const bytes = encodeData(arrayOf(rows.map(structureOf)));
        bytes[at % bytes.length] = octet;
        return { kinds: own, bytes };
      }),
    );
    const any = fc.record({ kinds, bytes: fc.oneof(fc.uint8Array({ maxLength: 60 }), arbitraryData.map(encodeData)) });
    fc.assert(
      fc.property(fc.oneof(mangled, any), ({ kinds, bytes }) => {
        try {
          decodeColumns(bytes, kinds);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        // What has columns is Data, too.
        expect(['array', 'compact-array']).toContain(decodeData(bytes).type);
      }),
      { numRuns: 3000 },
    );
  });

  test('cut short are refused', () => {
    fc.assert(
      fc.property(profiles, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ({ kinds, rows }, part) => {
        const bytes = encodeData(arrayOf(rows.map(structureOf)));
        expect(() => decodeColumns(bytes.subarray(0, Math.floor(part * bytes.length)), kinds)).toThrow(DecodeError);
      }),
      RUNS,
    );
  });

  test('have types by their kinds', () => {
    const { columns } = decodeColumns(fromHex('0100'), ['clock', 'number', 'bigint', 'data']);
    expectTypeOf(columns).toEqualTypeOf<readonly [ClockColumn, Float64Array, BigIntColumn, readonly Data[]]>();
    expect(columns[1]).toHaveLength(0);
  });

  test('read the same from the middle of a larger array', () => {
    const bytes = encodeData(arrayOf([structureOf([clock('2026-01-01T00:30:00Z'), u32(5)])]));
    const inner = concat(new Uint8Array(7), bytes).subarray(7);
    const [times, values] = decodeColumns(inner, ['clock', 'number']).columns;
    expect([times.millis[0], values[0]]).toEqual([Date.parse('2026-01-01T00:30:00Z'), 5]);
    expect(toHex(times.raw(0) as Uint8Array)).toBe('07EA01010406000000FEB600');
  });
});

describe('clocks', () => {
  const rows = (...times: Data[]) => encodeData(arrayOf(times.map((time) => structureOf([time]))));

  test('of null-data go on by the capture period', () => {
    const bytes = rows(
      nullValue(),
      clock('2026-01-01T00:00:00Z'),
      nullValue(),
      nullValue(),
      clock('2026-01-01T09:00:00Z'),
      nullValue(),
    );
    const [times] = decodeColumns(bytes, ['clock'], { capturePeriod: 1800 }).columns;
    expect(
      [...times.millis].map((time) => (Number.isNaN(time) ? '?' : new Date(time).toISOString().slice(11, 16))),
    ).toEqual(['?', '00:00', '00:30', '01:00', '09:00', '09:30']);
    expect([0, 1, 2, 4, 6].map((row) => times.raw(row) !== undefined)).toEqual([false, true, false, true, false]);
    expect(Number.isNaN(decodeColumns(bytes, ['clock']).columns[0].millis[2])).toBe(true);
  });

  test('may be those of the wall', () => {
    const bytes = rows(clock('2026-01-01T00:00:00Z'), octets(fromHex('07EA0101FF0100FFFF8000FF')));
    const wall = decodeColumns(bytes, ['clock'], { wallTime: true }).columns[0].millis;
    expect(wall[0]).toBe(Date.parse('2026-01-01T05:30:00Z'));
    expect(wall[1]).toBeNaN(); // the second is not given
    const local = rows(octets(fromHex('07EA0101FF010000FF8000FF')));
    expect(decodeColumns(local, ['clock']).columns[0].millis[0]).toBeNaN();
    expect(decodeColumns(local, ['clock'], { assumedDeviation: -60 }).columns[0].millis[0]).toBe(
      Date.parse('2026-01-01T00:00:00Z'),
    );
  });

  test('that are none are refused', () => {
    expect(() => decodeColumns(rows(u32(1)), ['clock'])).toThrow(
      'a date-time expected, 0x06 found (bad-tag at octet 4 in 0.0)',
    );
    expect(() => decodeColumns(rows(octets(fromHex('07EA'))), ['clock'])).toThrow(DecodeError);
  });
});

describe('numbers', () => {
  const column = <K extends ColumnKind>(kind: K, ...values: Data[]) =>
    decodeColumns(encodeData(arrayOf(values.map((value) => structureOf([value])))), [kind] as const).columns[0];

  test('of delta types are added up', () => {
    const delta = (type: 'delta-unsigned' | 'delta-integer' | 'delta-double-long', value: number): Data => ({
      type,
      value,
    });
    const values = [
      u32(100_000),
      delta('delta-unsigned', 200),
      delta('delta-integer', -1),
      delta('delta-double-long', -70_000),
    ];
    expect([...column('number', ...values)]).toEqual([100_000, 100_200, 100_199, 30_199]);
    expect([...column('bigint', ...values).values]).toEqual([100_000n, 100_200n, 100_199n, 30_199n]);
    expect(column('number', delta('delta-unsigned', 1))[0]).toBeNaN();
    expect(() => column('bigint', delta('delta-unsigned', 1))).toThrow('a difference to no value');
    expect(() => column('bigint', nullValue(), delta('delta-unsigned', 1))).toThrow(DecodeError);
  });

  test('of 64 bits are exact or refused', () => {
    expect([...column('number', i64(-(2n ** 53n) + 1n), u64(5n))]).toEqual([-(2 ** 53) + 1, 5]);
    expect(() => column('number', i64(2n ** 53n))).toThrow('9007199254740992 is too large for a number column');
    expect([...column('bigint', i64(-(2n ** 63n)), u64(2n ** 63n - 1n)).values]).toEqual([
      -(2n ** 63n),
      2n ** 63n - 1n,
    ]);
    expect(() => column('bigint', u64(2n ** 63n))).toThrow('too large for 64 bits with a sign');
    expect(() => column('bigint', i64(2n ** 63n - 1n), { type: 'delta-unsigned', value: 1 })).toThrow(DecodeError);
  });

  test('are not made of text or floats where integers belong', () => {
    expect(() => column('number', u8(1), visible('2'))).toThrow(
      'a number expected, 0x0A found (bad-tag at octet 8 in 1.0)',
    );
    expect(() => column('bigint', { type: 'float32', value: 1 })).toThrow('an integer expected, a float found');
  });

  test('that are missing are told', () => {
    expect(column('bigint', nullValue(), u8(1), { type: 'dont-care', value: null })).toEqual({
      values: BigInt64Array.of(0n, 1n, 0n),
      missing: [0, 2],
    });
    expect([...column('number', nullValue(), u16(1))]).toEqual([Number.NaN, 1]);
  });
});

describe('rows', () => {
  test.each([
    ['too few values', '0102 02021101 1102 02011101', 'missing-field', [1]],
    ['too many values', '0101 0203110111021103', 'bad-length', [0]],
    ['a row that is no structure', '0102 020211011102 01021101 1102', 'bad-tag', [1]],
    ['no array', '0202 11011102', 'bad-tag', []],
    ['more rows than octets', '0184FFFFFFFF 020211011102', 'truncated', []],
    ['a value cut short', '0101 0202 1101 0600', 'truncated', [0, 1]],
    ['octets behind', '0101 0202 1101 1102 00', 'trailing-bytes', []],
    ['compact elements that are no structures', '1311 02 0102', 'bad-tag', []],
    ['compact elements of another width', '13 0201 11 02 0102', 'missing-field', []],
  ])('with %s are refused', (_, hex, reason, path) => {
    expect(() => decodeColumns(fromHex(hex), ['number', 'number'])).toThrow(expect.objectContaining({ reason, path }));
  });
});

function isOctets(data: Data): boolean {
  return data.type === 'octet-string';
}

/** Compares a column with the tagged values of its rows. */
function expectColumn(
  kind: ColumnKind,
  column: unknown,
  values: readonly Data[],
  options = { assumedDeviation: 60 } as { assumedDeviation?: number },
): void {
  if (kind === 'data') expect(column).toEqual(values);
  else if (kind === 'number') {
    const numbers = values.map(({ value }) => (value === null ? Number.NaN : Number(value)));
    expect([...(column as Float64Array)]).toEqual(numbers);
  } else if (kind === 'bigint') {
    expect(column).toEqual({
      values: BigInt64Array.from(values, ({ value }) => (value === null ? 0n : BigInt(value as number))),
      missing: values.flatMap(({ value }, row) => (value === null ? [row] : [])),
    });
  } else {
    const { millis, raw } = column as ClockColumn;
    values.forEach(({ value }, row) => {
      expect(raw(row)).toEqual(value);
      const moment = CosemDateTime.fromBytes(value as Uint8Array).toMillis(options.assumedDeviation);
      expect(millis[row]).toBe(moment ?? Number.NaN);
    });
    expect(millis).toHaveLength(values.length);
  }
}
