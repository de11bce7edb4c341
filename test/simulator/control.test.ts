import { describe, expect, test } from 'vitest';
import { type ControlState, SupplyRelay } from '../../simulator/meter/relay.js';
import { AccessError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { f32, i32, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import { ActivityCalendar, Limiter, ScriptTable } from '../../src/cosem/classes/time.js';
import type { Meter } from '../../src/index.js';
import { Bench, DAY, HOUR, MINUTE, wattHours } from './support.js';

const BALANCE = '0.0.94.96.24.255';

async function lastRow(meter: Meter, log: number): Promise<readonly Data[]> {
  const data = await meter.get(meter.profile(`0.0.99.98.${log}.255`).object.buffer);
  return (data.value as readonly Data[]).at(-1)!.value as readonly Data[];
}

const lastCode = async (meter: Meter, log: number) => (await lastRow(meter, log))[1]!.value;
const wh = async (meter: Meter) => wattHours(await meter.get(meter.register('1.0.1.8.0.255').value));
const numberOf = async (meter: Meter, name: string) => (await meter.get(meter.data(name).value)).value as number;

describe('the relay, by the table of the Blue Book', () => {
  // For each control mode: state after remote disconnect, then remote reconnect; whether the button opens; whether it closes by itself.
  test.each<[mode: number, ControlState, ControlState, boolean, boolean]>([
    [0, 'connected', 'connected', false, false],
    [1, 'disconnected', 'ready-for-reconnection', true, false],
    [2, 'disconnected', 'connected', true, false],
    [3, 'disconnected', 'ready-for-reconnection', false, false],
    [4, 'disconnected', 'connected', false, false],
    [5, 'disconnected', 'ready-for-reconnection', true, true],
    [6, 'disconnected', 'ready-for-reconnection', false, true],
  ])('control mode %i', (mode, off, on, button, itself) => {
    const relay = new SupplyRelay();
    relay.setMode(mode, 0);
    relay.remoteDisconnect(0);
    expect(relay.state).toBe(off);
    relay.remoteReconnect(0);
    expect(relay.state).toBe(on);
    relay.manualReconnect(0);
    expect(relay.state).toBe('connected');
    relay.manualDisconnect(0);
    expect(relay.connected).toBe(!button);
    relay.manualReconnect(0);
    relay.localDisconnect(0);
    expect(relay.state).toBe(mode === 0 ? 'connected' : 'ready-for-reconnection');
    if (mode !== 0) expect(() => relay.remoteReconnect(0)).toThrow(AccessError);
    relay.localReconnect(0);
    expect(relay.connected).toBe(itself || mode === 0);
  });

  test('there are no modes beyond 6', () => {
    expect(() => new SupplyRelay().setMode(7, 0)).toThrow(/no control mode 7/);
  });
});

test('disconnected, nothing flows and the energy stands; connected again it goes on', async () => {
  const bench = new Bench();
  const meter = await bench.open('utility');
  const relay = meter.disconnectControl();
  await meter.call(relay.remoteDisconnect);
  expect(await meter.get(relay.outputState)).toBe(false);
  expect(await meter.get(relay.controlState)).toBe('disconnected');
  expect(await lastCode(meter, 6)).toBe(301);
  const before = await wh(meter);
  bench.clock.advance(2 * HOUR);
  expect(await wh(meter)).toBe(before);
  expect((await meter.get(meter.register('1.0.1.7.0.255').value)).value).toBe(0);
  expect((await meter.get(meter.register('1.0.11.7.0.255').value)).value).toBe(0);
  expect((await meter.get(meter.register('1.0.12.7.0.255').value)).value).toBeGreaterThan(200);
  await meter.call(relay.remoteReconnect);
  // Mode 6: ready, and closed by the meter itself a moment later.
  expect(await meter.get(relay.controlState)).toBe('ready-for-reconnection');
  bench.clock.advance(1000);
  expect(await meter.get(relay.outputState)).toBe(true);
  expect(await lastCode(meter, 6)).toBe(302);
  bench.clock.advance(2 * HOUR);
  expect(await wh(meter)).toBeGreaterThan(before + 100);
  await expect(meter.call(relay.remoteReconnect)).rejects.toThrow(AccessError);
  await meter.close();
});

test('control mode 4 closes at once; the button closes a relay that is ready', async () => {
  const bench = new Bench();
  const meter = await bench.open('utility');
  const relay = meter.disconnectControl();
  await meter.set(relay.controlMode, 4);
  await meter.call(relay.remoteDisconnect);
  await meter.call(relay.remoteReconnect);
  expect(await meter.get(relay.outputState)).toBe(true);
  await meter.set(relay.controlMode, 3);
  await meter.call(relay.remoteDisconnect);
  await meter.call(relay.remoteReconnect);
  expect(bench.meter.connected).toBe(false);
  bench.meter.pressButton();
  expect(bench.meter.connected).toBe(true);
  await expect(meter.set(relay.controlMode, 9)).rejects.toThrow(AccessError);
  await meter.close();
});

test('a threshold below the load opens the relay after its time, and closes it again until the attempts are used up', async () => {
  const bench = new Bench();
  const meter = await bench.open('utility');
  const limiter = meter.object(Limiter, '0.0.17.0.0.255');
  await meter.set(limiter.thresholdNormal, f32(20));
  expect(await meter.get(limiter.thresholdActive)).toEqual(f32(20));
  bench.clock.advance(100_000);
  expect(bench.meter.connected).toBe(true);
  bench.clock.advance(80_000);
  expect(bench.meter.connected).toBe(false);
  expect(await lastCode(meter, 4)).toBe(215);
  expect(await meter.get(meter.disconnectControl().controlState)).toBe('ready-for-reconnection');
  // Four attempts of 120 s apart, each followed by 120 s over the limit, then 300 s of rest.
  const switches: number[] = [];
  let closed = false;
  for (let second = 0; second < 3600; second++) {
    bench.clock.advance(1000);
    if (bench.meter.connected !== closed) {
      closed = !closed;
      switches.push(second);
    }
  }
  const open = switches.flatMap((at, i) => (i % 2 === 0 ? [at - (i === 0 ? -1 : switches[i - 1]!)] : []));
  expect(open.slice(1, 5)).toEqual([120, 120, 120, 300]);
  await meter.set(limiter.thresholdNormal, f32(6600));
  bench.clock.advance(20 * MINUTE);
  expect(bench.meter.connected).toBe(true);
  expect(await lastCode(meter, 4)).toBe(216);
  await expect(meter.set(limiter.thresholdNormal, u32(5000))).rejects.toThrow(AccessError);
  await meter.close();
});

describe('the prepaid account', () => {
  test('falls by the tariff for what is used, and takes what is written', async () => {
    const bench = new Bench({ tariff: 700 });
    const meter = await bench.open('utility');
    await meter.set(meter.data(BALANCE).value, i32(50_000));
    expect(await numberOf(meter, BALANCE)).toBe(50_000);
    const start = await wh(meter);
    bench.clock.advance(5 * HOUR);
    const used = (await wh(meter)) - start;
    expect(used).toBeGreaterThan(300);
    expect(await numberOf(meter, BALANCE)).toBe(50_000 - Math.floor((used * 700) / 1000));
    const time = (await meter.get(meter.data('0.0.94.96.25.255').value)).value as Uint8Array;
    expect(CosemDateTime.fromBytes(time).toText()).toBe('2026-11-23 14:00:00 +05:30');
    await meter.set(meter.data('0.0.94.96.20.255').value, u8(0));
    const frozen = await numberOf(meter, BALANCE);
    bench.clock.advance(DAY);
    expect(await numberOf(meter, BALANCE)).toBe(frozen);
    expect(await lastCode(meter, 4)).toBe(211);
    await expect(meter.set(meter.data('0.0.94.96.20.255').value, u8(7))).rejects.toThrow(AccessError);
    await expect(meter.set(meter.data(BALANCE).value, u32(1))).rejects.toThrow(AccessError);
    await meter.close();
  });

  test('goes below zero rather than round', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    await meter.set(meter.data(BALANCE).value, i32(10));
    bench.clock.advance(3 * DAY);
    expect(await numberOf(meter, BALANCE)).toBeLessThan(0);
    await meter.close();
  });
});

describe('settings', () => {
  test('the clock is set to a wall time; later rows carry the new time, earlier ones the old', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const programmed = await numberOf(meter, '0.0.96.2.0.255');
    const clock = meter.clock();
    await meter.set(clock.time, new CosemDateTime({ ...(await meter.get(clock.time)), hour: 10, minute: 40 }));
    expect((await meter.get(clock.time)).toText()).toBe('2026-11-23 10:40:00 +05:30');
    expect(await lastCode(meter, 3)).toBe(151);
    expect(await numberOf(meter, '0.0.96.2.0.255')).toBe(programmed + 1);
    const before = await wh(meter);
    bench.clock.advance(20 * MINUTE);
    const rows = await meter.profile('1.0.99.1.0.255').rows({ last: 2 });
    expect(rows.map((row) => row.time?.toText())).toEqual(['2026-11-23 09:00:00 +05:30', '2026-11-23 11:00:00 +05:30']);
    const block = rows[1]!.values.find((value) => value.logicalName === '1.0.1.29.0.255')!;
    expect(wattHours(block.data)).toBe((await wh(meter)) - before);
    await expect(meter.set(clock.time, new CosemDateTime())).rejects.toThrow(AccessError);
    await meter.close();
  });

  test('another capture period starts the block load profile anew', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    await meter.set(meter.data('1.0.0.8.4.255').value, u16(900));
    const profile = meter.profile('1.0.99.1.0.255');
    expect(await profile.state()).toMatchObject({ entriesInUse: 0, capturePeriod: 900, profileEntries: 1680 });
    bench.clock.advance(HOUR);
    expect((await profile.rows()).map((row) => row.time?.minute)).toEqual([15, 30, 45, 0]);
    expect(await lastCode(meter, 3)).toBe(153);
    await expect(meter.set(meter.data('1.0.0.8.4.255').value, u16(7))).rejects.toThrow(AccessError);
    await meter.close();
  });

  test('the MD reset script ends the billing period', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const billed = await numberOf(meter, '0.0.0.1.0.255');
    await meter.call(meter.object(ScriptTable, '0.0.10.0.1.255').execute, 1);
    expect(await numberOf(meter, '0.0.0.1.0.255')).toBe(billed + 1);
    expect(await lastCode(meter, 3)).toBe(166);
    expect((await meter.get(meter.extendedRegister('1.0.1.6.0.255').value)).value).toBe(0);
    bench.clock.advance(2 * HOUR);
    expect((await meter.get(meter.extendedRegister('1.0.1.6.0.255').value)).value).toBeGreaterThan(0);
    const rows = await meter.profile('1.0.98.1.0.255').rows({ last: 2 });
    expect(rows[0]!.values[0]!.text).toContain('2026-11-23 09:00:00');
    await expect(meter.call(meter.object(ScriptTable, '0.0.10.0.1.255').execute, 2)).rejects.toThrow(AccessError);
    await meter.close();
  });

  test('a bill stays as it is, whatever is set and reset later', async () => {
    const bench = new Bench({ profile: 'is15959-3ph' });
    const meter = await bench.open('utility');
    const demand = meter.extendedRegister('1.0.1.6.0.255');
    const bills = async () => {
      const data = await meter.get(meter.profile('1.0.98.1.0.255').object.buffer);
      return (data.value as readonly Data[]).slice(0, -1);
    };
    // The maximum of November was reset in the middle of it.
    await meter.call(demand.reset);
    bench.clock.advance(8 * DAY);
    const before = await bills();
    await meter.call(demand.reset);
    await meter.set(meter.data('1.0.0.8.0.255').value, u16(300));
    expect(await bills()).toEqual(before);
    bench.clock.advance(HOUR);
    expect(await bills()).toEqual(before);
    const date = (await meter.get(meter.register('0.0.0.1.2.255').value)).value as Uint8Array;
    const snapshot = meter.profile('1.0.94.91.0.255');
    const column = (await snapshot.columns()).findIndex((one) => one.logicalName === '0.0.0.1.2.255');
    const [row] = await snapshot.rows();
    expect(row!.values[column]!.data.value).toEqual(date);
    await meter.close();
  });

  test('the month ends by itself', async () => {
    const bench = new Bench();
    const meter = await bench.open('reader');
    const billed = await numberOf(meter, '0.0.0.1.0.255');
    bench.clock.advance(8 * DAY);
    expect(await numberOf(meter, '0.0.0.1.0.255')).toBe(billed + 1);
    const date = (await meter.get(meter.register('0.0.0.1.2.255').value)).value as Uint8Array;
    expect(CosemDateTime.fromBytes(date).toText()).toBe('2026-12-01 00:00:00 +05:30');
    await meter.close();
  });

  test('the passive calendar takes over when its time comes', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const calendar = meter.object(ActivityCalendar, '0.0.13.0.0.255');
    const [day] = await meter.get(calendar.dayProfileTablePassive);
    const flat = { ...day!, daySchedule: [{ ...day!.daySchedule[0]!, scriptSelector: 7 }] };
    await meter.set(calendar.calendarNamePassive, 'flat');
    await meter.set(calendar.dayProfileTablePassive, [flat]);
    const time = await meter.get(meter.clock().time);
    await meter.set(calendar.activatePassiveCalendarTime, time.with({ hour: 11 }));
    const zone7 = async () => wattHours(await meter.get(meter.register('1.0.1.8.7.255').value));
    bench.clock.advance(HOUR);
    expect(await zone7()).toBe(0);
    expect(await meter.get(calendar.calendarNameActive)).toBe('calendar_0');
    bench.clock.advance(HOUR);
    const start = await wh(meter);
    expect(await meter.get(calendar.calendarNameActive)).toBe('flat');
    bench.clock.advance(DAY);
    expect(await zone7()).toBe((await wh(meter)) - start);
    expect(await lastCode(meter, 3)).toBe(155);
    await meter.close();
  });

  test('the passive relay times are kept and hold', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const value = structureOf([u32(60), u32(600), u8(2), { type: 'octet-string', value: new Uint8Array(0) }]);
    await meter.set(meter.data('1.0.96.128.30.255').value, value);
    expect(await meter.get(meter.data('1.0.96.128.30.255').value)).toEqual(value);
    expect(await meter.get(meter.data('1.0.96.128.25.255').value)).toEqual(structureOf([u32(60), u32(600), u8(2)]));
    expect(await lastCode(meter, 3)).toBe(182);
    await meter.close();
  });
});
