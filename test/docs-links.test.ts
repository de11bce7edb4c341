/** Every link between the pages leads to a page that is there, and to a heading that it has. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

function pagesIn(folder: string, deep: boolean): string[] {
  const names = readdirSync(join(root, folder), { recursive: deep, encoding: 'utf8' });
  return names.flatMap((name) => (/^(?!.*(?:node_modules|^api\/)).*\.md$/.test(name) ? [join(folder, name)] : []));
}

const pages = [
  ...pagesIn('.', false),
  ...pagesIn('docs', true),
  ...pagesIn('examples', true),
  ...pagesIn('packages/commissioning/docs', true),
  ...pagesIn('packages/pki/docs', true),
];
const prose = new Map(
  pages.map((page) => [normalize(page), readFileSync(join(root, page), 'utf8').replace(/^```.*?^```/gms, '')]),
);

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(text: string): Set<string> {
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

it('every link of a page leads somewhere', () => {
  expect(prose.size).toBeGreaterThan(30);
  const broken: string[] = [];
  let links = 0;
  for (const [page, text] of prose) {
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      links++;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
      const there = prose.get(target);
      const isBroken =
        !existsSync(join(root, target)) ||
        (anchor !== undefined && there !== undefined && !anchorsOf(there).has(anchor));
      if (isBroken) broken.push(`${page}: ${link}`);
    }
  }
  expect(links).toBeGreaterThan(200);
  expect(broken).toEqual([]);
});
