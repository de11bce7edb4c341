import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextOid, mechanismOid } from '../../src/apdu/acse-names.js';
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { encodeData } from '../../src/codec/axdr.js';
import { inspect } from '../../src/inspect/inspect.js';
import { Inspector } from '../../src/inspect/inspector.js';
import { type InspectNode, walkNodes } from '../../src/inspect/node.js';
import { renderLine, renderText } from '../../src/inspect/text.js';
import { encodeFrame, hdlcAddress, iControl } from '../../src/link/hdlc-frame.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { anyApdu } from '../support/apdu-arbitrary.js';

const [client, meter] = [hdlcAddress(16), hdlcAddress(1)];

/** I frames that carry a payload, in pieces of `size` octets. */
function frames(payload: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, i) =>
    encodeFrame({
      destination: meter,
      source: client,
      control: iControl(i & 7, 0, true),
      segmented: (i + 1) * size < payload.length,
      information: payload.subarray(i * size, (i + 1) * size),
    }),
  );
}

function mbus(payload: Uint8Array): Uint8Array {
  const body = concat(Uint8Array.of(0x53, 0xff, 0x10, 1, 103), payload.subarray(0, 200));
  const sum = body.reduce((total, octet) => total + octet, 0) & 0xff;
  return concat(Uint8Array.of(0x68, body.length, body.length, 0x68), body, Uint8Array.of(sum, 0x16));
}

const wrap = (apdu: Uint8Array) => encodeWpdu({ source: 16, destination: 1, apdu });

/** Octets of every layer, right and wrong. */
const anyOctets = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  anyApdu.map(encodeApdu),
  anyApdu.map((apdu) => addLlc(encodeApdu(apdu), 'response')),
  anyApdu.map((apdu) => wrap(encodeApdu(apdu))),
  anyApdu.map((apdu) => mbus(encodeApdu(apdu))),
  fc
    .tuple(fc.array(anyApdu, { maxLength: 3 }), fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 20, max: 200 }))
    .map(([apdus, garbage, size]) =>
      concat(...apdus.flatMap((apdu) => [garbage, ...frames(addLlc(encodeApdu(apdu), 'command'), size)])),
    ),
);

const damaged = fc
  .tuple(anyOctets, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }))
  .map(([octets, changes]) => {
    const changed = octets.slice();
    if (changed.length > 0) for (const [at, octet] of changes) changed[at % changed.length] = octet;
    return changed;
  });

const key = new Uint8Array(16);
const options = fc.record({
  mask: fc.boolean(),
  strict: fc.boolean(),
  keys: fc.constantFrom({}, { encryption: key, authentication: key, dedicated: key, broadcast: key }),
  titles: fc.constantFrom({}, { client: new Uint8Array(8), server: new Uint8Array(8) }),
});

/** Parts lie in their whole, those that count octets of their own apart. */
function checkPlaces(node: InspectNode, length: number): void {
  const inside = node.octets === undefined ? length : node.octets.length / 2;
  expect(node.offset).toBeGreaterThanOrEqual(0);
  expect(node.length).toBeGreaterThanOrEqual(0);
  expect(node.offset + node.length).toBeLessThanOrEqual(inside);
  for (const child of node.children ?? []) checkPlaces(child, inside);
}

test('any octets of any layer become a tree, with any keys and options', () => {
  fc.assert(
    fc.property(fc.oneof(anyOctets, damaged), options, (octets, given) => {
      const { node } = inspect(octets, given);
      checkPlaces(node, octets.length);
      expect([...walkNodes(node)].length).toBeLessThan(200 + 40 * octets.length);
      renderText(node);
      renderLine(node);
      expect(JSON.parse(JSON.stringify(node))).toEqual(node);
    }),
    { numRuns: 3000 },
  );
});

test('lengths of a broken AARE that lead past its user-information leave no part of negative length', () => {
  const octets = fromHex(
    '0001001000010056615480020001A1080606000000000000A206020400800000A308A106020400800000A4020400A5270401' +
      '00A6060204FF7FFFFF88020700890100AA0580030000009D0700000000000000BE0A04080000000000000000',
  );
  checkPlaces(inspect(octets, {}).node, octets.length);
});

/** Every octet stands at one part, or before the first: nothing of a message is left out. */
function checkCovered(node: InspectNode): void {
  const parts = (node.children ?? []).filter(({ octets, length }) => octets === undefined && length > 0);
  parts.forEach((part, i) => {
    const following = parts[i + 1];
    const end = following === undefined ? node.offset + node.length : following.offset;
    expect(part.offset + part.length, `${node.name} behind ${part.name}`).toBe(end);
    checkCovered(part);
  });
}

test('the tree of an APDU leaves out no octet of it', () => {
  fc.assert(
    fc.property(anyApdu, (apdu) => {
      const octets = encodeApdu(apdu);
      const { node } = inspect(wrap(octets));
      const [wpdu] = node.children as [InspectNode];
      expect(node.children?.filter(({ name }) => name !== 'incomplete')).toHaveLength(1);
      checkCovered(wpdu);
    }),
    { numRuns: 2000 },
  );
});

test('chunks make no difference', () => {
  const stream = fc.oneof(
    fc
      .tuple(fc.array(anyApdu, { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 9 }))
      .map(([apdus, garbage]) =>
        concat(...apdus.flatMap((apdu) => [...frames(addLlc(encodeApdu(apdu), 'command'), 90), garbage])),
      )
      .map((octets) => ({ framing: 'hdlc' as const, octets })),
    fc.array(anyApdu, { minLength: 1, maxLength: 3 }).map((apdus) => ({
      framing: 'wrapper' as const,
      octets: concat(...apdus.map((apdu) => wrap(encodeApdu(apdu)))),
    })),
    fc
      .array(anyApdu, { minLength: 1, maxLength: 3 })
      .map((apdus) => ({ framing: 'm-bus' as const, octets: concat(...apdus.map((apdu) => mbus(encodeApdu(apdu)))) })),
  );
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }), (given, sizes) => {
      const { framing, octets } = given;
      const whole = new Inspector({ framing });
      const expected = [...whole.feed(octets, 'client'), ...whole.flush()];
      const pieces = new Inspector({ framing });
      const found = [];
      for (let at = 0, i = 0; at < octets.length; i++) {
        const size = sizes[i % sizes.length] as number;
        found.push(...pieces.feed(octets.slice(at, at + size), 'client'));
        at += size;
      }
      found.push(...pieces.flush());
      expect(found.map(({ node }) => node)).toEqual(expected.map(({ node }) => node));
    }),
    { numRuns: 1000 },
  );
});

test('a password never shows where secrets are masked, whatever is cut or damaged', () => {
  // Octets that nothing else in the message has, so that they do not turn up by chance.
  const password = fc.uint8Array({ minLength: 8, maxLength: 32, min: 0xc0, max: 0xdf });
  fc.assert(
    fc.property(
      password,
      fc.integer({ min: 12, max: 120 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(0, 1),
      (secret, size, cut, at, flip) => {
        const aarq = encodeApdu({
          type: 'aarq',
          applicationContextName: contextOid(1),
          senderAcseRequirements: true,
          mechanismName: mechanismOid(1),
          callingAuthenticationValue: { type: 'charstring', value: secret },
          userInformation: new Uint8Array(14),
        });
        for (const octets of [concat(...frames(addLlc(aarq, 'command'), size)), wrap(aarq), aarq]) {
          const sent = octets.slice(0, octets.length - (cut % 20));
          sent[at % sent.length] = (sent[at % sent.length] as number) ^ flip;
          const { node } = inspect(sent, { mask: true });
          // The damage itself may have hit the password; what is left of it must not show either.
          expect(JSON.stringify(node)).not.toContain(toHex(secret.subarray(0, 8)));
          expect(JSON.stringify(node)).not.toContain(toHex(secret.subarray(-8)));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('nor does a secret that is set, with octets behind it or missing', () => {
  const secret = fc.uint8Array({ minLength: 8, maxLength: 32, min: 0xc0, max: 0xdf });
  const attribute = { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), attributeId: 7 };
  fc.assert(
    fc.property(secret, fc.nat({ max: 20 }), fc.uint8Array({ maxLength: 5 }), (octets, cut, tail) => {
      const value = { type: 'octet-string', value: octets } as const;
      const set = encodeApdu({ type: 'set-request-normal', invokeId: 1, attribute, value });
      const raw = encodeData(value);
      const blocks = [raw.subarray(0, 5), raw.subarray(5)].map((part, i) =>
        encodeApdu({
          type: 'set-request-with-datablock',
          invokeId: 1,
          block: { last: i === 1, number: i + 1, raw: part },
        }),
      );
      for (const sent of [[set], blocks]) {
        const inspector = new Inspector({ framing: 'bare', mask: true });
        const found = sent.flatMap((apdu) => inspector.feed(concat(apdu.subarray(0, apdu.length - cut), tail)));
        expect(JSON.stringify(found.map(({ node }) => node))).not.toContain(toHex(octets.subarray(0, 8)));
      }
    }),
    { numRuns: 1000 },
  );
});
