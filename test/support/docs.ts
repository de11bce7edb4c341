import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What the pages of the docs show as code, and what the marks above it say. */

export const root = resolve(import.meta.dirname, '../..');

/** A block of code of a page. Marks are comments right above it: `<!-- needs: a browser -->`. */
export interface DocBlock {
  /** `docs/library.md`. */
  readonly page: string;
  /** Of the fence; the code begins in the next. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly marks: Readonly<Partial<Record<Mark, string>>>;
}

/**
 * - `needs`: what no test has; a program is compiled alone then
 * - `given`: names that it takes from test/support/docs-given.ts
 * - `example`: its name in a test that says more about it
 * - `read-by`: what reads this JSON or YAML
 */
const MARKS = ['needs', 'given', 'example', 'read-by'] as const;
type Mark = (typeof MARKS)[number];

/** Every page that people read: README.md, and the folders docs of the root and of each package, guides included. */
export function docPages(): string[] {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/docs`);
  return ['README.md', ...['docs', ...packages].flatMap(pagesIn)];
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

/** @throws Error when a comment above a block is like a mark and is none. */
export function blocksOf(page: string): DocBlock[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', code = ''] = match;
    const above = text.slice(0, match.index).split('\n');
    return { page, line: above.length, language, code, marks: marksOf(above.slice(0, -1), page) };
  });
}

function marksOf(above: readonly string[], page: string): DocBlock['marks'] {
  const marks: Partial<Record<Mark, string>> = {};
  for (const line of above.toReversed()) {
    const [, name, said = ''] = /^<!-- ([\w-]+): (.+) -->$/.exec(line) ?? [];
    if (name === undefined) break;
    const mark = MARKS.find((one) => one === name);
    if (mark !== undefined) marks[mark] = said;
    else if (name !== 'generated') throw new Error(`${page}: there is no mark ${line}`);
  }
  return marks;
}

/** `docs/library.md:12`, where the code begins. */
export function placeOf({ page, line }: DocBlock): string {
  return `${page}:${line + 1}`;
}

/** The commands of a block for a shell, each in one line: continued lines joined, comments gone. */
export function commandLines(block: DocBlock): string[] {
  return block.code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The commands of a line, each as its words, without what goes where: `<`, `>`, `|`, `&`. @throws Error at an open quote. */
export function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]];
  let redirected = false;
  for (const [token] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'<>|&;])+|&&|[<>|&;]|["']/g)) {
    if (token === '"' || token === "'") throw new Error(`a quote is not closed: ${line}`);
    if (token === '<' || token === '>') redirected = true;
    else if (/^(?:&&|[|&;])$/.test(token)) commands.push([]);
    else if (redirected) redirected = false;
    else commands.at(-1)?.push(token.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  // NAME=value in front of a command is its environment.
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0);
}
