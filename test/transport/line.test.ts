import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineNoise } from '../../simulator/line.js';
import { Random } from '../../simulator/random.js';
import { equalBytes } from '../../src/base/bytes.js';
import { CosemError, LinkError, TimeoutError } from '../../src/base/errors.js';
import type { LinkEvent } from '../../src/contracts/link.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import { type PairOptions, pair } from '../support/pair.js';

function* ask(question: Uint8Array): Procedure<Uint8Array> {
  return yield { apdu: question, reply: true };
}

/** What the server answers: as long as the question's first two octets say, and different for every question. */
function answer(question: Uint8Array): Uint8Array {
  const length = ((question[0] as number) << 8) | (question[1] as number);
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (question[2] as number)) & 0xff);
}

interface Outcome {
  readonly right: number;
  readonly wrong: number;
  readonly failed: CosemError | undefined;
  readonly time: number;
  readonly received: number;
}

/** Connects, asks, disconnects, closes. At the end nothing may be left under way. */
async function talk(options: Omit<PairOptions, 'handler'>, exchanges: number, seed: number): Promise<Outcome> {
  const random = new Random(seed);
  let received = 0;
  const t = await pair({
    ...options,
    handler: {
      payload: ({ bytes }) => {
        received++;
        return bytes.length >= 3 ? answer(bytes) : undefined;
      },
    },
  });
  let [right, wrong] = [0, 0];
  let failed: CosemError | undefined;
  try {
    await t.clock.run(t.driver.connect());
    for (let i = 0; i < exchanges; i++) {
      const length = random.below(250) + 1;
      const question = new Uint8Array(3 + random.below(100)).fill(i);
      question.set([length >> 8, length & 0xff, random.below(256)]);
      const got = await t.clock.run(t.driver.run(ask(question)));
      if (equalBytes(got, answer(question))) right++;
      else wrong++;
    }
  } catch (error) {
    if (!(error instanceof CosemError)) throw error;
    failed = error;
  }
  await t.clock.run(t.driver.close());
  const time = t.clock.now();
  await t.served.close();
  return { right, wrong, failed, time, received };
}

interface Case {
  readonly window: number;
  readonly info: number;
  readonly echo: boolean;
  readonly latency: number;
  readonly seed: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  window: fc.integer({ min: 1, max: 7 }),
  info: fc.constantFrom(32, 64, 128, 500, 2030),
  echo: fc.boolean(),
  latency: fc.constantFrom(0, 5, 80),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** A whole exchange of 380 octets comes to harm with probability 0.29 at 1e-4: 20 repetitions are enough (1e-11). */
function configured({ window, info, echo, latency, seed }: Case, noise: LineNoise): Omit<PairOptions, 'handler'> {
  const wanted = {
    maxInfoTransmit: info,
    maxInfoReceive: info,
    windowTransmit: window,
    windowReceive: window,
  };
  return {
    line: { echo: [echo, false], latency, seed, noise },
    client: { parameters: wanted, retries: 20 },
    server: { parameters: wanted },
  };
}

describe('HDLC over a virtual line', () => {
  it('delivers on a good line, in the time that the octets take', async () => {
    const outcome = await talk({ line: { echo: true } }, 20, 1);
    expect(outcome).toMatchObject({ right: 20, wrong: 0, failed: undefined, received: 20 });
  });

  it('tells of an unplugged line at once', async () => {
    const t = await pair({ handler: { payload: () => undefined } });
    await t.clock.run(t.driver.connect());
    const before = t.clock.now();
    const running = t.driver.run(ask(Uint8Array.of(1, 2, 3)));
    t.line.unplug();
    await expect(t.clock.run(running)).rejects.toThrow(/unplugged/);
    expect(t.clock.now()).toBe(before);
    await t.driver.close();
  });

  it('gives up on a meter that is not there, with words', async () => {
    const t = await pair({ handler: { payload: () => undefined }, server: { devices: [2] } });
    const error = await t.clock.run(t.driver.connect()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).reason).toBe('no-answer');
    expect((error as LinkError).hint).toMatch(/addresses/);
    expect(t.clock.now()).toBeLessThan(60_000);
  });

  it('discards what the line made of frames, with a reason', async () => {
    const events: LinkEvent[] = [];
    const t = await pair({
      handler: { payload: ({ bytes }) => bytes },
      line: { noise: [{}, { bitErrorRate: 3e-4 }], seed: 5 },
      driver: { onLinkEvent: (event) => events.push(event) },
    });
    await t.clock.run(t.driver.connect());
    for (let i = 0; i < 30; i++) await t.clock.run(t.driver.run(ask(new Uint8Array(60).fill(i))));
    const reasons = events.flatMap((event) => (event.type === 'discarded' ? [event.reason] : []));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).not.toBe('');
  });
});

describe('properties of client and server over a bad line', () => {
  it('at 1e-4 bit errors and losses everything is delivered, once and right', { timeout: 180_000 }, () =>
    fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const noise = { bitErrorRate: 1e-4, lossRate: 1e-4 };
        const outcome = await talk(configured(given, noise), 3, given.seed);
        expect(outcome).toMatchObject({ right: 3, wrong: 0, failed: undefined, received: 3 });
      }),
      { numRuns: 1000 },
    ),
  );

  it(
    'at 1e-3, with repeated octets and silences, it ends delivered or closed in bounded time',
    {
      timeout: 180_000,
    },
    () =>
      fc.assert(
        fc.asyncProperty(cases, async (given) => {
          const noise = { bitErrorRate: 1e-3, lossRate: 1e-3, duplicationRate: 1e-3, silenceRate: 1e-4, silence: 300 };
          const outcome = await talk(configured(given, noise), 3, given.seed);
          expect(outcome.time).toBeLessThan(600_000);
          expect(outcome.received).toBeLessThanOrEqual(outcome.right + outcome.wrong + 1);
          if (outcome.failed === undefined) expect(outcome.right + outcome.wrong).toBe(3);
          else expect(outcome.failed instanceof LinkError || outcome.failed instanceof TimeoutError).toBe(true);
        }),
        { numRuns: 1000 },
      ),
  );
});
