/** Digits of seven segments, as three lines of text. */

/** Segments of a glyph, row by row of three characters. A narrow glyph has one. */
const GLYPHS: Readonly<Record<string, readonly [string, string, string]>> = {
  '0': [' _ ', '| |', '|_|'],
  '1': ['   ', '  |', '  |'],
  '2': [' _ ', ' _|', '|_ '],
  '3': [' _ ', ' _|', ' _|'],
  '4': ['   ', '|_|', '  |'],
  '5': [' _ ', '|_ ', ' _|'],
  '6': [' _ ', '|_ ', '|_|'],
  '7': [' _ ', '  |', '  |'],
  '8': [' _ ', '|_|', '|_|'],
  '9': [' _ ', '|_|', ' _|'],
  '-': ['   ', ' _ ', '   '],
  ' ': ['   ', '   ', '   '],
  '.': [' ', ' ', '.'],
  ':': [' ', '.', '.'],
};

/** Three lines that show a text, all of one length; undefined where it has other characters than digits and their signs. */
export function segments(text: string): readonly [string, string, string] | undefined {
  const rows: [string, string, string] = ['', '', ''];
  for (const character of text) {
    const glyph = GLYPHS[character];
    if (glyph === undefined) return undefined;
    for (const row of [0, 1, 2] as const) rows[row] += (rows[row] === '' ? '' : ' ') + glyph[row];
  }
  return rows;
}
