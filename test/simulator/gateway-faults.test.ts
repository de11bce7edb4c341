import { describe, expect, test } from 'vitest';
import { createFleet, createMeter, openOptionsOf } from '../../simulator/index.js';
import {
  AccessError,
  AssociationError,
  LinkError,
  type Meter,
  open,
  SecurityError,
  TimeoutError,
  type Transport,
  VirtualClock,
} from '../../src/index.js';
import { memoryPair } from '../../src/protocol.js';
import { START } from './support.js';

/** One connection to two meters, of which the second fails. */
async function outcomes(framing: 'wrapper' | 'hdlc', fault: string) {
  const clock = new VirtualClock(START);
  const faultsOf = (meter: number) => (meter === 1 ? [fault] : []);
  const fleet = createFleet('is15959-1ph', { clock, seed: 1, count: 2, faultsOf });
  const read = async (meter: number) => {
    const [near, far] = memoryPair({ names: ['client', 'gateway'] });
    await fleet.gateway(far, { framing });
    const address = framing === 'wrapper' ? { server: 256 + meter } : { serverLower: 16 + meter };
    const options = { ...openOptionsOf(fleet.meter(meter), 'utility'), ...address, framing, clock, patience: 0 };
    const began = clock.now();
    const reading = async () => (await open(near, options)).reading('1.0.1.8.0.255');
    const outcome = await clock.run(reading().catch((error: unknown) => error));
    return { outcome, took: clock.now() - began };
  };
  const sound = await read(0);
  const struck = await read(1);
  fleet.stop();
  return { sound, struck };
}

describe.each(['wrapper', 'hdlc'] as const)('of two meters behind a gateway (%s) one fails', (framing) => {
  test.each([
    ['wrong-tag', SecurityError],
    ['stale-counter', SecurityError],
    ['wrong-title', Error],
    ['refuse-association=permanent', AssociationError],
    ['drop-association', AccessError],
    ['silence=10m', framing === 'wrapper' ? TimeoutError : LinkError],
    ['drop-frames', framing === 'wrapper' ? TimeoutError : LinkError],
    ['hang-up', LinkError],
  ])('%s strikes it, and not the other one', async (fault, kind) => {
    const { sound, struck } = await outcomes(framing, fault);
    expect(sound.outcome).toMatchObject({ unit: 'Wh' });
    expect(struck.outcome).toBeInstanceOf(kind);
  });

  test.each([
    ['busy=3s', 9000],
    ['delay=1s', 3000],
  ])('%s: it takes its time, and the other one does not', async (fault, least) => {
    const { sound, struck } = await outcomes(framing, fault);
    expect([sound.outcome, struck.outcome]).toMatchObject([{ unit: 'Wh' }, { unit: 'Wh' }]);
    expect(sound.took).toBeLessThan(3000);
    expect(struck.took).toBeGreaterThan(least);
  });
});

/** A client in the wrapper that sends octets to meters behind a gateway and keeps what they answer. */
async function rawClient(clock: VirtualClock) {
  const fleet = createFleet('is15959-1ph', { clock, seed: 1, count: 2 });
  const [near, far] = memoryPair();
  await fleet.gateway(far, { framing: 'wrapper' });
  const answers: Uint8Array[] = [];
  const others = new Map<number, (octets: Uint8Array) => void>();
  const data = (octets: Uint8Array) => {
    const other = others.get(((octets[2] ?? 0) << 8) | (octets[3] ?? 0));
    if (other === undefined) answers.push(octets);
    else other(octets);
  };
  await near.open({ data, closed: () => {} });
  const send = async (server: number, apdu: string) => {
    const octets = Uint8Array.from(apdu.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    near.write(Uint8Array.of(0, 1, 0, 16, server >> 8, server & 255, 0, octets.length, ...octets));
    await Promise.resolve();
    await Promise.resolve();
    return answers.at(-1)?.[8];
  };
  /** Gives what the meter at that port sends to another client. */
  const listen = (port: number, other: (octets: Uint8Array) => void) => void others.set(port, other);
  return { fleet, answers, send, near, listen };
}

const AARQ = '601DA109060760857405080101BE10040E01000000065F1F040000FFFFFFFF';
const GET = 'C001C100080000010000FF0200';

test('an association that one meter drops is kept by the others on the same connection', async () => {
  const { fleet, send } = await rawClient(new VirtualClock(START));
  expect([await send(256, AARQ), await send(257, AARQ)]).toEqual([0x61, 0x61]);
  fleet.faults(1).add('drop-association');
  expect(await send(257, GET)).not.toBe(0xc4);
  expect(await send(256, GET)).toBe(0xc4);
  fleet.stop();
});

test('an answer that waits is lost when its meter restarts, and that of another meter is not', async () => {
  const clock = new VirtualClock(START);
  const { fleet, answers, send } = await rawClient(clock);
  for (const meter of [0, 1]) fleet.faults(meter).add('late-frames=5s');
  await send(256, AARQ);
  await send(257, AARQ);
  expect(answers).toEqual([]);
  fleet.faults(1).downUntil = clock.now() + 60_000;
  clock.advance(10_000);
  await Promise.resolve();
  expect(answers.map((octets) => [octets[2], octets[3]])).toEqual([[1, 0]]);
  fleet.stop();
});

test('one meter restarts in the middle of blocks: it alone is gone, and the gateway stays', async () => {
  const clock = new VirtualClock(START);
  const { fleet, send, near, listen } = await rawClient(clock);
  const utility = (): Promise<Meter> => {
    // A client of its own on the same connection, which it does not close.
    const transport: Transport = {
      name: 'shared',
      open: async ({ data }) => listen(257, data),
      write: (octets) => near.write(octets),
      close: async () => {},
    };
    const options = { ...openOptionsOf(fleet.meter(1), 'utility'), server: 257, framing: 'wrapper' } as const;
    return clock.run(open(transport, { ...options, clock, patience: 0 }));
  };
  expect(await send(256, AARQ)).toBe(0x61);
  const meter = await utility();
  const fault = fleet.faults(1).add('reset-in-block=5s');
  const failed = await clock.run(meter.objects().catch((error: unknown) => error));
  expect(failed).toBeInstanceOf(TimeoutError);
  expect(await send(256, GET)).toBe(0xc4);
  fleet.faults(1).remove(fault);
  const again = await utility();
  expect(await clock.run(again.objects())).not.toEqual([]);
  expect(await send(256, GET)).toBe(0xc4);
  fleet.stop();
});

test('hang-up: the line is lost in the middle, and the client goes on over another one', async () => {
  const clock = new VirtualClock(START);
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
  const framing = 'wrapper';
  const meter = await open(await virtual.line({ framing }), { framing, clock, ...openOptionsOf(virtual, 'utility') });
  const lost: string[] = [];
  meter.on('lost', ({ error }) => lost.push(error.message));
  const profile = meter.profile('1.0.99.1.0.255');
  const whole = await profile.rows({ last: 48 });
  virtual.faults.add('hang-up');
  const rows = await clock.run(profile.rows({ last: 48 }));
  expect(rows.map(String)).toEqual(whole.map(String));
  expect(lost).toHaveLength(1);
  virtual.faults.add('hang-up@100%');
  const failed = await clock.run(Promise.resolve(profile.rows({ last: 48 })).catch((error: unknown) => error));
  expect(failed).toBeInstanceOf(LinkError);
  virtual.stop();
});
