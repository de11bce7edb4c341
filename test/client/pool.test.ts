import { afterAll, describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import {
  AccessError,
  LinkError,
  type Meter,
  MeterPool,
  type Metric,
  open,
  type PoolOptions,
  StateError,
} from '../../src/index.js';
import { FieldLine } from '../support/field-line.js';

const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
const virtual = createMeter('is15959-1ph', { seed: 7, clock });
const SERIAL = '0.0.96.1.0.255';
afterAll(() => virtual.stop());

/** Who is open at once, in all and by what is shared, and the most there ever were. */
class Census {
  readonly now = new Map<string, number>();
  readonly most = new Map<string, number>();

  enter(...names: string[]): () => void {
    for (const name of names) {
      const count = (this.now.get(name) ?? 0) + 1;
      this.now.set(name, count);
      this.most.set(name, Math.max(count, this.most.get(name) ?? 0));
    }
    return () => {
      for (const name of names) this.now.set(name, (this.now.get(name) ?? 0) - 1);
    };
  }
}

async function opened(signal: AbortSignal): Promise<Meter> {
  return open(await virtual.line({ framing: 'wrapper' }), {
    framing: 'wrapper',
    clock,
    signal,
    ...openOptionsOf(virtual, 'public'),
  });
}

function pass(time: number): Promise<void> {
  return new Promise((resolve) => void clock.at(clock.now() + time, resolve));
}

function pool(options: PoolOptions = {}): MeterPool {
  return new MeterPool({ clock, ...options });
}

async function all<T>(outcomes: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list;
}

describe('a pool of meters', () => {
  it('reads thousands behind gateways within its bounds; faults and a slow gateway hold up nobody else', {
    timeout: 240_000,
  }, async () => {
    const census = new Census();
    const begun = clock.now();
    const meters = Array.from({ length: 2000 }, (_, n) => {
      const gateway = `10.0.0.${n % 100}`;
      let tries = 0;
      return {
        n,
        gateway,
        open: async (signal: AbortSignal) => {
          tries++;
          if (n % 97 === 1 && tries < 3) throw new LinkError('transport', 'no route');
          if (n === 500) throw new LinkError('transport', 'never there');
          const meter = await opened(signal);
          meter.on('closed', census.enter('all', gateway));
          return meter;
        },
      };
    });
    const done: { n: number; at: number; ok: boolean; attempts: number }[] = [];
    const reading = (async () => {
      const outcomes = pool({ concurrency: 50, perGateway: 2 }).each(
        meters,
        async (meter, _options, { n, gateway }) => {
          await pass(gateway === '10.0.0.7' ? 60_000 : 1000);
          await meter.get(meter.data(SERIAL).value);
          return n;
        },
      );
      for await (const { meter, ok, value, error, attempts } of outcomes) {
        done.push({ n: meter.n, at: clock.now() - begun, ok, attempts });
        if (ok) expect(value).toBe(meter.n);
        else expect(error).toMatchObject({ message: 'never there' });
      }
    })();
    await clock.run(reading);
    expect(done).toHaveLength(2000);
    expect(new Set(done.map(({ n }) => n)).size).toBe(2000);
    expect(done.filter(({ ok }) => !ok).map(({ n, attempts }) => ({ n, attempts }))).toEqual([{ n: 500, attempts: 3 }]);
    expect(done.filter(({ attempts }) => attempts === 3)).toHaveLength(22);
    expect(census.most.get('all')).toBe(50);
    expect(Math.max(...[...census.most].filter(([name]) => name !== 'all').map(([, most]) => most))).toBe(2);
    // 20 meters of a minute each, two at a time: nothing but these is left after the others' time, which is 40 turns of a second and the pauses.
    const slow = done.filter(({ n }) => n % 100 === 7).map(({ at }) => at);
    expect(Math.max(...slow)).toBeGreaterThan(600_000 - 1);
    const others = done.filter(({ n }) => n % 100 !== 7).map(({ at }) => at);
    expect(Math.max(...others)).toBeLessThan(60_000);
    expect([...census.now.values()].every((count) => count === 0)).toBe(true);
  });

  it('lets meters on one line speak one at a time, whatever a gateway bears', async () => {
    const census = new Census();
    const meters = Array.from({ length: 12 }, (_, n) => ({
      gateway: 'concentrator',
      line: `port ${n % 2}`,
      open: async (signal: AbortSignal) => {
        const leave = census.enter(`port ${n % 2}`, 'all');
        const meter = await opened(signal);
        meter.on('closed', leave);
        return meter;
      },
    }));
    const outcomes = await clock.run(all(pool({ perGateway: 8 }).each(meters, () => pass(1000))));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(Object.fromEntries(census.most)).toEqual({ all: 2, 'port 0': 1, 'port 1': 1 });
  });

  it('shares its bounds among all that is done with it at once', async () => {
    const census = new Census();
    const one = (gateway: string) => ({
      gateway,
      open: async (signal: AbortSignal) => {
        const meter = await opened(signal);
        meter.on('closed', census.enter(gateway));
        return meter;
      },
    });
    const shared = pool();
    const work = () => pass(1000);
    const both = [shared.each([one('a'), one('a')], work), shared.each([one('a'), one('b')], work)];
    await clock.run(Promise.all(both.map(all)));
    expect(Object.fromEntries(census.most)).toEqual({ a: 1, b: 1 });
  });

  it('does work again that only read, and none that changed the meter; what the meter refuses is final', async () => {
    const counts = { read: 0, ordered: 0, refused: 0 };
    const broken = new LinkError('transport', 'the line broke');
    const open1 = { open: opened };
    const retry = { attempts: 3, backoff: { first: 1000, jitter: 0 } };
    const [read] = await clock.run(
      all(
        pool({ retry }).each([open1], async (meter) => {
          await meter.get(meter.data(SERIAL).value);
          if (++counts.read < 3) throw broken;
          return counts.read;
        }),
      ),
    );
    expect(read).toMatchObject({ ok: true, value: 3, attempts: 3 });
    const utility = {
      open: async (signal: AbortSignal) =>
        open(await virtual.line({ framing: 'wrapper' }), {
          framing: 'wrapper',
          clock,
          signal,
          ...openOptionsOf(virtual, 'utility'),
        }),
    };
    const [ordered] = await clock.run(
      all(
        pool({ retry }).each([utility], async (meter) => {
          counts.ordered++;
          await meter.relay().disconnect();
          throw broken;
        }),
      ),
    );
    expect(ordered).toMatchObject({ ok: false, error: broken, attempts: 1 });
    const [refused] = await clock.run(
      all(
        pool({ retry }).each([open1], async (meter) => {
          counts.refused++;
          return meter.get(meter.data('0.0.96.99.99.255').value);
        }),
      ),
    );
    expect(refused?.error).toBeInstanceOf(AccessError);
    expect(counts).toEqual({ read: 3, ordered: 1, refused: 1 });
  });

  it('counts how things go, without a name in it', async () => {
    const metrics: Metric[] = [];
    const meters = [
      { open: opened },
      {
        open: () => Promise.reject(new LinkError('no-answer', 'silence')),
      },
    ];
    const retry = { attempts: 2, backoff: { first: 100 } };
    await clock.run(all(pool({ retry, onMetric: (metric) => metrics.push(metric) }).each(meters, () => pass(500))));
    const attempts = metrics.filter(({ name }) => name === 'cosem.pool.attempts').map(({ labels }) => labels);
    expect(attempts).toEqual([
      { outcome: 'again', code: 'link' },
      { outcome: 'failed', code: 'link' },
      { outcome: 'ok', code: 'none' },
    ]);
    expect(metrics.filter(({ name }) => name === 'cosem.pool.duration').at(-1)?.value).toBeGreaterThanOrEqual(500);
    expect(metrics.filter(({ name }) => name === 'cosem.pool.running').at(-1)?.value).toBe(0);
  });

  it('starts no more than are fetched, but for those that are under way', async () => {
    let started = 0;
    const meters = Array.from({ length: 20 }, () => ({
      open: (signal: AbortSignal) => {
        started++;
        return opened(signal);
      },
    }));
    const outcomes = pool({ concurrency: 3 }).each(meters, () => pass(1000));
    await clock.run(outcomes.next());
    await clock.run(pass(60_000));
    expect(started).toBeLessThanOrEqual(7);
    await clock.run(outcomes.return());
    expect(started).toBeLessThanOrEqual(7);
  });

  it.each(['break', 'signal'] as const)(
    'ends by %s: what runs is released and closed, and nothing is left',
    async (how) => {
      const census = new Census();
      const field = new FieldLine({ framing: 'wrapper' });
      // Its clock alone shows what is left.
      const time = field.clock;
      const stop = new AbortController();
      const closed: string[] = [];
      const meters = Array.from({ length: 8 }, (_, n) => ({
        open: async (signal: AbortSignal) => {
          if (n === 5) {
            // One that is being opened for ever.
            return new Promise<Meter>((_resolve, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason)),
            );
          }
          if (n === 6) throw new LinkError('transport', 'again later');
          const meter = await open(await field.meter.line({ framing: 'wrapper' }), {
            framing: 'wrapper',
            clock: time,
            signal,
            ...openOptionsOf(field.meter, 'public'),
          });
          const leave = census.enter('open');
          meter.on('closed', () => {
            leave();
            closed.push(`${n}`);
          });
          return meter;
        },
      }));
      const wait = (ms: number) => new Promise<void>((resolve) => void time.at(time.now() + ms, resolve));
      const reading = async () => {
        const each = new MeterPool({ clock: time, grace: 2000, retry: { attempts: 99 } }).each(
          meters,
          async (meter, { signal }, pooled) => {
            if (pooled === meters[0]) return meter.get(meter.data(SERIAL).value, { signal });
            // Work that hears no signal.
            return new Promise<never>(() => {});
          },
          { signal: stop.signal },
        );
        for await (const outcome of each) {
          expect(outcome.error).toBeUndefined();
          if (how === 'break') break;
          time.at(time.now() + 5000, () => stop.abort(new Error('enough')));
        }
      };
      const begin = time.now();
      if (how === 'break') await time.run(reading());
      else await expect(time.run(reading())).rejects.toThrow('enough');
      expect(time.now() - begin).toBeLessThan(10_000);
      expect(census.now.get('open')).toBe(0);
      expect(closed).toHaveLength(6);
      await time.run(wait(1));
      field.meter.stop();
      time.advance(600_000);
      expect(time.next()).toBeUndefined();
    },
  );

  it('does not wait for a meter that does not say goodbye longer than it was told', async () => {
    const field = new FieldLine({ framing: 'wrapper' });
    const stop = new AbortController();
    const reading = async () => {
      const meters = [{ open: (signal: AbortSignal) => field.open('public', { signal }) }];
      const each = new MeterPool({ clock: field.clock, grace: 2000 }).each(
        meters,
        (meter, { signal }) => {
          field.meter.faults.add('silence=600s');
          field.at(1000, () => stop.abort(new Error('enough')));
          return meter.get(meter.data(SERIAL).value, { signal });
        },
        { signal: stop.signal },
      );
      for await (const _ of each);
    };
    const begin = field.clock.now();
    await expect(field.clock.run(reading())).rejects.toThrow('enough');
    expect(field.clock.now() - begin).toBeLessThan(6000);
  });

  it('refuses numbers that cannot be, and begins nothing that is not fetched', async () => {
    for (const options of [
      { concurency: 5 } as PoolOptions,
      { concurrency: 0 },
      { perGateway: 1.5 },
      { retry: { attempts: 0 } },
      { retry: { backoff: { factor: 0 } } },
    ]) {
      expect(() => pool(options)).toThrow(StateError);
    }
    const aborted = AbortSignal.abort(new Error('before'));
    const meters = [{ open: () => Promise.reject(new Error('must not be opened')) }];
    await expect(
      pool()
        .each(meters, () => pass(1), { signal: aborted })
        .next(),
    ).rejects.toThrow('before');
    pool().each(meters, () => pass(1));
  });
});
