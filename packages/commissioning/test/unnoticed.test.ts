/** What an attacker, a slip or a power cut could do to a commissioning, and no other test noticed. */
import { afterAll, describe, expect, test } from 'vitest';
import { concat, fromHex } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { FileAttemptStore } from '../src/attempts.js';
import { canonicalBytes } from '../src/canonical.js';
import { MAX_TRIES, MIN_PAUSE, OfflineVerifier } from '../src/offline-verifier.js';
import { hotp, type OfflineCredential, provisionCode, totpCounter } from '../src/otp.js';
import { toBase45 } from '../src/record/base45.js';
import { COMPACT, COMPACT_PREFIX, readCompact } from '../src/record/compact.js';
import { verifyRecord } from '../src/record/record.js';
import { signedOctets } from '../src/record/signing.js';
import type { StepResult } from '../src/session.js';
import { OneTimeCode } from '../src/verification.js';
import { Bench, START } from './bench.js';
import { MemoryDisk, PowerCut } from './memory-file.js';

const benches: Bench[] = [];
afterAll(() => {
  for (const bench of benches) bench.dispose();
});

async function benched(): Promise<Bench> {
  const bench = new Bench();
  benches.push(bench);
  await bench.openIndex();
  return bench;
}

const OTHER = '20000001';

test.each(['clock', 'relay', 'readings', 'events'] as const)(
  'in step %s nothing is taken from another meter, nor asked of it but its number',
  async (step) => {
    const bench = await benched();
    const session = bench.session();
    await bench.upTo(session, step);
    const asked: string[] = [];
    const result = await bench.withMeter<StepResult>((port) => {
      const other = new Proxy(port, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            asked.push(String(name));
            return name === 'serial' ? Promise.resolve(OTHER) : Reflect.apply(value, target, args);
          };
        },
      });
      return session[step](other);
    });
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'wrong-meter', params: { serial: OTHER, expected: bench.order.newMeter.serial } },
    });
    expect(asked).toEqual(['serial']);
    expect(session.next).toBe(step);
    expect((await bench.do(session, step)).ok).toBe(true);
  },
);

const SEED = '31'.repeat(20);
const EXPIRES = new Date(START + 86_400_000).toISOString();
const CONSUMER = { workOrder: 'WO-1', consumerNumber: '1100220033', mobileLast4: '4321' };
const code = (digits: string) => OneTimeCode.parse(digits);
const HASHED = provisionCode('1', code('274913'), fromHex('33'.repeat(16)), EXPIRES, { n: 2, r: 1, p: 1 });
const CREDENTIALS: readonly (readonly [string, OfflineCredential, string])[] = [
  ['a hashed code', HASHED, '274913'],
  ['a code of HOTP', { type: 'hotp', seed: SEED, counter: 3, expires: EXPIRES }, hotp(fromHex(SEED), 3)],
  [
    'a code of TOTP',
    { type: 'totp', seed: SEED, step: 86_400, expires: EXPIRES },
    hotp(fromHex(SEED), totpCounter(START, 86_400)),
  ],
];

describe.each(CREDENTIALS)('%s', (_, credential, digits) => {
  test('that served never serves again, in whatever run, under whatever key, after whatever else', async () => {
    const clock = new VirtualClock(START);
    const disk = new MemoryDisk();
    const ask = (typed: string, key: string) => {
      clock.advance(MIN_PAUSE);
      const verifier = new OfflineVerifier(() => credential, new FileAttemptStore(disk.file('attempts')), clock);
      return verifier.verify(CONSUMER, code(typed), key);
    };
    expect(await ask(digits, 'first')).toMatchObject({ verified: true });
    for (const key of ['second', 'third']) {
      expect(await ask(digits, key)).toMatchObject({ verified: false, reason: 'used' });
      expect(await ask('000000', `${key} wrong`)).toMatchObject({ verified: false, reason: 'wrong' });
    }
    expect(await ask(digits, 'last')).toMatchObject({ verified: false, reason: 'locked' });
  });
});

test('a try is on the disk before the code is looked at: a cut in between gives none', async () => {
  const clock = new VirtualClock(START);
  const disk = new MemoryDisk();
  let looked = 0;
  for (let tries = 1; tries <= 3 * MAX_TRIES; tries++) {
    clock.advance(MIN_PAUSE);
    const typed = code(String(100_000 + tries));
    const reveal = typed.reveal.bind(typed);
    typed.reveal = () => {
      looked++;
      // What the next run would find, if the power went in this moment.
      expect(new FileAttemptStore(disk.file('attempts')).load('WO-1')?.failures).toBe(looked);
      return reveal();
    };
    // The power goes before the outcome is written, so that whoever types learns nothing, or everything.
    disk.fault = { kind: 'power', after: 0, at: disk.writes + 1 };
    const verifier = new OfflineVerifier(() => HASHED, new FileAttemptStore(disk.file('attempts')), clock);
    await verifier.verify(CONSUMER, typed, `key ${tries}`).catch((error: unknown) => {
      if (!(error instanceof PowerCut)) throw error;
    });
    disk.restart();
  }
  expect(looked).toBe(MAX_TRIES);
});

describe('the hash of the record in the QR code of a certificate', () => {
  test.each([0, 2, 30, 34, 64])('of %i digits in place of 32 binds it to no record', async (digits) => {
    const bench = await benched();
    await bench.upTo(bench.session(), undefined);
    const certificate = bench.certificates[0]!;
    const claims = JSON.parse(new TextDecoder().decode(readCompact(certificate.compact)!.content)) as object;
    const coded = (length: number) => {
      const content = canonicalBytes({ ...claims, h: certificate.signed.hash.slice(0, length) });
      return COMPACT_PREFIX + toBase45(concat(content, bench.signer.sign(signedOctets(COMPACT, content))));
    };
    expect(verifyRecord({ ...certificate, compact: coded(32) }, bench.trusted).verdict).toBe('valid');
    expect(verifyRecord({ ...certificate, compact: coded(digits) }, bench.trusted)).toEqual({
      verdict: 'altered',
      reason: 'its QR code is that of another record',
    });
  });
});
