/** What `decode --strict` refuses by name is read without it, with a remark. */
import { expect, test } from 'vitest';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { inspectInput, readInput, readInputText, walkNodes } from '../../src/inspect.js';

const TELEGRAM = '/ISk5\\2MT382-1000\r\n\r\n1-0:1.8.0(000123.456*kWh)\r\n!\r\n';
const DATE = '07E90C0E00100000FF000000';

test.each([
  ['a telegram behind line ends, as text', readInputText(`\r\n\r\n${TELEGRAM}`), 'line-ends', '000123.456*kWh'],
  ['the same as a file', readInput(fromLatin1(`\r\n${TELEGRAM}`)), 'line-ends', '000123.456*kWh'],
  [
    'the same as hexadecimal (case 19)',
    readInputText(toHex(fromLatin1(`\r\n${TELEGRAM}`))),
    'line-ends',
    '000123.456*kWh',
  ],
  ['a day of week that is none (case 1)', readInputText(`090C${DATE}`), 'day-of-week', '2025-12-14 16:00:00 +00:00'],
  ['a tagged one inside a structure', readInputText(`0202110519${DATE}`), 'day-of-week', '2025-12-14 16:00:00 +00:00'],
  ['octets behind an APDU', readInputText('C401C10006000000840102'), 'surplus-octets', '132'],
] as const)('%s', (_, input, code, shown) => {
  const lenient = [...walkNodes(inspectInput(input).node)];
  expect(lenient.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(lenient.flatMap(({ remarks }) => remarks ?? []).join()).toContain(code);
  expect(JSON.stringify(lenient[0])).toContain(shown);
  const strict = [...walkNodes(inspectInput(input, { strict: true }).node)];
  expect(strict.flatMap(({ error }) => error?.message ?? []).join()).toContain(`(${code}: `);
  expect(strict.flatMap(({ remarks }) => remarks ?? [])).toEqual([]);
});

test.each([
  ['a telegram', readInputText(TELEGRAM)],
  ['a date', readInputText(`090C07E90C0E07100000FF000000`)],
  [
    'several messages of a session',
    readInput(fromLatin1(`/?!\r\n/ISk5\\2MT382-1000\r\n\u000605\r\n`.replace('05', '050'))),
  ],
])('%s as the standard has it is not refused', (_, input) => {
  for (const node of walkNodes(inspectInput(input, { strict: true }).node)) expect(node.error).toBeUndefined();
});
