/** Reading two meters, one after the other, and comparing what they counted in the same hours. */

import { type Clock, Decimal } from 'cosem';
import type { MeterPort } from '../meter-port.js';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import { localTime } from '../step/context.js';
import { alignLoads, type Break, type Counted, type Hours } from './align.js';
import { percentText } from './compare.js';
import type { ComparisonEvidence, CountedEvidence, LoadRead } from './evidence.js';
import { areOtherHours, type Classes, clocksApart, judged } from './judge.js';

/** Over how many hours two meters are compared where nobody says. */
export const USUAL_HOURS = 168;

/** The meter that is expected, and the one that is not. */
export interface ExpectedMeter {
  readonly serial: string;
  readonly other: string;
  /** Which of both is read. */
  readonly which: 'tested' | 'check';
}

/** What a person decides. */
export interface CompareOptions {
  readonly classes: Classes;
  /** Something is in the way of comparing all hours: whether the longest part without it will do. It may throw, and then nothing was done. */
  readonly confirm: (longest: Hours, breaks: readonly Break[]) => Promise<boolean>;
}

/**
 * Reads the load of a meter.
 * @param expected left out where any meter will do.
 * @throws RefusedError for another meter, and one without time or rows.
 */
export async function readLoad(
  { clock, policy }: { readonly clock: Clock; readonly policy: Policy },
  port: MeterPort,
  hours: number,
  expected?: ExpectedMeter,
): Promise<LoadRead> {
  const serial = await port.serial();
  if (expected !== undefined) checkSerial(serial, expected);
  const asked = clock.now();
  const time = await port.time();
  const at = (asked + clock.now()) / 2;
  const shown = time.isSpecified() ? time.with({ deviation: 0 }).toMillis() : undefined;
  if (shown === undefined) return refuse('compare-clock-unset', {}, false);
  const load = await port.blockLoad(hours);
  if (load.blocks.length === 0) refuse('compare-no-rows', { hours }, false);
  return { ...load, serial, at: Math.round(at), ahead: Math.round((shown - localTime(at, policy)) / 1000) };
}

function checkSerial(serial: string | undefined, { serial: expected, other, which }: ExpectedMeter): void {
  if (serial === expected && expected !== other) return;
  if (expected === other) refuse('compare-same-meter', { serial: expected }, false);
  if (serial === other)
    refuse(which === 'tested' ? 'compare-check-first' : 'compare-still-tested', { serial, expected }, false);
  refuse('wrong-meter', { serial: serial ?? '?', expected }, false);
}

/** Compares. @throws RefusedError where the meters share no hours, or something is in the way and the person does not leave it out. */
export async function compareLoads(
  tested: LoadRead,
  check: LoadRead,
  { classes, confirm }: CompareOptions,
): Promise<ComparisonEvidence> {
  if (tested.serial !== undefined && tested.serial === check.serial) {
    refuse('compare-same-meter', { serial: tested.serial }, false);
  }
  if (areOtherHours(tested, check)) {
    const seconds = clocksApart(tested, check);
    refuse('compare-clocks-apart', { seconds }, false);
  }
  const { common, breaks, longest } = alignLoads(tested, check);
  if (common === undefined) return refuse('compare-no-overlap', {}, false);
  const [first] = breaks;
  if (first !== undefined) {
    const { from, to } = first;
    const where = { what: breakCode(first), from: localText(from), to: localText(to) };
    if (longest === undefined) return refuse('compare-all-broken', where, false);
    if (!(await confirm(longest, breaks)))
      refuse('compare-broken', { ...where, least: localText(longest.from), most: localText(longest.to) }, false);
  }
  const hours = longest ?? common;
  const result = judged(tested, check, hours, classes);
  return {
    from: localText(hours.from),
    to: localText(hours.to),
    classes,
    tested: countedEvidence(result.tested, tested.scaler),
    check: countedEvidence(result.check, check.scaler),
    difference: result.difference === null ? null : percentText(result.difference),
    verdict: result.verdict,
    clocks: result.clocks,
    leftOut: breaks.map(({ meter, why }) => ({ meter, why })),
    clockLogs: tested.clockSet !== undefined && check.clockSet !== undefined,
  };
}

/** The message that says what is in the way, and of which meter. */
export function breakCode({ meter, why }: Pick<Break, 'meter' | 'why'>): `break-${Break['meter']}-${Break['why']}` {
  return `break-${meter}-${why}`;
}

/** `2026-11-23 14:30:00`, of local time as if it were UTC. */
export function localText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace('T', ' ');
}

function countedEvidence({ counts, blocks }: Counted, scaler: number): CountedEvidence {
  return { counts: String(counts), scaler, blocks, energy: Decimal.parse(String(counts)).shift(scaler).toString() };
}
