/** A meter that does not select as it was asked: what it sends is held against the question, and picked here. */

import { describe, expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { concat } from '../../src/base/bytes.js';
import type { RowSelection } from '../../src/client/profile-selection.js';
import type { Data } from '../../src/codec/data.js';
import { nullValue, octets, u16, u32 } from '../../src/codec/make.js';
import type { Remark } from '../../src/index.js';
import { LOAD_ROWS, rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';

const LOAD = '1.0.99.1.0.255';
const all = LOAD_ROWS.map((row) => Number(row[1]!.value));

/** It hears every question without its selection, or with another one. */
function deaf(selection?: (parameters: Data) => Data): (request: Uint8Array) => Uint8Array {
  return (request) => {
    if (request[0] !== 0xc0 || request[1] !== 1) return request;
    const apdu = decodeApdu(request);
    if (apdu.type !== 'get-request-normal' || apdu.attribute.selection === undefined) return request;
    const { selection: asked, ...attribute } = apdu.attribute;
    if (selection === undefined) return encodeApdu({ ...apdu, attribute });
    const heard = { selector: asked.selector, parameters: selection(asked.parameters) };
    return encodeApdu({ ...apdu, attribute: { ...attribute, selection: heard } });
  };
}

/** Numbers of rows one further down on both sides. */
const broader = (parameters: Data): Data => {
  if (parameters.type !== 'structure') return parameters;
  const [from, to, ...columns] = parameters.value;
  const value = [u32(Number(from!.value) - 1), u32(Number(to!.value) + (Number(to!.value) === 0 ? 0 : 1)), ...columns];
  return { type: 'structure', value };
};

async function read(selection: RowSelection, options: ServedMeterOptions, heard?: (request: Uint8Array) => Uint8Array) {
  const served = new ServedMeter(options);
  if (heard !== undefined) served.hears = heard;
  else if (options.refuseSelection !== true) served.hears = deaf();
  const remarks: Remark[] = [];
  const told: number[] = [];
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
    const value = (row: { values: readonly { data: Data }[] }) => Number(row.values[1]!.data.value);
    const rows = await meter.profile(LOAD).rows(selection, { onRow: (row) => told.push(value(row)) });
    return rows.map(value);
  };
  const rows = await served.clock.run(run());
  return { rows, told, codes: remarks.filter(({ weight }) => weight === 'note').map(({ code }) => code), remarks };
}

describe('a meter that ignores what it is asked to select', () => {
  test.each<[RowSelection, readonly number[], string]>([
    [{ from: rowTime(4), to: rowTime(8) }, all.slice(4, 9), 'range-ignored'],
    [{ from: rowTime(90) }, all.slice(90), 'range-ignored'],
    [{ to: rowTime(0) }, all.slice(0, 1), 'range-ignored'],
    [{ from: rowTime(500) }, [], 'range-ignored'],
    [{ fromEntry: 3, toEntry: 5 }, all.slice(2, 5), 'entries-ignored'],
    [{ fromEntry: 94 }, all.slice(93), 'entries-ignored'],
    [{ fromEntry: 2 }, all.slice(1), 'entries-ignored'],
    [{ fromEntry: 200 }, [], 'entries-ignored'],
  ])('%o: gives the rows asked for, each told once, and a remark', async (selection, expected, code) => {
    const { rows, told, codes } = await read(selection, {});
    expect(rows).toEqual(expected);
    expect(told).toEqual(expected);
    expect(codes).toEqual([code]);
  });

  test('rows by number beside those asked for are told from them', async () => {
    const { rows, told, codes } = await read({ fromEntry: 3, toEntry: 5 }, {}, deaf(broader));
    expect([rows, told]).toEqual([all.slice(2, 5), all.slice(2, 5)]);
    expect(codes).toEqual(['entries-ignored']);
    const open = await read({ fromEntry: 94 }, {}, deaf(broader));
    expect([open.rows, open.told]).toEqual([all.slice(93), all.slice(93)]);
  });

  test('where all rows are asked for, or all lie in the range, there is nothing to be said', async () => {
    for (const selection of [{}, { from: rowTime(0) }, { fromEntry: 1 }, { fromEntry: 1, toEntry: 96 }]) {
      const { rows, codes } = await read(selection, {});
      expect([rows, codes]).toEqual([all, []]);
    }
  });
});

describe('a meter that refuses to select', () => {
  const refuseSelection = true;
  test.each<[RowSelection, readonly number[]]>([
    [{ from: rowTime(4), to: rowTime(8) }, all.slice(4, 9)],
    [{ fromEntry: 3, toEntry: 5 }, all.slice(2, 5)],
  ])('%o: gives the rows, and says that it refused', async (selection, expected) => {
    const { rows, told, remarks } = await read(selection, { refuseSelection });
    expect([rows, told]).toEqual([expected, expected]);
    expect(remarks).toMatchObject([{ code: 'selection-refused', text: expect.stringContaining('other-reason') }]);
  });

  test('rows whose day of week is wrong lie where their date says (case 1)', async () => {
    // Widespread meters send 0 on Sundays, others are a day off: 4 January 2026 is a Sunday.
    const stamp = (i: number, dayOfWeek: number) => octets(rowTime(i, { dayOfWeek }).toBytes());
    const rows = [0, 3, 9].map((dayOfWeek, i) => [stamp(i, dayOfWeek), u32(10 + i), u16(1)]);
    const { rows: found, codes } = await read({ from: rowTime(1), to: rowTime(2) }, { rows, refuseSelection });
    expect(found).toEqual([11, 12]);
    expect(codes).toEqual(['selection-refused']);
  });

  test('rows without a readable time are never left out in silence', async () => {
    const rows = [
      [octets(rowTime(0).toBytes()), u32(1), u16(1)],
      [octets(Uint8Array.of(1, 2, 3)), u32(2), u16(1)],
    ];
    const { rows: found, remarks } = await read({ from: rowTime(0) }, { rows, refuseSelection });
    expect(found).toEqual([1]);
    expect(remarks.map(({ text }) => text)[1]).toBe('1 row without a readable time was left out');
    const none = await read({ from: rowTime(0) }, { rows: [[nullValue(), u32(1), u16(1)]], refuseSelection });
    expect([none.rows.length, none.codes]).toEqual([0, ['selection-refused', 'rows-without-time']]);
  });
});

test('what a meter grants without being asked is not used (case 7a)', async () => {
  const served = new ServedMeter();
  // multiple-references is granted whatever is proposed.
  served.says = (answer) => {
    const at = answer === undefined || answer[0] !== 0x61 ? -1 : find(answer, [0x5f, 0x1f, 0x04, 0x00]);
    if (answer === undefined || at < 0) return answer;
    return concat(answer.subarray(0, at + 4), Uint8Array.of(0x00, 0x1e, 0x1d), answer.subarray(at + 7));
  };
  const remarks: Remark[] = [];
  const run = async () => {
    const conformance = 0x60_5c_9f & ~0x00_02_00 & ~0x00_04_00;
    await using meter = await served.open({ framing: 'wrapper', conformance, onRemark: (r) => remarks.push(r) });
    expect(meter.supports('multiple-references')).toBe(false);
    expect(meter.association!.conformance & ~conformance).toBe(0);
    const [voltage, energy] = [meter.register('1.0.12.7.0.255'), meter.register('1.0.1.8.0.255')];
    expect(await meter.get(voltage.value, energy.value)).toEqual([u16(2301), u32(123456)]);
  };
  await served.clock.run(run());
  expect(served.requests.filter((octets) => octets[0] === 0xc0).map((octets) => octets[1])).toEqual([1, 1]);
  expect(remarks).toMatchObject([{ code: 'granted-unasked', weight: 'detail' }]);
  expect(remarks[0]!.text).toContain('multiple-references');
});

function find(octets: Uint8Array, pattern: readonly number[]): number {
  return octets.findIndex((_, at) => pattern.every((octet, i) => octets[at + i] === octet));
}

describe('rows that are told of', () => {
  test('are those that are returned, without a readable time too, in their order', async () => {
    const rows = LOAD_ROWS.map((row, i) => (i === 5 ? [octets(new Uint8Array(12).fill(0xff)), ...row.slice(1)] : row));
    const found = await read({ from: rowTime(0), to: rowTime(95) }, { rows });
    expect(found.rows).toEqual(all);
    expect(found.told).toEqual(all);
    const part = await read({ from: rowTime(2), to: rowTime(9) }, { rows });
    expect(part.told).toEqual(part.rows);
    expect(part.rows).not.toContain(all[5]);
  });
});
