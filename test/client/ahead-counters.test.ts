import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { type VirtualLine as Line, VirtualLine } from '../../simulator/line.js';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AheadCounters } from '../../src/client/ahead-counters.js';
import {
  type AsyncCounterStore,
  type CacheStore,
  type CryptoProvider,
  type Meter,
  type OpenOptions,
  open,
  SecurityError,
  StateError,
} from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { FieldLine } from '../support/field-line.js';

const SERIAL = '0.0.96.1.0.255';

/** A database some way off. What was not answered when the process ends may never have been: what was written for it is lost. */
class Database {
  readonly rows = new Map<string, number>();
  readonly #clock: VirtualClock;
  #session = 0;
  takes = 0;
  /** What the next question fails with. */
  failure: Error | undefined;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** The store of a process that begins now; the one before was killed. */
  connect(delay = 40): AsyncCounterStore {
    const session = ++this.#session;
    const later = <T>(answer: () => T) =>
      new Promise<T>((resolve, reject) => {
        this.#clock.at(this.#clock.now() + delay, () => {
          // Nobody of a process that was killed is there to be told, and nothing of its was written.
          if (session !== this.#session) return;
          const { failure } = this;
          this.failure = undefined;
          if (failure === undefined) resolve(answer());
          else reject(failure);
        });
      });
    return {
      peek: (entry) => later(() => this.rows.get(entry) ?? 1),
      take: (entry, atLeast, count) =>
        later(() => {
          this.takes++;
          const first = Math.max(this.rows.get(entry) ?? 1, atLeast);
          this.rows.set(entry, first + count);
          return first;
        }),
    };
  }
}

/** Node's cryptography, which notes under which key and initialization vector something was sealed by us. */
function watched(sealed: string[]): CryptoProvider {
  const note = (key: Uint8Array, iv: Uint8Array) => sealed.push(`${toHex(key)} ${toHex(iv)}`);
  return {
    ...nodeCrypto,
    gcmSeal: (key, iv, aad, plaintext) => {
      note(key, iv);
      return nodeCrypto.gcmSeal(key, iv, aad, plaintext);
    },
  };
}

function withCounters(options: OpenOptions, counters: AsyncCounterStore): OpenOptions {
  const { security } = options;
  if (security === undefined) throw new Error('a ciphered connection');
  return { ...options, security: { ...security, counters } };
}

describe('counters of a store that answers later', () => {
  it('protect a session, taken in blocks, not one by one', async () => {
    const field = new FieldLine();
    const database = new Database(field.clock);
    await field.attach();
    await field.clock.run(
      (async () => {
        const options = withCounters(openOptionsOf(field.meter, 'utility'), database.connect());
        const meter = await open(field.line.a, { framing: 'hdlc', clock: field.clock, ...options });
        for (let n = 0; n < 60; n++) await meter.get(meter.data(SERIAL).value);
        await meter.close();
      })(),
    );
    expect(database.takes).toBeGreaterThanOrEqual(2);
    expect(database.takes).toBeLessThanOrEqual(4);
  });

  it('never come twice under a key, whenever the process is killed', { timeout: 120_000 }, async () => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
    const virtual = createMeter('is15959-1ph', { seed: 7, clock });
    const database = new Database(clock);
    const sealed: string[] = [];
    const crypto = watched(sealed);
    let reads = 0;
    const life = async (line: Line, store: AsyncCounterStore): Promise<void> => {
      const options = withCounters(openOptionsOf(virtual, 'utility'), store);
      const meter = await open(line.a, { framing: 'wrapper', clock, crypto, patience: 0, ...options });
      for (;;) {
        await meter.get(meter.data(SERIAL).value);
        reads++;
      }
    };
    for (let n = 0; n < 60; n++) {
      const line = new VirtualLine(clock, { seed: n, baudRate: 115_200 });
      await virtual.attach(line.b, { framing: 'wrapper' });
      // The process ends with its line: what it awaited never comes.
      const end = life(line, database.connect()).catch(() => undefined);
      clock.at(clock.now() + 20 + n * 37, () => line.unplug());
      await clock.run(end);
    }
    expect(reads).toBeGreaterThan(100);
    expect(new Set(sealed).size).toBe(sealed.length);
    virtual.stop();
  });

  it('are waited for before anything is sealed, and a store that fails ends the call and not the line', async () => {
    const field = new FieldLine({ framing: 'wrapper' });
    const database = new Database(field.clock);
    await field.attach();
    await field.clock.run(
      (async () => {
        const options = withCounters(openOptionsOf(field.meter, 'utility'), database.connect(20_000));
        const meter = await open(field.line.a, { framing: 'wrapper', clock: field.clock, ...options });
        const value = meter.data(SERIAL).value;
        let failed = 0;
        for (let n = 0; n < 80; n++) {
          database.failure = failed === 0 && n > 40 ? new StateError('the database is gone') : undefined;
          await meter.get(value).catch((error: Error) => {
            expect(error.message).toBe('the database is gone');
            failed++;
          });
        }
        expect(failed).toBe(1);
        expect(meter.connected).toBe(true);
        await meter.close();
      })(),
    );
    expect(field.resumptions).toEqual([]);
  });

  it('go on above what others took, and above what a meter wants', async () => {
    const clock = new VirtualClock();
    const database = new Database(clock);
    const counters = new AheadCounters(database.connect(1), 'key');
    const [refill, fill] = [() => clock.run(counters.look()), () => clock.run(Promise.resolve(counters.ready()))];
    await refill();
    expect(counters.peek('key')).toBe(1);
    expect(() => counters.next('key')).toThrow(StateError);
    await fill();
    expect([counters.next('key'), counters.next('key')]).toEqual([1, 2]);
    // Another process: ours begin above it, as a meter that spoke with it wants them.
    database.rows.set('key', 1000);
    await refill();
    await fill();
    expect(counters.next('key')).toBe(1000);
    counters.raise('key', 5000);
    await fill();
    expect(counters.next('key')).toBe(5000);
    expect(() => counters.next('other')).toThrow(StateError);
  });

  it('are refused from a store that gives what it gave before, or no number, and at the end of a key', async () => {
    const clock = new VirtualClock();
    const store = (first: unknown): AsyncCounterStore => ({
      peek: () => Promise.resolve(100),
      take: () => Promise.resolve(first as number),
    });
    for (const [first, error] of [
      [50, StateError],
      ['100', StateError],
      [-1, StateError],
      [0xffff_fff0, SecurityError],
    ] as const) {
      const counters = new AheadCounters(store(first), 'key');
      await counters.look();
      await expect(counters.ready()).rejects.toThrow(error);
      expect(() => counters.next('key')).toThrow(StateError);
    }
    expect(clock.next()).toBeUndefined();
  });
});

describe('a cache that answers later', () => {
  it('keeps what a meter told, as one that answers at once', async () => {
    const field = new FieldLine();
    const texts = new Map<string, string>();
    const cache: CacheStore = {
      load: (entry) => new Promise((resolve) => field.at(15, () => resolve(texts.get(entry)))),
      save: (entry, text) =>
        new Promise((resolve) =>
          field.at(15, () => {
            texts.set(entry, text);
            resolve();
          }),
        ),
    };
    const visit = async (): Promise<number> => {
      const begin = field.clock.now();
      const meter: Meter = await field.open('reader', { cache });
      await meter.profile('1.0.99.2.0.255').rows({ last: 2 });
      await meter.objects();
      await meter.close();
      return field.clock.now() - begin;
    };
    const first = await field.clock.run(visit());
    const second = await field.clock.run(visit());
    expect(texts.size).toBeGreaterThan(0);
    expect(second).toBeLessThan(first * 0.8);
  });
});
