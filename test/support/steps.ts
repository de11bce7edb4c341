/**
 * Work, counted without a clock: how often each function and each block of it ran, as V8 counts them for coverage. The same input takes the
 * same steps on every machine and beside any load. The counting begins with the import of this file and goes on: V8 counts the blocks of
 * those functions alone that are compiled later, so it stands first among the imports of a test.
 */

import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** What ran of those scripts since it was asked last. The answer of a session with its own thread comes at once. */
function taken(counts: (url: string) => boolean): number {
  let steps = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result) {
      if (!counts(url)) continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
  });
  return steps;
}

/** How often blocks and functions of a source file run. */
export function countSteps(file: string, work: () => void): number {
  const counts = (url: string) => url.includes(file);
  taken(counts);
  work();
  return taken(counts);
}

/** The steps of all that is no part of Node. */
export async function stepsOf(action: () => void | Promise<void>): Promise<number> {
  const counts = (url: string) => !url.startsWith('node:');
  taken(counts);
  const wait = action();
  if (wait !== undefined) await wait;
  return taken(counts);
}

const OWN = /\/(?:src|simulator)\/|node_modules\/(?:yaml|csv-parse|zod)\//;
const COPYING = ['slice', 'set', 'map', 'filter', 'indexOf', 'includes', 'fill'] as const;

/** The steps of this package and of those that read files for it, and how many octets were copied or looked through by what the engine does itself. */
export function countWork(work: () => void): number {
  let copied = 0;
  const { prototype } = Uint8Array as unknown as { prototype: Record<string, unknown> };
  const typed = Object.getPrototypeOf(prototype) as Record<string, (...args: unknown[]) => unknown>;
  const own = COPYING.map((name) => [name, typed[name] as (...args: unknown[]) => unknown] as const);
  const counts = (url: string) => OWN.test(url);
  try {
    for (const [name, method] of own) {
      typed[name] = function (this: Uint8Array, ...args: unknown[]) {
        const result = method.apply(this, args);
        const other = args[0] as ArrayLike<number> | undefined;
        if (name === 'set') copied += other?.length ?? 0;
        else if (name === 'slice') copied += (result as Uint8Array).length;
        else if (name === 'indexOf') copied += (result as number) < 0 ? this.length : (result as number);
        else copied += this.length;
        return result;
      };
    }
    taken(counts);
    work();
    return taken(counts) + copied;
  } finally {
    for (const [name, method] of own) typed[name] = method;
  }
}
