/** The most characters of a text that are compared: no name plate is longer. */
const MOST = 64;

/**
 * Whether a text that a device sent fits a pattern: `*` stands for any characters, upper and lower case are the same. Each part between
 * stars is searched for once, after the one before it: no pattern causes backtracking.
 */
export function fitsWildcard(value: string, pattern: string): boolean {
  const text = value.trim().slice(0, MOST).toLowerCase();
  const [first = '', ...parts] = pattern.toLowerCase().split('*');
  const last = parts.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length >= at + last.length && text.endsWith(last);
}
