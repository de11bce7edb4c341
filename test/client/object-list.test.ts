/** Object lists as meters give them: case 25. One odd entry never voids a list. */
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../src/base/errors.js';
import type { Remark } from '../../src/base/remark.js';
import { MeterDump } from '../../src/client/dump.js';
import { readObjectList } from '../../src/client/object-list.js';
import type { Data } from '../../src/codec/data.js';
import {
  arrayOf,
  boolValue,
  enumValue,
  i8,
  nullValue,
  octets,
  structureOf,
  u8,
  u16,
  u32,
  visible,
} from '../../src/codec/make.js';
import { templateEntries } from '../../src/cosem/template-list.js';
import { ServedMeter } from '../support/served-meter.js';
import { commandsOn } from '../support/served-tcp.js';

const nothing = nullValue();
const NAMES = { clock: [0, 0, 1, 0, 0, 255], energy: [1, 0, 1, 8, 0, 255], own: [0, 0, 40, 0, 0, 255] } as const;

function attributes(...modes: readonly (readonly [number, Data, Data?])[]): Data {
  return arrayOf(modes.map(([id, mode, selectors = nothing]) => structureOf([i8(id), mode, selectors])));
}
function methods(...modes: readonly (readonly [number, Data])[]): Data {
  return arrayOf(modes.map(([id, mode]) => structureOf([i8(id), mode])));
}
function entry(classId: number, version: number, name: readonly number[], rights: Data): Data {
  return structureOf([u16(classId), u8(version), octets(Uint8Array.from(name)), rights]);
}
const rights = (a: Data, m: Data) => structureOf([a, m]);

const READ = enumValue(1);
const good = entry(8, 0, NAMES.clock, rights(attributes([1, READ], [2, enumValue(3)]), methods([1, enumValue(1)])));

describe('access modes', () => {
  const versioned = (version: number, mode: number, call: number) =>
    readObjectList(
      arrayOf([
        entry(15, version, NAMES.own, rights(attributes([1, READ]), methods())),
        entry(3, 0, NAMES.energy, rights(attributes([2, enumValue(mode)]), methods([1, enumValue(call)]))),
      ]),
    ).objects[1]!;

  test.each([
    [3, 37, 'read-only, authenticated-request, authenticated-response', true, false],
    [3, 5, 'read-only, authenticated-request', true, false],
    [3, 6, 'write-only, authenticated-request', false, true],
    [3, 15, 'read-and-write, authenticated-request, encrypted-request', true, true],
    [3, 4, 'no-access, authenticated-request', false, false],
    [3, 0, 'no-access', false, false],
    [2, 5, 'authenticated-write-only', false, true],
    [1, 4, 'authenticated-read-only', true, false],
    [1, 37, 'read-only, authenticated-request, authenticated-response', true, false],
  ])('of version %i: %i is %s', (version, mode, access, readable, writable) => {
    const object = versioned(version, mode, 1);
    expect(object.attributes).toMatchObject([{ id: 2, access, readable, writable }]);
    expect(object.odd).toBeUndefined();
  });

  test('of methods are bits since version 3, names before, booleans in version 0', () => {
    expect(versioned(3, 1, 37).methods[0]).toMatchObject({
      executable: true,
      access: 'access, authenticated-request, authenticated-response',
    });
    expect(versioned(3, 1, 36).methods[0]).toMatchObject({ executable: false });
    expect(versioned(2, 1, 2).methods[0]).toMatchObject({ access: 'authenticated-access', executable: true });
    const v0 = readObjectList(
      arrayOf([
        entry(8, 0, NAMES.clock, rights(attributes([2, READ]), methods([1, boolValue(true)], [2, boolValue(false)]))),
      ]),
    );
    expect(v0.objects[0]!.methods.map(({ executable }) => executable)).toEqual([true, false]);
    expect(v0.objects[0]!.odd).toBeUndefined();
  });
});

/** Entries as they should not be, what is said of them, and whether they still name an object. */
const ODD: readonly (readonly [string, Data, RegExp | undefined, boolean])[] = [
  ['null rights', entry(3, 0, NAMES.energy, nothing), /no access rights told/, true],
  ['null rights to attributes', entry(3, 0, NAMES.energy, rights(nothing, methods())), /no rights to attributes/, true],
  [
    'null rights to methods',
    entry(3, 0, NAMES.energy, rights(attributes([2, READ]), nothing)),
    /no rights to methods/,
    true,
  ],
  ['rights of text', entry(3, 0, NAMES.energy, visible('r')), /rights that are a visible-string/, true],
  [
    'a mode of text',
    entry(3, 0, NAMES.energy, rights(attributes([2, visible('r')]), methods())),
    /access mode visible-string of attribute 2/,
    true,
  ],
  [
    'a right of three octets',
    entry(3, 0, NAMES.energy, rights(arrayOf([octets(Uint8Array.of(1))]), methods())),
    /right to an attribute/,
    true,
  ],
  [
    'selectors of text',
    entry(3, 0, NAMES.energy, rights(attributes([2, READ, visible('x')]), methods())),
    /selectors of attribute 2/,
    true,
  ],
  [
    'a fifth field',
    structureOf([u16(3), u8(0), octets(Uint8Array.from(NAMES.energy)), rights(attributes(), methods()), u8(0)]),
    /5 fields/,
    true,
  ],
  ['no rights at all', structureOf([u16(3), u8(0), octets(Uint8Array.from(NAMES.energy))]), /no access rights/, true],
  [
    'the class in another type',
    structureOf([u32(3), u8(0), octets(Uint8Array.from(NAMES.energy)), rights(attributes([2, READ]), methods())]),
    /double-long-unsigned for long-unsigned/,
    true,
  ],
  [
    'modes as unsigned',
    entry(3, 0, NAMES.energy, rights(attributes([2, u8(1)]), methods([1, u8(1)]))),
    undefined,
    true,
  ],
  ['an unknown class', entry(8888, 7, NAMES.energy, rights(attributes([2, READ]), methods())), undefined, true],
  ['an unknown version', entry(3, 99, NAMES.energy, rights(attributes([2, READ]), methods())), undefined, true],
  ['a name of five octets', entry(3, 0, [1, 0, 1, 8, 0], rights(attributes(), methods())), undefined, false],
  ['no structure', u8(1), undefined, false],
  ['nothing', nothing, undefined, false],
  ['an empty structure', structureOf([]), undefined, false],
];

describe('an odd entry', () => {
  test.each(ODD)('in the middle is marked or put aside: %s', (_, odd, words, named) => {
    const { objects, odd: aside } = readObjectList(arrayOf([good, odd, good]));
    expect(objects).toHaveLength(named ? 3 : 2);
    expect(aside).toHaveLength(named ? 0 : 1);
    expect([objects[0]!.odd, objects.at(-1)!.odd]).toEqual([undefined, undefined]);
    if (named && words !== undefined) expect(objects[1]!.odd).toMatch(words);
    if (named && words === undefined) expect(objects[1]!.odd).toBeUndefined();
    if (!named) expect(aside[0]).toMatchObject({ index: 1 });
    // A dump takes the same list.
    expect(templateEntries(arrayOf([good, odd, good]))).toHaveLength(named ? 3 : 2);
  });

  test('that does not tell whether it may be read counts as readable', () => {
    const [object] = readObjectList(arrayOf([ODD[4]![1]])).objects;
    expect(object!.attributes).toMatchObject([
      { id: 2, readable: true, writable: true, access: 'unknown (visible-string)' },
    ]);
  });

  test('what is no list is an error', () => {
    expect(() => readObjectList(u8(1))).toThrow(DecodeError);
  });

  test('of the meter: the list stands, a remark says it, a dump survives', async () => {
    const served = new ServedMeter({ attributes: { '15:0.0.40.0.0.255:2': arrayOf([good, ODD[0]![1], u8(1)]) } });
    const remarks: Remark[] = [];
    const run = async () => {
      await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
      expect((await meter.objects()).map(({ classId, odd }) => [classId, odd])).toEqual([
        [8, undefined],
        [3, 'no access rights told'],
      ]);
      expect((await meter.objectListing()).odd).toHaveLength(1);
      const dump = new MeterDump();
      await dump.add(meter, 'public', {});
      expect(dump.template().devices[0]!.associations[0]!.objectList).toHaveLength(2);
    };
    await served.clock.run(run());
    expect(remarks.filter(({ code }) => code === 'object-list-odd')).toMatchObject([
      {
        weight: 'note',
        text: 'of the 3 entries of the object list 1 entry not as the standard has it: marked; 1 entry without an object: left out',
      },
      { weight: 'note' },
    ]);
  });
});

test('a list of 3,000 costs what two of 1,500 cost', () => {
  const visits = (count: number) => {
    let reads = 0;
    const counting = (data: Data): Data =>
      new Proxy(data, {
        get(target, key, receiver) {
          reads++;
          return Reflect.get(target, key, receiver);
        },
      });
    readObjectList(arrayOf(Array.from({ length: count }, () => counting(good))));
    return reads;
  };
  expect(visits(3000)).toBeLessThanOrEqual(2 * visits(1500) + 10);
});

test('cosem objects shows the list, marks what is odd, and ends with 0', async () => {
  const list = arrayOf([
    entry(15, 3, NAMES.own, rights(attributes([1, enumValue(37)]), methods([1, enumValue(37)]))),
    entry(8888, 7, NAMES.clock, rights(attributes([2, enumValue(37)]), methods())),
    ODD[0]![1],
    u8(1),
  ]);
  const served = new ServedMeter({ attributes: { '15:0.0.40.0.0.255:2': list } });
  const [shown, json] = await commandsOn(served, ['objects', 'objects --json']);
  expect(shown).toMatchObject({ exit: 0, out: expect.stringMatching(/8888 +7 +0\.0\.1\.0\.0\.255 +2/) });
  expect(shown!.out).toMatch(/1\.0\.1\.8\.0\.255 .*no access rights told/);
  expect(shown!.err).toMatch(/entry 4 names no object: .*\n3 objects/);
  expect(json!.exit).toBe(0);
  expect(json!.io.document()).toMatchObject({
    objects: [{ class: 15 }, { class: 8888 }, { class: 3, odd: 'no access rights told' }],
    odd: [{ index: 3 }],
  });
});
