/** Pushes of service class confirmed: confirmed when they are taken, repeated when no confirm arrives, and had once. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BENCH_SECRETS, deliverPush, type PushedNotification } from '../../simulator/index.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { u8 } from '../../src/codec/make.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
import type { Transport } from '../../src/contracts/transport.js';
import { PushSetupV0 } from '../../src/cosem/classes/push-setup.js';
import { MemoryCounterStore, type Meter } from '../../src/index.js';
import { decodeFrame } from '../../src/link/hdlc-frame.js';
import { stripLlc } from '../../src/link/hdlc-llc.js';
import { decodeWpdu } from '../../src/link/wrapper-link.js';
import { type ListenPushesOptions, listenPushesOn } from '../../src/push/listen.js';
import type { PushStream, ReceivedPush } from '../../src/push/push-stream.js';
import { IdlePeers } from '../../src/transport/idle-peers.js';
import { memoryPair } from '../../src/transport/memory.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { Bench } from '../simulator/support.js';
import { AK, ciphered, EK, hdlc, wrapped } from './lines.js';

const OURS = Uint8Array.of(0x48, 0x45, 0x53, 0, 0, 0, 0, 1);
const ALERT = '0.4.25.9.0.255';
const KEYS = { encryption: BENCH_SECRETS.encryptionKey, authentication: BENCH_SECRETS.authenticationKey };

/** What the way does with a whole message: false loses it. */
type Way = (octets: Uint8Array) => boolean;

/** A listener whose peers come over memory, in virtual time. */
class Listener {
  readonly pushes: PushStream;
  #dial: ((transport: Transport) => void) | undefined;
  #calls = 0;

  constructor(clock: VirtualClock, options: Partial<ListenPushesOptions> = {}) {
    const tcp = async (_: unknown, onPeer: (transport: Transport) => void) => {
      this.#dial = onPeer;
      return { host: 'memory', port: 1, close: async () => {} };
    };
    this.pushes = listenPushesOn(
      {
        crypto: nodeCrypto,
        tcp,
        udp: tcp,
        serial: () => memoryPair()[0],
        peers: (bounds) => new IdlePeers(bounds),
      },
      { tcp: 1, clock, ...options },
    );
  }

  /** The meter's end of a new connection. */
  connect(there: Way = () => true, back: Way = () => true): Transport {
    const [meter, listener] = memoryPair({ names: ['meter', `tcp 10.0.0.7:${50_000 + this.#calls++}`] });
    const [near, far] = [losing(meter, there), losing(listener, back)];
    this.#dial?.(far);
    return near;
  }
}

function losing(transport: Transport, way: Way): Transport {
  return {
    name: transport.name,
    open: (handler) => transport.open(handler),
    close: () => transport.close(),
    write: (octets) => {
      if (way(octets)) transport.write(octets);
    },
  };
}

/** Turns of promises, without time. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

const asking = (id: number, body: Data = u8(7)) =>
  encodeApdu({ type: 'data-notification', longInvokeId: 0x4000_0000 | id, body });

/** A meter made by hand: what it sends, and the confirms that come. */
async function byHand(listener: Listener) {
  await listener.pushes.listening;
  const line = listener.connect();
  const heard: Uint8Array[] = [];
  await line.open({ data: (octets) => heard.push(octets), closed: () => {} });
  return { line, heard };
}

describe('a push that asks for a confirm', () => {
  it('gets it when the loop asks for the next one, to where it came from', async () => {
    const listener = new Listener(new VirtualClock());
    const { line, heard } = await byHand(listener);
    line.write(wrapped(asking(5)));
    const { value } = await listener.pushes.next();
    await turns();
    expect(value).toMatchObject({ protection: 'none' });
    expect(heard).toEqual([]);
    const next = listener.pushes.next();
    await turns();
    expect(heard).toHaveLength(1);
    const { source, destination, apdu } = decodeWpdu(heard[0] as Uint8Array);
    expect([source, destination]).toEqual([103, 1]);
    expect(apdu).toEqual(Uint8Array.of(0x10, 0x40, 0, 0, 5, 0));
    await listener.pushes.close();
    expect((await next).done).toBe(true);
    expect(listener.pushes.counts).toMatchObject({ pushes: 1, confirmed: 1, repeated: 0 });
  });

  it('in HDLC gets it in a UI frame, from whom it was sent to', async () => {
    const listener = new Listener(new VirtualClock());
    const { line, heard } = await byHand(listener);
    // In segments, which are one message.
    for (const frame of hdlc(asking(5), { size: 8 })) line.write(frame);
    await listener.pushes.next();
    void listener.pushes.next();
    await turns();
    expect(heard).toHaveLength(1);
    const frame = decodeFrame(heard[0] as Uint8Array);
    expect([frame.source.upper, frame.destination.upper, frame.control.type]).toEqual([103, 1, 'UI']);
    expect(stripLlc(frame.information, 'command')).toEqual(Uint8Array.of(0x10, 0x40, 0, 0, 5, 0));
    await listener.pushes.close();
    expect(listener.pushes.counts).toMatchObject({ pushes: 1, confirmed: 1 });
  });

  it('without a frame gets none, and says so', async () => {
    const listener = new Listener(new VirtualClock());
    const { line, heard } = await byHand(listener);
    const told: unknown[] = [];
    listener.pushes.on('unconfirmed', ({ error }) => told.push(error));
    line.write(asking(5));
    await listener.pushes.next();
    void listener.pushes.next();
    await turns();
    expect([heard, told]).toMatchObject([[], [{ message: expect.stringContaining('without a frame') }]]);
    await listener.pushes.close();
  });

  it('gets none where it does not ask, where nobody took it, and where that is switched off', async () => {
    for (const [confirm, body] of [
      [true, encodeApdu({ type: 'data-notification', longInvokeId: 5, body: u8(7) })],
      [false, asking(5)],
    ] as const) {
      const listener = new Listener(new VirtualClock(), { confirm });
      const { line, heard } = await byHand(listener);
      line.write(wrapped(body));
      await listener.pushes.next();
      void listener.pushes.next();
      await turns();
      expect(heard).toEqual([]);
      await listener.pushes.close();
    }
    const left = new Listener(new VirtualClock());
    const { line, heard } = await byHand(left);
    line.write(wrapped(asking(5)));
    for await (const _ of left.pushes) break;
    await turns();
    expect(heard).toEqual([]);
  });

  it('is confirmed by a word of the caller, once, where the caller says so', async () => {
    const listener = new Listener(new VirtualClock(), { confirm: { when: 'explicit' } });
    const { line, heard } = await byHand(listener);
    line.write(wrapped(asking(5)));
    const push = (await listener.pushes.next()).value as ReceivedPush;
    void listener.pushes.next();
    await turns();
    expect(heard).toEqual([]);
    push.acknowledge();
    push.acknowledge();
    await turns();
    expect(heard).toHaveLength(1);
    await listener.pushes.close();
  });

  it('that comes again is had once: confirmed anew when it was taken, over the line that it came over last', async () => {
    const listener = new Listener(new VirtualClock());
    const first = await byHand(listener);
    first.line.write(wrapped(asking(5)));
    await listener.pushes.next();
    await turns();
    const second = await byHand(listener);
    second.line.write(wrapped(asking(5)));
    await turns();
    expect([first.heard, second.heard]).toEqual([[], []]);
    const next = listener.pushes.next();
    await turns();
    expect(first.heard).toEqual([]);
    expect(second.heard).toHaveLength(1);
    second.line.write(wrapped(asking(5)));
    await turns();
    expect(second.heard).toHaveLength(2);
    // The same values under another id are another push, and so is another content under the same id.
    second.line.write(wrapped(asking(6)));
    expect((await next).done).toBe(false);
    second.line.write(wrapped(asking(6, u8(8))));
    expect((await listener.pushes.next()).done).toBe(false);
    expect(listener.pushes.counts).toMatchObject({ pushes: 3, repeated: 2 });
    await listener.pushes.close();
  });

  it('that was dropped before anybody had it is new when it comes again', async () => {
    const listener = new Listener(new VirtualClock(), { waiting: 1 });
    const { line, heard } = await byHand(listener);
    for (const id of [5, 6]) line.write(wrapped(asking(id)));
    await turns();
    expect(listener.pushes.counts).toMatchObject({ dropped: 1, repeated: 0 });
    expect((await listener.pushes.next()).done).toBe(false);
    line.write(wrapped(asking(5)));
    await turns();
    expect(listener.pushes.counts).toMatchObject({ pushes: 3, repeated: 0 });
    expect((await listener.pushes.next()).done).toBe(false);
    void listener.pushes.next();
    await turns();
    expect(heard).toHaveLength(2);
    expect(listener.pushes.counts).toMatchObject({ dropped: 1, confirmed: 2 });
    await listener.pushes.close();
  });

  it('is remembered as one of so many: others do not fill the memory', async () => {
    const listener = new Listener(new VirtualClock());
    const { line } = await byHand(listener);
    const had = async (id: number) => {
      line.write(wrapped(asking(id)));
      await listener.pushes.next();
    };
    for (let id = 0; id <= 4096; id++) await had(id);
    line.write(wrapped(asking(4096)));
    await turns();
    expect(listener.pushes.counts).toMatchObject({ pushes: 4097, repeated: 1 });
    line.write(wrapped(asking(0)));
    await turns();
    expect(listener.pushes.counts).toMatchObject({ pushes: 4098, repeated: 1 });
    await listener.pushes.close();
  });

  it('is no longer in memory when it was taken, and is still known', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const listener = new Listener(new VirtualClock());
    const { line, heard } = await byHand(listener);
    const taken: WeakRef<ReceivedPush>[] = [];
    for (let id = 0; id < 20; id++) {
      line.write(wrapped(asking(id)));
      taken.push(new WeakRef((await listener.pushes.next()).value as ReceivedPush));
    }
    const next = listener.pushes.next();
    // What is referred to weakly lives until the turn is over.
    await new Promise((done) => setImmediate(done));
    collect();
    expect(heard).toHaveLength(20);
    // The engine may still hold the one that came last.
    expect(taken.slice(0, -1).filter((ref) => ref.deref() !== undefined)).toEqual([]);
    line.write(wrapped(asking(3)));
    await turns();
    expect(heard).toHaveLength(21);
    expect(listener.pushes.counts).toMatchObject({ pushes: 20, repeated: 1 });
    await listener.pushes.close();
    await next;
  });

  it('ciphered gets a ciphered confirm by our own counters, and none in clear', async () => {
    const counters = new MemoryCounterStore();
    const keysOf = () => ({ encryption: EK, authentication: AK });
    const listener = new Listener(new VirtualClock(), { keysOf, confirm: { systemTitle: OURS, counters } });
    const { line, heard } = await byHand(listener);
    line.write(wrapped(ciphered(asking(5), { counter: 1 })));
    await listener.pushes.next();
    void listener.pushes.next();
    await turns();
    line.write(wrapped(ciphered(asking(5), { counter: 2 })));
    await turns();
    const confirms = heard.map((octets) => decodeApdu(decodeWpdu(octets).apdu));
    expect(confirms).toMatchObject([
      { type: 'ciphered', tag: 0xdb, systemTitle: OURS, securityControl: 0x30, invocationCounter: 1 },
      { type: 'ciphered', tag: 0xdb, systemTitle: OURS, securityControl: 0x30, invocationCounter: 2 },
    ]);
    // What was recorded is no push, and gets nothing.
    line.write(wrapped(ciphered(asking(5), { counter: 2 })));
    await turns();
    expect(heard).toHaveLength(2);
    await listener.pushes.close();

    const without = new Listener(new VirtualClock(), { keysOf });
    const meter = await byHand(without);
    const told: unknown[] = [];
    without.pushes.on('unconfirmed', ({ error }) => told.push(error));
    meter.line.write(wrapped(ciphered(asking(5), { counter: 1 })));
    await without.pushes.next();
    void without.pushes.next();
    await turns();
    expect(meter.heard).toEqual([]);
    expect(told).toMatchObject([{ message: expect.stringContaining('would have to be ciphered') }]);
    await without.pushes.close();
  });

  it.each([
    ['a vault for keys', 'keys'],
    ['a database for counters', 'counters'],
  ])('goes out where the loop ends at once, although %s answers later', async (_, later) => {
    const clock = new VirtualClock();
    const counters = new MemoryCounterStore();
    const wait = <T>(value: T) => new Promise<T>((resolve) => void clock.at(clock.now() + 1000, () => resolve(value)));
    const keys = { encryption: EK, authentication: AK };
    const take = (entry: string) => wait(counters.next(entry));
    const listener = new Listener(clock, {
      keysOf: () => (later === 'keys' ? wait(keys) : keys),
      confirm: { systemTitle: OURS, counters: later === 'counters' ? ({ take } as never) : counters, when: 'explicit' },
    });
    const { line, heard } = await byHand(listener);
    line.write(wrapped(ciphered(asking(5), { counter: 1 })));
    const loop = async () => {
      for await (const push of listener.pushes) {
        push.acknowledge();
        break;
      }
    };
    await clock.run(loop());
    expect(heard).toHaveLength(1);
    expect(listener.pushes.counts).toMatchObject({ confirmed: 1, unconfirmed: 0 });
  });

  it('holds up the end no longer than some seconds, where the keys never come', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const keysOf = () => (asked++ === 0 ? { encryption: EK, authentication: AK } : new Promise<never>(() => {}));
    const confirm = { systemTitle: OURS, counters: new MemoryCounterStore(), when: 'explicit' } as const;
    const listener = new Listener(clock, { keysOf, confirm });
    const { line } = await byHand(listener);
    line.write(wrapped(ciphered(asking(5), { counter: 1 })));
    const { value } = await listener.pushes.next();
    (value as ReceivedPush).acknowledge();
    const begun = clock.now();
    await clock.run(listener.pushes.close());
    expect(clock.now() - begun).toBe(5000);
    expect(clock.next()).toBeUndefined();
  });

  it.each([
    ['need a system title and counters', { systemTitle: OURS }],
    ["not confirmed 'later'", { when: 'later' }],
    ["has no member 'systemTitles'", { systemTitles: OURS }],
    ['a system title is 8 octets', { systemTitle: OURS.subarray(1), counters: new MemoryCounterStore() }],
    // Taken for `next`, it would confirm what is not stored yet.
    ['is true, false or an object', 'explicit'],
    ['is true, false or an object', null],
  ])('is refused with options that cannot be: %s', (words, confirm) => {
    expect(() => new Listener(new VirtualClock(), { confirm: confirm as never })).toThrow(words);
  });
});

/** A virtual meter that pushes confirmed over a way that loses, to a listener that takes what comes. */
async function field({ there, back, retries }: { there: Way; back: Way; retries: number }) {
  const used: number[] = [];
  const memory = new MemoryCounterStore();
  const counters: CounterStore = {
    next: (entry) => {
      // Above those of the reading: the meter keeps one for each key.
      const counter = memory.next(entry) + 1000;
      used.push(counter);
      return counter;
    },
    peek: (entry) => memory.peek(entry),
    raise: (entry, atLeast) => memory.raise(entry, atLeast),
  };
  let sent = 0;
  const outcomes: unknown[] = [];
  let listener: Listener | undefined;
  const bench: Bench = new Bench({
    confirmedPushes: true,
    onPush: async (push: PushedNotification) => {
      sent++;
      expect(push.confirmed).toBe(true);
      const line = (listener as Listener).connect(there, back);
      const answer = await deliverPush(line, push, { clock: bench.clock, timeout: 5000 }).catch(() => false);
      outcomes.push(answer);
      return answer;
    },
  });
  const { clock } = bench;
  listener = new Listener(clock, {
    keys: KEYS,
    acceptUnauthenticated: true,
    confirm: { systemTitle: OURS, counters },
  });
  const had: ReceivedPush[] = [];
  await listener.pushes.listening;
  const loop = (async () => {
    for await (const push of (listener as Listener).pushes) had.push(push);
  })();
  const meter: Meter = await clock.run(bench.open('utility'));
  const setup = meter.object(PushSetupV0, ALERT);
  await clock.run(meter.set(setup.numberOfRetries, retries));
  await clock.run(meter.set(setup.repetitionDelay, 20));
  await clock.run(meter.call(meter.disconnectControl().remoteDisconnect));
  for (let i = 0; i < 40; i++) {
    await turns();
    clock.advance(5000);
  }
  await turns();
  await clock.run(meter.close());
  await listener.pushes.close();
  await loop;
  return { had, used, sent, outcomes, counts: listener.pushes.counts };
}

describe('a virtual meter whose pushes are confirmed', () => {
  it('sends once what is confirmed', async () => {
    const { had, sent, used } = await field({ there: () => true, back: () => true, retries: 3 });
    expect([had.length, sent, used]).toEqual([1, 1, [1001]]);
  });

  it('repeats what is not, with its delay and as often as the set-up says', async () => {
    const { had, sent, outcomes } = await field({ there: () => true, back: () => false, retries: 2 });
    expect([had.length, sent]).toEqual([1, 3]);
    expect(outcomes).toEqual([false, false, false]);
  });

  it('believes no confirm that was changed on the way', async () => {
    const spoil: Way = (octets) => {
      octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
      return true;
    };
    const { sent } = await field({ there: () => true, back: spoil, retries: 1 });
    expect(sent).toBe(2);
  });

  it('over a way that loses: had once or not at all, never twice, and no counter twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        async (pushes, confirms) => {
          const [there, back] = [pushes.values(), confirms.values()];
          const { had, used, sent, counts } = await field({
            there: () => there.next().value ?? true,
            back: () => back.next().value ?? true,
            retries: 3,
          });
          const arrived = pushes.slice(0, sent).filter(Boolean).length;
          expect(had).toHaveLength(arrived > 0 ? 1 : 0);
          expect(counts.repeated).toBe(Math.max(0, arrived - 1));
          expect(new Set(used).size).toBe(used.length);
          // It goes on until a confirm arrives, and no longer.
          expect(sent).toBe(sentUntil(pushes, confirms));
        },
      ),
      { numRuns: 12, seed: 4 },
    );
  });
});

/** How often a push goes out, of four times. */
function sentUntil(pushes: readonly boolean[], confirms: readonly boolean[]): number {
  let confirm = 0;
  for (let sent = 1; sent <= 4; sent++) {
    if (pushes[sent - 1] === true && confirms[confirm++] === true) return sent;
  }
  return 4;
}
