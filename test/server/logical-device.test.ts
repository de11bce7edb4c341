import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { AccessError, StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { arrayOf, i8, octets, structureOf, textOctets, u8, u16, u32 } from '../../src/codec/make.js';
import { uint8 } from '../../src/codec/types.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { GetAnswer, RequestContext } from '../../src/contracts/served-device.js';
import type { AttributeWithSelection } from '../../src/contracts/services.js';
import type { RightsByClient } from '../../src/cosem/access.js';
import { attr, cosemClass, method } from '../../src/cosem/class.js';
import { AssociationLnV0, AssociationLnV1, AssociationLnV2 } from '../../src/cosem/classes/access.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { DataClass, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { defaultRights } from '../../src/cosem/rights.js';
import { zero } from '../../src/cosem/types.js';
import { LogicalDevice, type LogicalDeviceOptions } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { type ProfileRows, profileBuffer } from '../../src/server/profile.js';
import { attribute } from '../session/harness.js';

function definition(client: number, change: Partial<AssociationDefinition> = {}): AssociationDefinition {
  return {
    client,
    name: `client ${client}`,
    logicalName: `0.0.40.0.${client / 16}.255`,
    context: 'ln',
    mechanism: 0,
    conformance: 0x00181d,
    maxReceivePduSize: 832,
    maxSendPduSize: 768,
    ...change,
  };
}

const reader = definition(16);
const utility = definition(32, { mechanism: 1, secret: new TextEncoder().encode('ABCDEFGH') });
const as = (association: AssociationDefinition, authenticated = false): RequestContext => ({
  client: association.client,
  association,
  authenticated,
  now: 0,
});

function meter(options: LogicalDeviceOptions = {}) {
  const device = new LogicalDevice(options);
  device.associate(reader, {
    16: { attributes: { 2: 'read-only', 3: 'read-only', 8: 'read-only' } },
    32: { attributes: { 7: 'write-only' } },
  });
  device.associate(utility);
  return device;
}

/** The data of a reading, however it is given. */
function value(reading: GetAnswer): Data | number {
  if ('error' in reading) return reading.error;
  if ('data' in reading) return reading.data;
  const parts: number[] = [];
  while (!reading.octets.done) parts.push(...reading.octets.take(7));
  return decodeData(Uint8Array.from(parts));
}

describe('access', () => {
  function guarded() {
    let relay = true;
    const device = meter();
    device.add(
      object(
        DataClass,
        '0.0.96.1.0.255',
        { value: { get: () => u8(7), set: () => undefined } },
        {
          16: { attributes: { 2: 'authenticated-read-and-write' } },
          32: { attributes: { 2: 'write-only' } },
        },
      ),
    );
    device.add(
      object(
        DisconnectControlV0,
        '0.0.96.3.10.255',
        {
          outputState: () => relay,
          controlState: 'connected',
          controlMode: 4,
          remoteDisconnect: () => {
            if (!relay) throw new AccessError('temporary-failure', 'relay', 'is off already');
            relay = false;
          },
        },
        {
          16: { attributes: { 2: 'read-only' } },
          32: {
            attributes: { 2: 'read-only', 4: 'read-and-write' },
            methods: { 1: 'access', 2: 'authenticated-access' },
          },
        },
      ),
    );
    return device;
  }
  const datum = attribute(1, '0.0.96.1.0.255', 2);
  const relay = { classId: 70, instanceId: attribute(70, '0.0.96.3.10.255', 1).instanceId };

  it.each([
    ['reads what is authenticated only with a tag', datum, reader, false, 13],
    ['reads what is authenticated only with a tag', datum, reader, true, u8(7)],
    ['does not read what is write-only', datum, utility, true, 13],
    ['does not know an attribute that the class has not', { ...datum, attributeId: 3 }, reader, true, 4],
    ['does not know attribute 0', { ...datum, attributeId: 0 }, reader, true, 4],
    ['does not know attribute -1', { ...datum, attributeId: -1 }, reader, true, 4],
    ['does not know the object under another class', { ...datum, classId: 3 }, reader, true, 4],
    [
      'always reads attribute 1',
      { ...datum, attributeId: 1 },
      utility,
      false,
      octets(Uint8Array.of(0, 0, 96, 1, 0, 255)),
    ],
    ['gives no access where no right is named', { ...relay, attributeId: 3 }, reader, true, 13],
  ] as [string, AttributeWithSelection, AssociationDefinition, boolean, Data | number][])(
    'GET %s',
    (_, request, association, authenticated, expected) => {
      expect(value(guarded().get(request, as(association, authenticated)))).toEqual(expected);
    },
  );

  it.each([
    ['writes what is write-only', datum, utility, u8(1), 0],
    ['wants a tag for what is authenticated', datum, reader, u8(1), 3],
    ['does not write a read-only attribute', { ...relay, attributeId: 2 }, utility, u8(1), 3],
    ['does not write what cannot be written, whatever the rights say', { ...relay, attributeId: 4 }, utility, u8(1), 3],
    ['does not know an attribute', { ...datum, attributeId: 9 }, utility, u8(1), 4],
    ['gives no access where no right is named', { ...relay, attributeId: 3 }, reader, u8(1), 13],
  ] as [string, AttributeWithSelection, AssociationDefinition, Data, number][])(
    'SET %s',
    (_, request, association, written, expected) => {
      expect(guarded().set(request, written, as(association))).toBe(expected);
    },
  );

  it('ACTION', () => {
    const device = guarded();
    const call = (methodId: number, association: AssociationDefinition, parameter?: Data, authenticated = false) =>
      device.action({ ...relay, methodId }, parameter, as(association, authenticated)).result;
    expect(call(1, reader, i8(0))).toBe(13);
    expect(call(1, utility, textOctets('off'))).toBe(12);
    expect(call(1, utility, i8(0))).toBe(0);
    expect(call(1, utility, i8(0))).toBe(2);
    expect(call(2, utility, i8(0), true)).toBe(4); // not implemented
    expect(call(9, utility)).toBe(4);
    expect(
      device.action({ classId: 70, instanceId: datum.instanceId, methodId: 1 }, undefined, as(utility)).result,
    ).toBe(4);
  });

  it('hides what a client has no rights on', () => {
    const device = meter().add(object(DataClass, '0.0.96.1.1.255', { value: u8(1) }, { 32: {} }));
    expect(value(device.get(attribute(1, '0.0.96.1.1.255', 2), as(reader)))).toBe(4);
    expect(value(device.get(attribute(1, '0.0.96.1.1.255', 2), as(utility)))).toBe(13);
  });

  it('tells a fault of an implementation, and the client hardware-fault', () => {
    const faults: [unknown, string][] = [];
    const device = meter({ onFault: (error, target) => faults.push([error, target]) });
    const lost = new Error('no sensor');
    const scalerUnit = () => {
      throw lost;
    };
    device.add(object(Register, '1.0.1.8.0.255', { value: () => u8(1), scalerUnit }));
    expect(value(device.get(attribute(3, '1.0.1.8.0.255', 3), as(reader)))).toBe(1);
    expect(faults).toEqual([[lost, '3:1.0.1.8.0.255:3']]);
  });

  it('tells a value that the type cannot hold, and the client other-reason', () => {
    const faults: [unknown, string][] = [];
    const device = meter({ onFault: (error, target) => faults.push([error, target]) });
    device.add(object(Register, '1.0.1.8.0.255', { value: () => u8(1), scalerUnit: () => Object(null) }));
    expect(value(device.get(attribute(3, '1.0.1.8.0.255', 3), as(reader)))).toBe(250);
    expect(faults.map(([, target]) => target)).toEqual(['3:1.0.1.8.0.255:3']);
  });

  it('refuses two objects of one name and a missing attribute', () => {
    const device = meter().add(object(DataClass, '0.0.96.1.0.255', { value: u8(1) }));
    expect(() => device.add(object(DataClass, '0.0.96.1.0.255', { value: u8(1) }))).toThrow(StateError);
    expect(() => device.add(object(DataClass, '0.0.40.0.0.255', { value: u8(1) }))).toThrow(StateError);
    expect(() => device.add(object(Register, '1.0.1.8.0.255', { value: u8(1) } as never))).toThrow(/scalerUnit/);
    expect(() => device.associate(reader)).toThrow(StateError);
  });
});

describe('default rights', () => {
  const Safe = cosemClass({
    name: 'Safe',
    id: 8200,
    version: 0,
    attributes: {
      level: attr(2, uint8, { access: { utility: 'read-and-write' } }),
      pin: attr(3, uint8, { secret: true, access: { utility: 'write-only' } }),
      state: attr(4, uint8),
    },
    methods: { unlock: method(1, zero, { access: { utility: 'access' } }), wipe: method(2, zero) },
  });
  const target = (id: number): AttributeWithSelection => ({ ...attribute(8200, '0.0.96.9.0.255', id) });
  const device = (rights?: RightsByClient, set: { set?: (value: number) => void } = { set: () => undefined }) =>
    meter().add(
      object(
        Safe,
        '0.0.96.9.0.255',
        {
          level: { get: () => 1, ...set },
          pin: { get: () => 99, ...set },
          state: 3,
          unlock: () => undefined,
          wipe: () => undefined,
        },
        rights,
      ),
    );
  const modes = (of: LogicalDevice, client: AssociationDefinition) => {
    const list = value(of.get(attribute(15, '0.0.40.0.0.255', 2), as(client))) as Extract<Data, { type: 'array' }>;
    const json = JSON.stringify(list.value.at(-1), (_, item) => (item instanceof Uint8Array ? [...item] : item));
    const found = AssociationLnV1.attributes.objectList.type.decode(list).at(-1);
    expect(json).toContain('8200');
    return [
      ...found!.accessRights.attributeAccess.map(({ accessMode }) => accessMode),
      ...found!.accessRights.methodAccess.map(({ accessMode }) => accessMode),
    ];
  };

  it('are those that the class declares for a role', () => {
    const roles = device({ 16: 'reader', 32: 'utility' });
    expect(modes(roles, reader)).toEqual([
      'read-only',
      'read-only',
      'no-access',
      'read-only',
      'no-access',
      'no-access',
    ]);
    expect(modes(roles, utility)).toEqual([
      ...['read-only', 'read-and-write', 'write-only', 'read-only'],
      ...['access', 'no-access'],
    ]);
    expect(roles.get(target(3), as(reader))).toEqual({ error: 13 });
    expect(roles.set(target(3), u8(5), as(utility))).toBe(0);
    expect(modes(device({ 16: 'utility' }, {}), reader)).toEqual([
      ...['read-only', 'read-only', 'no-access', 'read-only'],
      ...['access', 'no-access'],
    ]);
    expect(defaultRights(Safe, 'public').attributes).toEqual({
      1: 'read-only',
      2: 'read-only',
      3: 'no-access',
      4: 'read-only',
    });
  });

  it('without rights nobody reads a secret', () => {
    expect(modes(device(), reader)).toEqual([
      'read-only',
      'read-and-write',
      'write-only',
      'read-only',
      'access',
      'access',
    ]);
    expect(device().get(target(3), as(reader))).toEqual({ error: 13 });
    expect(modes(device(undefined, {}), reader)[2]).toBe('no-access');
  });

  it('refuses a selection where none is declared, or none is implemented', () => {
    const selection = { selector: 1, parameters: u8(0) };
    expect(device().get({ ...target(2), selection }, as(reader))).toEqual({ error: 12 });
    const whole = meter().add(
      object(ProfileGenericV1, '1.0.99.1.0.255', {
        ...{ buffer: arrayOf([]), captureObjects: [], capturePeriod: 0, sortMethod: 'fifo' as const },
        sortObject: { classId: 8, logicalName: '0.0.1.0.0.255', attributeIndex: 2, dataIndex: 0 },
        ...{ entriesInUse: 0, profileEntries: 1 },
      }),
    );
    const entry = { selector: 2, parameters: structureOf([u32(1), u32(0), u16(1), u16(0)]) };
    expect(whole.get({ ...attribute(7, '1.0.99.1.0.255', 2), selection: entry }, as(reader))).toEqual({ error: 12 });
    const list = value(whole.get(attribute(15, '0.0.40.0.0.255', 2), as(reader))) as Data;
    const found = AssociationLnV1.attributes.objectList.type.decode(list).at(-1)!;
    expect(found.accessRights.attributeAccess.map(({ accessSelectors }) => accessSelectors)).toEqual(
      Array(8).fill(null),
    );
  });
});

describe('the object list', () => {
  const list = attribute(15, '0.0.40.0.0.255', 2);

  it.each([
    [0, AssociationLnV0],
    [1, AssociationLnV1],
    [2, AssociationLnV2],
  ] as const)('of version %i reads as its class declares, in the order of adding', (version, cosem) => {
    const device = meter({ associationVersion: version });
    device.add(object(DataClass, '0.0.96.1.0.255', { value: u8(1) }, { 16: { attributes: { 2: 'read-only' } } }));
    device.add(object(DataClass, '0.0.96.1.1.255', { value: u8(1) }, { 32: {} }));
    const data = value(device.get(list, as(reader))) as Data;
    const entries = cosem.attributes.objectList.type.decode(data);
    expect(entries.map(({ classId, logicalName }) => `${classId}:${logicalName}`)).toEqual([
      '15:0.0.40.0.0.255',
      '15:0.0.40.0.1.255',
      '15:0.0.40.0.2.255',
      '1:0.0.96.1.0.255',
    ]);
    expect(entries[0]?.version).toBe(version);
    expect(entries[3]?.accessRights.attributeAccess).toEqual([
      { attributeId: 1, accessMode: 'read-only', accessSelectors: null },
      { attributeId: 2, accessMode: 'read-only', accessSelectors: null },
    ]);
    expect(entries[2]?.accessRights.methodAccess[1]).toEqual({
      methodId: 2,
      accessMode: version === 0 ? true : 'access',
    });
  });

  it('grows with the device', () => {
    const device = meter();
    const before = (value(device.get(list, as(reader))) as Extract<Data, { type: 'array' }>).value.length;
    device.add(object(DataClass, '0.0.96.1.0.255', { value: u8(1) }));
    expect((value(device.get(list, as(reader))) as Extract<Data, { type: 'array' }>).value.length).toBe(before + 1);
  });
});

describe('the association object', () => {
  it('tells the association, under both names, and its status', () => {
    const device = meter();
    const hex = (client: AssociationDefinition, name: string, id: number) => {
      const data = value(device.get(attribute(15, name, id), as(client)));
      return typeof data === 'number' ? data : toHex(encodeData(data));
    };
    for (const name of ['0.0.40.0.0.255', '0.0.40.0.2.255']) {
      expect(hex(utility, name, 3)).toBe('02020F20120001');
      expect(hex(utility, name, 4)).toBe('090760857405080101');
      expect(hex(utility, name, 5)).toBe('0206041800181D12034012030011060F000900');
      expect(hex(utility, name, 6)).toBe('090760857405080201');
      expect(hex(utility, name, 9)).toBe('0900');
      expect(hex(utility, name, 8)).toBe('1600');
    }
    expect(hex(utility, '0.0.40.0.0.255', 1)).toBe('09060000280000FF');
    expect(hex(utility, '0.0.40.0.2.255', 1)).toBe('09060000280002FF');
    device.statusChanged(utility, 2);
    expect(hex(utility, '0.0.40.0.0.255', 8)).toBe('1602');
    expect(device.status(16)).toBe(0);
  });

  it('takes a new secret where rights allow, and none that cannot be used', () => {
    const device = new LogicalDevice();
    const changed = definition(32, { mechanism: 2, secret: new Uint8Array(16) });
    device.associate(changed);
    const secret = attribute(15, '0.0.40.0.2.255', 7);
    expect(device.set(secret, octets(new Uint8Array(17)), as(changed))).toBe(12);
    expect(device.set(secret, octets(new Uint8Array(0)), as(changed))).toBe(12);
    expect(device.set(secret, textOctets('new'), as(changed))).toBe(0);
    expect(changed.secret).toEqual(new TextEncoder().encode('new'));
    const method = { classId: 15, instanceId: secret.instanceId, methodId: 2 };
    expect(device.action(method, textOctets('newer'), as(changed))).toEqual({ result: 0 });
    expect(changed.secret).toEqual(new TextEncoder().encode('newer'));
    expect(meter().set(attribute(15, '0.0.40.0.1.255', 7), textOctets('x'), as(reader))).toBe(13);
  });
});

describe('a profile', () => {
  const COUNT = 500;
  const time = (minute: number, fields: Partial<CosemDateTime> = {}) =>
    octets(
      new CosemDateTime({
        year: 2026,
        month: 1,
        dayOfMonth: 1 + Math.floor(minute / 1440),
        dayOfWeek: 255,
        hour: Math.floor(minute / 60) % 24,
        minute: minute % 60,
        second: 0,
        hundredths: 0,
        deviation: -0x8000,
        status: 0,
        ...fields,
      }).toBytes(),
    );
  const columns = [
    { classId: 8, logicalName: '0.0.1.0.0.255', attributeIndex: 2, dataIndex: 0 },
    { classId: 3, logicalName: '1.0.1.8.0.255', attributeIndex: 2, dataIndex: 0 },
    { classId: 3, logicalName: '1.0.12.7.0.255', attributeIndex: 2, dataIndex: 0 },
  ];
  const row = (i: number) => [time(15 * i), u32(1000 + i), u16((i * 7) % 100)];

  function profile(sorted: boolean) {
    const touched: number[] = [];
    const rows: ProfileRows = {
      length: COUNT,
      value: (i, column) => {
        touched.push(i);
        return row(i)[column] as Data;
      },
    };
    const device = meter();
    device.add(
      object(ProfileGenericV1, '1.0.99.1.0.255', {
        buffer: profileBuffer({ columns, rows: () => rows, ...(sorted ? { sortedBy: 0 } : {}) }),
        captureObjects: columns,
        capturePeriod: 900,
        sortMethod: 'fifo',
        sortObject: columns[0] as (typeof columns)[0],
        entriesInUse: COUNT,
        profileEntries: COUNT,
      }),
    );
    const get = (selector?: number, parameters?: Data) =>
      device.get(
        {
          ...attribute(7, '1.0.99.1.0.255', 2),
          ...(parameters ? { selection: { selector: selector as number, parameters } } : {}),
        },
        as(reader),
      );
    return { get, touched };
  }

  const column = (i: number) => {
    const { classId, logicalName, attributeIndex, dataIndex } = columns[i] as (typeof columns)[0];
    const name = octets(Uint8Array.from(logicalName.split('.').map(Number)));
    return structureOf([u16(classId), name, i8(attributeIndex), u16(dataIndex)]);
  };
  const range = (from: Data, to: Data, selected: Data[] = [], by = 0) =>
    structureOf([column(by), from, to, arrayOf(selected)]);
  const rowsOf = (from: number, to: number, selected = [0, 1, 2]) =>
    arrayOf(
      Array.from({ length: Math.max(0, to - from + 1) }, (_, i) =>
        structureOf(selected.map((c) => row(from + i)[c] as Data)),
      ),
    );

  it('is given whole', () => {
    expect(value(profile(true).get())).toEqual(rowsOf(0, COUNT - 1));
  });

  for (const sorted of [true, false]) {
    describe(sorted ? 'sorted by its clock' : 'in no order', () => {
      it.each([
        ['both ends count', time(30), time(60), 2, 4],
        ['between rows', time(31), time(59), 3, 3],
        ['before the first', time(0, { year: 2025 }), time(0), 0, 0],
        ['after the last', time(15 * COUNT), time(15 * COUNT + 60), 1, 0],
        ['the wrong way round', time(60), time(30), 1, 0],
        ['an end left open', time(15 * 495), time(0, { year: 0xffff, month: 0xff, dayOfMonth: 0xff }), 495, 499],
        ['a beginning left open', time(0, { year: 0xffff, month: 0xff, dayOfMonth: 0xff }), time(16), 0, 1],
        [
          'a day with open time',
          time(0, { dayOfMonth: 2, hour: 255, minute: 255, second: 255, hundredths: 255 }),
          time(0, { dayOfMonth: 2, hour: 255, minute: 255, second: 255, hundredths: 255 }),
          96,
          191,
        ],
      ])('range: %s', (_, from, to, first, last) => {
        expect(value(profile(sorted).get(1, range(from, to)))).toEqual(rowsOf(first, last));
      });
    });
  }

  it('range: of columns, in the order asked', () => {
    expect(value(profile(true).get(1, range(time(15), time(30), [column(2), column(0)])))).toEqual(
      rowsOf(1, 2, [2, 0]),
    );
  });

  it('range: by a number', () => {
    expect(value(profile(true).get(1, range(u32(1003), u32(1004), [], 1)))).toEqual(rowsOf(3, 4));
  });

  it.each([
    ['some', 2, 4, 1, 0, rowsOf(1, 3)],
    ['to the last', 499, 0, 1, 0, rowsOf(498, 499)],
    ['beyond the last', 499, 9999, 1, 0, rowsOf(498, 499)],
    ['behind the last', 501, 0, 1, 0, rowsOf(1, 0)],
    ['columns', 1, 1, 2, 3, rowsOf(0, 0, [1, 2])],
    ['columns to the last', 1, 1, 3, 0, rowsOf(0, 0, [2])],
  ])('entry: %s', (_, from, to, fromColumn, toColumn, expected) => {
    const entry = structureOf([u32(from), u32(to), u16(fromColumn), u16(toColumn)]);
    expect(value(profile(true).get(2, entry))).toEqual(expected);
  });

  it.each([
    ['another selector', 3, u8(0)],
    ['a descriptor that is none', 1, u8(0)],
    [
      'a restricting object that is no column',
      1,
      structureOf([structureOf([u16(1), octets(new Uint8Array(6)), i8(2), u16(0)]), u8(0), u8(0), arrayOf([])]),
    ],
    ['a value that cannot be compared', 1, range(u8(1), u8(2))],
  ])('refuses %s', (_, selector, parameters) => {
    expect(value(profile(true).get(selector, parameters))).toBe(12);
  });

  it('makes no more rows than are taken', () => {
    const { get, touched } = profile(true);
    const reading = get(1, range(time(15 * 100), time(15 * 400)));
    if (!('octets' in reading)) throw new Error('octets were expected');
    reading.octets.take(100);
    expect(new Set(touched).size).toBeLessThan(40); // halving to find the ends, and the first few rows
  });
});
