import { onAbort } from '../base/abort.js';
import { type Backoff, checkBackoff } from '../base/backoff.js';
import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { OnMetric } from '../base/telemetry.js';
import type { CallOptions } from './meter-calls.js';
import { type PooledMeter, type PoolOutcome, type PoolParts, PoolRun, type PoolWork } from './pool-run.js';
import { Turns } from './turns.js';

/** How often a meter is tried, and with which pauses. */
export interface PoolRetry {
  /** Total number of tries. Default 3; 1 for no repetition. */
  readonly attempts?: number;
  /** The pauses between tries; other meters are served meanwhile. */
  readonly backoff?: Backoff;
}

/** Options of {@link MeterPool}. */
export interface PoolOptions {
  /** How many meters are open at once in total. Default 64. */
  readonly concurrency?: number;
  /** How many meters are open at once behind one gateway. Default 1. */
  readonly perGateway?: number;
  /**
   * A meter is tried again where another try may help (no answer, broken line): it is opened again, and its work starts from the beginning.
   * Work that has changed the meter, or may have, is never repeated.
   */
  readonly retry?: PoolRetry;
  /** How long a working meter may take to say goodbye when the pool is ended, in milliseconds. Default 5 s. */
  readonly grace?: Millis;
  /** Gets metrics: see docs/logging.md. */
  readonly onMetric?: OnMetric;
  /** The clock. Default the system's own. */
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
 * Works through many meters, with limits for all, for each gateway, and one at a time on a shared line. Each meter is opened, used and
 * closed.
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
  /** Limits apply to all passes that run at once. */
  readonly #parts: PoolParts;

  /** @throws StateError for an invalid number. */
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
   * Does the same work with each meter, and yields each outcome as soon as it is known, in no particular order. A failure is an outcome and
   * is not thrown. Leaving the loop, or the signal, ends the running work: working meters finish the current exchange, are released and
   * closed. New meters wait while outcomes are not fetched.
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
