import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { apduTagName } from '../../src/apdu/tags.js';
import { DecodeError } from '../../src/base/errors.js';
import { anyApdu } from '../support/apdu-arbitrary.js';

const runs = { numRuns: 2000 };

/** Octets that begin with a real tag, so that decoders get further than the first octet. */
const taggedOctets = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }).filter((tag) => apduTagName(tag) !== undefined),
    fc.uint8Array({ maxLength: 80 }),
  )
  .map(([tag, rest]) => Uint8Array.of(tag, ...rest));

function outcome(bytes: Uint8Array, lenient = false): 'value' | DecodeError {
  try {
    decodeApdu(bytes, { lenient });
    return 'value';
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

test('what is written is read again as it was', () => {
  fc.assert(
    fc.property(anyApdu, (apdu) => {
      expect(decodeApdu(encodeApdu(apdu))).toEqual(apdu);
    }),
    runs,
  );
});

test('any octets give a value or a DecodeError inside of them', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), taggedOctets), (bytes) => {
      const result = outcome(bytes);
      if (result === 'value') return;
      expect(result.offset).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 5000 },
  );
});

test('lenient reading too gives a value or a DecodeError, and the same value where the octets are right', () => {
  fc.assert(
    fc.property(anyApdu, fc.uint8Array({ maxLength: 120 }), (apdu, bytes) => {
      outcome(bytes, true);
      expect(decodeApdu(encodeApdu(apdu), { lenient: true })).toEqual(apdu);
    }),
    runs,
  );
});

test('an APDU cut short gives a DecodeError', () => {
  fc.assert(
    fc.property(anyApdu, fc.nat(), (apdu, at) => {
      const bytes = encodeApdu(apdu);
      expect(outcome(bytes.subarray(0, at % bytes.length))).toBeInstanceOf(DecodeError);
    }),
    runs,
  );
});

test('an APDU with octets behind it gives trailing-bytes', () => {
  fc.assert(
    fc.property(anyApdu, fc.uint8Array({ minLength: 1, maxLength: 4 }), (apdu, tail) => {
      const result = outcome(Uint8Array.of(...encodeApdu(apdu), ...tail));
      expect(result).toMatchObject({ reason: 'trailing-bytes' });
    }),
    runs,
  );
});

test('an APDU with one octet changed gives a value or a DecodeError', () => {
  fc.assert(
    fc.property(anyApdu, fc.nat(), fc.integer({ min: 0, max: 255 }), (apdu, at, octet) => {
      const bytes = encodeApdu(apdu).slice();
      bytes[at % bytes.length] = octet;
      outcome(bytes);
    }),
    runs,
  );
});
