import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
});
