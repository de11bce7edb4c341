import type { Readable, Writable } from 'node:stream';
import type { Clock, LogEntry, Transport } from '../src/index.js';
import type { TraceEvent } from '../src/tools.js';

/** What a line of the log tells beside time, process and event. Never anything secret or personal. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where a run writes down what happens. It never throws. */
export interface EventLog {
  /** Adds a line about an event, such as `refused`. */
  add(event: string, fields: LogFields): void;
  /** Adds what the library tells of a connection. */
  entry(entry: LogEntry): void;
  /** Counts what crosses a line, for the summary at the end. @param line its name. */
  see(line: string, event: TraceEvent): void;
}

/** The surroundings of the command. Tests give their own. */
export interface Io {
  /** Standard input. */
  readonly stdin: Readable & {
    /** Whether it is a terminal. */
    readonly isTTY?: boolean;
  };
  /** Standard output: what the command was asked for, or its JSON document. */
  readonly stdout: Writable & {
    /** Whether it is a terminal. */
    readonly isTTY?: boolean;
  };
  /** Standard error: notes, progress and errors. */
  readonly stderr: Writable & {
    /** Whether it is a terminal. */
    readonly isTTY?: boolean;
  };
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or SIGTERM, with {@link Interrupted} as reason: running work then releases the meter and ends. */
  readonly signal: AbortSignal;
  /** The clock of lines to meters. The system's own when left out. */
  readonly clock?: Clock;
  /** Lines by the name that sentences give them, in place of those of the system: `/dev/ttyUSB0`, `10.0.0.7:4059`. */
  readonly lines?: (name: string) => Transport;
  /** The log of this run, where one was asked for (`--log`). Nothing secret or personal goes into it. */
  readonly log?: EventLog;
}

/** The command was interrupted: it ends with its own exit code after the meter was released. */
export class Interrupted extends Error {
  /** Whether there was a meter to release. */
  released = false;

  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
