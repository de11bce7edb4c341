import { describe, expect, test } from 'vitest';
import { createMeter } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AccessError, is15959, type OpenOptions, open, readingsOf } from '../../src/index.js';
import { memoryPair } from '../../src/transport/memory.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const START = Date.UTC(2026, 5, 1, 6, 0, 0);
const NAMES = { 0: 'none', 1: 'lls', 2: 'hls2', 5: 'gmac' } as const;

/** The virtual meter, and the options with which one of its clients gets in. */
function bench(name: string, framing: 'hdlc' | 'wrapper') {
  const clock = new VirtualClock(START);
  const virtual = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
  const connection = virtual.connections.find((candidate) => candidate.name === name)!;
  const { security, mechanism, secret } = connection;
  const options: OpenOptions = {
    framing,
    clock,
    crypto: nodeCrypto,
    client: connection.client,
    authentication: NAMES[mechanism as keyof typeof NAMES],
    ...(mechanism === 1 ? { password: secret! } : mechanism > 1 ? { secret: secret! } : {}),
    ...(security && {
      security: {
        systemTitle: security.clientTitle,
        encryptionKey: security.encryptionKey,
        authenticationKey: security.authenticationKey,
        policy: security.policy,
        dedicatedKey: true as const,
        ...(security.invocationCounter && { readInvocationCounter: security.invocationCounter }),
      },
    }),
  };
  const connect = async () => {
    const [client, server] = memoryPair();
    await virtual.attach(server, { framing });
    return open(client, options);
  };
  return { clock, connect, virtual };
}

const singlePhase = is15959.categories.find(({ key }) => key === 'D1')!;

describe.each(['hdlc', 'wrapper'] as const)('the virtual Indian meter over %s', (framing) => {
  test.each(['reader', 'utility'])('tells the %s everything that the companion specification names', async (name) => {
    const { clock, connect } = bench(name, framing);
    const work = async () => {
      await using meter = await connect();
      const specs = readingsOf(is15959, 'all');
      const outcomes = await meter.readings(specs);
      return specs.map((spec, i) => ({ spec, outcome: outcomes[i]! }));
    };
    const results = await clock.run(work());
    const read = results.filter(({ outcome }) => outcome.ok);
    console.log(`readings of the ${name} over ${framing}: ${read.length} of ${results.length}`);
    // What a single-phase meter does not have are the objects of the three-phase one, and nothing else.
    const has = new Set(singlePhase.objects.map(({ logicalName }) => logicalName));
    const expected = results.filter(({ spec }) => has.has(spec.attribute.logicalName));
    expect(read.map(({ spec }) => spec.key)).toEqual(expected.map(({ spec }) => spec.key));
    expect(read.length).toBeGreaterThan(30);
    for (const { outcome } of results) {
      if (outcome.ok) expect(outcome.value.text).not.toContain('unknown');
      else expect(outcome.error).toMatchObject({ code: 'access', result: 'object-undefined' });
    }
  });

  test('gives its load profile of 35 days with units, by range and by number', async () => {
    const { clock, connect } = bench('reader', framing);
    const work = async () => {
      await using meter = await connect();
      const load = meter.profile('1.0.99.1.0.255');
      const columns = await load.columns();
      const day = await load.rows({ from: new Date(START - 86_400_000), to: new Date(START) });
      const last = await load.rows({ last: 3 });
      return { columns, day, last, state: await load.state() };
    };
    const { columns, day, last, state } = await clock.run(work());
    expect(columns.map((column) => column.scalerUnit === 'unknown')).not.toContain(true);
    expect(state.entriesInUse * state.capturePeriod).toBeGreaterThanOrEqual(34 * 86_400);
    expect(day.length).toBe(86_400 / state.capturePeriod + 1);
    expect(day.every((row, i) => i === 0 || day[i - 1]!.time!.compare(row.time!)! < 0)).toBe(true);
    expect(last.at(-1)!.time!.equals(day.at(-1)!.time!)).toBe(true);
    expect(last.length).toBe(3);
  });

  test('lists its objects, each of a class that the library knows', async () => {
    const { clock, connect } = bench('utility', framing);
    const work = async () => {
      await using meter = await connect();
      return await meter.objects();
    };
    const objects = await clock.run(work());
    expect(objects.length).toBeGreaterThan(100);
    expect(objects.filter(({ attributes }) => attributes.some(({ name }) => name === undefined))).toEqual([]);
  });

  test('lets the utility open and close the relay, and not the reader', async () => {
    const utility = bench('utility', framing);
    const switching = async () => {
      await using meter = await utility.connect();
      const relay = meter.relay();
      return [(await relay.disconnect()).state, (await relay.reconnect()).state];
    };
    expect((await utility.clock.run(switching()))[0]).toBe('disconnected');
    const reader = bench('reader', framing);
    const refused = async () => {
      await using meter = await reader.connect();
      await meter.relay().disconnect();
    };
    await expect(reader.clock.run(refused())).rejects.toBeInstanceOf(AccessError);
    expect(reader.virtual.connected).toBe(true);
  });
});
