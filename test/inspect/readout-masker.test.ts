import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/base/bytes.js';
import { ReadoutMasker } from '../../src/inspect.js';

const LOGIN = fromLatin1('\x01P1\x02(48415041)\x03\x7f');
const READ = fromLatin1('\x01R1\x021.8.0()\x03\x5a');

/** The text of octets that come in these pieces. */
function shown(
  octets: Uint8Array,
  size: number,
  direction: 'sent' | 'received' = 'sent',
  masker = new ReadoutMasker(),
): string {
  let text = '';
  for (let at = 0; at < octets.length; at += size) text += masker.text(direction, octets.subarray(at, at + size));
  return text;
}

describe('a readout for people', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 100])('hides a password in pieces of %i octets, and what follows is shown', (size) => {
    const both = Uint8Array.of(...LOGIN, ...READ, ...fromLatin1('\x01P2\x02(S3CRET)\x03'));
    for (const direction of ['sent', 'received'] as const) {
      const text = shown(both, size, direction);
      expect(text).toBe('\x01P1\x02(***)\x03\x7f\x01R1\x021.8.0()\x03\x5a\x01P2\x02(***)\x03');
    }
  });

  it('hides it with parity on its octets, in both directions at once, and to the end where its bracket never comes', () => {
    const masker = new ReadoutMasker();
    const even = LOGIN.map((octet) => octet | 0x80);
    expect(masker.text('sent', even.subarray(0, 8))).toBe('\x01P1\x02(***');
    expect(masker.text('received', even)).toContain('(***)');
    expect(masker.text('sent', even.subarray(8, 10))).toBe('');
  });

  it('leaves registers alone whose name holds a P', () => {
    const registers = fromLatin1('P.01(0001)(15)\r\n1.8.0(000123.4*kWh)\r\nAP1.2(7)\r\n');
    expect(shown(registers, 100)).toBe('P.01(0001)(15)\r\n1.8.0(000123.4*kWh)\r\nAP1.2(7)\r\n');
  });
});
