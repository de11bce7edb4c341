import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Energies, minus } from '../../simulator/energies.js';
import { BLOCK, Load, type LoadOptions } from '../../simulator/load.js';
import { type Conditions, usualConditions } from '../../simulator/meter/conditions.js';
import { fromLocal, Supply } from '../../simulator/meter/supply.js';

const DAY = 86_400;
/** 2026-01-01 in days since 1970. */
const YEAR = 20_454;
const START = YEAR * DAY;
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const times = fc.integer({ min: START, max: START + 365 * DAY });
const loads = fc.record({
  seed: seeds,
  solarPeak: fc.constantFrom(0, 3000),
  phases: fc.constantFrom(1 as const, 3 as const),
  kind: fc.constantFrom('household' as const, 'workshop' as const),
});

/** A meter on a load since 2026, and its energies by seconds of local time. */
class Metered {
  readonly supply: Supply;
  conditions: Conditions;

  constructor(options: LoadOptions, forwardOnly = false) {
    const load = new Load(options);
    this.conditions = usualConditions(load.phases, forwardOnly);
    this.supply = new Supply(load, fromLocal(START * 1000), this.conditions);
  }

  at(second: number): Energies {
    return this.supply.energiesAt(fromLocal(second * 1000));
  }

  between(from: number, to: number): Energies {
    return minus(this.at(to), this.at(from));
  }

  change(patch: Partial<Conditions>, second: number): void {
    this.conditions = { ...this.conditions, ...patch };
    this.supply.change(this.conditions, fromLocal(second * 1000));
  }

  day(day: number): Energies {
    return this.between(day * DAY, (day + 1) * DAY);
  }
}

const kinds = (e: Energies) => Object.values(e) as number[];

describe('a load', () => {
  test('is decided by its seed: a second one is the same, in whatever order it is asked; another seed is another', () => {
    fc.assert(
      fc.property(loads, times, times, (options, a, b) => {
        const one = new Metered(options);
        one.at(b);
        expect(one.at(a)).toEqual(new Metered(options).at(a));
      }),
      { numRuns: 60 },
    );
    const days = (seed: number) =>
      Array.from({ length: 30 }, (_, i) => new Metered({ seed }).day(YEAR + i).activeImport);
    expect(days(1)).not.toEqual(days(2));
  });

  test('energies are whole joules, never fall, and apparent energy is never below active', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 0, max: 3 * DAY }), fc.integer({ min: 0, max: 7200 }), (options, at, on) => {
        const meter = new Metered(options);
        const used = meter.between(START + at, START + at + on);
        for (const energy of kinds(used)) {
          expect(Number.isSafeInteger(energy)).toBe(true);
          expect(energy).toBeGreaterThanOrEqual(0);
        }
        const whole = meter.at(START + at + on);
        expect(whole.apparentImport).toBeGreaterThanOrEqual(whole.activeImport);
        expect(whole.apparentExport).toBeGreaterThanOrEqual(whole.activeExport);
      }),
      { numRuns: 1000 },
    );
  });

  test('a day is the sum of its seconds and its minutes', () => {
    const meter = new Metered({ seed: 3 });
    const start = (YEAR + 5) * DAY;
    let sum = 0;
    let last = meter.at(start).activeImport;
    for (let second = start + 1; second <= start + 2 * BLOCK; second++) {
      const now = meter.at(second).activeImport;
      expect(now - last).toBeLessThan(6000);
      sum += now - last;
      last = now;
    }
    expect(sum).toBe(meter.between(start, start + 2 * BLOCK).activeImport);
    let minutes = 0;
    for (let at = start; at < start + DAY; at += 60) {
      minutes += meter.supply.flowAt(fromLocal(at * 1000)).active * 60;
    }
    // Power is shown in whole watts, energy is not rounded.
    expect(Math.abs(minutes - meter.day(YEAR + 5).activeImport)).toBeLessThan(1440 * 30);
  });

  test('a household has an evening peak, hot summers, a fridge, and never goes above its peak', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const meter = new Metered({ seed });
      const month = (first: number) => meter.between(first * DAY, (first + 30) * DAY).activeImport / 3.6e6;
      expect(month(YEAR + 140)).toBeGreaterThan(month(YEAR + 300));
      expect(month(YEAR)).toBeGreaterThan(60);
      expect(month(YEAR + 140)).toBeLessThan(1000);
      const between = (from: number, to: number) => {
        let sum = 0;
        for (let day = YEAR; day < YEAR + 30; day++) {
          sum += meter.between(day * DAY + from * 3600, day * DAY + to * 3600).activeImport;
        }
        return sum / (to - from);
      };
      expect(between(18, 21)).toBeGreaterThan(1.4 * between(13, 16));
      const powers = Array.from({ length: 2880 }, (_, i) => {
        return meter.supply.flowAt(fromLocal(((YEAR + 130) * DAY + i * 60) * 1000)).active;
      });
      expect(Math.max(...powers)).toBeLessThan(meter.supply.load.peak);
      expect(Math.min(...powers)).toBeGreaterThan(60);
      expect(new Set(powers).size).toBeGreaterThan(200);
    }
  });

  test('with a solar roof exports at noon and not at night', () => {
    const meter = new Metered({ seed: 4, solarPeak: 3000 });
    const flow = (second: number) => meter.supply.flowAt(fromLocal(second * 1000)).active;
    expect(flow((YEAR + 80) * DAY + 12.5 * 3600)).toBeLessThan(0);
    expect(flow((YEAR + 80) * DAY + 1800)).toBeGreaterThan(0);
    expect(meter.day(YEAR + 80).activeExport).toBeGreaterThan(1e6);
    expect(new Metered({ seed: 4 }).day(YEAR + 80).activeExport).toBe(0);
    for (const seed of [1, 2, 3, 4]) {
      const roof = new Metered({ seed, solarPeak: 6000 });
      const given = Array.from({ length: 10 * 1440 }, (_, minute) => {
        return -roof.supply.flowAt(fromLocal(((YEAR + 80) * DAY + minute * 60) * 1000)).active;
      });
      expect(Math.max(...given)).toBeGreaterThan(6000 * 0.9);
      expect(Math.max(...given)).toBeLessThanOrEqual(roof.supply.load.peak);
    }
  });

  test('a workshop stands still on Sunday and leads then', () => {
    const meter = new Metered({ seed: 5, phases: 3, kind: 'workshop' });
    const sunday = YEAR + 3;
    expect(new Date(sunday * DAY * 1000).getUTCDay()).toBe(0);
    expect(meter.day(sunday + 1).activeImport).toBeGreaterThan(8 * meter.day(sunday).activeImport);
    expect(meter.day(sunday).reactiveQ4).toBeGreaterThan(0);
    expect(meter.day(sunday).reactiveQ1).toBe(0);
    expect(meter.day(sunday + 1).reactiveQ1).toBeGreaterThan(0);
  });

  test('three phases carry about the same, and together what the meter counts', () => {
    for (const seed of [1, 2, 3]) {
      const meter = new Metered({ seed, phases: 3 });
      for (let second = (YEAR + 40) * DAY; second < (YEAR + 41) * DAY; second += 900) {
        const { phases, active, reactive } = meter.supply.flowAt(fromLocal(second * 1000));
        const apparent = phases.map((phase) => phase.apparent);
        const mean = apparent.reduce((sum, va) => sum + va, 0) / 3;
        expect((Math.max(...apparent) - Math.min(...apparent)) / mean).toBeLessThan(0.25);
        expect(phases.reduce((sum, phase) => sum + phase.active, 0)).toBe(active);
        expect(phases.reduce((sum, phase) => sum + phase.reactive, 0)).toBe(reactive);
      }
    }
  });
});

const patches: fc.Arbitrary<Partial<Conditions>> = fc.oneof(
  fc.boolean().map((closed) => ({ closed })),
  fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(null, null, 0, 1700, 2800))).map((voltages) => ({ voltages })),
  fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(100, 100, 0, 40, -100))).map((currents) => ({ currents })),
  fc.boolean().map((forwardOnly) => ({ forwardOnly })),
  fc
    .array(fc.record({ watts: fc.nat(4000), vars: fc.integer({ min: -2000, max: 2000 }), phase: fc.nat(2) }), {
      maxLength: 2,
    })
    .map((appliances) => ({ appliances: appliances.map((one, i) => ({ ...one, name: String(i) })) })),
);

describe('whatever is done to a meter', () => {
  test('its energies never run back, and are sums, asked in any order', () => {
    fc.assert(
      fc.property(
        loads,
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), patches), { maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 2, maxLength: 12 }),
        (options, changes, asked) => {
          const meter = new Metered({ ...options, phases: 3 });
          let at = START;
          for (const [after, patch] of changes) {
            at += after;
            meter.change(patch, at);
          }
          const unordered = new Map(asked.map((second) => [second, meter.at(START + second)]));
          const fresh = new Metered({ ...options, phases: 3 });
          at = START;
          for (const [after, patch] of changes) {
            at += after;
            fresh.change(patch, at);
          }
          let before = fresh.at(START);
          for (const second of [...asked].sort((a, b) => a - b)) {
            const now = fresh.at(START + second);
            expect(now).toEqual(unordered.get(second));
            for (const energy of kinds(minus(now, before))) expect(energy).toBeGreaterThanOrEqual(0);
            before = now;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('nothing flows without a closed relay or without supply', () => {
    const meter = new Metered({ seed: 9 });
    meter.change({ closed: false }, START + 5000);
    meter.change({ closed: true, voltages: [0] }, START + 9000);
    meter.change({ voltages: [null] }, START + 12_345);
    expect(kinds(meter.between(START + 5000, START + 12_345)).every((energy) => energy === 0)).toBe(true);
    const usual = new Metered({ seed: 9 });
    expect(meter.between(START + 12_345, START + DAY)).toEqual(usual.between(START + 12_345, START + DAY));
    expect(meter.at(START + 5000)).toEqual(usual.at(START + 5000));
  });

  test('an appliance adds what it draws, to the joule', () => {
    const meter = new Metered({ seed: 9 });
    meter.change({ appliances: [{ name: 'iron', watts: 1500, vars: 0, phase: 0 }] }, START + 4321);
    meter.change({ appliances: [] }, START + 9999);
    const usual = new Metered({ seed: 9 });
    const from = START + 4321;
    const added = meter.between(from, START + 9999).activeImport - usual.between(from, START + 9999).activeImport;
    // The household's own share of the two broken minutes is rounded.
    expect(Math.abs(added - 1500 * (9999 - 4321))).toBeLessThanOrEqual(2);
    expect(meter.supply.flowAt(fromLocal((START + 5000) * 1000)).active).toBeGreaterThan(1500);
  });

  test('a turned current counts back, or forward where the meter counts forward only; an open one not at all', () => {
    const net = new Metered({ seed: 9, phases: 3 });
    const forward = new Metered({ seed: 9, phases: 3 }, true);
    for (const meter of [net, forward]) meter.change({ currents: [-100, 100, 100] }, START);
    const usual = new Metered({ seed: 9, phases: 3 }).at(START + DAY);
    expect(forward.at(START + DAY).activeImport).toBe(usual.activeImport);
    expect(net.at(START + DAY).activeImport / usual.activeImport).toBeCloseTo(1 / 3, 1);
    const all = new Metered({ seed: 9, phases: 3 });
    all.change({ currents: [-100, -100, -100] }, START);
    expect(all.at(START + DAY).activeExport).toBe(usual.activeImport);
    expect(all.at(START + DAY).reactiveQ3).toBe(usual.reactiveQ1);
    const open = new Metered({ seed: 9, phases: 3 });
    open.change({ currents: [100, 0, 100] }, START);
    expect(open.at(START + DAY).phase2).toBe(0);
    expect(open.at(START + DAY).phase1).toBe(usual.phase1);
    expect(open.at(START + DAY).activeImport / usual.activeImport).toBeCloseTo(2 / 3, 1);
  });
});
