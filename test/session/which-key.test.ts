/** What the owner of the keys is told when a meter's half of an association does not open: which key, title or counter is wrong. */
import { describe, expect, it } from 'vitest';
import type { Aare } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex } from '../../src/base/bytes.js';
import { SecurityError } from '../../src/base/errors.js';
import { protect, unprotect } from '../../src/security/ciphering.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { AK, CLIENT_TITLE, EK, pump, SERVER_TITLE, setup, type Wire } from './harness.js';

const OTHER = fromHex('00112233445566778899AABBCCDDEEFF');

interface Sealed {
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly title?: Uint8Array;
  /** Octet of the security control in the head. */
  readonly stated?: number;
}

/** A meter whose InitiateResponse is sealed otherwise. */
function resealing(wire: Wire, { ek = EK, ak = AK, title = SERVER_TITLE, stated = 0x30 }: Sealed): Wire {
  return (request) => {
    const aare = decodeApdu(wire(request) as Uint8Array) as Aare;
    const outer = decodeApdu(aare.userInformation as Uint8Array);
    if (outer.type !== 'ciphered') throw new Error('not ciphered');
    const { securityControl: control, invocationCounter } = outer;
    const context = {
      keys: { encryption: EK, authentication: AK },
      control,
      systemTitle: SERVER_TITLE,
      invocationCounter,
    };
    const plain = unprotect(nobleCrypto, context, outer.content);
    const other = { ...context, keys: { encryption: ek, authentication: ak }, systemTitle: title };
    const content = protect(nobleCrypto, other, plain);
    return encodeApdu({ ...aare, userInformation: encodeApdu({ ...outer, securityControl: stated, content }) });
  };
}

function failure(sealed: Sealed): SecurityError {
  const { client, wire } = setup({ context: 'ln-ciphered', policy: 'authenticated-encryption' });
  try {
    pump(client.associate(), resealing(wire, sealed));
  } catch (error) {
    if (error instanceof SecurityError) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('an association that the meter answers under something else', () => {
  it('opens where it is right', () => {
    expect(() => failure({})).toThrow('it opened');
  });

  it.each<[string, Sealed, string, RegExp]>([
    [
      'EK',
      { ek: OTHER },
      'bad-tag',
      /the deciphered message is not readable: the encryption key \(EK, GUEK\), the system title or the counter is wrong/,
    ],
    ['AK', { ak: OTHER }, 'wrong-ak', /The authentication key \(AK, GAK\) is wrong; the encryption key is right/],
    ['both exchanged', { ek: AK, ak: EK }, 'swapped-keys', /The two keys are exchanged/],
    ['EK in both places', { ak: EK }, 'same-key', /one key for both: the EK given is right/],
    ['our title', { title: CLIENT_TITLE }, 'own-title', /The system titles are exchanged/],
    ['its title the last octet first', { title: SERVER_TITLE.slice().reverse() }, 'reversed-title', /in reverse order/],
    ['a title that nothing knows', { title: OTHER.slice(0, 8) }, 'bad-tag', /the system title or the counter is wrong/],
    ['another control octet', { stated: 0xb0 }, 'changed-control', /security control octet B0/i],
  ])('%s', (_, sealed, reason, sentence) => {
    const error = failure(sealed);
    expect([error.reason, error.message]).toEqual([reason, expect.stringMatching(sentence)]);
    // Never a key.
    expect(JSON.stringify([error.message, error.hint, error.facts])).not.toMatch(/0011223344|00010203|D0D1D2/i);
  });
});
