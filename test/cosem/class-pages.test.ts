/** docs/classes/ is made from the declarations. `npm run docs:classes` writes it anew. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { array, int8, octetString, structure } from '../../src/codec/types.js';
import { controlState } from '../../src/cosem/classes/disconnect-control.js';
import { classes } from '../../src/cosem/registry.js';
import { unit } from '../../src/cosem/units.js';
import { classPages, words } from './class-pages.js';

const docs = resolve(import.meta.dirname, '../../docs');
const pages = classPages();

test.each([...pages])('docs/classes/%s says what is declared', async (file, text) => {
  const path = join(docs, 'classes', file);
  if (process.env.CI) expect(existsSync(path)).toBe(true);
  await expect(text).toMatchFileSnapshot(path);
});

test('there is a page for each class, and none for another', () => {
  expect(readdirSync(join(docs, 'classes')).sort()).toEqual([...pages.keys()].sort());
  expect(pages.size).toBe(1 + new Set(classes.map(({ id }) => id)).size);
});

test('every member, secret, selector and clause stands on its page', () => {
  for (const { id, version, clause, attributes, methods } of classes) {
    const [file] = [...pages.keys()].filter((name) => name.startsWith(`${id}-`));
    const page = pages.get(file as string) as string;
    const section = page.split(/^## /m).find((part) => part.startsWith(`Version ${version}\n`)) as string;
    if (clause !== undefined) expect(page).toContain(`Blue Book clause ${clause}.`);
    for (const [name, { id: number, secret, selectors = {} }] of Object.entries(attributes)) {
      const row = section.split('\n').find((line) => line.startsWith(`| ${number} | \`${name}\``));
      expect([name, row?.includes('| secret |')]).toEqual([name, secret === true]);
      for (const by of Object.keys(selectors)) expect(row).toContain(`\`${by}\` (`);
    }
    for (const name of Object.keys(methods)) expect(section).toContain(`\`${name}\``);
  }
});

test('the docs lead there', () => {
  for (const page of ['library.md', 'commands.md']) {
    expect(readFileSync(join(docs, page), 'utf8')).toContain('](classes/README.md)');
  }
});

test('types are said in words', () => {
  expect(words(array(structure({ a: int8, b: controlState, c: unit, d: array(octetString, 2) })))).toBe(
    'array of (structure of `a`: integer, `b`: (enum: 0 disconnected, 1 connected, 2 ready-for-reconnection), `c`: enum, a unit, `d`: array of 2 octet-string)',
  );
});
