/** The meter's clock beside this machine's, over a line that takes time, and clocks that do not take what they are given. */
import { expect, test } from 'vitest';
import { VirtualLine } from '../../simulator/index.js';
import { readClock, syncClock } from '../../src/client/clock-sync.js';
import type { Meter } from '../../src/client/meter.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../../src/codec/datetime.js';
import { octets } from '../../src/codec/make.js';
import { open } from '../../src/index.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { parseQuirks } from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { DEVIATION, ServedMeter } from '../support/served-meter.js';

const CLOCK = '8:0.0.1.0.0.255:2';

interface ClockOptions {
  /** Seconds by which the meter's clock is ahead. */
  readonly ahead?: number;
  /** Milliseconds that octets take one way. */
  readonly latency?: number;
  /** How far it is ahead once it was set to a time; undefined keeps what it was. */
  readonly takes?: ((seconds: number) => number) | undefined;
  /** What is changed in what it shows. */
  readonly shows?: (time: CosemDateTime) => CosemDateTime;
  readonly quirks?: string;
}

/** A meter with a clock of its own, and what it was given. */
async function at<T>(options: ClockOptions, work: (meter: Meter, given: CosemDateTime[]) => Promise<T>): Promise<T> {
  const { latency = 0, takes = (seconds) => seconds, shows = (time) => time } = options;
  let { ahead = 0 } = options;
  const served = new ServedMeter();
  const { clock } = served;
  const given: CosemDateTime[] = [];
  served.attributes.set(CLOCK, octets(new Uint8Array()));
  Object.defineProperty(served.attributes, 'get', {
    value: (target: string) => {
      if (target !== CLOCK) return undefined;
      const now = CosemDateTime.fromDate(new Date(clock.now() + ahead * 1000), DEVIATION);
      return octets(shows(now.with({ hundredths: 0 })).toBytes());
    },
  });
  served.says = (answer, request) => {
    if (request[0] !== 0xc1) return answer;
    const time = CosemDateTime.fromBytes(request.subarray(-12));
    given.push(time);
    ahead = takes(Math.round(((time.toMillis(DEVIATION) as number) - clock.now()) / 1000));
    return Uint8Array.of(0xc5, 1, request[2]!, 0);
  };
  const { a, b } = new VirtualLine(clock, { latency, baudRate: 1e9 });
  const run = async () => {
    await served.serve(b, new WrapperLink('server', {}));
    const quirks = options.quirks === undefined ? [] : parseQuirks(options.quirks, 'test');
    await using meter = await open(a, { clock, crypto: nodeCrypto, framing: 'wrapper', quirks });
    return await work(meter, given);
  };
  return clock.run(run());
}

test.each([
  [0, 'right'],
  [1, 'right'],
  [130, '2 min 10 s ahead'],
  [-90_000, '1 d 1 h behind'],
])('a clock that is %i s ahead is %s', async (ahead, text) => {
  const reading = await at({ ahead }, (meter) => readClock(meter));
  expect(reading).toMatchObject({ ahead, text });
  expect(reading.transit).toBeLessThan(1);
  expect(String(reading)).toBe(text);
  expect(JSON.parse(JSON.stringify(reading))).toEqual({ time: reading.time.toText(), aheadSeconds: ahead });
});

test('the time that messages take is allowed for, in reading and in setting', async () => {
  const latency = 4000;
  const reading = await at({ ahead: 60, latency }, (meter) => readClock(meter));
  expect([Math.round(reading.transit), reading.ahead]).toEqual([latency, 60]);
  const synced = await at({ ahead: 60, latency }, (meter) => syncClock(meter));
  expect([synced.before.ahead, synced.after.ahead]).toEqual([60, 0]);
});

test('a clock without a time is told to be so, and can be set', async () => {
  const unset = () => new CosemDateTime();
  const reading = await at({ shows: unset }, (meter) => readClock(meter));
  expect(reading).toMatchObject({ ahead: undefined, text: 'not set to a time' });
  let isSet = false;
  const synced = await at(
    {
      shows: (time) => (isSet ? time : new CosemDateTime()),
      takes: (seconds) => {
        isSet = true;
        return seconds;
      },
    },
    (meter) => syncClock(meter, { deviation: DEVIATION }),
  );
  expect([synced.before.ahead, synced.after.ahead]).toEqual([undefined, 0]);
});

test('a meter without a deviation is compared by the one that is given, or that of this machine', async () => {
  const shows = (time: CosemDateTime) => time.with({ deviation: DEVIATION_UNSPECIFIED });
  const told = await at({ shows }, (meter) => readClock(meter, { deviation: DEVIATION }));
  expect(told.ahead).toBe(0);
  const other = await at({ shows }, (meter) => readClock(meter, { deviation: DEVIATION + 60 }));
  expect(other.ahead).toBe(3600);
  const here = await at({ shows }, (meter) => readClock(meter));
  const zone = new Date(here.at).getTimezoneOffset();
  expect(here.ahead).toBe((zone - DEVIATION) * 60);
  const given = await at({ ahead: 5, shows }, async (meter, given) => {
    await syncClock(meter, { deviation: DEVIATION });
    return given;
  });
  expect(given).toMatchObject([{ deviation: DEVIATION, hour: 5, minute: 30 }]);
});

test('a deviation that is known to be wrong is read rightly, and written as the meter writes it', async () => {
  const quirks = JSON.stringify([
    { id: 'east', title: 'sign', source: 'test', effects: { deviation: { sends: 330, means: -330 } } },
  ]);
  const shows = (time: CosemDateTime) => time.with({ deviation: 330 });
  const given = await at({ ahead: 100, shows, quirks, takes: () => 0 }, async (meter, given) => {
    expect((await readClock(meter)).ahead).toBe(100);
    await syncClock(meter);
    return given;
  });
  expect(given).toMatchObject([{ deviation: 330, hour: 5, minute: 30, hundredths: 0 }]);
});

test.each([
  ['keeps its time', 100, () => 100],
  ['takes another hour', 100, () => 3600],
  ['is 16 s late', 100, () => -16],
  ['does not move though it was nearly right', 10, () => 10],
  ['moves by no more than rounding', 10, () => 9],
])('a clock that %s was not set', async (_, ahead, takes) => {
  const error = await at({ ahead, takes }, (meter) => syncClock(meter).catch((thrown) => thrown));
  expect(error).toMatchObject({ code: 'access', result: 'not-done', target: CLOCK });
  expect(error.message).toMatch(/the meter took the time, but its clock shows .*: it is .* \(before: .* ahead\)$/);
  expect(error.hint).toContain('deviation of its own');
});

test.each([
  ['applies it 15 s late', 0, 100, () => -15],
  ['was right within rounding', 0, 2, () => 2],
  ['is asked over a slow line', 4000, 100, () => -18],
])('a clock that %s was set', async (_, latency, ahead, takes) => {
  const { before, after } = await at({ latency, ahead, takes }, (meter) => syncClock(meter));
  expect([before.ahead, after.ahead]).toEqual([ahead, takes()]);
});

test('what the clock showed before is not read again', async () => {
  const before = await at({ ahead: 5 }, (meter) => readClock(meter));
  const synced = await at({ ahead: 70 }, (meter) => syncClock(meter, { before }));
  expect(synced.before).toBe(before);
});

test('unknown options and an aborted signal are heeded', async () => {
  await at({}, async (meter) => {
    await expect(readClock(meter, { devation: 1 } as object)).rejects.toThrow(/devation/);
    await expect(syncClock(meter, { befor: 1 } as object)).rejects.toThrow(/befor/);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readClock(meter, { signal })).rejects.toThrow('enough');
    await expect(syncClock(meter, { signal })).rejects.toThrow('enough');
  });
});
