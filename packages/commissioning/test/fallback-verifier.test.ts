import { afterEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/base/bytes.js';
import { FileAttemptStore } from '../src/attempts.js';
import { FallbackVerifier } from '../src/fallback-verifier.js';
import { sentence } from '../src/messages.js';
import { OfflineVerifier } from '../src/offline-verifier.js';
import { provisionCode } from '../src/otp.js';
import { HttpVerifier } from '../src/service/http-verifier.js';
import { type ShortMessage, VerificationService } from '../src/service/verification-service.js';
import type { StepResult } from '../src/session.js';
import { OneTimeCode } from '../src/verification.js';
import { Bench, CODE, countedRandom, START } from './bench.js';
import { guided } from './bin/commission-guide.js';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

/** A house, a service that can go away and come back, and a code that the utility gave beforehand. */
async function house(isProvisioned = true) {
  const b = new Bench();
  benches.push(b);
  await b.openIndex();
  const sent: ShortMessage[] = [];
  const service = { now: 'up' as 'up' | 'down' | 'no network', made: fresh() };
  function fresh() {
    return new VerificationService({ clock: b.clock, random: countedRandom(), send: (one) => sent.push(one) });
  }
  const expires = new Date(START + 86_400_000).toISOString();
  const work = { n: 2, r: 1, p: 1 };
  const credential = provisionCode('1', OneTimeCode.parse(CODE), fromHex('33'.repeat(16)), expires, work);
  /** Of a new run of the program. */
  const verifier = () => {
    const http = new HttpVerifier({
      url: 'https://meters.example.in',
      clock: b.clock,
      fetch: async (url, { method = '', headers, body }) => {
        const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
        if (service.now !== 'up') throw new TypeError('fetch failed', service.now === 'down' ? { cause } : {});
        const asked = { method, path: new URL(url).pathname, headers: headers as Record<string, string> };
        const answer = service.made.handle({ ...asked, body: JSON.parse(String(body)) as unknown });
        return new Response(JSON.stringify(answer.body), { status: answer.status });
      },
    });
    const attempts = new FileAttemptStore(b.disk.file('attempts'));
    const offline = new OfflineVerifier(() => (isProvisioned ? credential : undefined), attempts, b.clock);
    return new FallbackVerifier(http, offline, (order) => offline.isProvisioned(order));
  };
  const session = b.session({ verifier: verifier() });
  await b.do(session, 'installer');
  return { b, sent, service, fresh, verifier, session };
}

const english = (result: StepResult) => (result.ok ? 'done' : sentence(result.refusal, 'en'));
const offline = OneTimeCode.parse(CODE);

describe('a service that is away', () => {
  test.each(['down', 'no network'] as const)(
    '%s: the code of the order is asked for, and checked here',
    async (how) => {
      const { b, service, session } = await house();
      service.now = how;
      expect(await b.clock.run(session.requestCode())).toEqual({ sent: false });
      expect(await session.consumer(offline)).toMatchObject({ ok: true, evidence: { method: 'offline-code' } });
    },
  );

  test('which order brought no code: it is said what is the matter, and no network where it is there', async () => {
    const { b, service, session } = await house(false);
    service.now = 'down';
    const { refusal } = await b.clock.run(session.requestCode());
    expect(sentence(refusal!, 'en')).toContain("The network is there, but the utility's service does not answer");
    service.now = 'no network';
    const other = await b.clock.run(session.requestCode());
    expect(sentence(other.refusal!, 'en')).toContain('There is no network');
  });

  test('goes away between sending and checking: the message’s code is no wrong one, the other is asked for', async () => {
    const { b, sent, service, session, verifier } = await house();
    expect(await session.requestCode()).toEqual({ sent: true });
    service.now = 'no network';
    const lost = await b.clock.run(session.consumer(sent[0]!.code));
    expect(english(lost)).toContain('Ask the consumer for the OTP that the utility gave beforehand');
    // The next run of the program asks the service again, and the tries of this machine are untouched.
    const next = b.session({ verifier: verifier() });
    expect(await b.clock.run(next.requestCode())).toEqual({ sent: false });
    const wrong = await next.consumer(sent[0]!.code);
    expect(english(wrong)).toContain('Tries left: 4');
    b.clock.advance(2000);
    expect(await next.consumer(offline)).toMatchObject({ ok: true, evidence: { method: 'offline-code' } });
  });

  test('and comes back with nothing in its memory: another OTP is asked for, and no network is not said', async () => {
    const { b, sent, service, session, fresh } = await house();
    await session.requestCode();
    service.made = fresh();
    const forgotten = await b.clock.run(session.consumer(sent[0]!.code));
    expect(english(forgotten)).toBe("The utility's service knows of no OTP for this order. Have a new one sent.");
    await session.requestCode();
    expect(await b.clock.run(session.consumer(sent[1]!.code))).toMatchObject({ evidence: { method: 'http' } });
  });
});

test.each([true, false])('a new OTP is offered only where one can be sent: %s', async (isSent) => {
  const { b, service, verifier } = await house();
  service.now = isSent ? 'up' : 'down';
  const seen: (readonly string[])[] = [];
  const { outcome } = await guided(
    b,
    {},
    {
      parts: { verifier: verifier() },
      inputs: () =>
        ({
          explanations: {},
          skipping: () => undefined,
          code: async () => OneTimeCode.parse('111111'),
          afterRefusal: async (_: string, __: unknown, choices: readonly string[]) => {
            seen.push(choices);
            return 'stop';
          },
        }) as never,
    },
  );
  expect(outcome.done).toBe(false);
  expect(seen).toEqual([isSent ? ['again', 'resend', 'stop'] : ['again', 'stop']]);
});
