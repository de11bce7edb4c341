import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { AppendLog } from '../src/append-log.js';
import { NodeLogFile } from '../src/platform/node-log-file.js';
import { StorageError } from '../src/storage-error.js';
import { MemoryDisk, PowerCut } from './memory-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entries = fc.array(fc.record({ n: fc.integer(), text: fc.string({ unit: 'grapheme' }) }), { maxLength: 8 });

describe('the append-only log', () => {
  test('gives back what was put in, in the next run too', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const disk = new MemoryDisk();
        const log = new AppendLog(disk.file('log'));
        for (const entry of list) log.append(entry);
        expect(log.entries).toEqual(list);
        expect(new AppendLog(disk.file('log')).entries).toEqual(list);
      }),
      { numRuns: 1000 },
    );
  });

  test('after a power cut at any octet of any write holds all before it, and takes more', () => {
    fc.assert(
      fc.property(entries, fc.nat(8), fc.nat(120), (list, at, after) => {
        const disk = new MemoryDisk();
        disk.fault = { kind: 'power', at, after };
        const done: unknown[] = [];
        try {
          const log = new AppendLog(disk.file('log'));
          for (const entry of list) {
            log.append(entry);
            done.push(entry);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(PowerCut);
        }
        disk.restart();
        const again = new AppendLog(disk.file('log'));
        // The entry that the power cut may have reached the disk whole, without anybody having been told.
        expect([list.slice(0, done.length), list.slice(0, done.length + 1)]).toContainEqual(again.entries);
        const kept = [...again.entries];
        again.append({ n: 7, text: 'more' });
        expect(new AppendLog(disk.file('log')).entries).toEqual([...kept, { n: 7, text: 'more' }]);
      }),
      { numRuns: 1000 },
    );
  });

  test('goes on after a full disk as if the entry had never been tried', () => {
    fc.assert(
      fc.property(entries, fc.nat(7), fc.nat(60), (list, at, after) => {
        const disk = new MemoryDisk();
        const log = new AppendLog(disk.file('log'));
        const done: unknown[] = [];
        for (const [i, entry] of list.entries()) {
          if (i === at) disk.fault = { kind: 'disk-full', at: disk.writes, after };
          try {
            log.append(entry);
            done.push(entry);
          } catch (error) {
            expect(error).toMatchObject({ code: 'storage', reason: 'disk-full' });
            disk.restart();
          }
        }
        expect(log.entries).toEqual(done);
        expect(new AppendLog(disk.file('log')).entries).toEqual(done);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses a file in which an earlier line was changed', () => {
    const path = join(folder, 'changed');
    const log = new AppendLog(new NodeLogFile(path));
    for (const n of [1, 2, 3]) log.append({ n });
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('{"n":2}', '{"n":9}'));
    expect(() => new AppendLog(new NodeLogFile(path))).toThrow(`line 2 of ${path} is damaged`);
    const [first, , third] = text.split('\n');
    writeFileSync(path, `${first}\n${third}\n${third}\n`);
    expect(() => new AppendLog(new NodeLogFile(path))).toThrow(StorageError);
  });

  test('is on the disk before append returns, its name too', () => {
    const calls: string[] = [];
    const watched = {
      ...fs,
      fsyncSync: (file: number) => {
        calls.push('fsync');
        fs.fsyncSync(file);
      },
      writeSync: (file: number, bytes: Uint8Array, offset: number) => {
        calls.push('write');
        return fs.writeSync(file, bytes, offset, Math.min(5, bytes.length - offset));
      },
    } as unknown as typeof fs;
    const path = join(folder, 'synced');
    const log = new AppendLog(new NodeLogFile(path, watched));
    log.append({ n: 1 });
    expect(calls.slice(-3)).toEqual(['write', 'fsync', 'fsync']);
    expect(new AppendLog(new NodeLogFile(path)).entries).toEqual([{ n: 1 }]);
    calls.length = 0;
    log.append({ n: 2 });
    expect(calls.filter((call) => call === 'fsync')).toEqual(['fsync']);
  });

  test.each([
    ['ENOSPC', 'disk-full', 'free some space'],
    ['EACCES', 'not-allowed', 'you may write'],
    ['EIO', 'failed', undefined],
  ])('says %s in words', (code, reason, hint) => {
    const failing = {
      ...fs,
      writeSync: () => {
        throw Object.assign(new Error(code), { code });
      },
    } as unknown as typeof fs;
    const log = new AppendLog(new NodeLogFile(join(folder, code), failing));
    const error = (() => {
      try {
        log.append({});
      } catch (error) {
        return error as StorageError;
      }
    })();
    expect(error).toMatchObject({ code: 'storage', reason });
    if (hint === undefined) expect(error!.hint).toBeUndefined();
    else expect(error!.hint).toContain(hint);
  });

  test('tells a folder that is not there', () => {
    const log = new AppendLog(new NodeLogFile(join(folder, 'nowhere', 'log')));
    expect(() => log.append({})).toThrow(/ENOENT/);
  });
});
