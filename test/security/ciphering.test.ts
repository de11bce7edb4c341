import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError, SecurityError, StateError } from '../../src/base/errors.js';
import type { Protection } from '../../src/contracts/protection.js';
import {
  type CipherContext,
  demandProtection,
  keySetOf,
  protect,
  protectionOf,
  ReceiveCounter,
  securityControl,
  unprotect,
} from '../../src/security/ciphering.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.uint8Array({ maxLength: 300 });

/** Any key, title and counter, and any control byte that protects. */
const contexts = fc
  .record({
    suite: fc.constantFrom(0 as const, 1 as const, 2 as const),
    protection: fc.constantFrom<Protection>('authentication', 'encryption', 'authenticated-encryption'),
    keySet: fc.constantFrom('unicast' as const, 'broadcast' as const),
    keys: octets(64),
    systemTitle: octets(8),
    invocationCounter: fc.integer({ min: 0, max: 0xffffffff }),
    extra: fc.option(octets(9), { nil: undefined }),
  })
  .map(({ suite, protection, keySet, keys, systemTitle, invocationCounter, extra }): CipherContext => {
    const length = suite === 2 ? 32 : 16;
    return {
      control: securityControl(suite, protection, keySet),
      keys: { encryption: keys.subarray(0, length), authentication: keys.subarray(32, 32 + length) },
      systemTitle,
      invocationCounter,
      ...(extra && { extra }),
    };
  });

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SecurityError || error instanceof DecodeError) return error.reason;
    throw error;
  }
  return 'nothing thrown';
}

const greenBook: CipherContext = {
  control: 0x30,
  keys: {
    encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
    authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
  },
  systemTitle: fromHex('4D4D4D0000BC614E'),
  invocationCounter: 0x01234567,
};

describe('protect and unprotect', () => {
  test('are inverse for every control byte, key and text', () => {
    fc.assert(
      fc.property(contexts, text, (context, plaintext) => {
        const content = protect(nodeCrypto, context, plaintext);
        const tag = protectionOf(context.control) === 'encryption' ? 0 : 12;
        expect(content.length).toBe(plaintext.length + tag);
        expect(toHex(unprotect(nodeCrypto, context, content))).toBe(toHex(plaintext));
      }),
      { numRuns: 2000 },
    );
  });

  test('no flipped bit of header, title or content passes where authentication is demanded', () => {
    const authenticated = contexts.filter((context) => protectionOf(context.control) !== 'encryption');
    fc.assert(
      fc.property(authenticated, text, fc.nat(), (context, plaintext, anywhere) => {
        const { control, systemTitle, invocationCounter } = context;
        const counter = new Uint8Array(4);
        new DataView(counter.buffer).setUint32(0, invocationCounter);
        const message = concat(Uint8Array.of(control), counter, systemTitle, protect(nodeCrypto, context, plaintext));
        const bit = anywhere % (8 * message.length);
        message[bit >> 3]! ^= 1 << (bit & 7);
        const received = {
          ...context,
          control: message[0]!,
          invocationCounter: new DataView(message.buffer).getUint32(1),
          systemTitle: message.subarray(5, 13),
        };
        const reason = reasonOf(() => {
          demandProtection(received.control, protectionOf(control));
          unprotect(nodeCrypto, received, message.subarray(13));
        });
        // Clearing a protection bit is caught before anything is opened; all else is caught by the tag.
        const stripped = (control & ~received.control & 0x30) !== 0;
        expect(reason).toBe(stripped ? 'not-protected' : 'bad-tag');
      }),
      { numRuns: 3000 },
    );
  });

  test('any octets as content end in a value or a named error', () => {
    fc.assert(
      fc.property(contexts, fc.nat(255), text, (context, control, content) => {
        const reason = reasonOf(() => unprotect(nodeCrypto, { ...context, control }, content));
        expect(['nothing thrown', 'bad-tag', 'truncated', 'bad-value', 'compressed']).toContain(reason);
        if (reason === 'nothing thrown') expect(protectionOf(control)).toBe('encryption');
      }),
      { numRuns: 1000 },
    );
  });

  test('a compressed message is refused by name, but only when its tag holds', () => {
    const plaintext = Uint8Array.of(1, 2, 3);
    const aad = concat(Uint8Array.of(0xb0), greenBook.keys.authentication!);
    const iv = concat(greenBook.systemTitle, fromHex('01234567'));
    const content = nodeCrypto.gcmSeal(greenBook.keys.encryption, iv, aad, plaintext);
    const compressed = { ...greenBook, control: 0xb0 };
    expect(reasonOf(() => unprotect(nodeCrypto, compressed, content))).toBe('compressed');
    expect(() => unprotect(nodeCrypto, compressed, content)).toThrow(/V\.44/);
    content[0]! ^= 1;
    expect(reasonOf(() => unprotect(nodeCrypto, compressed, content))).toBe('bad-tag');
    expect(reasonOf(() => unprotect(nodeCrypto, { ...greenBook, control: 0xa0 }, content))).toBe('compressed');
  });

  test("the caller's faults are told before anything is sent", () => {
    const send = (change: Partial<CipherContext>) => () => protect(nodeCrypto, { ...greenBook, ...change }, text0);
    const text0 = new Uint8Array(1);
    expect(send({ control: 0x00 })).toThrow(StateError);
    expect(send({ control: 0xb0 })).toThrow(/compression/);
    expect(send({ control: 0x33 })).toThrow(/suite 3/);
    expect(send({ control: 0x32 })).toThrow(/encryption key has 16 octets, but security suite 2 takes 32/);
    expect(send({ systemTitle: new Uint8Array(7) })).toThrow(/system title of 7 octets/);
    expect(reasonOf(send({ keys: { encryption: greenBook.keys.encryption } }))).toBe('missing-key');
    expect(send({ control: 0x20, keys: { encryption: greenBook.keys.encryption } })).not.toThrow();
  });

  test('no error shows a key', () => {
    const keys = { encryption: fromHex('5EC0DE'.repeat(5)), authentication: fromHex('5EC0DE'.repeat(5)) };
    for (const control of [0x30, 0x10, 0x20, 0x33, 0xb0]) {
      for (const action of [protect, unprotect]) {
        let message = '';
        try {
          action(nodeCrypto, { ...greenBook, keys, control }, new Uint8Array(40));
        } catch (error) {
          message = `${error} ${(error as SecurityError).hint}`;
        }
        expect(message).not.toMatch(/5ec0de|94,192,222/i);
      }
    }
  });
});

describe('the security control byte', () => {
  test.each([
    [0, 'authentication', 'unicast', 0x10],
    [0, 'encryption', 'unicast', 0x20],
    [0, 'authenticated-encryption', 'unicast', 0x30],
    [1, 'authenticated-encryption', 'broadcast', 0x71],
    [2, 'none', 'unicast', 0x02],
  ] as const)('suite %i, %s, %s is %i', (suite, protection, keySet, control) => {
    expect(securityControl(suite, protection, keySet)).toBe(control);
    expect(protectionOf(control)).toBe(protection);
    expect(keySetOf(control)).toBe(keySet);
  });

  test('more protection than demanded passes, less does not', () => {
    expect(() => demandProtection(0x30, 'encryption')).not.toThrow();
    expect(() => demandProtection(0x00, 'none')).not.toThrow();
    expect(reasonOf(() => demandProtection(0x20, 'authenticated-encryption'))).toBe('not-protected');
    expect(reasonOf(() => demandProtection(0x20, 'authentication'))).toBe('not-protected');
  });
});

describe('ReceiveCounter', () => {
  test('takes every counter at most once, and only rising ones', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(5), (counters, lowest) => {
        const guard = new ReceiveCounter(lowest);
        let last = lowest - 1;
        for (const counter of counters) {
          const reason = reasonOf(() => guard.accept(counter));
          expect(reason).toBe(counter > last ? 'nothing thrown' : 'replay');
          last = Math.max(last, counter);
          expect(guard.lowest).toBe(last + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a check alone moves nothing, and the highest counter is the last', () => {
    const guard = new ReceiveCounter();
    guard.check(7);
    guard.check(7);
    expect(guard.lowest).toBe(0);
    guard.accept(0xffffffff);
    expect(reasonOf(() => guard.check(0xffffffff))).toBe('replay');
  });
});
