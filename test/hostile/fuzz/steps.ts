/**
 * Work, counted without a clock: how often each function and each block of it ran, as the engine counts them for coverage. The same input
 * takes the same steps on every machine and beside any load.
 */

import { Session } from 'node:inspector';

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** Counts until it is stopped. One at a time. */
export class StepCounter {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The steps that it takes. */
  async of(action: () => void | Promise<void>): Promise<number> {
    this.#taken();
    const wait = action();
    if (wait !== undefined) await wait;
    return this.#taken();
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  #taken(): number {
    let steps = 0;
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      for (const { url, functions } of (taken as Coverage).result) {
        if (url.startsWith('node:')) continue;
        for (const { ranges } of functions) for (const { count } of ranges) steps += count;
      }
    });
    return steps;
  }
}
