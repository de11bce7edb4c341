/** Words for people: numbers of things, and text of others that is safe to show. */

/** `1 octet`, `2 octets`, `0 octets`; `many` where the plural is not the word with an s. */
export function counted(count: number | bigint, one: string, many = pluralOf(one)): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/**
 * What a terminal would obey, not show: C0 and C1 controls, DEL, marks and overrides of writing direction, separators of lines and paragraphs,
 * invisible marks of order, halves of surrogate pairs.
 */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text of others in one line, safe to print: what a terminal would obey is written as `\x1b` or `\u202e`. */
export function visibleText(text: string): string {
  return text.replace(OBEYED, escapeOf);
}

/** As {@link visibleText}, for text of several lines: line feeds stay. */
export function visibleLines(text: string): string {
  return text.replace(OBEYED, (character) => (character === '\n' ? character : escapeOf(character)));
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
