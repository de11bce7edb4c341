import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SecurityError, StateError } from '../../src/base/errors.js';
import { FileCounterStore } from '../../src/transport/node-counter-store.js';
import { ModelDisk, PowerCut } from '../support/model-disk.js';

describe('on a disk that loses power', () => {
  test('no counter ever comes twice, wherever the power is cut, and the store always comes back', () => {
    let cuts = 0;
    const life = fc.record({
      block: fc.integer({ min: 1, max: 4 }),
      calls: fc.array(fc.constantFrom('a', 'b', 'raise'), { minLength: 1, maxLength: 8 }),
      cut: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(2)), (lives, fates) => {
        const disk = new ModelDisk();
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
        const disk = new ModelDisk();
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

  test.each(['/c', '/c.copy', 'both'])('a store that runs goes on where it was when %s is removed', (which) => {
    const disk = new ModelDisk();
    const store = new FileCounterStore('/c', { fs: disk.fs, block: 4 });
    const others = new FileCounterStore('/c', { fs: disk.fs, block: 4 });
    others.next('b');
    const given = [store.next('a'), store.next('a')];
    store.reserve('a', 50, 8);
    for (let i = 0; i < 20; i++) {
      for (const name of which === 'both' ? ['/c', '/c.copy'] : [which]) disk.remove(name);
      expect(store.peek('a')).toBeGreaterThan(Math.max(...given));
      const next = store.next('a');
      expect(next).toBeGreaterThan(Math.max(...given));
      expect(next < 50 || next >= 58).toBe(true);
      given.push(next);
    }
    expect(store.next('b')).toBe(5);
    expect([...others.entries().keys()]).toEqual(['b', 'a']);
  });

  test('removed or set back between two runs, the file is made up for by its copy', () => {
    const disk = new ModelDisk();
    const next = () => new FileCounterStore('/c', { fs: disk.fs, block: 4 }).next('a');
    expect(next()).toBe(1);
    const old = disk.text('/c') as string;
    expect(next()).toBe(5);
    disk.remove('/c');
    expect(next()).toBe(9);
    disk.put('/c', old);
    expect(next()).toBe(13);
    disk.remove('/c.copy');
    expect(next()).toBe(17);
    disk.put('/c.copy', 'torn');
    expect(next).toThrow('the invocation counter file /c.copy is damaged');
  });

  test('a back-up of both put under a store that runs sets it back no further than it knows', () => {
    const disk = new ModelDisk();
    const store = new FileCounterStore('/c', { fs: disk.fs, block: 2 });
    store.next('a');
    const old = disk.text('/c') as string;
    for (let i = 2; i < 10; i++) expect(store.next('a')).toBe(i);
    for (const name of ['/c', '/c.copy']) disk.put(name, old);
    expect(store.next('a')).toBeGreaterThan(9);
  });

  test('on a full disk no counter is given and no lock stays, wherever it becomes full', () => {
    const calls = [
      (store: FileCounterStore) => store.next('a'),
      (store: FileCounterStore) => store.reserve('a', 70, 8),
      (store: FileCounterStore) => store.raise('a', 500),
      (store: FileCounterStore) => store.forget('b'),
    ];
    for (const call of calls) {
      let refused = 0;
      for (let room = 0; ; room++) {
        const disk = new ModelDisk();
        const make = () => new FileCounterStore('/c', { fs: disk.fs, block: 1, patience: 0 });
        for (const entry of ['a', 'b']) make().next(entry);
        const store = make();
        disk.fullAfter(room);
        let failure: unknown;
        try {
          call(store);
        } catch (error) {
          failure = error;
        }
        expect([...disk.names.keys()].sort()).toEqual(['/c', '/c.copy']);
        disk.makeRoom();
        if (failure === undefined) break;
        refused++;
        expect(failure).toBeInstanceOf(StateError);
        expect(failure).toMatchObject({ message: expect.stringContaining('ENOSPC'), hint: /make room/ });
        expect(store.next('a')).toBeGreaterThan(1);
        expect(store.next('a')).toBeGreaterThan(2);
      }
      expect(refused).toBeGreaterThan(5);
    }
  });

  test('a hundred attempts take no more room than a few, and leave what lies below them', () => {
    const disk = new ModelDisk();
    const store = new FileCounterStore('/c', { fs: disk.fs });
    store.next('a');
    for (let i = 1; i <= 100; i++) store.reserve('a', i * 10_000, 8);
    expect(store.entries()).toEqual(new Map([['a', 257]]));
    expect(disk.text('/c')?.split('\n').length).toBeLessThan(40);
    expect(store.next('a')).toBe(2);
    expect(new FileCounterStore('/c', { fs: disk.fs }).next('a')).toBe(257);
  });

  test('an entry is forgotten with all that was set aside, and no other', () => {
    const disk = new ModelDisk();
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
          const disk = new ModelDisk();
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
    const disk = new ModelDisk();
    new FileCounterStore('/c', { fs: disk.fs }).next('4D4D4D0000BC614E/guek');
    const good = disk.text('/c')!;
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
        disk.put('/c', text);
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
    expect(() => store.next('a')).toThrow('cannot be locked: there is no such file or folder (ENOENT)');
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
