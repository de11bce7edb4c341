import { describe, expect, it, vi } from 'vitest';
import { lazily, systemClock, VirtualClock } from '../../src/base/clock.js';

/** Settles `turns` actions of that clock later. */
function later(clock: VirtualClock, turns: number): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number): unknown => (left === 0 ? resolve() : clock.at(clock.now() + 10, () => next(left - 1)));
    next(turns);
  });
}

describe('VirtualClock.run', () => {
  it('lets time pass until the promise settles, whatever chain of promises stands between', async () => {
    const clock = new VirtualClock();
    await clock.run(
      (async () => {
        for (let i = 0; i < 5; i++) {
          await later(clock, 3);
          for (let link = 0; link < 100; link++) await undefined;
        }
      })(),
    );
    expect(clock.now()).toBe(150);
  });

  it('waits for code that is loaded on the way, however many turns of the event loop that takes, and lets no time pass', async () => {
    const clock = new VirtualClock();
    const ticks = () => void clock.at(clock.now() + 1000, ticks);
    ticks();
    let loads = 0;
    const load = lazily(async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      return ++loads;
    });
    await clock.run(Promise.all([load(), load()]));
    expect(await clock.run(load())).toBe(1);
    expect(clock.now()).toBe(0);
  });

  it('loads code again that could not be loaded', async () => {
    let loads = 0;
    const load = lazily(async () => {
      if (++loads === 1) throw new Error('no network');
      return loads;
    });
    const clock = new VirtualClock();
    await expect(clock.run(load())).rejects.toThrow('no network');
    expect(await clock.run(load())).toBe(2);
  });

  it('says of a hang that it is one', async () => {
    await expect(new VirtualClock().run(new Promise(() => {}))).rejects.toThrow(/^virtual time stands still/);
    const clock = new VirtualClock();
    const ticks = () => void clock.at(clock.now() + 1000, ticks);
    ticks();
    await expect(clock.run(new Promise(() => {}), 60_000)).rejects.toThrow('still open after 60000 ms of virtual time');
  });

  it('says what may be the matter where the run of another clock is awaited, which is no hang', async () => {
    const [outer, inner] = [new VirtualClock(), new VirtualClock()];
    const awaited = inner.run(later(inner, 3));
    await expect(outer.run(awaited)).rejects.toThrow(/Does it await another clock, or something real\?/);
    await awaited;
  });
});

describe('systemClock', () => {
  it('rings at no time that timers of the platform cannot hold before it has come, and is taken back', () => {
    vi.useFakeTimers();
    try {
      let rang = 0;
      const far = Date.now() + 60 * 86_400_000;
      systemClock.at(far, () => rang++);
      const off = systemClock.at(far, () => rang++);
      vi.advanceTimersByTime(59 * 86_400_000);
      expect(rang).toBe(0);
      off();
      vi.advanceTimersByTime(86_400_000);
      expect(rang).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
