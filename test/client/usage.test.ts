import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pause } from '../../packages/commissioning/src/pause.js';
import { createMeter, openOptionsOf, VirtualLine } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import {
  DAY,
  daysLeft,
  energyOfMonth,
  markedDay,
  monthBegin,
  type PrepaidAccount,
  wallMillis,
  wholeDays,
} from '../../src/client/usage.js';
import { UsageWatch, type UsageWatchOptions } from '../../src/client/usage-watch.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { Decimal } from '../../src/codec/decimal.js';
import { generic } from '../../src/companion/generic.js';
import { is15959 } from '../../src/companion/is15959/is15959.js';
import { open } from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

/** 10:41 in India. */
const START = Date.UTC(2026, 10, 23, 5, 11, 0);

async function watched<T>(
  work: (
    watch: UsageWatch,
    parts: { clock: VirtualClock; requests: () => number; meter: ReturnType<typeof createMeter> },
  ) => Promise<T>,
  options: UsageWatchOptions = {},
  client = 'reader',
): Promise<T> {
  const clock = new VirtualClock(START);
  const meter = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
  const line = new VirtualLine(clock, { baudRate: 9600 });
  await meter.attach(line.b, { framing: 'wrapper' });
  let sent = 0;
  const run = async () => {
    const reader = await open(line.a, {
      ...openOptionsOf(meter, client),
      crypto: nodeCrypto,
      framing: 'wrapper',
      clock,
      trace: (event) => {
        if (event.type === 'octets' && event.direction === 'sent') sent++;
      },
    });
    try {
      return await work(new UsageWatch(reader, is15959, options), { clock, requests: () => sent, meter });
    } finally {
      await reader.close();
    }
  };
  return clock.run(run());
}

const sum = (values: readonly Decimal[]) => values.reduce((total, value) => total.plus(value), new Decimal(0n));

describe('a watch of the virtual meter', () => {
  test('reckons exactly what the profiles say', () =>
    watched(async (watch) => {
      const usage = await watch.refresh();
      expect(usage.time.toText()).toMatch(/^2026-11-23 10:41:\d\d/);
      expect(usage.days.map(({ date }) => date)).toEqual(
        Array.from({ length: 14 }, (_, i) => `2026-11-${String(9 + i).padStart(2, '0')}`),
      );
      expect(usage.today?.since).toBe('2026-11-23');
      expect(usage.month?.since).toBe('2026-11-01');
      // 21 half hours until 10:30.
      expect(usage.blocks.map(({ end }) => end.toText().slice(11, 16))).toEqual(
        Array.from(
          { length: 21 },
          (_, i) => `${String(Math.floor((i + 1) / 2)).padStart(2, '0')}:${i % 2 === 0 ? '30' : '00'}`,
        ),
      );
      const blocks = sum(usage.blocks.map(({ energy }) => energy));
      const rest = usage.today!.energy.minus(blocks);
      // What was used since 10:30, and nothing of it more than eleven minutes at full load.
      expect(rest.toNumber()).toBeGreaterThanOrEqual(0);
      expect(rest.toNumber()).toBeLessThan(2000);
      const shown = sum(usage.days.map(({ energy }) => energy!)).plus(usage.today!.energy);
      expect(usage.month!.energy.compare(shown)).toBeGreaterThan(0);
      expect(usage.account).toMatchObject({ prepaid: true });
      expect(usage).toMatchObject({ connected: true, phases: [{ phase: '' }], serial: expect.stringMatching(/^\d+$/) });
      expect(usage.power?.toNumber()).toBeGreaterThan(0);
    }));

  // Where the meter takes no lists each value is a request: clock, energy, power, relay, voltage, current, balance.
  test.each([['reader', 7, 13]])(
    'as %s asks for %i when nothing new is due, and for new rows only',
    (client, usual, halfHour) =>
      watched(
        async (watch, { clock, requests }) => {
          const first = await watch.refresh();
          const begun = requests();
          await watch.refresh();
          expect(requests() - begun).toBe(usual);
          await pause(clock, 20 * 60_000);
          const before = requests();
          const next = await watch.refresh();
          expect(requests() - before).toBe(halfHour);
          expect(next.blocks.length).toBe(first.blocks.length + 1);
          expect(next.blocks.slice(0, -1)).toEqual(first.blocks);
          expect(next.today!.energy.compare(first.today!.energy)).toBeGreaterThan(0);
          expect(next.account!.balance!.compare(first.account!.balance!)).toBeLessThan(0);
          expect(wallMillis(next.account!.balanceTime!)).toBeGreaterThan(wallMillis(first.account!.balanceTime!));
        },
        {},
        client,
      ),
  );

  test('begins a new day at midnight', () =>
    watched(async (watch, { clock }) => {
      const before = await watch.refresh();
      await pause(clock, 14 * 3_600_000);
      const after = await watch.refresh();
      expect(after.today!.since).toBe('2026-11-24');
      expect(after.days.at(-1)).toMatchObject({ date: '2026-11-23' });
      expect(after.days.at(-1)!.energy!.compare(before.today!.energy)).toBeGreaterThan(0);
      expect(after.blocks.length).toBe(1);
      expect(after.total.minus(before.total).toString()).toBe(
        after.days.at(-1)!.energy!.minus(before.today!.energy).plus(after.today!.energy).toString(),
      );
    }));

  test('says at which rate the balance lasts', async () => {
    await watched(async (watch) => {
      const { daysLeft: left, account } = await watch.refresh();
      if (left.days === undefined || left.basis.type !== 'since-recharge') throw new Error('no days');
      expect(left.basis.spent.plus(account!.balance!).compare(account!.totalAtLastRecharge!)).toBe(0);
      expect(left.perDay.exponent).toBe(-2);
    });
    await watched(
      async (watch) => {
        const { daysLeft: left, days, account } = await watch.refresh();
        expect(left).toMatchObject({ basis: { type: 'price', wholeDays: 7 } });
        const week = sum(days.slice(-7).map(({ energy }) => energy!)).toNumber() / 1000;
        expect(left.days!.toNumber()).toBeCloseTo((account!.balance!.toNumber() / (week * 6.5)) * 7, 0);
      },
      { price: Decimal.parse('6.50') },
    );
  });

  test('tells a client that may not read energy why', async () => {
    await expect(watched((watch) => watch.refresh(), {}, 'public')).rejects.toMatchObject({ code: 'access' });
  });
});

test('a companion that knows no usage is refused', () => {
  const meter = { profile: () => undefined } as never;
  expect(() => new UsageWatch(meter, { ...generic, readings: [] })).toThrow(
    'does not say where meters keep their usage',
  );
});

describe('reckoning', () => {
  const stamp = (text: string) => CosemDateTime.fromDate(new Date(`${text}Z`), 0).with({ deviation: -330 });
  const wh = (value: number) => new Decimal(BigInt(value));

  test('a row of midnight marks its day, one a second before the next', () => {
    const day = Date.UTC(2026, 10, 23) / DAY;
    expect(markedDay(stamp('2026-11-23T00:00:00'))).toBe(day);
    expect(markedDay(stamp('2026-11-22T23:59:59'))).toBe(day);
    expect(markedDay(stamp('2026-11-23T00:00:07'))).toBe(day);
    expect(monthBegin(day)).toBe(Date.UTC(2026, 10, 1) / DAY);
    expect(wallMillis(stamp('2026-11-23T00:00:00'))).toBe(day * DAY);
  });

  test('days without rows are not known, registers that count back neither', () => {
    const marks = new Map([
      [10, wh(100)],
      [11, wh(150)],
      [13, wh(90)],
      [14, wh(95)],
    ]);
    expect(wholeDays(14, 4, marks).map(({ energy }) => energy?.toString())).toEqual(['50', undefined, undefined, '5']);
    expect(energyOfMonth(wh(99), 14, new Map([[12, wh(90)]]))?.energy.toString()).toBe('9');
    expect(energyOfMonth(wh(99), 14, new Map())).toBeUndefined();
  });

  const account = (balance: string, total: string, from: string, to: string): PrepaidAccount => ({
    prepaid: true,
    balance: Decimal.parse(balance),
    balanceTime: stamp(to),
    lastRecharge: { amount: wh(1), time: stamp(from) },
    totalAtLastRecharge: Decimal.parse(total),
  });

  test.each([
    ['300.00', '500.00', '2026-11-01T00:00:00', '2026-11-11T00:00:00', '15.0', '20.00'],
    ['0.00', '500.00', '2026-11-01T00:00:00', '2026-11-11T00:00:00', '0.0', '50.00'],
    ['-20.00', '500.00', '2026-11-01T00:00:00', '2026-11-11T00:00:00', '0.0', '52.00'],
    ['100.00', '133.33', '2026-11-01T06:00:00', '2026-11-02T18:00:00', '4.5', '22.22'],
  ])('%s left of %s from %s to %s last %s days at %s', (balance, total, from, to, days, perDay) => {
    const left = daysLeft(account(balance, total, from, to), [], undefined);
    expect([left.days?.toString(), left.days && 'perDay' in left && left.perDay.toString()]).toEqual([days, perDay]);
  });

  test.each([
    [undefined, 'not-prepaid'],
    [{ ...account('1', '2', '2026-11-01T00:00:00', '2026-11-03T00:00:00'), prepaid: false }, 'not-prepaid'],
    [{ ...account('1', '2', '2026-11-01T00:00:00', '2026-11-03T00:00:00'), balance: undefined }, 'no-balance'],
    [account('1', '2', '2026-11-01T00:00:00', '2026-11-01T23:59:59'), 'recharged-lately'],
    [account('2', '2', '2026-11-01T00:00:00', '2026-11-03T00:00:00'), 'nothing-spent'],
  ])('%# cannot be told: %s', (given, reason) => {
    expect(daysLeft(given, [], undefined)).toEqual({ days: undefined, reason });
  });

  test('the days are never more than what the balance pays', () => {
    const paise = fc.bigInt({ min: 1n, max: 10_000_000n });
    fc.assert(
      fc.property(paise, paise, fc.integer({ min: 1, max: 400 }), (balance, spent, elapsed) => {
        const from = stamp('2026-01-01T00:00:00');
        const to = CosemDateTime.fromDate(new Date(Date.UTC(2026, 0, 1 + elapsed)), 0).with({ deviation: -330 });
        const left = daysLeft(
          {
            prepaid: true,
            balance: new Decimal(balance, -2),
            balanceTime: to,
            lastRecharge: { amount: wh(1), time: from },
            totalAtLastRecharge: new Decimal(balance + spent, -2),
          },
          [],
          undefined,
        );
        const tenths = left.days!.coefficientAt(-1);
        // tenths / 10 days × spent / elapsed a day ≤ balance < one tenth more.
        expect(tenths * spent <= balance * 10n * BigInt(elapsed)).toBe(true);
        expect((tenths + 1n) * spent > balance * 10n * BigInt(elapsed)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
