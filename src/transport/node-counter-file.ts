import { createHash } from 'node:crypto';
import * as nodeFs from 'node:fs';
import { hostname } from 'node:os';
import { StateError } from '../base/errors.js';
import { durableReplace, systemErrorCode, writeAll } from './node-durable.js';

/** What the store needs of `node:fs`: an argument, so that tests can cut the power at every step. */
export type CounterFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fsyncSync' | 'openSync' | 'readFileSync' | 'renameSync' | 'statSync' | 'unlinkSync' | 'writeSync'
>;

/** What such a file is for. */
export interface CounterFileKind {
  /** For messages: `invocation counter file`. */
  readonly name: string;
  /** Its first line. */
  readonly heading: string;
  /** What to do when it is damaged. */
  readonly damaged: string;
}

/**
 * A small text file of numbers by name, which only rise, that survives crashes at any moment: every write replaces it durably, a check sum
 * tells a damaged one, and a lock file beside it keeps other processes out meanwhile. A copy, `<file>.copy`, is written before each change:
 * where the file is removed or an older one put in its place, the highest number of both counts, and of what this process has seen. Blocking
 * calls.
 */
export class CounterFile {
  readonly path: string;
  readonly #kind: CounterFileKind;
  readonly #patience: number;
  readonly #fs: CounterFileSystem;
  /** The highest numbers this process has seen in the file or written to it. */
  #seen: ReadonlyMap<string, number> = new Map();
  /** As this object has written it last, or found it. */
  #version = '';
  #epoch = 0;

  /** @param patience how long another process may hold the lock, in milliseconds. */
  constructor(path: string, kind: CounterFileKind, patience: number, fs: CounterFileSystem = nodeFs) {
    this.path = path;
    this.#kind = kind;
    this.#patience = patience;
    this.#fs = fs;
  }

  /** Changes with every rename over the file, by whomever. */
  version(): string {
    const stat = this.#fs.statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
  }

  /** Changes when the file was written by anybody else than this object. */
  epoch(): number {
    const version = this.version();
    if (version !== this.#version) this.#epoch++;
    this.#version = version;
    return this.#epoch;
  }

  /** The number of every entry. @throws StateError when it is damaged or cannot be read. */
  read(): Map<string, number> {
    const { path, copy } = this;
    const own = this.#numbersIn(path, this.#kind.damaged);
    const copied = this.#numbersIn(copy, `if ${path} is there and newer than any restart, remove the copy`);
    const numbers = higher(own ?? [], copied ?? []);
    const all = withSeen(numbers, this.#seen, own !== undefined && copied !== undefined);
    this.#seen = new Map(all);
    return all;
  }

  get copy(): string {
    return `${this.path}.copy`;
  }

  /** Undefined where there is no such file. */
  #numbersIn(path: string, hint: string): Map<string, number> | undefined {
    let text: string;
    try {
      text = this.#fs.readFileSync(path, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw this.failure('cannot be read', error);
    }
    const numbers = parse(this.#kind.heading, text);
    if (numbers !== undefined) return numbers;
    throw new StateError(`the ${this.#kind.name} ${path} is damaged`, { hint });
  }

  /** @throws StateError when it cannot be written: what it holds counts then as it did, or as it was to. */
  write(counters: ReadonlyMap<string, number>): void {
    const text = serialize(this.#kind.heading, counters);
    this.epoch();
    try {
      // The copy first: it is never behind.
      durableReplace(this.copy, text, this.#fs);
      durableReplace(this.path, text, this.#fs);
    } catch (error) {
      throw this.failure('cannot be written', error);
    }
    this.#version = this.version();
    this.#seen = new Map(counters);
  }

  /** Runs the action as the only process on this file. */
  locked<T>(action: () => T): T {
    const lock = `${this.path}.lock`;
    const until = performance.now() + this.#patience;
    while (!this.#take(lock)) {
      if (this.#breakIfStale(lock)) continue;
      if (performance.now() > until) {
        throw new StateError(`the ${this.#kind.name} ${this.path} is locked by ${this.#owner(lock)}`, {
          hint: `if no such process uses it, remove ${lock} and ${lock}.break`,
        });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
    try {
      return action();
    } finally {
      this.#remove(lock);
    }
  }

  #take(lock: string): boolean {
    let file: number;
    try {
      file = this.#fs.openSync(lock, 'wx', 0o600);
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw this.failure('cannot be locked', error);
    }
    try {
      try {
        writeAll(file, `process ${process.pid} on ${hostname()}`, this.#fs);
      } finally {
        this.#fs.closeSync(file);
      }
      return true;
    } catch (error) {
      // On a full disk a lock can be made, and not be written.
      this.#remove(lock);
      throw this.failure('cannot be locked', error);
    }
  }

  /** Removes the lock of a process that died. Only under a second lock, lest two who see it remove each other's. */
  #breakIfStale(lock: string): boolean {
    if (!this.#isStale(lock)) return false;
    const second = `${lock}.break`;
    if (!this.#take(second)) return false;
    try {
      if (this.#isStale(lock)) this.#remove(lock);
      return true;
    } finally {
      this.#remove(second);
    }
  }

  #isStale(lock: string): boolean {
    const [, pid, host] = /^process (\d+) on (.*)$/.exec(this.#owner(lock)) ?? [];
    // A loss of power can leave a lock without its text, which is written at once after it is made.
    if (pid === undefined) return this.#age(lock) > TORN_LOCK_AGE;
    if (host !== hostname()) return false;
    try {
      process.kill(Number(pid), 0);
      return false;
    } catch (error) {
      return systemErrorCode(error) === 'ESRCH';
    }
  }

  /** In milliseconds; 0 when there is no such file. */
  #age(path: string): number {
    const stat = this.#fs.statSync(path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? 0 : Date.now() - Number(stat.mtimeNs / 1_000_000n);
  }

  #owner(lock: string): string {
    try {
      return this.#fs.readFileSync(lock, 'utf8');
    } catch {
      return 'somebody';
    }
  }

  #remove(path: string): void {
    try {
      this.#fs.unlinkSync(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw this.failure('cannot be unlocked', error);
    }
  }

  /** @internal What a failure of the file system at this file, or one beside it, means. */
  failure(what: string, cause: unknown): Error {
    if (cause instanceof StateError || !(cause instanceof Error) || systemErrorCode(cause) === undefined)
      return cause as Error;
    return new StateError(`the ${this.#kind.name} ${this.path} ${what}: ${systemErrorCode(cause)}`, {
      hint: FULL.has(systemErrorCode(cause) ?? '')
        ? 'make room on the disk: until then no number of it is given out'
        : 'check that its directory exists and that you may write there',
      cause,
    });
  }
}

const TORN_LOCK_AGE = 10_000;
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * What files hold, and what this process has seen in them.
 * @param whole they are all there: what is in none of them was forgotten. Where one is gone, whoever took it away decided nothing.
 */
export function withSeen(
  numbers: ReadonlyMap<string, number>,
  seen: ReadonlyMap<string, number>,
  whole: boolean,
): Map<string, number> {
  return higher(numbers, whole ? [...seen].filter(([name]) => numbers.has(name)) : seen);
}

/** The higher number of each name. */
export function higher(
  a: Iterable<readonly [string, number]>,
  b: Iterable<readonly [string, number]>,
): Map<string, number> {
  const numbers = new Map(a);
  for (const [name, number] of b) numbers.set(name, Math.max(number, numbers.get(name) ?? 0));
  return numbers;
}

/** A heading, a line `next<TAB>entry` each, and a check sum over all that: a torn or changed file is found out. */
function serialize(heading: string, counters: ReadonlyMap<string, number>): string {
  let text = `${heading}\n`;
  for (const [entry, next] of counters) text += `${next}\t${JSON.stringify(entry)}\n`;
  return `${text}sha256\t${checkSum(text)}\n`;
}

/** Undefined when the text is not what `serialize` writes. */
function parse(heading: string, text: string): Map<string, number> | undefined {
  const end = text.lastIndexOf('sha256\t');
  const body = text.slice(0, end);
  if (end < 0 || !body.startsWith(`${heading}\n`) || text.slice(end) !== `sha256\t${checkSum(body)}\n`)
    return undefined;
  const counters = new Map<string, number>();
  for (const line of body.split('\n').slice(1, -1)) {
    const [next, entry] = line.split('\t');
    counters.set(JSON.parse(entry as string) as string, Number(next));
  }
  return counters;
}

function checkSum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
