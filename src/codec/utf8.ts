import { StateError } from '../base/errors.js';

/*
 * Meters put octets that are not UTF-8 into utf8-strings. Refusing the whole message for one label would hide the readings beside it,
 * and U+FFFD would lose octets; so an octet that is no UTF-8 becomes the lone surrogate U+DC00 + octet, which well-formed text never
 * holds, and goes back to the same octet when written.
 */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Text of octets. What is not UTF-8 is kept, octet by octet, as U+DC80 ... U+DCFF, so that {@link toUtf8} gives the same octets. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

/**
 * Octets of text; U+DC80 ... U+DCFF alone give the octets they stand for.
 * @throws StateError for any other half of a surrogate pair.
 */
export function toUtf8(text: string): Uint8Array {
  const bad = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  if (!bad.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code & 0xff);
    else if (code >= 0xd800 && code <= 0xdfff) {
      throw new StateError('text with half a surrogate pair has no UTF-8 form', { hint: 'was the text cut in two?' });
    } else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

function escaped(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceAt(bytes, i);
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (bytes[i] as number)) : decoder.decode(bytes.subarray(i, i + length));
    i += length || 1;
  }
  return text;
}

/** Octets of the well-formed sequence (Unicode, table 3-7) that begins here; 0 when none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] as number;
  // Overlong forms, surrogates and what is above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = at + 2; i < at + length; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}
