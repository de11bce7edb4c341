/** Tables that fit the terminal: the widest cells are broken between words. */

import { columnsOf } from './format.js';

/** Columns that a cell keeps at least: narrower ones read worse than lines that the terminal breaks. */
const LEAST = 11;

/** A colour of `styleText`, as it stands in a cell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that styleText writes.
const COLOUR = /\u001b\[(\d+)((?:;\d+)?)m/g;

/**
 * Breaks cells into lines so that their table is at most `width` wide, as far as there is room for words.
 * @param flexible which columns may be broken: those with words.
 * @param gap blanks between two columns.
 */
export function fitted(
  rows: readonly (readonly string[])[],
  width: number,
  flexible: readonly boolean[],
  gap: number,
): string[][] {
  const widths = flexible.map((_, column) => Math.max(...rows.map((row) => widest(row[column] ?? ''))));
  let over = widths.reduce((sum, one) => sum + one + gap, -gap) - width;
  while (over > 0) {
    const may = widths.filter((_, column) => flexible[column] === true);
    const most = Math.max(...may);
    if (most <= LEAST) break;
    const column = widths.findIndex((one, i) => flexible[i] === true && one === most);
    // Down to the next widest; those that are equally wide give way in turn.
    const next = Math.max(LEAST, ...may.toSpliced(may.indexOf(most), 1));
    const taken = Math.min(over, Math.max(1, most - next));
    widths[column] = most - taken;
    over -= taken;
  }
  return rows.map((row) =>
    row.map((cell, column) => (widest(cell) > (widths[column] ?? 0) ? broken(cell, widths[column] as number) : cell)),
  );
}

function widest(cell: string): number {
  return Math.max(...cell.split('\n').map(widthOf));
}

/** Columns of a terminal that a text with colours takes. */
export function widthOf(text: string): number {
  return columnsOf(text.replace(COLOUR, ''));
}

/** A cell in lines of this width. A colour ends with its line and goes on in the next, so that it does not reach into other columns. */
function broken(cell: string, width: number): string {
  const lines: string[] = [];
  for (const word of cell.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || widthOf(line) + 1 + widthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  let open = '';
  return lines
    .map((line) => {
      const begun = open;
      for (const [colour, number] of line.matchAll(COLOUR)) open = isEnd(Number(number)) ? '' : open + colour;
      const end = open.replace(COLOUR, (_, number: string, mark: string) => `\u001b[${endOf(Number(number))}${mark}m`);
      return begun + line + end;
    })
    .join('\n');
}

function isEnd(number: number): boolean {
  return (number >= 22 && number <= 29) || number === 39 || number === 0;
}

function endOf(number: number): number {
  return number >= 30 ? 39 : number <= 2 ? 22 : 20 + number;
}
