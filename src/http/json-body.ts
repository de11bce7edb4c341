/** Nothing that is sent here nests deeper; what reads it may call itself for each level. */
const DEEPEST = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** JSON of a body; undefined where it is none, no UTF-8, or nested without end. */
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
