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

/** Options of {@link FileCounterStore}. */
export interface FileCounterStoreOptions {
  /** How many counters one write to the file reserves; at most this many are skipped when the process ends. Default 256. */
  readonly block?: number;
  /** How long to wait while another process holds the lock, in milliseconds. Default 5000. */
  readonly patience?: number;
  /** The functions of `node:fs` to use, for tests that let the disk fail. Default `node:fs` itself. */
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
 * Invocation counters that survive crashes and restarts, in a small text file. A block of counters is reserved durably (temporary file,
 * fsync, rename, fsync of the directory) before the first of them is used. After a crash the rest of a block is skipped and never used
 * again. Several processes may share a file: each reserves its own blocks under a lock file, and continues above the blocks of the others,
 * so that the meter always sees rising counters.
 *
 * A damaged file is an error and never a restart at 1, which would repeat counters under the same key and so expose what was encrypted.
 * Removing the file, or replacing it by an older one, does not set counters back either: a copy stands beside it (`<file>.copy`), and a
 * running store remembers how far it was. To start again under a new key, {@link forget} the entry. Delete both files only with the last
 * test meter that knows their keys. On a full disk no counters are given out.
 *
 * Calls block for some microseconds. One in `block` calls, each call after another process has reserved, and `raise` and `reserve` write
 * the whole file and its copy, with an fsync each.
 * ```ts
 * const meter = await open(tcp('192.0.2.7', 4059), { counters: new FileCounterStore('counters.txt'), ...options });
 * ```
 */
export class FileCounterStore implements CounterStore {
  /** Path of the file. */
  readonly path: string;
  readonly #block: number;
  readonly #file: CounterFile;
  readonly #reserved = new Map<string, Reservation>();
  /** The epoch of the file in which our reservations were made. */
  #epoch = 0;
  /** The counters received from meters, in separate files (`<file>.received`). They have no influence on our own counters. */
  readonly received: ReceivedCounters;

  /** @param path path of the file, which is created with its first entry; its directory must exist. */
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
      // Everything that this or another process has reserved is below the next counter in the file.
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
   * Deletes an entry. If its key is still used, counters repeat, which exposes what was encrypted. Only do this for a key that no meter has
   * any more.
   * @returns whether there was such an entry.
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

  /** Our reservation, unless another process has written the file since: its counters may then be above ours. */
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

  /** Writes an entry. The change is our own, so reservations of the version that was read stay valid. */
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

  /** Removes received counters from this file, where earlier versions kept them, once they are stored elsewhere. */
  #partWithReceived(counters: Map<string, number>): void {
    const old = [...counters.keys()].filter((name) => name.startsWith(RECEIVED));
    if (old.length === 0) return;
    this.received.takeOver();
    for (const name of old) counters.delete(name);
  }
}

/** Names that are not normal entries begin with this. */
const HIDDEN = '\0';
/** Names of received counters in files of earlier versions began with this. */
const RECEIVED = `${HIDDEN}received `;
/** Names of counters that were used ahead of their turn begin with this: `<this>from/entry`, with the end as the number. */
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
  // File and copy may differ by one write, so that counters spent in one may surround the next counter in the other.
  return movedTo({ next, spent: spent.sort((a, b) => a[0] - b[0]) }, next);
}
