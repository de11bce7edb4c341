import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { Reader, Writer } from '../../src/base/cursor.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import {
  berInteger,
  expectBer,
  oidFromText,
  oidToText,
  readBer,
  readBerBits,
  readBerInteger,
  readBerLength,
  writeBer,
  writeBerWith,
} from '../../src/codec/ber.js';

const RUNS = { numRuns: 1000 };

describe('elements', () => {
  test('come back with their tag and contents', () => {
    const tags = fc.nat({ max: 255 }).filter((tag) => (tag & 0x1f) !== 0x1f);
    fc.assert(
      fc.property(fc.array(fc.tuple(tags, fc.uint8Array({ maxLength: 300 })), { maxLength: 4 }), (elements) => {
        const w = new Writer();
        writeBerWith(w, 0x60, (inner) => {
          for (const [tag, contents] of elements) writeBer(inner, tag, contents);
        });
        const r = new Reader(w.finish());
        const inner = expectBer(r, 0x60, 'AARQ');
        const found: [number, Uint8Array][] = [];
        while (inner.remaining > 0) {
          const { tag, contents } = readBer(inner);
          found.push([tag, contents.rest()]);
        }
        expect(found).toEqual(elements);
        r.done();
      }),
      RUNS,
    );
  });

  test('of any octets are elements or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const r = new Reader(bytes);
        try {
          while (r.remaining > 0) {
            const { contents, offset } = readBer(r);
            expect(contents.end).toBe(r.offset);
            expect(offset).toBeLessThan(r.offset);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      RUNS,
    );
  });

  test('keep the offsets of the whole message', () => {
    const outer = readBer(new Reader(fromHex('600A A203020100 BE03 04017F'))).contents;
    readBer(outer);
    expect(readBer(outer)).toMatchObject({ tag: 0xbe, offset: 7, contents: { offset: 9, end: 12 } });
  });

  test.each([
    ['6180A100', 'bad-length', 'an indefinite length'],
    ['6185000000000100', 'bad-length', 'a length of 5 octets'],
    ['6184FFFFFFFF00', 'truncated', '4294967295 octets expected'],
    ['610300', 'truncated', '3 octets expected, 1 left'],
    ['618201', 'truncated', '2 octets expected'],
    ['61', 'truncated', '1 octet expected'],
    ['5F1F0400', 'bad-tag', 'several octets'],
  ])('%s is refused as %s', (hex, reason, message) => {
    const read = () => readBer(new Reader(fromHex(hex)));
    expect(read).toThrow(expect.objectContaining({ reason }));
    expect(read).toThrow(message);
  });

  test('of another tag are refused by name', () => {
    expect(() => expectBer(new Reader(fromHex('0400')), 0x06, 'mechanism-name')).toThrow(
      'mechanism-name: tag 0x06 expected, 0x04 found (bad-tag at octet 0)',
    );
    expect(() => expectBer(new Reader(fromHex('')), 0x06, 'mechanism-name')).toThrow(DecodeError);
  });

  test('have lengths in every definite form', () => {
    for (const hex of ['05', '8105', '820005', '83000005', '8400000005']) {
      expect(readBerLength(new Reader(fromHex(hex)))).toBe(5);
    }
  });
});

describe('INTEGER', () => {
  test('comes back, in its shortest form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.integer({ min: -300, max: 300 })), (value) => {
        const bytes = berInteger(value);
        expect(readBerInteger(new Reader(bytes))).toBe(value);
        const fits = bytes.length === 1 || Math.abs(value + 0.5) > 2 ** (8 * (bytes.length - 1) - 1);
        expect(fits).toBe(true);
      }),
      RUNS,
    );
    expect([0, 127, 128, -128, -129, 65_535].map((value) => toHex(berInteger(value)))).toEqual([
      '00',
      '7F',
      '0080',
      '80',
      'FF7F',
      '00FFFF',
    ]);
  });

  test('empty, too long or too large is refused', () => {
    expect(() => readBerInteger(new Reader(fromHex('')))).toThrow(DecodeError);
    expect(() => readBerInteger(new Reader(fromHex('0000000001')))).toThrow(DecodeError);
    expect(() => berInteger(2 ** 31)).toThrow(StateError);
    expect(() => berInteger(0.5)).toThrow(StateError);
  });
});

describe('BIT STRING', () => {
  test('tells its length', () => {
    expect(readBerBits(new Reader(fromHex('0780')))).toEqual({ bytes: fromHex('80'), length: 1 });
    expect(readBerBits(new Reader(fromHex('00')))).toEqual({ bytes: fromHex(''), length: 0 });
  });

  test.each(['', '0880', '01'])('%s is refused', (hex) => {
    expect(() => readBerBits(new Reader(fromHex(hex)))).toThrow(DecodeError);
  });
});

describe('OBJECT IDENTIFIER', () => {
  test('comes back', () => {
    const arcs = fc
      .tuple(fc.nat({ max: 2 }), fc.nat({ max: 39 }), fc.array(fc.nat(), { maxLength: 8 }))
      .map(([root, second, rest]) => [root, second, ...rest].join('.'));
    fc.assert(
      fc.property(arcs, (text) => {
        expect(oidToText(oidFromText(text))).toBe(text);
      }),
      RUNS,
    );
  });

  test('of DLMS contexts and of large second arcs', () => {
    expect(oidToText(fromHex('60857405080101'))).toBe('2.16.756.5.8.1.1');
    expect(toHex(oidFromText('2.16.756.5.8.2.5'))).toBe('60857405080205');
    expect(oidToText(oidFromText('2.999.3'))).toBe('2.999.3');
  });

  test.each([
    ['', 'truncated'],
    ['60857405080181', 'truncated'],
    ['608001', 'bad-value'],
    ['60FFFFFFFFFFFFFFFFFF7F', 'bad-value'],
  ])('%s is refused as %s', (hex, reason) => {
    expect(() => oidToText(fromHex(hex))).toThrow(expect.objectContaining({ reason }));
  });

  test.each(['', '1', '3.1', '1.40', '1.2.x', '1..2', '-1.2'])('text %s is refused', (text) => {
    expect(() => oidFromText(text)).toThrow(StateError);
  });
});
