/** Columns that are not told, and a capture period that is not the observed one: cases 27 and 28. */
import { describe, expect, test } from 'vitest';
import type { Remark } from '../../src/base/remark.js';
import { trustedPeriod } from '../../src/client/profile-period.js';
import type { Data } from '../../src/codec/data.js';
import { arrayOf, i8, nullValue, octets, structureOf, u16, u32, visible } from '../../src/codec/make.js';
import type { CacheStore } from '../../src/contracts/cache-store.js';
import { LOAD_ROWS, rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const NAME = '1.0.99.1.0.255';
const at = (attribute: number) => `7:${NAME}:${attribute}`;
const nothing = nullValue();
/** Rows at these quarters; undefined where the time is left out. */
const rowsAt = (...quarters: readonly (number | undefined)[]): Data =>
  arrayOf(
    quarters.map((quarter, i) =>
      structureOf([quarter === undefined ? nothing : octets(rowTime(quarter).toBytes()), u32(1000 + i), u16(2300)]),
    ),
  );

async function read(options: ServedMeterOptions, cache?: CacheStore, told = false) {
  const served = new ServedMeter(options);
  const remarks: Remark[] = [];
  const work = async () => {
    const onRemark = (remark: Remark) => remarks.push(remark);
    await using meter = await served.open({ framing: 'wrapper', onRemark, ...(cache === undefined ? {} : { cache }) });
    const profile = meter.profile(NAME);
    const heard: string[] = [];
    const onRow = ({ time }: { time: unknown }) => heard.push(String(time));
    const rows = await profile.rows({}, told ? { onRow } : {});
    if (told) expect(heard).toEqual(rows.map(({ time }) => String(time)));
    return { columns: await profile.columns(), rows };
  };
  const result = await served.clock.run(work());
  const quarters = result.rows.map(({ time }) => {
    const i = Array.from({ length: 40 }, (_, i) => i).findIndex((i) => time !== undefined && rowTime(i).equals(time));
    return i < 0 ? undefined : i;
  });
  return { ...result, quarters, codes: remarks.map(({ code }) => code), remarks };
}

describe('times left out', () => {
  const _ = undefined;
  test.each<
    readonly [string, readonly (number | undefined)[], number, readonly (number | undefined)[], readonly string[]]
  >([
    ['by the period told', [0, _, _, 3, 4], 900, [0, 1, 2, 3, 4], []],
    ['nothing to hold it against', [0, _, _, _], 900, [0, 1, 2, 3], []],
    ['rows twice as far apart', [0, 2, _, _, 8], 900, [0, 2, _, _, 8], ['capture-period']],
    ['rows nearer than told', [0, 1, _, 3], 3600, [0, 1, _, 3], ['capture-period']],
    ['a period in minutes', [0, 1, _, 3], 15, [0, 1, _, 3], ['capture-period']],
    ['two runs of the same', [0, _, 4, _, 8], 900, [0, _, 4, _, 8], ['capture-period']],
    ['a run of no multiple', [0, _, _, 2], 900, [0, _, _, 2], ['capture-period']],
    ['one run that an outage may explain', [0, _, _, 9], 900, [0, 1, 2, 9], []],
    ['an outage between', [0, 1, _, 3, 10, _], 900, [0, 1, 2, 3, 10, 11], []],
    ['an outage of odd length', [0, _, _, _, _, _, _, 17, _], 900, [0, 1, 2, 3, 4, 5, 6, 17, 18], []],
    ['no time left out: nothing to say', [0, 2, 4], 900, [0, 2, 4], []],
  ])('%s', async (_name, quarters, period, expected, codes) => {
    for (const told of [false, true]) {
      const result = await read({ raw: rowsAt(...quarters), attributes: { [at(4)]: u32(period) } }, undefined, told);
      expect([result.quarters, result.codes]).toEqual([expected, codes]);
    }
  });

  test('the period observed is said', () => {
    const rows = [0, 2, undefined, 6].map((i) => [i === undefined ? nothing : octets(rowTime(i).toBytes())]);
    expect(trustedPeriod(900, rows, 0).remark?.text).toMatch(
      /told as 900 seconds, but the rows stand 1800 seconds apart/,
    );
    expect(trustedPeriod(0, rows, 0)).toEqual({ period: 0 });
  });
});

describe('capture objects that cannot be read', () => {
  const rows = LOAD_ROWS.slice(0, 8);
  test.each<readonly [string, Data | number]>([
    ['denied', 3],
    ['of another form', visible('columns')],
    ['told to be none', arrayOf([])],
  ])('%s: columns are numbered', async (_, attribute) => {
    for (const refuseSelection of [false, true]) {
      const {
        columns,
        rows: read_,
        codes,
        quarters,
      } = await read({ rows, refuseSelection, attributes: { [at(3)]: attribute } });
      expect(columns.map(({ name, isTime }) => [name, isTime])).toEqual([
        ['column 1', true],
        ['column 2', false],
        ['column 3', false],
      ]);
      expect(quarters).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(read_[0]!.values[1]!.text).toBe('1000 (scaler unknown)');
      expect(codes).toEqual(['columns-numbered']);
    }
  });

  test('they are those of an earlier visit, unless the rows are others', async () => {
    const entries = new Map<string, string>();
    const cache: CacheStore = {
      load: (entry) => entries.get(entry),
      save: (entry, text) => void entries.set(entry, text),
    };
    // What says who the meter is.
    const who = { '1:1.0.0.2.0.255:2': visible('F1'), '1:0.0.42.0.0.255:2': visible('M1') };
    const denied = { ...who, [at(3)]: 3 };
    expect((await read({ rows, attributes: who }, cache)).codes).toEqual([]);
    const kept = await read({ rows, attributes: denied }, cache);
    expect(kept.codes).toEqual(['columns-kept']);
    expect(kept.rows[0]!.values[1]!.text).toBe('10000 Wh');
    const other = arrayOf([structureOf([octets(rowTime(0).toBytes()), visible('a'), u16(1)])]);
    expect((await read({ raw: other, attributes: denied }, cache)).codes).toEqual(['columns-numbered']);
  });

  test('without rows there are none; a profile that is not there stays an error', async () => {
    expect((await read({ rows: [], attributes: { [at(3)]: 3 } })).rows).toEqual([]);
    await expect(read({ attributes: { [at(3)]: 4, [at(2)]: 4 } })).rejects.toThrow(/object-undefined/);
  });
});

describe('cosem profile', () => {
  const rows = LOAD_ROWS.slice(0, 8);
  const run = async (options: ServedMeterOptions, ...more: string[]) => {
    const lines = [`profile ${NAME} ${more.join(' ')}`.trim(), `profile ${NAME} --json ${more.join(' ')}`.trim()];
    const [table, json] = await commandsOn(new ServedMeter(options), lines);
    const document = json!.io.document() as { rows: { time: string; values: unknown[] }[]; columns: unknown[] };
    return { exits: [table!.exit, json!.exit], out: table!.out, err: table!.err, document };
  };

  test('shows numbered columns', async () => {
    const { exits, out, err, document } = await run({ rows, attributes: { [at(3)]: 3 } });
    expect(exits).toEqual([0, 0]);
    expect(out).toContain('column 2');
    expect(err).toContain('the meter does not tell the columns (read-write-denied): they are numbered');
    expect(document.columns[1]).toMatchObject({ object: null, name: 'column 2', unit: null });
    expect(document.rows).toHaveLength(8);
    const part = await run({ rows, attributes: { [at(3)]: 3 } }, '--last', '3');
    expect([part.exits, part.document.rows.length]).toEqual([[0, 0], 3]);
  });

  test.each([
    ['the capacity', u32(3360), '3', 3, 'has fewer'],
    ['the number of rows and the capacity too', u32(8), '3', 3, ''],
    ['none, for the last', u32(0), '3', 0, 'no entry is in use'],
    ['none, for all', u32(0), '', 8, ''],
    ['the capacity, for all', u32(3360), '', 8, ''],
  ])('with %s in use', async (_, inUse, last, count, said) => {
    const attributes = { [at(7)]: inUse, ...(count === 3 && said === '' ? { [at(8)]: u32(8) } : {}) };
    const { exits, err, document } = await run({ rows, attributes }, ...(last === '' ? [] : ['--last', last]));
    expect([exits, document.rows.length]).toEqual([[0, 0], count]);
    if (count === 3) expect(document.rows.at(-1)!.time).toContain(rowTime(7).toText());
    expect(err).toContain(said);
    if (said === '') expect(err).not.toContain('in use');
  });
});

describe('rows of another number of values than columns are told', () => {
  const column = (classId: number, name: readonly number[]) =>
    structureOf([u16(classId), octets(Uint8Array.from(name)), i8(2), u16(0)]);
  const told = [
    column(8, [0, 0, 1, 0, 0, 255]),
    column(3, [1, 0, 1, 8, 0, 255]),
    column(3, [1, 0, 12, 7, 0, 255]),
    column(3, [1, 0, 2, 8, 0, 255]),
  ];
  const rows = LOAD_ROWS.slice(0, 8);

  test.each([2, 4])('%i columns over rows of 3: numbered, with the time found and no scaler guessed', async (count) => {
    const attributes = { [at(3)]: arrayOf(told.slice(0, count)) };
    for (const heard of [false, true]) {
      const { columns, quarters, codes, remarks } = await read({ rows, attributes }, undefined, heard);
      expect(columns.map(({ name, isTime, scalerUnit }) => [name, isTime, scalerUnit])).toEqual([
        ['column 1', true, undefined],
        ['column 2', false, 'unknown'],
        ['column 3', false, 'unknown'],
      ]);
      expect(quarters).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(codes).toEqual(['columns-numbered']);
      expect(remarks[0]!.text).toContain(`the meter tells ${count} columns, and its rows have 3 values`);
    }
    const [last, range] = await commandsOn(new ServedMeter({ rows, attributes }), [
      'profile 1.0.99.1.0.255 --last 3',
      'profile 1.0.99.1.0.255 --from 2026-01-01T05:30 --to 2026-01-01T06:00 --json',
    ]);
    expect(last).toMatchObject({ exit: 0, out: expect.stringMatching(/column 1 +column 2 +column 3\n/) });
    expect(last!.out.trim().split('\n')).toHaveLength(4);
    expect(last!.err).not.toContain('does not select');
    expect(range!.exit).toBe(0);
    expect((range!.io.document() as { rows: unknown[] }).rows).toHaveLength(3);
  });

  test('one odd row among others, or strictly: refused', async () => {
    const odd = [...rows.slice(0, 3), rows[3]!.slice(0, 2), ...rows.slice(4)];
    await expect(read({ raw: arrayOf(odd.map((row) => structureOf([...row]))) })).rejects.toThrow(
      'a row of 2 values under 3 columns',
    );
    const served = new ServedMeter({ rows, attributes: { [at(3)]: arrayOf(told) } });
    const strictly = async () => {
      await using meter = await served.open({ framing: 'wrapper', strict: true });
      return await meter.profile(NAME).rows();
    };
    await expect(served.clock.run(strictly())).rejects.toThrow('a row of 3 values under 4 columns');
  });
});
