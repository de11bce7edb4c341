/** Counts that do not hold, in lists and buffers, in one answer and in blocks: cases 18 and 25. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/base/bytes.js';
import type { Remark } from '../../src/base/remark.js';
import { encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { arrayOf, enumValue, i8, nullValue, octets, structureOf, u8, u16 } from '../../src/codec/make.js';
import { LOAD_ROWS, ServedMeter } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const PROFILE = '1.0.99.1.0.255';
const right = (id: number) => structureOf([i8(id), enumValue(1), nullValue()]);
const listEntry = (c: number, d: number, attributes = 2): Data =>
  structureOf([
    u16(3),
    u8(0),
    octets(Uint8Array.of(1, 0, c, d, 0, 255)),
    structureOf([
      arrayOf(Array.from({ length: attributes }, (_, i) => right(i + 1))),
      arrayOf([structureOf([i8(1), enumValue(1)])]),
    ]),
  ]);
const ENTRIES = Array.from({ length: 8 }, (_, i) => encodeData(listEntry(i + 1, 8)));
const NAMES = ENTRIES.map((_, i) => `1.0.${i + 1}.8.0.255`);
const ROWS = LOAD_ROWS.slice(0, 8).map((row) => encodeData(structureOf(row)));
const counting = (count: number, elements: readonly Uint8Array[], behind: readonly number[] = []) =>
  concat(Uint8Array.of(1, count), ...elements, Uint8Array.from(behind));
/** One octet of an entry altered. */
const altered = (entry: Uint8Array, at: number, by: number) => entry.map((octet, i) => (i === at ? octet + by : octet));
const replacing = (at: number, by: Uint8Array) => ENTRIES.map((entry, i) => (i === at ? by : entry));
/** Offset of the count of attributes in an entry. */
const ATTRIBUTES = 18;

/** Answers the GET of an attribute with these octets, whole or in blocks of so many. */
function answering(classId: number, attribute: number, value: Uint8Array, size: number): ServedMeter {
  const served = new ServedMeter({ rows: LOAD_ROWS.slice(0, 8) });
  let sending = false;
  const block = (number: number, id: number) => {
    const raw = value.subarray((number - 1) * size, number * size);
    const last = number * size >= value.length;
    sending = !last;
    return Uint8Array.of(0xc4, 2, id, last ? 1 : 0, 0, 0, number >> 8, number & 0xff, 0, raw.length, ...raw);
  };
  served.says = (answer, request) => {
    const [tag, choice, id = 0] = request;
    if (tag !== 0xc0) return answer;
    if (choice === 2 && sending) return block((((request[5] as number) << 8) | (request[6] as number)) + 1, id);
    if (choice !== 1 || request[4] !== classId || request[11] !== attribute || request[12] !== 0) return answer;
    return size === 0 ? concat(Uint8Array.of(0xc4, 1, id, 0), value) : block(1, id);
  };
  return served;
}

const SIZES = [0, 100, 7];

describe.each(SIZES)('an object list in blocks of %i', (size) => {
  const half = ENTRIES[7]!.subarray(0, 20);
  test.each<readonly [string, Uint8Array, readonly string[], number, readonly string[]]>([
    ['a count one too high', counting(9, ENTRIES), NAMES, 1, ['wrong-count', 'object-list-odd']],
    ['a count three too high', counting(11, ENTRIES), NAMES, 1, ['wrong-count', 'object-list-odd']],
    ['a count one too low', counting(7, ENTRIES), NAMES, 0, ['wrong-count']],
    [
      'the last entry cut in its rights',
      counting(8, [...ENTRIES.slice(0, 7), half]),
      NAMES,
      0,
      ['wrong-count', 'object-list-odd'],
    ],
    [
      'the last entry cut in its name',
      counting(8, [...ENTRIES.slice(0, 7), half.subarray(0, 12)]),
      NAMES.slice(0, 7),
      1,
      ['wrong-count', 'object-list-odd'],
    ],
    [
      'an attribute too many counted',
      counting(8, replacing(3, altered(ENTRIES[3]!, ATTRIBUTES, 1))),
      NAMES,
      0,
      ['wrong-count', 'object-list-odd'],
    ],
    [
      'an attribute too few counted',
      counting(8, replacing(3, altered(ENTRIES[3]!, ATTRIBUTES, -1))),
      NAMES,
      0,
      ['wrong-count', 'object-list-odd'],
    ],
    [
      'the same of the first',
      counting(8, replacing(0, altered(ENTRIES[0]!, ATTRIBUTES, 1))),
      NAMES,
      0,
      ['wrong-count', 'object-list-odd'],
    ],
    [
      'the same of the last',
      counting(8, replacing(7, altered(ENTRIES[7]!, ATTRIBUTES, 1))),
      NAMES,
      0,
      ['wrong-count', 'object-list-odd'],
    ],
    ['a field too few counted', counting(8, replacing(3, altered(ENTRIES[3]!, 1, -1))), NAMES, 0, ['wrong-count']],
    ['a field too many counted', counting(8, replacing(3, altered(ENTRIES[3]!, 1, 1))), NAMES, 0, ['wrong-count']],
    ['zeros behind it', counting(8, ENTRIES, [0, 0, 0]), NAMES, 0, ['surplus-octets']],
    ['nothing wrong', counting(8, ENTRIES), NAMES, 0, []],
  ])('%s', async (_, value, names, without, codes) => {
    const served = answering(15, 2, value, size);
    const remarks: Remark[] = [];
    const listing = await served.clock.run(
      (async () => {
        await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
        return await meter.objectListing();
      })(),
    );
    expect(listing.objects.map(({ logicalName }) => logicalName)).toEqual(names);
    expect(listing.odd.length).toBe(without);
    expect(remarks.map(({ code }) => code)).toEqual(codes);
  });
});

describe.each(SIZES)('a buffer in blocks of %i', (size) => {
  const row = ROWS[7]!;
  test.each<readonly [string, Uint8Array, number, readonly string[]]>([
    ['empty, two octets behind', Uint8Array.of(1, 0, 1, 0), 0, ['surplus-octets']],
    ['padded with zeros', counting(8, ROWS, Array(30).fill(0)), 8, ['surplus-octets']],
    ['a count one too high', counting(9, ROWS), 8, ['wrong-count']],
    ['a count one too high, padded', counting(9, ROWS, [0, 0]), 8, ['wrong-count']],
    ['a count one too low', counting(7, ROWS), 8, ['wrong-count']],
    ['a count one too low, padded', counting(7, ROWS, [0, 0, 0]), 8, ['wrong-count', 'surplus-octets']],
    ['the last row cut', counting(8, [...ROWS.slice(0, 7), row.subarray(0, row.length - 3)]), 7, ['wrong-count']],
    ['the last row cut within its time', counting(8, [...ROWS.slice(0, 7), row.subarray(0, 6)]), 7, ['wrong-count']],
    [
      'every row with a field too many',
      counting(
        8,
        ROWS.map((one) => altered(one, 1, 1)),
      ),
      8,
      ['wrong-count'],
    ],
    [
      'every row with a field too few',
      counting(
        8,
        ROWS.map((one) => altered(one, 1, -1)),
      ),
      8,
      ['wrong-count'],
    ],
    [
      'one row with a field too many',
      counting(
        8,
        ROWS.map((one, i) => (i === 4 ? altered(one, 1, 1) : one)),
      ),
      8,
      ['wrong-count'],
    ],
  ])('%s', async (_, value, rows, codes) => {
    const served = answering(7, 2, value, size);
    const remarks: Remark[] = [];
    const read = await served.clock.run(
      (async () => {
        await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
        return await meter.profile(PROFILE).rows();
      })(),
    );
    expect(read.map(({ values }) => values[1]!.text)).toEqual(
      Array.from({ length: rows }, (_, i) => `${((1000 + 10 * i) * 10).toString()} Wh`),
    );
    expect(remarks.map(({ code }) => code)).toEqual(codes);
  });
});

test('a row that cannot be read in the middle is not passed over', async () => {
  const bad = ROWS.map((one, i) => (i === 4 ? altered(one, 16, 0x70) : one));
  const served = answering(7, 2, counting(8, bad), 0);
  const reading = served.clock.run(
    (async () => {
      await using meter = await served.open({ framing: 'wrapper' });
      return await meter.profile(PROFILE).rows();
    })(),
  );
  await expect(reading).rejects.toThrow(/tag|0x76/);
});

test('strictly it is refused by name', async () => {
  const served = answering(15, 2, counting(9, ENTRIES), 100);
  const reading = served.clock.run(
    (async () => {
      await using meter = await served.open({ framing: 'wrapper', strict: true });
      return await meter.objects();
    })(),
  );
  await expect(reading).rejects.toThrow(/wrong-count: an array says that it has 9 elements, and it has 8/);
});

test('the command shows the list, marks its end and ends with 0', async () => {
  const [short, cut] = await Promise.all([
    commandsOn(answering(15, 2, counting(9, ENTRIES), 100), ['objects']),
    commandsOn(answering(15, 2, counting(8, replacing(7, ENTRIES[7]!.subarray(0, 20))), 100), ['objects']),
  ]);
  expect(short[0]).toMatchObject({ exit: 0, out: expect.stringContaining('1.0.8.8.0.255') });
  expect(short[0]!.err).toContain('an array says that it has 9 elements, and it has 8');
  expect(short[0]!.err + short[0]!.out).toContain('entry 9 names no object');
  expect(cut[0]).toMatchObject({ exit: 0, out: expect.stringContaining('1.0.8.8.0.255') });
  expect(cut[0]!.err).toContain('1 element read in part');
});

test.each([
  ['empty, two octets behind', Uint8Array.of(1, 0, 1, 0), 0, ['surplus-octets'], 'surplus'],
  ['padded', counting(8, ROWS, Array(30).fill(0)), 8, [], '30 octets after'],
  ['cut', counting(8, [...ROWS.slice(0, 7), ROWS[7]!.subarray(0, 9)]), 7, [], 'the last one is cut and left out'],
] as const)('cosem profile of a buffer that is %s', async (_, value, rows, __, said) => {
  const [json, traced] = await commandsOn(answering(7, 2, value, 100), [
    `profile ${PROFILE} --json`,
    `profile ${PROFILE} --trace`,
  ]);
  expect([json!.exit, traced!.exit]).toEqual([0, 0]);
  expect((json!.io.document() as { rows: unknown[] }).rows).toHaveLength(rows);
  expect(traced!.err).toContain(rows === 0 ? '2 octets after' : said);
});
