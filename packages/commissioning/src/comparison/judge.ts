/** What two meters that counted the same hours say of each other: whether they agree as their classes promise, and how sure that is. */

import type { BlockLoad } from '../meter-port.js';
import { type Counted, countedIn, type Hours } from './align.js';
import { type AccuracyClass, type ComparedMeter, compareMeters, type MeterComparison } from './compare.js';

/** A meter's load, and by how many seconds its clock is ahead of the clock of this machine. */
export interface ClockedLoad extends BlockLoad {
  readonly ahead: number;
}

/** The classes of both. */
export interface Classes {
  readonly tested: AccuracyClass;
  readonly check: AccuracyClass;
}

/** What came of it. */
export interface Judgement extends MeterComparison {
  readonly hours: Hours;
  readonly tested: Counted;
  readonly check: Counted;
  /** By how many seconds the tested meter's clock is ahead of the check meter's. */
  readonly clocks: number;
}

/** Both clocks are read to the second. */
const CLOCK_STEP = 2;

/** By how many seconds the first clock is ahead of the second. */
export function clocksApart(tested: ClockedLoad, check: ClockedLoad): number {
  return tested.ahead - check.ahead;
}

/** Whether the clocks are so far apart that rows of one time are of other hours: half a row or more. */
export function areOtherHours(tested: ClockedLoad, check: ClockedLoad): boolean {
  return Math.abs(clocksApart(tested, check)) * 2 >= Math.min(tested.period, check.period);
}

/**
 * Compares in hours without a break. There is a verdict only where it stays the same whatever is not known: the last digit of each register, the
 * rounding of each row, and what flowed at the edges while only one of the clocks was there.
 */
export function judged(tested: ClockedLoad, check: ClockedLoad, hours: Hours, classes: Classes): Judgement {
  const [t, c] = [countedIn(tested, hours), countedIn(check, hours)];
  const clocks = clocksApart(tested, check);
  const meterT = { counts: t.counts, scaler: tested.scaler, accuracy: classes.tested };
  const meterC = { counts: c.counts, scaler: check.scaler, accuracy: classes.check };
  const nominal = compareMeters(meterT, meterC);
  const edge = edgeOf(c, clocks, check.period);
  const corners = [
    compareMeters(moved(meterT, -unsure(t)), moved(meterC, unsure(c) + edge)),
    compareMeters(moved(meterT, unsure(t)), moved(meterC, -unsure(c) - edge)),
  ];
  const isSure = corners.every(
    ({ verdict, difference }) =>
      verdict === nominal.verdict && (verdict === 'within' || sign(difference) === sign(nominal.difference)),
  );
  const verdict = isSure ? nominal.verdict : 'too-little';
  return { ...nominal, verdict, hours, tested: t, check: c, clocks };
}

/** One count for the register, and what independent roundings of the rows come to. */
function unsure({ blocks }: Counted): bigint {
  return 1n + BigInt(Math.ceil(Math.sqrt(blocks)));
}

/** The most that flowed at both edges in the seconds that the clocks are apart. */
function edgeOf({ most }: Counted, clocks: number, period: number): bigint {
  const seconds = BigInt(Math.ceil(Math.abs(clocks)) + CLOCK_STEP);
  return (2n * seconds * most + BigInt(period) - 1n) / BigInt(period);
}

function moved(meter: ComparedMeter, by: bigint): ComparedMeter {
  const counts = meter.counts + by;
  return { ...meter, counts: counts < 0n ? 0n : counts };
}

function sign(value: bigint | null): number {
  return value === null || value === 0n ? 0 : value < 0n ? -1 : 1;
}
