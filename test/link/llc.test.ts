import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { serverPayload } from '../../src/link/hdlc-llc.js';

const AARE = '6129A109060760857405080101';

describe('the LLC header of what a server sends', () => {
  test.each([
    ['once', `E6E700${AARE}`, AARE, undefined],
    ['once, as some meters write it', `E6E600${AARE}`, AARE, undefined],
    ['with another quality', `E6E701${AARE}`, AARE, undefined],
    ['twice', `E6E700E6E700${AARE}`, AARE, 'the meter writes the LLC header twice'],
    ['twice, as a client would', `E6E600E6E600${AARE}`, AARE, 'the meter writes the LLC header twice'],
    ['three times', `E6E700E6E700E6E700${AARE}`, AARE, 'the meter writes the LLC header twice'],
    ['of a response, then of a command', `E6E700E6E600${AARE}`, AARE, 'the meter writes the LLC header twice'],
    ['with another quality the second time', `E6E701E6E700${AARE}`, AARE, 'the meter writes the LLC header twice'],
    ['missing before an AARE', AARE, AARE, 'the meter writes no LLC header'],
    ['missing before a GET response', 'C401C1000600000001', 'C401C1000600000001', 'the meter writes no LLC header'],
    ['a gateway response stays one', 'E6E700E70001C401C10109', 'E70001C401C10109', undefined],
    ['a general block transfer stays one', 'E6E700E0C000010001', 'E0C000010001', undefined],
  ])('%s', (_, information, apdu, remark) => {
    const payload = serverPayload(fromHex(information));
    expect(payload && toHex(payload.bytes)).toBe(apdu);
    expect(payload?.remark?.text).toBe(remark);
  });

  test('thousands of times: no stack runs over', () => {
    const payload = serverPayload(fromHex('E6E700'.repeat(40_000) + AARE));
    expect(payload && toHex(payload.bytes)).toBe(AARE);
  });

  test.each(['', 'E6', 'E6E700', '00', '7E7E7E7E', '4552524F52', 'E5E700C401C100'])('none, and no APDU: %s', (text) => {
    expect(serverPayload(fromHex(text))).toBeUndefined();
  });
});
