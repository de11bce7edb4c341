/** Tables that fit the terminal. */
import { expect, test } from 'vitest';
import { fitted } from '../../bin/fit-table.js';

const WORDS = 'opens by order or itself; closes by button after an order, or by itself';
const lines = (cell: string | undefined) => (cell ?? '').split('\n');

test('what fits stays as it is', () => {
  const rows = [['Supply', 'connected', '70:0.0.96.3.10.255:2']];
  expect(fitted(rows, 80, [true, true, true], 2)).toEqual(rows);
  expect(fitted(rows, Number.POSITIVE_INFINITY, [true, true, true], 2)).toEqual(rows);
});

test('the widest cell is broken between words, the others are left', () => {
  const rows = [
    ['Supply', 'connected', '70:0.0.96.3.10.255:2'],
    ['Control mode', WORDS, '70:0.0.96.3.10.255:4'],
  ];
  const [first, second] = fitted(rows, 78, [true, true, true], 2);
  expect(first).toEqual(rows[0]);
  expect([second![0], second![2]]).toEqual([rows[1]![0], rows[1]![2]]);
  expect(lines(second![1]).join(' ')).toBe(WORDS);
  const widest = Math.max(...lines(second![1]).map((line) => line.length));
  expect(12 + 2 + widest + 2 + 20).toBeLessThanOrEqual(78);
  expect(lines(second![1])).toHaveLength(2);
});

test('two wide cells give way one after the other; numbers never', () => {
  const rows = [[`${WORDS} a`, WORDS, '123456789012345678901234567890']];
  const [row] = fitted(rows, 80, [true, true, false], 2);
  expect(row![2]).toBe(rows[0]![2]);
  for (const cell of row!.slice(0, 2)) for (const line of lines(cell)) expect(line.length).toBeLessThanOrEqual(24);
});

test('no cell becomes narrower than words need, and a long word stays whole', () => {
  const rows = [[WORDS, 'x'.repeat(200)]];
  const [row] = fitted(rows, 40, [true, true], 2);
  expect(row![1]).toBe('x'.repeat(200));
  expect(Math.max(...lines(row![0]).map((line) => line.length))).toBeGreaterThan(10);
});

test('a colour ends with each line of its cell and goes on in the next', () => {
  const [row] = fitted([[`\u001b[1;77m${WORDS}\u001b[22;77m kW`, '70:0.0.96.3.10.255:4']], 50, [true, true], 2);
  const shown = lines(row![0]);
  expect(shown.length).toBeGreaterThan(2);
  for (const line of shown) expect(line.startsWith('\u001b[1;77m')).toBe(true);
  for (const line of shown.slice(0, -1)) expect(line.endsWith('\u001b[22;77m')).toBe(true);
  expect(shown.at(-1)?.endsWith('\u001b[22;77m kW')).toBe(true);
  const [cyan] = fitted([[`\u001b[36;5m${WORDS}\u001b[39;5m`]], 30, [true], 2);
  for (const line of lines(cyan![0]))
    expect([line.startsWith('\u001b[36;5m'), line.endsWith('\u001b[39;5m')]).toEqual([true, true]);
});
