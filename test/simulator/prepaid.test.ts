/** The prepaid account and the load limit as the utility sees them, in virtual time. */

import { describe, expect, test } from 'vitest';
import type { CreateMeterOptions } from '../../simulator/index.js';
import type { Data } from '../../src/codec/data.js';
import { f32, i32, octets, u8 } from '../../src/codec/make.js';
import { Limiter } from '../../src/cosem/classes/time.js';
import type { Meter } from '../../src/index.js';
import { Bench, DAY, HOUR, MINUTE, START } from './support.js';

const PAYMENT_MODE = '0.0.94.96.20.255';
const BALANCE = '0.0.94.96.24.255';
const START_TEXT = '2026-11-23';

/** A meter whose household is away: what is used is what the test turns on. Monday, nine in the morning. */
async function account(options: Partial<CreateMeterOptions> & { readonly start?: number } = {}) {
  const bench = new Bench({ tariff: 500, ...options });
  bench.meter.controls.household(false);
  const meter = await bench.open('utility');
  const number = async (name: string) => (await meter.get(meter.data(name).value)).value as number;
  return {
    bench,
    meter,
    use: (watts: number) => bench.meter.controls.appliance('heater', watts, undefined),
    balance: () => number(BALANCE),
    number,
    setBalance: (paise: number) => meter.set(meter.data(BALANCE).value, i32(paise)),
    recharge: async (paise: number) => {
      await meter.set(meter.data('0.0.94.96.21.255').value, i32(paise));
      const time = octets((await meter.get(meter.clock().time)).toBytes());
      await meter.set(meter.data('0.0.94.96.22.255').value, time);
    },
    state: () => meter.get(meter.disconnectControl().controlState),
    events: (log: number) => eventsOf(meter, log),
  };
}

/** Lines of a log since the beginning, as `DD HH:MM:SS code`. */
async function eventsOf(meter: Meter, log: number): Promise<string[]> {
  const data = await meter.get(meter.profile(`0.0.99.98.${log}.255`).object.buffer);
  const rows = (data.value as readonly Data[]).map((row) => row.value as readonly Data[]);
  const times = (await meter.profile(`0.0.99.98.${log}.255`).rows()).map(({ time }) => time!.toText());
  return rows.map((row, i) => `${times[i]!.slice(8, 19)} ${row[1]!.value}`).filter((_, i) => times[i]! > START_TEXT);
}

describe('money', () => {
  test('falls by slabs to the paisa, which begin anew with the billing period', async () => {
    const { bench, use, balance, setBalance } = await account({
      tariff: [{ upTo: 10, rate: 300 }, { rate: 700 }],
      start: START + 7 * DAY + 13 * HOUR,
    });
    // The 30th of November, ten in the evening: the first slab is long used up.
    await setBalance(1_000_000);
    use(4_000);
    bench.clock.advance(HOUR);
    expect(await balance()).toBe(1_000_000 - 4 * 700);
    bench.clock.advance(HOUR);
    expect(await balance()).toBe(1_000_000 - 8 * 700);
    // December: ten kWh at the lower price.
    bench.clock.advance(2 * HOUR);
    expect(await balance()).toBe(1_000_000 - 8 * 700 - 8 * 300);
    bench.clock.advance(2 * HOUR);
    expect(await balance()).toBe(1_000_000 - 8 * 700 - 10 * 300 - 6 * 700);
  });

  test('comes by a token: amount, then time; once for each time', async () => {
    const { bench, meter, number, balance, setBalance, recharge, events } = await account();
    await setBalance(12_345);
    bench.clock.advance(MINUTE);
    await recharge(50_000);
    expect(await balance()).toBe(62_345);
    expect(await number('0.0.94.96.23.255')).toBe(62_345);
    expect((await events(3)).slice(-1)).toEqual(['23 09:01:00 195']);
    // The same token again is no other.
    await recharge(50_000);
    expect(await balance()).toBe(62_345);
    bench.clock.advance(MINUTE);
    await recharge(1);
    expect(await balance()).toBe(62_346);
    await meter.close();
  });

  test('stands where the head end keeps the account', async () => {
    const { bench, use, balance, setBalance, recharge, state } = await account({ prepaid: { accounting: 'head-end' } });
    await setBalance(-500);
    use(5_000);
    bench.clock.advance(DAY);
    expect(await balance()).toBe(-500);
    await recharge(700);
    expect(await balance()).toBe(-500);
    expect(await state()).toBe('connected');
  });
});

describe('want of credit', () => {
  test('is warned of below a limit, and the warning taken back', async () => {
    const { bench, use, setBalance, recharge, events } = await account();
    await setBalance(20_250);
    use(1_000);
    bench.clock.advance(2 * HOUR);
    // 5 rupees an hour: 200.00 is passed within the first hour.
    expect(await events(4)).toEqual(['23 10:00:00 233']);
    await recharge(10_000);
    expect(await events(4)).toEqual(['23 10:00:00 233', '23 11:00:00 234']);
  });

  test('opens the relay at nothing, but not in friendly hours; a token closes it', async () => {
    const { bench, meter, use, setBalance, balance, recharge, state, events } = await account();
    await setBalance(100);
    use(2_000);
    bench.clock.advance(HOUR - 1000);
    expect(await balance()).toBeLessThan(0);
    expect(await state()).toBe('connected');
    // Friendly until ten.
    bench.clock.advance(1000);
    expect(await state()).toBe('ready-for-reconnection');
    expect(await events(6)).toEqual(['23 10:00:00 301']);
    // An order to close it is for what was opened by order.
    await expect(meter.call(meter.disconnectControl().remoteReconnect)).rejects.toThrow(/temporary-failure/);
    const owed = await balance();
    bench.clock.advance(DAY);
    expect(await balance()).toBe(owed);
    await recharge(-owed);
    expect(await state()).toBe('ready-for-reconnection');
    bench.clock.advance(MINUTE);
    await recharge(10_000);
    bench.clock.advance(1000);
    expect(await state()).toBe('connected');
  });

  test('on a Sunday waits for Monday, on a holiday for the day after', async () => {
    const sunday = await account({ start: START + 5 * DAY + 10 * HOUR });
    await sunday.setBalance(100);
    sunday.use(2_000);
    // Saturday, seven in the evening.
    sunday.bench.clock.advance(38 * HOUR);
    expect(await sunday.state()).toBe('connected');
    sunday.bench.clock.advance(HOUR);
    expect(await sunday.events(6)).toEqual(['30 10:00:00 301']);
    const holiday = await account({
      prepaid: { friendlyHours: { from: '20:00', to: '08:00', holidays: ['2026-11-23'] } },
    });
    await holiday.setBalance(100);
    holiday.use(2_000);
    holiday.bench.clock.advance(DAY);
    expect(await holiday.events(6)).toEqual(['24 08:00:00 301']);
  });

  test('leaves some emergency credit to who presses the button', async () => {
    const { bench, use, setBalance, balance, recharge, state, events } = await account({
      prepaid: { emergencyCredit: 3_000, friendlyHours: { from: '00:00', to: '00:00' } },
    });
    await setBalance(1);
    use(2_000);
    bench.clock.advance(HOUR);
    expect(await state()).toBe('ready-for-reconnection');
    bench.meter.pressButton();
    expect(await state()).toBe('connected');
    expect((await events(3)).slice(-1)).toEqual(['23 10:00:00 196']);
    // 10 rupees an hour: gone within three.
    bench.clock.advance(2 * HOUR);
    expect(await state()).toBe('connected');
    bench.clock.advance(2 * HOUR);
    expect(await state()).toBe('ready-for-reconnection');
    expect(await balance()).toBeLessThanOrEqual(-3_000);
    bench.meter.pressButton();
    expect(await state()).toBe('ready-for-reconnection');
    await recharge(10_000);
    bench.clock.advance(1000);
    expect(await state()).toBe('connected');
  });

  test('does not matter to who pays afterwards, and matters again when that ends', async () => {
    const { bench, meter, use, setBalance, balance, state, events } = await account({
      prepaid: { friendlyHours: { from: '00:00', to: '00:00' } },
    });
    await setBalance(1);
    use(2_000);
    bench.clock.advance(HOUR);
    expect(await state()).toBe('ready-for-reconnection');
    await meter.set(meter.data(PAYMENT_MODE).value, u8(0));
    bench.clock.advance(1000);
    expect(await state()).toBe('connected');
    const stands = await balance();
    bench.clock.advance(DAY);
    expect(await balance()).toBe(stands);
    await meter.set(meter.data(PAYMENT_MODE).value, u8(1));
    expect(await state()).toBe('ready-for-reconnection');
    expect((await events(4)).slice(-2).map((event) => event.slice(-3))).toEqual(['211', '212']);
  });
});

describe('an emergency profile', () => {
  const emergency = { id: 7, activation: START + HOUR, duration: 1800, threshold: 500 };

  test('holds from its time on, for as long as it says', async () => {
    const { bench, meter, use, events, state } = await account({ emergency: { ...emergency, groups: [3, 7] } });
    const limiter = meter.object(Limiter, '0.0.17.0.0.255');
    await meter.set(limiter.minOverThresholdDuration, 60);
    expect(await meter.get(limiter.emergencyProfileGroupIdList)).toEqual([3, 7]);
    expect((await meter.get(limiter.emergencyProfile)).emergencyActivationTime.toText()).toContain('10:00:00');
    use(1_000);
    bench.clock.advance(HOUR - 1000);
    expect(await meter.get(limiter.emergencyProfileActive)).toBe(false);
    bench.clock.advance(1000);
    expect(await meter.get(limiter.emergencyProfileActive)).toBe(true);
    expect(await meter.get(limiter.thresholdActive)).toEqual(f32(500));
    bench.clock.advance(MINUTE);
    expect(await state()).toBe('ready-for-reconnection');
    expect(await events(6)).toEqual(['23 10:01:00 301']);
    bench.clock.advance(29 * MINUTE);
    expect(await meter.get(limiter.emergencyProfileActive)).toBe(false);
    expect(await meter.get(limiter.thresholdActive)).toEqual(f32(6600));
    bench.clock.advance(20 * MINUTE);
    expect(await state()).toBe('connected');
    await meter.close();
  });

  test('of other groups does not concern the meter', async () => {
    const { bench, meter, use, state } = await account({ emergency: { ...emergency, groups: [3] } });
    use(1_000);
    bench.clock.advance(HOUR + 10 * MINUTE);
    expect(await meter.get(meter.object(Limiter, '0.0.17.0.0.255').emergencyProfileActive)).toBe(false);
    expect(await state()).toBe('connected');
    await meter.close();
  });
});
