import { createHash } from 'node:crypto';
import * as nodeFs from 'node:fs';
import { hostname } from 'node:os';
import { StateError } from '../base/errors.js';
import { systemErrorCode, systemErrorText } from '../base/system-error.js';
import { durableReplace, writeAll } from './node-durable.js';

/** The functions of `node:fs` that the store uses. They are an argument, so that tests can cut the power at every step. */
export type CounterFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fsyncSync' | 'openSync' | 'readFileSync' | 'renameSync' | 'statSync' | 'unlinkSync' | 'writeSync'
>;

/** The purpose of such a file. */
export interface CounterFileKind {
  /** For messages: `invocation counter file`. */
  readonly name: string;
  /** Its first line. */
  readonly heading: string;
  /** What to do when it is damaged. */
  readonly damaged: string;
}

/**
 * A small text file of numbers by name that only rise. It survives a crash at any moment: every write replaces the file durably, a check
 * sum reveals damage, and a lock file beside it keeps other processes out. A copy, `<file>.copy`, is written before each change. If the
 * file is removed or replaced by an older one, the highest of the numbers in file and copy, and of those that this process has seen,
 * counts. Calls block.
 */
export class CounterFile {
  readonly path: string;
  readonly #kind: CounterFileKind;
  readonly #patience: number;
  readonly #fs: CounterFileSystem;
  /** The highest numbers this process has seen in the file or written to it. */
  #seen: ReadonlyMap<string, number> = new Map();
  /** The version that this object last wrote or found. */
  #version = '';
  #epoch = 0;

  /** @param patience how long another process may hold the lock, in milliseconds. */
  constructor(path: string, kind: CounterFileKind, patience: number, fs: CounterFileSystem = nodeFs) {
    this.path = path;
    this.#kind = kind;
    this.#patience = patience;
    this.#fs = fs;
  }

  /** A text that changes whenever any process replaces the file. */
  version(): string {
    const stat = this.#fs.statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
  }

  /** A number that changes when another process wrote the file. */
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

  /** The numbers in a file; undefined where it does not exist. */
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

  /** @throws StateError when it cannot be written; the file then has the old or the new numbers. */
  write(counters: ReadonlyMap<string, number>): void {
    const text = serialize(this.#kind.heading, counters);
    this.epoch();
    try {
      // The copy is written first, so it is never behind.
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

  /**
   * Removes the lock of a dead process. It needs a second lock, because two processes that notice the same lock could otherwise remove each
   * other's.
   */
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
    // A loss of power can leave an empty lock, because its text is written after the file is made.
    if (pid === undefined) return this.#age(lock) > TORN_LOCK_AGE;
    if (host !== hostname()) return false;
    try {
      process.kill(Number(pid), 0);
      return false;
    } catch (error) {
      return systemErrorCode(error) === 'ESRCH';
    }
  }

  /** The age of a file in milliseconds; 0 when it does not exist. */
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
    const code = cause instanceof StateError ? undefined : systemErrorCode(cause);
    if (code === undefined) return cause as Error;
    return new StateError(`the ${this.#kind.name} ${this.path} ${what}: ${systemErrorText(cause)}`, {
      hint: FULL.has(code)
        ? 'make room on the disk: until then no number of it is given out'
        : 'check that its directory exists and that you may write there',
      cause,
    });
  }
}

const TORN_LOCK_AGE = 10_000;
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Combines what files contain with what this process has seen in them.
 * @param whole whether all files exist. Then numbers that are in none of them were forgotten on purpose. When a file is missing, nothing
 * was decided.
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

/** The text of a file: a heading, a line `next<TAB>entry` for each number, and a check sum over all that, which reveals damage. */
function serialize(heading: string, counters: ReadonlyMap<string, number>): string {
  let text = `${heading}\n`;
  for (const [entry, next] of counters) text += `${next}\t${JSON.stringify(entry)}\n`;
  return `${text}sha256\t${checkSum(text)}\n`;
}

/** Reads the text; undefined when it is not what `serialize` writes. */
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
