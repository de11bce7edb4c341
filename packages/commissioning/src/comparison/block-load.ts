/** The energies of a meter's block load profile, as the meter keeps them. */

import { CosemDateTime, DecodeError, type Meter, type ProfileRow } from 'cosem';
import type { Category } from 'cosem/classes';
import type { BlockLoad, LoadBlock, LoggedEvent } from '../meter-port.js';

/** Active energy import of a period, and the register itself, which some meters capture in its place. */
const OF_PERIOD = '1.0.1.29.0.255';
const REGISTER = '1.0.1.8.0.255';
const HOUR = 3_600_000;
/** Meters that tell no period have this one. */
const USUAL_PERIOD = 1800;
/** IS 15959: the clock was set. */
const CLOCK_SET = 151;

/**
 * Reads clock and block load of a meter over its last hours, by its own clock.
 * @param transactions gives the log that tells of changes of the clock.
 * @throws DecodeError where rows have no energy.
 */
export async function readBlockLoad(
  meter: Meter,
  category: Category,
  hours: number,
  transactions: () => Promise<readonly LoggedEvent[] | undefined>,
): Promise<BlockLoad> {
  const shown = await meter.get(meter.clock().time);
  const time = wallOf(shown);
  const spec = category.profiles.find(({ kind }) => kind === 'block-load');
  if (spec === undefined || time === undefined)
    return { time, period: USUAL_PERIOD, scaler: 0, blocks: [], clockSet: [] };
  const profile = meter.profile(spec.logicalName);
  const told = await meter.tryGet(profile.object.capturePeriod);
  const from = CosemDateTime.fromDate(new Date(time - hours * HOUR), 0);
  const rows = await profile.rows({ from: from.with({ deviation: shown.deviation, status: shown.status }) });
  const log = await transactions();
  const period = told.ok && told.value > 0 ? told.value : (apart(rows) ?? USUAL_PERIOD);
  const clockSet = log?.flatMap(({ code, time: at }) => (code === CLOCK_SET ? (wallOfText(at) ?? []) : []));
  return { time, period, ...countsOf(rows, period), clockSet };
}

/** Local time as if it were UTC: meters in India send deviations that are wrong. */
function wallOf(time: CosemDateTime | undefined): number | undefined {
  return time?.isSpecified() === true ? time.with({ deviation: 0 }).toMillis() : undefined;
}

/** `2026-11-23 14:05:00 +05:30` as the log tells it. */
function wallOfText(text: string): number | undefined {
  const [, date, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text) ?? [];
  const millis = date === undefined ? Number.NaN : Date.parse(`${date}T${clock}Z`);
  return Number.isNaN(millis) ? undefined : millis;
}

/** Seconds between most neighbouring rows. */
function apart(rows: readonly ProfileRow[]): number | undefined {
  const counts = new Map<number, number>();
  for (let i = 1; i < rows.length; i++) {
    const [before, after] = [wallOf(rows[i - 1]?.time), wallOf(rows[i]?.time)];
    const seconds = before === undefined || after === undefined ? 0 : (after - before) / 1000;
    if (seconds > 0) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function countsOf(rows: readonly ProfileRow[], period: number): Pick<BlockLoad, 'scaler' | 'blocks'> {
  const named = (row: ProfileRow, name: string) => row.values.find(({ logicalName }) => logicalName === name);
  const column = [OF_PERIOD, REGISTER].find((name) => rows.some((row) => named(row, name)?.value !== undefined));
  if (column === undefined) {
    if (rows.length === 0) return { scaler: 0, blocks: [] };
    throw new DecodeError('missing-field', 'the block load profile has no active energy import');
  }
  const energies = rows.map((row) => named(row, column)?.value);
  // A count is the smallest step that any row shows: meters that send floats have it in their digits, not in the scaler.
  const scaler = Math.min(...energies.flatMap((energy) => (energy === undefined ? [] : [energy.exponent])));
  const counts = energies.map((energy) => energy && energy.coefficient * 10n ** BigInt(energy.exponent - scaler));
  const blocks = rows.flatMap(({ time }, i): LoadBlock[] => {
    const end = wallOf(time);
    if (end === undefined) return [];
    const doubtful = time?.statusNames().some((name) => name === 'invalidValue' || name === 'doubtfulValue') === true;
    const count = counts[i];
    return [{ end, counts: count?.toString(), ...(doubtful ? { doubtful: true as const } : {}) }];
  });
  return { scaler, blocks: column === REGISTER ? differences(blocks, period) : blocks };
}

/** Of a register that is captured itself: what it counted since the row before, where that row is there. */
function differences(blocks: readonly LoadBlock[], period: number): readonly LoadBlock[] {
  return blocks.slice(1).map((block, i): LoadBlock => {
    const before = blocks[i] as LoadBlock;
    const isNext = block.end - before.end === period * 1000;
    const known = isNext && block.counts !== undefined && before.counts !== undefined;
    return { ...block, counts: known ? String(BigInt(block.counts) - BigInt(before.counts)) : undefined };
  });
}
