import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SecurityError, StateError } from '../../src/base/errors.js';
import type { CounterFileSystem } from '../../src/transport/node-counter-file.js';
import { FileCounterStore } from '../../src/transport/node-counter-store.js';

/** Loss of power, thrown in the middle of a call. */
class PowerCut extends Error {}

interface Inode {
  readonly id: number;
  volatile: string;
  durable: string;
  mtime: bigint;
}

/**
 * A disk as a crash shows it: what was not synced may be there, be missing or be there in part; a rename may or may not have happened
 * until the directory was synced.
 */
class Disk {
  #inodes = 0;
  #time = 0n;
  #operations = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  #dead = false;
  names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  readonly #open = new Map<number, Inode | 'directory'>();
  #handles = 3;

  /** Cuts the power at the nth operation from now. */
  cutAfter(operations: number): void {
    this.#cutAt = this.#operations + operations;
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
      else if (fate === 2) inode.volatile = inode.volatile.slice(0, inode.volatile.length >> 1);
      inode.durable = inode.volatile;
    }
    // The process that held a lock is no more, and somebody heeded the hint where it died while breaking a lock.
    names.delete('/c.lock.break');
    const lock = names.get('/c.lock');
    if (lock !== undefined) lock.volatile = lock.volatile.replace(/\d+ on/, '999999999 on');
    this.names = names;
    this.#durableNames = new Map(names);
    this.#cutAt = Number.POSITIVE_INFINITY;
    this.#dead = false;
  }

  #operate(): void {
    if (this.#dead || ++this.#operations > this.#cutAt) {
      this.#dead = true;
      throw new PowerCut();
    }
  }

  #at(path: string): Inode {
    const inode = this.names.get(path);
    if (inode === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return inode;
  }

  readonly fs = {
    openSync: (path: string, flags: string) => {
      this.#operate();
      const handle = this.#handles++;
      if (path === '/') this.#open.set(handle, 'directory');
      else {
        const existing = this.names.get(path);
        if (flags === 'wx' && existing !== undefined) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
        const inode = existing ?? { id: ++this.#inodes, volatile: '', durable: '', mtime: 0n };
        inode.volatile = '';
        this.names.set(path, inode);
        this.#open.set(handle, inode);
      }
      return handle;
    },
    writeSync: (handle: number, bytes: Uint8Array, offset: number) => {
      this.#operate();
      const inode = this.#open.get(handle) as Inode;
      // A short write now and then: the caller has to go on.
      const piece = Buffer.from(bytes.subarray(offset, offset + 100));
      inode.volatile += piece.toString();
      inode.mtime = ++this.#time;
      return piece.length;
    },
    fsyncSync: (handle: number) => {
      this.#operate();
      const file = this.#open.get(handle);
      if (file === 'directory') this.#durableNames = new Map(this.names);
      else if (file !== undefined) file.durable = file.volatile;
    },
    closeSync: (handle: number) => {
      this.#open.delete(handle);
    },
    renameSync: (from: string, to: string) => {
      this.#operate();
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
    statSync: (path: string) => {
      this.#operate();
      const inode = this.names.get(path);
      return inode && { ino: BigInt(inode.id), mtimeNs: inode.mtime, size: BigInt(inode.volatile.length) };
    },
  } as unknown as CounterFileSystem;
}

describe('on a disk that loses power', () => {
  test('no counter ever comes twice, wherever the power is cut, and the store always comes back', () => {
    let cuts = 0;
    const life = fc.record({
      block: fc.integer({ min: 1, max: 4 }),
      calls: fc.array(fc.constantFrom('a', 'b', 'raise'), { minLength: 1, maxLength: 8 }),
      cut: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(2)), (lives, fates) => {
        const disk = new Disk();
        const last: Record<string, number> = { a: 0, b: 0 };
        for (const { block, calls, cut } of lives) {
          const store = new FileCounterStore('/c', { fs: disk.fs, block, patience: 0 });
          disk.cutAfter(cut);
          try {
            for (const call of calls) {
              if (call === 'raise') store.raise('a', (last.a as number) + 3);
              else {
                const counter = store.next(call);
                expect(counter).toBeGreaterThan(last[call] as number);
                last[call] = counter;
              }
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            cuts++;
          }
          disk.restart(() => fates.next().value as number);
        }
      }),
      { numRuns: 2000 },
    );
    expect(cuts).toBeGreaterThan(1000);
  });

  test('what is set aside ahead of its turn is given by nobody again, after any cut, and moves nothing', () => {
    const life = fc.record({
      block: fc.integer({ min: 1, max: 4 }),
      calls: fc.array(fc.oneof(fc.constant('next' as const), fc.nat(60)), { minLength: 1, maxLength: 8 }),
      cut: fc.integer({ min: 0, max: 90 }),
    });
    let ahead = 0;
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(2)), (lives, fates) => {
        const disk = new Disk();
        const given = new Set<number>();
        const take = (from: number, count: number) => {
          for (let counter = from; counter < from + count; counter++) {
            expect(given.has(counter)).toBe(false);
            given.add(counter);
          }
        };
        for (const { block, calls, cut } of lives) {
          const store = new FileCounterStore('/c', { fs: disk.fs, block, patience: 0 });
          disk.cutAfter(cut);
          try {
            for (const call of calls) {
              if (call === 'next') take(store.next('a'), 1);
              else {
                const before = store.peek('a');
                const from = store.reserve('a', call, 3);
                expect(from).toBeGreaterThanOrEqual(call);
                take(from, 3);
                if (from > before + 4) {
                  expect(store.peek('a')).toBeLessThan(from);
                  ahead++;
                }
              }
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
          }
          disk.restart(() => fates.next().value as number);
        }
      }),
      { numRuns: 1000 },
    );
    expect(ahead).toBeGreaterThan(100);
  });

  test('a hundred attempts take no more room than a few, and leave what lies below them', () => {
    const disk = new Disk();
    const store = new FileCounterStore('/c', { fs: disk.fs });
    store.next('a');
    for (let i = 1; i <= 100; i++) store.reserve('a', i * 10_000, 8);
    expect(store.entries()).toEqual(new Map([['a', 257]]));
    expect(disk.names.get('/c')?.volatile.split('\n').length).toBeLessThan(40);
    expect(store.next('a')).toBe(2);
    expect(new FileCounterStore('/c', { fs: disk.fs }).next('a')).toBe(257);
  });

  test('an entry is forgotten with all that was set aside, and no other', () => {
    const disk = new Disk();
    const store = new FileCounterStore('/c', { fs: disk.fs });
    for (const entry of ['a', 'b/a', 'a/a']) {
      store.next(entry);
      store.reserve(entry, 9000, 8);
    }
    expect(store.forget('a')).toBe(true);
    expect(store.forget('a')).toBe(false);
    expect([store.next('a'), store.reserve('a', 9000, 1)]).toEqual([1, 9000]);
    expect([store.reserve('b/a', 9000, 1), store.reserve('a/a', 9000, 1)]).toEqual([9008, 9008]);
  });

  test('stores that share a file never repeat a counter, and give rising ones in the order of asking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.constantFrom('a', 'b')), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (calls, block) => {
          const disk = new Disk();
          const stores = [0, 1, 2].map(() => new FileCounterStore('/c', { fs: disk.fs, block, patience: 0 }));
          const last: Record<string, number> = { a: 0, b: 0 };
          for (const [who, entry] of calls) {
            const peeked = stores[who]!.peek(entry);
            const counter = stores[who]!.next(entry);
            expect(counter).toBe(peeked);
            expect(counter).toBeGreaterThan(last[entry] as number);
            last[entry] = counter;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('any change to the file is found out: an error, never a counter', () => {
    const disk = new Disk();
    new FileCounterStore('/c', { fs: disk.fs }).next('4D4D4D0000BC614E/guek');
    const good = disk.names.get('/c')!.volatile;
    const change = fc.oneof(
      fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 127 })).map(([at, by]) => {
        const code = good.charCodeAt(at) ^ by;
        return good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1);
      }),
      fc.nat(good.length - 1).map((length) => good.slice(0, length)),
      fc.string().filter((text) => text !== good),
    );
    fc.assert(
      fc.property(change, (text) => {
        disk.names.get('/c')!.volatile = text;
        const store = new FileCounterStore('/c', { fs: disk.fs });
        expect(() => store.next('4D4D4D0000BC614E/guek')).toThrow(StateError);
        expect(() => store.peek('other')).toThrow(/damaged/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('on the real disk', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cosem-counters-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('goes on above what an earlier process had reserved, each entry on its own', () => {
    const path = join(directory, 'restart');
    const first = new FileCounterStore(path, { block: 10 });
    expect([first.next('a'), first.next('a'), first.next('b\t"\n')]).toEqual([1, 2, 1]);
    const second = new FileCounterStore(path, { block: 10 });
    expect([second.next('a'), second.next('b\t"\n')]).toEqual([11, 11]);
    expect(readFileSync(path, 'utf8')).toContain('21\t"a"');
  });

  test('raises to what the meter accepts, and never goes back', () => {
    const path = join(directory, 'raise');
    const store = new FileCounterStore(path, { block: 10 });
    store.raise('a', 1_938_183_823);
    expect(store.next('a')).toBe(1_938_183_823);
    store.raise('a', 5);
    expect(store.next('a')).toBe(1_938_183_824);
    store.raise('a', 1_938_183_830);
    expect(new FileCounterStore(path).peek('a')).toBe(1_938_183_833);
    expect(store.next('a')).toBe(1_938_183_830);
  });

  test('the last counter is never used', () => {
    const store = new FileCounterStore(join(directory, 'end'));
    store.raise('a', 0xfffffffe);
    expect(store.next('a')).toBe(0xfffffffe);
    expect(() => store.next('a')).toThrow(SecurityError);
    expect(() => new FileCounterStore(store.path).next('a')).toThrow(/end/);
  });

  test('a lock of a living process is respected, one of a dead process is broken', () => {
    const path = join(directory, 'lock');
    const store = new FileCounterStore(path, { patience: 20 });
    const host = ` on ${hostname()}`;
    writeFileSync(`${path}.lock`, `process ${process.pid}${host}`);
    expect(() => store.next('a')).toThrow(new RegExp(`locked by process ${process.pid}`));
    writeFileSync(`${path}.lock`, `process 999999999${host}`);
    expect(store.next('a')).toBe(1);
  });

  test('a directory that does not exist is one clear sentence', () => {
    const store = new FileCounterStore(join(directory, 'nowhere', 'file'));
    expect(() => store.next('a')).toThrow(StateError);
    expect(() => store.next('a')).toThrow(/cannot be locked: ENOENT/);
  });

  test('three processes at once never get the same counter', async () => {
    const script = join(directory, 'child.mjs');
    await build({
      stdin: {
        contents: `import { FileCounterStore } from './src/transport/node-counter-store.js';
          const store = new FileCounterStore(process.argv[2], { block: 3 });
          const got = [];
          for (let i = 0; i < 100; i++) got.push(store.next('a'));
          console.log(JSON.stringify(got));`,
        resolveDir: join(import.meta.dirname, '../..'),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
    });
    const path = join(directory, 'shared');
    const run = () => promisify(execFile)(process.execPath, [script, path]);
    const outputs = await Promise.all([run(), run(), run()]);
    const lists = outputs.map(({ stdout }) => JSON.parse(stdout) as number[]);
    const all = lists.flat();
    expect(all.length).toBe(300);
    expect(new Set(all).size).toBe(300);
    for (const list of lists) expect(list).toEqual(list.toSorted((a, b) => a - b));
  });
});
