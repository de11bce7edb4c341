import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GeneralCiphering, GeneralSigning, KeyInfo } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';

// No foreign octets stand behind the longer forms: what is written is read again here by hand, octet by octet.
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const header = {
  transactionId: octets(20),
  originatorTitle: octets(8),
  recipientTitle: octets(8),
  dateTime: octets(12),
  otherInformation: octets(200),
};
const keyInfo: fc.Arbitrary<KeyInfo | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ type: fc.constant('identified-key' as const), keyId: fc.nat(255) }),
  fc.record({ type: fc.constant('wrapped-key' as const), kekId: fc.nat(255), wrapped: octets(40) }),
  fc.record({ type: fc.constant('agreed-key' as const), parameters: octets(2), data: octets(192) }),
);

/** Length of one octet, of 81 and one, or of 82 and two; then so many octets. */
function field(bytes: Uint8Array, at: number): [Uint8Array, number] {
  const first = bytes[at] as number;
  const [length, start] =
    first < 0x80
      ? [first, at + 1]
      : first === 0x81
        ? [bytes[at + 1] as number, at + 2]
        : [((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number), at + 3];
  return [bytes.subarray(start, start + length), start + length];
}

function byHand(bytes: Uint8Array): string[] {
  const read: string[] = [];
  let at = 1;
  const next = () => {
    const [value, end] = field(bytes, at);
    at = end;
    read.push(toHex(value));
  };
  for (let i = 0; i < 5; i++) next();
  if (bytes[0] === 0xdf) {
    next();
    next();
  } else {
    if (bytes[at++] === 1) {
      const choice = bytes[at++] as number;
      read.push(`choice ${choice}`);
      if (choice < 2) read.push(String(bytes[at++]));
      if (choice === 2) next();
      if (choice > 0) next();
    }
    next();
  }
  expect(at).toBe(bytes.length);
  return read;
}

const headerHex = (apdu: GeneralCiphering | GeneralSigning) =>
  [apdu.transactionId, apdu.originatorTitle, apdu.recipientTitle, apdu.dateTime, apdu.otherInformation].map(toHex);

test('general-ciphering goes there and back, and reads by hand as it was meant', () => {
  fc.assert(
    fc.property(
      fc.record({ ...header, securityControl: fc.constantFrom(0x20, 0x21, 0x22), content: octets(300) }),
      fc.integer({ min: 0, max: 0xffffffff }),
      keyInfo,
      (fields, invocationCounter, info) => {
        const apdu: GeneralCiphering = {
          type: 'general-ciphering',
          ...fields,
          invocationCounter,
          ...(info && { keyInfo: info }),
        };
        const bytes = encodeApdu(apdu);
        expect(decodeApdu(bytes)).toEqual(apdu);
        const counter = invocationCounter.toString(16).padStart(8, '0').toUpperCase();
        const control = fields.securityControl.toString(16);
        const key =
          info === undefined
            ? []
            : info.type === 'identified-key'
              ? ['choice 0', String(info.keyId)]
              : info.type === 'wrapped-key'
                ? ['choice 1', String(info.kekId), toHex(info.wrapped)]
                : ['choice 2', toHex(info.parameters), toHex(info.data)];
        expect(byHand(bytes)).toEqual([...headerHex(apdu), ...key, control + counter + toHex(fields.content)]);
      },
    ),
  );
});

test('general-signing goes there and back, and reads by hand as it was meant', () => {
  fc.assert(
    fc.property(fc.record({ ...header, content: octets(300), signature: octets(96) }), (fields) => {
      const apdu: GeneralSigning = { type: 'general-signing', ...fields };
      const bytes = encodeApdu(apdu);
      expect(decodeApdu(bytes)).toEqual(apdu);
      expect(byHand(bytes)).toEqual([...headerHex(apdu), toHex(fields.content), toHex(fields.signature)]);
    }),
  );
});

test.each([
  ['DD0000000000010300', 'unknown-choice', 'general-ciphering.key-info'],
  ['DD08010203', 'truncated', 'general-ciphering.transaction-id'],
  ['DD00000000000006300000000101', 'truncated', 'general-ciphering.ciphered-content'],
  ['DF000000000081FF', 'truncated', 'general-signing.content'],
  ['DF00000000000000EE', 'trailing-bytes', 'general-signing'],
])('%s is refused: %s at %s', (hex, reason, path) => {
  const failure = expect.objectContaining({ reason, path: path.split('.') });
  expect(() => decodeApdu(fromHex(hex))).toThrow(DecodeError);
  expect(() => decodeApdu(fromHex(hex))).toThrow(failure);
});
