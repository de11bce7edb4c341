import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineOptions, VirtualLine } from '../../simulator/line.js';
import { Random } from '../../simulator/random.js';
import { VirtualClock } from '../../src/base/clock.js';
import { LinkError } from '../../src/base/errors.js';
import type { Transport } from '../../src/contracts/transport.js';

interface Heard {
  readonly octets: number[];
  readonly times: number[];
  error: Error | undefined;
  closed: number;
}

async function listen(transport: Transport, clock: VirtualClock): Promise<Heard> {
  const heard: Heard = { octets: [], times: [], error: undefined, closed: 0 };
  await transport.open({
    data: (chunk) => {
      heard.octets.push(...chunk);
      heard.times.push(clock.now());
    },
    closed: (error) => {
      heard.closed++;
      heard.error = error;
    },
  });
  return heard;
}

async function line(options: LineOptions = {}) {
  const clock = new VirtualClock();
  const made = new VirtualLine(clock, options);
  const a = await listen(made.a, clock);
  const b = await listen(made.b, clock);
  return { clock, line: made, a, b };
}

const counting = (n: number) => Uint8Array.from({ length: n }, (_, i) => i & 0xff);

describe('a virtual line', () => {
  it('takes ten bits an octet and the latency, and hands over in pieces of the FIFO', async () => {
    const t = await line({ baudRate: 1000, latency: 3, fifo: 4 });
    t.line.a.write(counting(10));
    t.clock.advance(1000);
    expect(t.b.octets).toEqual([...counting(10)]);
    expect(t.b.times).toEqual([43, 83, 103]);
    expect(t.a.octets).toEqual([]);
  });

  it('sends one write after the other', async () => {
    const t = await line({ baudRate: 1000 });
    t.line.a.write(counting(2));
    t.line.a.write(counting(1));
    t.clock.advance(5);
    t.line.a.write(counting(1));
    t.clock.advance(1000);
    expect(t.b.times).toEqual([20, 30, 40]);
  });

  it('drains when the last bit has left', async () => {
    const t = await line({ baudRate: 1000, latency: 7 });
    t.line.a.write(counting(5));
    await t.clock.run(t.line.a.drain?.() ?? Promise.reject(new Error('no drain')));
    expect(t.clock.now()).toBe(50);
  });

  it('is heard by the sender where it echoes', async () => {
    const t = await line({ echo: [true, false], latency: 50 });
    t.line.a.write(counting(3));
    t.line.b.write(Uint8Array.of(9));
    t.clock.advance(100);
    expect(t.a.octets).toEqual([0, 1, 2, 9]);
    expect(t.b.octets).toEqual([0, 1, 2]);
  });

  it('keeps the writer its array', async () => {
    const t = await line({ noise: { bitErrorRate: 0.5 } });
    const bytes = counting(64);
    t.line.a.write(bytes);
    t.clock.advance(1000);
    expect(bytes).toEqual(counting(64));
    expect(t.b.octets).not.toEqual([...bytes]);
  });

  it('repeats its noise for the same seed and not for another', async () => {
    const run = async (seed: number) => {
      const t = await line({ seed, noise: { bitErrorRate: 0.01, lossRate: 0.01, duplicationRate: 0.01 } });
      t.line.a.write(counting(4000));
      t.clock.advance(10_000);
      return t.b.octets;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it.each([
    ['bitErrorRate', { bitErrorRate: 0.001 }, 'damaged', 1 - 0.999 ** 8],
    ['lossRate', { lossRate: 0.02 }, 'lost', 0.02],
    ['duplicationRate', { duplicationRate: 0.02 }, 'duplicated', 0.02],
  ] as const)('has as many mishaps as %s says, one way only', async (_, noise, what, rate) => {
    const t = await line({ noise: [noise, {}], baudRate: 1_000_000 });
    const n = 100_000;
    t.line.a.write(new Uint8Array(n));
    t.line.b.write(new Uint8Array(n));
    t.clock.advance(10_000);
    const [there, back] = t.line.statistics;
    const sigma = Math.sqrt(n * rate * (1 - rate));
    expect(Math.abs(there[what] - n * rate)).toBeLessThan(5 * sigma);
    expect(t.b.octets.length).toBe(n - there.lost + there.duplicated);
    expect(t.b.octets.filter((octet) => octet !== 0).length).toBe(there.damaged);
    expect(back).toEqual({ sent: n, lost: 0, damaged: 0, duplicated: 0 });
  });

  it('draws the same mishaps however the writes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        fc.integer(),
        fc.integer({ min: 1, max: 64 }),
        async (cuts, seed, fifo) => {
          const total = cuts.reduce((sum, cut) => sum + cut, 0);
          const noise = { bitErrorRate: 0.005, lossRate: 0.02, duplicationRate: 0.02, silenceRate: 0.005, silence: 7 };
          const whole = await line({ seed, noise, fifo });
          whole.line.a.write(counting(total));
          whole.clock.advance(10_000);
          const cut = await line({ seed, noise });
          let from = 0;
          for (const length of cuts) {
            cut.line.a.write(counting(total).subarray(from, from + length));
            from += length;
          }
          cut.clock.advance(10_000);
          expect(cut.b.octets).toEqual(whole.b.octets);
        },
      ),
      { numRuns: 1000 },
    ));

  it('falls silent for as long as told', async () => {
    const t = await line({ baudRate: 10_000, noise: { silenceRate: 1e-4, silence: 50 }, seed: 3 });
    const bytes = new Uint8Array(100_000).fill(0x55);
    t.line.a.write(bytes);
    t.clock.advance(200_000);
    const [{ lost }] = t.line.statistics;
    expect(lost).toBeGreaterThan(0);
    expect(t.b.octets.length).toBe(bytes.length - lost);
    // A silence of 50 ms at one octet a millisecond takes 50 octets; overlapping ones only lengthen it.
    expect(lost).toBeGreaterThanOrEqual(50);
  });

  it('is garbage at the wrong speed and right again at the right one', async () => {
    const t = await line({ baudRate: 300 });
    await t.line.a.configure?.({ baudRate: 9600 });
    t.line.a.write(counting(32));
    t.clock.advance(1000);
    expect(t.b.octets.length).toBe(32);
    expect(t.b.octets).not.toEqual([...counting(32)]);
    t.b.octets.length = 0;
    await t.line.b.configure?.({ baudRate: 9600 });
    t.line.a.write(counting(32));
    t.clock.advance(1000);
    expect(t.b.octets).toEqual([...counting(32)]);
  });

  it('carries seven bits and even parity', async () => {
    const t = await line({ baudRate: 300 });
    await t.line.a.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    t.line.a.write(Uint8Array.from([0x2f, 0x3f, 0x21]));
    t.clock.advance(1000);
    expect(t.b.octets).toEqual([0xaf, 0x3f, 0x21]);
    await t.line.b.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    t.b.octets.length = 0;
    t.line.a.write(Uint8Array.from([0x2f, 0x3f, 0x21]));
    t.line.b.write(Uint8Array.from([0x2f]));
    t.clock.advance(1000);
    expect(t.b.octets).toEqual([0x2f, 0x3f, 0x21]);
    expect(t.a.octets).toEqual([0x2f]);
  });

  it('tells nobody of a closed end, and both of an unplugged line', async () => {
    const quiet = await line();
    await quiet.line.a.close();
    quiet.line.b.write(counting(3));
    quiet.clock.advance(1000);
    expect([quiet.a.closed, quiet.a.error, quiet.b.closed, quiet.a.octets]).toEqual([1, undefined, 0, []]);

    const gone = await line();
    gone.line.a.write(counting(3));
    gone.line.unplug();
    gone.clock.advance(1000);
    for (const end of [gone.a, gone.b]) {
      expect(end.closed).toBe(1);
      expect(end.error).toBeInstanceOf(LinkError);
      expect(end.octets).toEqual([]);
    }
  });

  it('arms one timer a direction however much is under way', async () => {
    let armed = 0;
    let most = 0;
    const clock = new VirtualClock();
    const counted = {
      now: () => clock.now(),
      at: (time: number, action: () => void) => {
        most = Math.max(most, ++armed);
        return clock.at(time, () => {
          armed--;
          action();
        });
      },
    };
    const made = new VirtualLine(counted);
    const b = await listen(made.b, clock);
    await listen(made.a, clock);
    for (let i = 0; i < 100; i++) made.a.write(counting(200));
    clock.advance(60_000);
    expect(b.octets.length).toBe(20_000);
    expect(most).toBe(1);
  });
});

describe('seeded random numbers', () => {
  it('repeat for a seed, differ between seeds, also above 32 bits', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 8 },
        (
          (r) => () =>
            r.u32()
        )(new Random(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7)).not.toEqual(draw(7 + 2 ** 32));
  });

  it('are even in every bit', () => {
    const random = new Random(42);
    const ones = new Array<number>(32).fill(0);
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const value = random.u32();
      for (let bit = 0; bit < 32; bit++) if ((value >>> bit) & 1) ones[bit]! += 1;
    }
    for (const count of ones) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  it('wait for a rare event as long as its probability says', () => {
    const random = new Random(1);
    const n = 20_000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += random.failuresBefore(0.01);
    // Geometric: mean (1-p)/p = 99, deviation about 99.5.
    expect(Math.abs(sum / n - 99)).toBeLessThan((5 * 99.5) / Math.sqrt(n));
    expect(random.failuresBefore(0)).toBe(Number.POSITIVE_INFINITY);
    expect(random.failuresBefore(1)).toBe(0);
  });
});
