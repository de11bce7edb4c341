import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import {
  control,
  decodeFrame,
  encodeFrame,
  FrameEncoder,
  type HdlcFrame,
  hdlcAddress,
} from '../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { decodeParameters } from '../../src/link/hdlc-parameters.js';
import { FrameSplitter } from '../../src/link/hdlc-splitter.js';
import { client16, events, octets, sent, server1 } from './harness.js';

const address = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((upper) => hdlcAddress(upper)),
  fc.tuple(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x7f })).map(([u, l]) => hdlcAddress(u, l, 2)),
  fc
    .tuple(fc.integer({ min: 0, max: 0x3fff }), fc.integer({ min: 0, max: 0x3fff }))
    .map(([u, l]) => hdlcAddress(u, l, 4)),
);
// Flags are frequent: they are what makes a stream ambiguous.
const octet = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 255 }) },
  { weight: 1, arbitrary: fc.constant(0x7e) },
);
const information = fc.array(octet, { maxLength: 300 }).map((octets) => Uint8Array.from(octets));
const anyFrame: fc.Arbitrary<HdlcFrame> = fc.record({
  destination: address,
  source: address,
  control: fc.integer({ min: 0, max: 255 }).map(control),
  segmented: fc.boolean(),
  information,
});
const garbage = fc
  .array(fc.oneof(octet, fc.constantFrom(0x7e, 0xa0, 0xa8, 0x03, 0x21)), { maxLength: 60 })
  .map((o) => Uint8Array.from(o));

/** Octets in pieces whose lengths the cuts decide. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const all: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = at + (cuts.length === 0 ? bytes.length : 1 + cuts[i % cuts.length]!);
    all.push(bytes.slice(at, end));
    at = end;
  }
  return all;
}
const cuts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })), { maxLength: 20 });

/** All that a splitter makes of a stream, in order. */
function told(bytes: Uint8Array, cut: readonly number[]): string[] {
  const all: string[] = [];
  const splitter = new FrameSplitter((octets, reason) => all.push(`${reason}: ${toHex(octets)}`));
  const drain = () => {
    for (let frame = splitter.next(); frame; frame = splitter.next()) all.push(toHex(encodeFrame(frame)));
  };
  for (const piece of pieces(bytes, cut)) {
    splitter.push(piece);
    drain();
  }
  splitter.flush();
  drain();
  expect(splitter.partial).toBe(false);
  return all;
}

describe('frames', () => {
  test('decode of encode is the identity, and of encode of decode', () => {
    const encoder = new FrameEncoder();
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = encodeFrame(frame);
        expect(decodeFrame(bytes)).toEqual(frame);
        expect(toHex(encoder.encode(frame))).toBe(toHex(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test('one, two or three wrong bits anywhere are found', () => {
    fc.assert(
      fc.property(anyFrame, fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 3 }), (frame, wrong) => {
        const bytes = encodeFrame(frame);
        const bits = new Set(wrong.map((bit) => bit % (bytes.length * 8)));
        for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => decodeFrame(bytes)).toThrow(DecodeError);
      }),
      { numRuns: 1000 },
    );
  });

  test('any octets give a frame or a DecodeError', () => {
    const begun = fc.tuple(fc.constantFrom('7E', '7EA0', '7EA00A', '7EA7FF03', '7EA0070321', ''), garbage);
    fc.assert(
      fc.property(begun, ([start, rest]) => {
        for (const read of [decodeFrame, decodeParameters]) {
          try {
            read(concat(fromHex(start), rest));
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the splitter', () => {
  test('any chunking of the same octets gives the same frames and discards', () => {
    const stream = fc
      .array(
        fc.oneof(
          anyFrame.map(encodeFrame),
          garbage,
          anyFrame.map((f) => encodeFrame(f).subarray(0, -1)),
        ),
        { maxLength: 8 },
      )
      .map((parts) => concat(...parts));
    fc.assert(
      fc.property(stream, cuts, (bytes, cut) => {
        expect(told(bytes, cut)).toEqual(told(bytes, []));
      }),
      { numRuns: 1500 },
    );
  });

  test('good frames come through whatever stands between them', () => {
    const junk = fc.oneof(
      garbage,
      anyFrame
        .map((frame) => ({ frame, kind: 'cut' }))
        .chain(({ frame }) =>
          fc.nat({ max: 300 }).map((at) => {
            const bytes = encodeFrame(frame);
            return bytes.slice(0, at % bytes.length);
          }),
        ),
      fc.tuple(anyFrame, fc.integer({ min: 1, max: 0x7ff })).map(([frame, length]) => {
        const bytes = encodeFrame(frame);
        bytes[1] = 0xa0 | (length >> 8);
        bytes[2] = length;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(junk, anyFrame), { maxLength: 5 }), cuts, (parts, cut) => {
        const frames = parts.map(([, frame]) => toHex(encodeFrame(frame)));
        const stream = concat(...parts.flatMap(([between, frame]) => [between, encodeFrame(frame)]));
        const got = told(stream, cut).filter((text) => text.startsWith('7E'));
        // Junk may hold a good frame of its own (a length put right by chance), so the frames are looked for in their order.
        let from = 0;
        for (const frame of frames) {
          const at = got.indexOf(frame, from);
          expect(at, frame).toBeGreaterThanOrEqual(0);
          from = at + 1;
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('a frame cut at each octet does not take the next one with it', () => {
    const good = octets('I0.0', {
      to: server1,
      from: client16,
      information: fromHex('E6E600C001C1000F0000280000FF0100'),
    });
    const other = octets('RR1', { to: server1, from: client16 });
    // Where the closing flag alone is missing, the next one's opening flag does for it.
    for (let at = 0; at < good.length - 1; at++) {
      for (const next of [good, other]) {
        const got = told(concat(good.subarray(0, at), next), []).filter((text) => text.startsWith('7E'));
        expect(got, `cut at ${at}`).toEqual([toHex(next)]);
      }
    }
  });

  test('shared and repeated flags', () => {
    const one = octets('RR1', { to: server1, from: client16 });
    const shared = concat(one, one.subarray(1), Uint8Array.of(0x7e, 0x7e), one);
    expect(told(shared, [])).toEqual([toHex(one), toHex(one), toHex(one)]);
    expect(told(shared, [0])).toEqual([toHex(one), toHex(one), toHex(one)]);
  });

  test('a wrong length is found by the header check sequence, before the frame it announces could come', () => {
    const one = octets('I0.0', { to: server1, from: client16, information: new Uint8Array(20) });
    const bad = one.slice();
    bad[1] = 0xa7;
    const frames: HdlcFrame[] = [];
    const splitter = new FrameSplitter(() => {});
    splitter.push(concat(bad, one));
    for (let frame = splitter.next(); frame; frame = splitter.next()) frames.push(frame);
    expect(frames.length).toBe(1);
  });

  test('what is kept is bounded, whatever comes', () => {
    let discarded = 0;
    const splitter = new FrameSplitter((bytes) => {
      discarded += bytes.length;
    });
    // A right header of the greatest length, over and over, each octet by itself: nothing is ever whole.
    const header = encodeFrame({
      destination: server1,
      source: client16,
      control: control(0x10),
      segmented: false,
      information: new Uint8Array(2030),
    }).subarray(0, 40);
    for (let i = 0; i < 20_000; i++) {
      splitter.push(header.subarray(i % 40, (i % 40) + 1));
      expect(splitter.next()).toBeUndefined();
      const flags = Math.ceil(i / 40);
      expect(i - discarded - flags).toBeLessThan(2049);
    }
    expect(discarded).toBeGreaterThan(17_000);
  });
});

describe('a link', () => {
  const roles = [
    () => new HdlcLink('server', { devices: [1], maxPayload: 2000 }),
    () => {
      const link = new HdlcLink('client', { client: 16, server: 1, maxPayload: 2000 });
      link.connect(0);
      return link;
    },
  ];
  const frameTo = fc.record({
    to: fc.constantFrom('server', 'client'),
    name: fc.constantFrom(
      'SNRM',
      'DISC',
      'UA',
      'DM',
      'UI',
      'FRMR',
      'U-FF',
      'RR0',
      'RR1',
      'RNR0',
      'I0.0',
      'I1.0',
      'I0.1',
      'I1.1p',
      'UIp',
    ),
    segmented: fc.boolean(),
    information: fc.oneof(
      fc.constant(new Uint8Array(0)),
      garbage.map((g) => concat(fromHex('E6E600'), g)),
      garbage,
    ),
  });
  const stream = fc
    .array(
      fc.oneof(
        garbage,
        frameTo.map((f) => octets(f.name, { ...f, ...ends(f.to) })),
      ),
      { maxLength: 25 },
    )
    .map((parts) => concat(...parts));

  function ends(to: string) {
    return to === 'server' ? { to: server1, from: client16 } : { to: client16, from: server1 };
  }

  test('any octets in any chunking: no throw, the same events and answers', () => {
    fc.assert(
      fc.property(stream, cuts, fc.constantFrom(...roles), (bytes, cut, make) => {
        const outcomes = [cut, []].map((cutting) => {
          const link = make();
          const all: string[] = [];
          for (const piece of pieces(bytes, cutting)) {
            link.receive(piece, 1);
            for (const event of events(link))
              all.push(JSON.stringify(event, (_, v) => (v instanceof Uint8Array ? toHex(v) : v)));
          }
          const answers = sent(link).map(toHex);
          // Nothing is left that hangs: all time-outs end.
          for (let i = 0; i < 50; i++) {
            const next = link.pollTimeout();
            if (next === undefined) break;
            expect(next).toBeLessThan(10_000_000);
            link.handleTimeout(next);
          }
          return { all, answers };
        });
        expect(outcomes[0]).toEqual(outcomes[1]);
      }),
      { numRuns: 1500 },
    );
  });
});
