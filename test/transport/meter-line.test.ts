import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMeter, type LineNoise, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { CosemError } from '../../src/base/errors.js';
import { DataClass } from '../../src/classes.js';
import type { Transport } from '../../src/contracts/transport.js';
import { MemoryCounterStore, type Meter, type OpenOptions, open } from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

/** What does not change while the meter runs: name plate, scalers, the columns of the block load profile. */
const NAME_PLATE = ['0.0.42.0.0.255', '0.0.96.1.0.255', '0.0.96.1.1.255', '1.0.0.2.0.255'];
const REGISTERS = ['1.0.1.8.0.255', '1.0.12.7.0.255', '1.0.11.7.0.255'];
const BLOCK_LOAD = '1.0.99.1.0.255';

const clock = new VirtualClock(Date.UTC(2026, 5, 1, 6));
const counters = new MemoryCounterStore();
let virtual: VirtualMeter;
let truth: readonly unknown[];

function optionsOf(name: string): OpenOptions {
  const connection = virtual.connections.find((candidate) => candidate.name === name)!;
  const { client, mechanism, secret, security } = connection;
  return {
    framing: 'hdlc',
    clock,
    crypto: nodeCrypto,
    client,
    octetTime: 10_000 / 9600,
    authentication: mechanism === 1 ? 'lls' : mechanism === 2 ? 'hls2' : 'gmac',
    ...(mechanism === 1 ? { password: secret! } : mechanism > 1 ? { secret: secret! } : {}),
    security: {
      systemTitle: security!.clientTitle,
      encryptionKey: security!.encryptionKey,
      authenticationKey: security!.authenticationKey,
      policy: security!.policy,
      dedicatedKey: true,
      counters,
    },
  };
}

async function readAll(meter: Meter): Promise<readonly unknown[]> {
  const plate = await meter.getAll(NAME_PLATE.map((name) => meter.object(DataClass, name).value));
  const scalers = await meter.getAll(REGISTERS.map((name) => meter.register(name).scalerUnit));
  const columns = await meter.profile(BLOCK_LOAD).columns();
  return [plate, scalers, columns.map(({ name, scalerUnit }) => [name, scalerUnit])];
}

interface Outcome {
  /** What was delivered, whole reads only. */
  readonly read: readonly unknown[] | undefined;
  readonly error: unknown;
  readonly time: number;
}

async function session(line: Transport, options: OpenOptions): Promise<readonly unknown[]> {
  await using meter = await open(line, options);
  return await readAll(meter);
}

/** One association over a line of its own, from opening to closing. */
async function run(name: string, line: VirtualLine, options: Partial<OpenOptions>): Promise<Outcome> {
  const start = clock.now();
  const served = await virtual.attach(line.b);
  let read: readonly unknown[] | undefined;
  let error: unknown;
  try {
    read = await clock.run(session(line.a, { ...optionsOf(name), ...options }));
  } catch (thrown) {
    error = thrown;
  }
  const time = clock.now() - start;
  await served.close();
  return { read, error, time };
}

interface Case {
  readonly name: string;
  readonly echo: boolean;
  readonly latency: number;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  name: fc.constantFrom('reader', 'utility'),
  echo: fc.boolean(),
  latency: fc.constantFrom(0, 20),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

function lineOf({ echo, latency, seed }: Case, noise: LineNoise): VirtualLine {
  return new VirtualLine(clock, { echo: [echo, false], latency, seed, noise });
}

describe('a ciphered association with the virtual meter over a bad line', () => {
  beforeAll(async () => {
    virtual = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
    const good = lineOf({ name: 'reader', echo: true, latency: 0, seed: 0 }, {});
    const { read, error } = await run('reader', good, {});
    expect(error).toBeUndefined();
    truth = read!;
    expect(JSON.stringify(truth)).toContain('Wh');
  });

  it('at 1e-4 bit errors and losses every read is delivered and right', { timeout: 240_000 }, async () => {
    const property = fc.asyncProperty(cases, async (given) => {
      const line = lineOf(given, { bitErrorRate: 1e-4, lossRate: 1e-4 });
      const { read, error } = await run(given.name, line, { retries: 12 });
      expect(error).toBeUndefined();
      expect(read).toEqual(truth);
    });
    await fc.assert(property, { numRuns: 1000 });
  });

  it('at 1e-3 it ends delivered and right, or closed, in bounded time', { timeout: 240_000 }, async () => {
    const ends = { delivered: 0, closed: 0 };
    const property = fc.asyncProperty(cases, fc.constantFrom(3, 30), async (given, retries) => {
      const line = lineOf(given, { bitErrorRate: 1e-3, lossRate: 1e-3, duplicationRate: 1e-3 });
      const { read, error, time } = await run(given.name, line, { retries, maxInfo: 32 });
      ends[error === undefined ? 'delivered' : 'closed']++;
      expect(time).toBeLessThan(900_000);
      if (error === undefined) expect(read).toEqual(truth);
      else {
        expect(error).toBeInstanceOf(CosemError);
        expect((error as CosemError).code).toMatch(/^(link|timeout)$/);
      }
    });
    await fc.assert(property, { numRuns: 1000 });
    console.log(`at 1e-3: ${ends.delivered} delivered, ${ends.closed} closed`);
    expect(Math.min(ends.delivered, ends.closed)).toBeGreaterThan(50);
  });
});
