/** What a household wants to know from its meter, computed exactly from the meter's values, without floating point. */

import { CosemDateTime } from '../codec/datetime.js';
import { Decimal } from '../codec/decimal.js';

export const DAY = 86_400_000;

/** Energy of one local day. */
export interface DayUsage {
  /** Local date: `2026-11-22`. */
  readonly date: string;
  /** Energy in Wh; undefined where the meter has no row for the beginning or the end of the day. */
  readonly energy: Decimal | undefined;
}

/** Energy of one capture period. */
export interface BlockUsage {
  /** When it ended, by the meter's clock. */
  readonly end: CosemDateTime;
  /** Energy in Wh. */
  readonly energy: Decimal;
}

/** Voltage and current of a phase. */
export interface PhaseNow {
  /** Name of the phase: `R`, `Y`, `B`; empty for a single-phase meter. */
  readonly phase: string;
  /** Voltage in V; undefined where the meter does not give it. */
  readonly voltage: Decimal | undefined;
  /** Current in A; undefined where the meter does not give it. */
  readonly current: Decimal | undefined;
}

/** Energy since a moment. */
export interface EnergySince {
  /** Energy in Wh. */
  readonly energy: Decimal;
  /** Local date from whose beginning it counts: `2026-11-01`. Later than the first of the month where the meter was not there before. */
  readonly since: string;
}

/** The prepaid account. Amounts are rupees, exact to the paisa. */
export interface PrepaidAccount {
  /** Whether the account is prepaid. */
  readonly prepaid: boolean;
  /** Balance in rupees; undefined where the meter does not give it. */
  readonly balance: Decimal | undefined;
  /** When the meter last updated the balance. */
  readonly balanceTime: CosemDateTime | undefined;
  /** The last recharge; undefined where the meter does not give it. */
  readonly lastRecharge:
    | {
        /** Amount in rupees. */
        readonly amount: Decimal;
        /** When it was credited, by the meter's clock. */
        readonly time: CosemDateTime;
      }
    | undefined;
  /** The balance right after the last recharge, in rupees. */
  readonly totalAtLastRecharge: Decimal | undefined;
}

/**
 * Why it is unknown how long the balance lasts: the account is not prepaid, the balance is unknown, the last recharge was less than a day
 * ago, or nothing was spent.
 */
export type NoDaysLeft = 'not-prepaid' | 'no-balance' | 'recharged-lately' | 'nothing-spent';

/** How long the balance lasts at a rate, and which rate that is. */
export type DaysLeft =
  | {
      /** For how many days the balance lasts, rounded down to tenths. */
      readonly days: Decimal;
      /** Expense per day in rupees, rounded down to the paisa. */
      readonly perDay: Decimal;
      /** What the expense is computed from: what was spent since the last recharge, or the energy of the last whole days at a price. */
      readonly basis:
        | {
            /** From what was spent since the last recharge. */
            readonly type: 'since-recharge';
            /** Rupees that were spent. */
            readonly spent: Decimal;
            /** Time of the recharge. */
            readonly from: CosemDateTime;
            /** Time of the present balance. */
            readonly to: CosemDateTime;
          }
        | {
            /** From energy and price. */
            readonly type: 'price';
            /** Rupees for a kWh. */
            readonly price: Decimal;
            /** Over how many whole days the energy is averaged. */
            readonly wholeDays: number;
          };
    }
  | {
      /** Undefined where it is unknown. */
      readonly days: undefined;
      /** Why it is unknown. */
      readonly reason: NoDaysLeft;
    };

/** Usage and account of a meter at one time. */
export interface Usage {
  /** Time of the meter's clock. */
  readonly time: CosemDateTime;
  /** Serial number; undefined where the meter does not give it. */
  readonly serial: string | undefined;
  /** Whether the supply is on; undefined for a meter without a relay. */
  readonly connected: boolean | undefined;
  /** Active power in W; undefined where the meter does not give it. */
  readonly power: Decimal | undefined;
  /** Voltage and current of each phase. */
  readonly phases: readonly PhaseNow[];
  /** Total energy import in Wh. */
  readonly total: Decimal;
  /** Energy since midnight; undefined where the meter has no row for it. */
  readonly today: EnergySince | undefined;
  /** Energy of this month; undefined where the meter has no row in it. */
  readonly month: EnergySince | undefined;
  /** The whole days before today, oldest first. */
  readonly days: readonly DayUsage[];
  /** The capture periods of today, oldest first. */
  readonly blocks: readonly BlockUsage[];
  /** The prepaid account; undefined where the meter has none. */
  readonly account: PrepaidAccount | undefined;
  /** How long the balance lasts. */
  readonly daysLeft: DaysLeft;
}

/** The total energy at the beginning of each day, by day number (days of local time since 1970). */
export type DayMarks = ReadonlyMap<number, Decimal>;

/** Number of the local day. @returns NaN for an invalid time. */
export function dayNumber(time: CosemDateTime): number {
  return Math.floor(wallMillis(time) / DAY);
}

/** Local time in milliseconds, for calculation within one meter, whatever its deviation. */
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

/** The day whose beginning a row of the daily profile is: meters stamp it 00:00:00, some 23:59:59 of the day before. */
export function markedDay(stamp: CosemDateTime): number {
  return Math.floor((wallMillis(stamp) + DAY / 2) / DAY);
}

/** The energy since the beginning of a day; undefined without its mark, or where the register went back. */
export function energySince(total: Decimal, day: number, marks: DayMarks): EnergySince | undefined {
  const energy = difference(marks.get(day), total);
  return energy === undefined ? undefined : { energy, since: dateOf(day) };
}

/** The energy in the month of a day: since its first day, or since the first mark in it. */
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

/** Over how many whole days the energy is averaged when a price is given. */
const MEAN_DAYS = 7;

/**
 * How long the balance lasts. With a price (rupees for a kWh): at the average of the last whole days, seven at most. Without: at the daily
 * expense since the last recharge, if that was a day ago or longer.
 */
export function daysLeft(
  account: PrepaidAccount | undefined,
  days: readonly DayUsage[],
  price: Decimal | undefined,
): DaysLeft {
  if (account?.prepaid !== true) return { days: undefined, reason: 'not-prepaid' };
  const { balance } = account;
  if (balance === undefined) return { days: undefined, reason: 'no-balance' };
  return price === undefined ? sinceRecharge(account, balance) : atPrice(balance, days, price);
}

function sinceRecharge({ balanceTime, lastRecharge, totalAtLastRecharge }: PrepaidAccount, balance: Decimal): DaysLeft {
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

/** @param elapsed the time in which `spent` was spent, in units of which a day has `perDay`. */
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
