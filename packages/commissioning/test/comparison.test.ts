import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACCURACY_CLASSES,
  type AccuracyClass,
  compareMeters,
  leastCounts,
  percentText,
} from '../src/comparison/compare.js';

const LIMIT: Readonly<Record<AccuracyClass, number>> = { '0.2S': 2, '0.5S': 5, '1': 10, '2': 20 };
const accuracy = fc.constantFrom(...ACCURACY_CLASSES);

describe('two meters', () => {
  test('that each show a true energy within their class are within, whatever they count in', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 12n, max: 10n ** 15n }),
        accuracy,
        accuracy,
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 0, max: 4 }),
        (energy, one, other, errorOne, errorOther, scaler) => {
          const counts = (error: number, limit: number) => (energy * BigInt(1_000_000 + error * limit)) / 1_000_000n;
          const tested = { counts: counts(errorOne, LIMIT[one]), scaler: 0, accuracy: one };
          const check = {
            counts: counts(errorOther, LIMIT[other]) * 10n ** BigInt(scaler),
            scaler: -scaler,
            accuracy: other,
          };
          // Counts are whole: at the very limit one may be cut off.
          if (Math.abs(errorOne) === 1000 || Math.abs(errorOther) === 1000) return;
          expect(compareMeters(tested, check).verdict).toBe('within');
        },
      ),
    );
  });

  test('that differ by more than both classes allow are outside', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 6n, max: 10n ** 12n }),
        accuracy,
        accuracy,
        fc.integer({ min: 1, max: 900 }),
        fc.boolean(),
        (energy, one, other, beyond, more) => {
          const both = LIMIT[one] + LIMIT[other] + 1 + beyond;
          const counts = more
            ? (energy * BigInt(1000 + both)) / 1000n
            : (energy * BigInt(Math.max(0, 1000 - both))) / 1000n;
          const result = compareMeters(
            { counts, scaler: 0, accuracy: one },
            { counts: energy, scaler: 0, accuracy: other },
          );
          expect(['outside', 'too-little']).toContain(result.verdict);
          if (counts >= leastCounts(one)) expect(result.verdict).toBe('outside');
        },
      ),
    );
  });

  test('are at their limits to the last count', () => {
    const check = { counts: 1_000_000n, scaler: 0, accuracy: '0.2S' } as const;
    // 1,000,000 × 1.01 / 0.998 = 1,012,024.05
    expect(compareMeters({ counts: 1_012_024n, scaler: 0, accuracy: '1' }, check)).toEqual({
      difference: 12_024n,
      verdict: 'within',
      tooLittle: [],
    });
    expect(compareMeters({ counts: 1_012_025n, scaler: 0, accuracy: '1' }, check).verdict).toBe('outside');
  });

  test('with too few counts have no verdict, and it is said how many are needed', () => {
    const tested = { counts: 999n, scaler: 0, accuracy: '1' } as const;
    const check = { counts: 5000n, scaler: -1, accuracy: '0.2S' } as const;
    expect(compareMeters(tested, check)).toMatchObject({
      verdict: 'too-little',
      tooLittle: [{ meter: 'tested', counts: 999n, least: 1000n }],
    });
    expect(compareMeters({ ...tested, counts: 1000n }, check).verdict).toBe('outside');
    expect(compareMeters({ ...tested, counts: 0n }, { ...check, counts: 0n })).toMatchObject({ difference: null });
  });

  test('that count backwards or have no scaler are refused', () => {
    const one = { counts: 1n, scaler: 0, accuracy: '1' } as const;
    expect(() => compareMeters({ ...one, counts: -1n }, one)).toThrow(RangeError);
    expect(() => compareMeters(one, { ...one, scaler: 0.5 })).toThrow(RangeError);
    expect(() => compareMeters(one, { ...one, scaler: 100 })).toThrow(RangeError);
  });

  test('swap their difference’s sign with their places', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 10n ** 9n }), (a, b) => {
        const [one, other] = [a, b].map((counts) => ({ counts, scaler: 0, accuracy: '1' as const }));
        const [there, back] = [compareMeters(one!, other!), compareMeters(other!, one!)];
        expect(there.verdict === 'within').toBe(back.verdict === 'within');
        expect(there.difference! > 0n).toBe(a > b && there.difference !== 0n);
      }),
    );
  });
});

test.each([
  [12_345n, '1.2345'],
  [-12_345n, '-1.2345'],
  [0n, '0.0000'],
  [7n, '0.0007'],
  [-1_000_000n, '-100.0000'],
])('%s millionths are %s %%', (millionths, text) => expect(percentText(millionths)).toBe(text));
