/** What implementations give, what clients select, and what object lists name: each guard of the server side by itself. */
import { describe, expect, it } from 'vitest';
import { decodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { i8, octets, structureOf, u8, u16, u32, visible } from '../../src/codec/make.js';
import type { Type } from '../../src/codec/type.js';
import { choice, data, structure, uint8, visibleString } from '../../src/codec/types.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { GetAnswer, RequestContext } from '../../src/contracts/served-device.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { DataClass, ProfileGenericV1 } from '../../src/cosem/classes/storage.js';
import { LogicalDevice, type LogicalDeviceOptions } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { profileBuffer } from '../../src/server/profile.js';
import { encodeGiven } from '../../src/server/served-object.js';
import { attribute } from '../session/harness.js';

const association: AssociationDefinition = {
  client: 16,
  name: 'reader',
  logicalName: '0.0.40.0.1.255',
  context: 'ln',
  mechanism: 0,
  conformance: 0x00181d,
  maxReceivePduSize: 832,
  maxSendPduSize: 768,
};
const context: RequestContext = { client: 16, association, authenticated: false, now: 0 };

function device(options: LogicalDeviceOptions = {}): LogicalDevice {
  const made = new LogicalDevice(options);
  made.associate(association);
  return made;
}

/** The octets of an answer that comes piece by piece. */
function octetsIn(answer: GetAnswer): Uint8Array {
  if (!('octets' in answer)) throw new Error(JSON.stringify(answer));
  const parts: number[] = [];
  while (!answer.octets.done) parts.push(...answer.octets.take(64));
  return Uint8Array.from(parts);
}

describe('a value that an implementation gives', () => {
  const pair = structure({ type: visibleString, value: uint8 });

  it.each<[string, Type<unknown>, unknown, Data]>([
    ['a typed value', uint8, 5, u8(5)],
    ['Data already', uint8, u8(5), u8(5)],
    ['Data for an attribute that may be any', data, u16(5), u16(5)],
    // It has the fields of Data, and is none: a typed value of a structure with these fields.
    [
      'a structure with the fields of Data',
      pair,
      { type: 'unsigned', value: 5 },
      structureOf([visible('unsigned'), u8(5)]),
    ],
    [
      'the same behind a CHOICE',
      choice(uint8, pair),
      { type: 'unsigned', value: 5 },
      structureOf([visible('unsigned'), u8(5)]),
    ],
  ])('%s is sent', (_, type, given, sent) => {
    expect(encodeGiven(type, given)).toEqual(sent);
  });

  it.each<[string, Type<unknown>, unknown]>([
    ['Data of another type', uint8, u16(5)],
    ['Data that its type cannot hold', visibleString, { type: 'visible-string', value: 'नमस्ते' }],
    ['Data of any type that cannot be written', data, { type: 'unsigned', value: 300 }],
    ['a typed value out of range', uint8, 300],
    ['what has a type that there is not', uint8, { type: 'toString', value: 5 }],
  ])('%s is refused before it is sent', (_, type, given) => {
    expect(() => encodeGiven(type, given)).toThrow();
  });
});

it('SET with a selection is refused, and writes nothing', () => {
  const written: Data[] = [];
  const made = device().add(
    object(
      DataClass,
      '0.0.96.1.0.255',
      { value: { get: () => u8(0), set: (value: Data) => void written.push(value) } },
      { 16: { attributes: { 2: 'read-and-write' } } },
    ),
  );
  const target = attribute(1, '0.0.96.1.0.255', 2);
  expect(made.set({ ...target, selection: { selector: 1, parameters: u8(0) } }, u8(1), context)).toBe(12);
  expect(written).toEqual([]);
  expect(made.set(target, u8(1), context)).toBe(0);
  expect(written).toEqual([u8(1)]);
});

describe('a profile', () => {
  const part = (dataIndex: number) => ({ classId: 4, logicalName: '1.0.1.6.0.255', attributeIndex: 2, dataIndex });
  const columns = [part(1), part(2)];
  const profile = (options?: LogicalDeviceOptions) =>
    device(options).add(
      object(
        ProfileGenericV1,
        '1.0.99.1.0.255',
        {
          buffer: profileBuffer({
            columns,
            rows: () => ({ length: 1, value: (_, column) => u32(column === 0 ? 11 : 22) }),
          }),
          captureObjects: columns,
          capturePeriod: 900,
          sortMethod: 'fifo',
          sortObject: part(1),
          entriesInUse: 1,
          profileEntries: 1,
        },
        { 16: { attributes: { 2: 'read-only' } } },
      ),
    );

  it.each([
    [true, [1, 2]],
    [false, null],
  ])('names its selectors in the object list: %s', (listSelectors, selectors) => {
    const list = decodeData(octetsIn(profile({ listSelectors }).get(attribute(15, '0.0.40.0.0.255', 2), context)));
    const entry = AssociationLnV1.attributes.objectList.type.decode(list).at(-1)!;
    expect(entry.logicalName).toBe('1.0.99.1.0.255');
    const buffer = entry.accessRights.attributeAccess.find(({ attributeId }) => attributeId === 2);
    expect(buffer?.accessSelectors).toEqual(selectors);
  });

  const columnOf = ({ classId, logicalName, attributeIndex, dataIndex }: ReturnType<typeof part>) =>
    structureOf([
      u16(classId),
      octets(Uint8Array.from(logicalName.split('.').map(Number))),
      i8(attributeIndex),
      u16(dataIndex),
    ]);
  const range = (by: number, ...selected: number[]) => ({
    selector: 1,
    parameters: structureOf([
      columnOf(part(by)),
      u32(0),
      u32(99),
      { type: 'array', value: selected.map((index) => columnOf(part(index))) } as Data,
    ]),
  });
  const read = (selection: ReturnType<typeof range>) =>
    profile().get({ ...attribute(7, '1.0.99.1.0.255', 2), selection }, context);

  it('tells two columns apart that differ by their data index alone', () => {
    const rowOf = (answer: GetAnswer) => octetsIn(answer).at(-1);
    expect([rowOf(read(range(1, 1))), rowOf(read(range(1, 2))), rowOf(read(range(2, 1)))]).toEqual([11, 22, 11]);
  });

  it.each([range(0, 1), range(1, 0), range(1, 3)])('knows no column with another data index', (selection) => {
    expect(read(selection)).toEqual({ error: expect.any(Number) });
  });
});
