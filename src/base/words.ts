/** Words for people: numbers of things, and text of others that is safe to show. */

/** `1 octet`, `2 octets`, `0 octets`; `many` where the plural is not the word with an s. */
export function counted(count: number | bigint, one: string, many = pluralOf(one)): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
