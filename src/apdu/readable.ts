import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import type { Apdu, CipheredApdu } from './apdu.js';
import { readApdu } from './codec.js';
import { apduTagName, isServiceCiphered } from './tags.js';

/** APDUs that are never ciphered inside another, and those that nearly any octets would decode to. */
const NEVER: ReadonlySet<string> = new Set([
  ...['aarq', 'aare', 'rlrq', 'rlre', 'ciphered', 'unsupported'],
  ...['gateway-request', 'gateway-response'],
]);

/** An APDU of fewer octets that others follow is met by chance: one of 2^16 wrong keys gives one. */
const ENOUGH = 8;
/** Blocks are numbered from 1. A transfer with more general blocks, or data blocks, is not met. */
const MOST_GENERAL_BLOCKS = 0x0fff;
const MOST_DATA_BLOCKS = 0xffff;

/**
 * Tells whether deciphered octets are readable: the length of the APDU at their beginning, which must be of the kind that the envelope names (a
 * glo-get-response holds a get-response). Undefined when no complete APDU of that kind begins there, or one
 * that a wrong key gives too easily: nearly any octets after their first two are a block, a confirmation or the result of a SET.
 */
export function readableIn({ tag }: Pick<CipheredApdu, 'tag'>): (octets: Uint8Array) => number | undefined {
  const inside = isServiceCiphered(tag) ? apduTagName(tag)?.slice('glo-'.length) : undefined;
  return (octets) => {
    if (octets.length === 0 || (inside !== undefined && apduTagName(octets[0] as number) !== inside)) return undefined;
    const r = new Reader(octets);
    try {
      const apdu = readApdu(r, { lenient: true });
      return NEVER.has(apdu.type) || isChance(apdu, octets.subarray(r.offset), r.offset) ? undefined : r.offset;
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  };
}

/** @param behind the octets behind the APDU. */
function isChance(apdu: Apdu, behind: Uint8Array, length: number): boolean {
  // A confirmation with a time is longer, but any octets are a time.
  const short = length < ENOUGH || apdu.type === 'data-notification-confirm';
  if (short && !isPadding(behind)) return true;
  if (apdu.type === 'general-block-transfer') {
    const { blockNumber, blockNumberAck } = apdu;
    return Math.max(blockNumber, blockNumberAck) > MOST_GENERAL_BLOCKS;
  }
  if ('block' in apdu) return apdu.block.number > MOST_DATA_BLOCKS;
  return 'blockNumber' in apdu && apdu.blockNumber > MOST_DATA_BLOCKS;
}

/** Whether there is nothing, or one octet over and over. */
function isPadding(octets: Uint8Array): boolean {
  return octets.every((octet) => octet === octets[0]);
}
