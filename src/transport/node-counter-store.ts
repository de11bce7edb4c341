import { StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { CounterStore } from '../contracts/counter-store.js';
import {
  type CounterState,
  checkCounterLeft,
  FRESH_COUNTERS,
  freeCounters,
  freeRun,
  LAST_INVOCATION_COUNTER,
  movedTo,
  type Span,
  withSpent,
} from '../security/counter.js';
import { CounterFile, type CounterFileKind, type CounterFileSystem } from './node-counter-file.js';
import { ReceivedCounters } from './node-replay-guard.js';

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
  damaged: 'put its copy (the same name with .copy) in its place',
};

const RECEIVED_KIND: CounterFileKind = {
  name: 'file of received counters',
  heading: 'cosem received counters 1',
  damaged:
    'put its copy (the same name with .copy) in its place; without it sessions that were recorded may be played again to you',
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
 * never a restart at 1: that would repeat counters under a live key and so lay open what was encrypted. Nor does a file that is removed, or
 * replaced by an older one, set counters back: a copy stands beside it (`<file>.copy`), and a store that runs knows how far it was. To begin
 * anew under a new key, {@link forget} an entry; both files go with the last life of a test bench only. On a full disk no counter is given.
 *
 * Blocking calls: some microseconds each, but one in `block`, each one after another process has reserved, and `raise` and `reserve` write the whole
 * file and its copy, with an fsync each.
 */
export class FileCounterStore implements CounterStore {
  readonly path: string;
  readonly #block: number;
  readonly #file: CounterFile;
  readonly #reserved = new Map<string, Reservation>();
  /** In which epoch of the file our reservations were made. */
  #epoch = 0;
  /** What was received from meters, in files of its own (`<file>.received`): it moves no counter of ours. */
  readonly received: ReceivedCounters;

  /** @param path of the file, made with its first entry; its directory must exist. */
  constructor(path: string, options: FileCounterStoreOptions = {}) {
    checkOptions(options, { block: true, patience: true, fs: true }, 'FileCounterStore');
    const { block = 256, patience = 5000, fs } = options;
    if (!Number.isInteger(block) || block < 1) throw new StateError(`a block of ${block} invocation counters`);
    this.path = path;
    this.#block = block;
    this.#file = new CounterFile(path, KIND, patience, fs);
    this.received = new ReceivedCounters(`${path}.received`, RECEIVED_KIND, {
      patience,
      fs,
      before: () => receivedIn(this.#file.read()),
    });
  }

  next(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next++;
    const reservation = this.#file.locked(() => this.#reserve(entry, 0));
    return reservation.next++;
  }

  peek(entry: string): number {
    const held = this.#held(entry);
    if (held !== undefined && held.next < held.end) return held.next;
    return stateOf(this.#file.read(), entry).next;
  }

  raise(entry: string, atLeast: number): void {
    if (atLeast <= this.peek(entry)) return;
    const held = this.#held(entry);
    if (held !== undefined && atLeast < held.end) held.next = atLeast;
    else this.#file.locked(() => this.#reserve(entry, atLeast));
  }

  reserve(entry: string, atLeast: number, count: number): number {
    return this.#file.locked(() => {
      const counters = this.#file.read();
      const state = stateOf(counters, entry);
      // What this or another process holds lies below the next counter in the file.
      const from = freeCounters(state, atLeast, count);
      this.#change(counters, entry, withSpent(state, from, from + count));
      return from;
    });
  }

  /** The entries of the file and their next counters. */
  entries(): ReadonlyMap<string, number> {
    return new Map([...this.#file.read()].filter(([name]) => !name.startsWith(HIDDEN)));
  }

  /**
   * Makes as if an entry had never been. Under a key that goes on being used its counters come again, which lays open what was encrypted:
   * only for a key that no meter holds any more.
   * @returns whether there was one.
   */
  forget(entry: string): boolean {
    return this.#file.locked(() => {
      const counters = this.#file.read();
      if (!counters.has(entry)) return false;
      this.#reserved.delete(entry);
      this.#change(counters, entry, undefined);
      return true;
    });
  }

  /** Our reservation, unless another process wrote the file after us: then its counters may lie above ours already. */
  #held(entry: string): Reservation | undefined {
    this.#notice();
    return this.#reserved.get(entry);
  }

  #notice(): void {
    const epoch = this.#file.epoch();
    if (epoch !== this.#epoch) this.#reserved.clear();
    this.#epoch = epoch;
  }

  #reserve(entry: string, atLeast: number): Reservation {
    const counters = this.#file.read();
    const state = movedTo(stateOf(counters, entry), atLeast);
    const { next } = state;
    checkCounterLeft(next);
    const end = freeRun(state, next, Math.min(next + this.#block, LAST_INVOCATION_COUNTER));
    this.#change(counters, entry, movedTo(state, end));
    const reservation = { next, end };
    this.#reserved.set(entry, reservation);
    return reservation;
  }

  /** Writes an entry. The file changes by our own hand: reservations made in the version that was read stay good. */
  #change(counters: Map<string, number>, entry: string, state: CounterState | undefined): void {
    this.#notice();
    this.#partWithReceived(counters);
    for (const name of [...counters.keys()]) if (spentIn(name, entry) !== undefined) counters.delete(name);
    if (state === undefined) counters.delete(entry);
    else {
      counters.set(entry, state.next);
      for (const [from, to] of state.spent) counters.set(`${SPENT}${from}/${entry}`, to);
    }
    this.#file.write(counters);
  }

  /** Earlier versions kept what was received in this file: it goes when it is kept elsewhere. */
  #partWithReceived(counters: Map<string, number>): void {
    const old = [...counters.keys()].filter((name) => name.startsWith(RECEIVED));
    if (old.length === 0) return;
    this.received.takeOver();
    for (const name of old) counters.delete(name);
  }
}

/** Begins names that are no entries of ours. */
const HIDDEN = '\0';
/** Began the name of what was received from a meter, in files of earlier versions. */
const RECEIVED = `${HIDDEN}received `;
/** Begins the name under which counters stand that were used ahead of their turn: `<this>from/entry`, with the end as its number. */
const SPENT = `${HIDDEN}spent `;

function receivedIn(counters: ReadonlyMap<string, number>): Map<string, number> {
  const names = [...counters].filter(([name]) => name.startsWith(RECEIVED));
  return new Map(names.map(([name, lowest]) => [name.slice(RECEIVED.length), lowest]));
}

function spentIn(name: string, entry: string): number | undefined {
  if (!name.startsWith(SPENT)) return undefined;
  const slash = name.indexOf('/');
  return name.slice(slash + 1) === entry ? Number(name.slice(SPENT.length, slash)) : undefined;
}

function stateOf(counters: ReadonlyMap<string, number>, entry: string): CounterState {
  const next = counters.get(entry) ?? FRESH_COUNTERS.next;
  const spent: Span[] = [];
  for (const [name, to] of counters) {
    const from = spentIn(name, entry);
    if (from !== undefined) spent.push([from, to]);
  }
  // File and copy may differ by one write: what is spent in one can lie around what is next in the other.
  return movedTo({ next, spent: spent.sort((a, b) => a[0] - b[0]) }, next);
}
