import { describe, expect, test } from 'vitest';
import { createMeter, PROFILES } from '../../simulator/index.js';
import { type Data, Decimal, type Meter } from '../../src/index.js';
import { Bench, DAY, HOUR, MINUTE } from './support.js';

/** What a client reads where the display shows a number: cut to as many digits, energy and power in kilo. */
async function readBy(meter: Meter, name: string, unit: string, digits: number): Promise<string> {
  const listed = (await meter.objects()).find(({ logicalName }) => logicalName === name);
  if (listed === undefined) throw new Error(`no ${name}`);
  const object = meter.untyped(listed.classId, name, listed.version);
  const value = await meter.get(object.attribute(2));
  let scaler = 0;
  if (listed.classId !== 1) {
    const pair = (await meter.get(object.attribute(3))).value as readonly Data[];
    scaler = Number(pair[0]!.value);
  }
  const kilo = unit.startsWith('k') ? -3 : unit === 'Rs' ? -2 : 0;
  const number = Decimal.of(value as Data, scaler + kilo);
  if (number === undefined) throw new Error(`${name} is no number`);
  const shift = 10n ** BigInt(Math.abs(digits + number.exponent));
  const { coefficient } = number;
  return String(new Decimal(digits + number.exponent < 0 ? coefficient / shift : coefficient * shift, -digits));
}

describe.each(PROFILES)('the display of %s', (profile) => {
  test('shows what clients read', async () => {
    const bench = new Bench();
    const meter = createMeter(profile, { clock: bench.clock, seed: 7 });
    Object.assign(bench, { meter });
    const client = await bench.open('utility');
    bench.clock.advance(3 * HOUR + 7 * MINUTE);
    const { display, time } = meter.face();
    expect(time).toBe('2026-11-23 12:07:00');
    const shown = new Map(display.map((item) => [item.label, item]));
    expect(shown.get('Date')?.text).toBe('23-11-26');
    expect(shown.get('Time')?.text).toBe('12:07:00');
    expect(shown.get('Serial number')?.text).toBe(meter.identity.serial);
    let compared = 0;
    for (const { label, logicalName, text, unit } of display) {
      if (logicalName === undefined || ['Date', 'Time', 'Serial number'].includes(label)) continue;
      const digits = text.split('.')[1]?.length ?? 0;
      const float = /Energy|energy/.test(label);
      const read = await readBy(client, logicalName, unit, digits);
      // A float32 of seven digits may lie beside what the display shows exactly.
      if (float) expect(Math.abs(Number(read) - Number(text)), label).toBeLessThan(0.02);
      else expect(read, label).toBe(text);
      compared++;
    }
    expect(compared).toBeGreaterThan(9);
    expect(display.some(({ label }) => label === 'Balance')).toBe(profile !== 'is15959-ct');
    await client.close();
  });
});

test('the lamps follow what happens', () => {
  const { clock, meter } = new Bench({ prepaid: { lowCredit: 1_000_000 } });
  expect(meter.face()).toMatchObject({ powered: true, relay: { state: 'connected', closed: true }, coverOpen: false });
  clock.advance(DAY);
  expect(meter.face().credit).toBe('low');
  meter.controls.recharge(2_000_000);
  clock.advance(HOUR);
  const { credit, events } = meter.face();
  expect(credit).toBe('good');
  expect(events.map(({ code }) => code)).toContain(195);
  const times = events.map(({ time }) => time);
  expect([...times].sort().reverse()).toEqual(times);
  meter.controls.magnet(true);
  meter.controls.cover(true);
  meter.controls.power(false);
  expect(meter.face()).toMatchObject({
    powered: false,
    magnet: true,
    coverOpen: true,
    display: [],
    load: { watts: 0 },
  });
});

test('a household that feeds in shows its export', () => {
  const labels = (solarPeak: number) => new Bench({ solarPeak }).meter.face().display.map(({ label }) => label);
  expect(labels(3000)).toContain('Energy export');
  expect(labels(0)).not.toContain('Energy export');
});
