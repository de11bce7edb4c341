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

/**
 * A replay guard that survives crashes and restarts, in a small text file: a message counts once, also when it is sent again after a
 * restart. Each accepted message costs an fsync. Several processes may share the file.
 */
export class FileReplayGuard implements ReplayGuard {
  readonly #file: CounterFile;
  /** What the file held when it had that version. */
  #known: { readonly version: string; readonly counters: ReadonlyMap<string, number> } | undefined;

  /** @param path of the file, made with its first entry; its directory must exist. */
  constructor(path: string, fs?: CounterFileSystem) {
    this.#file = new CounterFile(path, KIND, PATIENCE, fs);
  }

  get path(): string {
    return this.#file.path;
  }

  /** @throws StateError when the file is damaged or cannot be read. */
  lowest(entry: string): number {
    const version = this.#file.version();
    if (this.#known?.version !== version) this.#known = { version, counters: this.#file.read() };
    return this.#known.counters.get(entry) ?? 0;
  }

  accept(entry: string, counter: number): void {
    this.#file.locked(() => {
      const counters = this.#file.read();
      const memory = new MemoryReplayGuard(counters);
      memory.accept(entry, counter);
      counters.set(entry, memory.lowest(entry));
      this.#file.write(counters);
      this.#known = { version: this.#file.version(), counters };
    });
  }
}
