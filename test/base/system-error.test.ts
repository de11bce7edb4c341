/** Failures of the system in words, and that no message of ours has a code alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { systemErrorCode, systemErrorText } from '../../src/base/system-error.js';

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

it.each([
  [thrownBy(() => readFileSync('/nowhere/nosuch')), 'ENOENT', 'there is no such file or folder (ENOENT)'],
  [thrownBy(() => readFileSync('/')), 'EISDIR', 'it is a folder (EISDIR)'],
  // Words of the system for what is met seldom.
  [failure('EMLINK', "EMLINK: too many links, link 'a'"), 'EMLINK', 'too many links (EMLINK)'],
  [failure('ERR_OF_NODE', 'some sentence'), 'ERR_OF_NODE', 'some sentence (ERR_OF_NODE)'],
  [new Error('no code'), undefined, 'no code'],
  ['text', undefined, 'text'],
  [undefined, undefined, 'undefined'],
])('%s', (error, code, text) => {
  expect(systemErrorCode(error)).toBe(code);
  expect(systemErrorText(error)).toBe(text);
});

it('is the one way to say why a file failed', () => {
  const root = resolve(import.meta.dirname, '../..');
  const folders = [
    'src',
    'bin',
    'simulator',
    'packages/commissioning/src',
    'packages/commissioning/bin',
    'packages/pki/src',
    'packages/pki/bin',
  ];
  const found = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        /\$\{systemErrorCode\(|\.code \?\? (?:String|'unknown'|'it failed')/.test(
          readFileSync(join(root, folder, name), 'utf8'),
        ),
      )
      .map((name) => `${folder}/${name}`),
  );
  expect(found).toEqual([]);
});
