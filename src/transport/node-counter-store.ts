import { StateError } from '../base/errors.js';
import {
  type CounterStore,
  checkCounterLeft,
  FIRST_INVOCATION_COUNTER,
  LAST_INVOCATION_COUNTER,
} from '../security/counter.js';
import { CounterFile, type CounterFileKind, type CounterFileSystem } from './node-counter-file.js';

export interface FileCounterStoreOptions {
  /** How many counters one write to the file reserves: as many are lost at most when the process ends. 256 unless told otherwise. */
  readonly block?: number;
  /** How long another process may hold the lock, in milliseconds. 5000 unless told otherwise. */
  readonly patience?: number;
  readonly fs?: CounterFileSystem;
}

const KIND: CounterFileKind = {
  name: 'invocation counter file',
  heading: 'cosem invocation counters 1',
  damaged:
    'put a back-up in its place, or remove it and read the counters from the meters before the next ciphered association',
};

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
  readonly #file: CounterFile;
  readonly #reserved = new Map<string, Reservation>();
  /** Which version of the file our reservations were made in. */
  #seen = '';

  /** @param path of the file, made with its first entry; its directory must exist. */
  constructor(path: string, options: FileCounterStoreOptions = {}) {
    const { block = 256, patience = 5000, fs } = options;
    if (!Number.isInteger(block) || block < 1) throw new StateError(`a block of ${block} invocation counters`);
    this.path = path;
    this.#block = block;
    this.#file = new CounterFile(path, KIND, patience, fs);
  }

  next(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next++;
    const reservation = this.#file.locked(() => this.#reserve(entry, FIRST_INVOCATION_COUNTER));
    return reservation.next++;
  }

  peek(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next;
    return this.#file.read().get(entry) ?? FIRST_INVOCATION_COUNTER;
  }

  raise(entry: string, atLeast: number): void {
    if (atLeast <= this.peek(entry)) return;
    const held = this.#held(entry);
    if (held !== undefined && atLeast < held.end) held.next = atLeast;
    else this.#file.locked(() => this.#reserve(entry, atLeast));
  }

  /** Our reservation, unless another process wrote the file after us: then its counters may lie above ours already. */
  #held(entry: string): Reservation | undefined {
    if (this.#reserved.size > 0 && this.#file.version() !== this.#seen) this.#reserved.clear();
    return this.#reserved.get(entry);
  }

  #reserve(entry: string, atLeast: number): Reservation {
    const counters = this.#file.read();
    const next = Math.max(counters.get(entry) ?? FIRST_INVOCATION_COUNTER, atLeast);
    checkCounterLeft(next);
    const end = Math.min(next + this.#block, LAST_INVOCATION_COUNTER);
    counters.set(entry, end);
    // The file is about to change by our own hand: reservations made in the version we just read stay good.
    const current = this.#file.version() === this.#seen;
    this.#file.write(counters);
    if (!current) this.#reserved.clear();
    this.#seen = this.#file.version();
    const reservation = { next, end };
    this.#reserved.set(entry, reservation);
    return reservation;
  }
}
