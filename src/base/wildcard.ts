/** No name plate is so long. */
const MOST = 64;

/**
 * Whether a text that a device sent fits a pattern: `*` stands for any characters, capitals do not matter. Each part between stars is
 * looked for once, from where the one before it ended: no pattern makes it try again.
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
