/** What a wrong key gives without a tag to prove it: octets that only look like an APDU. */
import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { readableIn } from '../../src/apdu/readable.js';
import { APDU_TAGS } from '../../src/apdu/tags.js';
import { fromHex } from '../../src/base/bytes.js';

const readable = readableIn({ tag: APDU_TAGS['general-glo-ciphering'] });

/** Octets that anybody can make again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

describe('deciphered octets without a tag', () => {
  it.each(Object.entries(APDU_TAGS))(
    'are a %s by chance of one wrong key in a quarter million at most',
    (_name, tag) => {
      const octet = chance(tag);
      const tries = 3000;
      let read = 0;
      for (let i = 0; i < tries; i++) {
        const octets = Uint8Array.from({ length: 24 }, octet);
        octets[0] = tag;
        if (readable(octets) !== undefined) read++;
      }
      // The first octet alone is right for one key in 256.
      expect(read).toBeLessThanOrEqual((tries * 256) / 2 ** 18);
    },
  );

  it.each([
    ['a block that a transfer does not reach', 'E0801000000001C4', undefined],
    ['a block that acknowledges what was never sent', 'E0800001100001C4', undefined],
    ['a block', 'E0800FFF0FFF01C4', 8],
    ['block 0, which ends a transfer', 'E0800000000000', 7],
    ['a data block of a long SET', 'C502C10000FFFF', 7],
    ['a data block that none reaches', 'C502C100010000', undefined],
    ['the next data block of a GET', 'C002C100010000', undefined],
    ['the result of a SET', 'C501C100', 4],
    ['the result of a SET, padded', 'C501C100000000', 4],
    ['the result of a SET before anything', 'C501C1004711', undefined],
  ])('%s: %s', (_what, hex, length) => {
    expect(readable(fromHex(hex))).toBe(length);
  });

  it('are read with surplus octets behind enough of an APDU', () => {
    const apdu = encodeApdu({
      type: 'get-response-normal',
      invokeId: 0xc1,
      result: { data: { type: 'double-long-unsigned', value: 1 } },
    });
    expect(readable(Uint8Array.of(...apdu, 0x47, 0x11))).toBe(apdu.length);
  });
});
