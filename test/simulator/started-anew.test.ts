/** A virtual meter of which nothing is kept is started anew: a client that keeps what it received takes it for the meter it knew. */
import { expect, test } from 'vitest';
import {
  createFleet,
  createMeter,
  openOptionsOf,
  type TemplateMeter,
  templateMeter,
  type VirtualMeter,
} from '../../simulator/index.js';
import { type Clock, VirtualClock } from '../../src/base/clock.js';
import { Register } from '../../src/cosem/classes/storage.js';
import { type CounterStore, MemoryCounterStore, open, toHex } from '../../src/index.js';
import { MeterDump, type Template } from '../../src/tools.js';
import { START } from './support.js';

type AnyMeter = VirtualMeter | TemplateMeter;

const create = (clock: Clock) => createMeter('is15959-1ph', { clock, seed: 7 });

async function visit(meter: AnyMeter, clock: VirtualClock, counters: CounterStore, dump?: MeterDump): Promise<void> {
  const { security, ...options } = openOptionsOf(meter, 'reader');
  if (security === undefined) throw new Error('the reader has keys');
  const opening = { framing: 'wrapper', clock, ...options, security: { ...security, counters } } as const;
  const line = await meter.line({ framing: 'wrapper' });
  await clock.run(
    (async () => {
      await using opened = await open(line, opening);
      await opened.get(opened.object(Register, '1.0.1.8.0.255').value);
      await dump?.add(opened, 'reader', opening);
    })(),
  );
}

async function template(): Promise<Template> {
  const clock = new VirtualClock(START);
  const dump = new MeterDump({ clock, rows: 0 });
  await visit(create(clock), clock, new MemoryCounterStore(), dump);
  return dump.template();
}

test.each<[string, (clock: Clock) => AnyMeter | Promise<AnyMeter>]>([
  ['a meter', create],
  ['one of a town', (clock) => createFleet('is15959-1ph', { clock, seed: 7, count: 3 }).meter(2)],
  ['a recorded one', async (clock) => templateMeter(await template(), { clock })],
])('%s', async (_, make) => {
  const clock = new VirtualClock(START);
  const counters = new MemoryCounterStore();
  for (let start = 0; start < 3; start++) {
    const meter = await make(clock);
    await expect(visit(meter, clock, counters), `start ${start + 1}`).resolves.toBeUndefined();
    clock.advance(20_000);
  }
});

/** What the count by time takes to come round, and a day. */
const ROUND = (0xf000_0000 / 2048 + 86_400) * 1000;

test.each<[string, (clock: Clock, sending: CounterStore) => AnyMeter | Promise<AnyMeter>]>([
  ['a meter', (clock, counters) => createMeter('is15959-1ph', { clock, seed: 7, counters })],
  ['a recorded one', async (clock, counters) => templateMeter(await template(), { clock, counters })],
])('%s whose counters are kept goes on where the count by time comes round', async (_, make) => {
  const clock = new VirtualClock(START);
  const [received, sending] = [new MemoryCounterStore(), new MemoryCounterStore()];
  for (let start = 0; start < 3; start++) {
    const meter = await make(clock, sending);
    await expect(visit(meter, clock, received), `start ${start + 1}`).resolves.toBeUndefined();
    meter.stop();
    clock.advance(ROUND - 2 * 86_400_000);
  }
});

test('meters of one store are told apart', async () => {
  const clock = new VirtualClock(START);
  const sending = new MemoryCounterStore();
  const meters = [7, 8].map((seed) => createMeter('is15959-1ph', { clock, seed, counters: sending }));
  await visit(meters[0] as AnyMeter, clock, new MemoryCounterStore());
  const [first, second] = meters.map(({ identity }) =>
    sending.peek(`virtual/${toHex(identity.systemTitle)}/server/guek`),
  ) as [number, number];
  expect(first).toBeGreaterThan(second);
});
