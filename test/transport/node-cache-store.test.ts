import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileCacheStore } from '../../src/transport/node-cache-store.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('entries come back in another process, each for itself', () => {
  const path = join(folder, 'meters');
  const store = new FileCacheStore(path);
  expect(store.load('a/48')).toBeUndefined();
  store.save('a/48', 'one');
  store.save('a/32', 'two');
  store.save('a/48', 'three');
  const again = new FileCacheStore(path);
  expect([again.load('a/48'), again.load('a/32'), again.load('../a')]).toEqual(['three', 'two', undefined]);
  expect(readdirSync(path)).toHaveLength(2);
});

test('what is torn, or of another entry, is nothing; what cannot be written is left', () => {
  const path = join(folder, 'torn');
  const store = new FileCacheStore(path);
  store.save('a', 'one');
  const [file = ''] = readdirSync(path);
  for (const text of ['', '{"entry":"a"', '{"entry":"b","text":"x"}', '{"entry":"a","text":1}', 'null']) {
    writeFileSync(join(path, file), text);
    expect(store.load('a')).toBeUndefined();
  }
  writeFileSync(join(folder, 'file'), '');
  const nowhere = new FileCacheStore(join(folder, 'file', 'folder'));
  nowhere.save('a', 'one');
  expect(nowhere.load('a')).toBeUndefined();
});
