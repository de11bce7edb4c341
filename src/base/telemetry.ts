import type { Millis } from './clock.js';
import { uncaught } from './listeners.js';

/** One measured number for a monitoring system. Nothing in it names a meter, a person or a key. */
export interface Metric {
  /** What is measured, such as `cosem.call.duration`: docs/logging.md lists all of them. */
  readonly name: string;
  /** What `value` means. `count`: so many more than before. `level`: so many at present. `duration`: milliseconds that something took. */
  readonly kind: 'count' | 'level' | 'duration';
  /** The number itself, by `kind` a number of things or of milliseconds. */
  readonly value: number;
  /** Labels with few possible values each, such as the code of an error. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Is called with each metric. What it throws becomes an uncaught error of the process and disturbs nothing else. */
export type OnMetric = (metric: Metric) => void;

/** A line of a log: what happened to a connection with a meter. No key, no password, no reading and no identity of a meter is in it. */
export interface LogEntry {
  /** How important it is, in the terms of common loggers. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What happened, such as `meter.lost`: docs/logging.md lists all of them. */
  readonly event: string;
  /** A sentence for people. */
  readonly text: string;
  /** When it happened: milliseconds since 1970 by the clock that `open` was given. */
  readonly time: Millis;
  /** Details by name: the line, the client SAP, what was measured. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** What went wrong. */
  readonly error?: unknown;
}

/** Is called with each entry. What it throws becomes an uncaught error of the process and disturbs nothing else. */
export type OnLog = (entry: LogEntry) => void;

/** Calls a hook, where there is one. What it throws is thrown again in a turn of its own. */
export function tell<E>(hook: ((event: E) => void) | undefined, event: E): void {
  try {
    hook?.(event);
  } catch (error) {
    uncaught(error);
  }
}
