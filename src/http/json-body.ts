/** The most levels of nesting: code that reads the value may call itself for each level. */
const DEEPEST = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The JSON value of a body; undefined where it is not JSON, not UTF-8, or nested too deep. */
export function jsonOf(octets: Uint8Array): { readonly value: unknown } | undefined {
  if (tooDeep(octets)) return undefined;
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets)) };
  } catch {
    return undefined;
  }
}

function tooDeep(octets: Uint8Array): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i];
    if (octet === QUOTE) quoted = !quoted;
    else if (quoted) i += octet === BACKSLASH ? 1 : 0;
    else if (octet === 0x5b || octet === 0x7b) depth++;
    else if (octet === 0x5d || octet === 0x7d) depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}
