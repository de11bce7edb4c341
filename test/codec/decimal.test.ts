import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateError } from '../../src/base/errors.js';
import { CosemDate, CosemDateTime, CosemTime } from '../../src/codec/datetime.js';
import { Decimal } from '../../src/codec/decimal.js';
import { boolValue, f32, f64, i8, i64, u32 } from '../../src/codec/make.js';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
  .map(([coefficient, exponent]) => new Decimal(coefficient, exponent));

describe('Decimal', () => {
  it.each([
    [u32(12_345_678), -3, '12345.678'],
    [u32(12_345_678), 0, '12345678'],
    [u32(5), 3, '5000'],
    [u32(0), 3, '0'],
    [i8(-5), -2, '-0.05'],
    [u32(1_000_000), -2, '10000.00'],
    [i64(-9_007_199_254_740_993n), -2, '-90071992547409.93'],
    [f32(Math.fround(230.1)), 0, '230.1'],
    [f32(Math.fround(0.1)), 3, '100'],
    [f32(Math.fround(16_777_216)), 0, '16777216'],
    [f32(Math.fround(1.17549435e-38)), 0, '0.000000000000000000000000000000000000011754944'],
    [f64(0.1), 0, '0.1'],
  ])('%o with scaler %i is %s', (data, scaler, text) => {
    expect(String(Decimal.of(data, scaler))).toBe(text);
  });

  it('is undefined for what is no number', () => {
    expect(Decimal.of(boolValue(true))).toBeUndefined();
    expect(Decimal.of(f32(Number.NaN))).toBeUndefined();
    expect(Decimal.of(f64(Number.POSITIVE_INFINITY))).toBeUndefined();
  });

  it('every float32 comes back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(String(Decimal.of(f32(value)))))).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 1000 },
    );
  });

  it('text comes back, digits behind the point kept', () => {
    expect(Decimal.parse('1.50')).toEqual(new Decimal(150n, -2));
    fc.assert(
      fc.property(decimal, (value) => {
        expect(Decimal.parse(String(value)).compare(value)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('adds and multiplies exactly', () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(a.plus(b).minus(b).compare(a)).toBe(0);
        expect(
          a
            .plus(b)
            .times(c)
            .compare(a.times(c).plus(b.times(c))),
        ).toBe(0);
      }),
      { numRuns: 1000 },
    );
    expect(String(Decimal.parse('0.1').plus(Decimal.parse('0.2')))).toBe('0.3');
  });

  it('goes into a register only whole', () => {
    expect(Decimal.parse('500.00').coefficientAt(-2)).toBe(50_000n);
    expect(Decimal.parse('500').coefficientAt(-2)).toBe(50_000n);
    expect(Decimal.parse('500.00').coefficientAt(0)).toBe(500n);
    expect(() => Decimal.parse('0.005').coefficientAt(-2)).toThrow('digits below');
  });

  it.each(['', 'abc', '1,5', '.5', '0x10', '1e99999'])('refuses %j', (text) => {
    expect(() => Decimal.parse(text)).toThrow();
  });

  it('never becomes a number by itself: what the language would compare or add wrongly throws and names the way', () => {
    const [nine, ten] = [new Decimal(9n), new Decimal(10n)];
    const coerced: readonly (() => unknown)[] = [
      () => nine < ten,
      () => nine > ten,
      () => nine <= ten,
      () => nine >= ten,
      () => (nine as unknown as number) + 1,
      () => (nine as unknown as string) + (ten as unknown as string),
      () => (nine as unknown as number) - (ten as unknown as number),
      () => (nine as unknown as number) * 2,
      () => -(nine as unknown as number),
      () => Number(nine),
      () => Math.max(nine as unknown as number, 1),
      // biome-ignore lint/suspicious/noDoubleEquals: what is tested is what == does
      () => (nine as unknown) == 9,
      () => [nine, ten].map((value) => value as unknown as number).reduce((a, b) => a + b),
    ];
    for (const make of coerced) {
      expect(make).toThrow(StateError);
      expect(make).toThrow('the Decimal 9 does not become a number by itself');
      expect(make).toThrow(
        expect.objectContaining({ hint: expect.stringMatching(/compare\(\).*plus\(\).*toNumber\(\).*toString\(\)/) }),
      );
    }
    const exact = new Decimal(1_234_567_890_123_456_789_012n, -3);
    expect(`${exact} Wh`).toBe('1234567890123456789.012 Wh');
    expect(String(exact)).toBe('1234567890123456789.012');
    expect([exact].join()).toBe('1234567890123456789.012');
    expect(JSON.stringify({ exact })).toBe('{"exact":"1234567890123456789.012"}');
  });

  it('says by methods what the operators do not: equals, sum, rounded', () => {
    expect(new Decimal(150n, -2).equals(new Decimal(15n, -1))).toBe(true);
    expect(new Decimal(150n, -2).equals(new Decimal(151n, -2))).toBe(false);
    expect(String(Decimal.sum([]))).toBe('0');
    expect(String(Decimal.sum(['0.1', '0.2', '3'].map(Decimal.parse)))).toBe('3.3');
    const rounded = (text: string, digits: number) => String(Decimal.parse(text).rounded(digits));
    expect(rounded('1.005', 2)).toBe('1.01');
    expect(rounded('-1.005', 2)).toBe('-1.01');
    expect(rounded('1.0049', 2)).toBe('1.00');
    expect(rounded('-0.4', 0)).toBe('0');
    expect(rounded('7', 2)).toBe('7.00');
    expect(rounded('1250', -2)).toBe('1300');
    expect(() => Decimal.parse('1').rounded(0.5)).toThrow(StateError);
  });
});

it('has its text, as readings and dates have', () => {
  expect(new Decimal(-125n, -2).text).toBe('-1.25');
  const time = new CosemDateTime({ year: 2026, month: 11, dayOfMonth: 23, hour: 14, minute: 5, second: 0 });
  const date = new CosemDate({ year: 2026, month: 11, dayOfMonth: 23 });
  expect([time.text, date.text, new CosemTime({ hour: 14 }).text]).toEqual([
    time.toText(),
    '2026-11-23',
    new CosemTime({ hour: 14 }).toText(),
  ]);
});
