import { onAbort } from '../base/abort.js';
import { type Backoff, checkBackoff } from '../base/backoff.js';
import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { OnMetric } from '../base/telemetry.js';
import type { CallOptions } from './meter-calls.js';
import { type PooledMeter, type PoolOutcome, type PoolParts, PoolRun, type PoolWork } from './pool-run.js';
import { Turns } from './turns.js';

/** How often a meter is tried. */
export interface PoolRetry {
  /** How often in all; 3 unless told otherwise, 1: once. */
  readonly attempts?: number;
  /** The pauses between tries, in which others have their turn. */
  readonly backoff?: Backoff;
}

/** What a {@link MeterPool} is told. */
export interface PoolOptions {
  /** Meters that are open at once in all; 64 unless told otherwise. */
  readonly concurrency?: number;
  /** Meters that are open at once behind one gateway; 1 unless told otherwise. */
  readonly perGateway?: number;
  /**
   * Where another try may fare better (nobody answers, the line broke) a meter is tried again: opened anew, and its work done from the beginning.
   * Work that has changed the meter, or may have, is never done again.
   */
  readonly retry?: PoolRetry;
  /** How long a meter that is at work may take to say goodbye when the pool is ended, in milliseconds; 5 s unless told otherwise. */
  readonly grace?: Millis;
  /** Told how things go: see docs/logging.md. */
  readonly onMetric?: OnMetric;
  /** The machine's own unless told otherwise. */
  readonly clock?: Clock;
}

const POOL_OPTIONS: OptionNames<PoolOptions> = {
  concurrency: true,
  perGateway: true,
  retry: true,
  grace: true,
  onMetric: true,
  clock: true,
};

/**
 * Many meters, so many at once, so many behind each gateway, and one at a time on a line that they share. Each is opened, asked and closed.
 *
 * ```ts
 * const pool = new MeterPool({ concurrency: 64, perGateway: 1 });
 * const meters = places.map(({ host, server }) => ({
 *   gateway: host,
 *   open: (signal: AbortSignal) => open(tcp(host, 4059), { framing: 'wrapper', server, signal }),
 * }));
 * for await (const { meter, value, error } of pool.each(meters, (m) => m.readings(readingsOf(is15959, 'energy')))) …
 * ```
 */
export class MeterPool {
  /** What is shared is shared by all that run at once. */
  readonly #parts: PoolParts;

  /** @throws StateError when a number cannot be. */
  constructor(options: PoolOptions = {}) {
    checkOptions(options, POOL_OPTIONS, 'MeterPool');
    const { concurrency = 64, perGateway = 1, retry = {}, grace = 5000, onMetric, clock = systemClock } = options;
    checkOptions(retry, { attempts: true, backoff: true }, 'MeterPool', { within: 'retry' });
    const { attempts = 3, backoff = {} } = retry;
    for (const [name, value] of Object.entries({ concurrency, perGateway, attempts })) {
      if (!(Number.isInteger(value) && value >= 1)) {
        throw new StateError(`a pool with ${name} ${value}`, { hint: 'a whole number from 1 on' });
      }
    }
    checkBackoff(backoff);
    const turns = new Turns(concurrency);
    this.#parts = { turns, concurrency, perGateway, attempts, backoff, grace, onMetric, clock };
  }

  /**
   * Does the same with each meter, and gives what became of it as soon as that is known: in no order. What fails is an outcome and no throw.
   * Leaving the loop, or the signal, ends what runs: meters at work finish the exchange under way, are released and closed. The next meters
   * wait when results are not fetched.
   * @throws the signal's reason.
   */
  async *each<P extends PooledMeter, T>(
    meters: Iterable<P>,
    work: PoolWork<P, T>,
    { signal }: CallOptions = {},
  ): AsyncGenerator<PoolOutcome<P, T>, void, undefined> {
    signal?.throwIfAborted();
    const run = new PoolRun<P, T>(meters, work, this.#parts);
    const off = signal && onAbort(signal, () => run.stop(signal.reason));
    try {
      for (;;) {
        const outcome = await run.next();
        if (outcome === undefined) break;
        yield outcome;
      }
    } finally {
      off?.();
      await run.end();
    }
  }
}
