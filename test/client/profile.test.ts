import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import type { Meter } from '../../src/client/meter.js';
import type { RowSelection } from '../../src/client/profile-selection.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../src/codec/datetime.js';
import { nullValue, octets, u16, u32 } from '../../src/codec/make.js';
import { DEVIATION, LOAD_ROWS, rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';

const LOAD = '1.0.99.1.0.255';

async function withMeter<T>(work: (meter: Meter, served: ServedMeter) => Promise<T>, options: ServedMeterOptions = {}) {
  const served = new ServedMeter(options);
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper' });
    return await work(meter, served);
  };
  return served.clock.run(run());
}

const ids = async (meter: Meter, selection?: RowSelection) =>
  (await meter.profile(LOAD).rows(selection)).map(({ values }) => Number(values[1]!.data.value));
const all = LOAD_ROWS.map((row) => Number(row[1]!.value));

test('columns have names, units and scalers; each scaler is asked for once', () =>
  withMeter(async (meter, served) => {
    const profile = meter.profile(LOAD);
    const columns = await profile.columns();
    expect(columns.map(({ scalerUnit, isTime }) => [isTime, scalerUnit])).toEqual([
      [true, undefined],
      [false, { scaler: 1, unit: 'Wh' }],
      [false, { scaler: -1, unit: 'V' }],
    ]);
    expect(columns[2]!.name).toMatch(/^Voltage/);
    const before = served.requests.length;
    await profile.columns();
    await meter.profile(LOAD).columns();
    // The second profile asks for its own capture objects, not for the scalers again.
    expect(served.requests.length).toBe(before + 1);
  }));

test('rows have their time, exact values and units', () =>
  withMeter(async (meter) => {
    const rows = await meter.profile(LOAD).rows({ last: 1 });
    expect(rows.length).toBe(1);
    expect(rows[0]!.time!.equals(rowTime(95))).toBe(true);
    expect(rows[0]!.values.map(({ text }) => text)).toEqual(['2026-01-02 05:15:00 +05:30', '19500 Wh', '230.4 V']);
    expect(rows[0]!.values[1]!.time!.equals(rowTime(95))).toBe(true);
  }));

describe.each<[string, ServedMeterOptions]>([
  ['with selective access', {}],
  ['where the meter refuses selective access', { refuseSelection: true }],
  ['where it was not negotiated', { conformance: conformanceBits(['get', 'block-transfer-with-get-or-read']) }],
])('%s', (_, options) => {
  test('all rows', () => withMeter(async (meter) => expect(await ids(meter)).toEqual(all), options));

  test('the last rows', () =>
    withMeter(async (meter) => {
      for (const last of [0, 1, 7, 96, 1000]) {
        expect(await ids(meter, { last })).toEqual(last === 0 ? [] : all.slice(-last));
      }
    }, options));

  test('rows by number', () =>
    withMeter(async (meter) => {
      expect(await ids(meter, { fromEntry: 3, toEntry: 5 })).toEqual(all.slice(2, 5));
      expect(await ids(meter, { fromEntry: 94 })).toEqual(all.slice(93));
      expect(await ids(meter, { fromEntry: 200 })).toEqual([]);
    }, options));

  test('a range of time: instants, local times, open ends; both bounds belong to it', () =>
    withMeter(async (meter) => {
      const instant = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 900_000);
      expect(await ids(meter, { from: instant(4), to: instant(8) })).toEqual(all.slice(4, 9));
      expect(await ids(meter, { from: rowTime(4), to: rowTime(8) })).toEqual(all.slice(4, 9));
      expect(await ids(meter, { from: new Date(instant(4).getTime() + 1000), to: instant(8) })).toEqual(
        all.slice(5, 9),
      );
      expect(await ids(meter, { from: instant(94) })).toEqual(all.slice(94));
      expect(await ids(meter, { to: instant(1) })).toEqual(all.slice(0, 2));
      expect(await ids(meter, { from: instant(500) })).toEqual([]);
    }, options));
});

test('selection and reading all with picking give the same rows, whatever the range', async () => {
  const [selecting, refusing] = [new ServedMeter(), new ServedMeter({ refuseSelection: true })];
  const a = await selecting.clock.run(selecting.open({ framing: 'wrapper' }));
  const b = await refusing.clock.run(refusing.open({ framing: 'wrapper' }));
  const minute = fc.integer({ min: -60, max: 1500 });
  await fc.assert(
    fc.asyncProperty(minute, fc.nat(400), async (from, length) => {
      const at = (m: number) => new Date(Date.UTC(2026, 0, 1) + m * 60_000);
      const range = { from: at(from), to: at(from + length) };
      const chosen = await selecting.clock.run(ids(a, range));
      expect(await refusing.clock.run(ids(b, range))).toEqual(chosen);
      const expected = all.filter((_, i) => 15 * i >= from && 15 * i <= from + length);
      expect(chosen).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('instants need a deviation: the one given, else that of the clock', async () => {
  const served = new ServedMeter();
  const meter = await served.clock.run(served.open({ framing: 'wrapper', deviation: DEVIATION }));
  const before = served.requests.length;
  const rows = meter.profile(LOAD).rows({ from: new Date(Date.UTC(2026, 0, 1)), to: new Date(Date.UTC(2026, 0, 1)) });
  expect((await served.clock.run(rows)).length).toBe(1);
  // Capture objects, scalers, rows: the clock was not asked.
  expect(served.requests.length).toBe(before + 3);
  await served.clock.run(meter.close());
});

test('local times without a deviation are compared as the clock on the wall shows them', () =>
  withMeter(
    async (meter) => {
      const wall = (i: number) => rowTime(i).with({ deviation: DEVIATION_UNSPECIFIED });
      expect(await ids(meter, { from: wall(4), to: wall(8) })).toEqual(all.slice(4, 9));
    },
    { refuseSelection: true },
  ));

describe('values that the meter leaves out', () => {
  const rows: readonly (readonly Data[])[] = [
    [octets(rowTime(0).toBytes()), u32(5), u16(7)],
    [nullValue(), nullValue(), u16(8)],
    [nullValue(), { type: 'delta-unsigned', value: 3 }, nullValue()],
    [octets(rowTime(9).toBytes()), u32(6), u16(9)],
    [octets(new CosemDateTime().toBytes()), nullValue(), u16(1)],
    [nullValue(), nullValue(), u16(1)],
  ];

  test('are those of the row before; times go on by the capture period; deltas are added', () =>
    withMeter(
      async (meter) => {
        const read = await meter.profile(LOAD).rows();
        expect(read.map(({ values }) => values[1]!.data)).toEqual([u32(5), u32(5), u32(8), u32(6), u32(6), u32(6)]);
        expect(read.map(({ values }) => values[2]!.data)).toEqual([u16(7), u16(8), u16(8), u16(9), u16(1), u16(1)]);
        const times = read.map(({ time }) => time?.toText());
        expect(times.slice(0, 4)).toEqual([0, 1, 2, 9].map((i) => rowTime(i).toText()));
        expect(times[4]).toMatch(/^\*/);
        expect(times[5]).toBeUndefined();
      },
      { rows },
    ));
});

describe('what cannot be', () => {
  test.each<[string, RowSelection, RegExp]>([
    ['a range that ends before it begins', { from: rowTime(5), to: rowTime(4) }, /before it begins/],
    ['row 0', { fromEntry: 0 }, /rows 0 to 0/],
    ['rows backwards', { fromEntry: 5, toEntry: 4 }, /rows 5 to 4/],
    ['less than no rows', { last: -1 }, /last -1 rows/],
  ])('%s is told', (_, selection, message) =>
    withMeter(async (meter) => {
      const error = await meter
        .profile(LOAD)
        .rows(selection)
        .catch((thrown) => thrown);
      expect(error).toBeInstanceOf(StateError);
      expect(error.message).toMatch(message);
    }),
  );

  test('a profile without a time stamp has no range', () =>
    withMeter(async (meter) => {
      const profile = meter.profile('1.0.98.1.0.255');
      await expect(profile.rows({ from: rowTime(0) })).rejects.toThrow(/has no time stamp/);
      expect((await profile.rows({ last: 1 })).map(({ values }) => values[0]!.data)).toEqual([u32(0)]);
    }));

  test('a row of another width than the columns is an error that says which', () =>
    withMeter(
      async (meter) => {
        const error = await meter
          .profile(LOAD)
          .rows()
          .catch((thrown) => thrown);
        expect(error).toBeInstanceOf(DecodeError);
        expect(error).toMatchObject({ reason: 'missing-field', path: ['7:1.0.99.1.0.255:2', 1] });
      },
      { raw: { type: 'array', value: [row(3), row(2)] } },
    ));
});

function row(width: number): Data {
  return { type: 'structure', value: Array.from({ length: width }, () => u16(1)) };
}
