/** A load profile of 1000 rows, a date-time and four registers, to tagged values and to columns, beside JSON.parse of the same rows. */

import { decodeData, encodeData } from '../src/codec/axdr.js';
import { CosemDateTime } from '../src/codec/datetime.js';
import { arrayOf, octets, structureOf, u32 } from '../src/codec/make.js';
import { decodeColumns } from '../src/codec/profile.js';
import { compare, type Row } from './harness.js';

const ROWS = 1000;
const HALF_HOUR = 1_800_000;
const INDIA = -330;

/** Four registers that grow as those of a meter do: six to eight digits. */
function readings(row: number): number[] {
  return [1, 2, 3, 4].map((register) => 250_000 * register ** 4 + row * (37 * register + (row % 7)));
}

const rows = Array.from({ length: ROWS }, (_, row) => ({
  time: new Date(Date.UTC(2026, 0, 1) + row * HALF_HOUR),
  values: readings(row),
}));

const bytes = encodeData(
  arrayOf(
    rows.map(({ time, values }) =>
      structureOf([octets(CosemDateTime.fromDate(time, INDIA).toBytes()), ...values.map((value) => u32(value))]),
    ),
  ),
);
const json = JSON.stringify(rows.map(({ time, values }) => [time.toISOString(), ...values]));

export function profile(): Row[] {
  check();
  const reference = (): unknown => (JSON.parse(json) as unknown[]).length;
  return [
    compare({
      name: `${ROWS} profile rows to tagged values`,
      against: 'JSON.parse',
      work: () => (decodeData(bytes).value as readonly unknown[]).length,
      reference,
      target: { atMost: 0.6 },
    }),
    compare({
      name: `${ROWS} profile rows to columns with dates`,
      against: 'JSON.parse',
      work: () => columns().rows,
      reference,
      target: { atMost: 0.4 },
    }),
  ];
}

function columns() {
  return decodeColumns(bytes, ['clock', 'number', 'number', 'number', 'number']);
}

/** What is measured must be right: the columns hold what JSON.parse gives. */
function check(): void {
  const [clock, ...numbers] = columns().columns;
  const parsed = JSON.parse(json) as [string, ...number[]][];
  parsed.forEach(([time, ...values], row) => {
    if (clock.millis[row] !== Date.parse(time) || values.some((value, i) => numbers[i]?.[row] !== value)) {
      throw new Error(`row ${row} was read wrong`);
    }
  });
}
