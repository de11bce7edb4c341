/** docs/quirks.md names every remark that a person may see, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Codes as sources give them: in an object, by a choice of two, or to a method `#remark`. */
const CODES = [
  /\bcode: '([a-z-]+)'/g,
  /\bcode: [^\n'{}]*\('[^']*'\) \? '([a-z-]+)' : '([a-z-]+)'/g,
  /#remark\(\s*'([a-z-]+)'/g,
  /^ {2}\| '([a-z-]+)';?$/gm,
];

/** Of a file only the unions that are codes count. */
function codesIn(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const patterns = path.endsWith('deviation.ts') ? CODES : CODES.slice(0, 3);
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => match.slice(1).filter((code) => code !== undefined)),
  );
}

function sources(): string[] {
  return (
    readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      // Labels of metrics have codes too, which no remark is.
      .filter((name) => name.endsWith('.ts') && name !== join('client', 'meter-telemetry.ts'))
      .map((name) => join(root, 'src', name))
  );
}

test('the table of remarks and the sources name the same codes', () => {
  const page = readFileSync(join(root, 'docs/quirks.md'), 'utf8');
  const table = page.slice(page.indexOf('## Remarks')).matchAll(/^\| `([a-z-]+)` \| (?:note|detail) \| .+ \|$/gm);
  const told = [...table].map(([, code]) => code);
  expect(told).toEqual([...new Set(sources().flatMap(codesIn))].sort());
  expect(told).toContain('day-of-week');
  expect(told).toContain('order-looked-at');
});
