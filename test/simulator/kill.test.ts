/**
 * A meter that is kept in a store and killed at any write: what a client was told holds when it comes back. In virtual time, with the
 * real client; the store is in memory and dies at a write, before it or after it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createMeter,
  MemoryMeterStore,
  type MeterStore,
  openOptionsOf,
  type VirtualMeter,
} from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { i32 } from '../../src/codec/make.js';
import { AccessError, type Meter, open } from '../../src/index.js';
import { HOUR, MINUTE, START, wattHours } from './support.js';

const BALANCE = '0.0.94.96.24.255';
const PAYMENT_MODE = '0.0.94.96.20.255';
const POWER_LOG = '0.0.99.98.2.255';
const [FAILED, RETURNED] = [101, 102];
/** A block of the load profile. */
const BLOCK = 30 * MINUTE;

/** The store of a process that dies at a write. */
class MortalStore implements MeterStore {
  readonly #disk: MemoryMeterStore;
  #left: number;
  readonly #after: boolean;
  dead = false;

  /** @param after whether the write that kills is on the disk. */
  constructor(disk: MemoryMeterStore, writes: number, after: boolean) {
    this.#disk = disk;
    this.#left = writes;
    this.#after = after;
  }

  load(meter: string): ReadonlyMap<string, string> {
    return this.#disk.load(meter);
  }

  save(meter: string, texts: ReadonlyMap<string, string>): void {
    if (this.dead) throw new Error('killed');
    if (this.#left-- > 0) {
      this.#disk.save(meter, texts);
      return;
    }
    this.dead = true;
    if (this.#after) this.#disk.save(meter, texts);
    throw new Error('killed');
  }
}

type Step =
  | { readonly type: 'wait'; readonly time: number }
  | { readonly type: 'read' }
  | { readonly type: 'relay'; readonly close: boolean }
  | { readonly type: 'balance'; readonly paise: number };

interface Life {
  readonly writes: number;
  readonly after: boolean;
  readonly steps: readonly Step[];
  /** Until somebody starts it again. */
  readonly away: number;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 5 * HOUR }) }),
  fc.constant({ type: 'read' as const }),
  // Opened only: what closes it again in mode 6 is not the client alone.
  fc.record({ type: fc.constant('relay' as const), close: fc.constant(false) }),
  fc.record({ type: fc.constant('balance' as const), paise: fc.integer({ min: -100_000, max: 100_000 }) }),
);
const life: fc.Arbitrary<Life> = fc.record({
  writes: fc.integer({ min: 0, max: 14 }),
  after: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  away: fc.integer({ min: 0, max: 4 * HOUR }),
});

/** What clients were told, over all lives. */
class World {
  readonly clock = new VirtualClock(START);
  readonly disk = new MemoryMeterStore();
  readonly #counters = new Set<string>();
  #energy = 0;
  /** What is acknowledged; two values while an answer is missing. */
  #closed: readonly boolean[] = [true, false];
  #balance: readonly number[] = [];
  kills = 0;

  /** Postpaid from the beginning, so that nothing but the steps moves the relay and the balance. */
  async begin(): Promise<void> {
    const virtual = createMeter('is15959-3ph', { clock: this.clock, seed: 7, store: this.disk });
    const meter = await this.clock.run(this.#open(virtual, 'utility'));
    await meter.set(meter.data(PAYMENT_MODE).value, { type: 'unsigned', value: 0 });
    this.#balance = [await this.#balanceOf(meter)];
    await meter.close();
    virtual.stop();
  }

  async live({ writes, after, steps }: Life): Promise<void> {
    const store = new MortalStore(this.disk, writes, after);
    let virtual: VirtualMeter | undefined;
    try {
      virtual = createMeter('is15959-3ph', { clock: this.clock, seed: 7, store });
      const meter = await this.clock.run(this.#open(virtual, 'utility'));
      for (const step of steps) await this.#do(step, meter);
      await this.clock.run(meter.close());
      virtual.stop();
    } catch (error) {
      if (!store.dead) throw error;
      this.kills++;
    }
    // A process that is dead does nothing more.
    store.dead = true;
    try {
      virtual?.stop();
    } catch {
      // It cannot even write that it stops.
    }
  }

  async #open(virtual: VirtualMeter, name: string): Promise<Meter> {
    return open(await virtual.line({ framing: 'wrapper' }), {
      framing: 'wrapper',
      clock: this.clock,
      ...openOptionsOf(virtual, name),
      trace: (event) => {
        if (event.type === 'octets' && event.direction === 'received') this.#count(event.bytes);
      },
    });
  }

  /** The invocation counter of an answer under the global key: never twice. */
  #count(bytes: Uint8Array): void {
    const [tag, length] = [bytes[8], bytes[9] ?? 0];
    if (tag === undefined || tag < 0xc8 || tag > 0xcf) return;
    const at = 10 + (length > 0x80 ? length - 0x80 : 0);
    const counter = [...bytes.subarray(at + 1, at + 5)].join('.');
    expect(this.#counters.has(counter), `counter ${counter} again`).toBe(false);
    this.#counters.add(counter);
  }

  async #do(step: Step, meter: Meter): Promise<void> {
    switch (step.type) {
      case 'wait':
        this.clock.advance(step.time);
        return;
      case 'read':
        return this.clock.run(this.check(meter));
      case 'relay': {
        const before = this.#closed;
        this.#closed = [...before, step.close];
        const relay = meter.disconnectControl();
        try {
          await this.clock.run(meter.call(step.close ? relay.remoteReconnect : relay.remoteDisconnect));
          this.#closed = [step.close];
        } catch (error) {
          // It is so already.
          if (!(error instanceof AccessError)) throw error;
          this.#closed = before;
        }
        return;
      }
      case 'balance':
        this.#balance = [...this.#balance, step.paise];
        await this.clock.run(meter.set(meter.data(BALANCE).value, i32(step.paise)));
        this.#balance = [step.paise];
    }
  }

  async #balanceOf(meter: Meter): Promise<number> {
    return (await meter.get(meter.data(BALANCE).value)).value as number;
  }

  async check(meter: Meter): Promise<void> {
    const energy = wattHours(await meter.get(meter.register('1.0.1.8.0.255').value));
    expect(energy).toBeGreaterThanOrEqual(this.#energy);
    this.#energy = energy;
    const balance = await this.#balanceOf(meter);
    expect(this.#balance).toContain(balance);
    this.#balance = [balance];
    const closed = await meter.get(meter.disconnectControl().outputState);
    expect(this.#closed).toContain(closed);
    this.#closed = [closed];
  }

  /** In the end: everything that was told holds, and the profiles have no row twice and none missing but without power. */
  async judge(): Promise<void> {
    const virtual = createMeter('is15959-3ph', { clock: this.clock, seed: 7, store: this.disk });
    const meter = await this.clock.run(this.#open(virtual, 'utility'));
    await this.check(meter);
    this.clock.advance(2 * HOUR);
    await this.check(meter);
    await this.#judgeProfiles(meter);
    await meter.close();
    virtual.stop();
  }

  async #judgeProfiles(meter: Meter): Promise<void> {
    const log = await meter.get(meter.profile(POWER_LOG).object.buffer);
    const failures = (log.value as readonly Data[]).map(({ value }) => {
      const [time, code] = value as readonly Data[];
      return { at: CosemDateTime.fromBytes(time!.value as Uint8Array).toMillis() as number, code: code!.value };
    });
    const load = meter.profile('1.0.99.1.0.255').object;
    const rows = (await meter.get(load.buffer)).value as readonly Data[];
    const times = rows.map(({ value }) => {
      const [time] = value as readonly Data[];
      return CosemDateTime.fromBytes(time!.value as Uint8Array).toMillis() as number;
    });
    const since = times.filter((time) => time > START - HOUR);
    expect(since.length).toBeGreaterThan(0);
    for (let i = 1; i < since.length; i++) {
      const [before, at] = [since[i - 1] as number, since[i] as number];
      expect(at, 'rows follow each other').toBeGreaterThan(before);
      if (at - before <= BLOCK) continue;
      // A hole: the power was off for all of it.
      const off = failures.some(({ at: from, code }, n) => {
        const back = failures[n + 1];
        return code === FAILED && from <= before + BLOCK && back?.code === RETURNED && back.at > at - BLOCK - 1000;
      });
      expect(off, `no rows from ${new Date(before).toISOString()} to ${new Date(at).toISOString()}`).toBe(true);
    }
  }
}

test('killed at any write, a meter takes back nothing that a client was told', async () => {
  let kills = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      const world = new World();
      await world.begin();
      for (const one of lives) {
        await world.live(one);
        world.clock.advance(one.away);
      }
      await world.judge();
      kills += world.kills;
    }),
    { numRuns: 10, endOnFailure: true },
  );
  console.log(`${kills} kills`);
  expect(kills).toBeGreaterThan(0);
}, 120_000);
