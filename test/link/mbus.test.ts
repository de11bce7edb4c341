import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../../src/base/bytes.js';
import { inspect } from '../../src/inspect/inspect.js';
import { Inspector } from '../../src/inspect/inspector.js';
import { renderText } from '../../src/inspect/text.js';
import { decodeMbusFrame, mbusFrameLength } from '../../src/link/mbus.js';
import { sharedFolder } from '../support/vectors.js';

/** A long frame whose L field is what fits into an octet. */
function frame(information: Uint8Array, ci = 0x10): Uint8Array {
  const body = concat(Uint8Array.of(0x53, 0xff, ci, 1, 103), information);
  const sum = body.reduce((total, octet) => total + octet, 0) & 0xff;
  return concat(Uint8Array.of(0x68, body.length & 0xff, body.length & 0xff, 0x68), body, Uint8Array.of(sum, 0x16));
}

const octetsOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 0xff);

describe('M-Bus long frames whose L field ran over', () => {
  it.each([250, 251, 252, 255, 256, 258, 300, 505, 507, 508, 760, 1000])('%i octets of information', (length) => {
    const information = octetsOf(length);
    const octets = frame(information);
    const decoded = decodeMbusFrame(octets);
    expect(decoded.information).toEqual(information);
    expect(decoded.length).toBe(length + 5);
    expect(decoded.lengthField).toBe((length + 5) & 0xff);
  });

  it('waits only for a frame that may still hold', () => {
    const good = frame(octetsOf(20));
    expect(mbusFrameLength(good.subarray(0, good.length - 1), 0)).toBe('more');
    expect(mbusFrameLength(good, 0)).toBe(good.length);
    const broken = good.slice();
    broken[12] = (broken[12] as number) ^ 1;
    expect(mbusFrameLength(broken, 0)).toBe('more');
    expect(mbusFrameLength(concat(broken, new Uint8Array(1100)), 0)).toBeUndefined();
  });

  it.each([
    ['bad-checksum', (octets: Uint8Array) => octets.fill(0xee, 20, 21)],
    ['bad-frame', (octets: Uint8Array) => octets.fill(0x17, octets.length - 1)],
    ['truncated', (octets: Uint8Array) => octets.subarray(0, 12)],
  ])('%s is said by the L field taken at its word', (reason, damage) => {
    expect(() => decodeMbusFrame(damage(frame(octetsOf(40))))).toThrow(expect.objectContaining({ reason }));
  });

  it('any chunking gives the same frames, the good ones behind a broken one too', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 320 }), fc.boolean()).map(([length, broken]) => {
      const octets = frame(octetsOf(length));
      if (broken) octets[octets.length - 2] = ((octets[octets.length - 2] as number) + 1) & 0xff;
      return octets;
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), sizes, (parts, chunks) => {
        const octets = concat(...parts);
        const whole = new Inspector({ framing: 'm-bus' });
        const expected = [...whole.feed(octets), ...whole.flush()];
        const pieces = new Inspector({ framing: 'm-bus' });
        const found = [];
        for (let at = 0, i = 0; at < octets.length; i++) {
          const size = chunks[i % chunks.length] as number;
          found.push(...pieces.feed(octets.slice(at, at + size)));
          at += size;
        }
        expect([...found, ...pieces.flush()].map(({ node }) => node)).toEqual(expected.map(({ node }) => node));
      }),
      { numRuns: 300 },
    );
  });
});

const field = `${sharedFolder}field/`;
describe.skipIf(!existsSync(`${field}mbus-l257.hex`))('case 4', () => {
  const read = (name: string) => {
    const keys = {
      encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
      authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
    };
    return inspect(fromHex(readFileSync(`${field}${name}`, 'utf8').replace(/\s/g, '')), { keys });
  };

  it('257 octets under an L field of 1 give what the frame cut by the standard gives', () => {
    const long = read('mbus-l257.hex');
    const apdu = long.messages.at(-1)?.apdu;
    expect(apdu?.type).toBe('data-notification');
    expect(apdu?.type === 'data-notification' && Array.isArray(apdu.body.value) && apdu.body.value.length).toBe(32);
    expect(apdu).toEqual(read('mbus-l250.hex').messages.at(-1)?.apdu);
    expect(renderText(long.node)).toContain('L field 1, which is 257 modulo 256');
  });
});
