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

/** A meter that a pool may open: how, and what it shares with others. */
export interface PooledMeter {
  /** Opens it. The signal ends that. */
  readonly open: (signal: AbortSignal) => Promise<Meter>;
  /** What several meters are behind, as the address of a concentrator or a modem: no more than `perGateway` of them are open at once. */
  readonly gateway?: string;
  /** A line that several meters share (RS-485, the name of a serial port): two of them are never open at once. */
  readonly line?: string;
}

/** What became of one meter. */
export type PoolOutcome<P, T> = {
  /** As it was given. */
  readonly meter: P;
  /** How often it was tried. */
  readonly attempts: number;
} & (
  | { readonly ok: true; readonly value: T; readonly error?: undefined }
  | { readonly ok: false; readonly value?: undefined; readonly error: unknown }
);

/** What is done with each meter. The signal aborts when the pool is ended. */
export type PoolWork<P, T> = (meter: Meter, options: Required<CallOptions>, pooled: P) => Promise<T>;

/** What a pool was told. */
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

/** The work of a pool with one list of meters. */
export class PoolRun<P extends PooledMeter, T> {
  readonly #parts: PoolParts;
  readonly #work: PoolWork<P, T>;
  readonly #stop = new AbortController();
  readonly #turns = new Set<Turn>();
  /** Turns that were granted while too many outcomes waited. */
  #held: Turn[] = [];
  readonly #pauses = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  readonly #outcomes: PoolOutcome<P, T>[] = [];
  /** Meters whose outcome was not fetched. */
  #left: number;
  /** Who waits for an outcome. */
  #wake: (() => void) | undefined;

  constructor(meters: Iterable<P>, work: PoolWork<P, T>, parts: PoolParts) {
    this.#parts = parts;
    this.#work = work;
    const all = [...meters];
    this.#left = all.length;
    this.#ask(all.map((meter, order) => this.#turn(meter, order)));
  }

  /** What became of the next one that is done; undefined when all are. @throws what it was stopped for. */
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

  /** Ends what runs and waits until it has. */
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
    const turn: Turn = {
      shares,
      grant: () => {
        this.#turns.delete(turn);
        if (this.#outcomes.length >= this.#parts.concurrency) {
          this.#held.push(turn);
          return false;
        }
        const running = this.#run(meter, turn, ++attempt, order).finally(() => {
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

  async #run(meter: P, turn: Turn, attempts: number, order: number): Promise<void> {
    const { clock, backoff, attempts: most } = this.#parts;
    const begin = clock.now();
    const { error, final, value } = await this.#once(meter);
    const again = error !== undefined && !final && attempts < most && !this.#stop.signal.aborted;
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

  /** Opens it, does the work, closes it. Never throws. */
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

  /** Once the pool is ended it takes no longer than the time for a goodbye. */
  async #close(meter: Meter): Promise<void> {
    const { clock, grace } = this.#parts;
    const { signal } = this.#stop;
    let disarm: (() => void) | undefined;
    const hurry = () => {
      disarm ??= clock.at(clock.now() + grace, () => void meter.abort(signal.reason));
    };
    const off = onAbort(signal, hurry);
    if (signal.aborted) hurry();
    await meter.close();
    off();
    disarm?.();
  }

  #measure(error: { readonly thrown: unknown } | undefined, again: boolean, duration: Millis): void {
    const { onMetric } = this.#parts;
    if (onMetric === undefined) return;
    const outcome = error === undefined ? 'ok' : again ? 'again' : 'failed';
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

/** From 0 up to, not including, 1: neighbours lie far apart, so that what failed together does not come back together. */
function spread(order: number): number {
  return (Math.imul(order + 1, 0x9e37_79b1) >>> 0) / 0x1_0000_0000;
}
