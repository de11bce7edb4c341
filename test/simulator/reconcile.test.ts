import { describe, expect, test, vi } from 'vitest';
import { Load } from '../../simulator/load.js';
import { selected } from '../../src/classes.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import type { Meter } from '../../src/index.js';
import { Bench, DAY, HOUR, MINUTE, START, wattHours } from './support.js';

const BLOCK = '1.0.99.1.0.255';
const DAILY = '1.0.99.2.0.255';
const BILLING = '1.0.98.1.0.255';

async function buffer(meter: Meter, name: string): Promise<readonly (readonly Data[])[]> {
  const data = await meter.get(meter.profile(name).object.buffer);
  expect(data.type).toBe('array');
  return (data.value as readonly Data[]).map((row) => row.value as readonly Data[]);
}

function timeOf(row: readonly Data[]): string {
  return CosemDateTime.fromBytes(row[0]!.value as Uint8Array).toText();
}

const importOf = async (meter: Meter) => wattHours(await meter.get(meter.register('1.0.1.8.0.255').value));

describe.each([7, 9])('seed %s: energies reconcile to the Wh', (seed) => {
  test('block load, daily load and registers', async () => {
    const bench = new Bench({ seed, solarPeak: seed === 9 ? 4000 : 0 });
    const meter = await bench.open('reader');
    const blocks = await buffer(meter, BLOCK);
    const days = await buffer(meter, DAILY);
    expect([blocks.length, days.length]).toEqual([1680, 35]);
    expect(timeOf(blocks[0]!)).toBe('2026-10-19 09:30:00 +05:30');
    expect(timeOf(blocks[1679]!)).toBe('2026-11-23 09:00:00 +05:30');
    expect(timeOf(days[34]!)).toBe('2026-11-23 00:00:00 +05:30');
    const times = blocks.map(timeOf);
    // Columns: block kWh imp, kVAh imp, kWh exp, kVAh exp are 2..5, the daily registers 1..4.
    for (const kind of [0, 1, 2, 3]) {
      for (let day = 1; day < 35; day++) {
        const risen = wattHours(days[day]![1 + kind]!) - wattHours(days[day - 1]![1 + kind]!);
        const end = times.indexOf(timeOf(days[day]!));
        if (end < 47) continue;
        const sum = blocks.slice(end - 47, end + 1).reduce((total, row) => total + wattHours(row[2 + kind]!), 0);
        expect(`${kind} day ${day}: ${sum}`).toBe(`${kind} day ${day}: ${risen}`);
      }
    }
    const today = blocks.slice(-18).reduce((total, row) => total + wattHours(row[2]!), 0);
    expect(await importOf(meter)).toBe(wattHours(days[34]![1]!) + today);
    expect(blocks.some((row) => wattHours(row[4]!) > 0)).toBe(seed === 9);
    await meter.close();
  });

  test('time zones add up to the total, now and in each billing period', async () => {
    const bench = new Bench({ seed });
    const meter = await bench.open('reader');
    for (const c of [1, 9]) {
      const total = wattHours(await meter.get(meter.register(`1.0.${c}.8.0.255`).value));
      let sum = 0;
      for (let zone = 1; zone <= 8; zone++) {
        sum += wattHours(await meter.get(meter.register(`1.0.${c}.8.${zone}.255`).value));
      }
      expect(sum).toBe(total);
    }
    const rows = await buffer(meter, BILLING);
    expect(rows.length).toBe(13);
    for (const row of rows) {
      expect(row.slice(3, 11).reduce((sum, zone) => sum + wattHours(zone), 0)).toBe(wattHours(row[2]!));
      expect(row.slice(12, 20).reduce((sum, zone) => sum + wattHours(zone), 0)).toBe(wattHours(row[11]!));
    }
    expect(rows.map((row) => timeOf(row)).slice(-3)).toEqual([
      '2026-10-01 00:00:00 +05:30',
      '2026-11-01 00:00:00 +05:30',
      '2026-11-23 09:00:00 +05:30',
    ]);
    await meter.close();
  });

  test('maximum demand is the largest block of the period, at its time', async () => {
    const bench = new Bench({ seed });
    const meter = await bench.open('reader');
    const blocks = (await buffer(meter, BLOCK)).filter((row) => timeOf(row) > '2026-11-01 00:00:00 +05:30');
    const largest = Math.max(...blocks.map((row) => wattHours(row[2]!)));
    const md = meter.extendedRegister('1.0.1.6.0.255');
    expect(wattHours(await meter.get(md.value))).toBe(2 * largest);
    const at = (await meter.get(md.captureTime)).toText();
    expect(at).toBe(timeOf(blocks.find((row) => wattHours(row[2]!) === largest)!));
    await meter.close();
  });
});

test('as time goes on, rows and registers go on from where they were', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  const before = await importOf(meter);
  const first = await buffer(meter, BLOCK);
  bench.clock.advance(3 * HOUR + 10 * MINUTE);
  const rows = await buffer(meter, BLOCK);
  expect(rows.slice(0, -6)).toEqual(first.slice(6));
  const added = rows.slice(-6).reduce((sum, row) => sum + wattHours(row[2]!), 0);
  bench.clock.advance(20 * MINUTE);
  const last = (await buffer(meter, BLOCK)).at(-1)!;
  expect(await importOf(meter)).toBe(before + added + wattHours(last[2]!));
  await meter.close();
});

test('a week of a meter that nobody looked at is there when somebody does', async () => {
  const idle = new Bench();
  idle.clock.advance(9 * DAY);
  const busy = new Bench();
  for (let i = 0; i < 9 * 24; i++) {
    busy.clock.advance(HOUR);
    expect(busy.meter.connected).toBe(true);
  }
  const read = async (bench: Bench) => {
    const meter = await bench.open('reader');
    const values = [await buffer(meter, BLOCK), await buffer(meter, BILLING), await importOf(meter)];
    await meter.close();
    return values;
  };
  expect(await read(idle)).toEqual(await read(busy));
});

describe('selective access', () => {
  test('by range of time gives these rows and no others', async () => {
    const bench = new Bench();
    const meter = await bench.open('reader');
    const profile = meter.profile(BLOCK);
    const from = new Date(START - 5 * DAY);
    const to = new Date(START - 4 * DAY);
    const rows = await profile.rows({ from, to });
    expect(rows.length).toBe(49);
    expect(rows[0]!.time?.toDate()?.getTime()).toBe(from.getTime());
    expect(rows[48]!.time?.toDate()?.getTime()).toBe(to.getTime());
    expect(await profile.rows({ from: new Date(START + DAY) })).toEqual([]);
    expect((await profile.rows({ from: new Date(START - HOUR) })).length).toBe(3);
    await meter.close();
  });

  test('by entry and by column', async () => {
    const bench = new Bench();
    const meter = await bench.open('reader');
    const { object } = meter.profile(BILLING);
    const entry = (values: number[]): Data => ({
      type: 'structure',
      value: [
        { type: 'double-long-unsigned', value: values[0]! },
        { type: 'double-long-unsigned', value: values[1]! },
        { type: 'long-unsigned', value: values[2]! },
        { type: 'long-unsigned', value: values[3]! },
      ],
    });
    const all = await buffer(meter, BILLING);
    const part = await meter.get(selected(object.buffer, { selector: 2, parameters: entry([2, 3, 1, 3]) }));
    expect(part.value).toEqual(all.slice(1, 3).map((row) => ({ type: 'structure', value: row.slice(0, 3) })));
    await meter.close();
  });

  test('makes no more rows than asked', async () => {
    const bench = new Bench();
    const meter = await bench.open('reader');
    const profile = meter.profile(BLOCK);
    await profile.rows({ last: 1 });
    const asked = vi.spyOn(Load.prototype, 'power');
    await profile.rows({ from: new Date(START - HOUR), to: new Date(START) });
    const few = asked.mock.calls.length;
    await profile.rows();
    expect(few).toBeLessThan(60);
    expect(asked.mock.calls.length - few).toBeGreaterThan(1680);
    asked.mockRestore();
    await meter.close();
  });
});

test('scaler profiles hold scaler and unit of the columns of their parents', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  const [row] = await buffer(meter, '1.0.94.91.4.255');
  expect(row).toEqual(
    [
      [0, 35],
      [3, 30],
      [3, 31],
      [3, 30],
      [3, 31],
      [0, 33],
    ].map(([scaler, unit]) => ({
      type: 'structure',
      value: [
        { type: 'integer', value: scaler },
        { type: 'enum', value: unit },
      ],
    })),
  );
  const columns = await meter.profile(BLOCK).columns();
  expect(columns.map((c) => c.scalerUnit)).toMatchObject([
    undefined,
    { scaler: 0, unit: 'V' },
    { scaler: 3, unit: 'Wh' },
    { scaler: 3, unit: 'VAh' },
    { scaler: 3, unit: 'Wh' },
    { scaler: 3, unit: 'VAh' },
    { scaler: 0, unit: 'A' },
  ]);
  await meter.close();
});

test('event logs hold pairs of occurrences and restorations with the values of their time', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  const power = await buffer(meter, '0.0.99.98.2.255');
  expect(power.length).toBe(50);
  const codes = power.map((row) => row[1]!.value);
  expect(codes).toEqual(codes.map((_, i) => (i % 2 === 0 ? 101 : 102)));
  const times = power.map((row) => timeOf(row));
  expect([...times].sort()).toEqual(times);
  const voltage = await buffer(meter, '0.0.99.98.0.255');
  expect(voltage.length).toBeGreaterThan(4);
  for (const row of voltage) {
    const code = row[1]!.value as number;
    const volts = row[3]!.value as number;
    if (code === 9) expect(volts).toBeLessThan(190);
    if (code === 7) expect(volts).toBeGreaterThan(270);
    if (code === 8 || code === 10) expect(volts).toBeGreaterThan(220);
    expect(row.length).toBe(8);
  }
  const energies = voltage.map((row) => wattHours(row[5]!));
  expect([...energies].sort((a, b) => a - b)).toEqual(energies);
  expect((await buffer(meter, '0.0.99.98.5.255')).length).toBe(0);
  expect((await buffer(meter, '0.0.99.98.6.255'))[0]![1]).toEqual({ type: 'long-unsigned', value: 302 });
  await meter.close();
});
