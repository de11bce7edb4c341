/** Octets as programs write them: strings with escapes, arrays, base64. */

import { fromLatin1 } from '../../base/bytes.js';

const ESCAPED = /\\(?:x([0-9a-f]{1,2})|([0-7]{1,3})|([\s\S]))/gi;
const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** The octets of strings with escapes: `b'~\xa0\x07'` of Python, `"\x7E\xA0"` of C; undefined when there is none. */
export function stringOctets(text: string): Uint8Array | undefined {
  if (!/\\x[0-9a-f]/i.test(text) && !/(?:^|[^a-z])b['"]/i.test(text)) return undefined;
  const literals = literalsOf(text);
  const bodies = literals.length > 0 ? literals : [text.trim()];
  if (literals.length === 0 && !/^(?:\\x[0-9a-f]{1,2}[\s,]*)+$/i.test(text.trim())) return undefined;
  const plain = bodies.map((body) => (literals.length > 0 ? body : body.replace(/[\s,]+/g, ''))).join('');
  const unescaped = plain.replace(ESCAPED, (_, hex?: string, octal?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return NAMED[other as string] ?? (other as string);
  });
  return /[\u0100-\uffff]/.test(unescaped) ? undefined : fromLatin1(unescaped);
}

/** The texts between quotes. When a quote is not closed, later quotes of that kind are skipped, as they are not closed either. */
function literalsOf(text: string): string[] {
  const found: string[] = [];
  const unclosed = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const quote = text.charAt(at);
    if ((quote !== '"' && quote !== "'") || unclosed.has(quote)) continue;
    let end = at + 1;
    while (end < text.length && text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) unclosed.add(quote);
    else {
      found.push(text.slice(at + 1, end));
      at = end;
    }
  }
  return found;
}

/** The text with each comment replaced by a blank. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = text.indexOf('/*'); at >= 0; at = text.indexOf('/*', from)) {
    const end = text.indexOf('*/', at + 2);
    if (end < 0) break;
    kept.push(text.slice(from, at));
    from = end + 2;
  }
  return [...kept, text.slice(from)].join(' ').replace(/\/\/[^\n]*/g, ' ');
}

/** The text between the brackets of an array, of `fromhex("…")` or of `<Buffer …>`, without comments. */
export function arrayText(text: string): string | undefined {
  const bare = withoutComments(text);
  // No two parts of a pattern match the same blanks: otherwise a long text takes forever.
  const forms = [
    /fromhex\(\s*["']([^"']*)["']\s*\)/i,
    /<Buffer ([0-9a-f ]+)>/i,
    /(?:=|^)\s*\{([^{}]*)\}(?:\s*;)?\s*$/,
    /(?:=|^)\s*(?:new\s+)?(?:\w+(?:\(\d*\))?\s*)?(?:\(\s*)?\[([^[\]]*)\](?:\s*\))?(?:\s*;)?\s*$/,
  ];
  for (const form of forms) {
    const match = form.exec(bare);
    if (match) return match[1];
  }
  return undefined;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The octets of base64 text (RFC 4648, also its form for URLs); undefined when the text is not base64. */
export function base64Octets(text: string): Uint8Array | undefined {
  // Line breaks are allowed; blanks, as in a sentence, are not.
  if (/[^\S\r\n]/.test(text.trim())) return undefined;
  const compact = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
  if (compact.length < 8 || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const digits = compact.replace(/=+$/, '');
  const octets = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets[at++] = bits >> held;
  }
  return octets;
}
