/** What a driver does while a store is awaited: what comes meanwhile keeps its order, and nothing of it is lost or grows without bound. */

import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { octets, u32 } from '../../src/codec/make.js';
import { ClientDriver } from '../../src/transport/driver.js';
import type { ClientDriverOptions } from '../../src/transport/driver-options.js';
import { memoryPair } from '../../src/transport/memory.js';
import { serveLink } from '../../src/transport/server.js';
import { rogueCiphering } from '../hostile/rogue-ciphering.js';
import { attribute, CLIENT, SERVER_TITLE, setup } from '../session/harness.js';
import { deferred } from '../support/listen.js';
import { PlainLink } from '../support/plain-link.js';

const ENERGY = attribute(3, '1.0.1.8.0.255', 2);
const READ = [{ data: u32(123456) }];

/** A ciphered association with a meter that also sends by itself, over a driver whose stores can be made to wait. */
async function associated(options: ClientDriverOptions = {}) {
  const { client, server } = setup({ context: 'ln-ciphered', mechanism: 1, policy: 'authenticated-encryption' });
  const clock = new VirtualClock();
  let silent = false;
  let unsaid: Uint8Array | undefined;
  const silence = () => {
    silent = true;
  };
  /** Gives the answer that it kept to itself. */
  const speak = () => served.push(unsaid as Uint8Array);
  const [near, far] = memoryPair({ delivery: 'synchronous', names: ['the line', 'far end'] });
  const link = new PlainLink('client');
  const served = await serveLink(far, new PlainLink('server'), clock, {
    payload: ({ bytes }) => {
      const answer = server.handle(CLIENT, 1, bytes, 0);
      if (!silent) return answer;
      unsaid = answer;
      return 'none';
    },
  });
  /** What the next steps of a procedure wait for, in turn. */
  const waits: (Promise<void> | undefined)[] = [];
  const told: number[] = [];
  const refused: unknown[] = [];
  const driver = new ClientDriver(near, link, clock, {
    ready: () => waits.shift(),
    onUnsolicited: ({ bytes }) => {
      try {
        const notification = client.unsolicited(bytes);
        if (notification?.apdu.type === 'data-notification') told.push(notification.apdu.longInvokeId);
        return notification !== undefined;
      } catch (error) {
        refused.push(error);
        return true;
      }
    },
    ...options,
  });
  await driver.connect();
  await driver.run(client.associate());
  const meter = rogueCiphering(SERVER_TITLE, 1000);
  /** Under the meter's keys, with a counter far above that of its answers. */
  const notify = (id: number, body: Data = u32(id)) => {
    const apdu = encodeApdu({ type: 'data-notification', longInvokeId: id, body });
    served.push(meter.seal(apdu, 'general-glo', 'authenticated-encryption'));
  };
  const inClear = (longInvokeId: number) =>
    served.push(encodeApdu({ type: 'data-notification', longInvokeId, body: u32(longInvokeId) }));
  /** Reads, and has the answer wait for a store. */
  const stalled = () => {
    const store = deferred();
    waits.push(undefined, store.promise);
    const read = driver.run(client.get([ENERGY]));
    return { store, read };
  };
  return {
    client,
    clock,
    driver,
    link,
    served,
    far,
    notify,
    inClear,
    silence,
    speak,
    told,
    refused,
    stalled,
    read: () => driver.run(client.get([ENERGY])),
  };
}

it('refuses an option that it does not have', async () => {
  await expect(associated({ exchangelimit: 1 } as never)).rejects.toThrow("ClientDriver has no option 'exchangelimit'");
});

describe('while an answer that came waits for a store', () => {
  it('a notification that comes behind it waits too: it does not make a replay of the answer', async () => {
    const { notify, told, refused, stalled } = await associated();
    const { store, read } = stalled();
    notify(1);
    notify(2);
    expect(told).toEqual([]);
    store.resolve();
    expect(await read).toEqual(READ);
    expect([told, refused]).toEqual([[1, 2], []]);
  });

  it('what comes behind it is bounded: 256 messages, or 64 KiB', async () => {
    const { notify, told, stalled } = await associated();
    const { store, read } = stalled();
    for (let id = 1; id <= 300; id++) notify(id);
    store.resolve();
    await read;
    expect([told.length, told.at(-1)]).toEqual([256, 256]);
    notify(301, octets(new Uint8Array(70_000)));
    expect(told.at(-1)).toBe(301);
  });

  it('octets count too, and a long message alone finds room', async () => {
    const { notify, told, stalled } = await associated();
    const { store, read } = stalled();
    for (let id = 1; id <= 5; id++) notify(id, octets(new Uint8Array(id === 1 ? 60_000 : 3000)));
    store.resolve();
    await read;
    expect(told).toEqual([1, 2]);
    const next = await associated();
    const again = next.stalled();
    next.notify(1, octets(new Uint8Array(70_000)));
    again.store.resolve();
    await again.read;
    expect(next.told).toEqual([1]);
  });

  it('an answer that comes twice does not answer the next request', async () => {
    const { client, driver, served, stalled, refused } = await associated();
    const { store, read } = stalled();
    const before = client.get([ENERGY]);
    const next = driver.run(before);
    // Anything that would be no answer: read as one it ends the procedure.
    served.push(Uint8Array.of(0xd8, 0x01, 0x02));
    store.resolve();
    expect([await read, await next, refused]).toEqual([READ, READ, []]);
  });

  it('a store that fails ends the call: what came behind it is told of, and the link stays up', async () => {
    const { notify, told, stalled, driver } = await associated();
    const { store, read } = stalled();
    notify(1);
    store.reject(new StateError('the database is gone'));
    await expect(read).rejects.toThrow('the database is gone');
    expect([told, driver.connected]).toEqual([[1], true]);
  });

  it('a line that breaks ends it: notifications that came before are told of, and the store changes nothing later', async () => {
    const { notify, told, stalled, far, driver } = await associated();
    const { store, read } = stalled();
    notify(1);
    await far.close();
    await expect(read).rejects.toMatchObject({ code: 'link' });
    expect([told, driver.connected]).toEqual([[1], false]);
    store.resolve();
    await store.promise;
    expect(told).toEqual([1]);
  });

  it('close ends it at once', async () => {
    const { stalled, driver, clock } = await associated();
    const { read } = stalled();
    const failed = expect(read).rejects.toMatchObject({ code: 'link' });
    await driver.close();
    await failed;
    expect(clock.next()).toBeUndefined();
  });
});

describe('before a payload is judged', () => {
  /** The store of the first payload that arrives once it was told to. */
  async function asking() {
    const store = deferred();
    let asks = false;
    const made = await associated({
      arriving: () => {
        if (!asks) return undefined;
        asks = false;
        return store.promise;
      },
    });
    const ask = () => {
      asks = true;
    };
    return { ...made, store, ask };
  }

  it('what is known of its sender is awaited, and what comes behind it keeps its order', async () => {
    const { ask, store, notify, told } = await asking();
    ask();
    notify(1);
    notify(2);
    expect(told).toEqual([]);
    store.resolve();
    await store.promise;
    expect(told).toEqual([1, 2]);
  });

  it('the time that a store takes is not that of the peer', async () => {
    const { ask, store, read, clock } = await asking();
    ask();
    const reading = read();
    await clock.run(new Promise<void>((resolve) => clock.at(clock.now() + 3_600_000, resolve)));
    store.resolve();
    expect(await reading).toEqual(READ);
  });

  it('nor where the answer comes only then', async () => {
    const { ask, store, inClear, silence, speak, read, clock } = await asking();
    silence();
    const reading = read();
    ask();
    inClear(1);
    await clock.run(new Promise<void>((resolve) => clock.at(clock.now() + 3_600_000, resolve)));
    store.resolve();
    await store.promise;
    // Half of the time that is left to the meter.
    await clock.run(new Promise<void>((resolve) => clock.at(clock.now() + 5000, resolve)));
    speak();
    expect(await reading).toEqual(READ);
  });

  it('a request that is put meanwhile has its time-out all the same', async () => {
    const { ask, store, inClear, silence, read, clock, told } = await asking();
    ask();
    inClear(1);
    silence();
    const reading = read();
    store.resolve();
    await store.promise;
    expect(told).toEqual([1]);
    await expect(clock.run(reading)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('a store that fails ends the call whose answer it may be, and nothing of the payload is believed', async () => {
    const { ask, store, read, driver, notify, told } = await asking();
    ask();
    const reading = read();
    store.reject(new StateError('the database is gone'));
    await expect(reading).rejects.toThrow('the database is gone');
    expect(driver.connected).toBe(true);
    expect(await read()).toEqual(READ);
    notify(7);
    expect(told).toEqual([7]);
  });

  it('close is heeded while it waits, with nothing under way', async () => {
    const { ask, store, notify, driver, told } = await asking();
    ask();
    notify(1);
    await driver.close();
    store.resolve();
    await store.promise;
    expect(told).toEqual([]);
  });
});

describe('when a payload was judged', () => {
  async function keeping() {
    const store = deferred();
    let keeps: Promise<void> | undefined;
    const made = await associated({
      judged: () => {
        const now = keeps;
        keeps = undefined;
        return now;
      },
    });
    const keep = () => {
      keeps = store.promise;
    };
    return { ...made, store, keep };
  }

  it.each([true, false])('nobody gets the answer before it is kept (kept: %s)', async (kept) => {
    const { store, keep, driver, client, notify, told } = await keeping();
    let done = false;
    function* reading() {
      const answer = yield* client.get([ENERGY]);
      keep();
      return answer;
    }
    const read = driver.run(reading()).finally(() => {
      done = true;
    });
    notify(1);
    await Promise.resolve();
    expect([done, told]).toEqual([false, []]);
    if (kept) {
      store.resolve();
      expect(await read).toEqual(READ);
    } else {
      store.reject(new StateError('the disk is full'));
      await expect(read).rejects.toThrow('the disk is full');
    }
    expect([told, driver.connected]).toEqual([[1], true]);
  });

  it('the next request goes out after it is kept', async () => {
    const { store, keep, driver, client, link } = await keeping();
    function* twice() {
      yield* client.get([ENERGY]);
      keep();
      return yield* client.get([ENERGY]);
    }
    link.sent.length = 0;
    const read = driver.run(twice());
    expect(link.sent).toHaveLength(1);
    store.resolve();
    expect(await read).toEqual(READ);
    expect(link.sent).toHaveLength(2);
  });

  it('waits that overlap end in their order', async () => {
    const [first, second] = [deferred(), deferred()];
    const arrivals: Promise<void>[] = [];
    const keeps: Promise<void>[] = [];
    const { inClear, told, read } = await associated({
      arriving: () => arrivals.shift(),
      judged: () => keeps.shift(),
    });
    arrivals.push(first.promise);
    inClear(1);
    keeps.push(second.promise);
    const reading = read();
    second.resolve();
    await second.promise;
    await Promise.resolve();
    expect(told).toEqual([]);
    first.resolve();
    expect(await reading).toEqual(READ);
    expect(told).toEqual([1]);
  });
});

describe('a notification that waits when the line breaks', () => {
  it.each([
    ['later', () => Promise.reject(new Error('the store is gone'))],
    [
      'at once',
      () => {
        throw new Error('the store is gone');
      },
    ],
  ])('does no harm where its store fails %s', async (_, fail) => {
    const rejections: unknown[] = [];
    const note = (error: unknown) => rejections.push(error);
    process.on('unhandledRejection', note);
    try {
      let broken = false;
      const { notify, far, stalled, driver } = await associated({ arriving: () => (broken ? fail() : undefined) });
      let down = 0;
      driver.onDown = () => down++;
      const { read } = stalled();
      const failed = expect(read).rejects.toMatchObject({ code: 'link' });
      notify(1);
      broken = true;
      await far.close();
      await failed;
      await new Promise((resolve) => setImmediate(resolve));
      expect([rejections, down, driver.connected]).toEqual([[], 1, false]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});

it('a line that opens after the driver was closed is closed', async () => {
  const opening = deferred();
  const calls: string[] = [];
  const line = {
    name: 'slow port',
    open: async () => {
      await opening.promise;
      calls.push('open');
    },
    write: () => {},
    close: async () => void calls.push('close'),
  };
  const driver = new ClientDriver(line, new PlainLink('client'), new VirtualClock());
  const connecting = expect(driver.connect()).rejects.toMatchObject({ reason: 'not-connected' });
  await driver.close();
  opening.resolve();
  await connecting;
  expect(calls.at(-1)).toBe('close');
});
