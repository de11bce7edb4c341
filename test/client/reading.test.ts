/** One value by its logical name; readings, rows and times as JSON; rows by name. */

import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { generic } from '../../src/classes.js';
import { CosemDate, CosemDateTime, CosemTime } from '../../src/codec/datetime.js';
import { octets, u16, u32, u64, visible } from '../../src/codec/make.js';
import { DemandRegister, ExtendedRegister, Register } from '../../src/cosem/classes/storage.js';
import {
  AccessError,
  DecodeError,
  is15959,
  type Meter,
  open,
  ProfileRow,
  Reading,
  readingsOf,
  StateError,
  VirtualClock,
} from '../../src/index.js';
import { object } from '../../src/server/object.js';
import { rowTime, ServedMeter } from '../support/served-meter.js';

async function visit<T>(served: ServedMeter, job: (meter: Meter) => Promise<T>): Promise<T> {
  const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
  try {
    return await served.clock.run(job(meter));
  } finally {
    await served.clock.run(meter.close());
  }
}

function withAverages(): ServedMeter {
  const served = new ServedMeter();
  const demand = (name: string) =>
    served.device.add(
      object(DemandRegister, name, {
        currentAverageValue: u32(111),
        lastAverageValue: u32(222),
        scalerUnit: { scaler: 1, unit: 'W' },
        status: u16(9),
        captureTime: rowTime(8),
        startTimeCurrent: rowTime(8),
        period: 900,
        numberOfPeriods: 1,
      }),
    );
  demand('1.0.1.4.0.255');
  demand('1.0.1.5.0.255');
  return served;
}

describe('one value by its logical name', () => {
  it('is exact, with unit, time and text, whichever class of register it is', async () => {
    const served = withAverages();
    const told = await visit(served, async (meter) => {
      const names = ['1-0:1.8.0', '1.0.12.7.0.255', '1.0.1.6.0.255', '1.0.1.4.0.255', '1.0.1.5.0.255'];
      const found: unknown[] = [];
      for (const name of names) {
        const { classId, attributeId, text, value, unit, time } = await meter.reading(name);
        found.push([classId, attributeId, text, String(value), unit, time?.toText()]);
      }
      return found;
    });
    expect(told).toEqual([
      [3, 2, '1234560 Wh', '1234560', 'Wh', undefined],
      [3, 2, '230.1 V', '230.1', 'V', undefined],
      [4, 2, '4321 W', '4321', 'W', rowTime(5).toText()],
      [5, 2, '1110 W', '1110', 'W', undefined],
      [5, 3, '2220 W', '2220', 'W', rowTime(8).toText()],
    ]);
  });

  it('asks for the class alone that the object list names, once that is known', async () => {
    const served = withAverages();
    served.device.add(
      object(ExtendedRegister, '1.0.2.8.0.255', {
        value: u32(5),
        scalerUnit: { scaler: 0, unit: 'Wh' },
        status: u16(0),
        captureTime: rowTime(1),
      }),
    );
    const asked = async (known: boolean) =>
      visit(served, async (meter) => {
        if (known) await meter.objects();
        const from = served.requests.length;
        expect((await meter.reading('1.0.2.8.0.255')).text).toBe('5 Wh');
        return served.requests
          .slice(from)
          .filter((octets) => Buffer.from(octets).includes(Buffer.from('00030100020800ff', 'hex')));
      });
    expect((await asked(false)).length).toBeGreaterThan(0);
    expect(await asked(true)).toEqual([]);
  });

  it('goes on to the class that knows the scaler where a meter answers whatever class is asked for', async () => {
    const served = new ServedMeter();
    served.device.add(object(Register, '1.0.1.5.0.255', { value: u32(7), scalerUnit: { scaler: 1, unit: 'W' } }));
    served.device.add(
      object(DemandRegister, '1.0.1.25.0.255', {
        currentAverageValue: u32(1),
        lastAverageValue: u32(2),
        scalerUnit: { scaler: 0, unit: 'W' },
        status: u16(0),
        captureTime: rowTime(0),
        startTimeCurrent: rowTime(0),
        period: 900,
        numberOfPeriods: 1,
      }),
    );
    // As a meter that looks at the name alone: asked for a demand register it gives attribute 3 of the register, which is no number.
    served.attributes.set('5:1.0.1.5.0.255:3', u32(7));
    served.attributes.set('5:1.0.1.5.0.255:4', 4);
    expect(await visit(served, async (meter) => (await meter.reading('1.0.1.5.0.255')).text)).toBe('70 W');
    expect(await visit(served, async (meter) => (await meter.reading('1.0.1.25.0.255')).text)).toBe('2 W');
  });

  it('says what is wrong: no register, another class, a value that none has, no logical name', async () => {
    const served = new ServedMeter();
    served.device.add(
      object(Register, '1.0.2.8.0.255', { value: visible('offline'), scalerUnit: { scaler: 0, unit: 'Wh' } }),
    );
    await visit(served, async (meter) => {
      await expect(meter.reading('1.0.99.99.0.255')).rejects.toBeInstanceOf(AccessError);
      await expect(meter.reading('1.0.2.8.0.255')).rejects.toBeInstanceOf(DecodeError);
      await expect(meter.reading('1.0.2.8.0.255')).rejects.toThrow('a visible-string is no value of a register');
      await expect(meter.reading('energy')).rejects.toBeInstanceOf(StateError);
      await meter.objects();
      await expect(meter.reading('0.0.96.1.0.255')).rejects.toThrow(
        '0.0.96.1.0.255 is no register: this meter has it as class 1',
      );
    });
  });

  it('the balance is money, and tells when it was counted', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 6));
    const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
    const meter = await clock.run(
      (async () => open(await virtual.line(), { ...openOptionsOf(virtual, 'utility'), clock }))(),
    );
    const balance = await clock.run(meter.balance());
    const [, , listed, time] = await clock.run(meter.readings(readingsOf(is15959, 'balance')));
    expect(listed?.ok && listed.value.text).toBe(balance.text);
    expect(balance.text).toMatch(/^-?\d+\.\d\d INR$/);
    expect(balance.currency).toBe('INR');
    expect(balance.time?.isSpecified()).toBe(true);
    expect(time?.ok && time.value.text).toBe(balance.time?.toText());
    await expect(meter.balance(generic)).rejects.toThrow('says nothing of a balance');
    expect((await clock.run(meter.relay().status())).connected).toBe(true);
    await clock.run(meter.close());
    virtual.stop();
  });

  it('the balance of an older name, in an object without a time, has none', async () => {
    const balance = await visit(new ServedMeter(), (meter) => meter.balance());
    expect([balance.text, balance.logicalName, balance.time]).toEqual(['-2.50 INR', '0.0.94.91.24.255', undefined]);
  });
});

describe('as JSON', () => {
  const time = rowTime(5);
  const big = new Reading({
    classId: 4,
    logicalName: '1.0.1.8.0.255',
    attributeId: 2,
    name: 'Energy',
    data: u64(9007199254740993n),
    scalerUnit: { scaler: -3, unit: 'Wh' },
    time,
    status: u64(18446744073709551615n),
  });
  const label = new Reading({
    classId: 1,
    logicalName: '0.0.96.1.0.255',
    attributeId: 2,
    name: 'Serial',
    data: visible('SN42'),
  });

  it('a reading keeps 64 bits, its unit, time and status', () => {
    expect(JSON.parse(JSON.stringify(big))).toEqual({
      name: 'Energy',
      object: '4:1.0.1.8.0.255:2',
      value: '9007199254740.993',
      unit: 'Wh',
      text: '9007199254740.993 Wh',
      time: '2026-01-01 06:45:00 +05:30',
      status: { 'long64-unsigned': '18446744073709551615' },
      data: { 'long64-unsigned': '9007199254740993' },
    });
    expect(JSON.parse(JSON.stringify(label))).toEqual({
      name: 'Serial',
      object: '1:0.0.96.1.0.255:2',
      value: 'SN42',
      unit: null,
      text: 'SN42',
      data: { 'visible-string': 'SN42' },
    });
  });

  it('a row is complete in itself: each column is named, and it has text', () => {
    const row = new ProfileRow(time, [big, label]);
    expect(JSON.parse(JSON.stringify([row]))).toEqual([
      {
        time: '2026-01-01 06:45:00 +05:30',
        columns: [
          { object: '4:1.0.1.8.0.255:2', name: 'Energy', unit: 'Wh' },
          { object: '1:0.0.96.1.0.255:2', name: 'Serial', unit: null },
        ],
        values: ['9007199254740.993', 'SN42'],
        data: [{ 'long64-unsigned': '9007199254740993' }, { 'visible-string': 'SN42' }],
      },
    ]);
    expect(`${row}`).toBe('2026-01-01 06:45:00 +05:30: Energy 9007199254740.993 Wh, Serial SN42');
    expect(JSON.parse(JSON.stringify(new ProfileRow(undefined, [])))).toEqual({
      time: null,
      columns: [],
      values: [],
      data: [],
    });
  });

  it('dates and times are their text', () => {
    const never = new CosemDateTime({ year: 2026 });
    expect(
      JSON.parse(
        JSON.stringify({ time, never, date: new CosemDate({ year: 2026 }), clock: new CosemTime({ hour: 7 }) }),
      ),
    ).toEqual({
      time: '2026-01-01 06:45:00 +05:30',
      never: never.toText(),
      date: new CosemDate({ year: 2026 }).toText(),
      clock: new CosemTime({ hour: 7 }).toText(),
    });
  });
});

describe('a row by name', () => {
  const rows = async () => visit(new ServedMeter(), (meter) => meter.profile('1.0.99.1.0.255').rows({ last: 2 }));

  it('gives the value of a column by its logical name, its target or its title', async () => {
    const [row] = await rows();
    if (row === undefined) throw new Error('no row');
    expect(row.get('1.0.1.8.0.255').text).toBe(row.values[1]?.text);
    expect(row.get('1-0:1.8.0')).toBe(row.values[1]);
    expect(row.get('3:1.0.12.7.0.255:2')).toBe(row.values[2]);
    expect(row.get(row.values[2]?.name ?? '')).toBe(row.values[2]);
    expect(row.get('0.0.1.0.0.255').text).toBe(row.time?.toText());
  });

  it('gives rows keyed by names of one’s own, typed', async () => {
    const [row] = await rows();
    const picked = row?.pick({ energy: '1.0.1.8.0.255', voltage: '1.0.12.7.0.255' });
    expect(Object.keys(picked ?? {})).toEqual(['energy', 'voltage']);
    expect(picked?.energy.unit).toBe('Wh');
    expect(picked?.voltage).toBe(row?.values[2]);
    // @ts-expect-error: nobody picked it.
    expect(picked?.current).toBeUndefined();
  });

  it('names the columns that there are where none is meant, and the targets where several are', async () => {
    const [row] = await rows();
    expect(() => row?.get('1.0.2.8.0.255')).toThrow(StateError);
    expect(() => row?.get('1.0.2.8.0.255')).toThrow(
      expect.objectContaining({
        message: "the row has no column '1.0.2.8.0.255'",
        hint: expect.stringMatching(
          /^it has 0\.0\.1\.0\.0\.255 \(.+\), 1\.0\.1\.8\.0\.255 \(.+\), 1\.0\.12\.7\.0\.255/,
        ),
      }),
    );
    const column = (attributeId: number) =>
      new Reading({
        classId: 4,
        logicalName: '1.0.1.6.0.255',
        attributeId,
        name: `a${attributeId}`,
        data: octets(new Uint8Array(1)),
      });
    const both = new ProfileRow(undefined, [column(5), column(2)]);
    expect(both.get('1.0.1.6.0.255').attributeId).toBe(2);
    const none = new ProfileRow(undefined, [column(4), column(5)]);
    expect(() => none.get('1.0.1.6.0.255')).toThrow(
      expect.objectContaining({ hint: 'name one of 4:1.0.1.6.0.255:4, 4:1.0.1.6.0.255:5' }),
    );
    expect(() => row?.pick({ energy: '1.0.2.8.0.255' })).toThrow("no column '1.0.2.8.0.255'");
  });
});

describe('one name for one value', () => {
  it('however it is asked for: by topic, by logical name, in a row', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 6));
    const virtual = createMeter('is15959-3ph', { clock, seed: 7 });
    const meter = await clock.run(
      (async () => open(await virtual.line(), { ...openOptionsOf(virtual, 'utility'), clock }))(),
    );
    for (const companion of [is15959, generic]) {
      const [energy] = await clock.run(meter.readings(readingsOf(companion, 'energy')));
      const asked = energy?.ok === true ? energy.value : undefined;
      const single = await clock.run(meter.reading(asked?.logicalName ?? ''));
      expect([asked?.name, single.name]).toEqual(['Active energy import', 'Active energy import']);
    }
    const [row] = await clock.run(meter.profile('1.0.98.1.0.255').rows({ last: 1 }));
    expect(row?.get('1.0.1.8.0.255').name).toBe('Active energy import');
    await clock.run(meter.close());
    virtual.stop();
  });
});
