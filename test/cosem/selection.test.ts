/** Selective access stands in the declaration: the client's selections and what a server reads come from it. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { AccessError, DecodeError, StateError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { arrayOf, i8, nullValue, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import { int16 } from '../../src/codec/types.js';
import type { AccessSelection } from '../../src/contracts/services.js';
import { attr, clientObject, cosemClass, untypedObject } from '../../src/cosem/class.js';
import { AssociationLnV0, AssociationLnV1, AssociationLnV2 } from '../../src/cosem/classes/access.js';
import { ProfileGenericV0, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { type SelectedRef, selected } from '../../src/cosem/selected.js';
import { type SelectionOf, selectionOf, selectorIds } from '../../src/cosem/selection.js';

const { buffer } = clientObject(ProfileGenericV1, '1.0.99.1.0.255');
const clockTime = { classId: 8, logicalName: '0.0.1.0.0.255', attributeIndex: 2, dataIndex: 0 };
const read = (selection: AccessSelection) => selectionOf(buffer.selectors, selection, 'buffer');

describe('the buffer of a profile', () => {
  const time = (hex: string) => octets(fromHex(hex));
  test('range_descriptor', () => {
    const range = {
      restrictingObject: clockTime,
      fromValue: time('07E10A010700000000FFC480'),
      toValue: time('07E10A010701000000FFC480'),
      selectedValues: [],
    };
    const { selection } = selected(buffer, 'range', range);
    expect(read(selection)).toEqual({ by: 'range', parameters: range });
    // IEC 62056-5-3, as in the vector xdlms-get-request-range
    const attribute = { classId: 7, instanceId: fromHex('0100630100FF'), attributeId: 2, selection };
    expect(toHex(encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute }))).toBe(
      'C001C100070100630100FF0201010204020412000809060000010000FF0F02120000090C07E10A010700000000FFC480090C07E10A010701000000FFC4800100',
    );
  });

  test('range_descriptor with columns', () => {
    const column = { classId: 3, logicalName: '1.0.1.8.0.255', attributeIndex: 2, dataIndex: 0 };
    const range = {
      restrictingObject: clockTime,
      fromValue: u32(1),
      toValue: u32(2),
      selectedValues: [column, clockTime],
    };
    expect(read(selected(buffer, 'range', range).selection)).toEqual({ by: 'range', parameters: range });
  });

  test('entry_descriptor', () => {
    const entry = { fromEntry: 1, toEntry: 0, fromSelectedValue: 1, toSelectedValue: 0 };
    const { selection } = selected(buffer, 'entry', entry);
    expect(read(selection)).toEqual({ by: 'entry', parameters: entry });
    expect(selection).toEqual({ selector: 2, parameters: structureOf([u32(1), u32(0), u16(1), u16(0)]) });
    expect(() => selected(buffer, 'entry', { ...entry, fromEntry: -1 })).toThrow(StateError);
  });

  test('what does not fit is named', () => {
    const { selection: good } = selected(buffer, 'range', {
      restrictingObject: clockTime,
      fromValue: u8(1),
      toValue: u8(2),
      selectedValues: [],
    });
    const parts = good.parameters.value as never[];
    const withPart = (index: number, part: unknown) => ({
      selector: 1,
      parameters: structureOf(parts.map((old, i) => (i === index ? (part as never) : old))),
    });
    expect(() => read({ selector: 3, parameters: good.parameters })).toThrow(AccessError);
    expect(() => read({ selector: 2, parameters: good.parameters })).toThrow(DecodeError);
    expect(() => read({ selector: 1, parameters: u8(1) })).toThrow(DecodeError);
    expect(() => read({ selector: 1, parameters: structureOf([]) })).toThrow('0 elements');
    expect(() => read(withPart(3, u8(1)))).toThrow('selectedValues');
    expect(() => read(withPart(3, arrayOf([structureOf([u16(1), u8(2), i8(2), u16(0)])])))).toThrow(
      'selectedValues.0.logicalName',
    );
    expect(() => read(withPart(0, structureOf([u8(1), octets(new Uint8Array(6)), i8(2), u16(0)])))).toThrow(
      'restrictingObject.classId',
    );
    expect(() => read({ selector: 2, parameters: structureOf([u32(1), u32(0), u16(1), u8(0)]) })).toThrow(
      'toSelectedValue',
    );
  });
});

test("an attribute without selectors is read as a whole; a maker's own selector goes by its number", () => {
  const { value } = clientObject(Register, '1.0.1.8.0.255');
  // @ts-expect-error a register is not read in parts
  expect(() => selected(value, 'range', undefined)).toThrow("'value' of class 3 has no selector 'range'");
  // @ts-expect-error nor is there such a selector
  expect(() => selected(buffer, 'month', undefined)).toThrow(
    expect.objectContaining({ message: "'buffer' of class 7 has no selector 'month'", hint: 'one of range, entry' }),
  );
  const made = selected(untypedObject(8192, 0, '0.0.128.0.0.255').attribute(2), {
    selector: 200,
    parameters: nullValue(),
  });
  expect(made).toMatchObject({ attributeId: 2, selection: { selector: 200 } });
  expectTypeOf(made).toEqualTypeOf<SelectedRef<Data>>();
  expect(() => selectionOf(undefined, made.selection, '3:1.0.1.8.0.255:2')).toThrow(/no selector 200/);
});

test('a selector that every object of JavaScript has is none', () => {
  const profile = clientObject(ProfileGenericV1, '1.0.99.1.0.255');
  for (const name of ['toString', 'constructor', '__proto__']) {
    expect(() => selected(profile.buffer, name as 'range', {} as never)).toThrow(/has no selector/);
  }
});

test('what can be asked for comes with the class and its versions', () => {
  for (const { attributes } of [ProfileGenericV0, ProfileGenericV1]) {
    expect(selectorIds(attributes.buffer.selectors)).toEqual([1, 2]);
  }
  for (const { attributes } of [AssociationLnV0, AssociationLnV1, AssociationLnV2]) {
    expect(selectorIds(attributes.objectList.selectors)).toEqual([1, 2, 3, 4]);
  }
  expect(selectorIds(attr(2, int16).selectors)).toBeUndefined();
  const { objectList } = clientObject(AssociationLnV1, '0.0.40.0.0.255');
  expect(selected(objectList, 'classes', [3, 4]).selection).toEqual({
    selector: 2,
    parameters: arrayOf([u16(3), u16(4)]),
  });
  expectTypeOf<SelectionOf<NonNullable<typeof objectList.selectors>>['by']>().toEqualTypeOf<
    'all' | 'classes' | 'objects' | 'object'
  >();
});

test('a declaration keeps what it says of its members', () => {
  const own = cosemClass({
    name: 'Own',
    id: 8200,
    version: 0,
    clause: '1.2',
    attributes: { pin: attr(2, int16, { secret: true, access: { utility: 'write-only' }, clause: '1.3' }) },
  });
  expect(own.clause).toBe('1.2');
  expect(own.attributes.pin).toMatchObject({ static: false, secret: true, clause: '1.3' });
});
