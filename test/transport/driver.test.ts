import { describe, expect, it } from 'vitest';
import { type Clock, VirtualClock } from '../../src/base/clock.js';
import { AccessError, CosemError, LinkError, StateError, TimeoutError } from '../../src/base/errors.js';
import type { TraceEntry } from '../../src/contracts/line-observer.js';
import type { LinkEvent } from '../../src/contracts/link.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { WAIT_ON } from '../../src/session/procedure.js';
import { ClientDriver } from '../../src/transport/driver.js';
import type { ClientDriverOptions } from '../../src/transport/driver-options.js';
import { memoryPair } from '../../src/transport/memory.js';
import { type ServedLink, type ServerHandler, serveLink } from '../../src/transport/server.js';
import { deferred } from '../support/listen.js';
import { PlainLink } from '../support/plain-link.js';

const octets = (...values: number[]) => Uint8Array.from(values);

/** Asks each in turn and gives the answers. */
function* ask(...questions: number[]): Procedure<number[]> {
  const answers: number[] = [];
  for (const question of questions) answers.push((yield { apdu: octets(question), reply: true })[0] as number);
  return answers;
}

interface Setup extends ClientDriverOptions {
  readonly delivery?: 'microtask' | 'synchronous';
  readonly handler?: Partial<ServerHandler>;
}

/** A client and a server that answers n with n + 100, over memory, in virtual time. */
async function setup({ delivery = 'microtask', handler: own, ...options }: Setup = {}) {
  const clock = new VirtualClock();
  let timers = 0;
  const counting: Clock = {
    now: () => clock.now(),
    at: (time, action) => {
      timers++;
      return clock.at(time, action);
    },
  };
  const [near, far] = memoryPair({ delivery, names: ['the line', 'far end'] });
  const [link, serverLink] = [new PlainLink('client'), new PlainLink('server')];
  const heard: number[] = [];
  const handler: ServerHandler = {
    payload: ({ bytes }) => {
      heard.push(bytes[0] as number);
      return octets((bytes[0] as number) + 100);
    },
    ...own,
  };
  const served = await serveLink(far, serverLink, clock, handler);
  const driver = new ClientDriver(near, link, counting, options);
  return { clock, near, far, link, serverLink, heard, served, driver, timers: () => timers };
}

async function errorOf(promise: Promise<unknown>): Promise<CosemError & Partial<Pick<TimeoutError, 'came'>>> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CosemError);
  return error as CosemError;
}

describe.each(['microtask', 'synchronous'] as const)('a driver, %s delivery', (delivery) => {
  it('connects, runs, disconnects, connects again, closes', async () => {
    const t = await setup({ delivery });
    expect(t.driver.connected).toBe(false);
    expect((await t.driver.connect()).type).toBe('connected');
    expect(t.driver.connected).toBe(true);
    expect(await t.driver.run(ask(1, 2, 3))).toEqual([101, 102, 103]);
    await t.driver.disconnect();
    expect([t.driver.connected, t.serverLink.connected]).toEqual([false, false]);
    await t.driver.connect();
    expect(await t.driver.run(ask(4))).toEqual([104]);
    await t.driver.close();
    expect(t.serverLink.connected).toBe(false);
    await t.driver.close();
    expect((await errorOf(t.driver.run(ask(5)))).message).toMatch(/the line is not connected/);
    expect(t.clock.next()).toBeUndefined();
  });

  it('runs one procedure after the other', async () => {
    const t = await setup({ delivery });
    await t.driver.connect();
    const all = await Promise.all([t.driver.run(ask(1, 2)), t.driver.run(ask(3, 4)), t.driver.run(ask(5))]);
    expect(all).toEqual([[101, 102], [103, 104], [105]]);
    expect(t.heard).toEqual([1, 2, 3, 4, 5]);
  });

  it('arms hardly any timers, however many exchanges', async () => {
    const t = await setup({ delivery });
    await t.driver.connect();
    for (let i = 0; i < 500; i++) await t.driver.run(ask(i & 7));
    expect(t.timers()).toBeLessThanOrEqual(2);
    await t.driver.close();
    expect(t.clock.next()).toBeUndefined();
  });
});

describe('a procedure', () => {
  it('may send without answer, end without sending, and wait on', async () => {
    const t = await setup({
      handler: {
        payload: ({ bytes }) => (bytes[0] === 9 ? undefined : bytes),
      },
    });
    await t.driver.connect();
    function* oneWay(): Procedure<string> {
      const nothing = yield { apdu: octets(9), reply: false };
      return `${nothing.length} octets`;
    }
    // biome-ignore lint/correctness/useYield: a procedure that knows the answer already
    function* silent(): Procedure<string> {
      return 'known';
    }
    function* patient(): Procedure<number[]> {
      const first = yield { apdu: octets(1), reply: true };
      const second = yield WAIT_ON;
      return [...first, ...second];
    }
    expect(await t.driver.run(oneWay())).toBe('0 octets');
    expect(await t.driver.run(silent())).toBe('known');
    const waiting = t.driver.run(patient());
    const after = t.driver.run(ask(3));
    await t.clock.run(Promise.resolve());
    t.served.push(octets(2));
    expect(await waiting).toEqual([1, 2]);
    expect(await after).toEqual([3]);
    expect(t.link.sent.map(({ payload }) => [...payload])).toEqual([[9], [1], [3]]);
  });

  it('that throws leaves the link up, and the next one runs', async () => {
    const t = await setup();
    await t.driver.connect();
    function* refused(): Procedure<never> {
      yield { apdu: octets(1), reply: true };
      throw new AccessError('read-write-denied', '3:1.0.1.8.0.255:2', 'refused');
    }
    const [first, second] = [t.driver.run(refused()), t.driver.run(ask(2))];
    expect(await errorOf(first)).toBeInstanceOf(AccessError);
    expect(await second).toEqual([102]);
  });

  it('hears of a failure by a throw, and its own error is the one told', async () => {
    const t = await setup({ responseTimeout: 1000, handler: { payload: () => undefined } });
    await t.driver.connect();
    const seen: unknown[] = [];
    function* tidy(): Procedure<never> {
      try {
        for (;;) yield { apdu: octets(1), reply: true };
      } catch (error) {
        seen.push(error);
        throw new StateError('put in order');
      }
    }
    expect((await errorOf(t.clock.run(t.driver.run(tidy())))).message).toBe('put in order');
    expect(seen[0]).toBeInstanceOf(TimeoutError);
  });

  it('whose APDU the link refuses fails alone', async () => {
    const t = await setup();
    await t.driver.connect();
    t.link.connected = false;
    expect((await errorOf(t.driver.run(ask(1)))).message).toBe('the plain link is not connected');
    t.link.connected = true;
    expect(await t.driver.run(ask(2))).toEqual([102]);
  });
});

describe('silence', () => {
  it('ends in a TimeoutError with a hint, DISC is sent, and connect works again', async () => {
    let silent = true;
    const t = await setup({ handler: { payload: ({ bytes }) => (silent ? undefined : bytes) } });
    await t.driver.connect();
    const [first, second] = [t.driver.run(ask(1)), t.driver.run(ask(2))];
    const errors = Promise.all([errorOf(first), errorOf(second)]);
    const [error, same] = await t.clock.run(errors);
    expect(t.clock.now()).toBe(10_000);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe('no answer from the line within 10 s');
    expect(error.hint).toMatch(/powered/);
    expect(same).toBe(error);
    expect([t.serverLink.connected, t.driver.connected]).toEqual([false, false]);
    expect((await errorOf(t.driver.run(ask(3)))).hint).toMatch(/connect again/);
    silent = false;
    await t.driver.connect();
    expect(await t.driver.run(ask(4))).toEqual([4]);
  });

  it('is measured from the last octet, but an exchange has a limit', async () => {
    const t = await setup({ responseTimeout: 1000, exchangeLimit: 5000, handler: { payload: () => undefined } });
    await t.driver.connect();
    const babble = () => {
      if (t.clock.now() > 60_000) return;
      t.far.write(octets(0xff));
      t.clock.at(t.clock.now() + 900, babble);
    };
    babble();
    const error = await errorOf(t.clock.run(t.driver.run(ask(1))));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toBe('no answer from the line within 5 s; 6 octets came: no frame');
    expect(error.came).toEqual({ octets: 6, reason: 'no frame' });
    expect(t.clock.now()).toBe(5000);
  });

  it('of a link that asks again by itself is left to the link', async () => {
    const t = await setup({ responseTimeout: 1000, handler: { payload: () => undefined } });
    await t.driver.connect();
    t.link.timeout = 30_000;
    const error = await errorOf(t.clock.run(t.driver.run(ask(1))));
    expect((error as LinkError).reason).toBe('no-answer');
    expect(error.message).toBe('the line: no answer from the meter: asked 3 times');
    expect(t.clock.now()).toBe(30_000);
  });

  it('on connecting ends too', async () => {
    const clock = new VirtualClock();
    const [near] = memoryPair();
    const driver = new ClientDriver(near, new PlainLink('client'), clock, { exchangeLimit: 3000 });
    expect(await errorOf(clock.run(driver.connect()))).toBeInstanceOf(TimeoutError);
    expect(clock.now()).toBe(3000);
    await clock.run(driver.close());
  });

  it('on disconnecting ends without an error', async () => {
    const t = await setup({ responseTimeout: 2000 });
    await t.driver.connect();
    t.serverLink.receive = () => {};
    await t.clock.run(t.driver.disconnect());
    expect(t.clock.now()).toBe(2000);
  });
});

describe('a line that breaks', () => {
  it('rejects what runs and what waits with a LinkError', async () => {
    const t = await setup({ handler: { payload: () => undefined } });
    await t.driver.connect();
    const both = Promise.all([errorOf(t.driver.run(ask(1))), errorOf(t.driver.run(ask(2)))]);
    await t.far.close();
    for (const error of await both) {
      expect(error).toBeInstanceOf(LinkError);
      expect(error.message).toBe('the line: the other end closed');
    }
    expect(await errorOf(t.driver.run(ask(3)))).toBeInstanceOf(LinkError);
    expect(await errorOf(t.driver.connect())).toBeInstanceOf(LinkError);
    await t.driver.close();
    expect(t.clock.next()).toBeUndefined();
  });

  it('rejects a connect under way', async () => {
    const [near, far] = memoryPair();
    const driver = new ClientDriver(near, new PlainLink('client'), new VirtualClock());
    const connecting = errorOf(driver.connect());
    await far.close();
    expect(await connecting).toBeInstanceOf(LinkError);
  });

  it('ends a disconnect under way', async () => {
    const t = await setup();
    await t.driver.connect();
    t.serverLink.receive = () => {};
    const ending = t.driver.disconnect();
    await t.far.close();
    await ending;
  });

  it('cannot be opened: the transport says why, and may be tried again', async () => {
    const [near, far] = memoryPair();
    const server = new PlainLink('server');
    await serveLink(far, server, new VirtualClock(), { payload: () => undefined });
    let refuse = true;
    const open = near.open.bind(near);
    near.open = (handler) =>
      refuse ? Promise.reject(new LinkError('transport', 'refused', { hint: 'try' })) : open(handler);
    const driver = new ClientDriver(near, new PlainLink('client'), new VirtualClock());
    expect((await errorOf(driver.connect())).message).toBe('refused');
    refuse = false;
    await driver.connect();
    expect(driver.connected).toBe(true);
  });

  it.each([
    ['rejected', 'rejected', /refused the data link: because/, /addresses/],
    ['frame-reject', 'frame-reject', /the data link broke: because/, /framing/],
    ['timeout', 'no-answer', /no answer from the meter: because/, /cable/],
    ['peer', 'peer-closed', /closed the data link: because/, /connect again/],
  ] as const)('closed %s is told as %s', async (cause, reason, message, hint) => {
    const t = await setup({ handler: { payload: () => undefined } });
    await t.driver.connect();
    const failed = errorOf(t.driver.run(ask(1)));
    t.link.event({ type: 'closed', cause, reason: 'because' });
    t.served.push(octets(1));
    const error = (await failed) as LinkError;
    expect([error.reason, error.code]).toEqual([reason, 'link']);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(t.driver.connected).toBe(false);
  });

  it('says once that nobody answered', async () => {
    const t = await setup({ handler: { payload: () => undefined } });
    await t.driver.connect();
    const failed = errorOf(t.driver.run(ask(1)));
    t.link.event({ type: 'closed', cause: 'timeout', reason: 'no answer to 4 questions' });
    t.served.push(octets(1));
    expect((await failed).message).toMatch(/: no answer from the meter to 4 questions$/);
  });

  it('refuses the link', async () => {
    const t = await setup();
    t.serverLink.refusing = true;
    expect(((await errorOf(t.driver.connect())) as LinkError).reason).toBe('rejected');
    t.serverLink.refusing = false;
    await t.driver.connect();
  });

  it('whose link has a fault rejects what runs, and closes the transport', async () => {
    const t = await setup();
    await t.driver.connect();
    t.link.fault = new TypeError('a fault of the link');
    const error = (await errorOf(t.driver.run(ask(1)))) as LinkError;
    expect(error.message).toBe('the line: TypeError: a fault of the link');
    expect(error.cause).toBeInstanceOf(TypeError);
    await t.clock.run(Promise.resolve());
    expect(() => t.served.push(octets(1))).toThrow(StateError);
  });
});

describe('calls out of order', () => {
  it('run before connect, connect twice', async () => {
    const t = await setup();
    expect((await errorOf(t.driver.run(ask(1)))).message).toMatch(/not connected/);
    const [first, second] = [t.driver.connect(), errorOf(t.driver.connect())];
    await first;
    expect(await second).toBeInstanceOf(StateError);
    expect(await errorOf(t.driver.connect())).toBeInstanceOf(StateError);
  });

  it('disconnect and close before connect, and close while opening', async () => {
    const fresh = await setup();
    await fresh.driver.disconnect();
    await fresh.driver.close();
    expect(await errorOf(fresh.driver.connect())).toBeInstanceOf(LinkError);

    const opening = await setup();
    const failed = errorOf(opening.driver.connect());
    await opening.driver.close();
    expect(await failed).toBeInstanceOf(LinkError);
  });

  it('disconnect while a procedure runs rejects it', async () => {
    const t = await setup({ handler: { payload: () => undefined } });
    await t.driver.connect();
    const running = errorOf(t.driver.run(ask(1)));
    await Promise.all([t.driver.disconnect(), t.driver.disconnect()]);
    expect((await running).message).toMatch(/closed before the answer came/);
    expect(t.serverLink.connected).toBe(false);
  });
});

describe('observers', () => {
  it('see octets, events and what was not asked for', async () => {
    const traced: TraceEntry[] = [];
    const events: LinkEvent[] = [];
    const pushed: number[] = [];
    const t = await setup({
      trace: (entry) => traced.push(entry),
      onLinkEvent: (event) => events.push(event),
      onUnsolicited: ({ bytes }) => {
        if (bytes[0] !== 0x0f) return false;
        pushed.push(bytes[1] as number);
        return true;
      },
    });
    await t.driver.connect();
    const answer = t.driver.run(ask(1));
    t.served.push(octets(0x0f, 42));
    expect(await answer).toEqual([101]);
    t.served.push(octets(0x0f, 43));
    t.served.push(octets(7));
    t.far.write(octets(0xee));
    await t.clock.run(Promise.resolve());
    expect(await t.driver.run(ask(2))).toEqual([102]);
    expect(pushed).toEqual([42, 43]);
    expect(events.filter(({ type }) => type === 'discarded')).toHaveLength(1);
    expect(traced[0]).toEqual({ direction: 'sent', bytes: octets(2), now: 0 });
    expect(traced[1]).toEqual({ direction: 'received', bytes: octets(3), now: 0 });
    expect(traced.filter(({ direction }) => direction === 'sent')).toHaveLength(3);
  });
});

describe('reconfigure', () => {
  it('waits until what was sent is out, changes the line, then sends on', async () => {
    const done: string[] = [];
    const drained = deferred();
    const answered = deferred();
    let handler: TransportHandler | undefined;
    const transport: Transport = {
      name: 'x',
      open: async (given) => {
        handler = given;
      },
      write: (bytes) => {
        done.push(`write ${[...bytes]}`);
        if (bytes[0] === 1) answered.resolve();
      },
      configure: async (settings) => {
        done.push(`configure ${JSON.stringify(settings)}`);
      },
      drain: () => {
        done.push('drain');
        return drained.promise;
      },
      close: async () => {},
    };
    const link = new PlainLink('client');
    const driver = new ClientDriver(transport, link, new VirtualClock());
    const connecting = driver.connect();
    await Promise.resolve();
    link.event({ type: 'reconfigure', baud: 9600, format: '8N1' });
    handler?.data(octets(3));
    await connecting;
    const running = errorOf(driver.run(ask(5)));
    expect(done).toEqual(['write 2', 'drain']);
    drained.resolve();
    await answered.promise;
    expect(done).toEqual(['write 2', 'drain', 'configure {"baudRate":9600,"dataBits":8,"parity":"none"}', 'write 1,5']);
    handler?.closed(new Error('gone'));
    expect((await running).message).toBe('x closed: gone');
  });

  it('that fails breaks the line', async () => {
    const [near, far] = memoryPair();
    const server = new PlainLink('server');
    await serveLink(far, server, new VirtualClock(), { payload: () => undefined });
    near.configure = () => Promise.reject(new LinkError('transport', 'no such speed'));
    const link = new PlainLink('client');
    const driver = new ClientDriver(near, link, new VirtualClock());
    await driver.connect();
    const running = errorOf(driver.run(ask(1)));
    link.event({ type: 'reconfigure', baud: 1, format: '7E1' });
    far.write(octets(0xee));
    expect((await running).message).toBe('no such speed');
  });
});

describe('a served link', () => {
  it('answers the peer that asked, tells of connections, pushes', async () => {
    const told: string[] = [];
    const t = await setup({
      handler: {
        connected: ({ client }) => told.push(`connected ${client}`),
        disconnected: ({ cause }) => told.push(`disconnected ${cause}`),
        closed: (error) => told.push(`closed ${error?.reason}`),
      },
    });
    await t.driver.connect();
    await t.driver.run(ask(1));
    expect(t.serverLink.sent[0]?.options).toMatchObject({ client: 16, server: 1, unconfirmed: false });
    t.served.push(octets(5), { client: 102, unconfirmed: true });
    expect(t.serverLink.sent[1]).toEqual({ payload: octets(5), options: { client: 102, unconfirmed: true } });
    await t.driver.disconnect();
    await t.driver.close();
    await t.clock.run(Promise.resolve());
    expect(told).toEqual(['connected 16', 'disconnected peer', 'closed transport']);
  });

  it('closes once', async () => {
    const closings: unknown[] = [];
    const t = await setup({ handler: { closed: (error) => closings.push(error) } });
    await t.driver.connect();
    await Promise.all([t.served.close(), t.served.close()]);
    expect(closings).toEqual([undefined]);
    expect(() => t.served.push(octets(1))).toThrow(StateError);
    expect(await errorOf(t.driver.run(ask(1)))).toBeInstanceOf(LinkError);
  });

  it('whose handler has a fault ends, and the client hears of it', async () => {
    const closings: unknown[] = [];
    const t = await setup({
      handler: {
        payload: () => {
          throw new RangeError('a fault of the meter');
        },
        closed: (error) => closings.push(error?.message),
      },
    });
    await t.driver.connect();
    expect(await errorOf(t.driver.run(ask(1)))).toBeInstanceOf(LinkError);
    expect(closings).toEqual(['far end: RangeError: a fault of the meter']);
  });

  it('cannot be opened where the transport cannot', async () => {
    const [, far] = memoryPair();
    await far.close();
    const opening: Promise<ServedLink> = serveLink(far, new PlainLink('server'), new VirtualClock(), {
      payload: () => undefined,
    });
    expect(await errorOf(opening)).toBeInstanceOf(LinkError);
  });
});
