import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { LinkError, SecurityError, StateError } from '../../src/base/errors.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import { octets, structureOf, u32 } from '../../src/codec/make.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { followPort, type PushStream, type ReceivedPush } from '../../src/index.js';
import { followOn } from '../../src/push/follow.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { AK, ciphered, EK, hdlc, notification, TITLE, wrapped } from './lines.js';

const KEYS = { encryption: EK, authentication: AK };
const OTHER = Uint8Array.of(0x4b, 0x46, 0x4d, 0x10, 0x20, 0, 0, 1);
const energy = (value: number) =>
  notification(
    structureOf([
      octets(logicalNameToBytes('1.0.1.8.0.255')),
      u32(value),
      structureOf([
        { type: 'integer', value: 0 },
        { type: 'enum', value: 30 },
      ]),
    ]),
  );

/** A port that can be pulled and plugged in again. */
class Port implements Transport {
  name: string;
  handler: TransportHandler | undefined;
  opened = 0;
  closed = 0;
  there = true;
  constructor(name = 'serial /dev/x') {
    this.name = name;
  }
  async open(handler: TransportHandler): Promise<void> {
    if (!this.there) throw new LinkError('transport', `${this.name} is not there`);
    this.opened += 1;
    this.handler = handler;
  }
  write(): void {
    throw new Error('nothing is sent to a customer port');
  }
  again(): Transport {
    return this;
  }
  async close(): Promise<void> {
    this.closed += 1;
    this.leave();
  }
  leave(error?: Error): void {
    const { handler } = this;
    this.handler = undefined;
    handler?.closed(error);
  }
  pull(): void {
    this.there = false;
    this.leave(new LinkError('transport', `${this.name} was unplugged`));
  }
  hears(...messages: Uint8Array[]): void {
    for (const message of messages) this.handler?.data(message);
  }
}

const TOLD = ['refused', 'incomplete', 'discarded', 'dropped', 'lost', 'resumed', 'closed'] as const;

/** What is told beside the pushes, by name. */
function told(pushes: PushStream): string[] {
  const all: string[] = [];
  for (const name of TOLD) {
    pushes.on(name, (event) => {
      const what =
        'error' in event && event.error instanceof Error ? event.error.message : 'reason' in event && event.reason;
      all.push(what ? `${name}: ${what}` : name);
    });
  }
  return all;
}

const textOf = ({ readings }: ReceivedPush) => readings.map(({ text }) => text).join();

async function take(pushes: PushStream, count: number): Promise<ReceivedPush[]> {
  const taken: ReceivedPush[] = [];
  while (taken.length < count) {
    const step = await pushes.next();
    if (step.done === true) break;
    taken.push(step.value);
  }
  return taken;
}

describe('followPort', () => {
  it('gives typed readings with unit, sender and time, and JSON without loss', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 30, 10));
    const port = new Port();
    const pushes = followPort(port, { keys: KEYS, clock });
    await pushes.listening;
    port.hears(...hdlc(ciphered(energy(7))));
    const [push] = await take(pushes, 1);
    expect(push).toMatchObject({ sender: toHex(TITLE), authenticated: true, from: port.name, at: clock.now() });
    expect(push?.readings.map(({ value, unit }) => [value?.toString(), unit])).toEqual([['7', 'Wh']]);
    expect(JSON.parse(JSON.stringify(push))).toMatchObject({
      sender: toHex(TITLE),
      at: '2026-11-30T10:00:00.000Z',
      readings: [{ value: '7', unit: 'Wh' }],
    });
    await pushes.close();
  });

  it('opens no port when it was closed before the cryptography was loaded', async () => {
    const port = new Port();
    let load = (_: typeof nodeCrypto) => {};
    const loading = new Promise<typeof nodeCrypto>((resolve) => {
      load = resolve;
    });
    let asked = 0;
    const crypto = () => {
      asked++;
      return loading;
    };
    const pushes = followOn(crypto, port, {});
    while (asked === 0) await Promise.resolve();
    await pushes.close();
    load(nodeCrypto);
    expect(await pushes.listening).toEqual([]);
    expect(port).toMatchObject({ opened: 0, handler: undefined });
    expect(await pushes.next()).toEqual({ done: true, value: undefined });
  });

  it('closes the port when the loop is left, and nothing waits any more', async () => {
    const clock = new VirtualClock();
    const port = new Port();
    const pushes = followPort(port, { clock });
    const all = told(pushes);
    await pushes.listening;
    port.hears(wrapped(energy(1)), wrapped(energy(2)));
    for await (const push of pushes) {
      expect(textOf(push)).toBe('1 Wh');
      break;
    }
    expect(port).toMatchObject({ closed: 1, handler: undefined });
    expect(clock.next()).toBeUndefined();
    expect(all).toEqual(['closed']);
    expect(await pushes.next()).toEqual({ done: true, value: undefined });
  });

  it('ends with the reason of the signal once what waits is read; one that is aborted opens nothing', async () => {
    const clock = new VirtualClock();
    const port = new Port();
    const leaving = new AbortController();
    const pushes = followPort(port, { clock, signal: leaving.signal });
    await pushes.listening;
    port.hears(wrapped(energy(1)));
    leaving.abort(new Error('enough'));
    expect((await take(pushes, 1)).map(textOf)).toEqual(['1 Wh']);
    await expect(pushes.next()).rejects.toThrow('enough');
    expect(port).toMatchObject({ closed: 1, handler: undefined });
    expect(clock.next()).toBeUndefined();
    const late = followPort(port, { clock, signal: leaving.signal });
    await expect(late.next()).rejects.toThrow('enough');
    expect(port.opened).toBe(1);
  });

  it('tells what a message had begun when it ends', async () => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock() });
    const all = told(pushes);
    await pushes.listening;
    port.hears(...hdlc(energy(1), { size: 12 }).slice(0, 2));
    await pushes.close();
    expect(all).toEqual([expect.stringMatching(/^incomplete: .*the last segment is missing/), 'closed']);
    const none = { pushes: 0, refused: 0, discarded: 0, dropped: 0, repeated: 0, confirmed: 0, unconfirmed: 0 };
    expect(pushes.counts).toEqual({ ...none, incomplete: 1 });
  });

  it('drops the oldest where the loop is slow, counts them and tells of each', async () => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock(), waiting: 2 });
    const gone: string[] = [];
    pushes.on('dropped', ({ push, count }) => gone.push(`${count}: ${textOf(push)}`));
    await pushes.listening;
    for (let i = 1; i <= 5; i++) port.hears(wrapped(energy(i)));
    expect(gone).toEqual(['1: 1 Wh', '2: 2 Wh', '3: 3 Wh']);
    expect((await take(pushes, 2)).map(textOf)).toEqual(['4 Wh', '5 Wh']);
    expect(pushes.counts).toMatchObject({ pushes: 5, dropped: 3 });
    await pushes.close();
  });

  it('keeps no more than 4 MiB of messages for a loop that is slow', async () => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock() });
    await pushes.listening;
    const size = 60_000;
    const large = wrapped(notification(structureOf([octets(new Uint8Array(size))])));
    const sent = 100;
    for (let i = 0; i < sent; i++) port.hears(large);
    const { pushes: came, dropped } = pushes.counts;
    expect(came).toBe(sent);
    expect((came - dropped) * size).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(dropped).toBeLessThan(sent / 2);
    await pushes.close();
  });

  it('tells that a port is lost, opens it again with longer and longer pauses, and goes on', async () => {
    const clock = new VirtualClock();
    const port = new Port();
    const pushes = followPort(port, { clock, reconnect: { backoff: { first: 1000, factor: 2, jitter: 0 } } });
    const all = told(pushes);
    const resumed = new Promise((resolve) => pushes.on('resumed', resolve));
    await pushes.listening;
    port.hears(wrapped(energy(1)));
    port.pull();
    // The third try, after 1 + 2 + 4 s, finds it.
    clock.at(3500, () => {
      port.there = true;
    });
    await clock.run(resumed);
    expect(await resumed).toMatchObject({ from: port.name, lost: 7000, attempts: 3 });
    port.hears(wrapped(energy(2)));
    expect((await take(pushes, 2)).map(textOf)).toEqual(['1 Wh', '2 Wh']);
    await pushes.close();
    expect(all).toEqual([`lost: ${port.name} was unplugged`, 'resumed', 'closed']);
  });

  it('ends while a lost port is awaited, and tries it no more', async () => {
    const clock = new VirtualClock();
    const port = new Port();
    const pushes = followPort(port, { clock });
    await pushes.listening;
    port.pull();
    await pushes.close();
    expect(await pushes.next()).toMatchObject({ done: true });
    clock.advance(3_600_000);
    expect(port.opened).toBe(1);
    expect(clock.next()).toBeUndefined();
  });

  it('ends with the error of a lost port where it shall not be opened again', async () => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock(), reconnect: false });
    await pushes.listening;
    port.pull();
    await expect(pushes.next()).rejects.toThrow(/was unplugged/);
    expect(await pushes.next()).toMatchObject({ done: true });
  });

  it('throws what keeps a port from being opened, and closes the others', async () => {
    const [one, other] = [new Port(), new Port('serial /dev/y')];
    other.there = false;
    const pushes = followPort([one, other], { clock: new VirtualClock() });
    await expect(pushes.listening).rejects.toThrow('serial /dev/y is not there');
    await expect(pushes.next()).rejects.toThrow('serial /dev/y is not there');
    expect(one).toMatchObject({ opened: 1, closed: 1 });
  });

  it('waits for a port that is not there yet where that is asked for', async () => {
    const clock = new VirtualClock();
    const port = new Port();
    port.there = false;
    const pushes = followPort(port, { clock, reconnect: { first: true } });
    clock.at(10_000, () => {
      port.there = true;
    });
    await clock.run(pushes.listening);
    port.hears(wrapped(energy(1)));
    expect((await take(pushes, 1)).map(textOf)).toEqual(['1 Wh']);
    await pushes.close();
  });

  it.each([
    [{ waiting: 0 }, /'waiting' is 0/],
    [{ ek: EK }, /no option 'ek'/],
  ])('refuses options that cannot be: %j', (options, message) => {
    expect(() => followPort(new Port(), options as object)).toThrow(message);
    expect(() => followPort([], {})).toThrow(StateError);
  });
});

describe('keys and counters that come later', () => {
  const later = <T>(value: T) => Promise.resolve().then(() => value);

  it('are awaited, in the order of the line, each message with its own', async () => {
    const port = new Port();
    const asked: string[] = [];
    const pushes = followPort(port, {
      clock: new VirtualClock(),
      keysOf: (title) => {
        asked.push(toHex(title));
        return toHex(title) === toHex(TITLE) ? later(KEYS) : undefined;
      },
    });
    const all = told(pushes);
    await pushes.listening;
    port.hears(
      wrapped(ciphered(energy(1), { counter: 1 })),
      wrapped(energy(2)),
      wrapped(ciphered(energy(3), { title: OTHER })),
      wrapped(ciphered(energy(4), { counter: 2 })),
    );
    expect((await take(pushes, 3)).map(textOf)).toEqual(['1 Wh', '2 Wh', '4 Wh']);
    expect(asked).toEqual([toHex(TITLE), toHex(OTHER), toHex(TITLE)]);
    expect(all).toEqual([expect.stringMatching(/^refused: no keys .* 4B464D1020000001/)]);
    await pushes.close();
  });

  it('a counter is kept before its push is told, and is refused when it comes again on any line', async () => {
    const [one, other] = [new Port(), new Port('serial /dev/y')];
    const lowest = new Map<string, number>();
    const steps: string[] = [];
    const counters = {
      lowest: (entry: string) => later(lowest.get(entry) ?? 0),
      accept: async (entry: string, counter: number) => {
        await undefined;
        if ((lowest.get(entry) ?? 0) > counter) throw new SecurityError('replay', 'passed');
        lowest.set(entry, counter + 1);
        steps.push(`kept ${counter}`);
      },
    };
    const pushes = followPort([one, other], { clock: new VirtualClock(), keysOf: () => later(KEYS), counters });
    const refused = new Promise<Error>((resolve) => pushes.on('refused', ({ error }) => resolve(error)));
    await pushes.listening;
    const message = wrapped(ciphered(energy(1), { counter: 41 }));
    one.hears(message);
    other.hears(message);
    await take(pushes, 1);
    steps.push('told');
    expect(await refused).toMatchObject({ reason: 'replay' });
    expect(steps).toEqual(['kept 41', 'told']);
    expect(pushes.counts).toMatchObject({ pushes: 1, refused: 1 });
    await pushes.close();
  });

  it.each([
    [
      'keysOf throws',
      { keysOf: () => Promise.reject(new Error('vault: token s.123')) },
      /the keys of the meter .* cannot be read/,
    ],
    [
      'keysOf throws at once',
      {
        keysOf: () => {
          throw new Error('vault: token s.123');
        },
      },
      /the keys of the meter .* cannot be read/,
    ],
    [
      'counters cannot be kept',
      { keysOf: () => KEYS, counters: { lowest: () => 0, accept: () => Promise.reject(new Error('database s.123')) } },
      /the counter of .* cannot be stored/,
    ],
  ])('%s: the push is refused, and the line goes on', async (_, options, message) => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock(), ...options });
    const all = told(pushes);
    await pushes.listening;
    port.hears(wrapped(ciphered(energy(1))), wrapped(energy(2)));
    expect((await take(pushes, 1)).map(textOf)).toEqual(['2 Wh']);
    expect(all).toEqual([expect.stringMatching(message)]);
    expect(all.join()).not.toContain('s.123');
    await pushes.close();
  });

  it('keys that never come hold a bounded part of their line, and are told of at the end', async () => {
    const port = new Port();
    const pushes = followPort(port, { clock: new VirtualClock(), keysOf: () => new Promise<undefined>(() => {}) });
    const all = told(pushes);
    await pushes.listening;
    for (let i = 1; i <= 300; i++) port.hears(wrapped(ciphered(energy(i), { counter: i })));
    expect(pushes.counts.discarded).toBe(300 - 256);
    expect(all[0]).toMatch(/too many messages came while the keys or counters/);
    await pushes.close();
    expect(pushes.counts).toMatchObject({ pushes: 0, discarded: 300 });
  });
});

describe('hostile lines', () => {
  it('wrong keys, replays, senders nobody knows and noise are told each, and pushes of two senders come', async () => {
    const port = new Port();
    const pushes = followPort(port, {
      clock: new VirtualClock(),
      keysOf: (title) => (toHex(title) === toHex(TITLE) || toHex(title) === toHex(OTHER) ? KEYS : undefined),
    });
    const all = told(pushes);
    await pushes.listening;
    port.hears(
      wrapped(ciphered(energy(1), { counter: 5 })),
      wrapped(ciphered(energy(1), { counter: 5 })),
      wrapped(ciphered(energy(2), { counter: 6, ek: AK })),
      wrapped(ciphered(energy(3), { title: OTHER, counter: 5 })),
      wrapped(ciphered(energy(4), { title: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })),
      Uint8Array.of(0xf0, 0xe1, 0xd2),
      ...hdlc(energy(5)),
    );
    const taken = await take(pushes, 3);
    expect(taken.map((push) => [push.sender, textOf(push)])).toEqual([
      [toHex(TITLE), '1 Wh'],
      [toHex(OTHER), '3 Wh'],
      [undefined, '5 Wh'],
    ]);
    expect(pushes.counts).toMatchObject({ pushes: 3, refused: 3, discarded: 1 });
    expect(all.join('\n')).not.toContain(toHex(EK));
    await pushes.close();
  });
});
