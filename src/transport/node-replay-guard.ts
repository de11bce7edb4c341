import { MemoryReplayGuard, type ReplayGuard } from '../security/replay.js';
import { CounterFile, type CounterFileKind, type CounterFileSystem } from './node-counter-file.js';

const KIND: CounterFileKind = {
  name: 'replay guard file',
  heading: 'cosem replay guard 1',
  damaged:
    'put its copy (the same name with .copy) in its place; without it messages that were received before would count again',
};
/** How long another process may hold the file, in milliseconds. */
const PATIENCE = 5000;

/** A replay guard in a small text file that may hold other numbers too. Each accepted message is on the disk before it counts. */
export class ReceivedCounters implements ReplayGuard {
  readonly #file: CounterFile;
  readonly #prefix: string;
  /** What the file held when it had that version. */
  #known: { readonly version: string; readonly numbers: ReadonlyMap<string, number> } | undefined;

  /** @internal @param prefix of the names of its entries in the file. */
  constructor(file: CounterFile, prefix = '') {
    this.#file = file;
    this.#prefix = prefix;
  }

  get path(): string {
    return this.#file.path;
  }

  /** @throws StateError when the file is damaged or cannot be read. */
  lowest(entry: string): number {
    return this.#numbers().get(this.#prefix + entry) ?? 0;
  }

  accept(entry: string, counter: number): void {
    const name = this.#prefix + entry;
    this.#change((numbers) => {
      const memory = new MemoryReplayGuard(numbers);
      memory.accept(name, counter);
      numbers.set(name, memory.lowest(name));
    });
  }

  /** The entries, and the lowest counter acceptable of each. */
  entries(): ReadonlyMap<string, number> {
    const { length } = this.#prefix;
    const ours = [...this.#file.read()].filter(([name]) => name.startsWith(this.#prefix));
    return new Map(ours.map(([name, lowest]) => [name.slice(length), lowest]));
  }

  /**
   * Makes as if nothing had been received under an entry: what was recorded of that meter can be played again then. For a meter that lost
   * its counter, and when a person says so.
   * @returns whether there was one.
   */
  forget(entry: string): boolean {
    return this.#change((numbers) => numbers.delete(this.#prefix + entry));
  }

  #numbers(): ReadonlyMap<string, number> {
    const version = this.#file.version();
    if (this.#known?.version !== version) this.#known = { version, numbers: this.#file.read() };
    return this.#known.numbers;
  }

  #change<T>(change: (numbers: Map<string, number>) => T): T {
    return this.#file.locked(() => {
      const numbers = this.#file.read();
      const result = change(numbers);
      this.#file.write(numbers);
      this.#known = { version: this.#file.version(), numbers };
      return result;
    });
  }
}

/**
 * A replay guard that survives crashes and restarts, in a small text file: a message counts once, also when it is sent again after a
 * restart. Each accepted message costs some writes to the disk. Several processes may share the file.
 */
export class FileReplayGuard extends ReceivedCounters {
  /** @param path of the file, made with its first entry; its directory must exist. */
  constructor(path: string, fs?: CounterFileSystem) {
    super(new CounterFile(path, KIND, PATIENCE, fs));
  }
}
