import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.js';
import {
  LinkError,
  type Meter,
  MeterPool,
  type Metric,
  type PooledMeter,
  type PoolOptions,
  type PoolOutcome,
  TimeoutError,
} from '../../src/index.js';

/** A meter of which only the end matters: `closing` says how long its goodbye takes, which `abort` cuts short. */
class Ending {
  readonly changed = false;
  closed = false;
  readonly aborts: unknown[] = [];
  readonly #clock: VirtualClock;
  readonly #goodbye: number;
  #cut: (() => void) | undefined;

  constructor(clock: VirtualClock, goodbye = 0) {
    this.#clock = clock;
    this.#goodbye = goodbye;
  }

  get meter(): Meter {
    return this as unknown as Meter;
  }

  async close(): Promise<void> {
    if (this.#goodbye > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.at(this.#clock.now() + this.#goodbye, resolve);
        this.#cut = () => {
          cancel();
          resolve();
        };
      });
    }
    this.closed = true;
  }

  async abort(reason: unknown): Promise<void> {
    this.aborts.push(reason);
    this.#cut?.();
  }
}

const silent = () => new TimeoutError('silence');
const NEVER = new Promise<never>(() => {});

function bench(options: PoolOptions = {}) {
  const clock = new VirtualClock();
  const opened: string[] = [];
  const signals: AbortSignal[] = [];
  const endings: Ending[] = [];
  return {
    clock,
    opened,
    signals,
    endings,
    pool: new MeterPool({ clock, ...options }),
    wait: (time: number) => new Promise<void>((resolve) => void clock.at(clock.now() + time, resolve)),
    /** A meter for the pool that is open at once. */
    one(name: string, { goodbye = 0, ...shared }: { goodbye?: number; gateway?: string; line?: string } = {}) {
      const open = async (signal: AbortSignal) => {
        opened.push(name);
        signals.push(signal);
        const ending = new Ending(clock, goodbye);
        endings.push(ending);
        return ending.meter;
      };
      return { name, open, ...shared };
    },
  };
}

async function all<P, T>(outcomes: AsyncIterable<PoolOutcome<P, T>>): Promise<PoolOutcome<P, T>[]> {
  const list: PoolOutcome<P, T>[] = [];
  for await (const outcome of outcomes) list.push(outcome);
  return list;
}

describe('a pool that is left', () => {
  it('is over only when every meter has said goodbye, and leaves no timer and no listener', async () => {
    const { clock, pool, one, endings, signals, wait } = bench();
    const stop = new AbortController();
    const meters = [one('quick'), one('slow', { goodbye: 3000 }), one('working', { goodbye: 1000 })];
    const reading = async () => {
      const works = [() => wait(10), () => wait(5), () => NEVER];
      const each = pool.each(meters, (_meter, _options, pooled) => works[meters.indexOf(pooled)]?.() ?? NEVER, {
        signal: stop.signal,
      });
      for await (const _ of each) break;
    };
    await clock.run(reading());
    expect(endings.map(({ closed }) => closed)).toEqual([true, true, true]);
    // All said goodbye within the grace: none is torn down, then or later, by the end of the pool or by a signal that was given to its opening.
    expect(clock.next()).toBeUndefined();
    expect(endings.map(({ aborts }) => aborts)).toEqual([[], [], []]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    let asked = 0;
    Object.defineProperty(stop.signal, 'reason', { get: () => asked++ });
    stop.abort();
    expect(asked).toBe(0);
  });

  it.each(['before', 'while'] as const)(
    'tears down after the grace what began its goodbye %s it was left',
    async (when) => {
      const { clock, pool, one, endings, wait } = bench();
      const stop = new AbortController();
      const why = new Error('enough');
      const meters = [one('mute', { goodbye: 600_000 })];
      const each = pool.each(meters, () => (when === 'before' ? wait(1) : NEVER), { signal: stop.signal });
      clock.at(1000, () => stop.abort(why));
      await expect(clock.run(all(each))).rejects.toBe(why);
      // Five seconds are the default.
      expect(clock.now()).toBe(6000);
      expect(endings[0]).toMatchObject({ closed: true, aborts: [why] });
      expect(clock.next()).toBeUndefined();
    },
  );

  it.each([
    [{}, ['a', 'long', 'b', 'd', 'e']],
    [{ gateway: 'g' }, ['a', 'long', 'd', 'e']],
    [{ line: 'l' }, ['a', 'long', 'd', 'e']],
  ])('opens nothing that still waits where %o is shared; what others do goes on', async (shared, expected) => {
    const { clock, pool, one, opened, wait } = bench({ concurrency: 2 });
    const names = ['a', 'long', 'b', 'c'];
    const left = pool.each(
      names.map((name) => one(name, shared)),
      (_meter, _options, { name }) => wait(name === 'a' ? 1000 : 5000),
    );
    const first = left.next();
    const other = all(pool.each([one('d', shared), one('e', shared)], () => wait(1000)));
    await clock.run(first);
    await clock.run(left.return());
    expect((await clock.run(other)).map(({ ok }) => ok)).toEqual([true, true]);
    expect(opened).toEqual(expected);
  });

  it('is left at once where it only pauses, and forgets the pause', async () => {
    const { clock, pool } = bench({ retry: { backoff: { first: 60_000, jitter: 0 } } });
    const stop = new AbortController();
    let tries = 0;
    const signals: AbortSignal[] = [];
    const open = (signal: AbortSignal) => {
      tries++;
      signals.push(signal);
      return Promise.reject(silent());
    };
    clock.at(1000, () => stop.abort(new Error('enough')));
    await expect(clock.run(all(pool.each([{ open }], () => NEVER, { signal: stop.signal })))).rejects.toThrow('enough');
    expect({ now: clock.now(), next: clock.next(), tries }).toEqual({ now: 1000, next: undefined, tries: 1 });
    // That opening was over long before.
    expect(signals[0]?.aborted).toBe(false);
  });

  it('tells an opening why it is aborted, and does not try it again', async () => {
    const metrics: Metric[] = [];
    const { clock, pool } = bench({ onMetric: (metric) => metrics.push(metric) });
    const stop = new AbortController();
    const why = new Error('enough');
    const reasons: unknown[] = [];
    const open = (signal: AbortSignal) =>
      new Promise<Meter>((_, reject) =>
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          reject(silent());
        }),
      );
    clock.at(1000, () => stop.abort(why));
    await expect(clock.run(all(pool.each([{ open }], () => NEVER, { signal: stop.signal })))).rejects.toBe(why);
    expect(reasons).toEqual([why]);
    expect(clock.next()).toBeUndefined();
    expect(metrics.filter(({ name }) => name === 'cosem.pool.attempts').map(({ labels }) => labels)).toEqual([
      { outcome: 'ended', code: 'timeout' },
    ]);
  });

  it.each([
    ['LinkError', () => new LinkError('transport', 'the line broke while it was closed')],
    ['DOMException', () => new DOMException('This operation was aborted', 'AbortError')],
  ])('takes a %s of closing for no outcome and leaves no rejection behind', async (_, failure) => {
    const rejections: unknown[] = [];
    const note = (error: unknown) => rejections.push(error);
    process.on('unhandledRejection', note);
    try {
      const metrics: Metric[] = [];
      const { clock, pool, wait } = bench({ onMetric: (metric) => metrics.push(metric) });
      const meter = { changed: false, close: () => Promise.reject(failure()), abort: () => Promise.resolve() };
      const broken = { open: () => Promise.resolve(meter as unknown as Meter) };
      const outcomes = await clock.run(all(pool.each([broken, broken], () => wait(10).then(() => 7))));
      expect(outcomes.map(({ ok, value, attempts }) => [ok, value, attempts])).toEqual([
        [true, 7, 1],
        [true, 7, 1],
      ]);
      // The same while the pool is stopped: the reason is thrown, and nothing else.
      const stop = new AbortController();
      const why = failure();
      clock.at(clock.now() + 5, () => stop.abort(why));
      await expect(clock.run(all(pool.each([broken], () => NEVER, { signal: stop.signal })))).rejects.toBe(why);
      await new Promise((resolve) => setImmediate(resolve));
      expect(rejections).toEqual([]);
      expect(clock.next()).toBeUndefined();
      expect(metrics.filter(({ name }) => name === 'cosem.pool.attempts').map(({ labels }) => labels.outcome)).toEqual([
        ...['ok', 'ok', 'ended'],
      ]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('begins no work with a meter that opens too late, and closes it', async () => {
    const { clock, pool, wait } = bench();
    const stop = new AbortController();
    const late = new Ending(clock);
    let worked = 0;
    const open = async () => {
      await wait(2000);
      return late.meter;
    };
    clock.at(1000, () => stop.abort(new Error('enough')));
    const each = pool.each([{ open }], async () => void worked++, { signal: stop.signal });
    await expect(clock.run(all(each))).rejects.toThrow('enough');
    expect({ worked, closed: late.closed }).toEqual({ worked: 0, closed: true });
  });
});

describe('what a pool does unless it is told otherwise', () => {
  it('opens 64 meters at once and tries three times', async () => {
    const { clock, pool, one, opened, wait } = bench();
    let tries = 0;
    const never = {
      open: () => {
        tries++;
        return Promise.reject(silent());
      },
    };
    const meters: PooledMeter[] = Array.from({ length: 70 }, (_, n) => one(`${n}`));
    const reading = clock.run(all(pool.each(meters, () => wait(1000))));
    expect(opened).toHaveLength(64);
    expect(await reading).toHaveLength(70);
    expect(await clock.run(all(pool.each([never], () => NEVER)))).toMatchObject([{ ok: false, attempts: 3 }]);
    expect(tries).toBe(3);
  });

  it('tries meters that failed together again at different times', async () => {
    const { clock, pool } = bench({ retry: { attempts: 2 } });
    const times = new Set<number>();
    const meters = Array.from({ length: 20 }, () => ({
      open: () => {
        times.add(clock.now());
        return Promise.reject(silent());
      },
    }));
    await clock.run(all(pool.each(meters, () => NEVER)));
    expect(times.size).toBe(21);
  });
});

describe('the turns of a pool', () => {
  it('go on with what was held back while nobody fetched', async () => {
    const { clock, pool, one, opened, wait } = bench({ concurrency: 3 });
    const each = pool.each(
      Array.from({ length: 20 }, (_, n) => one(`${n}`)),
      () => wait(1000),
    );
    const first = await clock.run(each.next());
    await clock.run(wait(60_000));
    expect(opened.length).toBeLessThanOrEqual(7);
    const rest = await clock.run(all(each));
    expect(new Set([first.value, ...rest].map((outcome) => outcome?.meter.name)).size).toBe(20);
  });

  it('take a gateway and a line of one name for two things', async () => {
    const { clock, pool, one, opened, wait } = bench();
    const reading = clock.run(all(pool.each([one('a', { gateway: 'x' }), one('b', { line: 'x' })], () => wait(1000))));
    expect(opened).toEqual(['a', 'b']);
    await reading;
  });

  it('come in the order of asking, also for who had to wait for a gateway', async () => {
    const { clock, pool, one, opened, wait } = bench({ concurrency: 2 });
    const meters = [one('a', { gateway: 'g' }), one('b', { gateway: 'g' }), one('c'), one('d')];
    await clock.run(all(pool.each(meters, (_meter, _options, { name }) => wait(name === 'a' ? 1000 : 5000))));
    expect(opened).toEqual(['a', 'c', 'b', 'd']);
  });

  it('are given once, also where an opening begins another pass', async () => {
    const { clock, pool, one, opened, wait } = bench();
    let inner: Promise<unknown> | undefined;
    const outer = one('outer');
    const nesting = {
      open: (signal: AbortSignal) => {
        inner ??= all(pool.each([one('inner')], () => wait(1)));
        return outer.open(signal);
      },
    };
    await clock.run(all(pool.each([nesting], () => wait(1))));
    await clock.run(Promise.resolve(inner));
    expect(opened).toEqual(['outer', 'inner']);
  });
});

describe('the metrics of a pool', () => {
  it('tell how many run at each change, and which errors are not ours', async () => {
    const metrics: Metric[] = [];
    const { clock, pool, one, wait } = bench({ onMetric: (metric) => metrics.push(metric) });
    const broken = { open: () => Promise.reject(new RangeError('of the caller')) };
    await clock.run(all(pool.each([one('a'), broken], () => wait(1000))));
    const of = (name: string) => metrics.filter((metric) => metric.name === `cosem.pool.${name}`);
    expect(of('running').map(({ value }) => value)).toEqual([1, 2, 1, 0]);
    expect(of('attempts').map(({ labels }) => labels)).toEqual([
      { outcome: 'failed', code: 'other' },
      { outcome: 'ok', code: 'none' },
    ]);
  });

  it('do no harm where the hook throws: each is an uncaught error, and all outcomes come', async () => {
    const before = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught: Error[] = [];
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const called: string[] = [];
      const { clock, pool, one, wait, endings } = bench({
        retry: { attempts: 2 },
        onMetric: ({ name }) => {
          called.push(name);
          throw new Error('of the caller');
        },
      });
      const broken = { open: () => Promise.reject(new LinkError('no-answer', 'silence')) };
      const outcomes = await clock.run(all(pool.each([one('a'), broken], () => wait(1000))));
      expect(outcomes).toMatchObject(
        [{ ok: true }, { ok: false, attempts: 2, error: { message: 'silence' } }].reverse(),
      );
      expect(endings[0]?.closed).toBe(true);
      while (uncaught.length < called.length) await new Promise((resolve) => setImmediate(resolve));
      expect(new Set(called).size).toBe(3);
      expect(new Set(uncaught.map(({ message }) => message))).toEqual(new Set(['of the caller']));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener as (error: Error) => void);
    }
  });
});
