/** A year in the life of a meter, read and written by the client alone: whatever happens to it, energy and money add up. */

import { expect, test } from 'vitest';
import type { CreateMeterOptions, MeterProfile } from '../../simulator/index.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime, CosemTime } from '../../src/codec/datetime.js';
import { i32, octets, u8, u16 } from '../../src/codec/make.js';
import { singlePhase, threePhase } from '../../src/companion/is15959/is15959.js';
import { ActivityCalendar, ScriptTable } from '../../src/cosem/classes/time.js';
import type { Meter } from '../../src/index.js';
import { Bench, MINUTE, wattHours } from './support.js';

const IST = 330 * MINUTE;
/** A local time in minutes since 1970. */
const minuteOf = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`) / MINUTE;
const BEGIN = minuteOf('2026-01-01 00:00');
const END = minuteOf('2027-01-01 00:00');
const SUMMER = minuteOf('2026-04-15 00:00');
const WINTER = minuteOf('2026-10-15 00:00');
/** Paise at the beginning. */
const BALANCE = 300_000;
/** Paid for afterwards. */
const POST_PAID = { from: minuteOf('2026-11-03 10:00'), to: minuteOf('2026-11-20 10:00') };
/** Paise for a kWh, by the kWh of a billing period. */
const SLABS = [{ upTo: 100, rate: 347 }, { upTo: 300, rate: 523 }, { rate: 781 }];

/** Thousandths of a paisa for the first Wh of a billing period: Wh times paise per kWh. */
function priceOf(wh: number): bigint {
  const within = (from: number, to: number) => BigInt(Math.max(0, Math.min(wh, to) - from));
  return 347n * within(0, 100_000) + 523n * within(100_000, 300_000) + 781n * within(300_000, Number.MAX_SAFE_INTEGER);
}

/** The time zone of a time that the clock of the meter shows. */
function zoneAt(wall: number, summerCalendar: boolean): number {
  const hour = Math.floor(wall / 60) % 24;
  if (!summerCalendar) return hour < 6 || hour >= 22 ? 1 : hour < 10 ? 2 : hour < 18 ? 3 : 4;
  if (wall >= WINTER) return hour < 17 ? 6 : 7;
  return new Date(wall * MINUTE).getUTCDay() === 0 ? 8 : hour < 12 ? 5 : 7;
}

/** The rows of a profile that are kept, as the client reads them. */
async function bufferOf(meter: Meter, name: string): Promise<readonly (readonly Data[])[]> {
  const data = await meter.get(meter.profile(name).object.buffer);
  return (data.value as readonly Data[]).map((row) => row.value as readonly Data[]);
}

/** What the clock showed, in minutes since 1970. */
function stampOf(data: Data | undefined): number {
  const wall = CosemDateTime.fromBytes(data?.value as Uint8Array)
    .with({ deviation: 0 })
    .toMillis();
  return (wall as number) / MINUTE;
}

const octetsOf = (row: readonly Data[]) =>
  JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? [...value] : value));

/** Rows that come one after the other, read before they are overwritten. */
class Rows {
  readonly all: (readonly Data[])[] = [];

  add(rows: readonly (readonly Data[])[]): void {
    const [last] = this.all.slice(-1);
    const known = last === undefined ? -1 : rows.findLastIndex((row) => octetsOf(row) === octetsOf(last));
    if (last !== undefined) expect(known).toBeGreaterThanOrEqual(0);
    this.all.push(...rows.slice(known + 1));
  }
}

class Year {
  readonly bench: Bench;
  /** Minutes that the clock of the meter is ahead, each from when on. */
  readonly settings: { readonly at: number; readonly ahead: number }[] = [{ at: 0, ahead: 0 }];
  readonly blocks = new Rows();
  readonly days = new Rows();
  readonly bills = new Rows();
  readonly outages: { readonly from: number; readonly to: number }[] = [];
  /** What the meter itself said: paise of the account, and Wh and VAh of the registers. */
  readonly balances: { readonly at: number; readonly paise: number }[] = [];
  readonly registers: { readonly at: number; readonly amounts: readonly number[] }[] = [];
  /** Codes of the log of control events; codes and times of that of power. */
  switches: readonly unknown[] = [];
  failures: readonly (readonly [code: unknown, at: number])[] = [];
  readonly recharges: { readonly at: number; readonly paise: number }[] = [];

  /** How much of what three phases need is paid. */
  readonly share: number;

  constructor(profile: MeterProfile, options: Partial<CreateMeterOptions>) {
    this.share = profile === 'is15959-1ph' ? 0.27 : 1;
    this.bench = new Bench({ ...options, profile, tariff: SLABS, start: BEGIN * MINUTE - IST });
  }

  get now(): number {
    return (this.bench.clock.now() + IST) / MINUTE;
  }

  aheadAt(at: number): number {
    return this.settings.findLast((setting) => setting.at <= at)!.ahead;
  }

  /** The time that its clock shows; what is captured at the very moment of setting carries the old one. */
  wallBefore(at: number): number {
    return at + this.aheadAt(at - 1);
  }

  to(time: string | number): void {
    const minute = typeof time === 'string' ? minuteOf(time) : time;
    this.bench.clock.advance((minute - this.now) * MINUTE);
  }

  async setClock(meter: Meter, ahead: number): Promise<void> {
    const wall = new Date((this.now + ahead) * MINUTE + MINUTE * -330);
    await meter.set(meter.clock().time, CosemDateTime.fromDate(wall, -330));
    this.settings.push({ at: this.now, ahead });
  }

  /** A token of the head end: its amount, then the time that completes it. */
  async recharge(meter: Meter, paise: number): Promise<void> {
    const time = octets((await meter.get(meter.clock().time)).toBytes());
    await meter.set(meter.data('0.0.94.96.21.255').value, i32(paise));
    await meter.set(meter.data('0.0.94.96.22.255').value, time);
    // Who sends it twice has paid once.
    await meter.set(meter.data('0.0.94.96.22.255').value, time);
    this.recharges.push({ at: this.now, paise });
  }

  powerOff(from: string, minutes: number): void {
    this.to(from);
    this.bench.meter.controls.power(false);
    this.to(this.now + minutes);
    this.bench.meter.controls.power(true);
    this.outages.push({ from: minuteOf(from), to: this.now });
  }

  /** Everything that is overwritten sooner or later. */
  async read(meter: Meter): Promise<void> {
    this.blocks.add(await bufferOf(meter, '1.0.99.1.0.255'));
    this.days.add(await bufferOf(meter, '1.0.99.2.0.255'));
    // The last one is not closed yet.
    this.bills.add((await bufferOf(meter, '1.0.98.1.0.255')).slice(0, -1));
    const value = async (name: string) => Number((await meter.get(meter.data(name).value)).value);
    this.balances.push({ at: this.now, paise: await value('0.0.94.96.24.255') });
  }

  async readRegisters(meter: Meter): Promise<void> {
    const amounts: number[] = [];
    for (const c of [1, 9, 2, 10]) {
      amounts.push(wattHours(await meter.get(meter.register(`1.0.${c}.8.0.255`).value)));
    }
    this.registers.push({ at: this.now, amounts });
  }

  /** When rows are due, looked for minute by minute. */
  *due(period: number): Generator<number> {
    for (let at = BEGIN + 1; at <= END; at++) if (this.wallBefore(at) % period === 0) yield at;
  }
}

/** Summer Sundays, summer, winter: zones 5 to 8 from the middle of April on. */
async function writeCalendar(meter: Meter): Promise<void> {
  const calendar = meter.object(ActivityCalendar, '0.0.13.0.0.255');
  const [season] = await meter.get(calendar.seasonProfilePassive);
  const [week] = await meter.get(calendar.weekProfileTablePassive);
  const day = (dayId: number, ...switches: readonly (readonly [hour: number, zone: number])[]) => ({
    dayId,
    daySchedule: switches.map(([hour, scriptSelector]) => ({
      startTime: new CosemTime({ hour, minute: 0, second: 0, hundredths: 0 }),
      scriptLogicalName: '0.0.10.0.100.255',
      scriptSelector,
    })),
  });
  const from = (name: string, month: number) => ({
    seasonProfileName: name,
    seasonStart: season!.seasonStart.with({ month, dayOfMonth: 15 }),
    weekName: name,
  });
  const all = (dayId: number) => ({
    monday: dayId,
    tuesday: dayId,
    wednesday: dayId,
    thursday: dayId,
    friday: dayId,
    saturday: dayId,
    sunday: dayId,
  });
  await meter.set(calendar.calendarNamePassive, 'seasons');
  await meter.set(calendar.seasonProfilePassive, [from('summer', 4), from('winter', 10)]);
  await meter.set(calendar.weekProfileTablePassive, [
    { ...week!, ...all(1), weekProfileName: 'summer', sunday: 2 },
    { ...week!, ...all(3), weekProfileName: 'winter' },
  ]);
  await meter.set(calendar.dayProfileTablePassive, [day(1, [0, 5], [12, 7]), day(2, [0, 8]), day(3, [0, 6], [17, 7])]);
  const time = await meter.get(meter.clock().time);
  await meter.set(
    calendar.activatePassiveCalendarTime,
    time.with({ year: 2026, month: 4, dayOfMonth: 15, dayOfWeek: 0xff, hour: 0, minute: 0, second: 0, hundredths: 0 }),
  );
}

/** What happens in the year. Bills are read as they come. */
async function live(year: Year): Promise<void> {
  const { bench } = year;
  const meter = await bench.open('utility');
  // Too little by half, so that it is used up.
  const paid = async (paise: number) => year.recharge(meter, Math.floor(paise * year.share));
  const endOfMonth = async (month: string, late = 0) => {
    year.to(minuteOf(`${month}-01 00:00`) + late);
    await year.read(meter);
  };
  await meter.set(meter.data('0.0.94.96.24.255').value, i32(BALANCE));

  year.powerOff('2026-01-09 14:11', 41);
  year.to('2026-01-20 11:11');
  await paid(250_000);
  // Without power over the end of the month.
  year.powerOff('2026-01-31 23:40', 45);
  await endOfMonth('2026-02', 30);

  // Within a block: forward, and back again.
  year.to('2026-02-11 10:07');
  await year.setClock(meter, 13);
  year.powerOff('2026-02-14 03:00', 60);
  year.to('2026-02-20 15:21');
  await year.setClock(meter, 0);
  await paid(250_000);
  await endOfMonth('2026-03');

  // From boundary to boundary, and back again.
  year.to('2026-03-12 09:30');
  await year.setClock(meter, 30);
  year.to('2026-03-19 11:00');
  await year.setClock(meter, 0);
  await paid(250_000);
  year.powerOff('2026-03-21 19:30', 30);
  // Over the end of the month.
  year.to('2026-03-31 23:50');
  await year.readRegisters(meter);
  await year.setClock(meter, 20);
  await endOfMonth('2026-04', 40);
  year.to('2026-04-01 06:00');
  await year.setClock(meter, 0);

  await writeCalendar(meter);
  year.to('2026-04-20 11:11');
  await paid(250_000);
  // Back over the end of the month, which is not billed twice, and forward again.
  year.to('2026-05-01 00:30');
  await year.setClock(meter, -40);
  await endOfMonth('2026-05', 100);
  year.to('2026-05-01 12:10');
  await year.setClock(meter, 0);
  year.powerOff('2026-05-17 13:02', 3 * 60);
  year.to('2026-05-20 11:11');
  await paid(400_000);
  await endOfMonth('2026-06');

  year.to('2026-06-10 11:11');
  await paid(400_000);
  // A bill in between.
  year.to('2026-06-15 12:00');
  await meter.call(meter.object(ScriptTable, '0.0.10.0.1.255').execute, 1);
  await endOfMonth('2026-07');

  year.to('2026-07-03 13:13');
  await meter.call(meter.disconnectControl().remoteDisconnect);
  year.to('2026-07-04 09:47');
  await meter.call(meter.disconnectControl().remoteReconnect);
  year.to('2026-07-20 11:11');
  await paid(400_000);
  await endOfMonth('2026-08');

  year.to('2026-08-10 10:00');
  await meter.set(meter.data('1.0.0.8.0.255').value, u16(900));
  await paid(400_000);
  await endOfMonth('2026-09');
  year.powerOff('2026-09-05 21:13', 77);
  year.to('2026-09-20 11:11');
  await paid(300_000);
  await endOfMonth('2026-10');
  year.to('2026-10-01 10:30');
  await paid(250_000);
  await endOfMonth('2026-11');
  year.to(POST_PAID.from);
  await meter.set(meter.data('0.0.94.96.20.255').value, u8(0));
  year.to(POST_PAID.to);
  await meter.set(meter.data('0.0.94.96.20.255').value, u8(1));
  await endOfMonth('2026-12');
  year.to('2026-12-15 11:00');
  await paid(250_000);
  await endOfMonth('2027-01');
  await year.readRegisters(meter);
  year.switches = (await bufferOf(meter, '0.0.99.98.6.255')).map((row) => row[1]!.value);
  year.failures = (await bufferOf(meter, '0.0.99.98.2.255')).map((row) => [row[1]!.value, stampOf(row[0])]);
  await meter.close();
}

/** When billing periods end, and the date that the bill has where that is another. */
const BILLS: readonly (readonly [end: string, date?: string])[] = [
  ['2026-01-01 00:00'],
  ['2026-02-01 00:25', '2026-02-01 00:00'],
  ['2026-03-01 00:00'],
  ['2026-03-31 23:50', '2026-04-01 00:00'],
  ['2026-05-01 00:00'],
  ['2026-06-01 00:00'],
  ['2026-06-15 12:00'],
  ...['07', '08', '09', '10', '11', '12'].map((month): [string] => [`2026-${month}-01 00:00`]),
  ['2027-01-01 00:00'],
];
/** In the order of the daily load: group C of import and export. */
const KINDS = [1, 9, 2, 10] as const;

/** The block load of a year, added up: what every other reading is held against. */
class Sums {
  /** Row by row: when it was captured, the sums up to there, those by time zone of kWh and kVAh import. */
  readonly rows: {
    readonly at: number;
    readonly stamp: number;
    readonly length: number;
    readonly block: readonly number[];
    readonly sums: readonly number[];
    readonly zones: readonly (readonly number[])[];
    readonly zone: number;
  }[] = [];
  readonly #year: Year;

  constructor(year: Year, column: (name: string) => number) {
    this.#year = year;
    const first = year.days.all.find((row) => stampOf(row[0]) === BEGIN)!;
    let sums = first.slice(1, 5).map(wattHours);
    let zones = [1, 9].map(() => new Array<number>(9).fill(0));
    let last = BEGIN;
    const due = year.due(30);
    for (const row of year.blocks.all.slice(1 + year.blocks.all.findIndex((one) => stampOf(one[0]) === BEGIN))) {
      const at = due.next().value as number;
      const block = KINDS.map((c) => wattHours(row[column(`1.0.${c}.29.0.255:2`)]!));
      const zone = this.zoneAfter(last);
      sums = sums.map((sum, kind) => sum + block[kind]!);
      zones = zones.map((list, part) => list.with(zone, list[zone]! + block[part]!));
      this.rows.push({ at, stamp: stampOf(row[0]), length: at - last, block, sums, zones, zone });
      last = at;
    }
    expect(due.next().done).toBe(true);
  }

  /** The time zone in which a block lies that begins at this moment. */
  zoneAfter(at: number): number {
    const wall = at + this.#year.aheadAt(at);
    return zoneAt(wall, wall >= SUMMER);
  }

  /** Sums at a moment: those of the last row, for nothing flowed since; or what the registers said. */
  at(at: number): { readonly sums: readonly number[]; readonly zones: readonly (readonly number[])[] } {
    const row = this.rows.findLast((one) => one.at <= at);
    if (row === undefined)
      return {
        sums: this.rows[0]!.sums.map((sum, kind) => sum - this.rows[0]!.block[kind]!),
        zones: [1, 9].map(() => new Array<number>(9).fill(0)),
      };
    const read = this.#year.registers.find((one) => one.at === at);
    if (read === undefined) return row;
    const zone = this.zoneAfter(row.at);
    return {
      sums: read.amounts,
      zones: row.zones.map((list, part) => list.with(zone, list[zone]! + read.amounts[part]! - row.sums[part]!)),
    };
  }

  /** Paise that are left, as an exact number of thousandths. */
  balance(at: number, ends: readonly number[]): bigint {
    const used = (from: number, to: number) => this.at(to).sums[0]! - this.at(from).sums[0]!;
    let left = 1000n * BigInt(BALANCE);
    for (const recharge of this.#year.recharges) if (recharge.at <= at) left += 1000n * BigInt(recharge.paise);
    ends.forEach((from, i) => {
      if (from > at) return;
      const cost = (to: number) => priceOf(used(from, Math.min(to, ends[i + 1] ?? to)));
      left -= cost(at);
      if (from < POST_PAID.from && POST_PAID.from < (ends[i + 1] ?? at) && at >= POST_PAID.to) {
        left += cost(POST_PAID.to) - cost(POST_PAID.from);
      }
    });
    return left;
  }
}

test.each<[MeterProfile, Partial<CreateMeterOptions>]>([
  ['is15959-1ph', { seed: 7 }],
  // Not older, so that its registers in kWh as float32 hold every Wh.
  ['is15959-3ph', { seed: 7, solarPeak: 4000, installed: Date.UTC(2025, 11, 1) }],
])(
  'a year of %s: bills, registers, block load, daily load, time zones and money reconcile',
  async (profile, options) => {
    const year = new Year(profile, options);
    await live(year);
    const category = profile === 'is15959-1ph' ? singlePhase : threePhase;
    const columnOf = (logicalName: string) => {
      const { columns } = category.profiles.find((spec) => spec.logicalName === logicalName)!;
      return (name: string) => columns.findIndex((one) => `${one.logicalName}:${one.attributeIndex}` === name);
    };
    const sums = new Sums(year, columnOf('1.0.99.1.0.255'));

    // Rows come at every half hour of the meter's clock, whatever is done to it.
    expect(sums.rows.map(({ stamp }) => stamp)).toEqual(sums.rows.map(({ at }) => year.wallBefore(at)));
    const days = year.days.all.filter((row) => stampOf(row[0]) > BEGIN);
    const midnights = [...year.due(1440)];
    expect(days.map((row) => [stampOf(row[0]), ...row.slice(1).map(wattHours)])).toEqual(
      midnights.map((at) => [year.wallBefore(at), ...sums.at(at).sums]),
    );

    // Bills: energies, those of the time zones, maximum demand, time with power.
    const ends = BILLS.map(([end]) => minuteOf(end));
    const bill = columnOf('1.0.98.1.0.255');
    const bills = year.bills.all.filter((row) => stampOf(row[0]) >= BEGIN);
    expect(bills.map((row) => stampOf(row[0]))).toEqual(BILLS.map(([end, date]) => minuteOf(date ?? end)));
    const energies = (row: readonly Data[], c: number, zones: readonly number[]) =>
      zones.map((zone) => wattHours(row[bill(`1.0.${c}.8.${zone}.255:2`)]!));
    const zones = [1, 2, 3, 4, 5, 6, 7, 8];
    bills.forEach((row, i) => {
      const at = sums.at(ends[i]!);
      expect(KINDS.map((c) => energies(row, c, [0])[0])).toEqual(at.sums);
      for (const [part, c] of [1, 9].entries()) {
        const since = energies(row, c, zones).map((wh, zone) => wh - energies(bills[0]!, c, zones)[zone]!);
        expect(`${c} ${BILLS[i]} ${since}`).toBe(`${c} ${BILLS[i]} ${at.zones[part]!.slice(1)}`);
      }
      if (i === 0) return;
      const [from, to] = [ends[i - 1]!, ends[i]!];
      const off = year.outages.reduce(
        (sum, one) => sum + Math.max(0, Math.min(one.to, to) - Math.max(one.from, from)),
        0,
      );
      expect(row[bill('0.0.94.91.13.255:2')]!.value).toBe(to - from - off);
      // Blocks that a clock set back made longer are no demand integration periods.
      const blocks = sums.rows.filter((one) => one.at > from && one.at <= to && one.length <= 30);
      const highest = blocks.reduce((best, one) => (one.block[0]! > best.block[0]! ? one : best));
      const demand = wattHours(row[bill('1.0.1.6.0.255:2')]!);
      if (from <= minuteOf('2026-08-10 10:00') && minuteOf('2026-08-10 10:00') < to)
        expect(demand).toBeGreaterThanOrEqual(2 * highest.block[0]!);
      else if (to <= minuteOf('2026-08-10 10:00')) {
        expect([demand, stampOf(row[bill('1.0.1.6.0.255:5')])]).toEqual([2 * highest.block[0]!, highest.stamp]);
      }
    });

    // Money, to the paisa: a paisa is gone when all of it was used.
    for (const { at, paise } of year.balances) {
      const left = sums.balance(at, ends);
      const rounded = left > 0n ? (left + 999n) / 1000n : left / 1000n;
      expect(`${at} ${paise}`).toBe(`${at} ${rounded}`);
    }
    // Now and then it was used up: the relay opened at that, and not only when it was told to.
    expect(Math.min(...year.balances.map(({ paise }) => paise))).toBeLessThan(0);
    expect(year.switches.filter((code) => code === 301).length).toBeGreaterThan(2);

    // The present, and the power failures.
    expect(year.registers.at(-1)).toEqual({
      at: END,
      amounts: sums.at(END - 1).sums.map((sum, kind) => sum + sums.rows.at(-1)!.block[kind]!),
    });
    const failures = year.failures.filter(([, at]) => at > BEGIN);
    expect(failures).toEqual(
      year.outages.flatMap(({ from, to }) => [
        [101, year.wallBefore(from)],
        [102, year.wallBefore(to)],
      ]),
    );
  },
);
