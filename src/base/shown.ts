import { toHex } from './bytes.js';

/** The most octets that a sentence quotes. */
const MOST = 48;
const FEWEST_LETTERS = 4;

/** Whether octets are text that a device wrote for people: printable ASCII, white space and NUL only, with at least four letters. */
export function isText(bytes: Uint8Array): boolean {
  let letters = 0;
  for (const octet of bytes) {
    if (octet >= 0x20 && octet < 0x7f) letters++;
    else if (octet !== 0x09 && octet !== 0x0a && octet !== 0x0d && octet !== 0) return false;
  }
  return letters >= FEWEST_LETTERS;
}

/**
 * Octets as a sentence quotes them: text in quotation marks, anything else in hexadecimal, shortened where it is long. The result is always
 * printable ASCII.
 */
export function shownOctets(bytes: Uint8Array): string {
  const head = bytes.subarray(0, MOST);
  const more = bytes.length > MOST ? ' …' : '';
  if (!isText(bytes)) return `${toHex(head).replace(/..(?=.)/g, '$& ')}${more}`;
  let text = '';
  for (const octet of head) text += letter(octet);
  return `"${text}"${more}`;
}

function letter(octet: number): string {
  if (octet === 0x0d) return '\\r';
  if (octet === 0x0a) return '\\n';
  if (octet === 0x22 || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  if (octet < 0x20 || octet > 0x7e) return `\\x${octet.toString(16).padStart(2, '0')}`;
  return String.fromCharCode(octet);
}
