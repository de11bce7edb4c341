import { expect, test } from 'vitest';
import { ToldRows } from '../../src/client/told-rows.js';
import { u8 } from '../../src/codec/make.js';
import type { ProfileRow } from '../../src/index.js';

const row = (value: number) => ({ time: undefined, values: [{ data: u8(value) }] }) as unknown as ProfileRow;

test('rows that come again are told once, two that are the same twice', () => {
  const told: unknown[] = [];
  const rows = new ToldRows(({ values }) => told.push(values[0]!.data.value));
  for (const value of [1, 2, 2]) rows.tell(row(value));
  rows.again();
  for (const value of [0, 1, 2]) rows.tell(row(value));
  rows.rest([0, 1, 2, 2, 2, 3].map(row));
  expect(told).toEqual([1, 2, 2, 0, 2, 3]);
});
