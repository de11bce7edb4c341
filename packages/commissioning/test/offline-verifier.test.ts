import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1, toHex } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { FileAttemptStore } from '../src/attempts.js';
import { MAX_TRIES, MIN_PAUSE, OfflineVerifier } from '../src/offline-verifier.js';
import { hashCode, hotp, type OfflineCredential, provisionCode, totpCounter } from '../src/otp.js';
import { OneTimeCode } from '../src/verification.js';
import { MemoryDisk, PowerCut } from './memory-file.js';

const START = Date.UTC(2026, 10, 23, 4, 30);
const EXPIRES = new Date(START + 86_400_000).toISOString();
/** Fast work factors: tests hash a great deal. */
const WORK = { n: 2, r: 1, p: 1 };
const SALT = fromHex('000102030405060708090A0B0C0D0E0F');
const CONSUMER = { workOrder: 'WO-1', consumerNumber: '1100220033', mobileLast4: '4321' };
const code = (digits: string) => OneTimeCode.parse(digits);

let keys = 0;

function bench(credential: OfflineCredential | undefined, disk = new MemoryDisk(), clock = new VirtualClock(START)) {
  const verifier = new OfflineVerifier(() => credential, new FileAttemptStore(disk.file('attempts')), clock);
  const attempt = (digits: string) => {
    clock.advance(MIN_PAUSE);
    return verifier.verify(CONSUMER, code(digits), `key ${keys++}`);
  };
  return { attempt, clock, disk, verifier };
}

const hashed = (digits: string, expires = EXPIRES) => provisionCode('1', code(digits), SALT, expires, WORK);

describe('RFC 4226, appendix D', () => {
  const seed = fromLatin1('12345678901234567890');
  const values = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  test.each(values.map((value, counter) => [counter, value] as const))('counter %i gives %s', (counter, value) => {
    expect(hotp(seed, counter)).toBe(value);
  });
  test('a counter that cannot be', () => {
    expect(() => hotp(seed, -1)).toThrow('whole number');
  });
});

describe('RFC 6238, appendix B, the last six digits of SHA-1', () => {
  const seed = fromLatin1('12345678901234567890');
  test.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i s: %s', (seconds, value) => {
    expect(hotp(seed, totpCounter(seconds * 1000))).toBe(value);
  });
});

test('scrypt of RFC 7914, clause 12: its third vector, first 32 octets', () => {
  // The vector's password is no six digits, but the same function computes it.
  const computed = hashCode('pleaseletmein', fromLatin1('SodiumChloride'), { n: 16384, r: 8, p: 1 });
  expect(toHex(computed)).toBe('7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2');
});

describe('the offline verifier', () => {
  test('takes the right code once, across a restart too', async () => {
    const { attempt, disk, clock } = bench(hashed('042137'));
    expect(await attempt('042137')).toMatchObject({
      verified: true,
      method: 'offline-code',
      reference: expect.stringMatching(/^WO-1\/key /),
    });
    expect(await attempt('042137')).toEqual({ verified: false, reason: 'used', triesLeft: 4 });
    const next = bench(hashed('042137'), disk, clock);
    expect(await next.verifier.verify(CONSUMER, code('042137'), 'after a restart')).toMatchObject({
      verified: false,
      reason: 'rate-limited',
    });
    clock.advance(MIN_PAUSE);
    expect(await next.verifier.verify(CONSUMER, code('042137'), 'later')).toMatchObject({ reason: 'used' });
  });

  test('locks after five wrong codes, for good', async () => {
    const { attempt, disk, clock } = bench(hashed('042137'));
    const outcomes = [];
    for (let i = 0; i < MAX_TRIES; i++) outcomes.push(await attempt(`90000${i}`));
    expect(outcomes).toEqual([
      { verified: false, reason: 'wrong', triesLeft: 4 },
      { verified: false, reason: 'wrong', triesLeft: 3 },
      { verified: false, reason: 'wrong', triesLeft: 2 },
      { verified: false, reason: 'wrong', triesLeft: 1 },
      { verified: false, reason: 'locked', triesLeft: 0 },
    ]);
    expect(await attempt('042137')).toEqual({ verified: false, reason: 'locked', triesLeft: 0 });
    clock.advance(3_600_000);
    expect(await bench(hashed('042137'), disk, clock).attempt('042137')).toMatchObject({ reason: 'locked' });
  });

  test('takes the right code at the fifth try', async () => {
    const { attempt } = bench(hashed('042137'));
    for (let i = 0; i < MAX_TRIES - 1; i++) await attempt('900000');
    expect(await attempt('042137')).toMatchObject({ verified: true });
  });

  test('asks no more than one code in two seconds', async () => {
    const { verifier, clock } = bench(hashed('042137'));
    await verifier.verify(CONSUMER, code('900000'), 'a');
    clock.advance(MIN_PAUSE - 1);
    expect(await verifier.verify(CONSUMER, code('042137'), 'b')).toEqual({
      verified: false,
      reason: 'rate-limited',
      retryAt: START + MIN_PAUSE,
      triesLeft: 4,
    });
    clock.advance(1);
    expect(await verifier.verify(CONSUMER, code('042137'), 'b')).toMatchObject({ verified: true });
  });

  test('gives the same answer to the same key without counting again', async () => {
    const { verifier, clock } = bench(hashed('042137'));
    const first = await verifier.verify(CONSUMER, code('900000'), 'a');
    clock.advance(10_000);
    expect(await verifier.verify(CONSUMER, code('900000'), 'a')).toEqual(first);
    expect(await verifier.verify(CONSUMER, code('900001'), 'b')).toMatchObject({ triesLeft: 3 });
  });

  test('says expired without counting, and a clock set back revives nothing', async () => {
    const clock = new VirtualClock(Date.parse(EXPIRES) - MIN_PAUSE - 1);
    const { attempt, disk } = bench(hashed('042137'), new MemoryDisk(), clock);
    await attempt('900000');
    clock.advance(1);
    for (let i = 0; i < 9; i++) {
      expect(await attempt('042137')).toEqual({ verified: false, reason: 'expired', triesLeft: 4 });
    }
    // The last try was a moment before the end: set back by an hour, the clock counts from there.
    const back = bench(
      hashed('042137', new Date(Date.parse(EXPIRES) - 1).toISOString()),
      disk,
      new VirtualClock(START),
    );
    expect(await back.attempt('042137')).toMatchObject({ verified: false, reason: 'expired' });
  });

  test('knows which of several codes has expired', async () => {
    const old = hashed('111111', new Date(START).toISOString());
    const credential = {
      ...old,
      codes: [...old.codes, ...provisionCode('2', code('222222'), SALT, EXPIRES, WORK).codes],
    };
    const { attempt } = bench(credential);
    expect(await attempt('111111')).toEqual({ verified: false, reason: 'expired', triesLeft: 4 });
    expect(await attempt('222222')).toMatchObject({ verified: true });
  });

  test('says so when the work order brought no code', async () => {
    const { attempt, verifier } = bench(undefined);
    expect(await attempt('111111')).toEqual({ verified: false, reason: 'not-provisioned' });
    expect(await verifier.request()).toEqual({ sent: false });
  });

  const seed = toHex(fromLatin1('12345678901234567890'));

  test('HOTP: each counter serves once, none before one that served, as far ahead as the window goes', async () => {
    const { attempt } = bench({ type: 'hotp', seed, counter: 0, expires: EXPIRES });
    expect(await attempt('969429')).toMatchObject({ verified: true, method: 'hotp' });
    expect(await attempt('969429')).toMatchObject({ verified: false, reason: 'used' });
    expect(await attempt('755224')).toMatchObject({ verified: false, reason: 'used' });
    expect(await attempt('399871')).toMatchObject({ verified: true });
    const narrow = bench({ type: 'hotp', seed, counter: 0, window: 2, expires: EXPIRES });
    expect(await narrow.attempt('969429')).toMatchObject({ verified: false, reason: 'wrong' });
  });

  test('TOTP: one step early or late, no further, once', async () => {
    const credential: OfflineCredential = { type: 'totp', seed, expires: EXPIRES };
    const at = (steps: number) => hotp(fromHex(seed), totpCounter(START) + steps);
    for (const [steps, good] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const { attempt } = bench(credential);
      expect(await attempt(at(steps))).toMatchObject({ verified: good });
    }
    const { attempt } = bench(credential);
    await attempt(at(1));
    expect(await attempt(at(0))).toMatchObject({ verified: false, reason: 'used' });
  });

  test('a power cut at any write gives no try away: never more than five codes are judged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ at: fc.nat(3), after: fc.nat(400) }), { maxLength: 12 }), async (cuts) => {
        const disk = new MemoryDisk();
        const clock = new VirtualClock(START);
        const credential = hashed('042137');
        for (const { at, after } of cuts) {
          disk.fault = { kind: 'power', at: disk.writes + at, after };
          try {
            const { attempt } = bench(credential, disk, clock);
            for (let i = 0; i < 2; i++) await attempt('900000');
          } catch (error) {
            expect(error).toBeInstanceOf(PowerCut);
          }
          disk.restart();
        }
        disk.restart();
        const store = new FileAttemptStore(disk.file('attempts'));
        const state = store.load('WO-1');
        const judged = Object.keys(state?.answered ?? {}).length;
        expect(state?.failures ?? 0).toBeGreaterThanOrEqual(judged);
        expect(state?.failures ?? 0).toBeLessThanOrEqual(MAX_TRIES);
        if (state?.failures === MAX_TRIES) {
          expect(await bench(credential, disk, clock).attempt('042137')).toMatchObject({ reason: 'locked' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a one-time code', () => {
  test('is read as people type it', () => {
    for (const text of ['123456', ' 123 456 ', '123-456', '१२३४५६']) expect(code(text).reveal()).toBe('123456');
  });

  test('is six digits, and what else was typed is not repeated', () => {
    for (const text of ['12345', '1234567', '12345a', '', '९८७६५', 'my code 987654']) {
      const error = (() => {
        try {
          code(text);
        } catch (error) {
          return error as Error & { hint?: string };
        }
      })();
      expect(error).toMatchObject({ code: 'state', message: 'the OTP has six digits' });
      expect(JSON.stringify(error) + error!.stack + error!.hint).not.toContain('98765');
    }
  });

  test('never prints', async () => {
    const { inspect } = await import('node:util');
    const secret = code('918273');
    const prints = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect(secret), inspect({ a: [secret] })];
    for (const text of prints) expect(text).not.toContain('918273');
    expect(Object.keys(secret)).toEqual([]);
  });
});
