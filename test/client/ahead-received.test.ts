/** Received counters of a store that answers later, such as a database: as good a guard as one that answers at once. */

import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { fromHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import { AheadReceived } from '../../src/client/ahead-received.js';
import {
  type AsyncCounterStore,
  type AsyncReplayGuard,
  type OpenOptions,
  open,
  type SecurityOptions,
  type Transport,
} from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { START } from '../simulator/support.js';
import { deferred } from '../support/listen.js';
import { ReplayedLine } from '../support/recorded-line.js';
import { TappedLine } from '../support/tapped-line.js';

const ENERGY = '1.0.1.8.0.255';

/** A database some way off, with what it keeps of received counters. */
class Database implements AsyncReplayGuard {
  readonly rows = new Map<string, number>();
  readonly #clock: VirtualClock;
  asked: string[] = [];
  stored: number[] = [];
  /** What the next question, or the next order, fails with. */
  fails: { readonly lowest?: Error; readonly accept?: Error } = {};
  /** Holds back every order. */
  slow: Promise<void> | undefined;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async lowest(entry: string): Promise<number> {
    this.asked.push(entry);
    await this.#way();
    this.#fail('lowest');
    return this.rows.get(entry) ?? 0;
  }

  async accept(entry: string, counter: number): Promise<void> {
    await this.#way();
    await this.slow;
    this.#fail('accept');
    if (counter < (this.rows.get(entry) ?? 0)) throw new SecurityError('replay', 'it is there already');
    this.rows.set(entry, counter + 1);
    this.stored.push(counter);
  }

  #fail(what: 'lowest' | 'accept'): void {
    const { [what]: failure, ...others } = this.fails;
    this.fails = others;
    if (failure !== undefined) throw failure;
  }

  #way(): Promise<void> {
    return new Promise((resolve) => this.#clock.at(this.#clock.now() + 40, resolve));
  }
}

/** A meter, and a head-end that keeps its counters in that database. */
class World {
  readonly clock = new VirtualClock(START);
  readonly meter = createMeter('is15959-1ph', { clock: this.clock, seed: 7 });
  readonly database = new Database(this.clock);
  #sent = 1;

  /** Our own counters, which none of this is about. */
  counters(received: AsyncReplayGuard | undefined = this.database): AsyncCounterStore {
    return {
      peek: () => Promise.resolve(this.#sent),
      take: (_, atLeast, count) => {
        const first = Math.max(this.#sent, atLeast);
        this.#sent = first + count;
        return Promise.resolve(first);
      },
      ...(received === undefined ? {} : { received }),
    };
  }

  open(line: Transport, security: Partial<SecurityOptions> = {}, rest: Partial<OpenOptions> = {}, client = 'reader') {
    const { security: own, ...options } = openOptionsOf(this.meter, client);
    if (own === undefined) throw new Error('it has keys');
    const all = { ...own, readInvocationCounter: undefined, counters: this.counters(), ...security };
    return open(line, { framing: 'wrapper', clock: this.clock, patience: 0, ...options, ...rest, security: all });
  }

  line(): Promise<Transport> {
    return this.meter.line({ framing: 'wrapper' });
  }

  async title(): Promise<Uint8Array> {
    const { asked } = await this.scratch();
    return fromHex((asked[0] as string).slice(0, 16));
  }

  /** A session whose counters are kept elsewhere. */
  async scratch(): Promise<Database> {
    const received = new Database(this.clock);
    await this.session({ counters: this.counters(received) });
    return received;
  }

  /** A whole session. @returns what could be heard. */
  async session(security: Partial<SecurityOptions> = {}) {
    const line = new TappedLine(await this.line());
    await this.clock.run(
      (async () => {
        const meter = await this.open(line, security);
        await meter.get(meter.register(ENERGY).value);
        await meter.close();
      })(),
    );
    return line.recording;
  }
}

describe('received counters of a store that answers later', () => {
  it.each([true, false])('refuse a session that was recorded (title of the meter given: %s)', async (titled) => {
    const world = new World();
    const security = titled ? { serverTitle: await world.title() } : {};
    // Without it the recording opens: the guard is the reason.
    const naive = await world.session({ ...security, counters: world.counters(undefined) });
    const attack = (recording: typeof naive, counters: AsyncCounterStore) =>
      world.clock.run(
        world.open(new ReplayedLine(recording), { ...security, counters }).then((meter) => meter.close()),
      );
    await attack(naive, world.counters(new Database(world.clock)));
    const recorded = await world.session(security);
    expect(world.database.rows.size).toBe(1);
    await expect(attack(recorded, world.counters())).rejects.toMatchObject({
      reason: 'replay',
      message: expect.stringContaining('went back'),
    });
    // The meter itself is welcome.
    await world.session(security);
  });

  it('are stored before anybody gets the association', async () => {
    const world = new World();
    const order = deferred();
    world.database.slow = order.promise;
    let opened = false;
    const opening = world.open(await world.line()).then((meter) => {
      opened = true;
      return meter;
    });
    await world.clock.run(new Promise<void>((resolve) => world.clock.at(world.clock.now() + 900_000, resolve)));
    expect([opened, world.database.stored]).toEqual([false, []]);
    order.resolve();
    const meter = await world.clock.run(opening);
    expect(world.database.stored).toHaveLength(1);
    await world.clock.run(meter.close());
  });

  it('are stored now and then, and when the meter is closed', async () => {
    const world = new World();
    const line = await world.line();
    await world.clock.run(
      (async () => {
        const meter = await world.open(line, {}, {}, 'utility');
        for (let n = 0; n < 100; n++) await meter.get(meter.register(ENERGY).value);
        await meter.close();
      })(),
    );
    const { stored, asked } = world.database;
    expect([stored.length, asked.length]).toEqual([3, 1]);
    expect(stored.at(-1)).toBeGreaterThanOrEqual((stored[0] as number) + 100);
  });

  it.each(['lowest', 'accept'] as const)('that cannot be had end opening, and the cause is told (%s)', async (what) => {
    const world = new World();
    const failure = new Error('password hunter2 is wrong');
    world.database.fails = { [what]: failure };
    const error = await world.clock.run(
      world.open(await world.line()).then(
        () => undefined,
        (thrown: Error) => thrown,
      ),
    );
    expect(error).toMatchObject({ code: 'state', cause: failure });
    expect(error?.message).toMatch(/^(what was received before from|the received counter of) [0-9A-F]{16}\//);
    expect(error?.message).not.toContain('hunter2');
    await world.session();
  });

  it('that others moved meanwhile end no association that has begun, and end one that begins', async () => {
    const world = new World();
    const line = await world.line();
    await world.clock.run(
      (async () => {
        const meter = await world.open(line, {}, {}, 'utility');
        const [entry] = world.database.asked;
        world.database.rows.set(entry as string, 0xf000_0000);
        for (let n = 0; n < 100; n++) await meter.get(meter.register(ENERGY).value);
        await meter.close();
        expect(world.database.rows.get(entry as string)).toBe(0xf000_0000);
      })(),
    );
    const next = world.open(await world.line(), {}, {}, 'utility');
    await expect(world.clock.run(next)).rejects.toMatchObject({ reason: 'replay' });
  });

  it.each([true, false])('that do not come leave the signal in force (title given: %s)', async (titled) => {
    const world = new World();
    const never = new Promise<number>(() => {});
    const received: AsyncReplayGuard = { lowest: () => never, accept: () => {} };
    const stop = new AbortController();
    const serverTitle = titled ? { serverTitle: await world.title() } : {};
    const opening = world.open(
      await world.line(),
      { ...serverTitle, counters: world.counters(received) },
      { signal: stop.signal },
    );
    world.clock.at(world.clock.now() + 60_000, () => stop.abort(new Error('enough')));
    await expect(world.clock.run(opening)).rejects.toThrow('enough');
  });

  it('of a store that gives no number are refused', async () => {
    const world = new World();
    const received = { lowest: () => Promise.resolve('7' as unknown as number), accept: () => {} };
    const opening = world.open(await world.line(), { counters: world.counters(received) });
    await expect(world.clock.run(opening)).rejects.toThrow(StateError);
  });
});

describe('a stranger on the line', () => {
  const named = (title: number) => Uint8Array.of(0xdb, 8, 0x4d, 0x4d, 0x4d, 0, 0, 0, title >> 8, title & 255, 0);

  it('has the store asked a few times an attempt, whatever titles it makes up, and once for each', async () => {
    let asks = 0;
    const guard: AsyncReplayGuard = { lowest: () => Promise.resolve(++asks), accept: () => {} };
    const received = new AheadReceived({ guard, crypto: nodeCrypto, key: new Uint8Array(16) });
    for (let title = 0; title < 1000; title++) {
      await received.arriving(named(title), undefined);
      await received.arriving(named(title), undefined);
    }
    expect(asks).toBe(16);
    await received.begin(undefined);
    await received.arriving(named(1001), undefined);
    expect(asks).toBe(17);
  });

  it('has it asked nothing where the meter is known', async () => {
    let asks = 0;
    const guard: AsyncReplayGuard = { lowest: () => Promise.resolve(++asks), accept: () => {} };
    const received = new AheadReceived({ guard, crypto: nodeCrypto, key: new Uint8Array(16) });
    expect(received.arriving(named(1), named(2).subarray(2, 10))).toBeUndefined();
    expect(asks).toBe(0);
  });
});
