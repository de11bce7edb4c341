/**
 * A whole session that was recorded is played again to a client: with LLS nothing in it is fresh but the meter's counter, so that what was
 * received must be kept, by system title and key, over restarts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createMeter, openOptionsOf, type VirtualMeter } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import {
  type CounterStore,
  type Framing,
  MemoryCounterStore,
  type Meter,
  type OpenOptions,
  open,
  SecurityError,
  type SecurityOptions,
  StateError,
  type Transport,
} from '../../src/index.js';
import { FileCounterStore, nodeCrypto } from '../../src/node.js';
import { counterEntryOf } from '../../src/tools.js';
import { START } from '../simulator/support.js';
import { ReplayedLine } from '../support/recorded-line.js';
import { TappedLine } from '../support/tapped-line.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENERGY = '1.0.1.8.0.255';

/** A meter, and the clients that come to it one after the other. */
class World {
  readonly clock = new VirtualClock(START);
  readonly meter: VirtualMeter;
  readonly framing: Framing;
  #asked = 0;

  constructor(framing: Framing = 'wrapper', serial?: string) {
    this.framing = framing;
    this.meter = createMeter('is15959-1ph', {
      clock: this.clock,
      seed: 7,
      ...(serial === undefined ? {} : { serial }),
    });
  }

  open(line: Transport, counters: CounterStore, more: Partial<SecurityOptions> = {}, rest: Partial<OpenOptions> = {}) {
    const { security, ...options } = openOptionsOf(this.meter, 'reader');
    if (security === undefined) throw new Error('the reader has keys');
    // Each client is another one to the meter, which takes rising counters from them all.
    const entry = counterEntryOf(nodeCrypto, security);
    if (counters.peek(entry) === 1) {
      this.#asked += 1000;
      counters.raise(entry, this.#asked);
    }
    return this.clock.run(
      open(line, {
        framing: this.framing,
        clock: this.clock,
        patience: 0,
        ...options,
        ...rest,
        security: { ...security, readInvocationCounter: undefined, counters, ...more },
      }),
    );
  }

  /** A session of a client, all of it. @returns what was read, and what could be heard. */
  async session(counters: CounterStore, more: Partial<SecurityOptions> = {}) {
    const line = new TappedLine(await this.meter.line({ framing: this.framing }));
    const meter = await this.open(line, counters, more);
    const value = await this.read(meter);
    await this.clock.run(meter.close());
    return { value, recording: line.recording };
  }

  read(meter: Meter): Promise<Data> {
    return this.clock.run(meter.get(meter.register(ENERGY).value));
  }

  /** The attack. @returns what the client believes. */
  async attacked(
    counters: CounterStore,
    { recording }: Awaited<ReturnType<World['session']>>,
    more: Partial<SecurityOptions> = {},
  ): Promise<Data> {
    const meter = await this.open(new ReplayedLine(recording), counters, more);
    try {
      return await this.read(meter);
    } finally {
      await this.clock.run(meter.close());
    }
  }
}

/** A store of a user, as it could be before: what is received is nothing to it. */
function bare(): CounterStore {
  const memory = new MemoryCounterStore();
  return {
    next: (entry) => memory.next(entry),
    peek: (entry) => memory.peek(entry),
    raise: (entry, atLeast) => memory.raise(entry, atLeast),
  };
}

const POLICIES = ['encryption', 'authenticated-encryption'] as const;
let files = 0;
const newFile = () => join(folder, `${files++}`);

const wentBack = expect.objectContaining({
  reason: 'replay',
  message: expect.stringMatching(/^the invocation counter of the meter went back: \d+ came, and \d+ was received/),
  hint: expect.stringContaining('cosem keys forget --received --entry '),
});

describe.each(['wrapper', 'hdlc'] as const)('over %s', (framing) => {
  test.each(POLICIES)('a recorded session under %s is refused by who keeps what was received', async (policy) => {
    const world = new World(framing);
    const how = { policy, response: 'encryption' as const };
    // Without that memory the attack works: the guard is the reason.
    const naive = await world.session(bare(), how);
    world.clock.advance(3_600_000);
    expect(await world.attacked(bare(), naive, how)).toEqual(naive.value);

    const path = newFile();
    const recorded = await world.session(new FileCounterStore(path), how);
    await expect(world.attacked(new FileCounterStore(path), recorded, how)).rejects.toThrow(SecurityError);
    await expect(world.attacked(new FileCounterStore(path), recorded, how)).rejects.toEqual(wentBack);
    // That of another client under the same key too: it is older.
    await expect(world.attacked(new FileCounterStore(path), naive, how)).rejects.toEqual(wentBack);
    // The meter itself is welcome.
    world.clock.advance(3_600_000);
    expect((await world.session(new FileCounterStore(path), how)).value).not.toEqual(recorded.value);
  });
});

test('of a handshake that is encrypted alone nothing is kept, and its recording is let in: SECURITY.md says so', async () => {
  const world = new World();
  const how = { policy: 'encryption', response: 'encryption', handshake: 'encryption' } as const;
  const path = newFile();
  const recorded = await world.session(new FileCounterStore(path), how);
  world.clock.advance(3_600_000);
  expect(await world.attacked(new FileCounterStore(path), recorded, how)).toEqual(recorded.value);
});

test('a session that was killed counts from its first answer', async () => {
  const world = new World();
  const path = newFile();
  const line = new TappedLine(await world.meter.line({ framing: 'wrapper' }));
  const meter = await world.open(line, new FileCounterStore(path));
  const value = await world.read(meter);
  // It is not closed: nothing is written down in the end.
  await expect(world.attacked(new FileCounterStore(path), { value, recording: line.recording })).rejects.toEqual(
    wentBack,
  );
});

test('with a store in memory it is refused as long as the process lives', async () => {
  const world = new World();
  const counters = new MemoryCounterStore();
  const recorded = await world.session(counters);
  await expect(world.attacked(counters, recorded)).rejects.toEqual(wentBack);
});

test('`lowestReceived` alone keeps it out, for who has a memory of another kind', async () => {
  const world = new World();
  const recorded = await world.session(bare());
  const next = { lowestReceived: 0x7fff_ffff };
  await expect(world.attacked(bare(), recorded, next)).rejects.toMatchObject({ reason: 'replay' });
  expect(await world.attacked(bare(), recorded, { lowestReceived: 1 })).toEqual(recorded.value);
  for (const lowestReceived of [-1, 0.5, 2 ** 32]) {
    await expect(world.attacked(bare(), recorded, { lowestReceived })).rejects.toThrow(StateError);
  }
});

test('a meter that lost its counter is let in again when what was received is forgotten, and by nothing else', async () => {
  const path = newFile();
  const before = new World();
  await before.session(new FileCounterStore(path));
  // The same meter, of the time before.
  const after = new World();
  await expect(after.session(new FileCounterStore(path))).rejects.toEqual(wentBack);
  const store = new FileCounterStore(path);
  const [entry = ''] = store.received.entries().keys();
  expect(entry).toMatch(/^[0-9a-f]{16}\/[0-9a-f]{8}$/i);
  expect([...store.entries().keys()]).not.toContain(entry);
  const ours = [...store.entries()];
  expect(store.received.forget(entry)).toBe(true);
  expect(store.received.forget(entry)).toBe(false);
  // Our own counters go on.
  expect([...store.entries()]).toEqual(ours);
  await after.session(new FileCounterStore(path));
});

test('another meter under the same keys has a counter of its own', async () => {
  const path = newFile();
  const first = new World('wrapper', '12345678');
  await first.session(new FileCounterStore(path));
  const second = new World('wrapper', '87654321');
  await second.session(new FileCounterStore(path));
  expect(new FileCounterStore(path).received.entries().size).toBe(2);
});

test('what is received takes no counter of ours', async () => {
  const world = new World();
  const store = new FileCounterStore(newFile());
  for (let i = 0; i < 5; i++) await world.session(store);
  const [[, next] = ['', 0]] = store.entries();
  expect(next).toBeLessThanOrEqual(1000 + 256);
});
