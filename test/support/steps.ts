import { Session } from 'node:inspector';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

const COPYING = ['slice', 'set', 'map', 'filter', 'indexOf', 'includes', 'fill'] as const;

/**
 * What a piece of work costs, without a clock: how often each block of the code ran, loops round by round, and how many octets were copied
 * or looked through by what the engine does itself.
 */
export function countSteps(work: () => void, scripts = /\/(?:src|simulator)\/|node_modules\/yaml\//): number {
  const session = new Session();
  session.connect();
  let copied = 0;
  const { prototype } = Uint8Array as unknown as { prototype: Record<string, unknown> };
  const typed = Object.getPrototypeOf(prototype) as Record<string, (...args: unknown[]) => unknown>;
  const own = COPYING.map((name) => [name, typed[name] as (...args: unknown[]) => unknown] as const);
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
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
    work();
    let steps = 0;
    session.post('Profiler.takePreciseCoverage', (_error: Error | null, { result }: Coverage) => {
      for (const { url, functions } of result) {
        if (!scripts.test(url)) continue;
        for (const { ranges } of functions) for (const { count } of ranges) steps += count;
      }
    });
    return steps + copied;
  } finally {
    for (const [name, method] of own) typed[name] = method;
    session.disconnect();
  }
}
