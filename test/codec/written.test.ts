/** Values to send, as people write them. */
import { describe, expect, it } from 'vitest';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { bits, boolValue, f32, nullValue, octets, structureOf, u8, u16, utf8, visible } from '../../src/codec/make.js';
import { parseData, saysType } from '../../src/codec/written.js';

const latin = (text: string) => octets(new TextEncoder().encode(text));
const time = (fields: object) => new CosemDateTime({ hundredths: 0, ...fields });

describe('a value that says its type', () => {
  it.each([
    ['long-unsigned=900', u16(900)],
    ['visible-string=a=b', visible('a=b')],
    ['visible-string=', visible('')],
    ['utf8-string=नमस्ते\nfoo', utf8('नमस्ते\nfoo')],
    ['octet-string=01 02', octets(Uint8Array.of(1, 2))],
    ['boolean=true', boolValue(true)],
    ['float32=1.5', f32(1.5)],
    ['null-data=', nullValue()],
    ['bit-string=101', bits('101')],
    [' {"structure": [{"unsigned": 1}]}', structureOf([u8(1)])],
  ])('%s', (text, value) => {
    expect(saysType(text)).toBe(true);
    // Whatever the attribute holds.
    for (const like of [undefined, u8(1), latin('text')]) expect(parseData(text, like)).toEqual(value);
  });

  it('a date-time may be written as people do, or in hexadecimal', () => {
    const octetsOf = (text: string) => CosemDateTime.fromBytes(parseData(`date-time=${text}`).value as Uint8Array);
    const local = time({ year: 2026, month: 11, dayOfMonth: 23, hour: 14, minute: 5, second: 0 });
    expect(octetsOf('2026-11-23 14:05').toText()).toBe(local.toText());
    expect(octetsOf('07EA0B17010E0500FFFEB600').deviation).toBe(-330);
  });
});

describe('text alone', () => {
  it.each(['900', '', '2026-11-23', 'Long=5', '-5=5'])('%j does not say its type', (text) => {
    expect(saysType(text)).toBe(false);
    expect(() => parseData(text)).toThrow(`'${text}' does not say its type`);
  });

  it.each([
    ['900', u16(5), u16(900)],
    ['false', boolValue(true), boolValue(false)],
    ['Namaste', visible('hello'), visible('Namaste')],
    ['Namaste', latin('hello'), latin('Namaste')],
    ['text:0102', latin('hello'), latin('0102')],
    ['hex:0102', latin('hello'), octets(Uint8Array.of(1, 2))],
    ['hex:0102', octets(Uint8Array.of(0xff)), octets(Uint8Array.of(1, 2))],
  ])('%j is read in the type of what is held', (text, like, value) => {
    expect(parseData(text, like)).toEqual(value);
  });

  it.each<[string, Data]>([
    ['0102', octets(Uint8Array.of(0xff))],
    ['0102', latin('00 ff')],
    ['hello', octets(new Uint8Array())],
  ])('%j is refused where it may be text or hexadecimal', (text, like) => {
    expect(() => parseData(text, like)).toThrow(`'${text}' may be text or hexadecimal`);
  });

  it.each<Data>([nullValue(), structureOf([u8(1)])])('is refused where $type is held', (like) => {
    expect(() => parseData('5', like)).toThrow(`the attribute holds ${like.type} now`);
  });

  it.each([
    ['2026-11-23 14:05', 'unspecified', 14],
    ['2026-11-23 14:05+05:30', -330, 14],
    ['2026-11-23 14:05 -0330 ', 210, 14],
    ['2026-11-23 14:05Z', 0, 14],
  ])('%j is a time in an octet-string, with the offset that is given', (text, deviation, hour) => {
    const written = CosemDateTime.fromBytes(parseData(text, octets(new Uint8Array(12))).value as Uint8Array);
    expect(written).toMatchObject({ deviation: deviation === 'unspecified' ? -0x8000 : deviation, hour, minute: 5 });
  });
});

describe('what is no value is refused with a hint', () => {
  it.each([
    ['{"unsigned": 5', 'the value is not JSON'],
    ['{"unsigned": 300}', 'unsigned'],
    ['nosuch=5', "'nosuch' is no type of Data"],
    ['long-unsigned=many', 'long-unsigned'],
    ['date-time=2026-13-45', 'that there is not'],
  ])('%s', (text, words) => {
    expect(() => parseData(text)).toThrow(
      expect.objectContaining({ code: 'state', message: expect.stringContaining(words) }),
    );
  });

  it('says how a value is written', () => {
    expect(() => parseData('5')).toThrow(expect.objectContaining({ hint: expect.stringContaining('TYPE=VALUE') }));
  });
});
