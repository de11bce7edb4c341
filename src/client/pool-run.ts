import { onAbort } from '../base/abort.js';
import { type Backoff, pauseBefore } from '../base/backoff.js';
import type { Clock, Millis } from '../base/clock.js';
import { CosemError } from '../base/errors.js';
import { type OnMetric, tell } from '../base/telemetry.js';
import { mayPass } from './attempts.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { unlessAborted } from './signals.js';
import type { Turn, Turns } from './turns.js';
import { Unanswered } from './unaccepted.js';

/** A meter for a pool: how to open it, and what it shares with others. */
export interface PooledMeter {
  /** Opens the meter. The signal aborts that. */
  readonly open: (signal: AbortSignal) => Promise<Meter>;
  /** What several meters are behind, such as the address of a concentrator or a modem. At most `perGateway` of them are open at once. */
  readonly gateway?: string;
  /** A line that several meters share (RS-485, the name of a serial port). At most one of them is open at a time. */
  readonly line?: string;
}

/** The outcome for one meter. */
export type PoolOutcome<P, T> = {
  /** The meter, as it was given to the pool. */
  readonly meter: P;
  /** How many tries were made. */
  readonly attempts: number;
} & (
  | {
      /** Whether the work succeeded. */
      readonly ok: true;
      /** What the work returned. */
      readonly value: T;
      /** Only for a failure. */
      readonly error?: undefined;
    }
  | {
      /** Whether the work succeeded. */
      readonly ok: false;
      /** Only for a success. */
      readonly value?: undefined;
      /** The error of the last try. */
      readonly error: unknown;
    }
);

/** The work for each meter. Its signal aborts when the pool is ended. */
export type PoolWork<P, T> = (meter: Meter, options: Required<CallOptions>, pooled: P) => Promise<T>;

/** The options of a pool, with defaults filled in. */
export interface PoolParts {
  readonly turns: Turns;
  readonly concurrency: number;
  readonly perGateway: number;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly grace: Millis;
  readonly onMetric: OnMetric | undefined;
  readonly clock: Clock;
}

/** One of the tries of a meter. */
interface Try {
  /** Its number, from 1. */
  readonly attempts: number;
  /** The place of the meter in the list. */
  readonly order: number;
  readonly unanswered: Unanswered;
}

/** A running pass of a pool over one list of meters. */
export class PoolRun<P extends PooledMeter, T> {
  readonly #parts: PoolParts;
  readonly #work: PoolWork<P, T>;
  readonly #stop = new AbortController();
  readonly #turns = new Set<Turn>();
  /** Turns that were granted while too many outcomes were waiting to be fetched. */
  #held: Turn[] = [];
  readonly #pauses = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  readonly #outcomes: PoolOutcome<P, T>[] = [];
  /** How many meters' outcomes have not been fetched. */
  #left: number;
  /** Wakes the caller that waits for an outcome. */
  #wake: (() => void) | undefined;

  constructor(meters: Iterable<P>, work: PoolWork<P, T>, parts: PoolParts) {
    this.#parts = parts;
    this.#work = work;
    const all = [...meters];
    this.#left = all.length;
    this.#ask(all.map((meter, order) => this.#turn(meter, order)));
  }

  /** The outcome of the next meter that is done; undefined when all are. @throws the error with which it was stopped. */
  async next(): Promise<PoolOutcome<P, T> | undefined> {
    for (;;) {
      if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
      const outcome = this.#outcomes.shift();
      if (outcome !== undefined) {
        this.#left--;
        this.#ask(this.#held.splice(0));
        return outcome;
      }
      if (this.#left === 0) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  stop(reason?: unknown): void {
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
    this.#parts.turns.drop((turn) => this.#turns.has(turn));
    this.#held = [];
    this.#stop.abort(reason);
    this.#wake?.();
  }

  /** Ends the running work and waits for its end. */
  async end(): Promise<void> {
    this.stop();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #ask(turns: readonly Turn[]): void {
    if (this.#stop.signal.aborted || turns.length === 0) return;
    for (const turn of turns) this.#turns.add(turn);
    this.#parts.turns.ask(turns);
  }

  #turn(meter: P, order: number): Turn {
    const shares = new Map<string, number>();
    if (meter.gateway !== undefined) shares.set(`gateway ${meter.gateway}`, this.#parts.perGateway);
    if (meter.line !== undefined) shares.set(`line ${meter.line}`, 1);
    let attempt = 0;
    const unanswered = new Unanswered();
    const turn: Turn = {
      shares,
      grant: () => {
        this.#turns.delete(turn);
        if (this.#outcomes.length >= this.#parts.concurrency) {
          this.#held.push(turn);
          return false;
        }
        const running = this.#run(meter, turn, { attempts: ++attempt, order, unanswered }).finally(() => {
          this.#running.delete(running);
          this.#level();
          this.#parts.turns.free(turn);
          this.#wake?.();
        });
        this.#running.add(running);
        this.#level();
        return true;
      },
    };
    return turn;
  }

  async #run(meter: P, turn: Turn, { attempts, order, unanswered }: Try): Promise<void> {
    const { clock, backoff, attempts: most } = this.#parts;
    const begin = clock.now();
    const { error, final, value } = await this.#once(meter);
    const may = error !== undefined && !final && unanswered.mayGoAgain(error.thrown);
    const again = may && attempts < most && !this.#stop.signal.aborted;
    this.#measure(error, again, clock.now() - begin);
    if (!again) {
      this.#outcomes.push(
        error === undefined
          ? { meter, attempts, ok: true, value: value as T }
          : { meter, attempts, ok: false, error: error.thrown },
      );
      return;
    }
    const cancel = clock.at(clock.now() + pauseBefore(attempts, backoff, () => spread(order)), () => {
      this.#pauses.delete(cancel);
      this.#ask([turn]);
    });
    this.#pauses.add(cancel);
  }

  /** One try: opens the meter, does the work, closes it. Never throws. */
  async #once(pooled: P): Promise<{ value?: T; error?: { readonly thrown: unknown }; final?: boolean }> {
    const { signal } = this.#stop;
    const opening = new AbortController();
    const off = onAbort(signal, () => opening.abort(signal.reason));
    let meter: Meter | undefined;
    try {
      meter = await pooled.open(opening.signal);
      off();
      signal.throwIfAborted();
      return { value: await unlessAborted(this.#work(meter, { signal }, pooled), signal) };
    } catch (thrown) {
      return { error: { thrown }, final: !mayPass(thrown) || meter?.changed === true };
    } finally {
      off();
      if (meter !== undefined) await this.#close(meter);
    }
  }

  /** Closes a meter. Once the pool was ended, this takes at most the time for a goodbye. */
  async #close(meter: Meter): Promise<void> {
    const { clock, grace } = this.#parts;
    const { signal } = this.#stop;
    let disarm: (() => void) | undefined;
    const hurry = () => {
      disarm ??= clock.at(clock.now() + grace, () => void meter.abort(signal.reason));
    };
    const off = onAbort(signal, hurry);
    try {
      if (signal.aborted) hurry();
      await meter.close();
    } catch {
      // A meter of the caller's own may fail to close: what its work came to is known.
    } finally {
      off();
      disarm?.();
    }
  }

  #measure(error: { readonly thrown: unknown } | undefined, again: boolean, duration: Millis): void {
    const { onMetric } = this.#parts;
    if (onMetric === undefined) return;
    // What ended the pool is nobody's fault, and what then fails is not the meter's.
    const ended = this.#stop.signal.aborted;
    const outcome = error === undefined ? 'ok' : again ? 'again' : ended ? 'ended' : 'failed';
    const { thrown } = error ?? {};
    const code = error === undefined ? 'none' : thrown instanceof CosemError ? thrown.code : 'other';
    const labels = { outcome, code };
    tell(onMetric, { name: 'cosem.pool.attempts', kind: 'count', value: 1, labels });
    tell(onMetric, { name: 'cosem.pool.duration', kind: 'duration', value: duration, labels });
  }

  #level(): void {
    const { onMetric } = this.#parts;
    tell(onMetric, { name: 'cosem.pool.running', kind: 'level', value: this.#running.size, labels: {} });
  }
}

/**
 * A number from 0 up to but not including 1. Neighbouring inputs give distant numbers, so that meters that failed together are not tried
 * again together.
 */
function spread(order: number): number {
  return (Math.imul(order + 1, 0x9e37_79b1) >>> 0) / 0x1_0000_0000;
}
