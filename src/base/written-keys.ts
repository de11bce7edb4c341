import { fromHex, fromLatin1 } from './bytes.js';
import { StateError } from './errors.js';
import { counted } from './words.js';

/**
 * Keys, titles, passwords and secrets as people write them. `hex:0011…` and `text:ABCD…` say which; without a prefix a value with exactly
 * the digits of a key is hexadecimal, anything else is text.
 * @param what what it is, for the error: `the password`.
 * @param options `hexDigits`: how many digits such a value has where it is hexadecimal.
 * @throws StateError, which never repeats the value.
 */
export function secretOctets(
  text: string,
  what: string,
  options: { readonly hexDigits?: readonly number[] } = {},
): Uint8Array {
  if (text.startsWith('hex:')) return hexOctets(text.slice(4), what);
  if (text.startsWith('text:')) return textOctets(text.slice(5), what);
  const digits = text.replace(/[\s:-]/g, '');
  const isHex = /^[0-9a-f]*$/i.test(digits) && options.hexDigits?.includes(digits.length) === true;
  return isHex ? hexOctets(digits, what) : textOctets(text, what);
}

/** An AES key of 16 or 32 octets, as {@link secretOctets} reads it. @throws StateError, which never repeats the key. */
export function keyOctets(text: string, what: string): Uint8Array {
  const key = secretOctets(text, what, { hexDigits: [32, 64] });
  if (key.length !== 16 && key.length !== 32) {
    throw new StateError(`${what} has ${counted(key.length, 'octet')} instead of 16 (or 32 in suite 2)`, {
      hint: 'write 32 hexadecimal digits, or 16 characters of text',
    });
  }
  return key;
}

/** A system title of 8 octets, as {@link secretOctets} reads it. @throws StateError. */
export function titleOctets(text: string, what: string): Uint8Array {
  const title = secretOctets(text, what, { hexDigits: [16] });
  if (title.length !== 8) {
    throw new StateError(`${what} has ${counted(title.length, 'octet')} instead of 8`, {
      hint: 'write 16 hexadecimal digits, or 8 characters of text',
    });
  }
  return title;
}

function hexOctets(text: string, what: string): Uint8Array {
  try {
    return fromHex(text);
  } catch {
    // The message of fromHex would show a character of the secret.
    throw new StateError(`${what} is not hexadecimal`, { hint: 'two digits 0-9 A-F an octet after hex:' });
  }
}

function textOctets(text: string, what: string): Uint8Array {
  try {
    return fromLatin1(text);
  } catch {
    throw new StateError(`${what} has a character that has no octet`, { hint: 'write it as hex:… instead' });
  }
}
