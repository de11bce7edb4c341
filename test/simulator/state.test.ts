/** What a meter writes down ahead: counters of its sending, and that it lives. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMeter, MemoryMeterStore } from '../../simulator/index.js';
import { StoredCounters } from '../../simulator/state/counters.js';
import { aliveUntil, Lifetime } from '../../simulator/state/lifetime.js';
import { VirtualClock } from '../../src/base/clock.js';
import { MemoryCounterStore } from '../../src/index.js';
import { MortalStore } from './mortal.js';
import { START } from './support.js';

test('no counter of the sending is given before it is written down as used, whatever the block', () => {
  const disk = new MemoryMeterStore();
  const counters = new StoredCounters(new MemoryCounterStore(), disk, 'm');
  for (let i = 1; i <= 1100; i++) {
    const given = counters.next('guek');
    expect(given).toBe(i);
    // As after a kill in this very moment.
    expect(new StoredCounters(new MemoryCounterStore(), disk, 'm').peek('guek')).toBeGreaterThan(given);
  }
});

test('killed at any write, and started again, a meter gives no counter twice', () => {
  const life = fc.record({
    writes: fc.nat(3),
    after: fc.boolean(),
    raise: fc.nat(600),
    calls: fc.integer({ min: 1, max: 600 }),
  });
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), (lives) => {
      const disk = new MemoryMeterStore();
      let last = 0;
      for (const { writes, after, raise, calls } of lives) {
        const store = new MortalStore(disk, writes, after);
        const counters = new StoredCounters(new MemoryCounterStore(), store, 'm');
        try {
          for (let i = 0; i < calls; i++) {
            if (i === calls >> 1) counters.raise('guek', last + raise);
            const given = counters.next('guek');
            expect(given).toBeGreaterThan(last);
            last = given;
          }
          counters.release();
        } catch (error) {
          if (!store.dead) throw error;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever somebody sees of a meter, it is written down that it lived then', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 20 }), fc.integer({ min: 1000, max: 30_000 }), (steps, lease) => {
      const disk = new MemoryMeterStore();
      const clock = new VirtualClock(START);
      const lifetime = new Lifetime(disk, 'm', 'origin', clock, lease);
      expect(aliveUntil(disk, 'm')).toBeGreaterThanOrEqual(clock.now());
      for (const step of steps) {
        clock.advance(step);
        lifetime.alive(clock.now());
        expect(aliveUntil(disk, 'm')).toBeGreaterThanOrEqual(clock.now());
      }
    }),
    { numRuns: 300 },
  );
});

describe('what is kept and damaged is refused in words, and is never a beginning from nothing', () => {
  const kept = () => {
    const store = new MemoryMeterStore();
    createMeter('is15959-1ph', { clock: new VirtualClock(START), seed: 7, serial: '10000042', store }).stop();
    const counters = new StoredCounters(new MemoryCounterStore(), store, '10000042');
    counters.next('guek');
    return store;
  };
  const begin = (store: MemoryMeterStore) =>
    createMeter('is15959-1ph', { clock: new VirtualClock(START + 60_000), seed: 7, serial: '10000042', store }).stop();
  const life = (changes: object) =>
    JSON.stringify({ ...JSON.parse(kept().load('10000042').get('life') as string), ...changes });

  test('as it was written it is read', () => {
    begin(kept());
  });

  test.each([
    ['counter guek', '25x'],
    ['counter guek', ''],
    ['counter guek', '-1'],
    ['alive', 'NaN'],
    ['alive', ''],
    ['alive', '9030719925460000'],
    ['life', '{'],
    ['life', 'null'],
    ['life', life({ absences: [{ array: [] }] })],
    ['life', life({ absences: [['a', 'b']] })],
    ['life', life({ absences: [[START + 5, START]] })],
    ['life', life({ absences: [[START, 1e300]] })],
    ['life', life({ created: '2026' })],
    ['life', life({ created: -8.64e15 })],
    ['part received', '{'],
    ['part relay', 'null'],
  ])('%s: %s', (name, text) => {
    const store = kept();
    store.save('10000042', new Map([[name, text]]));
    expect(() => {
      begin(store);
      new StoredCounters(new MemoryCounterStore(), store, '10000042');
    }).toThrow(/^what is kept of meter 10000042 is damaged: /);
  });

  // Found by the fuzz: the days up to a birth in the year 58,864 were worked through one by one.
  test.each([[{ created: 1_795_404_604_600_000 }], [{ absences: [[START, 8.64e15]] }]])(
    'a life that lies in the future is told as a clock that went back: %o',
    (changes) => {
      const store = kept();
      store.save('10000042', new Map([['life', life(changes)]]));
      expect(() => begin(store)).toThrow(/^the meter was simulated up to .*, and now it is earlier$/);
    },
  );
});
