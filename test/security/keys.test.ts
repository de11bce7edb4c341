import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { deriveKey, unwrapKey, wrapKey } from '../../src/security/keys.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const crypto = nodeCrypto;

const key = fc.constantFrom(16, 24, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
const kek = fc.constantFrom(16, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

test('a wrapped key comes out as it went in, and not at all when a bit was changed', () => {
  fc.assert(
    fc.property(kek, key, fc.nat(), (master, secret, anywhere) => {
      const wrapped = wrapKey(crypto, master, secret);
      expect(wrapped.length).toBe(secret.length + 8);
      expect(toHex(unwrapKey(crypto, master, wrapped))).toBe(toHex(secret));
      wrapped[anywhere % wrapped.length]! ^= 1 << (anywhere & 7);
      expect(() => unwrapKey(crypto, master, wrapped)).toThrow(SecurityError);
    }),
    { numRuns: 1000 },
  );
});

const KEK = '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F';
const SECRET = '00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F';

describe.each([
  ['noble', nobleCrypto],
  ['Node', nodeCrypto],
] as const)('key wrap on %s', (_, crypto) => {
  test.each([
    ['4.1', 16, 16, '1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5'],
    ['4.3', 32, 16, '64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7'],
    ['4.6', 32, 32, '28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21'],
  ])('is that of RFC 3394 %s', (_section, kekLength, keyLength, wrapped) => {
    const master = fromHex(KEK).subarray(0, kekLength);
    expect(toHex(wrapKey(crypto, master, fromHex(SECRET).subarray(0, keyLength)))).toBe(wrapped);
    expect(toHex(unwrapKey(crypto, master, fromHex(wrapped)))).toBe(SECRET.slice(0, 2 * keyLength));
  });

  test('is that of OpenSSL', () => {
    fc.assert(
      fc.property(kek, key, (master, secret) => {
        const cipher = createCipheriv(`id-aes${8 * master.length}-wrap`, master, Buffer.alloc(8, 0xa6));
        expect(toHex(wrapKey(crypto, master, secret))).toBe(
          toHex(Buffer.concat([cipher.update(secret), cipher.final()])),
        );
      }),
      { numRuns: 200 },
    );
  });
});

test.each([
  [1, 'cipher', 'sha256', '60857405080300', 16],
  [1, 'wrap', 'sha256', '60857405080302', 16],
  [2, 'cipher', 'sha384', '60857405080301', 32],
  [2, 'wrap', 'sha384', '60857405080303', 32],
] as const)('suite %i derives a key to %s as written out here', (suite, use, hash, algorithm, length) => {
  const z = new Uint8Array(48).fill(7);
  const [partyUInfo, partyVInfo] = [fromHex('4D4D4D0000BC614E'), fromHex('4D4D4D0000000001')];
  const digest = createHash(hash).update(fromHex('00000001')).update(z).update(fromHex(algorithm));
  const expected = digest.update(partyUInfo).update(partyVInfo).digest().subarray(0, length);
  for (const provider of [nobleCrypto, nodeCrypto])
    expect(toHex(deriveKey(provider, z, { suite, use, partyUInfo, partyVInfo }))).toBe(toHex(expected));
});

test('lengths that cannot be are refused', () => {
  for (const length of [0, 8, 17]) {
    expect(() => wrapKey(crypto, new Uint8Array(16), new Uint8Array(length))).toThrow(StateError);
    expect(() => unwrapKey(crypto, new Uint8Array(16), new Uint8Array(length))).toThrow(SecurityError);
  }
});

test('counters in memory rise, entry by entry, and end before 0xFFFFFFFF', () => {
  const counters = new MemoryCounterStore({ b: 0xfffffffe });
  expect([counters.next('a'), counters.next('a'), counters.peek('a'), counters.next('b')]).toEqual([
    1, 2, 3, 0xfffffffe,
  ]);
  expect(() => counters.next('b')).toThrow(SecurityError);
  counters.raise('a', 2);
  expect(counters.next('a')).toBe(3);
  counters.raise('a', 100);
  expect(counters.next('a')).toBe(100);
});
