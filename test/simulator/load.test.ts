import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK, type Energies, Load, minus } from '../../simulator/load.js';

const DAY = 86_400;
/** 2026-01-01 in days since 1970. */
const YEAR = 20_454;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const times = fc.integer({ min: YEAR * DAY, max: (YEAR + 365) * DAY });

function kinds(e: Energies): number[] {
  return [e.activeImport, e.apparentImport, e.activeExport, e.apparentExport];
}

describe('a household', () => {
  test('is decided by its seed: a second one is the same, another seed is another', () => {
    fc.assert(
      fc.property(seeds, times, times, (seed, a, b) => {
        const one = new Load({ seed });
        one.sinceMidnight(b);
        expect(one.sinceMidnight(a)).toEqual(new Load({ seed }).sinceMidnight(a));
      }),
      { numRuns: 1000 },
    );
    const days = (seed: number) => Array.from({ length: 30 }, (_, i) => new Load({ seed }).day(YEAR + i).activeImport);
    expect(days(1)).not.toEqual(days(2));
  });

  test('energies are whole joules, never fall, and apparent energy is never below active', () => {
    const load = (seed: number, solarPeak: number) => new Load({ seed, solarPeak });
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 3000), times, fc.integer({ min: 0, max: 7200 }), (seed, sun, time, on) => {
        const household = load(seed, sun);
        const end = Math.min(time + on, (Math.floor(time / DAY) + 1) * DAY - 1);
        const used = minus(household.sinceMidnight(end), household.sinceMidnight(time));
        for (const energy of kinds(used)) {
          expect(Number.isSafeInteger(energy)).toBe(true);
          expect(energy).toBeGreaterThanOrEqual(0);
        }
        const whole = household.day(Math.floor(time / DAY));
        expect(whole.apparentImport).toBeGreaterThanOrEqual(whole.activeImport);
        expect(whole.apparentExport).toBeGreaterThanOrEqual(whole.activeExport);
      }),
      { numRuns: 1000 },
    );
  });

  test('a day is the sum of its seconds, its blocks and its minutes', () => {
    const load = new Load({ seed: 3 });
    const start = (YEAR + 150) * DAY;
    const end = minus(load.day(YEAR + 150), load.sinceMidnight(start + DAY - 1));
    expect(kinds(end).every((energy) => energy >= 0 && energy < 6000)).toBe(true);
    let sum = 0;
    for (let at = start; at < start + DAY; at += 60) sum += load.flow(at).active * 60;
    // Power is shown in whole watts, energy is not rounded.
    expect(Math.abs(sum - load.day(YEAR + 150).activeImport)).toBeLessThan(1440 * 30);
    let blocks = 0;
    for (let at = start; at < start + DAY - BLOCK; at += BLOCK) {
      blocks += load.sinceMidnight(at + BLOCK).activeImport - load.sinceMidnight(at).activeImport;
    }
    expect(blocks).toBe(load.sinceMidnight(start + DAY - BLOCK).activeImport);
  });

  test('has an evening peak, hot summers, a fridge, and never goes above its peak', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const load = new Load({ seed });
      const month = (first: number) =>
        Array.from({ length: 30 }, (_, i) => load.day(first + i).activeImport).reduce((a, b) => a + b) / 3.6e6;
      expect(month(YEAR + 140)).toBeGreaterThan(month(YEAR + 300));
      expect(month(YEAR)).toBeGreaterThan(60);
      expect(month(YEAR + 140)).toBeLessThan(1000);
      const between = (from: number, to: number) => {
        let sum = 0;
        for (let day = YEAR; day < YEAR + 30; day++) {
          sum +=
            load.sinceMidnight(day * DAY + to * 3600).activeImport -
            load.sinceMidnight(day * DAY + from * 3600).activeImport;
        }
        return sum / (to - from);
      };
      expect(between(18, 21)).toBeGreaterThan(1.4 * between(13, 16));
      const powers = Array.from({ length: 2880 }, (_, i) => load.flow((YEAR + 130) * DAY + i * 60).active);
      expect(Math.max(...powers)).toBeLessThan(load.peak);
      expect(Math.min(...powers)).toBeGreaterThan(60);
      expect(new Set(powers).size).toBeGreaterThan(200);
    }
  });

  test('with a solar roof exports at noon and not at night', () => {
    const load = new Load({ seed: 4, solarPeak: 3000 });
    const noon = load.flow((YEAR + 80) * DAY + 12.5 * 3600);
    expect(noon.active).toBeLessThan(0);
    expect(load.flow((YEAR + 80) * DAY + 1800).active).toBeGreaterThan(0);
    expect(load.day(YEAR + 80).activeExport).toBeGreaterThan(1e6);
    expect(new Load({ seed: 4 }).day(YEAR + 80).activeExport).toBe(0);
  });
});
