import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import type { CipheredApdu } from './apdu.js';
import { readApdu } from './codec.js';
import { apduTagName, isServiceCiphered } from './tags.js';

/** APDUs that are never ciphered inside another, and those that nearly any octets would decode to. */
const NEVER: ReadonlySet<string> = new Set(['aarq', 'aare', 'rlrq', 'rlre', 'ciphered', 'unsupported']);

/**
 * Tells whether deciphered octets are readable: the length of the APDU at their beginning, which must be of the kind that the envelope names (a
 * glo-get-response holds a get-response). Undefined when no complete APDU of that kind begins there.
 */
export function readableIn({ tag }: Pick<CipheredApdu, 'tag'>): (octets: Uint8Array) => number | undefined {
  const inside = isServiceCiphered(tag) ? apduTagName(tag)?.slice('glo-'.length) : undefined;
  return (octets) => {
    if (octets.length === 0 || (inside !== undefined && apduTagName(octets[0] as number) !== inside)) return undefined;
    const r = new Reader(octets);
    try {
      return NEVER.has(readApdu(r, { lenient: true }).type) ? undefined : r.offset;
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  };
}
