import type { LogFile } from '../src/append-log.js';
import { StorageError } from '../src/storage-error.js';

/** What a write meets: all goes well, the disk is full after so many octets, or the power goes after so many. */
export type Fault = { readonly kind: 'disk-full' | 'power'; readonly after: number };

/** Thrown in place of anything else once the power is gone. */
export class PowerCut extends Error {}

/** A disk of log files: what is on it outlives the program. Faults are set by the number of the write, counted over all files. */
export class MemoryDisk {
  readonly #files = new Map<string, Uint8Array>();
  writes = 0;
  fault: (Fault & { readonly at: number }) | undefined;
  dead = false;

  file(name: string): LogFile {
    return {
      name,
      read: () => this.#files.get(name) ?? new Uint8Array(0),
      append: (bytes) => this.#change(name, (before) => join(before, bytes), bytes.length),
      truncate: (length) => this.#change(name, (before) => before.slice(0, length), 0),
    };
  }

  /** The same disk in the next run of the program. */
  restart(): void {
    this.fault = undefined;
    this.dead = false;
  }

  /** What somebody finds in a file, to put it back later. */
  copy(name: string): Uint8Array | undefined {
    return this.#files.get(name);
  }

  /** Somebody puts another file in the place of one, or removes it. */
  replace(name: string, octets: Uint8Array | undefined): void {
    if (octets === undefined) this.#files.delete(name);
    else this.#files.set(name, octets);
  }

  text(): string {
    return [...this.#files.values()].map((bytes) => new TextDecoder().decode(bytes)).join('\n');
  }

  #change(name: string, change: (before: Uint8Array) => Uint8Array, length: number): void {
    if (this.dead) throw new PowerCut('no power');
    const before = this.#files.get(name) ?? new Uint8Array(0);
    const after = change(before);
    const { fault } = this;
    if (fault === undefined || this.writes++ < fault.at) {
      if (fault === undefined) this.writes++;
      this.#files.set(name, after);
      return;
    }
    // Power may go when all is written and nobody was told; a full disk did not take all.
    const written = Math.min(fault.after, fault.kind === 'power' ? length : length - 1);
    // A cut that was to shorten the file either happened or did not.
    this.#files.set(name, length === 0 ? before : after.slice(0, before.length + written));
    if (fault.kind === 'disk-full') throw new StorageError('disk-full', `${name} cannot be written (ENOSPC)`);
    this.dead = true;
    throw new PowerCut('no power');
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
