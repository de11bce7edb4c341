import { expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../src/codec/datetime.js';
import { readGeneralizedTime, writeGeneralizedTime } from '../../src/codec/generalized-time.js';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ['20261231235959Z', '2026-12-31 23:59:59 +00:00'],
  ['20261231235959', '2026-12-31 23:59:59'],
  ['20261231235959+0530', '2026-12-31 23:59:59 +05:30'],
  ['20261231235959-03', '2026-12-31 23:59:59 -03:00'],
  ['202612312359', '2026-12-31 23:59:00'],
  ['2026123123', '2026-12-31 23:00:00'],
])('%s is read', (text, told) => {
  expect(readGeneralizedTime(ascii(text))?.toText()).toBe(told);
});

test('a fraction is cut to hundredths', () => {
  expect(readGeneralizedTime(ascii('20261231235959.257Z'))?.hundredths).toBe(25);
});

test('the 12 octets of a date-time are read too', () => {
  expect(readGeneralizedTime(fromHex('07EA0C1F04173B3B00FEB600'))?.toText()).toBe('2026-12-31 23:59:59 +05:30');
});

test.each(['', '2026', '20261331235959Z', 'yesterday', '20261231235959Zx'])('%j is no time', (text) => {
  expect(readGeneralizedTime(ascii(text))).toBeUndefined();
});

test('what is written is read again', () => {
  for (const deviation of [0, -330, 210, DEVIATION_UNSPECIFIED]) {
    const time = new CosemDateTime({
      year: 2026,
      month: 2,
      dayOfMonth: 3,
      hour: 4,
      minute: 5,
      second: 6,
      deviation,
    });
    const again = readGeneralizedTime(writeGeneralizedTime(time));
    expect(again?.toBytes()).toEqual(time.toBytes());
  }
});

test('a time with wildcards is not written', () => {
  expect(() => writeGeneralizedTime(new CosemDateTime({ year: 2026 }))).toThrow(/not specified/);
});
