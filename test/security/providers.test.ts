import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import type { CryptoProvider, Curve } from '../../src/contracts/crypto-provider.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { nobleCurveCrypto } from '../../src/security/noble-curves.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = fc.constantFrom(16, 32).chain(octets);
const iv = octets(12);
// Views into larger arrays, at any offset: what a received frame is.
const text = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(7)).map(([bytes, offset]) => {
  const around = new Uint8Array(bytes.length + offset + 3).fill(0xee);
  around.set(bytes, offset);
  return around.subarray(offset, offset + bytes.length);
});
const shown = (bytes: Uint8Array | undefined) => bytes && toHex(bytes);

function agree(action: (crypto: CryptoProvider) => Uint8Array | undefined): string | undefined {
  const fromNode = action(nodeCrypto);
  expect(shown(action(nobleCurveCrypto))).toBe(shown(fromNode));
  if (fromNode !== undefined) expect(Object.getPrototypeOf(fromNode)).toBe(Uint8Array.prototype);
  return shown(fromNode);
}

describe('noble and Node agree', () => {
  test('on AES-GCM with a tag of 12 octets, in both directions, for whatever is opened', () => {
    fc.assert(
      fc.property(key, iv, text, text, fc.nat(), (k, nonce, aad, plaintext, anywhere) => {
        agree((crypto) => crypto.gcmSeal(k, nonce, aad, plaintext));
        const sealed = nodeCrypto.gcmSeal(k, nonce, aad, plaintext);
        expect(agree((crypto) => crypto.gcmOpen(k, nonce, aad, sealed))).toBe(toHex(plaintext));
        sealed[anywhere % sealed.length]! ^= 1 << (anywhere & 7);
        expect(agree((crypto) => crypto.gcmOpen(k, nonce, aad, sealed))).toBeUndefined();
        expect(agree((crypto) => crypto.gcmOpen(k, nonce, aad, plaintext.subarray(0, 11)))).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('on the encryption half of GCM, on ECB and on every hash', () => {
    fc.assert(
      fc.property(
        key,
        iv,
        text,
        fc.uint8Array({ maxLength: 4 }).chain((n) => octets(16 * n.length)),
        (k, nonce, message, blocks) => {
          const encrypted = agree((crypto) => crypto.gcmCrypt(k, nonce, message));
          const sealed = nodeCrypto.gcmSeal(k, nonce, new Uint8Array(0), message);
          expect(encrypted).toBe(toHex(sealed.subarray(0, message.length)));
          agree((crypto) => crypto.ecbEncrypt(k, blocks));
          agree((crypto) => crypto.ecbDecrypt(k, blocks));
          for (const name of ['md5', 'sha-1', 'sha-256', 'sha-384'] as const)
            agree((crypto) => crypto.hash(name, message));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each<Curve>(['P-256', 'P-384'])('on %s: keys, agreement, and each verifies what the other signs', (curve) => {
    const length = curve === 'P-256' ? 32 : 48;
    // Below the order of the curve, and not zero.
    const privateKey = octets(length - 1).map((bytes) => Uint8Array.of(0, ...bytes.subarray(1), 1));
    fc.assert(
      fc.property(privateKey, privateKey, text, (a, b, message) => {
        agree((crypto) => crypto.publicKey(curve, a));
        const publicA = nodeCrypto.publicKey(curve, a);
        const publicB = nodeCrypto.publicKey(curve, b);
        const secret = agree((crypto) => crypto.agree(curve, a, publicB));
        expect(agree((crypto) => crypto.agree(curve, b, publicA))).toBe(secret);
        for (const signer of [nobleCurveCrypto, nodeCrypto]) {
          const signature = signer.sign(curve, a, message);
          expect(signature.length).toBe(2 * length);
          for (const verifier of [nobleCurveCrypto, nodeCrypto]) {
            expect(verifier.verify(curve, publicA, message, signature)).toBe(true);
            expect(verifier.verify(curve, publicB, message, signature)).toBe(toHex(publicA) === toHex(publicB));
            expect(verifier.verify(curve, publicA, message, signature.subarray(1))).toBe(false);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test.each<Curve>(['P-256', 'P-384'])(
    'a key of another length than %s has is refused, never filled or cut',
    (curve) => {
      const length = curve === 'P-256' ? 32 : 48;
      const right = new Uint8Array(length).fill(1);
      for (const crypto of [nobleCurveCrypto, nodeCrypto]) {
        const publicKey = crypto.publicKey(curve, right);
        for (const wrong of [length - 1, length + 1, 80 - length]) {
          const other = new Uint8Array(wrong).fill(1);
          expect(() => crypto.publicKey(curve, other)).toThrow(SecurityError);
          expect(() => crypto.sign(curve, other, right)).toThrow(SecurityError);
          expect(() => crypto.agree(curve, other, publicKey)).toThrow(SecurityError);
          expect(() => crypto.agree(curve, right, new Uint8Array(2 * wrong))).toThrow(SecurityError);
          expect(crypto.verify(curve, publicKey.subarray(0, 2 * wrong), right, new Uint8Array(2 * wrong))).toBe(false);
        }
        // No point of the curve, as a peer may send to find out our key bit by bit.
        expect(() => crypto.agree(curve, right, new Uint8Array(2 * length).fill(7))).toThrow(SecurityError);
        expect(() => crypto.publicKey(curve, new Uint8Array(length))).toThrow(SecurityError);
      }
    },
  );

  test('a key that is no point of its curve verifies nothing and crashes nothing', () => {
    for (const crypto of [nobleCurveCrypto, nodeCrypto]) {
      const nowhere = new Uint8Array(64).fill(7);
      expect(crypto.verify('P-256', nowhere, new Uint8Array(1), new Uint8Array(64))).toBe(false);
      expect(crypto.verify('P-256', new Uint8Array(3), new Uint8Array(1), new Uint8Array(64))).toBe(false);
    }
  });
});

test.each([nobleCurveCrypto, nodeCrypto])('random octets are as many as asked for, and never the same', (crypto) => {
  const drawn = Array.from({ length: 100 }, () => toHex(crypto.random(16)));
  expect(new Set(drawn).size).toBe(100);
  for (const one of drawn) expect(one.length).toBe(32);
});

test('what needs elliptic curves says where they are, and never that a signature is wrong', () => {
  const octets = new Uint8Array(32).fill(1);
  const curveWork = [
    () => nobleCrypto.sign('P-256', octets, octets),
    () => nobleCrypto.verify('P-256', new Uint8Array(64), octets, new Uint8Array(64)),
    () => nobleCrypto.agree('P-256', octets, new Uint8Array(64)),
    () => nobleCrypto.publicKey('P-256', octets),
  ];
  for (const work of curveWork) {
    expect(work).toThrow(StateError);
    expect(work).toThrow(expect.objectContaining({ hint: expect.stringContaining('cosem/curves') }));
  }
});
