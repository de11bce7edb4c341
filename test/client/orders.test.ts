/** Orders whose answers cannot be read, or are not what became of them: looked at, then said. Cases 24 and 31. */
import { describe, expect, test } from 'vitest';
import { AccessError, StateError, UncertainError } from '../../src/base/errors.js';
import type { Remark } from '../../src/base/remark.js';
import type { Meter } from '../../src/client/meter.js';
import { holds, readBack, setAndReadBack, setClock } from '../../src/client/read-back.js';
import { RelayOutcome, RelayStatus } from '../../src/client/relay-status.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../src/codec/datetime.js';
import { i8, octets, u8, u16, u32, visible } from '../../src/codec/make.js';
import type { OpenOptions } from '../../src/index.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import {
  CLIENT_TITLE,
  DEVIATION,
  KEYS,
  SECRET,
  ServedMeter,
  type ServedMeterOptions,
} from '../support/served-meter.js';

const SET = 0xc1;
const ACTION = 0xc3;

/** Answers to orders as meters give them, by what stands behind tag, alternative and invoke id. */
const action = (...behind: number[]) => rogue(ACTION, 0xc7, behind);
const set = (...behind: number[]) => rogue(SET, 0xc5, behind);
function rogue(asked: number, tag: number, behind: readonly number[]): ServedMeterOptions['rogue'] {
  return (_, request) => (request[0] === asked ? Uint8Array.of(tag, 1, request[2]!, ...behind) : undefined);
}

interface Tried {
  readonly served: ServedMeter;
  readonly remarks: readonly Remark[];
  readonly error: unknown;
  /** How often the order went out. */
  readonly orders: number;
  /** Virtual milliseconds. */
  readonly took: number;
}

async function attempt(
  options: ServedMeterOptions,
  work: (meter: Meter, served: ServedMeter) => Promise<unknown>,
  prepare: (served: ServedMeter) => void = () => {},
): Promise<Tried> {
  const served = new ServedMeter(options);
  prepare(served);
  const remarks: Remark[] = [];
  let error: unknown;
  const start = served.clock.now();
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark) });
    await work(meter, served).catch((thrown) => {
      error = thrown;
    });
  };
  await served.clock.run(run());
  const orders = served.requests.filter(([tag]) => tag === SET || tag === ACTION).length;
  return { served, remarks, error, orders, took: served.clock.now() - start };
}

/** What may stand behind an answer to an ACTION that was carried out. */
const UNREADABLE: readonly (readonly [string, readonly number[]])[] = [
  ['a flag and nothing behind', [0, 1]],
  ['junk behind the flag', [0, 1, 7, 7]],
  ['data of no type', [0, 1, 0, 99]],
  ['no result at all', []],
  ['another alternative', [0, 1, 2, 99]],
];
/** Refusals that name no reason. */
const DOUBTFUL: readonly (readonly [string, number])[] = [
  ['other-reason', 250],
  ['temporary-failure', 2],
  ['hardware-fault', 1],
  ['unknown (77)', 77],
];

describe('an order to the relay', () => {
  test.each([
    ['with the octet that says that nothing follows', [0, 0]],
    ['without it', [0]],
  ])('is done by a success %s', async (_, behind) => {
    const { error, served } = await attempt({ rogue: action(...behind) }, (meter) => meter.relay().disconnect());
    expect([error, served.relay]).toEqual([undefined, false]);
  });

  test.each(UNREADABLE)('answered by %s is looked at: done', async (_, behind) => {
    let outcome: unknown;
    const { error, remarks, orders } = await attempt({ rogue: action(...behind) }, async (meter) => {
      outcome = await meter.relay().disconnect();
    });
    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({ done: true, connected: false });
    expect(remarks).toMatchObject([{ code: 'order-looked-at', weight: 'note' }]);
    expect(orders).toBe(1);
  });

  test.each(UNREADABLE)('answered by %s and not carried out is uncertain, and given once', async (_, behind) => {
    const stuck = (served: ServedMeter) => Object.defineProperty(served, 'relay', { get: () => true, set: () => {} });
    const { error, orders } = await attempt({ rogue: action(...behind) }, (meter) => meter.relay().disconnect(), stuck);
    expect(error).toBeInstanceOf(UncertainError);
    expect((error as Error).message).toMatch(/not known whether the order to disconnect.* the relay is connected now/);
    expect(orders).toBe(1);
  });

  test.each(DOUBTFUL)('refused with %s though done is done; not done, it is refused', async (name, result) => {
    const done = await attempt({ rogue: action(result, 0) }, (meter) => meter.relay().disconnect());
    expect(done.error).toBeUndefined();
    expect(done.remarks).toMatchObject([{ code: 'order-looked-at' }]);
    const refused = await attempt(
      { rogue: action(result, 0) },
      (meter) => meter.relay().disconnect(),
      (served) => Object.defineProperty(served, 'relay', { get: () => true, set: () => {} }),
    );
    expect(refused.error).toBeInstanceOf(AccessError);
    expect(refused.error).toMatchObject({ result: name });
    expect([done.orders, refused.orders]).toEqual([1, 1]);
  });

  test('refused for a reason is not looked at', async () => {
    const { error, served } = await attempt({ rogue: action(3, 0) }, (meter) => meter.relay().disconnect());
    expect(error).toMatchObject({ result: 'read-write-denied' });
    expect(served.requests.at(-2)![0]).toBe(ACTION);
  });

  /** A relay that moves some time after its order. */
  const late = (delay: number) => (served: ServedMeter) => {
    let closed = true;
    Object.defineProperty(served, 'relay', {
      get: () => closed,
      set: (value: boolean) => served.clock.at(served.clock.now() + delay, () => (closed = value)),
    });
  };

  test('is given some seconds: one moves after 6', async () => {
    let outcome: unknown;
    const work = async (meter: Meter) => (outcome = await meter.relay().disconnect());
    const { took, orders } = await attempt({}, work, late(6000));
    expect(outcome).toMatchObject({ done: true, connected: false });
    expect([orders, took >= 6000 && took < 8000]).toEqual([1, true]);
    await attempt({}, work, late(60_000));
    expect(outcome).toMatchObject({ done: false, connected: true });
    const { error } = await attempt({ rogue: action(0, 1) }, work, late(6000));
    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({ done: true });
  });

  test('that makes it ready is done where the consumer closes it, and waited for where the meter does', async () => {
    const state = {
      '70:0.0.96.3.10.255:3': { type: 'enum', value: 2 },
      '70:0.0.96.3.10.255:2': { type: 'boolean', value: false },
    } as const;
    const by = (mode: number) =>
      attempt({ attributes: { ...state, '70:0.0.96.3.10.255:4': { type: 'enum', value: mode } } }, async (meter) => {
        expect(await meter.relay().reconnect()).toMatchObject({
          done: mode === 1,
          state: 'ready-for-reconnection',
        });
      });
    const [button, meter] = [await by(1), await by(4)];
    expect([button.error, meter.error]).toEqual([undefined, undefined]);
    expect([button.took, meter.took]).toEqual([0, 10_000]);
  });

  test.each([1, 2, 4, 5])(
    'in control mode %i, ready before and refused with other-reason, is refused',
    async (mode) => {
      const attributes = {
        '70:0.0.96.3.10.255:2': { type: 'boolean', value: false },
        '70:0.0.96.3.10.255:3': { type: 'enum', value: 2 },
        '70:0.0.96.3.10.255:4': { type: 'enum', value: mode },
      } as const;
      const refused = await attempt({ attributes, rogue: action(250, 0) }, (meter) => meter.relay().reconnect());
      expect(refused.error).toMatchObject({ code: 'access', result: 'other-reason' });
    },
  );

  test('is given though the relay cannot be looked at, and then not called done', async () => {
    const hidden = { '70:0.0.96.3.10.255:2': 3, '70:0.0.96.3.10.255:3': 3 };
    const { error, served, orders } = await attempt({ attributes: hidden }, (meter) => meter.relay().disconnect());
    expect(error).toBeInstanceOf(UncertainError);
    expect([served.relay, orders]).toEqual([false, 1]);
  });
});

describe('the relay with attributes denied', () => {
  const at = (attribute: number) => `70:0.0.96.3.10.255:${attribute}`;
  const nothing: Data = { type: 'null-data', value: null };

  test.each([
    ['the control mode denied', { [at(4)]: 3 }, { connected: true, state: 'connected', mode: undefined }],
    ['the output denied', { [at(2)]: 3 }, { connected: true, state: 'connected', mode: 4 }],
    ['the output as null', { [at(2)]: nothing }, { connected: true, state: 'connected', mode: 4 }],
    ['the control state as null', { [at(3)]: nothing }, { connected: true, state: 'connected', mode: 4 }],
    [
      'the state ready, the output null',
      { [at(2)]: nothing, [at(3)]: { type: 'enum', value: 2 } as Data },
      { connected: false, state: 'ready-for-reconnection', mode: 4 },
    ],
    [
      'the control state a fault, the mode too',
      { [at(3)]: 1, [at(4)]: 250 },
      { connected: true, state: 'connected', mode: undefined },
    ],
  ])('tells its status with %s, and opens', async (_, attributes, status) => {
    const { error, remarks } = await attempt({ attributes }, async (meter) => {
      expect(await meter.relay().status()).toEqual(status);
    });
    expect(error).toBeUndefined();
    expect(remarks.every(({ weight }) => weight === 'detail')).toBe(true);
    expect(remarks.length).toBeGreaterThan(0);
  });

  test('says so when it tells neither', async () => {
    const { error } = await attempt({ attributes: { [at(2)]: nothing, [at(3)]: nothing } }, (meter) =>
      meter.relay().status(),
    );
    expect(error).toMatchObject({ result: 'not-told' });
  });
});

describe('a write', () => {
  const notes = (meter: Meter) => meter.data('0.0.96.13.0.255').value;
  const write = (meter: Meter) => meter.set(notes(meter), visible('news'));
  const deaf = (served: ServedMeter) => Object.defineProperty(served, 'notes', { get: () => 'hello', set: () => {} });

  test.each([
    ['no result', set()],
    ['another service', rogue(SET, 0xc4, [0, 0])],
    [
      'blocks that nobody asked for',
      (_, request) => (request[0] === SET ? Uint8Array.of(0xc5, 2, request[2]!, 0) : undefined),
    ],
  ] as [string, ServedMeterOptions['rogue']][])(
    'answered by %s is read back: done, or uncertain',
    async (_, answer) => {
      const done = await attempt({ rogue: answer }, write);
      expect(done.error).toBeUndefined();
      expect([done.served.notes, done.orders]).toEqual(['news', 1]);
      expect(done.remarks).toMatchObject([{ code: 'order-looked-at', target: '1:0.0.96.13.0.255:2' }]);
      const not = await attempt({ rogue: answer }, write, deaf);
      expect(not.error).toBeInstanceOf(UncertainError);
      expect((not.error as Error).message).toContain('read back it holds hello');
      expect(not.orders).toBe(1);
    },
  );

  test.each(DOUBTFUL)('refused with %s though done is done; not done, it is refused', async (name, result) => {
    const done = await attempt({ rogue: set(result) }, write);
    expect(done.error).toBeUndefined();
    const not = await attempt({ rogue: set(result) }, write, deaf);
    expect(not.error).toMatchObject({ code: 'access', result: name });
    expect([done.orders, not.orders]).toEqual([1, 1]);
  });

  test('that cannot be read back stays uncertain', async () => {
    const { error } = await attempt({ rogue: set(), attributes: { '1:0.0.96.13.0.255:2': 3 } }, write);
    expect(error).toBeInstanceOf(UncertainError);
    expect((error as Error).message).toContain('an answer came and cannot be read');
  });

  test('is read back as what it holds', async () => {
    const look = async (options: ServedMeterOptions, written: Data) => {
      let state: string | undefined;
      await attempt(options, async (meter) => {
        state = (await readBack(meter, notes(meter), written, 0)).state;
      });
      return state;
    };
    expect(await look({}, visible('hello'))).toBe('holds');
    expect(await look({}, visible('news'))).toBe('differs');
    expect(await look({ attributes: { '1:0.0.96.13.0.255:2': 3 } }, visible('hello'))).toBe('unreadable');
  });

  test.each([
    ['the same number in another type', u16(7), u32(7), true],
    ['another number', u16(7), u32(8), false],
    ['a boolean as a number', { type: 'boolean', value: true }, u8(1), true],
    ['text as octets', visible('abc'), octets(Uint8Array.of(97, 98, 99)), true],
    [
      'a structure with another number type',
      { type: 'structure', value: [u8(1), visible('x')] },
      { type: 'structure', value: [i8(1), visible('x')] },
      true,
    ],
    [
      'a structure of another size',
      { type: 'structure', value: [u8(1)] },
      { type: 'structure', value: [u8(1), u8(1)] },
      false,
    ],
    [
      'a date-time with its day of week filled in',
      octets(new CosemDateTime({ year: 2026, month: 1, dayOfMonth: 2, hour: 3, minute: 4, second: 5 }).toBytes()),
      octets(
        new CosemDateTime({
          year: 2026,
          month: 1,
          dayOfMonth: 2,
          dayOfWeek: 5,
          hour: 3,
          minute: 4,
          second: 5,
        }).toBytes(),
      ),
      true,
    ],
    [
      'another date-time',
      octets(new CosemDateTime({ year: 2026, month: 1, dayOfMonth: 2 }).toBytes()),
      octets(new CosemDateTime({ year: 2026, month: 1, dayOfMonth: 3 }).toBytes()),
      false,
    ],
    ['number and text', u8(1), visible('1'), false],
  ] as [string, Data, Data, boolean][])('holds: %s', (_, written, found, same) => {
    expect(holds(written, found)).toBe(same);
  });
});

describe('a clock', () => {
  const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 0, 2)), DEVIATION).with({ hundredths: 0 });
  /** A clock that takes what it is given where `takes` says so. */
  const taking = (takes: (value: CosemDateTime) => boolean) => {
    const given: CosemDateTime[] = [];
    const answer: ServedMeterOptions['rogue'] = (_, request) => {
      if (request[0] !== SET) return undefined;
      const value = CosemDateTime.fromBytes(request.subarray(-12));
      given.push(value);
      return Uint8Array.of(0xc5, 1, request[2]!, takes(value) ? 0 : 12);
    };
    return { given, answer };
  };

  test('that refuses our deviation is given the time without one', async () => {
    const { given, answer } = taking(({ deviation }) => deviation === DEVIATION_UNSPECIFIED);
    const { error, remarks } = await attempt({ rogue: answer }, (meter) => setClock(meter, time));
    expect(error).toBeUndefined();
    expect(given.map(({ deviation }) => deviation)).toEqual([DEVIATION, DEVIATION_UNSPECIFIED]);
    expect(given[1]!.with({ deviation: DEVIATION }).equals(given[0]!)).toBe(true);
    expect(remarks).toMatchObject([{ code: 'clock-deviation', weight: 'note' }]);
  });

  test('that refuses both gives the first refusal', async () => {
    const { given, answer } = taking(() => false);
    const { error } = await attempt({ rogue: answer }, (meter) => setClock(meter, time));
    expect(error).toMatchObject({ result: 'type-unmatched' });
    expect(given).toHaveLength(2);
  });

  test('whose answer cannot be read is compared with what was written', async () => {
    const right = await attempt({ rogue: set() }, (meter) => setClock(meter, time));
    expect(right.error).toBeUndefined();
    const seconds = await attempt({ rogue: set() }, (meter) => setClock(meter, time.with({ second: 10 })));
    expect(seconds.error).toBeInstanceOf(UncertainError);
    const hours = CosemDateTime.fromDate(new Date(Date.UTC(2026, 0, 2, 5, 17)), DEVIATION);
    const wrong = await attempt({ rogue: set() }, (meter) => setClock(meter, hours));
    expect(wrong.error).toBeInstanceOf(UncertainError);
    expect([right.orders, wrong.orders]).toEqual([1, 1]);
  });
});

describe('a relay', () => {
  const status = (connected: boolean, state: RelayStatus['state']) =>
    new RelayStatus({ connected, state, mode: undefined });

  test.each([
    [true, 'connected', false, true],
    // Off by hand, or by a limiter: an order to disconnect still changes the state.
    [false, 'connected', true, true],
    [false, 'ready-for-reconnection', true, true],
    [false, 'disconnected', true, false],
    [true, 'disconnected', true, true],
  ] as const)('%s, %s needs the order to connect: %s, to disconnect: %s', (connected, state, connect, disconnect) => {
    const told = status(connected, state);
    expect([told.needs('connect'), told.needs('disconnect')]).toEqual([connect, disconnect]);
  });

  test('that took an order and did not move is an error for who wants one', async () => {
    const done: RelayOutcome[] = [];
    const keep = async (meter: Meter) => {
      done.push(await meter.relay().disconnect());
    };
    await attempt({}, keep);
    await attempt({}, keep, (served) => Object.defineProperty(served, 'relay', { get: () => true, set: () => {} }));
    const [moved, stuck] = done;
    expect(moved!.mustBeDone()).toBeUndefined();
    expect(stuck).toMatchObject({ done: false, connected: true });
    expect(() => stuck!.mustBeDone()).toThrow(
      expect.objectContaining({
        code: 'access',
        result: 'not-done',
        target: '70:0.0.96.3.10.255',
        message:
          '70:0.0.96.3.10.255: the meter took the order to disconnect, but the supply is still connected (control state connected)',
        hint: expect.stringContaining('limiter'),
      }),
    );
    const half = new RelayOutcome(
      { connected: true, state: 'disconnected', mode: 4 },
      { done: false, order: 'connect', target: 'it' },
    );
    expect(() => half.mustBeDone()).toThrow(
      'it: the meter took the order to connect, but its control state is still disconnected, though the supply is connected',
    );
  });
});

describe('a value that is written and read back', () => {
  const NOTES = '1:0.0.96.13.0.255:2';
  const write = (options: ServedMeterOptions, kept: unknown[]) =>
    attempt(options, async (meter) => {
      kept.push(await setAndReadBack(meter, meter.data('0.0.96.13.0.255').value, visible('news')));
    });

  test('is held, is another one, or cannot be read', async () => {
    const kept: unknown[] = [];
    expect((await write({}, kept)).error).toBeUndefined();
    expect((await write({ attributes: { [NOTES]: 3 } }, kept)).error).toBeUndefined();
    expect(kept).toEqual([
      { state: 'holds', found: visible('news') },
      { state: 'unreadable', error: expect.objectContaining({ result: 'read-write-denied' }) },
    ]);
    const { error } = await write({ attributes: { [NOTES]: visible('olds') } }, kept);
    expect(error).toBeInstanceOf(UncertainError);
    expect(error).toMatchObject({
      target: NOTES,
      message: `${NOTES}: the meter took news, but read back it holds olds`,
      hint: expect.stringContaining('look at it again'),
    });
  });
});

test('an order that was not sent is no uncertain one', async () => {
  const { error, orders } = await attempt({}, (meter) => meter.set(meter.clock().timeZone, 1e9));
  expect(error).toBeInstanceOf(StateError);
  expect(orders).toBe(0);
});

describe('an exception in clear that says that there is no association, sent behind an order that was carried out', () => {
  const [AARQ, GLO_SET, GLO_ACTION] = [0x60, 0xc9, 0xcb];
  const ciphered: OpenOptions = {
    client: 48,
    authentication: 'hls2',
    secret: SECRET,
    security: {
      systemTitle: CLIENT_TITLE,
      encryptionKey: KEYS.encryption,
      authenticationKey: KEYS.authentication,
      counters: new MemoryCounterStore(),
    },
  };
  const ORDERS: readonly (readonly [string, number, number, (meter: Meter) => Promise<unknown>, object])[] = [
    ['relay', ACTION, GLO_ACTION, (meter) => meter.relay().disconnect(), { relay: false }],
    [
      'write',
      SET,
      GLO_SET,
      (meter) => meter.set(meter.data('0.0.96.13.0.255').value, visible('new')),
      { notes: 'new' },
    ],
  ];
  const EXCEPTIONS: readonly (readonly number[])[] = [
    [1, 1],
    [2, 3],
  ];

  async function given(kind: number, options: OpenOptions, work: (meter: Meter) => Promise<unknown>, how: number[]) {
    const served = new ServedMeter();
    let orders = 0;
    const remarks: Remark[] = [];
    // With HLS the ACTION behind an AARQ proves who we are, and is no order.
    const isOrder = ([tag]: Uint8Array) =>
      tag === kind && (options.secret === undefined || served.requests.at(-2)?.[0] !== AARQ);
    served.says = (answer, request) => (isOrder(request) && orders++ === 0 ? Uint8Array.of(0xd8, ...how) : answer);
    let error: unknown;
    await served.clock.run(
      (async () => {
        await using meter = await served.open({
          framing: 'wrapper',
          onRemark: (remark) => remarks.push(remark),
          ...options,
        });
        await work(meter).catch((thrown) => {
          error = thrown;
        });
      })(),
    );
    return { served, orders, remarks, error };
  }

  test.each(ORDERS.flatMap((order) => EXCEPTIONS.map((how) => [...order, how] as const)))(
    'ciphered, the %s order is given once, and looked at',
    async (_, _plain, kind, work, held, how) => {
      const { served, orders, remarks, error } = await given(kind, ciphered, work, [...how]);
      expect(error).toBeUndefined();
      expect(served).toMatchObject(held);
      expect(orders).toBe(1);
      expect(remarks).toContainEqual(expect.objectContaining({ code: 'order-looked-at' }));
    },
  );

  test.each(ORDERS)('in clear, where nothing is proved anyway, the %s order is given again', async (...order) => {
    const [, kind, , work, held] = order;
    const { served, orders, error } = await given(kind, {}, work, [1, 1]);
    expect(error).toBeUndefined();
    expect(served).toMatchObject(held);
    expect(orders).toBe(2);
  });
});
