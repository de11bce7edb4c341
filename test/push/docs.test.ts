import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { knownPushSheets } from '../../src/push/known-sheets.js';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/customer-ports.md'), 'utf8');

test('the page lists every sheet, with its trust', () => {
  const rows = knownPushSheets.map(({ id, title, trust }) => `| \`${id}\` | ${title} | ${trust} |`);
  // The forms of the virtual meter's port stand in a table of their own, of more columns.
  const sheets = page.split('\n').filter((line) => /^\| `[^|]*`( \|[^|]*){2} \|$/.test(line));
  expect(sheets).toEqual(rows);
});

test('the page shows the example as it is', () => {
  expect(page).toContain(readFileSync(resolve(root, 'examples/follow-port.js'), 'utf8').trim());
});
