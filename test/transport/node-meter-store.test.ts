import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterAll, expect, it, vi } from 'vitest';
import { openMeterStore } from '../../src/transport/node-meter-store.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-meter-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entries = (texts: Readonly<Record<string, string>>) => new Map(Object.entries(texts));

it('keeps texts by meter and name, and what was there beside them', async () => {
  const path = join(folder, 'kept.db');
  const first = await openMeterStore(path);
  expect(first.load('1')).toEqual(new Map());
  first.save('1', entries({ a: 'one', b: 'two' }));
  first.save('2', entries({ a: 'other' }));
  first.save('1', entries({ b: 'two again', c: '' }));
  first.close();
  const second = await openMeterStore(path);
  expect(second.load('1')).toEqual(entries({ a: 'one', b: 'two again', c: '' }));
  expect(second.load('2')).toEqual(entries({ a: 'other' }));
  expect(second.load('3')).toEqual(new Map());
  second.close();
});

it('is read by its owner alone: it holds keys', async () => {
  const path = join(folder, 'private.db');
  const store = await openMeterStore(path);
  store.save('1', entries({ a: 'b' }));
  for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o077).toBe(0);
  store.close();
});

it('belongs to one process at a time', async () => {
  const path = join(folder, 'locked.db');
  const store = await openMeterStore(path);
  await expect(openMeterStore(path)).rejects.toMatchObject({
    code: 'state',
    hint: expect.stringContaining('one at a time'),
  });
  store.close();
  (await openMeterStore(path)).close();
});

it('says what is wrong with a file', async () => {
  const text = join(folder, 'text');
  writeFileSync(text, 'not a data base, but long enough to be looked at as if it were one'.repeat(20));
  await expect(openMeterStore(text)).rejects.toMatchObject({
    code: 'state',
    hint: expect.stringContaining('no SQLite file'),
  });
  expect(readFileSync(text, 'utf8')).toMatch(/^not a data base/);
  await expect(openMeterStore(join(folder, 'missing', 'x.db'))).rejects.toMatchObject({
    hint: 'check that its folder exists',
  });
});

it('says so when a file has another format, or is of something else, and leaves it as it is', async () => {
  const path = join(folder, 'newer.db');
  const store = await openMeterStore(path);
  store.save('1', entries({ a: 'b' }));
  store.close();
  const change = (pragma: string) => {
    const database = new Sqlite(path);
    database.pragma(pragma);
    database.close();
  };
  change('user_version = 9');
  const before = readFileSync(path);
  await expect(openMeterStore(path)).rejects.toMatchObject({
    code: 'state',
    message: `${path} keeps meters in format 9, and this version of cosem knows format 1`,
    hint: expect.stringContaining('the version that wrote it'),
  });
  expect(readFileSync(path)).toEqual(before);
  change('application_id = 1');
  await expect(openMeterStore(path)).rejects.toMatchObject({
    code: 'state',
    message: `${path} is a data base of something else`,
  });
  change('application_id = 1129532781');
  change('user_version = 1');
  const again = await openMeterStore(path);
  expect(again.load('1')).toEqual(entries({ a: 'b' }));
  again.close();
});

it('says what to install where SQLite is missing', async () => {
  vi.doMock('libsql', () => {
    throw new Error("Cannot find package 'libsql'");
  });
  const path = join(folder, 'never.db');
  await expect(openMeterStore(path)).rejects.toMatchObject({
    code: 'state',
    message: 'SQLite is not installed for this machine',
    hint: expect.stringContaining('npm install libsql'),
  });
  vi.doUnmock('libsql');
  expect(existsSync(path)).toBe(false);
});
