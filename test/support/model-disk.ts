import type * as nodeFs from 'node:fs';
import type { CounterFileSystem } from '../../src/transport/node-counter-file.js';
import type { DurableFileSystem } from '../../src/transport/node-durable.js';

/** Loss of power, thrown in the middle of a call. */
export class PowerCut extends Error {}

interface Inode {
  readonly id: number;
  volatile: string;
  durable: string;
  mtime: bigint;
}

/**
 * A disk as a crash shows it: what was not synced may be there, be missing or be there in part; of a rename each of the two names may have
 * changed or not, until the folder was synced. It has one folder, `/`, and can be full.
 */
export class ModelDisk {
  #inodes = 0;
  #time = 0n;
  #operations = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  #fullAt = Number.POSITIVE_INFINITY;
  #dead = false;
  names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  readonly #open = new Map<number, Inode | 'directory'>();
  #handles = 3;

  /** Whether the power is off. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Cuts the power at the nth operation from now. */
  cutAfter(operations: number): void {
    this.#cutAt = this.#operations + operations;
  }

  /** The nth operation from now that needs room fails for want of it, and all after it. */
  fullAfter(operations: number): void {
    this.#fullAt = this.#operations + operations;
  }

  /** There is room again. */
  makeRoom(): void {
    this.#fullAt = Number.POSITIVE_INFINITY;
  }

  /** Switches on again; `pick` decides what became of everything unsynced: 0 lost, 1 kept, 2 torn. */
  restart(pick: () => number): void {
    const names = new Map<string, Inode>();
    for (const name of new Set([...this.names.keys(), ...this.#durableNames.keys()])) {
      const inode = (pick() === 0 ? this.#durableNames : this.names).get(name);
      if (inode !== undefined) names.set(name, inode);
    }
    for (const inode of new Set(names.values())) {
      if (inode.volatile === inode.durable) continue;
      const fate = pick();
      if (fate === 0) inode.volatile = inode.durable;
      else if (fate === 2) {
        // What was synced and only written behind stays.
        const kept = inode.volatile.startsWith(inode.durable) ? inode.durable.length : 0;
        inode.volatile = inode.volatile.slice(0, kept + ((inode.volatile.length - kept) >> 1));
      }
      inode.durable = inode.volatile;
    }
    for (const [name, inode] of names) {
      // Somebody heeded the hint where it died while breaking a lock; the process that held a lock is no more.
      if (name.endsWith('.lock.break')) names.delete(name);
      else if (name.endsWith('.lock')) inode.volatile = inode.volatile.replace(/\d+ on/, '999999999 on');
    }
    this.names = names;
    this.#durableNames = new Map(names);
    this.#cutAt = Number.POSITIVE_INFINITY;
    this.#dead = false;
  }

  /** What stands in a file now; undefined where there is none. */
  text(path: string): string | undefined {
    return this.names.get(path)?.volatile;
  }

  /** Puts a whole file there, as a person does. */
  put(path: string, text: string): void {
    const inode = { id: ++this.#inodes, volatile: text, durable: text, mtime: ++this.#time };
    this.names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  /** Takes a file away, as a person does. */
  remove(path: string): void {
    this.names.delete(path);
    this.#durableNames.delete(path);
  }

  #operate(needsRoom = false): void {
    if (this.#dead || ++this.#operations > this.#cutAt) {
      this.#dead = true;
      throw new PowerCut();
    }
    if (needsRoom && this.#operations > this.#fullAt) throw withCode('no space left on device', 'ENOSPC');
  }

  #at(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw withCode('no such file', 'ENOENT');
    return inode;
  }

  readonly fs = {
    openSync: (path: string, flags: string) => {
      const existing = this.names.get(path);
      this.#operate(path !== '/' && existing === undefined);
      const handle = this.#handles++;
      if (path === '/') this.#open.set(handle, 'directory');
      else {
        if (flags === 'wx' && existing !== undefined) throw withCode('exists', 'EEXIST');
        const inode = existing ?? { id: ++this.#inodes, volatile: '', durable: '', mtime: 0n };
        if (flags !== 'a') inode.volatile = '';
        this.names.set(path, inode);
        this.#open.set(handle, inode);
      }
      return handle;
    },
    writeSync: (handle: number, bytes: Uint8Array, offset: number) => {
      this.#operate(true);
      const inode = this.#open.get(handle) as Inode;
      // A short write now and then: the caller has to go on.
      const piece = new TextDecoder().decode(bytes.subarray(offset, offset + 100));
      inode.volatile += piece;
      inode.mtime = ++this.#time;
      return Math.min(100, bytes.length - offset);
    },
    fsyncSync: (handle: number) => {
      this.#operate(true);
      const file = this.#open.get(handle);
      if (file === 'directory') this.#durableNames = new Map(this.names);
      else if (file !== undefined) file.durable = file.volatile;
    },
    closeSync: (handle: number) => {
      this.#open.delete(handle);
    },
    renameSync: (from: string, to: string) => {
      this.#operate(true);
      this.names.set(to, this.#at(from));
      this.names.delete(from);
    },
    unlinkSync: (path: string) => {
      this.#operate();
      this.#at(path);
      this.names.delete(path);
    },
    readFileSync: (path: string) => {
      this.#operate();
      return this.#at(path).volatile;
    },
    realpathSync: (path: string) => path,
    statSync: (path: string) => {
      this.#operate();
      const inode = this.names.get(path);
      return inode && { ino: BigInt(inode.id), mtimeNs: inode.mtime, size: BigInt(inode.volatile.length) };
    },
  } as unknown as CounterFileSystem & DurableFileSystem & Pick<typeof nodeFs, 'realpathSync'>;
}

function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
