/** Counters that a meter publishes or names when it refuses: taken up within a bound, and stored only when an association was opened. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../../src/base/bytes.js';
import { AccessError, AssociationError, StateError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { i8, i16, i32, i64, octets, u8, u16, u32, u64, visible } from '../../src/codec/make.js';
import { MemoryCounterStore, open, type SecurityOptions, type Transport } from '../../src/index.js';
import { counterEntryOf, HIGHEST_UNASKED_COUNTER, LARGEST_COUNTER_STEP } from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { CLIENT_TITLE, KEYS, SECRET, ServedMeter } from '../support/served-meter.js';

const PUBLISHED = '0.0.43.1.3.255';
const keys = { systemTitle: CLIENT_TITLE, encryptionKey: KEYS.encryption, authenticationKey: KEYS.authentication };
const ENTRY = counterEntryOf(nodeCrypto, keys);
const AARQ = 0x60;
const CLIENT = 48;

/** exception-response invocation-counter-error that names a counter. */
const naming = (counter: number) => concat(fromHex('D80106'), fromHex(counter.toString(16).padStart(8, '0')));

/** A line in the wrapper on which somebody else may answer in the meter's place. */
function onLine(meter: ServedMeter, forge: (apdu: Uint8Array) => Uint8Array | undefined = () => undefined) {
  const line = meter.line('wrapper');
  /** Invocation counters that went out, of whatever was ciphered. */
  const sent: number[] = [];
  let handler: Parameters<Transport['open']>[0];
  const transport: Transport = {
    name: line.name,
    open: (given) => {
      handler = given;
      return line.open(given);
    },
    close: () => line.close(),
    write: (bytes) => {
      const apdu = bytes.subarray(8);
      // glo-initiateRequest within the AARQ, or a glo-APDU: tag, length, 30, counter.
      const at =
        bytes[3] !== CLIENT ? -1 : apdu[0] === AARQ ? indexOf(apdu, [0x21]) : (apdu[0] as number) >= 0xc8 ? 0 : -1;
      if (at >= 0) sent.push(new DataView(apdu.buffer, apdu.byteOffset + at + 3).getUint32(0));
      const forged = bytes[3] === CLIENT ? forge(apdu) : undefined;
      if (forged === undefined) line.write(bytes);
      else queueMicrotask(() => handler.data(concat(Uint8Array.of(0, 1, 0, 1, 0, CLIENT, 0, forged.length), forged)));
    },
  };
  return { transport, sent };
}

/** Where these octets begin, after tag and length of an octet-string and before a length and a security control of 30h. */
function indexOf(bytes: Uint8Array, tag: readonly number[]): number {
  return bytes.findIndex((octet, i) => octet === tag[0] && bytes[i - 2] === 4 && bytes[i + 2] === 0x30);
}

interface Visit extends Partial<SecurityOptions> {
  readonly forge?: (apdu: Uint8Array) => Uint8Array | undefined;
}

/** Opens, reads and closes. @returns the counters that were sent. */
async function visit(meter: ServedMeter, counters: MemoryCounterStore, { forge, ...security }: Visit = {}) {
  const { transport, sent } = onLine(meter, forge);
  const opening = open(transport, {
    ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client: CLIENT, secret: SECRET },
    security: { ...keys, counters, ...security },
  });
  const opened = await meter.clock.run(opening).catch((error: unknown) => {
    throw Object.assign(error as Error, { sent });
  });
  await meter.clock.run(opened.get(opened.data('0.0.96.1.0.255').value));
  await meter.clock.run(opened.close());
  return sent;
}

/** A meter that has seen counters below this one. */
function seasoned(lowest: number, published?: Data): ServedMeter {
  const meter = new ServedMeter();
  if (lowest > 0) meter.received.accept(lowest - 1);
  meter.published = published;
  return meter;
}

async function failureOf(promise: Promise<unknown>): Promise<Error & { sent: number[]; hint?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { sent: number[] };
  }
  throw new Error('it went well');
}

describe('a counter that the meter names in its refusal', () => {
  it.each([1, 2, 4095, 0x0c04, 1_000_000, 1_939_222_493])('%i: taken up by itself, and stored', async (lowest) => {
    const counters = new MemoryCounterStore();
    const sent = await visit(seasoned(lowest), counters);
    expect(sent[1]).toBeGreaterThanOrEqual(lowest);
    expect(new Set(sent).size).toBe(sent.length);
    expect(counters.peek(ENTRY)).toBeGreaterThan(sent.at(-1) as number);
    // The next visit is let in at once.
    expect((await visit(seasoned(lowest), counters))[0]).toBeGreaterThan(lowest);
  });

  it('case 11: D8010600000FFF goes on at 4096 and no lower', async () => {
    let first = true;
    const forge = (apdu: Uint8Array) => {
      const refused = apdu[0] === AARQ && first;
      if (apdu[0] === AARQ) first = false;
      return refused ? fromHex('D8010600000FFF') : undefined;
    };
    const sent = await visit(seasoned(0), new MemoryCounterStore(), { forge });
    expect(sent.slice(0, 2)).toEqual([1, 4096]);
  });

  it.each([HIGHEST_UNASKED_COUNTER, 0x80000000, 0xfffffffd, 0xfffffffe, 0xffffffff])(
    'a forged %i is not: the error says what the meter wants and what to run, the store stays',
    async (forged) => {
      const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
      const forge = (apdu: Uint8Array) => (apdu[0] === AARQ ? naming(forged) : undefined);
      const error = await failureOf(visit(seasoned(0), counters, { forge }));
      expect(error).toBeInstanceOf(AssociationError);
      expect(error.message).toContain(`at least ${forged + 1}, ours is 5001`);
      expect(error.hint).toMatch(forged + 1 < 0xffffffff ? `cosem keys raise ${forged + 1}` : 'must be changed');
      expect(error.sent).toEqual([5000]);
      expect(counters.peek(ENTRY)).toBe(5001);
      // And the meter is read as before.
      expect((await visit(seasoned(0), counters))[0]).toBe(5001);
    },
  );

  it('the largest step is what is stated: one more is not taken', async () => {
    const known = 5000;
    for (const [named, taken] of [
      [known + LARGEST_COUNTER_STEP - 1, true],
      [known + LARGEST_COUNTER_STEP, false],
    ] as const) {
      const counters = new MemoryCounterStore({ [ENTRY]: known });
      let asked = 0;
      const forge = (apdu: Uint8Array) => (apdu[0] === AARQ && asked++ === 0 ? naming(named) : undefined);
      const outcome = await visit(seasoned(0), counters, { forge }).then(
        (sent) => sent[1],
        (error: Error) => error.message,
      );
      if (taken) expect(outcome).toBe(named + 1);
      else expect(outcome).toContain('so large a step is not made without being asked for');
    }
  });

  it('a person may say more, or nothing at all', async () => {
    const lowest = 0xf0000000;
    const counters = () => new MemoryCounterStore({ [ENTRY]: 5000 });
    expect((await visit(seasoned(lowest), counters(), { counterStep: 0xf0000000 }))[1]).toBe(lowest + 1);
    await expect(visit(seasoned(6000), counters(), { counterStep: 0 })).rejects.toThrow('at least 6001');
    const raised = counters();
    raised.raise(ENTRY, lowest);
    expect((await visit(seasoned(lowest), raised))[0]).toBe(lowest);
    for (const counterStep of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(visit(seasoned(0), counters(), { counterStep })).rejects.toThrow(StateError);
    }
  });

  it('refused again and again, upwards: tried once more by itself, the store stays, no counter comes twice', async () => {
    const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
    const all: number[] = [];
    let named = 6000;
    const forge = (apdu: Uint8Array) => {
      named += 100_000;
      return apdu[0] === AARQ ? naming(named) : undefined;
    };
    for (let session = 0; session < 100; session++) {
      const error = await failureOf(visit(seasoned(0), counters, { forge }));
      expect(error.sent.length).toBeLessThanOrEqual(2);
      all.push(...error.sent);
    }
    // Only the attempts with our own counter moved it.
    expect(counters.peek(ENTRY)).toBe(5100);
    expect(Math.max(...all)).toBeLessThanOrEqual(5000 + LARGEST_COUNTER_STEP + 100);
    expect(new Set(all).size).toBe(all.length);
    const after = await visit(seasoned(0), counters);
    expect(after[0]).toBe(5100);
  });

  it('even a forger who lets every association open leaves half of the life of the key', async () => {
    const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
    const meter = seasoned(0);
    let stopped: Error | undefined;
    for (let session = 0; session < 40 && stopped === undefined; session++) {
      let asked = 0;
      const most = Math.min(counters.peek(ENTRY) + LARGEST_COUNTER_STEP - 2, 0xffffffff);
      const forge = (apdu: Uint8Array) => (apdu[0] === AARQ && asked++ === 0 ? naming(most) : undefined);
      await visit(meter, counters, { forge }).catch((error: Error) => {
        stopped = error;
      });
    }
    expect(stopped?.message).toContain('not made without being asked for');
    expect(counters.peek(ENTRY)).toBeLessThanOrEqual(HIGHEST_UNASKED_COUNTER + 100);
    expect((await visit(meter, counters)).length).toBeGreaterThan(0);
  });

  it.each([
    ['publishes nothing', undefined, ['0.0.43.1.77.255', '0.0.43.1.78.255']],
    ['publishes that of another client', u32(7), ['0.0.43.1.3.255']],
  ] as const)(
    'case 11: a meter that %s and names it is believed within the bound all the same',
    async (_, published, objects) => {
      let refused = 0;
      const forge = (apdu: Uint8Array) => (apdu[0] === AARQ && refused++ === 0 ? fromHex('D8010600000FFF') : undefined);
      const counters = new MemoryCounterStore();
      const sent = await visit(seasoned(0, published), counters, {
        forge,
        readInvocationCounter: objects,
        trustCounters: true,
      });
      expect([refused > 0, sent.includes(4096), new Set(sent).size]).toEqual([true, true, sent.length]);
    },
  );

  it('a counter below ours is no reason: the refusal stays what it is', async () => {
    const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
    const forge = (apdu: Uint8Array) => (apdu[0] === AARQ ? naming(100) : undefined);
    const error = await failureOf(visit(seasoned(0), counters, { forge }));
    expect(error.message).toContain('the meter names counter 100');
    expect(error.sent).toEqual([5000]);
  });

  it('a store that cannot set aside is raised before anything is sent', async () => {
    const inner = new MemoryCounterStore({ [ENTRY]: 5000 });
    const counters = {
      next: (entry: string) => inner.next(entry),
      peek: (entry: string) => inner.peek(entry),
      raise: (entry: string, atLeast: number) => inner.raise(entry, atLeast),
    };
    const forge = (apdu: Uint8Array) => (apdu[0] === AARQ ? naming(9000) : undefined);
    const error = await failureOf(visit(seasoned(0), counters as MemoryCounterStore, { forge }));
    expect(error.sent).toEqual([5000, 9001]);
    expect(inner.peek(ENTRY)).toBe(9002);
  });
});

describe('a counter that is refused later in the session', () => {
  const opened = async (forge?: (apdu: Uint8Array) => Uint8Array | undefined) => {
    const meter = seasoned(0);
    const counters = new MemoryCounterStore();
    const { transport, sent } = onLine(meter, forge);
    const client = await meter.clock.run(
      open(transport, {
        ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client: CLIENT, secret: SECRET },
        security: { ...keys, counters },
      }),
    );
    return { meter, counters, client, sent };
  };

  it('a read goes on by itself above it', async () => {
    const { meter, client, counters } = await opened();
    // Another client of the same key was there in between.
    meter.received.accept(700);
    const value = await meter.clock.run(client.get(client.data('0.0.96.1.0.255').value));
    expect(value.type).toBe('octet-string');
    expect(counters.peek(ENTRY)).toBeGreaterThan(701);
  });

  it('an order is not given twice for it, but the next one goes through', async () => {
    const { meter, client } = await opened();
    meter.received.accept(700);
    const write = () => meter.clock.run(client.set(client.data('0.0.96.13.0.255').value, visible('new')));
    await expect(write()).rejects.toThrow(AccessError);
    expect(meter.notes).toBe('hello');
    await write();
    expect(meter.notes).toBe('new');
  });

  it.each([0xfffffffd, 0x80000000])('one beyond the bound, %i, ends it with words', async (forged) => {
    const forge = (apdu: Uint8Array) => (apdu[0] === 0xc8 ? naming(forged) : undefined);
    const { meter, client, counters } = await opened(forge);
    const before = counters.peek(ENTRY);
    const reading = meter.clock.run(client.get(client.data('0.0.96.1.0.255').value));
    await expect(reading).rejects.toThrow(`at least ${forged + 1}`);
    expect(counters.peek(ENTRY)).toBeLessThan(before + 3);
  });

  it('named again and again it ends after the second time', async () => {
    let named = 10_000;
    let asked = 0;
    const forge = (apdu: Uint8Array) => {
      if (apdu[0] !== 0xc8) return undefined;
      asked++;
      named += 1000;
      return naming(named);
    };
    const { meter, client } = await opened(forge);
    await expect(meter.clock.run(client.get(client.data('0.0.96.1.0.255').value))).rejects.toThrow(AccessError);
    expect(asked).toBe(2);
  });
});

describe('a counter that the meter publishes', () => {
  const published = { readInvocationCounter: PUBLISHED };

  it.each<[string, Data, number]>([
    ['unsigned', u8(200), 201],
    ['long-unsigned', u16(40_000), 40_001],
    ['double-long-unsigned', u32(70_000), 70_001],
    ['long64-unsigned', u64(80_000n), 80_001],
    ['integer', i8(100), 101],
    ['long', i16(30_000), 30_001],
    ['double-long', i32(90_000), 90_001],
    ['long64', i64(90_000n), 90_001],
    ['a clock in seconds', u32(1_939_222_492), 1_939_222_493],
  ])('as %s', async (_, data, first) => {
    expect((await visit(seasoned(0, data), new MemoryCounterStore(), published))[0]).toBe(first);
  });

  it.each<[string, Data]>([
    ['a negative number', i8(-1)],
    ['a negative number', i64(-5n)],
    ['octets', octets(fromHex('00001000'))],
    ['text', visible('4096')],
  ])('%s is none', async (_, data) => {
    await expect(visit(seasoned(0, data), new MemoryCounterStore(), published)).rejects.toThrow(
      'not an invocation counter',
    );
  });

  it.each<[Data, string]>([
    [u32(0xfffffffd), '4294967294'],
    [u32(0xffffffff), '4294967296'],
    [u64(0xffffffffffffffffn), '18446744073709551616'],
    [u64(9007199254740993n), '9007199254740994'],
  ])(
    '$value beyond the bound: ours is tried, and where it is refused the error says what the meter wants',
    async (data, wanted) => {
      const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
      // The meter takes ours: what it publishes was nonsense.
      expect((await visit(seasoned(0, data), counters, published))[0]).toBe(5000);
      const before = counters.peek(ENTRY);
      const forge = (apdu: Uint8Array) => (apdu[0] === AARQ ? fromHex('D80101') : undefined);
      const error = await failureOf(visit(seasoned(0, data), counters, { ...published, forge }));
      expect(error.message).toContain(`at least ${wanted}`);
      expect(counters.peek(ENTRY)).toBe(before + 1);
    },
  );

  it('and without a store that lasts nothing is sent', async () => {
    const meter = seasoned(0, u32(0xfffffffd));
    const { transport, sent } = onLine(meter);
    const opening = open(transport, {
      ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client: CLIENT, secret: SECRET },
      security: { ...keys, ...published },
    });
    await expect(meter.clock.run(opening)).rejects.toThrow('at least 4294967294');
    expect(sent).toEqual([]);
  });

  it('of several objects the first that is there counts; where none is, ours does', async () => {
    const objects = ['0.0.43.1.9.255', '0.0.42.0.0.255', PUBLISHED];
    const found = await visit(seasoned(0, u16(777)), new MemoryCounterStore(), { readInvocationCounter: objects });
    expect(found[0]).toBe(778);
    const none = { readInvocationCounter: objects.slice(0, 2) };
    expect((await visit(seasoned(0), new MemoryCounterStore({ [ENTRY]: 5 }), none))[0]).toBe(5);
    // One that is told must be there.
    const told = { readInvocationCounter: '0.0.43.1.9.255' };
    await expect(visit(seasoned(0), new MemoryCounterStore(), told)).rejects.toThrow(AccessError);
  });

  it('is stored only when the association was opened with it', async () => {
    const counters = new MemoryCounterStore({ [ENTRY]: 5000 });
    const forge = (apdu: Uint8Array) => (apdu[0] === AARQ ? fromHex('D80101') : undefined);
    const error = await failureOf(visit(seasoned(0, u32(900_000)), counters, { ...published, forge }));
    expect(error.sent).toEqual([900_001]);
    expect(counters.peek(ENTRY)).toBe(5000);
    // The same is published again: the one that was sent is not sent again.
    const again = await visit(seasoned(0, u32(900_000)), counters, published);
    expect(again[0]).toBeGreaterThan(900_001);
    expect(counters.peek(ENTRY)).toBeGreaterThan(again.at(-1) as number);
  });
});

describe('counters set aside', () => {
  it('are given by nobody again, in whatever order they are asked for', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('next' as const) }),
      fc.record({ type: fc.constant('raise' as const), at: fc.nat(400) }),
      fc.record({ type: fc.constant('reserve' as const), at: fc.nat(400), count: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const store = new MemoryCounterStore();
        const given = new Set<number>();
        const take = (from: number, count: number) => {
          for (let counter = from; counter < from + count; counter++) {
            if (given.has(counter)) throw new Error(`${counter} came twice`);
            given.add(counter);
          }
        };
        for (const one of steps) {
          const before = store.peek('e');
          if (one.type === 'next') {
            take(store.next('e'), 1);
            expect(store.peek('e')).toBeGreaterThan(before);
          } else if (one.type === 'raise') {
            store.raise('e', one.at);
            expect(store.peek('e')).toBeGreaterThanOrEqual(Math.max(before, one.at));
          } else {
            const from = store.reserve('e', one.at, one.count);
            expect(from).toBeGreaterThanOrEqual(one.at);
            take(from, one.count);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
