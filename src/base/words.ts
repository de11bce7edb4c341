/** Words for people: numbers of things, and foreign text made safe to show. */

/** `1 octet`, `2 octets`, `0 octets`; give `many` where the plural is irregular. */
export function counted(count: number | bigint, one: string, many = pluralOf(one)): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}

/** A duration in its two largest units, truncated to whole seconds: `3 d 4 h`, `2 h 10 min`, `1 min 30 s`, `0 s`. */
export function durationText(seconds: number): string {
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds % 60), 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/**
 * Dates as people in India write them: `2026-11-23` is `23-11-2026`, and `2026-11-23T14:05:00+05:30`, also as meters write it with a blank and
 * hundredths, is `23-11-2026 14:05:00`. What is no such date, as one with unknown parts, stays as it is.
 */
export function dateText(text: string): string {
  const [, year, month, day, time] =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.:]\d+)?(?: ?(?:[+-]\d\d:?\d\d|Z))?)?$/.exec(text) ?? [];
  if (year === undefined) return text;
  return `${day}-${month}-${year}${time === undefined ? '' : ` ${time}`}`;
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/** The most characters of foreign text that a sentence quotes. */
const MOST_QUOTED = 64;

/** Foreign text in quotation marks for a sentence, shortened where it is long. */
export function quoted(text: string): string {
  return `'${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text}'`;
}

/** `an octet-string`, `a structure`, `an unsigned`. */
export function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** Unicode's names of the scripts of India, in whose words U+200C and U+200D occur. */
const INDIC = ['Devanagari', 'Bengali', 'Gujarati', 'Gurmukhi', 'Kannada', 'Malayalam', 'Oriya', 'Tamil', 'Telugu']
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/**
 * Characters that a terminal obeys instead of showing them: C0 and C1 controls, DEL, marks and overrides of writing direction, separators of
 * lines and paragraphs, invisible marks of order, tags and annotations, halves of surrogate pairs. The joiners U+200C and U+200D are among them
 * unless a letter of an Indian script stands before them.
 */
const OBEYED = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\ud800-\\udfff]' +
    `|(?<![${INDIC}])[\\u200c\\u200d]`,
  'gu',
);

/** Foreign text in one line, safe to print: characters that a terminal would obey are written as `\x1b` or `\u202e`. */
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
 * JSON in which every character that a terminal would obey is escaped; it still means the same document. The only line feeds are those of the
 * indentation.
 */
export function jsonText(value: unknown, indent?: number): string {
  return visibleJson(JSON.stringify(value, undefined, indent));
}

/** Existing JSON text, escaped as {@link jsonText} does. */
export function visibleJson(json: string): string {
  return json.replace(OBEYED, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, i) => unitEscape(character.charCodeAt(i))).join(''),
  );
}
