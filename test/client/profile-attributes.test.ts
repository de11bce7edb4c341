/** Attributes of a profile held against its rows: cases 18, 26, 27 and 28. */
import { describe, expect, test } from 'vitest';
import type { Remark } from '../../src/base/remark.js';
import { newestOf, orderOf } from '../../src/client/profile-newest.js';
import type { Data } from '../../src/codec/data.js';
import { enumValue, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import { LOAD_ROWS, rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const NAME = '1.0.99.1.0.255';
const at = (attribute: number) => `7:${NAME}:${attribute}`;
const RISING = LOAD_ROWS.slice(0, 8);
const FALLING = [...RISING].reverse();
const ROTATED = [...RISING.slice(5), ...RISING.slice(0, 5)];
const [FIFO, LIFO, LARGEST] = [enumValue(1), enumValue(2), enumValue(3)];
const nothing: Data = { type: 'null-data', value: null };

async function last(count: number, options: ServedMeterOptions) {
  const served = new ServedMeter(options);
  const remarks: Remark[] = [];
  const work = async () => {
    await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
    return await meter.profile(NAME).rows({ last: count });
  };
  const rows = await served.clock.run(work());
  const quarters = rows.map(({ time }) =>
    Array.from({ length: 8 }, (_, i) => i).findIndex((i) => rowTime(i).equals(time!)),
  );
  const buffers = served.requests.filter(
    (apdu) => apdu[0] === 0xc0 && apdu[1] === 1 && apdu[4] === 7 && apdu[11] === 2,
  );
  return {
    quarters,
    remarks,
    codes: remarks.filter(({ weight }) => weight === 'note').map(({ code }) => code),
    buffers: buffers.length,
  };
}

describe('the last rows', () => {
  test.each([
    ['rising, said to be so', RISING, {}, [5, 6, 7], []],
    ['falling, said to be so', FALLING, { [at(5)]: LIFO }, [7, 6, 5], []],
    ['falling, said to rise', FALLING, { [at(5)]: FIFO }, [7, 6, 5], ['sort-method']],
    ['rising, said to fall', RISING, { [at(5)]: LIFO }, [5, 6, 7], ['sort-method']],
    ['sorted by a value', ROTATED, { [at(5)]: LARGEST }, [5, 6, 7], []],
    ['in a ring, all of it read', ROTATED, { [at(7)]: 3 }, [5, 6, 7], []],
    ['the sort method denied', FALLING, { [at(5)]: 3 }, [7, 6, 5], ['sort-method']],
    ['the capacity in place of the entries in use', RISING, { [at(7)]: u32(3360) }, [5, 6, 7], ['entries-in-use']],
    ['the same, falling', FALLING, { [at(7)]: u32(3360), [at(5)]: LIFO }, [7, 6, 5], []],
    ['fewer entries in use than rows', RISING, { [at(7)]: u32(2) }, [5, 6, 7], []],
    ['entries in use denied', RISING, { [at(7)]: 3 }, [5, 6, 7], []],
    [
      'all side attributes denied',
      RISING,
      { [at(4)]: 3, [at(5)]: 3, [at(6)]: 3, [at(7)]: 3, [at(8)]: 3 },
      [5, 6, 7],
      [],
    ],
    ['entries in use as long-unsigned, the period too', RISING, { [at(7)]: u16(8), [at(4)]: u16(900) }, [5, 6, 7], []],
    ['entries in use as unsigned, the sort method too', RISING, { [at(7)]: u8(8), [at(5)]: u8(1) }, [5, 6, 7], []],
    ['nothing in place of the entries in use', RISING, { [at(7)]: nothing }, [5, 6, 7], []],
  ] as const)('of rows %s are the newest', async (_, rows, attributes, quarters, codes) => {
    const read = await last(3, { rows, attributes });
    expect(read.quarters).toEqual(quarters);
    expect(read.codes).toEqual(codes);
    // One row tells no order: two are asked for.
    expect((await last(1, { rows, attributes })).quarters).toEqual([7]);
  });

  test('another integer type is told as a detail', async () => {
    const { remarks } = await last(3, { rows: RISING, attributes: { [at(7)]: u16(8) } });
    expect(remarks).toMatchObject([{ code: 'integer-type', weight: 'detail', target: at(7) }]);
  });

  test('of no entry in use are none: the buffer is not read, and that is said', async () => {
    const { quarters, codes, buffers } = await last(3, { rows: RISING, attributes: { [at(7)]: u32(0) } });
    expect([quarters, codes, buffers]).toEqual([[], ['entries-in-use'], 0]);
  });

  test.each([
    ['null-data', nothing],
    ['an empty array', { type: 'array', value: [] } as Data],
    ['an empty structure', structureOf([])],
    ['an empty octet-string', octets(new Uint8Array(0))],
  ])('of a buffer that is %s are none', async (_, raw) => {
    expect((await last(3, { raw })).quarters).toEqual([]);
    for (const entries of [0, 8])
      expect((await last(3, { raw, attributes: { [at(7)]: u32(entries) } })).quarters).toEqual([]);
  });
});

test('orderOf and newestOf: times that are not told leave it to the place', () => {
  const timed = (...quarters: (number | undefined)[]) =>
    quarters.map((i) => ({ time: i === undefined ? undefined : rowTime(i) }));
  expect([
    orderOf(timed(1, 2)),
    orderOf(timed(2, 2, 1)),
    orderOf(timed(1, 3, 2)),
    orderOf(timed(1)),
    orderOf(timed(1, undefined)),
  ]).toEqual(['rising', 'falling', 'mixed', 'mixed', 'mixed']);
  const untold = timed(3, undefined, 1);
  expect(newestOf(untold, 1, false)).toEqual([untold[2]]);
  expect(newestOf(untold, 1, true)).toEqual([untold[0]]);
});

test.each([
  ['rising', RISING, FIFO],
  ['falling', FALLING, LIFO],
])('--resume writes no row twice of rows %s', async (_, rows, sort) => {
  const served = new ServedMeter({ rows, attributes: { [at(5)]: sort } });
  const { mkdtempSync, readFileSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/cosem-resume-');
  const file = `${folder}/rows.jsonl`;
  const line = `profile ${NAME} --resume ${file}`;
  const results = await commandsOn(served, [line, line, line]);
  expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0]);
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  rmSync(folder, { recursive: true });
  expect([lines.length, new Set(lines).size]).toEqual([8, 8]);
});
