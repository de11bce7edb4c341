/** The hours that two meters counted both, found by the times of their own clocks. */

import type { BlockLoad, LoadBlock } from '../meter-port.js';

/** Why a part of the hours cannot be compared. */
export type BreakReason = 'missing' | 'clock-set' | 'doubtful' | 'no-energy' | 'twice';

/** A part of the hours that one of the meters cannot vouch for: local times as if they were UTC, in milliseconds. */
export interface Break {
  readonly meter: 'tested' | 'check';
  readonly why: BreakReason;
  readonly from: number;
  readonly to: number;
}

/** Hours by the meters' own clocks, as in {@link Break}. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** What came of it. */
export interface Alignment {
  /** The hours of which both meters have rows at all; undefined where there are none. */
  readonly common: Hours | undefined;
  /** What is in the way within them, in the order of time. */
  readonly breaks: readonly Break[];
  /** The longest part of them that nothing is in the way of; the same as `common` where there is no break. Undefined where there is none. */
  readonly longest: Hours | undefined;
}

/** What one meter counted in some hours. */
export interface Counted {
  readonly counts: bigint;
  /** How many rows. */
  readonly blocks: number;
  /** The most that it counted in one. */
  readonly most: bigint;
}

/** Finds the hours. Both edges are edges of rows of both meters. */
export function alignLoads(tested: BlockLoad, check: BlockLoad): Alignment {
  const step = Math.max(tested.period, check.period) * 1000;
  const isWhole = step % (tested.period * 1000) === 0 && step % (check.period * 1000) === 0;
  const [spanT, spanC] = [spanOf(tested), spanOf(check)];
  if (!isWhole || spanT === undefined || spanC === undefined) return NOTHING;
  const common = edged({ from: Math.max(spanT.from, spanC.from), to: Math.min(spanT.to, spanC.to) }, step);
  if (common === undefined) return NOTHING;
  const breaks = [...breaksOf(tested, 'tested', common), ...breaksOf(check, 'check', common)].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  );
  return { common, breaks, longest: longestOf(common, breaks, step) };
}

/** What a meter counted in hours that {@link alignLoads} found. */
export function countedIn({ blocks }: BlockLoad, { from, to }: Hours): Counted {
  const counts = blocks.filter(({ end }) => end > from && end <= to).map((block) => BigInt(block.counts ?? '0'));
  return {
    counts: counts.reduce((sum, count) => sum + count, 0n),
    blocks: counts.length,
    most: counts.reduce((most, count) => (count > most ? count : most), 0n),
  };
}

const NOTHING: Alignment = { common: undefined, breaks: [], longest: undefined };

/** From the beginning of the first row to the end of the last. */
function spanOf({ blocks, period }: BlockLoad): Hours | undefined {
  if (blocks.length === 0) return undefined;
  const ends = blocks.map(({ end }) => end);
  return { from: Math.min(...ends) - period * 1000, to: Math.max(...ends) };
}

/** The hours without what is no whole period at their edges. */
function edged({ from, to }: Hours, step: number): Hours | undefined {
  const edges = { from: Math.ceil(from / step) * step, to: Math.floor(to / step) * step };
  return edges.to > edges.from ? edges : undefined;
}

function breaksOf({ blocks, period, clockSet = [] }: BlockLoad, meter: Break['meter'], { from, to }: Hours): Break[] {
  const step = period * 1000;
  const rows = new Map<number, LoadBlock[]>();
  for (const block of blocks) rows.set(block.end, [...(rows.get(block.end) ?? []), block]);
  const found: Break[] = [];
  for (let end = from + step; end <= to; end += step) {
    const why = fault(rows.get(end));
    const last = found.at(-1);
    if (why === undefined) continue;
    if (last !== undefined && last.why === why && last.to === end - step)
      found[found.length - 1] = { ...last, to: end };
    else found.push({ meter, why, from: end - step, to: end });
  }
  // How far the clocks stand apart is measured now: before one was set, nobody knows it.
  const set = Math.max(...clockSet);
  if (set > from) found.push({ meter, why: 'clock-set', from, to: Math.ceil(set / step) * step });
  return found;
}

function fault(rows: readonly LoadBlock[] | undefined): BreakReason | undefined {
  const [row, ...more] = rows ?? [];
  if (row === undefined) return 'missing';
  if (more.length > 0) return 'twice';
  if (row.counts === undefined || BigInt(row.counts) < 0n) return 'no-energy';
  return row.doubtful ? 'doubtful' : undefined;
}

function longestOf({ from, to }: Hours, breaks: readonly Break[], step: number): Hours | undefined {
  let longest: Hours | undefined;
  let begin = from;
  for (const { from: end, to: next } of [...breaks, { from: to, to }]) {
    const part = edged({ from: begin, to: end }, step);
    const length = longest === undefined ? 0 : longest.to - longest.from;
    if (part !== undefined && part.to - part.from >= length) longest = part;
    begin = Math.max(begin, next);
  }
  return longest;
}
