import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextExecution } from '../../simulator/meter/billing.js';
import { factoryCalendar, zoneAt } from '../../simulator/meter/calendar.js';
import { captures } from '../../simulator/meter/captures.js';
import { IST_DEVIATION, MeterTime } from '../../simulator/meter/time.js';
import { VirtualClock } from '../../src/base/clock.js';
import { CosemDate, CosemTime } from '../../src/codec/datetime.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every second, looked at one by one; what falls due at the moment of setting was captured before it, by the old time. */
function naive(time: MeterTime, period: number, since: number, until: number, settings: readonly number[]): number[] {
  const found: number[] = [];
  for (let at = since + 1000; at <= until; at += 1000) {
    const wall = settings.includes(at) ? time.wall(at - 1) + 1 : time.wall(at);
    if (wall % (period * 1000) === 0) found.push(at);
  }
  return found;
}

test('moments of capture are the full periods of the meter clock, however often it was set', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(300, 900, 1800),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: -9000, max: 9000 })), { maxLength: 3 }),
      fc.integer({ min: 1, max: 12_000 }),
      fc.integer({ min: 1, max: 50 }),
      (period, settings, last, limit) => {
        const time = new MeterTime(new VirtualClock(START));
        let at = START;
        const set: number[] = [];
        for (const [after, by] of settings) {
          at += after * 1000;
          set.push(at);
          time.set(time.wall(at) + by * 1000, at);
        }
        const until = at + last * 1000;
        const expected = naive(time, period, START, until, set);
        const moments = captures(time, period, START, until, limit);
        const made = Array.from({ length: moments.length }, (_, i) => moments.at(i));
        expect(made).toEqual(expected.slice(Math.max(0, expected.length - limit)));
        if (expected.length > limit) expect(moments.at(-1)).toBe(expected[expected.length - limit - 1]);
        else expect(moments.at(-1)).toBe(START);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a schedule finds its next time, with wildcards', () => {
  const wall = Date.UTC(2026, 10, 23, 9, 0, 0);
  const next = (time: ConstructorParameters<typeof CosemTime>[0], date: ConstructorParameters<typeof CosemDate>[0]) =>
    nextExecution([{ time: new CosemTime(time), date: new CosemDate(date) }], wall);
  const midnight = { hour: 0, minute: 0, second: 0 };
  expect(next(midnight, { dayOfMonth: 1 })).toBe(Date.UTC(2026, 11, 1));
  expect(next(midnight, {})).toBe(Date.UTC(2026, 10, 24));
  expect(next({ minute: 30, second: 0 }, {})).toBe(Date.UTC(2026, 10, 23, 9, 30));
  expect(next({ minute: 0, second: 0 }, {})).toBe(Date.UTC(2026, 10, 23, 10));
  expect(next({ hour: 9, minute: 0, second: 0 }, {})).toBe(Date.UTC(2026, 10, 24, 9));
  expect(next({ second: 15 }, {})).toBe(Date.UTC(2026, 10, 23, 9, 0, 15));
  expect(next(midnight, { dayOfMonth: 0xfe })).toBe(Date.UTC(2026, 10, 30));
  expect(next(midnight, { dayOfMonth: 0xfd })).toBe(Date.UTC(2026, 10, 29));
  expect(next(midnight, { dayOfWeek: 7 })).toBe(Date.UTC(2026, 10, 29));
  expect(next(midnight, { year: 2026, month: 2, dayOfMonth: 1 })).toBeUndefined();
  expect(next({ hour: 25, minute: 0, second: 0 }, {})).toBe(Date.UTC(2026, 10, 24, 1));
  expect(nextExecution([], wall)).toBeUndefined();
});

test('the next time of a schedule is the first that fits, looked for second by second', () => {
  const open = (values: number[]) => fc.constantFrom(0xff, ...values);
  fc.assert(
    fc.property(
      open([0, 7, 23]),
      open([0, 30, 59]),
      open([0, 30]),
      fc.integer({ min: 0, max: 86_399 }),
      (h, m, s, t) => {
        const wall = START + t * 1000;
        const time = new CosemTime({ hour: h, minute: m, second: s });
        const found = nextExecution([{ time, date: new CosemDate() }], wall);
        let at = t + 1;
        const fits = (second: number) =>
          (h === 0xff || Math.floor(second / 3600) % 24 === h) &&
          (m === 0xff || Math.floor(second / 60) % 60 === m) &&
          (s === 0xff || second % 60 === s);
        while (!fits(at)) at++;
        expect(found).toBe(START + at * 1000);
      },
    ),
    { numRuns: 1000 },
  );
});

test('zones follow the factory calendar', () => {
  const day = Date.UTC(2026, 4, 5);
  const zones = [0, 3, 6, 9, 12, 17, 18, 21, 22, 23].map((hour) => zoneAt(factoryCalendar, day + hour * HOUR).zone);
  expect(zones).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 1, 1]);
  expect(zoneAt(factoryCalendar, day + 7 * HOUR).until).toBe(day + 10 * HOUR);
  expect(zoneAt(factoryCalendar, day + 23 * HOUR).until).toBe(day + DAY);
});

test('the meter clock shows Indian time until it is set', () => {
  const time = new MeterTime(new VirtualClock(START));
  expect(time.stamp(START).toText()).toBe('2026-01-01 05:30:00 +05:30');
  time.set(Date.UTC(2030, 5, 1, 12), START + HOUR);
  expect(time.stamp(START + HOUR - 1000).toText()).toBe('2026-01-01 06:29:59 +05:30');
  expect(time.stamp(START + HOUR + MINUTE).toText()).toBe('2030-06-01 12:01:00 +05:30');
  expect(time.deviation).toBe(IST_DEVIATION);
});
