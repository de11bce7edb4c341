/**
 * The log of a run: `--log FILE`, or COSEM_LOG. A line of JSON for each thing that happened: times, versions, the command with its arguments
 * masked, ports, causes, how much crossed the line. No key, password, one-time code, reading or personal data is in it.
 */

import * as nodeFs from 'node:fs';
import { arch, homedir, platform, release } from 'node:os';
import type { LogEntry } from '../src/index.js';
import { jsonText } from '../src/inspect.js';
import { systemErrorCode, systemErrorText } from '../src/node.js';
import type { TraceEvent } from '../src/tools.js';
import type { EventLog, LogFields } from './io.js';
import { cosemVersion } from './version.js';

/** The functions of `node:fs` that the log uses. They are an argument, so that tests can fill the disk. */
type LogFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fstatSync' | 'openSync' | 'readSync' | 'renameSync' | 'writeSync'
>;

/** Octets after which a log is put aside as FILE.1, in place of the one before. */
const MOST_OCTETS = 1_000_000;
/** Characters of a text. What is longer is cut. */
const MOST_CHARACTERS = 400;
/** Reasons for octets that were discarded, of which each is counted by itself. */
const MOST_REASONS = 8;
const OWNER_ALONE = 0o600;
const NEWLINE = 10;

/** What crossed one line. */
interface Crossed {
  sent: number;
  sentOctets: number;
  received: number;
  receivedOctets: number;
  readonly discarded: Map<string, number>;
}

interface RunLogOptions {
  readonly fs?: LogFileSystem;
  /** Octets of a log before it is put aside. */
  readonly most?: number;
  readonly now?: () => Date;
}

/** The log of one run. Its failures stop nothing: they are told once. */
export class RunLog implements EventLog {
  readonly file: string;
  readonly #onFailure: (why: string) => void;
  readonly #fs: LogFileSystem;
  readonly #most: number;
  readonly #now: () => Date;
  readonly #crossed = new Map<string, Crossed>();
  readonly #began: Date;
  #failed = false;

  /** @param onFailure told once, when the log cannot be written: why, in words. */
  constructor(file: string, onFailure: (why: string) => void, options: RunLogOptions = {}) {
    this.file = file;
    this.#onFailure = onFailure;
    this.#fs = options.fs ?? nodeFs;
    this.#most = options.most ?? MOST_OCTETS;
    this.#now = options.now ?? (() => new Date());
    this.#began = this.#now();
  }

  /** @param command with what is secret or personal masked. */
  begin(command: string): void {
    const system = `${platform()} ${arch()} ${release()}`;
    this.add('began', { cosem: cosemVersion(), node: process.versions.node, system, command });
  }

  /** Adds a line. */
  add(event: string, fields: LogFields): void {
    const texts = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutHome(value).slice(0, MOST_CHARACTERS) : value,
    ]);
    const line = jsonText({ time: localTime(this.#now()), run: process.pid, event, ...Object.fromEntries(texts) });
    try {
      this.#append(Buffer.from(`${line}\n`));
    } catch (error) {
      if (!this.#failed) this.#onFailure(systemErrorText(error));
      this.#failed = true;
    }
  }

  /** What the library tells of a connection. */
  entry({ level, event, text, fields }: LogEntry): void {
    this.add(event, { level, text, ...fields });
  }

  /** Counts what crosses a line. */
  see(line: string, event: TraceEvent): void {
    const crossed = this.#crossed.get(line) ?? newCrossed();
    this.#crossed.set(line, crossed);
    if (event.type === 'octets') {
      crossed[event.direction] += 1;
      crossed[`${event.direction}Octets`] += event.bytes.length;
    } else if (event.type === 'link' && event.event.type === 'discarded') {
      const { discarded } = crossed;
      const { reason } = event.event;
      const known = discarded.has(reason) || discarded.size < MOST_REASONS ? reason : 'other reasons';
      discarded.set(known, (discarded.get(known) ?? 0) + 1);
    }
  }

  /** What crossed the lines, and how the run ended. */
  end(exit: number): void {
    for (const [line, { discarded, ...counts }] of this.#crossed) {
      const reasons = [...discarded].map(([reason, count]) => `${count}: ${reason}`).join('; ');
      this.add('frames', { line, ...counts, ...(reasons === '' ? {} : { discarded: reasons }) });
    }
    this.add('ended', { exit, seconds: Math.round((this.#now().getTime() - this.#began.getTime()) / 100) / 10 });
  }

  #append(line: Uint8Array): void {
    const file = this.#fs.openSync(this.file, 'a+', OWNER_ALONE);
    let full = false;
    try {
      const stat = this.#fs.fstatSync(file);
      const length = stat.isFile() ? stat.size : 0;
      full = length > 0 && length + line.length > this.#most;
      if (!full) this.#write(file, line, length);
    } finally {
      this.#fs.closeSync(file);
    }
    if (!full) return;
    this.#fs.renameSync(this.file, `${this.file}.1`);
    this.#append(line);
  }

  /** A line that a full disk or a power cut left half begins no other. */
  #write(file: number, line: Uint8Array, length: number): void {
    const last = new Uint8Array(1);
    const torn = length > 0 && this.#fs.readSync(file, last, 0, 1, length - 1) === 1 && last[0] !== NEWLINE;
    const octets = torn ? Buffer.concat([Uint8Array.of(NEWLINE), line]) : line;
    // At once, so that two programs with one log do not mix their lines.
    const written = this.#fs.writeSync(file, octets);
    if (written < octets.length) throw Object.assign(new Error('written in part'), { code: 'ENOSPC' });
  }
}

function newCrossed(): Crossed {
  return { sent: 0, sentOctets: 0, received: 0, receivedOctets: 0, discarded: new Map() };
}

/** The home folder has the name of a person. */
export function withoutHome(text: string): string {
  const home = homedir();
  return home.length < 2 ? text : text.replaceAll(home, '~');
}

/** `2026-12-01T17:20:02.123+05:30`, by the clock and the time zone of this machine. */
export function localTime(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  const zone = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return new Date(date.getTime() + minutes * 60_000).toISOString().replace('Z', zone);
}

/** Where an unexpected error came from: functions, files and lines of the program, without the message. */
export function placesOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const places = (error.stack ?? '').split('\n').flatMap((line) => {
    const [, name = '', file, at] = /^ +at (?:([\w.#<> ]+) \()?.*?([\w.-]+\.[jt]s):(\d+):\d+\)?$/.exec(line) ?? [];
    return file === undefined ? [] : [`${name} ${file}:${at}`.trim()];
  });
  return [error.constructor.name, systemErrorCode(error), ...places.slice(0, 5)].filter(Boolean).join(', ');
}
