import * as nodeFs from 'node:fs';
import { StateError } from '../base/errors.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import { MemoryReplayGuard } from '../security/replay.js';
import { CounterFile, type CounterFileKind, type CounterFileSystem, higher, withSeen } from './node-counter-file.js';
import { CounterLog } from './node-counter-log.js';

const KIND: CounterFileKind = {
  name: 'replay guard file',
  heading: 'cosem replay guard 1',
  damaged:
    'put its copy (the same name with .copy) in its place; without it messages that were received before would count again',
};
/** How long to wait while another process holds the file, in milliseconds. */
const PATIENCE = 5000;
/** When a log has this many lines more than there are entries, it is merged into the file. */
const BOUND = 1000;

/** What the files contained at that version. */
interface Known {
  readonly version: string;
  readonly numbers: Map<string, number>;
  lines: number;
}

/**
 * A replay guard on disk. Each accepted counter is a line at the end of a log, `<file>.log`, and of its copy. From time to time the log is
 * merged into the file, a small text file with its own copy. An accepted message is on disk before it counts. An incomplete last line,
 * after a loss of power or on a full disk, does not count. If a file is removed or replaced by an older one, the highest number of all
 * files counts.
 */
export class ReceivedCounters implements ReplayGuard {
  readonly #file: CounterFile;
  readonly #logs: readonly [CounterLog, CounterLog];
  readonly #kind: CounterFileKind;
  readonly #before: () => ReadonlyMap<string, number>;
  readonly #bound: number;
  #known: Known | undefined;
  /** The highest numbers that were ever read or written. */
  #seen: ReadonlyMap<string, number> = new Map();
  /** The content of the file at that version. */
  #base: { readonly version: string; readonly numbers: ReadonlyMap<string, number> } | undefined;

  /**
   * @internal
   * @param before the numbers that were kept elsewhere, used while there is no file.
   * @param bound number of lines after which a log is merged into the file.
   */
  constructor(
    path: string,
    kind: CounterFileKind,
    { patience = PATIENCE, fs = nodeFs, before = () => new Map(), bound = BOUND }: ReceivedCountersOptions = {},
  ) {
    this.#file = new CounterFile(path, kind, patience, fs);
    // The copy is written first, so it is never behind.
    this.#logs = [new CounterLog(`${path}.log.copy`, fs), new CounterLog(`${path}.log`, fs)];
    this.#kind = kind;
    this.#before = before;
    this.#bound = bound;
  }

  /** Path of the file. */
  get path(): string {
    return this.#file.path;
  }

  /** @throws StateError when a file is damaged or cannot be read. */
  lowest(entry: string): number {
    return this.#read().numbers.get(entry) ?? 0;
  }

  accept(entry: string, counter: number): void {
    this.#file.locked(() => {
      const known = this.#read();
      const memory = new MemoryReplayGuard([[entry, known.numbers.get(entry) ?? 0]]);
      memory.accept(entry, counter);
      const lowest = memory.lowest(entry);
      // Nothing may be written after an incomplete line, nor into a log without its file.
      if (known.lines >= this.#bound + known.numbers.size) {
        this.#write(new Map(known.numbers).set(entry, lowest));
        return;
      }
      this.#known = undefined;
      for (const log of this.#logs) this.#tried('written', () => log.append(entry, lowest));
      known.numbers.set(entry, lowest);
      this.#known = { ...known, version: this.#version(), lines: known.lines + 1 };
    });
  }

  /** The entries, and the lowest counter that each still accepts. */
  entries(): ReadonlyMap<string, number> {
    return new Map(this.#read().numbers);
  }

  /**
   * Forgets what was received under an entry: recorded messages of that meter can then be replayed. Use it for a meter that lost its
   * counter, and only when a person asks for it.
   * @returns whether there was such an entry.
   */
  forget(entry: string): boolean {
    return this.#file.locked(() => {
      const numbers = new Map(this.#read().numbers);
      if (!numbers.delete(entry)) return false;
      this.#write(numbers);
      return true;
    });
  }

  /** Stores what was kept elsewhere, if that was not done yet. */
  takeOver(): void {
    this.#file.locked(() => {
      if (this.#file.version() === '') this.#write(this.#read().numbers);
    });
  }

  #version(): string {
    return `${this.#file.version()} ${this.#logs.map((log) => log.version()).join(' ')}`;
  }

  #read(): Known {
    const version = this.#version();
    if (this.#known?.version === version) return this.#known;
    const seen = this.#seen;
    // The logs are read before the file, because other processes may be moving lines from the logs into the file meanwhile.
    const logs = this.#logs.map((log) => this.#logged(log));
    let numbers = new Map(this.#fromFile());
    for (const log of logs) numbers = higher(numbers, log?.numbers ?? []);
    const whole = this.#file.version() !== '' && logs.every((log) => log !== undefined);
    numbers = withSeen(numbers, seen, whole);
    const sound = whole && logs.every((log) => log?.torn === false);
    const lines = sound ? Math.max(...logs.map((log) => log?.lines ?? 0)) : Number.POSITIVE_INFINITY;
    this.#seen = numbers;
    this.#known = { version, numbers, lines };
    return this.#known;
  }

  #fromFile(): ReadonlyMap<string, number> {
    const version = this.#file.version();
    if (version === '') return higher(this.#before(), this.#file.read());
    if (this.#base?.version !== version) this.#base = { version, numbers: this.#file.read() };
    return this.#base.numbers;
  }

  #logged(log: CounterLog) {
    const read = this.#tried('read', () => log.read());
    if (read !== 'damaged') return read;
    throw new StateError(`the log ${log.path} of the ${this.#kind.name} is damaged`, {
      hint: 'it and its copy (.log and .log.copy) hold the same: put the other one in its place',
    });
  }

  /** Writes everything into the file and then empties the logs. In between, file and logs agree. */
  #write(numbers: Map<string, number>): void {
    this.#known = undefined;
    this.#file.write(numbers);
    for (const log of this.#logs) this.#tried('written', () => log.clear());
    this.#seen = numbers;
    this.#known = { version: this.#version(), numbers, lines: 0 };
  }

  #tried<T>(what: 'read' | 'written', act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#file.failure(`cannot be ${what}`, error);
    }
  }
}

interface ReceivedCountersOptions {
  readonly patience?: number;
  readonly fs?: CounterFileSystem | undefined;
  readonly before?: () => ReadonlyMap<string, number>;
  readonly bound?: number;
}

/**
 * A replay guard that survives crashes and restarts, in a small text file with a log beside it: a message counts once, even if it is sent
 * again after a restart. Each accepted message costs two short writes to disk. Several processes may share the file.
 * ```ts
 * const guard = new FileReplayGuard('received.txt');
 * ```
 */
export class FileReplayGuard extends ReceivedCounters {
  /** @param path path of the file, which is created with its first entry; its directory must exist. */
  constructor(path: string, fs?: CounterFileSystem) {
    super(path, KIND, { fs });
  }
}
