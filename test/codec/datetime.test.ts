import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { millisAt, wallMillisAt } from '../../src/codec/calendar.js';
import {
  CLOCK_STATUS,
  CosemDate,
  CosemDateTime,
  CosemTime,
  DEVIATION_UNSPECIFIED,
  dayNumber,
  daysInMonth,
} from '../../src/codec/datetime.js';

const RUNS = { numRuns: 1000 };
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const dateTime = (hex: string) => CosemDateTime.fromBytes(fromHex(hex));

/** Octets that are mostly dates, now and then with something odd. */
const nearlyDates = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.integer({ min: -840, max: 720 }),
  )
  .map(([date, deviation]) => CosemDateTime.fromDate(date, deviation).toBytes())
  .chain((bytes) =>
    fc.option(fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 255 }))).map((odd) => {
      if (odd) bytes[odd[0]] = odd[1];
      return bytes;
    }),
  );

describe('octets', () => {
  test.each([
    [CosemDateTime, 12],
    [CosemDate, 5],
    [CosemTime, 4],
  ] as const)('of any kind are kept by %o, in text, judged, without a throw', (Class, length) => {
    fc.assert(
      fc.property(octets(length), (bytes) => {
        const value = Class.fromBytes(bytes);
        expect(value.toBytes()).toEqual(bytes);
        expect(value.toText()).not.toMatch(/undefined|NaN/);
        const judge = () => Class.fromBytes(bytes, true);
        if (value.problem() === undefined) expect(judge().toBytes()).toEqual(bytes);
        else expect(judge).toThrow(DecodeError);
      }),
      RUNS,
    );
  });

  test('of another length are refused', () => {
    expect(() => CosemDateTime.fromBytes(new Uint8Array(11))).toThrow(/11 octets instead of 12/);
    expect(() => CosemDate.fromBytes(new Uint8Array(12))).toThrow(DecodeError);
    expect(() => CosemTime.fromBytes(new Uint8Array(0))).toThrow(DecodeError);
  });

  test('give the same moment in a column as in an object', () => {
    fc.assert(
      fc.property(nearlyDates, fc.option(fc.integer({ min: -900, max: 900 }), { nil: undefined }), (bytes, assumed) => {
        const padded = new Uint8Array([9, 12, ...bytes]);
        expect(millisAt(padded, 2, assumed)).toBe(CosemDateTime.fromBytes(bytes).toMillis(assumed) ?? Number.NaN);
      }),
      RUNS,
    );
  });
});

describe('a moment', () => {
  test('comes back from any deviation, to the hundredth', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0002-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }),
        fc.integer({ min: -840, max: 720 }),
        (date, deviation) => {
          const value = CosemDateTime.fromDate(date, deviation);
          expect(value.problem()).toBeUndefined();
          expect(value.toMillis()).toBe(Math.floor(date.getTime() / 10) * 10);
          expect(CosemDateTime.fromBytes(value.toBytes())).toEqual(value);
        },
      ),
      RUNS,
    );
  });

  test('is the one that the platform’s calendar knows', () => {
    fc.assert(
      fc.property(nearlyDates, (bytes) => {
        const value = CosemDateTime.fromBytes(bytes);
        const { year, month, dayOfMonth, hour, minute, second, hundredths } = value;
        const day = new Date(Date.UTC(2000, month - 1, dayOfMonth));
        day.setUTCFullYear(year, month - 1, dayOfMonth);
        // 24:00:00 is the end of the day, second 60 the beginning of the next minute.
        const date = new Date(day.getTime() + ((hour * 60 + minute) * 60 + second) * 1000);
        const real =
          year !== 0xffff &&
          day.getUTCMonth() === month - 1 &&
          day.getUTCDate() === dayOfMonth &&
          (hour < 24 || (hour === 24 && minute === 0 && second === 0)) &&
          minute < 60 &&
          second <= 60;
        expect(value.isSpecified()).toBe(real);
        const fraction = hundredths < 100 ? hundredths * 10 : 0;
        expect(wallMillisAt(bytes, 0)).toBe(real ? date.getTime() + fraction : Number.NaN);
      }),
      RUNS,
    );
  });

  test('needs a deviation, given or assumed', () => {
    const local = dateTime('07EA0B17FF0E0500FF8000FF');
    expect(local.toDate()).toBeUndefined();
    expect(local.toDate(-330)?.toISOString()).toBe('2026-11-23T08:35:00.000Z');
    expect(local.isSpecified()).toBe(true);
    expect(local.with({ deviation: 900 }).toDate(-330)).toBeUndefined();
  });

  test('of an invalid Date is refused', () => {
    expect(() => CosemDateTime.fromDate(new Date(Number.NaN), 0)).toThrow(StateError);
    expect(() => CosemDateTime.fromDate(new Date('-000001-01-01T00:00:00Z'), 0)).toThrow(StateError);
    expect(() => CosemDateTime.fromDate(new Date(0), 1.5)).toThrow(StateError);
  });

  test('without deviation holds the fields of UTC', () => {
    const value = CosemDateTime.fromDate(new Date('2026-11-23T14:05:06.780Z'), DEVIATION_UNSPECIFIED, 0xff);
    expect(toHex(value.toBytes())).toBe('07EA0B17010E05064E8000FF');
  });
});

describe('what real meters send', () => {
  test.each([
    ['year FFFF', 'FFFF 0B17FF 0E050000 8000 FF', '*-11-23 14:05:00'],
    ['month and day 0', '07EA 000000 00000000 FEB6 00', '2026-00-00 00:00:00 +05:30'],
    ['all FF', 'FFFF FFFFFF FFFFFFFF 8000 FF', '*-*-* *:*:*'],
    ['30 February', '07EA 021EFF 00000000 FEB6 00', '2026-02-30 00:00:00 +05:30'],
    ['hour 24 with a second', '07EA 0B1701 18000100 0000 00', '2026-11-23 24:00:01 +00:00'],
  ])('%s is kept and is no moment', (_, hex, text) => {
    const value = dateTime(hex);
    expect(value.toDate(0)).toBeUndefined();
    expect(value.toText()).toBe(text);
    expect(value.toBytes()).toEqual(fromHex(hex));
  });
});

describe('text', () => {
  test.each([
    ['07EA0B17010E0500 00 FEB6 00', '2026-11-23 14:05:00 +05:30'],
    ['07EA0B17010E0500 32 0078 00', '2026-11-23 14:05:00.50 -02:00'],
    ['07EA0B17010E0500 FF 8000 FF', '2026-11-23 14:05:00'],
    ['FFFF FD FD FF 030000 00 FFC4 00', '*-dst-end-second-last 03:00:00 +01:00'],
    ['FFFF FE FE 07 020000 00 FFC4 00', '*-dst-begin-last Sun 02:00:00 +01:00'],
    ['FFFF FF 01 FF 0000FF FF 8000 FF', '*-*-01 00:00:*'],
  ])('%s is %s', (hex, text) => {
    expect(dateTime(hex).toText()).toBe(text);
    expect(`${dateTime(hex)}`).toBe(text);
  });

  test('of the parts', () => {
    const value = dateTime('07EA0B17010E0500 00 FEB6 00');
    expect(value.date().toText()).toBe('2026-11-23');
    expect(value.time().toText()).toBe('14:05:00');
    expect(new CosemDate({ month: 10, dayOfMonth: 0xfe, dayOfWeek: 7 }).toText()).toBe('*-10-last Sun');
  });
});

describe('order', () => {
  const at = (deviation: number, date = '2026-11-23T08:35:00Z') => CosemDateTime.fromDate(new Date(date), deviation);

  test('is that of moments, whatever the deviations', () => {
    expect(at(-330).compare(at(60))).toBe(0);
    expect(at(-330).compare(at(-330, '2026-11-23T08:35:01Z'))).toBeLessThan(0);
    expect(at(0).compare(at(720, '2026-11-23T08:34:59Z'))).toBeGreaterThan(0);
  });

  test('is that of local times where no deviation is known, and none where one is', () => {
    const local = at(-330).with({ deviation: DEVIATION_UNSPECIFIED });
    expect(local.compare(local.with({ minute: 6 }))).toBe(-60_000);
    expect(local.compare(at(-330))).toBeUndefined();
    expect(at(-330).compare(at(-330).with({ year: 0xffff }))).toBeUndefined();
    expect(at(-330).compare(at(-330).with({ deviation: 2000 }))).toBeUndefined();
  });

  test('equality is of all fields', () => {
    expect(at(-330).equals(at(-330))).toBe(true);
    expect(at(-330).equals(at(-330).with({ status: 1 }))).toBe(false);
  });
});

describe('problems', () => {
  test.each([
    [{ month: 0 }, 'month 0'],
    [{ month: 13 }, 'month 13'],
    [{ dayOfMonth: 32 }, 'day of month 32'],
    [{ dayOfWeek: 8 }, 'day of week 8'],
    [{ month: 4, dayOfMonth: 31 }, 'day 31 in month 4'],
    [{ year: 2025, month: 2, dayOfMonth: 29 }, 'day 29 in month 2'],
    [{ month: 2, dayOfMonth: 29 }, undefined],
    [{ year: 2026, month: 11, dayOfMonth: 23, dayOfWeek: 2 }, 'day of week 2 for 2026-11-23, which is 1'],
    [{ hour: 24 }, 'hour 24'],
    [{ minute: 60 }, 'minute 60'],
    [{ second: 60 }, 'second 60'],
    [{ hundredths: 100 }, 'hundredths 100'],
    [{ deviation: 721 }, 'a deviation of 721 minutes'],
    [{ deviation: -840 }, undefined],
    [{ status: 0x10 }, 'reserved bits in clock status 16'],
    [{ status: 0x8f }, undefined],
    [{}, undefined],
  ])('of %o: %s', (fields, problem) => {
    expect(new CosemDateTime(fields).problem()).toBe(problem);
  });

  test('are told when the octets are read strictly', () => {
    expect(() => CosemDate.fromBytes(fromHex('07E40020FF'), true)).toThrow('month 0 (bad-value');
  });
});

describe('fields', () => {
  test('left out are not specified', () => {
    expect(toHex(new CosemDateTime().toBytes())).toBe('FFFFFFFFFFFFFFFFFF8000FF');
    expect(toHex(new CosemTime({ hour: 3 }).toBytes())).toBe('03FFFFFF');
  });

  test('that fit no octet are refused', () => {
    expect(() => new CosemDateTime({ year: 65_536 })).toThrow(StateError);
    expect(() => new CosemTime({ hour: -1 })).toThrow(StateError);
    expect(() => new CosemDate({ month: 1.5 })).toThrow(StateError);
    expect(() => new CosemDateTime({ deviation: 0x8000 })).toThrow(StateError);
  });

  test('of the clock status have names', () => {
    expect(new CosemDateTime({ status: 0x81 }).statusNames()).toEqual(['invalidValue', 'daylightSavingActive']);
    expect(new CosemDateTime({ status: 0xff }).statusNames()).toEqual([]);
    expect(new CosemDateTime({ status: CLOCK_STATUS.doubtfulValue }).statusNames()).toEqual(['doubtfulValue']);
  });
});

test('days are numbered as the platform numbers them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
      const first = new Date(0).setUTCFullYear(year, month - 1, 1) / 86_400_000;
      expect(dayNumber(year, month, 1)).toBe(first);
      expect(dayNumber(year, month, daysInMonth(year, month))).toBe(
        new Date(0).setUTCFullYear(year, month, 0) / 86_400_000,
      );
    }),
    RUNS,
  );
});
