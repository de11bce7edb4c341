/** Measures work beside a reference in the same process, turn by turn, so that a slow or busy machine slows both. */

/** One line of the report. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly reference: string;
  readonly ratio: number;
  readonly target: string;
  readonly ok: boolean;
}

/** What to measure. One call of `work` does as much as one call of `reference`. */
export interface Comparison {
  readonly name: string;
  /** What the reference is: `JSON.parse`. */
  readonly against: string;
  /** Returns something that depends on all that was done, so that no engine leaves it out. */
  work(): unknown;
  reference(): unknown;
  /**
   * `atMost`: time of the work in times of the reference. `atLeast`: speed of the work in speeds of the reference. Left out: only
   * reported.
   */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
  /** What a call does how many times, for the report: `{ count: 1000, unit: 'frames' }` is shown in frames/s. */
  readonly per?: { readonly count: number; readonly unit: string };
  /** Rounds of which the median is taken. */
  readonly rounds?: number;
  /** Takes the best round of each instead: where two processes wait for each other, a third one that wants the processor delays nearly every round. */
  readonly best?: boolean;
}

const BATCH_MS = 40;
const WARM_UP_MS = 800;

/** Compares synchronous work. */
export function compare(comparison: Comparison): Row {
  const { work, reference, rounds = 15 } = comparison;
  const calls = (action: () => unknown): number => {
    let count = 0;
    const start = performance.now();
    while (performance.now() - start < WARM_UP_MS) {
      keep(action());
      count++;
    }
    return Math.max(1, Math.ceil((count * BATCH_MS) / WARM_UP_MS));
  };
  const counts = { work: calls(work), reference: calls(reference) };
  const times: Times[] = [];
  for (let i = 0; i < rounds; i++) {
    times.push({ reference: timeOf(reference, counts.reference), work: timeOf(work, counts.work) });
  }
  return rowOf(comparison, times);
}

/** Compares work that is waited for. */
export async function compareAsync(comparison: Comparison): Promise<Row> {
  const { work, reference, rounds = 15 } = comparison;
  const calls = async (action: () => unknown): Promise<number> => {
    let count = 0;
    const start = performance.now();
    while (performance.now() - start < WARM_UP_MS) {
      keep(await action());
      count++;
    }
    return Math.max(1, Math.ceil((count * BATCH_MS) / WARM_UP_MS));
  };
  const timed = async (action: () => unknown, count: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < count; i++) keep(await action());
    return (performance.now() - start) / count;
  };
  const counts = { work: await calls(work), reference: await calls(reference) };
  const times: Times[] = [];
  for (let i = 0; i < rounds; i++) {
    times.push({
      reference: await timed(reference, counts.reference),
      work: await timed(work, counts.work),
    });
  }
  return rowOf(comparison, times);
}

/** Milliseconds of one call, in one round. */
interface Times {
  readonly work: number;
  readonly reference: number;
}

function timeOf(action: () => unknown, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) keep(action());
  return (performance.now() - start) / count;
}

function rowOf({ name, against, target, per, best = false }: Comparison, all: readonly Times[]): Row {
  const least = (of: keyof Times) => Math.min(...all.map((times) => times[of]));
  const times = best ? [{ work: least('work'), reference: least('reference') }] : all;
  const show = (ms: number): string =>
    per === undefined ? `${(ms * 1000).toFixed(0)} µs` : `${Math.round((per.count * 1000) / ms)} ${per.unit}/s`;
  const atMost = target !== undefined && 'atMost' in target;
  const ratio = median(times.map(({ work, reference }) => (atMost ? work / reference : reference / work)));
  return {
    name,
    value: show(median(times.map(({ work }) => work))),
    reference: `${against} ${show(median(times.map(({ reference }) => reference)))}`,
    ratio,
    target: target === undefined ? '' : 'atMost' in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`,
    ok: target === undefined || ('atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast),
  };
}

/** Processor time of this process for one of `count` that the action does, in microseconds. */
export async function cpuOf(action: () => Promise<void>, count: number): Promise<number> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

let kept: unknown;

/** Keeps the last result, so that no engine leaves the work out, and lets go of the one before. */
function keep(value: unknown): void {
  if (value === undefined && kept === undefined) throw new Error('a benchmark must return what it made');
  kept = value;
}

/** Prints the rows as a table. */
export function print(rows: readonly Row[]): void {
  const lines = [
    ['name', 'value', 'reference', 'ratio', 'target', 'ok'],
    ...rows.map((row) => [row.name, row.value, row.reference, row.ratio.toFixed(2), row.target, row.ok ? 'yes' : 'NO']),
  ];
  const widths = (lines[0] as string[]).map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  for (const line of lines) console.log(line.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | '));
}
