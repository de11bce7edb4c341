/** What the meter does by itself: pushes that are late, repeated or given up, schedules that the clock jumps over, doors that it shuts. */

import { describe, expect, test } from 'vitest';
import { makeImage, type PushedNotification } from '../../simulator/index.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, AssociationError } from '../../src/base/errors.js';
import { CosemDate, CosemDateTime, CosemTime } from '../../src/codec/datetime.js';
import { ImageTransfer } from '../../src/cosem/classes/image-transfer.js';
import { PushSetupV0 } from '../../src/cosem/classes/push-setup.js';
import { ActivityCalendar, SingleActionSchedule, SpecialDaysTable } from '../../src/cosem/classes/time.js';
import type { Meter } from '../../src/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { Bench, DAY, HOUR, MINUTE, START } from './support.js';

const ALERT = '0.4.25.9.0.255';
const PERIODIC = '0.0.25.9.0.255';

/** A bench whose pushes arrive or not, and seconds after the start at which they were sent. */
function pushing(arrives: (push: PushedNotification, attempt: number) => unknown = () => undefined) {
  const sent: number[] = [];
  const apdus: Uint8Array[] = [];
  const bench: Bench = new Bench({
    onPush: (push) => {
      sent.push((bench.clock.now() - START) / 1000);
      apdus.push(push.apdu);
      return arrives(push, sent.length);
    },
  });
  return { bench, sent, apdus };
}

const setupOf = (meter: Meter, name: string) => meter.object(PushSetupV0, name);

async function firstBreathStands(meter: Meter): Promise<boolean> {
  const { value } = await meter.get(meter.data('0.0.94.91.18.255').value);
  return ((value as { bytes: Uint8Array }).bytes[10]! & 0x02) !== 0;
}

describe('push', () => {
  test.each([
    ['false', () => false],
    ['a promise of false', () => Promise.resolve(false)],
    ['a promise that fails', () => Promise.reject(new Error('nobody there'))],
  ])('what does not arrive (%s) is repeated with its delay, and given up', async (_, outcome) => {
    const { bench, sent, apdus } = pushing(outcome);
    const meter = await bench.open('utility');
    const setup = setupOf(meter, ALERT);
    await meter.set(setup.numberOfRetries, 2);
    await meter.set(setup.repetitionDelay, 90);
    bench.meter.controls.magnet(true);
    for (let i = 0; i < 60; i++) {
      bench.clock.advance(10_000);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(sent).toEqual([10, 100, 190]);
    // Sealed anew each time: no counter twice.
    expect(new Set(apdus.map((apdu) => apdu.join())).size).toBe(3);
    await meter.close();
  });

  test('is not repeated once it arrived; what stands in the status word until pushed stays until then', async () => {
    const { bench, sent } = pushing((_, attempt) => attempt > 3);
    const meter = await bench.open('utility');
    await meter.set(setupOf(meter, ALERT).repetitionDelay, 60);
    bench.clock.advance(10_000);
    bench.meter.controls.power(false);
    bench.clock.advance(10_000);
    // The last gasp did not arrive, and there was no second breath. With the power both bits change.
    bench.meter.controls.power(true);
    expect(sent).toEqual([10, 20, 20]);
    expect(await firstBreathStands(meter)).toBe(true);
    bench.clock.advance(HOUR);
    expect(sent).toEqual([10, 20, 20, 80]);
    expect(await firstBreathStands(meter)).toBe(false);
    await meter.close();
  });

  test('starts at random within its interval, but a last gasp at once', async () => {
    const starts = async (seed: number) => {
      const sent: number[] = [];
      const bench: Bench = new Bench({ seed, onPush: () => sent.push((bench.clock.now() - START) / 1000) });
      const meter = await bench.open('utility');
      await meter.set(setupOf(meter, PERIODIC).randomisationStartInterval, 600);
      await meter.set(setupOf(meter, ALERT).randomisationStartInterval, 600);
      await meter.set(meter.object(SingleActionSchedule, '0.0.15.0.4.255').executionTime, [
        { time: new CosemTime({ minute: 0, second: 0, hundredths: 0 }), date: new CosemDate() },
      ]);
      bench.clock.advance(3.5 * HOUR);
      const late = sent.map((second, i) => second - 3600 * (i + 1));
      expect(late.length).toBe(3);
      for (const seconds of late) {
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(600);
      }
      bench.meter.controls.power(false);
      expect(sent.at(-1)).toBe(3.5 * 3600);
      await meter.close();
      return late;
    };
    const late = await starts(7);
    expect(new Set(late).size).toBe(3);
    expect(await starts(7)).toEqual(late);
    expect(await starts(8)).not.toEqual(late);
  });

  test('of an event outside the windows is given up', async () => {
    const { bench, sent } = pushing();
    const meter = await bench.open('utility');
    const time = (hour: number) => new CosemDateTime({ hour, minute: 0, second: 0, hundredths: 0 });
    await meter.set(setupOf(meter, ALERT).communicationWindow, [{ startTime: time(2), endTime: time(4) }]);
    bench.meter.controls.power(false);
    bench.clock.advance(MINUTE);
    bench.meter.controls.power(true);
    expect(sent).toEqual([]);
    expect(await firstBreathStands(meter)).toBe(false);
    bench.clock.advance(17.5 * HOUR);
    bench.meter.controls.magnet(true);
    bench.clock.advance(MINUTE);
    expect(sent.length).toBe(1);
    await meter.close();
  });
});

describe('the clock and what is due', () => {
  const billed = async (meter: Meter) => {
    const rows = await meter.profile('1.0.98.1.0.255').rows();
    return rows.slice(-4, -1).map(({ values }) => values[0]!.text.slice(0, 16));
  };
  const setClock = async (meter: Meter, text: string) => {
    const wall = new Date(`${text.replace(' ', 'T')}:00+05:30`);
    await meter.set(meter.clock().time, CosemDateTime.fromDate(wall, -330));
  };

  test('a date of billing that it jumps over, or onto, is billed at once, with its date', async () => {
    for (const to of ['2026-12-01 00:10', '2026-12-01 00:00']) {
      const bench = new Bench();
      const meter = await bench.open('utility');
      await setClock(meter, to);
      expect(await billed(meter)).toEqual(['2026-10-01 00:00', '2026-11-01 00:00', '2026-12-01 00:00']);
      bench.clock.advance(DAY);
      expect((await billed(meter)).at(-1)).toBe('2026-12-01 00:00');
      await meter.close();
    }
  });

  test('a date to which it comes back was billed before', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    bench.clock.advance(8 * DAY);
    await setClock(meter, '2026-11-30 23:30');
    bench.clock.advance(2 * DAY);
    expect(await billed(meter)).toEqual(['2026-10-01 00:00', '2026-11-01 00:00', '2026-12-01 00:00']);
    bench.clock.advance(31 * DAY);
    expect((await billed(meter)).at(-1)).toBe('2027-01-01 00:00');
    // Far back, the bills of that time are made.
    await setClock(meter, '2026-09-20 12:00');
    bench.clock.advance(15 * DAY);
    expect((await billed(meter)).at(-1)).toBe('2026-10-01 00:00');
    await meter.close();
  });

  test.each([
    ['comes', undefined, 65],
    ['is jumped over', '2026-11-23 10:30', 0],
    ['is jumped onto', '2026-11-23 10:00', 0],
    ['falls due without power', undefined, 90],
  ])('an image is activated when the time of its schedule %s', async (_, jump, minutes) => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const octets = makeImage(nobleCrypto, { profile: 'is15959-1ph', firmware: 'COSEM-D1-3.0' });
    const image = meter.object(ImageTransfer, '0.0.44.0.0.255');
    await meter.call(image.imageTransferInitiate, { imageIdentifier: fromLatin1('X'), imageSize: octets.length });
    await meter.call(image.imageBlockTransfer, { imageBlockNumber: 0, imageBlockValue: octets });
    await meter.call(image.imageVerify);
    await meter.set(meter.object(SingleActionSchedule, '0.0.15.0.2.255').executionTime, [
      {
        time: new CosemTime({ hour: 10, minute: 0, second: 0, hundredths: 0 }),
        date: new CosemDate({ year: 2026, month: 11, dayOfMonth: 23 }),
      },
    ]);
    const firmware = async () => (await meter.get(meter.data('1.0.0.2.0.255').value)).value;
    bench.clock.advance(30 * MINUTE);
    expect(await firmware()).toBe('COSEM-D1-1.0');
    if (jump !== undefined) await setClock(meter, jump);
    if (minutes === 90) bench.meter.controls.power(false);
    bench.clock.advance(minutes * MINUTE);
    if (minutes === 90) {
      expect(await firmware()).toBe('COSEM-D1-1.0');
      bench.meter.controls.power(true);
    }
    expect(await firmware()).toBe('COSEM-D1-3.0');
    await meter.close();
  });

  test('a bill due without power is made when it is back, with its date', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    bench.clock.advance(7 * DAY + 14 * HOUR);
    bench.meter.controls.power(false);
    bench.clock.advance(2 * HOUR);
    bench.meter.controls.power(true);
    bench.clock.advance(MINUTE);
    expect((await billed(meter)).at(-1)).toBe('2026-12-01 00:00');
    await meter.close();
  });
});

test('a special day goes before the week, from when it is written on, and past days stay as they were', async () => {
  const bench = new Bench({ specialDays: true });
  const meter = await bench.open('utility');
  const calendar = meter.object(ActivityCalendar, '0.0.13.0.0.255');
  const special = meter.object(SpecialDaysTable, '0.0.11.0.0.255');
  const zone = async (number: number) => {
    const { value } = await meter.get(meter.register(`1.0.1.8.${number}.255`).value);
    return Math.round(Number(value) * 1000);
  };
  // Day 9 of the calendar is for holidays: all of it in time zone 6.
  const days = await meter.get(calendar.dayProfileTablePassive);
  const [first] = days[0]!.daySchedule;
  const holiday = { dayId: 9, daySchedule: [{ ...first!, scriptSelector: 6 }] };
  await meter.set(calendar.dayProfileTablePassive, [...days, holiday]);
  await meter.call(calendar.activatePassiveCalendar);
  const christmas = { index: 1, specialdayDate: new CosemDate({ month: 12, dayOfMonth: 25 }), dayId: 9 };
  const friday = { index: 2, specialdayDate: new CosemDate({ year: 2026, month: 11, dayOfMonth: 27 }), dayId: 9 };
  await meter.set(special.entries, [christmas]);
  await meter.call(special.insert, friday);
  expect((await meter.get(special.entries)).map(({ index }) => index)).toEqual([1, 2]);
  bench.clock.advance(3 * DAY + 15 * HOUR);
  expect(await zone(6)).toBe(0);
  const total = async () => Math.round(Number((await meter.get(meter.register('1.0.1.8.0.255').value)).value) * 1000);
  const start = await total();
  bench.clock.advance(DAY);
  const used = (await total()) - start;
  expect(await zone(6)).toBe(used);
  await meter.call(special.delete, 2);
  bench.clock.advance(DAY);
  expect(await zone(6)).toBe(used);
  await expect(meter.call(special.delete, 2)).rejects.toThrow(AccessError);
  // Another calendar keeps them: Christmas comes.
  await meter.call(calendar.activatePassiveCalendar);
  bench.clock.advance(30 * DAY);
  expect(await zone(6)).toBeGreaterThan(used + 500);
  await meter.close();
  const usual = await new Bench().open('utility');
  expect((await usual.objects()).some(({ classId }) => classId === 11)).toBe(false);
  await usual.close();
});

test('an association is shut after failed authentications, for right secrets too, and opens again', async () => {
  const bench = new Bench();
  const secret = fromLatin1('WRONG-WRONG-WRON');
  const refused = (options: object) => expect(bench.open('utility', options)).rejects.toThrow(AssociationError);
  for (let i = 0; i < 5; i++) await refused({ secret });
  await refused({});
  // Other associations are not concerned.
  await (await bench.open('reader')).close();
  bench.clock.advance(5 * MINUTE - 1000);
  await refused({});
  bench.clock.advance(1000);
  await (await bench.open('utility')).close();
});
