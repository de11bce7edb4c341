import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'cosem-build-'));
const scripts = resolve(import.meta.dirname, '../scripts');
afterAll(() => rmSync(folder, { recursive: true }));

function write(place: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, place, name)), { recursive: true });
    writeFileSync(join(folder, place, name), text);
  }
  return join(folder, place);
}

test('a build is put into the place of the old one file by file: a program that runs misses none', () => {
  const dist = write('dist', {
    'same.js': '1',
    'other.js': 'old',
    'gone/stale.js': 's',
    '.new-7/its.js': 'other build',
  });
  const built = write('dist/.new-8', { 'same.js': '1', 'other.js': 'new', 'src/more.js': 'm' });
  const before = [statSync(dist).ino, statSync(join(dist, 'same.js')).ino];
  const module = JSON.stringify(join(scripts, 'replace-folder.js'));
  const call = `replaceFolder(${JSON.stringify(built)}, ${JSON.stringify(dist)}, (name) => name.startsWith('.new-'))`;
  execFileSync(process.execPath, ['--input-type=module', '-e', `import { replaceFolder } from ${module}; ${call}`]);
  expect(readdirSync(dist, { recursive: true }).sort()).toEqual(
    ['.new-7', join('.new-7', 'its.js'), 'other.js', 'same.js', 'src', join('src', 'more.js')].sort(),
  );
  expect(readFileSync(join(dist, 'other.js'), 'utf8')).toBe('new');
  expect([statSync(dist).ino, statSync(join(dist, 'same.js')).ino]).toEqual(before);
  expect(existsSync(built)).toBe(false);
});

test('nothing in package.json takes dist away before the new one is there', () => {
  const { scripts: commands } = JSON.parse(readFileSync(join(scripts, '../package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(commands)) expect(command, name).not.toMatch(/clean|rimraf|\brm\b/);
});
