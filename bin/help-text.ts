/** Text under the help of a command, within the columns that any terminal has. */

import { wrapWords } from './format.js';

const COLUMNS = 80;
/** Terms that are longer have their text on the next line. */
const LONGEST_TERM = 26;

/** Words in lines; all but the first are indented. */
function wrapped(text: string, first: number, indent: number): string {
  return wrapWords(text, COLUMNS - indent, COLUMNS - first).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

/** A paragraph. */
export function helpParagraph(text: string): string {
  return wrapped(text, 0, 2);
}

/** Terms, each with what it means. */
export function helpList(items: readonly (readonly [term: string, text: string])[]): string {
  const width = Math.min(LONGEST_TERM, Math.max(...items.map(([term]) => term.length)));
  const indent = width + 4;
  return items
    .map(([term, text]) => {
      const head = term.length > width ? `  ${term}\n${' '.repeat(indent)}` : `  ${term.padEnd(width)}  `;
      return head + wrapped(text, indent, indent);
    })
    .join('\n');
}

/** A command line, broken before an option so that a shell takes it as it stands. */
export function helpExample(line: string): string {
  const parts = line.split(/ (?=--?[a-z]|<)/);
  const lines = [`  $ ${parts[0]}`];
  for (const part of parts.slice(1)) {
    const last = lines.at(-1) as string;
    if (last.length + 1 + part.length + BROKEN.length <= COLUMNS) lines[lines.length - 1] = `${last} ${part}`;
    else {
      lines[lines.length - 1] = last + BROKEN;
      lines.push(`      ${part}`);
    }
  }
  return lines.join('\n');
}

const BROKEN = ' \\';
