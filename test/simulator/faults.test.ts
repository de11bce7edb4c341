import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FAULT_NAMES,
  FAULTS,
  type FaultLike,
  Faults,
  faultTable,
  faultyTransport,
  parseFault,
} from '../../simulator/index.js';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AssociationError, LinkError, SecurityError, StateError, TimeoutError } from '../../src/base/errors.js';
import { type Meter, type OpenOptions, open } from '../../src/index.js';
import { memoryPair } from '../../src/protocol.js';
import type { TraceEvent } from '../../src/tools.js';
import { Bench, DAY, HOUR, START } from './support.js';

describe('writing a fault', () => {
  test.each(FAULT_NAMES.map((name) => [name, FAULTS[name].example]))('%s: %s', (name, example) => {
    expect(parseFault(example)).toMatchObject({ name, text: example });
    expect(faultTable()).toContain(`\`${example}\``);
  });

  test.each([
    ['bit-errors=1e-4', { amount: 1e-4, rate: 1 }],
    ['byte-loss=0.1%', { amount: 0.001 }],
    ['silence=2s@10%', { amount: 2000, rate: 0.1 }],
    ['silence=1m30s', { amount: 90_000, rate: undefined }],
    ['drop-frames=5%', { rate: 0.05 }],
    ['drop-frames@0.05', { rate: 0.05 }],
    ['drop-frames', { rate: 1 }],
    ['reset-in-block', { amount: 3000, rate: 1 }],
    ['refuse-association', { word: 'transient' }],
    ['refuse-association=permanent@50%', { word: 'permanent', rate: 0.5 }],
    ['busy=5s@20%@18:00-19:00', { amount: 5000, rate: 0.2, window: { daily: true, from: 18 * HOUR, to: 19 * HOUR } }],
    ['echo@22:30-06:00', { window: { daily: true, from: 22.5 * HOUR, to: 6 * HOUR } }],
    [
      'delay=1s@2026-12-01..2026-12-01T06:30',
      { window: { daily: false, from: Date.UTC(2026, 11, 1), to: Date.UTC(2026, 11, 1, 6, 30) } },
    ],
    ['wrong-tag@2026-12-01..', { window: { daily: false, from: Date.UTC(2026, 11, 1), to: Number.POSITIVE_INFINITY } }],
  ])('%s', (text, fault) => {
    expect(parseFault(text)).toMatchObject(fault);
  });

  test.each([
    ['bit-error=1e-4', "there is no fault 'bit-error'"],
    ['', "there is no fault ''"],
    ['bit-errors', 'fault bit-errors: how often?'],
    ['bit-errors=often', "fault bit-errors: 'often' is no probability"],
    ['bit-errors=1.5', "fault bit-errors: '1.5' is no probability"],
    ['bit-errors=1e-4@10%', "fault bit-errors: it has no rate, but '@10%' is given"],
    ['silence', 'fault silence: for how long?'],
    ['silence=2', "fault silence: '2' is no duration"],
    ['silence=2s@10%@20%', 'fault silence: two rates are given'],
    ['silence=2s@noon', "fault silence: '@noon' is neither a rate nor a time"],
    ['silence=2s@25:00-26:00', "'@25:00-26:00' is neither a rate nor a time"],
    ['silence=2s@2026-02-30..', "'@2026-02-30..' is neither"],
    ['silence=2s@2026-12-02..2026-12-01', 'ends before it begins'],
    ['silence=2s@18:00-19:00@20:00-21:00', 'two times are given'],
    ['refuse-association=maybe', "fault refuse-association: 'maybe' is not known"],
    ['echo=1', "fault echo: '1' is no rate"],
  ])("'%s' is refused with what to write", (text, message) => {
    let error: { message: string; hint?: string } | undefined;
    try {
      parseFault(text);
    } catch (caught) {
      error = caught as typeof error;
    }
    expect(error?.message).toContain(message);
    expect(error?.hint).toMatch(/^known are bit-errors, .*wrong-tag|^write /);
  });

  test('any text is a fault or is refused in words', () => {
    const pieces = fc.constantFrom(
      ...FAULT_NAMES,
      '=',
      '@',
      '%',
      '..',
      '-',
      '1e-4',
      '10%',
      '2s',
      '18:00',
      '2026-12-01',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { amount, rate = 0 } = parseFault(text);
            expect(amount >= 0 && rate >= 0 && rate <= 1).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(StateError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('every name stands in the hint', () => {
    try {
      parseFault('noise');
    } catch (error) {
      for (const name of FAULT_NAMES) expect((error as { hint: string }).hint).toContain(name);
    }
    expect.hasAssertions();
  });
});

/** What happened between a client and a meter. */
interface Story {
  readonly outcome: unknown;
  /** Virtual milliseconds. */
  readonly took: number;
  readonly discarded: readonly string[];
  readonly received: readonly string[];
}

interface Told {
  readonly faults: readonly FaultLike[];
  readonly connection?: string;
  readonly framing?: 'hdlc' | 'wrapper';
  readonly seed?: number;
  readonly start?: number;
  readonly options?: Partial<OpenOptions>;
}

/** Something that stays the same however long it takes to read it. */
const serial = (meter: Meter) => meter.get(meter.data('0.0.96.1.0.255').value);

/** Opens a meter whose line is under faults, does something with it, closes it. */
async function story(told: Told, work: (meter: Meter, bench: Bench) => Promise<unknown>): Promise<Story> {
  const { framing = 'hdlc', connection = 'reader', seed = 7, start = START } = told;
  const bench = new Bench({ seed, start, faults: told.faults });
  const discarded: string[] = [];
  const received: string[] = [];
  const trace = (event: TraceEvent) => {
    if (event.type === 'link' && event.event.type === 'discarded') discarded.push(event.event.reason);
    if (event.type === 'octets' && event.direction === 'received') received.push(toHex(event.bytes));
  };
  const doing = (async () => {
    const meter = await bench.open(connection, { framing, trace, ...told.options });
    try {
      return await work(meter, bench);
    } finally {
      await meter.close();
    }
  })();
  const settled = doing.catch((error: unknown) => error);
  const outcome = await bench.clock.run(settled, DAY);
  return { outcome, took: bench.clock.now() - start, discarded, received };
}

/** Repeats often enough to outlive a bad line. */
const PATIENT = { retries: 12, responseTimeout: 26_000 };

const sound = await story({ faults: [] }, serial);

describe('on the line', () => {
  test('without faults nothing is different', async () => {
    expect(sound.outcome).toMatchObject({ value: '10000007' });
    expect([sound.took, sound.discarded]).toEqual([0, []]);
  });

  test.each([
    ['bit-errors=3e-4', /check/],
    ['byte-loss=0.3%', /./],
    ['duplicate-bytes=0.3%', /./],
    ['wrong-fcs@20%', /check/],
  ])('%s: frames are discarded, what is read is right all the same', async (fault, reason) => {
    const read = async (meter: Meter) => {
      const values = [];
      for (let i = 0; i < 30; i++) values.push(await serial(meter));
      return values;
    };
    const { outcome, discarded, took } = await story({ faults: [fault], options: PATIENT }, read);
    expect(outcome).toEqual(Array(30).fill(sound.outcome));
    expect(discarded.length).toBeGreaterThan(0);
    expect(discarded.some((text) => reason.test(text))).toBe(true);
    // Whatever was lost had to be asked again, after a time-out.
    expect(took).toBeGreaterThan(1000);
  });

  test('echo: the client hears itself and is not deceived', async () => {
    const { outcome, discarded } = await story({ faults: ['echo'] }, serial);
    expect(outcome).toEqual(sound.outcome);
    expect(
      discarded.filter((text) => !/our own frame, come back|frame: from or for another station/.test(text)),
    ).toEqual([]);
    expect(discarded.length).toBeGreaterThanOrEqual(5);
  });

  test('silence once costs one repetition, silence at every frame the connection', async () => {
    const once = await story({ faults: ['silence=2s'] }, serial);
    expect(once.outcome).toEqual(sound.outcome);
    expect(once.took).toBeGreaterThanOrEqual(2000);
    expect(once.took).toBeLessThan(6000);
    const always = await story({ faults: ['silence=2s@100%'], connection: 'public' }, serial);
    expect(always.outcome).toBeInstanceOf(LinkError);
    expect(always.outcome).toMatchObject({ reason: 'no-answer' });
    expect(always.received).toEqual([]);
  });

  test('delay: every frame comes that much later; late frames are overtaken and dropped', async () => {
    const { outcome, took, received } = await story({ faults: ['delay=500ms'] }, serial);
    expect(outcome).toEqual(sound.outcome);
    expect(took).toBe(500 * received.length);
    const late = await story({ faults: ['late-frames=4s@25%'] }, async (meter) => {
      for (let i = 0; i < 20; i++) expect(await serial(meter)).toEqual(sound.outcome);
    });
    expect(late.outcome).toBeUndefined();
    expect(late.discarded.length).toBeGreaterThan(0);
  });

  test('duplicate-frames and drop-frames: delivered once', async () => {
    const read = async (meter: Meter) => {
      for (let i = 0; i < 20; i++) expect(await serial(meter)).toEqual(sound.outcome);
    };
    const twice = await story({ faults: ['duplicate-frames'] }, read);
    expect(twice.outcome).toBeUndefined();
    expect(twice.discarded.length).toBeGreaterThan(20);
    expect(twice.took).toBe(0);
    const lossy = await story({ faults: ['drop-frames@30%'] }, read);
    expect(lossy.outcome).toBeUndefined();
    expect(lossy.took).toBeGreaterThan(5000);
  });

  test('a window strikes in its time only: in local time, and over midnight', async () => {
    const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 23, hour, minute) - 330 * 60_000;
    for (const [start, dead] of [
      [at(17, 59), false],
      [at(18), true],
      [at(18, 30), true],
      [at(19), false],
    ] as const) {
      const { outcome } = await story({ faults: ['drop-frames@18:00-19:00'], start }, serial);
      expect([start, outcome instanceof LinkError]).toEqual([start, dead]);
    }
    const night = new Faults(['echo@22:00-06:00', 'busy=1s@2026-11-23T12:00..2026-11-24']);
    const open = (hour: number) => night.list.map((fault) => night.isOpen(fault, at(hour)));
    expect([5, 6, 12, 21, 22, 23, 24].map(open)).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [false, true],
      [true, true],
      [true, true],
      [true, false],
    ]);
  });

  test('the same seed gives the same octets, another seed others', async () => {
    const faults = ['bit-errors=3e-4', 'drop-frames@10%', 'byte-loss=0.1%', 'duplicate-frames@10%'];
    const read = async (meter: Meter) => {
      for (let i = 0; i < 15; i++) await serial(meter);
    };
    const octets = async (seed: number) =>
      (await story({ faults, seed, connection: 'public', options: PATIENT }, read)).received;
    const [first, again, other] = [await octets(3), await octets(3), await octets(4)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.length).toBeGreaterThan(20);
  });

  test('faults of one line leave the others alone, and can come and go', async () => {
    const bench = new Bench();
    const { clock, meter } = bench;
    const open16 = async (faults: readonly string[]) =>
      open(await meter.line({ framing: 'wrapper', faults }), { framing: 'wrapper', clock });
    const good = await bench.open('reader');
    await expect(clock.run(open16(['drop-frames']))).rejects.toThrow(TimeoutError);
    expect(await clock.run(serial(good))).toEqual(sound.outcome);
    const removed = meter.faults.add('drop-frames');
    await expect(clock.run(serial(good))).rejects.toThrow(TimeoutError);
    meter.faults.remove(removed);
    const back = await open16([]);
    expect(await clock.run(serial(back))).toEqual(sound.outcome);
    await Promise.all([good.close(), back.close()]);
  });
});

describe('in the answers', () => {
  test('reset-in-block: the meter is away, then there again without association', async () => {
    const read = async (meter: Meter, bench: Bench) => {
      const failed = await meter.objects().catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(LinkError);
      expect(bench.clock.now() - START).toBeGreaterThan(2000);
      bench.meter.faults.remove('all');
      const again = await bench.open('reader', { framing: 'hdlc' });
      const objects = await again.objects();
      await again.close();
      return objects.length;
    };
    const { outcome } = await story({ faults: ['reset-in-block=4s'] }, read);
    expect(outcome).toBeGreaterThan(100);
    const short = await story({ faults: ['reset-in-block'] }, serial);
    expect(short.outcome).toEqual(sound.outcome);
    const tcp = await story({ faults: ['reset-in-block'], framing: 'wrapper' }, (meter) => meter.objects());
    expect(tcp.outcome).toBeInstanceOf(LinkError);
  });

  test.each(['hdlc', 'wrapper'] as const)(
    'what a client must not believe, it does not believe: %s',
    async (framing) => {
      const connection = 'utility';
      const reading = async (fault: string) => {
        const { outcome } = await story({ faults: [], connection, framing }, async (meter, bench) => {
          expect(await serial(meter)).toEqual(sound.outcome);
          bench.meter.faults.add(fault);
          return serial(meter);
        });
        return outcome;
      };
      expect(await reading('stale-counter')).toMatchObject({ code: 'security', reason: 'replay' });
      expect(await reading('wrong-tag')).toMatchObject({ code: 'security', reason: 'bad-tag' });
      const title = await story({ faults: ['wrong-title'], connection, framing }, serial);
      expect(title.outcome).toBeInstanceOf(SecurityError);
    },
  );

  test('refuse-association: for now, or for good', async () => {
    for (const [fault, result] of [
      ['refuse-association', 2],
      ['refuse-association=permanent', 1],
    ] as const) {
      const { outcome } = await story({ faults: [fault], connection: 'public' }, serial);
      expect(outcome).toBeInstanceOf(AssociationError);
      expect(outcome).toMatchObject({ result, diagnostic: 'no-reason-given' });
    }
    const { outcome } = await story(
      { faults: ['refuse-association'], connection: 'public', framing: 'wrapper' },
      serial,
    );
    expect(outcome).toBeInstanceOf(AssociationError);
  });

  test('busy: RNR until the answer is there over HDLC, a late answer in the wrapper', async () => {
    const { outcome, took, received } = await story({ faults: ['busy=5s'], connection: 'public' }, serial);
    expect(outcome).toMatchObject({ value: '10000007' });
    // AARE and the answer, each five seconds late, at the next poll.
    expect(took).toBeGreaterThanOrEqual(10_000);
    expect(took).toBeLessThan(12_000);
    const controls = received.map((frame) => Number.parseInt(frame.slice(10, 12), 16) & 0x0f);
    expect(controls.filter((octet) => octet === 0x05).length).toBeGreaterThan(5);
    expect(controls).not.toContain(0x01);
    const wrapper = await story({ faults: ['busy=5s'], connection: 'public', framing: 'wrapper' }, serial);
    expect(wrapper.outcome).toMatchObject({ value: '10000007' });
    // RLRQ is answered late too.
    expect(wrapper.took).toBe(15_000);
    const tooLong = await story({ faults: ['busy=30s'], connection: 'public', framing: 'wrapper' }, serial);
    expect(tooLong.outcome).toBeInstanceOf(TimeoutError);
  });
});

test('any transport can be put under faults', async () => {
  const clock = new VirtualClock();
  const [a, b] = memoryPair();
  const faulty = faultyTransport(a, ['duplicate-frames', 'delay=100ms'], clock, { seed: 5 });
  const heard: [number, string][] = [];
  await b.open({ data: (chunk) => heard.push([clock.now(), toHex(chunk)]), closed: () => {} });
  await faulty.open({ data: () => {}, closed: () => {} });
  faulty.write(Uint8Array.of(1, 2, 3));
  faulty.write(Uint8Array.of(4));
  await clock.run(new Promise<void>((done) => clock.at(1000, done)));
  expect(heard).toEqual([
    [100, '010203'],
    [100, '010203'],
    [100, '04'],
    [100, '04'],
  ]);
  await faulty.close();
  expect(() => faultyTransport(a, ['nonsense'], clock)).toThrow("there is no fault 'nonsense'");
});
