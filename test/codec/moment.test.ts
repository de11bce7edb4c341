import { expect, test } from 'vitest';
import { CosemDateTime } from '../../src/index.js';
import { parseMomentOrWords } from '../../src/tools.js';

/** 2026-03-31 14:05:09 at the meter, in India. */
const NOW = new CosemDateTime({
  ...{ year: 2026, month: 3, dayOfMonth: 31, hour: 14, minute: 5, second: 9, hundredths: 50 },
  deviation: -330,
});

function said(text: string, dayMeans: 'begin' | 'end'): string {
  const moment = parseMomentOrWords(text, '--from', dayMeans);
  const at = typeof moment === 'function' ? moment(NOW) : moment;
  return at instanceof Date ? at.toISOString() : at.toText();
}

test.each([
  ['now', '2026-03-31 14:05:09', '2026-03-31 14:05:09'],
  ['today', '2026-03-31 00:00:00', '2026-03-31 23:59:59'],
  [' Yesterday ', '2026-03-30 00:00:00', '2026-03-30 23:59:59'],
  ['1 day ago', '2026-03-30 00:00:00', '2026-03-30 23:59:59'],
  ['31 days ago', '2026-02-28 00:00:00', '2026-02-28 23:59:59'],
  ['-7d', '2026-03-24 00:00:00', '2026-03-24 23:59:59'],
  ['0 days ago', '2026-03-31 00:00:00', '2026-03-31 23:59:59'],
  ['2 weeks ago', '2026-03-17 00:00:00', '2026-03-17 23:59:59'],
  ['-1w', '2026-03-24 00:00:00', '2026-03-24 23:59:59'],
  ['1 month ago', '2026-02-28 00:00:00', '2026-02-28 23:59:59'],
  ['15 months ago', '2024-12-31 00:00:00', '2024-12-31 23:59:59'],
  ['15 hours ago', '2026-03-30 23:05:09', '2026-03-30 23:05:09'],
  ['-12h', '2026-03-31 02:05:09', '2026-03-31 02:05:09'],
  ['-30m', '2026-03-31 13:35:09', '2026-03-31 13:35:09'],
  ['-30min', '2026-03-31 13:35:09', '2026-03-31 13:35:09'],
  ['2026-03-01', '2026-03-01 00:00:00', '2026-03-01 23:59:59'],
])("%j is in the meter's local time %s, or %s at the end", (text, begin, end) => {
  expect(said(text, 'begin')).toMatch(begin);
  expect(said(text, 'end')).toMatch(end);
});

test('an instant stays one', () => {
  expect(said('2026-03-01T00:00+05:30', 'begin')).toBe('2026-02-28T18:30:00.000Z');
});

test.each(['lately', '-7', '7d', 'days ago', '-7y', '1 day', 'tomorrow', '', '-999999d'])('%j is no date', (text) => {
  expect(() => parseMomentOrWords(text, '--from', 'begin')).toThrow(/--from .* is no date/);
});
