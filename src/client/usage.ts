/** What a household wants to know of its meter, reckoned from what the meter tells: exactly, nothing in floating point. */

import { CosemDateTime } from '../codec/datetime.js';
import { Decimal } from '../codec/decimal.js';

export const DAY = 86_400_000;

/** Energy of one local day. */
export interface DayUsage {
  /** `2026-11-22` */
  readonly date: string;
  /** Wh; undefined where the meter has no row for its beginning or its end. */
  readonly energy: Decimal | undefined;
}

/** Energy of one capture period. */
export interface BlockUsage {
  /** When it ended, by the meter's clock. */
  readonly end: CosemDateTime;
  /** Wh. */
  readonly energy: Decimal;
}

/** Voltage and current of a phase. */
export interface PhaseNow {
  /** `R`, `Y`, `B`; empty for a single-phase meter. */
  readonly phase: string;
  /** V */
  readonly voltage: Decimal | undefined;
  /** A */
  readonly current: Decimal | undefined;
}

/** Energy since a moment. */
export interface EnergySince {
  /** Wh. */
  readonly energy: Decimal;
  /** Local date of whose beginning it counts: `2026-11-01`. Later than the month's first where the meter was not there before. */
  readonly since: string;
}

/** The prepaid account. Amounts are rupees, exact to the paisa. */
export interface Account {
  readonly prepaid: boolean;
  readonly balance: Decimal | undefined;
  /** When the balance was counted last. */
  readonly balanceTime: CosemDateTime | undefined;
  readonly lastRecharge: { readonly amount: Decimal; readonly time: CosemDateTime } | undefined;
  /** The balance right after it. */
  readonly totalAtLastRecharge: Decimal | undefined;
}

/** Why it cannot be told how long the balance lasts. */
export type NoDaysLeft = 'not-prepaid' | 'no-balance' | 'recharged-lately' | 'nothing-spent';

/** How long the balance lasts at a rate, and which rate that is. */
export type DaysLeft =
  | {
      /** Rounded down to tenths. */
      readonly days: Decimal;
      /** Rupees a day, rounded down to the paisa. */
      readonly perDay: Decimal;
      /** What was spent since the last recharge; or the energy of the last whole days at a price. */
      readonly basis:
        | {
            readonly type: 'since-recharge';
            readonly spent: Decimal;
            readonly from: CosemDateTime;
            readonly to: CosemDateTime;
          }
        | { readonly type: 'price'; readonly price: Decimal; readonly wholeDays: number };
    }
  | { readonly days: undefined; readonly reason: NoDaysLeft };

export interface Usage {
  /** The meter's clock. */
  readonly time: CosemDateTime;
  readonly serial: string | undefined;
  /** Whether the supply is on; undefined for a meter without a relay. */
  readonly connected: boolean | undefined;
  /** W */
  readonly power: Decimal | undefined;
  readonly phases: readonly PhaseNow[];
  /** Wh, all that was ever imported. */
  readonly total: Decimal;
  readonly today: EnergySince | undefined;
  readonly month: EnergySince | undefined;
  /** Whole days before today, the oldest first. */
  readonly days: readonly DayUsage[];
  /** Of today, the oldest first. */
  readonly blocks: readonly BlockUsage[];
  /** Undefined where the meter has none. */
  readonly account: Account | undefined;
  readonly daysLeft: DaysLeft;
}

/** Total at the beginning of a day, by the day's number (days of local time since 1970). */
export type DayMarks = ReadonlyMap<number, Decimal>;

/** Number of the local day. @returns NaN for a time that is none. */
export function dayNumber(time: CosemDateTime): number {
  return Math.floor(wallMillis(time) / DAY);
}

/** Local time as milliseconds, for reckoning within one meter: whatever its deviation says. */
export function wallMillis(time: CosemDateTime): number {
  return time.with({ deviation: 0 }).toMillis() ?? Number.NaN;
}

/** Number of the first day of a day's month. */
export function monthBegin(day: number): number {
  const date = new Date(day * DAY);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY;
}

export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** A local time as the meter's clock writes it. */
export function localTime(wall: number, { deviation, status }: CosemDateTime): CosemDateTime {
  return CosemDateTime.fromDate(new Date(wall), 0).with({ deviation, status });
}

/** The day that a row of the daily profile is the beginning of: meters stamp it 00:00:00, some 23:59:59 of the day before. */
export function markedDay(stamp: CosemDateTime): number {
  return Math.floor((wallMillis(stamp) + DAY / 2) / DAY);
}

/** What was used since the beginning of a day; undefined without its mark, or where the register counted back. */
export function energySince(total: Decimal, day: number, marks: DayMarks): EnergySince | undefined {
  const energy = difference(marks.get(day), total);
  return energy === undefined ? undefined : { energy, since: dateOf(day) };
}

/** What was used in the month of a day: since its first, or since the first mark in it. */
export function energyOfMonth(total: Decimal, today: number, marks: DayMarks): EnergySince | undefined {
  for (let day = monthBegin(today); day <= today; day++) if (marks.has(day)) return energySince(total, day, marks);
  return undefined;
}

/** The whole days before one. */
export function wholeDays(today: number, count: number, marks: DayMarks): DayUsage[] {
  return Array.from({ length: count }, (_, i) => {
    const day = today - count + i;
    return { date: dateOf(day), energy: difference(marks.get(day), marks.get(day + 1)) };
  });
}

function difference(from: Decimal | undefined, to: Decimal | undefined): Decimal | undefined {
  if (from === undefined || to === undefined) return undefined;
  const energy = to.minus(from);
  return energy.coefficient < 0n ? undefined : energy;
}

/** How many whole days the mean at a price is of. */
const MEAN_DAYS = 7;

/**
 * How long the balance lasts. With a price (rupees a kWh): at the mean of the last whole days, seven at most. Without: at what was spent a
 * day since the last recharge, when that is a day or longer ago.
 */
export function daysLeft(
  account: Account | undefined,
  days: readonly DayUsage[],
  price: Decimal | undefined,
): DaysLeft {
  if (account?.prepaid !== true) return { days: undefined, reason: 'not-prepaid' };
  const { balance } = account;
  if (balance === undefined) return { days: undefined, reason: 'no-balance' };
  return price === undefined ? sinceRecharge(account, balance) : atPrice(balance, days, price);
}

function sinceRecharge({ balanceTime, lastRecharge, totalAtLastRecharge }: Account, balance: Decimal): DaysLeft {
  if (balanceTime === undefined || lastRecharge === undefined || totalAtLastRecharge === undefined) {
    return { days: undefined, reason: 'no-balance' };
  }
  const elapsed = wallMillis(balanceTime) - wallMillis(lastRecharge.time);
  if (!(elapsed >= DAY)) return { days: undefined, reason: 'recharged-lately' };
  const spent = totalAtLastRecharge.minus(balance);
  if (spent.coefficient <= 0n) return { days: undefined, reason: 'nothing-spent' };
  const basis = { type: 'since-recharge', spent, from: lastRecharge.time, to: balanceTime } as const;
  return { ...lasting(balance, spent, BigInt(elapsed), BigInt(DAY)), basis };
}

function atPrice(balance: Decimal, days: readonly DayUsage[], price: Decimal): DaysLeft {
  const known = days.flatMap(({ energy }) => (energy === undefined ? [] : [energy])).slice(-MEAN_DAYS);
  const spent = Decimal.sum(known).times(price).shift(-3);
  if (spent.coefficient <= 0n) return { days: undefined, reason: 'nothing-spent' };
  const basis = { type: 'price', price, wholeDays: known.length } as const;
  return { ...lasting(balance, spent, BigInt(known.length), 1n), basis };
}

/** @param elapsed in which `spent` was spent, in units of which a day has `perDay`. */
function lasting(
  balance: Decimal,
  spent: Decimal,
  elapsed: bigint,
  perDay: bigint,
): { days: Decimal; perDay: Decimal } {
  const exponent = Math.min(balance.exponent, spent.exponent, -2);
  const [have, used] = [balance.coefficientAt(exponent), spent.coefficientAt(exponent)];
  const tenths = have <= 0n ? 0n : (10n * have * elapsed) / (used * perDay);
  const paise = (used * perDay) / (elapsed * 10n ** BigInt(-2 - exponent));
  return { days: new Decimal(tenths, -1), perDay: new Decimal(paise, -2) };
}
