import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { unwrapKey, wrapKey } from '../../src/security/keys.js';
import { nodeCrypto as crypto } from '../../src/transport/node-crypto.js';

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

test('RFC 3394 4.6: 256 bits of key under a 256 bit KEK', () => {
  const master = fromHex('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F');
  const secret = fromHex('00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F');
  const wrapped = '28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21';
  expect(toHex(wrapKey(crypto, master, secret))).toBe(wrapped);
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
