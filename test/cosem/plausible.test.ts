/** Which values can be those of an attribute. */

import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { parseLogicalName } from '../../src/base/obis.js';
import { decodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import {
  arrayOf,
  boolValue,
  enumValue,
  f32,
  i8,
  i16,
  nullValue,
  octets,
  structureOf,
  u8,
  u16,
  u32,
  u64,
  visible,
} from '../../src/codec/make.js';
import { canBe, type ValueKind } from '../../src/cosem/plausible.js';

const of = (text: string) => {
  const [classId = '', name = '', attribute = ''] = text.split(':');
  return { classId: Number(classId), logicalName: parseLogicalName(`${name}.255`), attributeId: Number(attribute) };
};
const date = octets(fromHex('07E90C0E07100000FF800000'));
const scaler = (code: number) => structureOf([i8(0), enumValue(code)]);
const text = octets(fromLatin1('KFM1200030111'));

describe('values that can be', () => {
  test.each<[string, Data, ValueKind?]>([
    ['3:1.0.1.8.0:2', u32(5)],
    ['3:1.0.1.8.0:2', u64(5n)],
    ['3:1.0.1.8.0:2', f32(5)],
    ['3:1.0.1.8.0:2', nullValue()],
    ['3:1.0.13.7.0:2', i8(98)],
    ['3:0.0.96.9.0:2', i8(21)],
    ['3:1.0.1.8.0:3', scaler(30)],
    ['3:1.0.1.8.0:3', scaler(255)],
    ['3:1.0.32.7.0:3', scaler(35)],
    ['3:1.0.51.7.0:3', scaler(33)],
    ['3:0.1.24.2.1:3', scaler(13)],
    ['3:1.0.1.8.0:3', structureOf([i8(0), u8(30)])],
    ['4:1.0.1.6.0:4', u8(0)],
    ['4:1.0.1.6.0:5', date],
    ['8:0.0.1.0.0:2', date],
    ['8:0.0.1.0.0:2', { type: 'date-time', value: fromHex('07E90C0E00100000FF800000') }],
    ['8:0.0.1.0.0:2', octets(new Uint8Array(12).fill(0xff))],
    ['8:0.0.1.0.0:3', i16(-330)],
    ['8:0.0.1.0.0:4', u8(0)],
    ['1:0.0.42.0.0:2', text],
    ['1:0.0.42.0.0:2', visible('KFM1200030111')],
    ['1:0.0.42.0.0:2', octets(fromHex('4B464D3132303030333031310000'))],
    ['1:0.0.43.1.3:2', u32(7)],
    ['1:0.0.94.91.9:2', u8(6), { 6: 'single phase' }],
    ['1:0.0.96.77.7:2', date],
    ['3:1.0.1.8.0:1', octets(fromHex('0100010800FF'))],
    ['70:0.0.96.3.10:2', boolValue(true)],
    ['70:0.0.96.3.10:3', enumValue(1)],
    ['7:1.0.99.1.0:2', arrayOf([])],
    ['200:0.0.1.2.3:9', date],
  ])('%s', (name, value, kind) => expect(canBe(of(name), value, kind)).toBe(true));
});

describe('values that cannot', () => {
  test.each<[string, Data, ValueKind?]>([
    ['3:1.0.1.8.0:2', date],
    ['3:1.0.1.8.0:2', u8(0)],
    ['3:1.0.1.8.0:2', enumValue(1)],
    ['3:1.0.1.8.0:2', boolValue(true)],
    ['3:1.0.1.8.0:2', scaler(30)],
    ['3:0.0.96.9.0:2', octets(fromHex('01'))],
    ['5:1.0.1.4.0:3', text],
    ['3:1.0.1.8.0:3', u32(5)],
    ['3:1.0.1.8.0:3', scaler(35)],
    ['3:1.0.9.8.0:3', scaler(30)],
    ['3:1.0.32.7.0:3', scaler(33)],
    ['4:1.0.1.6.0:5', u32(1)],
    ['8:0.0.1.0.0:2', octets(fromLatin1('123456789012'))],
    ['8:0.0.1.0.0:2', u8(0)],
    ['8:0.0.1.0.0:3', date],
    ['8:0.0.1.0.0:4', i16(-330)],
    ['1:0.0.42.0.0:2', date],
    ['1:0.0.42.0.0:2', u32(5)],
    ['1:0.0.94.91.9:2', u8(9), { 6: 'single phase' }],
    ['1:0.0.94.91.9:2', date, { 6: 'single phase' }],
    ['1:0.0.94.96.24:2', date, 'number'],
    ['1:0.0.94.96.25:2', u32(5), 'date-time'],
    ['3:1.0.1.8.0:1', octets(fromHex('0100020800FF'))],
    ['70:0.0.96.3.10:2', enumValue(1)],
    ['70:0.0.96.3.10:3', enumValue(9)],
    ['70:0.0.96.3.10:3', u32(1)],
    ['7:1.0.99.1.0:2', u16(1)],
    ['7:1.0.99.1.0:3', arrayOf([u8(1)])],
    ['7:1.0.99.1.0:4', decodeData(fromHex('090C07E90C0E07100000FF800000'))],
  ])('%s', (name, value, kind) => expect(canBe(of(name), value, kind)).toBe(false));
});
