import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { isText, shownOctets } from '../../src/base/shown.js';

describe('octets in a sentence', () => {
  test.each([
    ['text', fromLatin1('ERROR: no carrier\r\n'), '"ERROR: no carrier\\r\\n"'],
    ['text with NULs of a modem', fromLatin1('\0\0LOGIN'), '"\\x00\\x00LOGIN"'],
    ['quotes and backslashes', fromLatin1('say "no\\"'), '"say \\"no\\\\\\""'],
    ['an escape sequence is no text', fromHex('1B5B324A'), '1B 5B 32 4A'],
    ['a frame', fromHex('7EA007'), '7E A0 07'],
    ['too few letters for a text', fromLatin1('\r\nOK'), '0D 0A 4F 4B'],
    ['what is long is cut', new Uint8Array(60).fill(0x41), `"${'A'.repeat(48)}" …`],
    ['nothing', new Uint8Array(0), ''],
  ])('%s', (_, bytes, shown) => expect(shownOctets(bytes)).toBe(shown));

  test('whatever comes, it is short and printable ASCII but for the mark of a cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(shownOctets(bytes)).toMatch(/^[\x20-\x7e]{0,200}…?$/);
        if (isText(bytes)) expect(shownOctets(bytes).startsWith('"')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
