import type { Millis } from './clock.js';
import { uncaught } from './listeners.js';

/** A number that says how things go. Nothing in it names a meter, a person or a key. */
export interface Metric {
  /** What is measured, as `cosem.call.duration`: the table in docs/logging.md has them all. */
  readonly name: string;
  /** `count`: so many more. `level`: so many at present. `duration`: milliseconds that something took. */
  readonly kind: 'count' | 'level' | 'duration';
  readonly value: number;
  /** Few values each, as the code of an error. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Is told metrics. What it throws does no harm and comes out as an error that nobody caught. */
export type OnMetric = (metric: Metric) => void;

/** A line of a log: what happened to a connection with a meter. No key, no password, no reading and no identity of a meter is in it. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What happened, as `meter.lost`: the table in docs/logging.md has them all. */
  readonly event: string;
  /** A sentence for people. */
  readonly text: string;
  /** Milliseconds since 1970, by the clock of the meter. */
  readonly time: Millis;
  /** The line, the client, what was measured. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** What went wrong. */
  readonly error?: unknown;
}

/** Is told what happens. What it throws does no harm and comes out as an error that nobody caught. */
export type OnLog = (entry: LogEntry) => void;

/** Tells a hook, where there is one. What it throws is thrown in a turn of its own. */
export function tell<E>(hook: ((event: E) => void) | undefined, event: E): void {
  try {
    hook?.(event);
  } catch (error) {
    uncaught(error);
  }
}
