/** Words for people: numbers of things, and text of others that is safe to show. */

/** `1 octet`, `2 octets`, `0 octets`; `many` where the plural is not the word with an s. */
export function counted(count: number | bigint, one: string, many = pluralOf(one)): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/** Characters of a text of others that a sentence quotes at most. */
const MOST_QUOTED = 64;

/** A text of others as a sentence quotes it: cut where it is long. */
export function quoted(text: string): string {
  return `'${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text}'`;
}

/** `an octet-string`, `a structure`, `an unsigned`. */
export function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** Unicode's names of the scripts of India: in them U+200C and U+200D stand within words. */
const INDIC = ['Devanagari', 'Bengali', 'Gujarati', 'Gurmukhi', 'Kannada', 'Malayalam', 'Oriya', 'Tamil', 'Telugu']
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/**
 * What a terminal would obey, not show: C0 and C1 controls, DEL, marks and overrides of writing direction, separators of lines and paragraphs,
 * invisible marks of order, tags and annotations, halves of surrogate pairs. What joins letters is one of them where no letter of India stands
 * before it.
 */
const OBEYED = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\ud800-\\udfff]' +
    `|(?<![${INDIC}])[\\u200c\\u200d]`,
  'gu',
);

/** Text of others in one line, safe to print: what a terminal would obey is written as `\x1b` or `\u202e`. */
export function visibleText(text: string): string {
  return text.replace(OBEYED, escapeOf);
}

/** As {@link visibleText}, for text of several lines: line feeds stay. */
export function visibleLines(text: string): string {
  return text.replace(OBEYED, (character) => (character === '\n' ? character : escapeOf(character)));
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unitEscape(code);
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/**
 * JSON in which every character is escaped that a terminal would obey: the same document, wherever it is shown. Line feeds are those of the
 * indentation alone.
 */
export function jsonText(value: unknown, indent?: number): string {
  return visibleJson(JSON.stringify(value, undefined, indent));
}

/** JSON text that is there already, escaped as {@link jsonText} does. */
export function visibleJson(json: string): string {
  return json.replace(OBEYED, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, i) => unitEscape(character.charCodeAt(i))).join(''),
  );
}
