import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { dataText, dateTimeOf, Reading } from '../../src/client/readings.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import {
  bits,
  boolValue,
  enumValue,
  f32,
  nullValue,
  octets,
  structureOf,
  u16,
  u32,
  u64,
  visible,
} from '../../src/codec/make.js';
import type { ReadingSpec } from '../../src/companion/companion.js';
import { clientObject } from '../../src/cosem/class.js';
import { DataClass, ExtendedRegister, Register } from '../../src/cosem/classes/storage.js';
import { rowTime, ServedMeter } from '../support/served-meter.js';

const parts = { classId: 3, logicalName: '1.0.1.8.0.255', attributeId: 2, name: 'Energy' };

describe('a reading', () => {
  test('is exact, whatever the size: no floating point in between', () => {
    const energy = new Reading({
      ...parts,
      data: u64(9007199254740993n),
      scalerUnit: { scaler: -3, unit: 'Wh' },
    });
    expect(energy.value!.toString()).toBe('9007199254740.993');
    expect(energy.text).toBe('9007199254740.993 Wh');
    expect(`${energy}`).toBe('Energy: 9007199254740.993 Wh');
  });

  test('of a float32 is the number that the meter meant', () => {
    const energy = new Reading({ ...parts, data: f32(230.1), scalerUnit: { scaler: 3, unit: 'Wh' } });
    expect(energy.text).toBe('230100 Wh');
  });

  test('of unknown scaler has no value and says so', () => {
    const energy = new Reading({ ...parts, data: u32(42), scalerUnit: 'unknown' });
    expect(energy.value).toBeUndefined();
    expect(energy.unit).toBeUndefined();
    expect(energy.text).toBe('42 (scaler unknown)');
  });

  test('of a count has no unit', () => {
    const count = new Reading({ ...parts, data: u16(7) });
    expect([count.text, count.scaler, count.unit]).toEqual(['7', 0, 'none']);
  });

  test('is presented as its specification says', () => {
    const shown = (data: ReadingDataOf, presentation: ReadingSpec['presentation']) =>
      new Reading({ ...parts, data, ...(presentation && { presentation }) }).text;
    type ReadingDataOf = ConstructorParameters<typeof Reading>[0]['data'];
    expect(shown(u16(6), { 6: 'single phase' })).toBe('single phase');
    expect(shown(u16(9), { 6: 'single phase' })).toBe('9');
    expect(shown(octets(rowTime(0).toBytes()), 'date-time')).toBe('2026-01-01 05:30:00 +05:30');
    expect(shown(octets(fromLatin1('SN42')), 'text')).toBe('SN42');
    expect(shown(octets(fromHex('00FF')), 'text')).toBe('00FF');
  });
});

describe('values for people', () => {
  test.each([
    [nullValue(), '-'],
    [boolValue(true), 'true'],
    [enumValue(3), '3'],
    [visible('text'), 'text'],
    [bits('1010'), '1010'],
    [octets(fromHex('01')), '01'],
    [octets(new Uint8Array(0)), ''],
    [octets(fromHex('07EA01010405 1E0000FEB600')), '2026-01-01 05:30:00 +05:30'],
    [structureOf([u16(1), visible('a')]), '{1, a}'],
  ])('%o is %s', (data, text) => {
    expect(dataText(data)).toBe(text);
  });

  test('twelve octets that make no date stay octets; the odd dates of real meters are dates', () => {
    expect(dateTimeOf(octets(fromHex('FFFFFFFFFFFFFFFFFFFFFFFF')))?.isSpecified()).toBe(false);
    expect(dateTimeOf(octets(fromHex('07EA0D3F04051E0000FEB600')))).toBeUndefined();
    const never = new CosemDateTime({ year: 2000, month: 0, dayOfMonth: 0, hour: 0, minute: 0, second: 0 });
    expect(dateTimeOf(octets(never.toBytes()))?.toText()).toMatch(/^2000-/);
    const wrongZone = rowTime(0).with({ deviation: 1000 });
    expect(dateTimeOf(octets(wrongZone.toBytes()))?.hour).toBe(5);
  });
});

describe('readings of a meter', () => {
  const energy = clientObject(Register, '1.0.1.8.0.255');
  const demand = clientObject(ExtendedRegister, '1.0.1.6.0.255');
  const balance = clientObject(DataClass, '0.0.94.96.24.255');
  const specs: readonly ReadingSpec[] = [
    { key: 'energy', title: 'Energy', attribute: energy.value, scalerUnit: energy.scalerUnit },
    {
      key: 'serial',
      title: 'Serial',
      attribute: clientObject(DataClass, '0.0.96.1.0.255').value,
      presentation: 'text',
    },
    {
      key: 'balance',
      title: 'Balance',
      attribute: balance.value,
      alternatives: ['0.0.94.91.24.255'],
      presentation: { currency: 'INR', scaler: -2 },
    },
    { key: 'demand', title: 'Demand', attribute: demand.value, scalerUnit: demand.scalerUnit },
    { key: 'demandTime', title: 'Demand time', attribute: demand.captureTime, presentation: 'date-time' },
    { key: 'status', title: 'Demand status', attribute: demand.status },
    { key: 'nothing', title: 'Nothing', attribute: clientObject(DataClass, '9.9.9.9.9.9').value },
  ];

  test('come with units and names, in the order asked; older names are probed; a refusal stands alone', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const outcomes = await served.clock.run(meter.readings(specs));
    const shown = outcomes.map((outcome) => (outcome.ok ? `${outcome.value}` : outcome.error.message));
    expect(shown).toEqual([
      'Energy: 1234560 Wh',
      'Serial: SN000042',
      'Balance: -2.50 INR',
      'Demand: 4321 W',
      'Demand time: 2026-01-01 06:45:00 +05:30',
      'Demand status: 3',
      '1:9.9.9.9.9.9:2 (value) cannot be read: object-undefined',
    ]);
    const [, , found, register] = outcomes;
    expect(found!.ok && found!.value.logicalName).toBe('0.0.94.91.24.255');
    expect(register!.ok && register!.value.time?.equals(rowTime(5))).toBe(true);
    expect(register!.ok && register!.value.status).toEqual(u16(3));
    const before = served.requests.length;
    await served.clock.run(meter.readings(specs.slice(0, 1)));
    // The scaler is known by now.
    expect(served.requests.length).toBe(before + 1);
    await served.clock.run(meter.close());
  });

  test('of a register whose scaler is withheld have no value', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const voltage = meter.register('1.0.32.7.0.255');
    const spec = { key: 'voltage', title: 'Voltage', attribute: voltage.value, scalerUnit: voltage.scalerUnit };
    const [outcome] = await served.clock.run(meter.readings([spec]));
    expect(outcome!.ok && outcome!.value.text).toBe('2301 (scaler unknown)');
    await served.clock.run(meter.close());
  });
});
