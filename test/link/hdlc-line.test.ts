import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import type { HdlcParameters } from '../../src/link/hdlc-parameters.js';
import { nameOf } from './harness.js';
import { type Faults, FaultyLine, randomFrom } from './line.js';

interface Script {
  readonly client: HdlcParameters;
  readonly server: HdlcParameters;
  readonly addressSize: 1 | 2 | 4;
  /** Lengths of each request and its response. */
  readonly exchanges: readonly (readonly [number, number])[];
  /** Requests queued at once. */
  readonly together: number;
  readonly faults: Faults;
}

interface Outcome {
  readonly names: [string[], string[]];
  readonly asked: string[];
  readonly heard: string[];
  readonly answered: string[];
  readonly got: string[];
  readonly closed: string | undefined;
  readonly now: number;
}

/** Connects, makes all exchanges, disconnects, over that line; what came of it. */
function play(script: Script): Outcome {
  const random = randomFrom(script.faults.seed ^ 0x5eed);
  // Text that tells where it belongs, with flags in it.
  let serial = 0;
  const payload = (length: number): Uint8Array => {
    const text = `~${serial++}:${Math.floor(random() * 1e9)}`;
    return Buffer.from(text.repeat(Math.ceil(length / text.length)).slice(0, length), 'latin1');
  };
  const tell = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const asked: string[] = [];
  const heard: string[] = [];
  const answered: string[] = [];
  const got: string[] = [];
  let closed: string | undefined;
  const waiting = [...script.exchanges];
  let open = 0;
  const lower = script.addressSize === 1 ? {} : { lower: 17 };
  const { addressSize } = script;
  const client = new HdlcLink('client', { client: 16, server: 1, ...lower, addressSize, parameters: script.client });
  const server = new HdlcLink('server', { devices: [1], ...lower, parameters: script.server });
  const speak = (now: number): void => {
    if (open > 0) return;
    for (; open < script.together && waiting.length > 0; open++) {
      const request = payload((waiting.shift() as [number, number])[0]);
      asked.push(tell(request));
      client.send(request, now);
    }
    if (open === 0) client.disconnect(now);
  };
  const line = new FaultyLine(
    {
      link: client,
      event: (event, now) => {
        if (event.type === 'connected') speak(now);
        if (event.type === 'closed') closed = event.cause;
        if (event.type !== 'payload') return;
        got.push(tell(event.bytes));
        open--;
        speak(now);
      },
    },
    {
      link: server,
      event: (event, now) => {
        if (event.type !== 'payload') return;
        heard.push(tell(event.bytes));
        const response = payload(script.exchanges[heard.length - 1]?.[1] ?? 1);
        answered.push(tell(response));
        server.send(response, now);
      },
    },
    script.faults,
  );
  client.connect(0);
  line.run(() => closed !== undefined, 3_600_000);
  const names = line.sent.map((frames) => frames.map(nameOf)) as [string[], string[]];
  return { names, asked, heard, answered, got, closed, now: line.clock.now() };
}

const parameters = (most: number) =>
  fc.record({
    maxInfoTransmit: fc.integer({ min: 32, max: most }),
    maxInfoReceive: fc.integer({ min: 32, max: most }),
    windowTransmit: fc.integer({ min: 1, max: 7 }),
    windowReceive: fc.integer({ min: 1, max: 7 }),
  });

const lengths = (most: number) => fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: most }));
const exchanges = (most: number, least = 1) =>
  fc.array(fc.tuple(lengths(most), lengths(most)), { minLength: least, maxLength: 5 });
const addressSize = fc.constantFrom<1 | 2 | 4>(1, 2, 4);

describe('client and server over a line', () => {
  test('a bad line: each payload once and in order, or the link is closed', () => {
    let delivered = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        fc.record({
          client: parameters(300),
          server: parameters(300),
          addressSize,
          exchanges: exchanges(1500),
          together: fc.integer({ min: 1, max: 3 }),
          faults: fc.record({
            seed: fc.integer(),
            lose: fc.double({ min: 0, max: 0.2, noNaN: true }),
            corrupt: fc.double({ min: 0, max: 0.2, noNaN: true }),
            repeat: fc.double({ min: 0, max: 0.2, noNaN: true }),
            delay: fc.double({ min: 0, max: 0.2, noNaN: true }),
            delayMost: fc.integer({ min: 0, max: 4000 }),
            echo: fc.boolean(),
            chop: fc.boolean(),
          }),
        }),
        (script) => {
          const { asked, heard, answered, got, closed } = play(script);
          expect(closed).toBeDefined();
          // What arrived is what was sent, from the first on, nothing twice and nothing between left out.
          expect(heard).toEqual(asked.slice(0, heard.length));
          expect(got).toEqual(answered.slice(0, got.length));
          const whole = got.length === script.exchanges.length;
          if (closed === 'local') expect(whole).toBe(true);
          runs++;
          if (whole) delivered++;
        },
      ),
      { numRuns: 1500 },
    );
    console.log(`bad lines: ${delivered} of ${runs} conversations came through, the others closed`);
    expect(delivered).toBeGreaterThan(runs / 2);
  });

  test('a good line: all is delivered with the fewest frames', () => {
    fc.assert(
      fc.property(
        fc.record({
          client: parameters(2030),
          server: parameters(2030),
          addressSize,
          exchanges: exchanges(10_000),
          together: fc.constant(1),
          faults: fc.record({ seed: fc.integer(), echo: fc.boolean(), chop: fc.boolean() }),
        }),
        (script) => {
          const { names, asked, heard, answered, got, closed } = play(script);
          expect({ heard, got, closed }).toEqual({ heard: asked, got: answered, closed: 'local' });
          expect(got.length).toBe(script.exchanges.length);
          const up = {
            info: Math.min(script.client.maxInfoTransmit, script.server.maxInfoReceive),
            window: Math.min(script.client.windowTransmit, script.server.windowReceive),
          };
          const down = {
            info: Math.min(script.server.maxInfoTransmit, script.client.maxInfoReceive),
            window: Math.min(script.server.windowTransmit, script.client.windowReceive),
          };
          const wanted = { up: 0, down: 0, upRr: 0, downRr: 0 };
          for (const [request, response] of script.exchanges) {
            // The LLC header is three octets more.
            const requests = Math.ceil((request + 3) / up.info);
            const responses = Math.ceil((response + 3) / down.info);
            wanted.up += requests;
            wanted.down += responses;
            wanted.downRr += Math.ceil(requests / up.window) - 1;
            wanted.upRr += Math.ceil(responses / down.window) - 1;
          }
          const count = (side: 0 | 1, kind: RegExp) => names[side].filter((name) => kind.test(name)).length;
          expect({ up: count(0, /^I/), down: count(1, /^I/), upRr: count(0, /^RR/), downRr: count(1, /^RR/) }).toEqual(
            wanted,
          );
          expect(names[0].length).toBe(wanted.up + wanted.upRr + 2);
          expect(names[1].length).toBe(wanted.down + wanted.downRr + 2);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('window 1, one frame each way: two I frames and no RR', () => {
    const small: HdlcParameters = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 };
    const script = {
      client: small,
      server: small,
      addressSize: 1,
      exchanges: [
        [13, 20],
        [13, 20],
      ],
      together: 1,
    } as const;
    expect(play({ ...script, faults: { seed: 1 } }).names).toEqual([
      ['SNRM', 'I0.0', 'I1.1', 'DISC'],
      ['UA', 'I0.1', 'I1.2', 'UA'],
    ]);
  });

  test('a dead line: closed by time-out, in bounded time', () => {
    const small: HdlcParameters = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 };
    const script = { client: small, server: small, addressSize: 1, exchanges: [[13, 20]], together: 1 } as const;
    const { closed, now, names } = play({ ...script, faults: { seed: 1, lose: 1 } });
    expect({ closed, now, names }).toEqual({
      closed: 'timeout',
      now: 12_000,
      names: [['SNRM', 'SNRM', 'SNRM', 'SNRM'], []],
    });
  });
});
