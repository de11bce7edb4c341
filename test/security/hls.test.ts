import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import type { SecurityError } from '../../src/base/errors.js';
import {
  checkChallengeLength,
  type HlsMechanismId,
  hlsAnswer,
  hlsHolds,
  hlsInvocationCounter,
  makeChallenge,
} from '../../src/security/hls.js';
import { nodeCrypto as crypto } from '../../src/transport/node-crypto.js';

const octets = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });
const privateKey = fromHex('418073C239FA6125011DE4D6CD2E645780289F761BB21BFB0835CB5585E8B373');
const signing = { curve: 'P-256' as const, privateKey };
const checking = { curve: 'P-256' as const, publicKey: crypto.publicKey('P-256', privateKey) };

const passes = fc.record({
  challenge: octets(8, 64),
  otherChallenge: octets(8, 64),
  systemTitle: octets(8),
  otherSystemTitle: octets(8),
  secret: octets(1, 16),
  encryptionKey: octets(16),
  authenticationKey: octets(16),
  invocationCounter: fc.integer({ min: 0, max: 0xffffffff }),
});

function reasonOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as SecurityError).reason;
  }
  return undefined;
}

describe.each<HlsMechanismId>([2, 3, 4, 5, 6, 7])('HLS mechanism %i', (mechanism) => {
  test('a right answer holds; no changed, cut or lengthened answer does', () => {
    fc.assert(
      fc.property(passes, fc.nat(), (pass, anywhere) => {
        const answer = hlsAnswer(crypto, mechanism, { ...pass, signature: signing });
        const holds = (bytes: Uint8Array) => hlsHolds(crypto, mechanism, { ...pass, signature: checking }, bytes);
        expect(holds(answer)).toBe(true);
        expect(holds(answer.subarray(1))).toBe(false);
        expect(holds(Uint8Array.of(...answer, 0))).toBe(false);
        expect(holds(new Uint8Array(0))).toBe(false);
        const changed = answer.slice();
        changed[anywhere % changed.length]! ^= 1 << (anywhere & 7);
        expect(holds(changed)).toBe(false);
      }),
      { numRuns: mechanism === 7 ? 100 : 1000 },
    );
  });

  test('names what is missing', () => {
    const pass = { challenge: new Uint8Array(16), otherChallenge: new Uint8Array(16).fill(1) };
    expect(reasonOf(() => hlsAnswer(crypto, mechanism, pass))).toBe('missing-key');
    expect(reasonOf(() => hlsHolds(crypto, mechanism, pass, new Uint8Array(17).fill(0x10)))).toBe('missing-key');
  });
});

test.each<HlsMechanismId>([6, 7])('mechanism %i: the answer of one side is not that of the other', (mechanism) => {
  fc.assert(
    fc.property(passes, (pass) => {
      fc.pre(toHex(pass.systemTitle) !== toHex(pass.otherSystemTitle));
      const answer = hlsAnswer(crypto, mechanism, { ...pass, signature: signing });
      const turned = {
        ...pass,
        systemTitle: pass.otherSystemTitle,
        otherSystemTitle: pass.systemTitle,
        signature: checking,
      };
      expect(hlsHolds(crypto, mechanism, turned, answer)).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('mechanism 2 as other implementations do it: secret and challenge filled with zeros', () => {
  // From transcripts/peers: secret `Gurux`, both directions of one association.
  const secret = fromLatin1('Gurux');
  const ctos = fromHex('1D5A28430D0904302A7864775B774801');
  const stoc = fromHex('6369135851304A79661F31131C0E5713');
  const answer = (challenge: Uint8Array) => toHex(hlsAnswer(crypto, 2, { challenge, otherChallenge: ctos, secret }));
  expect(answer(stoc)).toBe('DFF4A7D8AD3D9B641CCDCAE20C9DCB23');
  expect(answer(ctos)).toBe('A1BBA03FC8428AFDC1302FAA3942D3E6');
});

test('mechanism 2 does not cut a secret that is too long', () => {
  const pass = { challenge: new Uint8Array(16), otherChallenge: new Uint8Array(16), secret: new Uint8Array(17) };
  expect(reasonOf(() => hlsAnswer(crypto, 2, pass))).toBe('bad-key');
});

test('mechanism 5 carries its invocation counter and its suite', () => {
  const pass = {
    challenge: fromLatin1('P6wRJ21F'),
    otherChallenge: new Uint8Array(8),
    systemTitle: new Uint8Array(8),
    encryptionKey: new Uint8Array(32),
    authenticationKey: new Uint8Array(32),
    invocationCounter: 0xfedcba98,
    suite: 2 as const,
  };
  const answer = hlsAnswer(crypto, 5, pass);
  expect(answer[0]).toBe(0x12);
  expect(hlsInvocationCounter(answer)).toBe(0xfedcba98);
  expect(hlsInvocationCounter(answer.subarray(1))).toBeUndefined();
  expect(hlsHolds(crypto, 5, pass, answer)).toBe(true);
});

describe('challenges', () => {
  test('are 8 to 64 octets, 16 unless told otherwise', () => {
    expect(makeChallenge(crypto).length).toBe(16);
    expect(makeChallenge(crypto, 64).length).toBe(64);
    for (const length of [0, 7, 65]) {
      expect(reasonOf(() => makeChallenge(crypto, length))).toBe('bad-challenge');
      expect(reasonOf(() => checkChallengeLength(length))).toBe('bad-challenge');
    }
  });
});
