import { describe, expect, it, vi } from 'vitest';
import { Listeners } from '../../src/base/listeners.js';
import { AssociationError, LinkError, type Meter, type OpenOptions, StateError } from '../../src/index.js';
import type { MeterEvents } from '../../src/tools.js';
import { FieldLine } from '../support/field-line.js';

const SERIAL = '0.0.96.1.0.255';

/** What a meter tells of, by name, in its order. */
function told(meter: Meter): { readonly name: keyof MeterEvents; readonly event: unknown }[] {
  const all: { readonly name: keyof MeterEvents; readonly event: unknown }[] = [];
  for (const name of ['lost', 'resumed', 'closed', 'notification'] as const) {
    meter.on(name, (event) => all.push({ name, event }));
  }
  return all;
}

async function idle(field: FieldLine, time: number): Promise<void> {
  await new Promise<void>((resolve) => field.at(time, resolve));
}

describe('a meter that is idle', () => {
  it('tells at once that its line is gone, and takes it up again by itself where that is asked for', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true });
        const events = told(meter);
        const begin = field.clock.now();
        field.at(1000, () => field.line.unplug('a'));
        field.at(4000, () => field.line.plug('a'));
        await idle(field, 20_000);
        expect(events).toMatchObject([
          { name: 'lost', event: { error: { reason: 'transport' }, since: begin + 1000 } },
          { name: 'resumed', event: { error: { reason: 'transport' } } },
        ]);
        expect(meter.connected).toBe(true);
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        await meter.close();
        expect(events.at(-1)).toEqual({ name: 'closed', event: {} });
        expect(events).toHaveLength(3);
      })(),
    );
    expect(field.resumptions).toHaveLength(1);
  });

  it('tells at once and waits for the next call where it is not', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const events = told(meter);
        field.line.unplug('a');
        field.at(1000, () => field.line.plug('a'));
        await idle(field, 20_000);
        expect(events).toMatchObject([{ name: 'lost' }]);
        expect(meter.connected).toBe(false);
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        // The one loss is told once, with what broke it.
        expect(events).toMatchObject([
          { name: 'lost' },
          { name: 'resumed', event: { error: { reason: 'transport' } } },
        ]);
        await meter.close();
      })(),
    );
  });

  it('asks by RR within the inactivity time-out, so that the meter keeps the link', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true });
        const events = told(meter);
        await idle(field, 600_000);
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        expect(events).toEqual([]);
        await meter.close();
      })(),
    );
  });

  it('notices by RR that the meter is gone, and by none where it is told not to ask', async () => {
    for (const [keepAlive, losses] of [
      [undefined, 1],
      [0, 0],
    ] as const) {
      const field = new FieldLine();
      await field.clock.run(
        (async () => {
          const meter = await field.open('utility', {
            reconnect: true,
            patience: 1000,
            ...(keepAlive === undefined ? {} : { keepAlive }),
          });
          const events = told(meter);
          field.line.unplug('b');
          await idle(field, 75_000);
          expect(events.filter(({ name }) => name === 'lost')).toHaveLength(losses);
          await meter.close();
        })(),
      );
    }
  });

  it('looks after a meter on the wrapper as often as it is told to, and not while calls are made', async () => {
    const field = new FieldLine({ framing: 'wrapper' });
    let requests = 0;
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', {
          reconnect: true,
          keepAlive: 30_000,
          trace: (event) => {
            if (event.type === 'octets' && event.direction === 'sent') requests++;
          },
        });
        const events = told(meter);
        requests = 0;
        for (let call = 0; call < 5; call++) {
          await idle(field, 20_000);
          await meter.get(meter.data('0.0.96.1.0.255').value);
        }
        expect(requests).toBe(5);
        requests = 0;
        await idle(field, 95_000);
        expect(requests).toBe(3);
        // Half as long as a lost line is tried: the pauses between the tries are drawn by lot.
        field.meter.faults.add('silence=30s');
        await idle(field, 36_000);
        expect(events).toMatchObject([{ name: 'lost', event: { error: { code: 'timeout' } } }]);
        await idle(field, 60_000);
        expect(events).toMatchObject([{ name: 'lost' }, { name: 'resumed' }]);
        await meter.close();
      })(),
    );
  });

  it('gives an order whose answer was lost no second time, though the line is taken up again', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true });
        field.meter.faults.add('silence=25s');
        expect(await meter.relay().disconnect()).toMatchObject({ connected: false });
        await idle(field, 60_000);
        await meter.close();
        expect(await field.switchings()).toBe(1);
      })(),
    );
    expect(field.resumptions).toHaveLength(1);
  });

  it('is closed when it cannot be reached again, and says why to whoever calls then', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true, patience: 20_000 });
        const events = told(meter);
        field.line.unplug('a');
        await idle(field, 25_000);
        expect(events).toMatchObject([{ name: 'lost' }, { name: 'closed', event: { error: { code: 'link' } } }]);
        await expect(meter.get(meter.data(SERIAL).value)).rejects.toThrow(/could not be reached again within 20 s/);
        await meter.close();
        expect(events).toHaveLength(2);
      })(),
    );
    // Nothing of it goes on: once the meter has given the link up too, no timer is left at the clock.
    field.clock.advance(600_000);
    expect(field.clock.next()).toBeUndefined();
  });

  it('tries on for ever where its patience has no end, at longer and longer intervals', async () => {
    const field = new FieldLine();
    const tries: number[] = [];
    await field.clock.run(
      (async () => {
        const reconnect = { backoff: { first: 1000, factor: 2, most: 60_000, jitter: 0 } };
        const meter = await field.open('utility', { reconnect, patience: Number.POSITIVE_INFINITY });
        const open = field.line.a.again?.bind(field.line.a);
        expect(open).toBeDefined();
        const events = told(meter);
        meter.on('resumed', ({ attempts }) => tries.push(attempts));
        field.line.unplug('a');
        field.at(3_600_000, () => field.line.plug('a'));
        await idle(field, 3_700_000);
        expect(events).toMatchObject([{ name: 'lost' }, { name: 'resumed' }]);
        await meter.close();
      })(),
    );
    expect(tries[0]).toBeGreaterThan(50);
    expect(tries[0]).toBeLessThan(75);
  });
});

describe('what begins after the end', () => {
  it('is over as well, however the meter ended, and nobody is kept listening', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true, patience: 20_000 });
        field.line.unplug('a');
        await idle(field, 25_000);
        await expect(meter.notifications().next()).rejects.toThrow(/could not be reached again within 20 s/);
        await expect(heardOf(meter)).rejects.toThrow(/could not be reached again within 20 s/);
        await meter.close();
        await expect(heardOf(meter)).rejects.toThrow(/could not be reached again within 20 s/);

        field.line.plug('a');
        const other = await field.open('utility');
        await other.close();
        expect(await heardOf(other)).toBe(0);
      })(),
    );
  });

  it('keeps no listener where it ends before it begins', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { reconnect: true });
        const on = vi.spyOn(meter, 'on');
        const signal = AbortSignal.abort(new Error('before'));
        await expect(meter.notifications({ signal }).next()).rejects.toThrow('before');
        await meter.close();
        expect(await heardOf(meter)).toBe(0);
        expect(on).not.toHaveBeenCalled();
      })(),
    );
  });

  it('is told of nothing', () => {
    const listeners = new Listeners<{ readonly a: number }>();
    const heard: number[] = [];
    listeners.on('a', (n) => heard.push(n));
    listeners.end();
    listeners.on('a', (n) => heard.push(n));
    listeners.emit('a', 1);
    expect(heard).toEqual([]);
  });
});

/** How many notifications come in a loop. */
async function heardOf(meter: Meter): Promise<number> {
  let heard = 0;
  for await (const _ of meter.notifications()) heard++;
  return heard;
}

describe('the first connect', () => {
  const first: Partial<OpenOptions> = { reconnect: { first: true } };

  it('is tried again by the policy', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        await field.attach();
        field.line.unplug('a');
        await expect(field.open('utility', { reconnect: true })).rejects.toThrow(LinkError);
        field.at(5000, () => field.line.plug('a'));
        const meter = await field.open('utility', first);
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        await meter.close();
      })(),
    );
  });

  it('is not where another try would fare no better', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const begin = field.clock.now();
        const wrong = { password: 'not-the-password' };
        await expect(field.open('reader', wrong)).rejects.toThrow(AssociationError);
        const once = field.clock.now() - begin;
        await expect(field.open('reader', { ...first, ...wrong })).rejects.toThrow(AssociationError);
        expect(field.clock.now() - begin).toBeLessThan(3 * once);
      })(),
    );
  });

  it('ends with patience, and with the signal', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        await field.attach();
        field.line.unplug('a');
        const begin = field.clock.now();
        await expect(field.open('utility', { ...first, patience: 10_000 })).rejects.toThrow(/no such port/);
        expect(field.clock.now() - begin).toBeGreaterThan(4000);
        const stop = new AbortController();
        field.at(3000, () => stop.abort(new Error('enough')));
        await expect(field.open('utility', { ...first, signal: stop.signal })).rejects.toThrow('enough');
      })(),
    );
    expect(field.clock.next()).toBeUndefined();
  });

  it('is refused with numbers that cannot be', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        for (const options of [
          { reconnect: { backoff: { factor: 0 } } },
          { reconnect: { backoff: { jitter: 2 } } },
          { keepAlive: -1 },
          { reconnect: { frist: true } },
        ]) {
          await expect(field.open('utility', options as Partial<OpenOptions>)).rejects.toThrow(StateError);
        }
      })(),
    );
  });
});

describe('listeners', () => {
  it('that throw keep no other back, nor the meter, and what they throw is not swallowed', async () => {
    const before = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
    try {
      const field = new FieldLine();
      await field.clock.run(
        (async () => {
          const meter = await field.open('utility', { reconnect: true });
          meter.on('lost', () => {
            throw new Error('of the caller');
          });
          const events = told(meter);
          field.line.unplug('a');
          field.at(1000, () => field.line.plug('a'));
          await idle(field, 20_000);
          expect(events).toMatchObject([{ name: 'lost' }, { name: 'resumed' }]);
          await meter.close();
        })(),
      );
      expect(await uncaught).toMatchObject({ message: 'of the caller' });
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener as (error: Error) => void);
    }
  });

  it('that come while others are told hear of the next', () => {
    const listeners = new Listeners<{ readonly a: number }>();
    const heard: string[] = [];
    listeners.on('a', (n) => {
      heard.push(`first ${n}`);
      if (n === 1) listeners.on('a', (later) => heard.push(`late ${later}`));
    });
    listeners.emit('a', 1);
    listeners.emit('a', 2);
    expect(heard).toEqual(['first 1', 'first 2', 'late 2']);
  });

  it('go one by one, also while they are told', () => {
    const listeners = new Listeners<{ readonly a: number }>();
    const heard: string[] = [];
    const same = (n: number) => heard.push(`same ${n}`);
    const off = listeners.on('a', same);
    listeners.on('a', same);
    const self = listeners.on('a', () => {
      heard.push('once');
      self();
    });
    listeners.emit('a', 1);
    off();
    off();
    listeners.emit('a', 2);
    listeners.end();
    listeners.emit('a', 3);
    expect(heard).toEqual(['same 1', 'same 1', 'once', 'same 2']);
  });
});
