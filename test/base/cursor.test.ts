import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, Writer } from '../../src/base/cursor.js';

describe('a writer', () => {
  it('gives no octet out twice, however writers begin and end', () => {
    const step = fc.oneof(
      fc.record({ begin: fc.constantFrom(1, 8, 64, 500, 2000) }),
      fc.record({ write: fc.integer({ min: 0, max: 300 }), at: fc.nat(7) }),
      fc.record({ finish: fc.nat(7) }),
      fc.record({ cut: fc.integer({ min: 0, max: 1500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const open: { writer: Writer; octets: number[] }[] = [];
        const done: { bytes: Uint8Array; octets: number[] }[] = [];
        const end = (index: number) => {
          const [one] = open.splice(index % open.length, 1);
          if (one !== undefined) done.push({ bytes: one.writer.finish(), octets: one.octets });
        };
        steps.forEach((one, n) => {
          if ('begin' in one) open.push({ writer: new Writer(one.begin), octets: [] });
          else if ('finish' in one) end(one.finish);
          else if ('cut' in one) {
            const bytes = allocate(one.cut);
            done.push({ bytes: bytes.fill(n), octets: [...bytes] });
          } else {
            const target = open[one.at % open.length];
            for (let i = 0; i < one.write && target !== undefined; i++) {
              target.writer.u8(n);
              target.octets.push(n & 0xff);
            }
          }
        });
        while (open.length > 0) end(0);
        for (const { bytes, octets } of done) expect([...bytes]).toEqual(octets);
      }),
    );
  });
});
