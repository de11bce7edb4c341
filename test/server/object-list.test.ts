/** Selective access to the object list of an association. */

import { describe, expect, it } from 'vitest';
import { decodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { arrayOf, nullValue, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import { DataClass, Register } from '../../src/cosem/classes/storage.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { attribute, pump, setup } from '../session/harness.js';

const reader: AssociationDefinition = {
  client: 16,
  name: 'reader',
  logicalName: '0.0.40.0.1.255',
  context: 'ln',
  mechanism: 0,
  conformance: 0x001014,
  maxReceivePduSize: 0xffff,
  maxSendPduSize: 0xffff,
};
const context = { client: 16, association: reader, authenticated: false, now: 0 };
const name = (...bytes: number[]) => octets(Uint8Array.from(bytes));
const CURRENT = name(0, 0, 40, 0, 0, 255);
const ENERGY = name(1, 0, 1, 8, 0, 255);
const SERIAL = name(0, 0, 96, 1, 0, 255);
const id = (classId: number, logicalName: Data) => structureOf([u16(classId), logicalName]);

function read(selector?: number, parameters: Data = nullValue()): Data | number {
  const device = new LogicalDevice();
  device.associate(reader);
  device.add(object(Register, '1.0.1.8.0.255', { value: u32(1), scalerUnit: { scaler: 0, unit: 'Wh' } }));
  device.add(object(DataClass, '0.0.96.1.0.255', { value: u8(1) }));
  device.add(object(DataClass, '0.0.96.1.1.255', { value: u8(2) }, { 32: {} }));
  const selection = selector === undefined ? {} : { selection: { selector, parameters } };
  const reading = device.get({ ...attribute(15, '0.0.40.0.0.255', 2), ...selection }, context);
  if ('error' in reading) return reading.error;
  return 'data' in reading ? reading.data : decodeData(reading.octets.take(100_000));
}

const elements = (list: Data | number) => (list as Data).value as readonly Data[];
const whole = elements(read());

describe('the object list', () => {
  it('is given whole, and says which selectors it knows', () => {
    expect(whole.length).toBe(4);
    const [, , , rights] = whole[0]!.value as readonly Data[];
    const [attributes] = rights!.value as readonly Data[];
    const [, list] = attributes!.value as readonly Data[];
    expect((list!.value as readonly Data[])[2]).toEqual(
      arrayOf([1, 2, 3, 4].map((value) => ({ type: 'integer', value }))),
    );
  });

  it('1: without access rights', () => {
    expect(elements(read(1))).toEqual(whole.map((e) => structureOf((e.value as readonly Data[]).slice(0, 3))));
  });

  it('2: by class, without access rights', () => {
    expect(read(2, arrayOf([u16(3), u16(99)]))).toEqual(arrayOf([structureOf([u16(3), u8(0), ENERGY])]));
    expect(elements(read(2, arrayOf([u16(15)])))).toHaveLength(2);
  });

  it('3: by a list of objects, in the order of the list of objects', () => {
    const asked = arrayOf([id(1, SERIAL), id(15, CURRENT), id(3, SERIAL)]);
    expect(elements(read(3, asked))).toEqual([whole[0], whole[3]]);
  });

  it('4: one object, or none', () => {
    expect(elements(read(4, id(3, ENERGY)))).toEqual([whole[2]]);
    expect(elements(read(4, id(1, ENERGY)))).toEqual([]);
    expect(elements(read(4, id(1, name(0, 0, 96, 1, 1, 255))))).toEqual([]);
  });

  it.each<[string, number, Data]>([
    ['a selector that there is not', 5, nullValue()],
    ['parameters for selector 1', 1, u8(1)],
    ['a class that is no number', 2, arrayOf([u8(3)])],
    ['a list that is none', 3, id(1, SERIAL)],
    ['an object without name', 4, structureOf([u16(3)])],
  ])('refuses %s', (_, selector, parameters) => {
    expect(read(selector, parameters)).toBe(12);
  });

  it('is selected from only where selective access was negotiated', () => {
    const get = (conformance: number) => {
      const { client, wire } = setup({ conformance });
      pump(client.associate(), wire);
      const selection = { selector: 4, parameters: id(3, ENERGY) };
      return pump(client.get([{ ...attribute(15, '0.0.40.0.0.255', 2), selection }]), wire)[0];
    };
    expect(get(0x000014)).toHaveProperty('data');
    expect(get(0x000010)).toEqual({ error: 13 });
  });
});
