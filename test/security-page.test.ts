/** docs/security.md names for each attack a test that exists. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

test('every attack of docs/security.md names a test that there is', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
  const rows = page
    .slice(page.indexOf('## Attacks'))
    .split('\n')
    .filter((line) => /^\| (?!attack|-)/.test(line) && !line.startsWith('|---'));
  expect(rows.length).toBeGreaterThan(8);
  const missing = rows.filter((row) => {
    const [, file, name] = /\| `((?:packages\/\w+\/)?test\/[^`]+\.test\.ts)` "([^|]+)" \|$/.exec(row) ?? [];
    if (file === undefined || name === undefined) return true;
    const source = readFileSync(join(root, file), 'utf8');
    return ![`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
  });
  expect(missing).toEqual([]);
});
