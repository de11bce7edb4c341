/** A `for await` that ends early leaves nothing behind: no listener, no timer, no request under way. */

import { describe, expect, it, vi } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { type Clock, VirtualClock } from '../../src/base/clock.js';
import { u32 } from '../../src/codec/make.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { followPort, is15959, type Meter, open, readingsOf } from '../../src/index.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { notification, wrapped } from '../push/lines.js';
import { START } from '../simulator/support.js';

const WAYS = ['break', 'throw', 'abort'] as const;
type Way = (typeof WAYS)[number];
const ENOUGH = new Error('enough');

/** The clock of one program in a world with others: it counts the timers of that program. */
class OwnClock implements Clock {
  running = 0;
  readonly #world: VirtualClock;
  constructor(world: VirtualClock) {
    this.#world = world;
  }
  now(): number {
    return this.#world.now();
  }
  at(time: number, action: () => void): () => void {
    this.running++;
    let over = false;
    const end = () => {
      if (!over) this.running--;
      over = true;
    };
    const cancel = this.#world.at(time, () => {
      end();
      action();
    });
    return () => {
      end();
      cancel();
    };
  }
}

/** A line that takes some time, counts what is written, and on which something may be heard that was not asked for. */
class Tapped implements Transport {
  readonly name = 'tapped';
  written = 0;
  #handler: TransportHandler | undefined;
  readonly #inner: Transport;
  readonly #world: VirtualClock;
  constructor(inner: Transport, world: VirtualClock) {
    this.#inner = inner;
    this.#world = world;
  }
  async open(handler: TransportHandler): Promise<void> {
    this.#handler = handler;
    await this.#inner.open({
      data: (chunk) => void this.#world.at(this.#world.now() + 300, () => handler.data(chunk)),
      closed: (error) => handler.closed(error),
    });
  }
  write(octets: Uint8Array): void {
    this.written++;
    this.#inner.write(octets);
  }
  close(): Promise<void> {
    return this.#inner.close();
  }
  hears(octets: Uint8Array): void {
    this.#handler?.data(octets);
  }
}

/** The listeners that a signal has, by how many ask for its reason when it aborts. */
function listenersOf(stop: AbortController): number {
  let asked = 0;
  const { signal } = stop;
  const own = vi.spyOn(signal, 'reason', 'get').mockImplementation(() => {
    asked++;
    return ENOUGH;
  });
  stop.abort(ENOUGH);
  own.mockRestore();
  return asked;
}

/** Goes through a loop and leaves it at its first value. */
async function left(loop: AsyncIterable<unknown>, way: Way, stop: AbortController): Promise<void> {
  const going = async () => {
    for await (const _ of loop) {
      if (way === 'break') break;
      if (way === 'throw') throw ENOUGH;
      stop.abort(ENOUGH);
    }
  };
  if (way === 'break') await going();
  else await expect(going()).rejects.toBe(ENOUGH);
}

async function world() {
  const clock = new VirtualClock(START);
  const own = new OwnClock(clock);
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
  const tapped = new Tapped(await virtual.line({ framing: 'wrapper' }), clock);
  const options = { framing: 'wrapper' as const, clock: own, ...openOptionsOf(virtual, 'reader') };
  const meter = await clock.run(open(tapped, options));
  const pass = (time: number) => new Promise<void>((resolve) => void clock.at(clock.now() + time, resolve));
  return { clock, own, tapped, meter, pass };
}

const LOOPS = {
  rows: (meter: Meter, signal: AbortSignal) => meter.profile('1.0.99.1.0.255').rows({}, { signal }),
  readings: (meter: Meter, signal: AbortSignal) => meter.readings(readingsOf(is15959, 'energy'), { signal }),
} as const;

describe.each(Object.keys(LOOPS) as (keyof typeof LOOPS)[])('a loop over %s', (what) => {
  it.each(WAYS)('that ends by %s leaves no listener, no timer and no request', async (way) => {
    const { clock, own, tapped, meter, pass } = await world();
    await clock.run(
      (async () => {
        const stop = new AbortController();
        await LOOPS[what](meter, stop.signal);
        const before = tapped.written;
        await LOOPS[what](meter, stop.signal);
        const whole = tapped.written - before;
        await left(LOOPS[what](meter, stop.signal), way, stop);
        // What is under way on the line ends by itself: one exchange.
        await pass(1000);
        const { written } = tapped;
        // Readings are one list; of the blocks of a buffer most were never asked for.
        expect(written - before - whole).toBeLessThanOrEqual(what === 'rows' ? whole / 2 : whole);
        await pass(600_000);
        expect(own.running).toBe(0);
        expect(tapped.written).toBe(written);
        if (way !== 'abort') expect(listenersOf(stop)).toBe(0);
        expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
        await meter.close();
        expect(own.running).toBe(0);
      })(),
    );
  });

  it('that is never gone through keeps nothing either', async () => {
    const { clock, own, meter } = await world();
    await clock.run(
      (async () => {
        const stop = new AbortController();
        const loop = LOOPS[what](meter, stop.signal)[Symbol.asyncIterator]();
        await loop.return?.();
        await meter.close();
        expect(own.running).toBe(0);
        expect(listenersOf(stop)).toBe(0);
      })(),
    );
  });
});

describe('a loop over notifications', () => {
  it.each(WAYS)('that ends by %s leaves no listener and no timer', async (way) => {
    const { clock, own, tapped, meter, pass } = await world();
    let listening = 0;
    const on = meter.on.bind(meter);
    vi.spyOn(meter, 'on').mockImplementation((name, listener) => {
      listening++;
      const off = on(name, listener);
      return () => {
        listening--;
        off();
      };
    });
    await clock.run(
      (async () => {
        const stop = new AbortController();
        const timers = own.running;
        const loop = meter.notifications({ signal: stop.signal });
        clock.at(clock.now() + 50, () => {
          tapped.hears(encodeWpdu({ source: 1, destination: 32, apdu: notification(u32(7)) }));
        });
        await left(loop, way, stop);
        expect([listening, own.running]).toEqual([0, timers]);
        if (way !== 'abort') expect(listenersOf(stop)).toBe(0);
        await pass(1000);
        await meter.close();
        expect(own.running).toBe(0);
      })(),
    );
  });
});

describe('a loop over pushes', () => {
  it.each(WAYS)('that ends by %s closes its port and leaves no listener and no timer', async (way) => {
    const clock = new VirtualClock(START);
    let handler: TransportHandler | undefined;
    let closed = 0;
    const port: Transport = {
      name: 'port',
      open: async (heard) => {
        handler = heard;
      },
      write: () => {},
      close: async () => {
        closed++;
        handler?.closed();
      },
      again: () => port,
    };
    const stop = new AbortController();
    await clock.run(
      (async () => {
        const pushes = followPort(port, { clock, crypto: nodeCrypto, signal: stop.signal });
        await pushes.listening;
        const octets = wrapped(notification(u32(7)));
        handler?.data(octets);
        // A second message has only begun when the loop is left.
        handler?.data(octets.subarray(0, 12));
        await left(pushes, way, stop);
      })(),
    );
    expect([closed, clock.next()]).toEqual([1, undefined]);
    if (way !== 'abort') expect(listenersOf(stop)).toBe(0);
  });
});
