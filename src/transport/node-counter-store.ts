import { createHash } from 'node:crypto';
import * as nodeFs from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { StateError } from '../base/errors.js';
import {
  type CounterStore,
  checkCounterLeft,
  FIRST_INVOCATION_COUNTER,
  LAST_INVOCATION_COUNTER,
} from '../security/counter.js';

/** What the store needs of `node:fs`: an argument, so that tests can cut the power at every step. */
export type CounterFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fsyncSync' | 'openSync' | 'readFileSync' | 'renameSync' | 'statSync' | 'unlinkSync' | 'writeSync'
>;

export interface FileCounterStoreOptions {
  /** How many counters one write to the file reserves: as many are lost at most when the process ends. 256 unless told otherwise. */
  readonly block?: number;
  /** How long another process may hold the lock, in milliseconds. 5000 unless told otherwise. */
  readonly patience?: number;
  readonly fs?: CounterFileSystem;
}

/** Counters reserved in the file for this process: `next` up to, not including, `end`. */
interface Reservation {
  next: number;
  end: number;
}

/**
 * Invocation counters that survive crashes and restarts, in a small text file. A block of counters is reserved durably (temporary
 * file, fsync, rename, fsync of the directory) before the first of them is used; what a crash leaves of a block is skipped, never
 * used again. Several processes may share a file: each reserves its own blocks under a lock file beside it, and one that finds that
 * another was there meanwhile goes on above it, so that the meter always sees counters rise. A damaged file is an error with words,
 * never a restart at 1: that would repeat counters under a live key and so lay open what was encrypted.
 *
 * Blocking calls, a few microseconds each; one in `block` costs the fsync.
 */
export class FileCounterStore implements CounterStore {
  readonly path: string;
  readonly #block: number;
  readonly #patience: number;
  readonly #fs: CounterFileSystem;
  readonly #reserved = new Map<string, Reservation>();
  /** Which version of the file our reservations were made in. */
  #seen = '';

  /** @param path of the file, made with its first entry; its directory must exist. */
  constructor(path: string, options: FileCounterStoreOptions = {}) {
    const { block = 256, patience = 5000, fs = nodeFs } = options;
    if (!Number.isInteger(block) || block < 1) throw new StateError(`a block of ${block} invocation counters`);
    this.path = path;
    this.#block = block;
    this.#patience = patience;
    this.#fs = fs;
  }

  next(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next++;
    const reservation = this.#locked(() => this.#reserve(entry, FIRST_INVOCATION_COUNTER));
    return reservation.next++;
  }

  peek(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next;
    return this.#read().get(entry) ?? FIRST_INVOCATION_COUNTER;
  }

  raise(entry: string, atLeast: number): void {
    if (atLeast <= this.peek(entry)) return;
    const held = this.#held(entry);
    if (held !== undefined && atLeast < held.end) held.next = atLeast;
    else this.#locked(() => this.#reserve(entry, atLeast));
  }

  /** Our reservation, unless another process wrote the file after us: then its counters may lie above ours already. */
  #held(entry: string): Reservation | undefined {
    if (this.#reserved.size > 0 && this.#version() !== this.#seen) this.#reserved.clear();
    return this.#reserved.get(entry);
  }

  #reserve(entry: string, atLeast: number): Reservation {
    const counters = this.#read();
    const next = Math.max(counters.get(entry) ?? FIRST_INVOCATION_COUNTER, atLeast);
    checkCounterLeft(next);
    const end = Math.min(next + this.#block, LAST_INVOCATION_COUNTER);
    counters.set(entry, end);
    // The file is about to change by our own hand: reservations made in the version we just read stay good.
    const current = this.#version() === this.#seen;
    this.#write(counters);
    if (!current) this.#reserved.clear();
    this.#seen = this.#version();
    const reservation = { next, end };
    this.#reserved.set(entry, reservation);
    return reservation;
  }

  /** Changes with every rename over the file, by whomever. */
  #version(): string {
    const stat = this.#fs.statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
  }

  /** Next counter of every entry. */
  #read(): Map<string, number> {
    let text: string;
    try {
      text = this.#fs.readFileSync(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return new Map();
      throw this.#failure('cannot be read', error);
    }
    const counters = parse(text);
    if (counters !== undefined) return counters;
    throw new StateError(`the invocation counter file ${this.path} is damaged`, {
      hint: 'put a back-up in its place, or remove it and read the counters from the meters before the next ciphered association',
    });
  }

  #write(counters: ReadonlyMap<string, number>): void {
    const { path } = this;
    const temporary = `${path}.tmp`;
    try {
      this.#durably(temporary, 'w', (file) => this.#writeAll(file, serialize(counters)));
      this.#fs.renameSync(temporary, path);
      this.#syncDirectory();
    } catch (error) {
      throw this.#failure('cannot be written', error);
    }
  }

  #durably(path: string, flags: string, action: (file: number) => void): void {
    const file = this.#fs.openSync(path, flags, 0o600);
    try {
      action(file);
      this.#fs.fsyncSync(file);
    } finally {
      this.#fs.closeSync(file);
    }
  }

  #writeAll(file: number, text: string): void {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset < bytes.length; ) offset += this.#fs.writeSync(file, bytes, offset);
  }

  /** The rename itself must last. Windows cannot open directories, and does not need to. */
  #syncDirectory(): void {
    if (process.platform === 'win32') return;
    this.#durably(dirname(this.path), 'r', () => undefined);
  }

  /** Runs the action as the only process on this file. */
  #locked<T>(action: () => T): T {
    const lock = `${this.path}.lock`;
    const until = performance.now() + this.#patience;
    while (!this.#take(lock)) {
      if (this.#breakIfStale(lock)) continue;
      if (performance.now() > until) {
        throw new StateError(`the invocation counter file ${this.path} is locked by ${this.#owner(lock)}`, {
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
    try {
      const file = this.#fs.openSync(lock, 'wx', 0o600);
      try {
        this.#writeAll(file, `process ${process.pid} on ${hostname()}`);
      } finally {
        this.#fs.closeSync(file);
      }
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw this.#failure('cannot be locked', error);
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
      return codeOf(error) === 'ESRCH';
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
      if (codeOf(error) !== 'ENOENT') throw this.#failure('cannot be unlocked', error);
    }
  }

  #failure(what: string, cause: unknown): Error {
    if (cause instanceof StateError || !(cause instanceof Error) || codeOf(cause) === undefined) return cause as Error;
    return new StateError(`the invocation counter file ${this.path} ${what}: ${codeOf(cause)}`, {
      hint: 'check that its directory exists and that you may write there',
      cause,
    });
  }
}

const TORN_LOCK_AGE = 10_000;
const HEADING = 'cosem invocation counters 1';

/** A heading, a line `next<TAB>entry` each, and a check sum over all that: a torn or changed file is found out. */
function serialize(counters: ReadonlyMap<string, number>): string {
  let text = `${HEADING}\n`;
  for (const [entry, next] of counters) text += `${next}\t${JSON.stringify(entry)}\n`;
  return `${text}sha256\t${checkSum(text)}\n`;
}

/** Undefined when the text is not what `serialize` writes. */
function parse(text: string): Map<string, number> | undefined {
  const end = text.lastIndexOf('sha256\t');
  const body = text.slice(0, end);
  if (end < 0 || !body.startsWith(`${HEADING}\n`) || text.slice(end) !== `sha256\t${checkSum(body)}\n`)
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

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
