/** Dates and times with a field that is wrong: read where they are declared, recognised where hardly anything else can be meant. */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { dateTimeOf, declaredDateTime, Reading } from '../../src/client/readings.js';
import { CosemDateTime, likelyDateTime } from '../../src/codec/datetime.js';
import { inspect, renderText } from '../../src/inspect.js';

const TABLE: readonly (readonly [string, string, string, string | undefined])[] = [
  [
    'day of week 0 on a Sunday (case 1)',
    '07E90C0E00100000FF000000',
    '2025-12-14 16:00:00 +00:00',
    '2025-12-14T16:00:00.000Z',
  ],
  ['day of week of another day', '07E90C0E03100000FF000000', '2025-12-14 16:00:00 +00:00', '2025-12-14T16:00:00.000Z'],
  ['day of week 200', '07E90C0EC8100000FF000000', '2025-12-14 16:00:00 +00:00', '2025-12-14T16:00:00.000Z'],
  ['hundredths 200', '07E90C0E07100000C8000000', '2025-12-14 16:00:00.200 +00:00', '2025-12-14T16:00:00.000Z'],
  ['hour 24', '07E90C0E07180000FF000000', '2025-12-14 24:00:00 +00:00', '2025-12-15T00:00:00.000Z'],
  ['second 60', '07E90C0E07173B3CFF000000', '2025-12-14 23:59:60 +00:00', '2025-12-15T00:00:00.000Z'],
  [
    'odd bits of the clock status',
    '07E90C0E07100000FF000070',
    '2025-12-14 16:00:00 +00:00',
    '2025-12-14T16:00:00.000Z',
  ],
  ['a deviation that cannot be', '07E90C0E07100000FF7FFF00', '2025-12-14 16:00:00 -546:07', undefined],
  ['day of week 0, deviation not specified', '07E90C0E00100000FF8000FF', '2025-12-14 16:00:00', undefined],
];

describe('a date-time with a wrong field', () => {
  test.each(TABLE)('%s', (_, hex, text, instant) => {
    const octets = fromHex(hex);
    expect(CosemDateTime.fromBytes(octets).toText()).toBe(text);
    expect(CosemDateTime.fromBytes(octets).toDate()?.toISOString()).toBe(instant);
    expect(likelyDateTime(octets)?.toText()).toBe(text);
    for (const type of ['octet-string', 'date-time'] as const) {
      expect(dateTimeOf({ type, value: octets })?.toText()).toBe(text);
      expect(declaredDateTime({ type, value: octets })?.toText()).toBe(text);
      const parts = {
        classId: 8,
        logicalName: '0.0.1.0.0.255',
        attributeId: 2,
        name: 'Clock',
        presentation: 'date-time',
      } as const;
      expect(new Reading({ ...parts, data: { type, value: octets } }).text).toBe(text);
    }
    for (const value of [`090C${hex}`, `19${hex}`, `0202090C${hex}1105`, `0F0000000100020119${hex}`]) {
      expect(renderText(inspect(fromHex(value)).node)).toContain(text);
    }
  });

  test('what is wrong is said beside it', () => {
    const shown = renderText(inspect(fromHex('090C07E90C0E00100000FF000000')).node);
    expect(shown).toContain('~ day-of-week: day of week 0');
    expect(renderText(inspect(fromHex('090C07E90C0E07100000FF000000')).node)).not.toContain('~');
  });
});

test.each([
  ['text', '41424344454647484A4B4C4D'],
  ['a month that is none', '07E90D0E00100000FF000000'],
  ['a day that is none', '07E9021E00100000FF000000'],
  ['hour 24 with minutes', '07E90C0E00180100FF000000'],
  ['hour 25', '07E90C0E00190000FF000000'],
  ['a year long past', '03E80C0E00100000FF000000'],
])('%s is no date-time where nothing declares it', (_, hex) => {
  expect(likelyDateTime(fromHex(hex))).toBeUndefined();
});
