import { afterEach, describe, expect, test } from 'vitest';
import { FileAttemptStore } from '../src/attempts.js';
import type { CommissioningSession } from '../src/session.js';
import { OneTimeCode } from '../src/verification.js';
import { Bench, CODE } from './bench.js';
import { PowerCut } from './memory-file.js';

/** Who can remove the file of tries at codes gets none back: the journal of the order knows that there were some. */

const WRONG = ['000001', '000002', '000003', '000004', '000005'].filter((code) => code !== CODE);
const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

async function benchAtStep2(): Promise<Bench> {
  const bench = new Bench();
  benches.push(bench);
  await bench.openIndex();
  await bench.upTo(bench.session(), 'consumer');
  return bench;
}

/** What becomes of a code: `done`, or why not. */
async function tried(bench: Bench, code: string, session: CommissioningSession = bench.session()): Promise<string> {
  bench.clock.advance(2_000);
  const result = await session.consumer(OneTimeCode.parse(code));
  return result.ok ? 'done' : result.refusal.code;
}

const failures = (bench: Bench) => new FileAttemptStore(bench.disk.file('attempts')).load('WO-1')?.failures;

describe('an offline order', () => {
  test('that is locked stays locked when its attempts file has vanished', async () => {
    const bench = await benchAtStep2();
    for (const code of WRONG) await tried(bench, code);
    bench.disk.replace('attempts', undefined);
    expect(await tried(bench, CODE)).toBe('otp-locked');
    expect(await tried(bench, CODE)).toBe('otp-locked');
    bench.disk.replace('attempts', undefined);
    expect(await tried(bench, CODE)).toBe('otp-locked');
  });

  test('that was tried at all is locked when its attempts file has vanished, or is empty, also within a run', async () => {
    for (const removed of [undefined, new Uint8Array(0)]) {
      const bench = await benchAtStep2();
      expect(await tried(bench, WRONG[0]!)).toBe('otp-wrong');
      bench.disk.replace('attempts', removed);
      expect(await tried(bench, CODE)).toBe('otp-locked');
    }
    const running = await benchAtStep2();
    const session = running.session();
    expect(await tried(running, WRONG[0]!, session)).toBe('otp-wrong');
    running.disk.replace('attempts', undefined);
    expect(await tried(running, WRONG[1]!, session)).toBe('otp-wrong');
    // What that run still wrote has lost its beginning.
    const next = await (async () => tried(running, CODE))().catch((error: { code?: string }) => error.code);
    expect(next).toBeOneOf(['otp-locked', 'storage']);
  });

  test('keeps its tries when an older attempts file is put back', async () => {
    const bench = await benchAtStep2();
    await tried(bench, WRONG[0]!);
    const older = bench.disk.copy('attempts');
    for (const code of WRONG.slice(1, 3)) await tried(bench, code);
    bench.disk.replace('attempts', older);
    expect(await tried(bench, WRONG[3]!)).toBe('otp-wrong');
    expect(failures(bench)).toBe(4);
    bench.disk.replace('attempts', older);
    expect(await tried(bench, WRONG[4]!)).toBe('otp-locked');
    expect(await tried(bench, CODE)).toBe('otp-locked');
  });

  test('whose try was cut off by the power is not tried anew without its file', async () => {
    // At each write of a try: begun, in the journal, counted, judged, told.
    let cuts = 0;
    for (let at = 0; ; at++) {
      const bench = await benchAtStep2();
      bench.disk.fault = { kind: 'power', at: bench.disk.writes + at, after: 10_000 };
      const cut = await tried(bench, WRONG[0]!).then(
        () => false,
        (error) => error instanceof PowerCut,
      );
      if (!cut) break;
      cuts++;
      const asked = bench.disk.text().includes('"action":"verify"');
      bench.disk.restart();
      bench.disk.replace('attempts', undefined);
      expect(await tried(bench, CODE)).toBe(asked ? 'otp-locked' : 'done');
    }
    expect(cuts).toBeGreaterThanOrEqual(5);
  });

  test('with its file loses nothing by the power: the right code is taken', async () => {
    for (let at = 0; at < 3; at++) {
      const bench = await benchAtStep2();
      bench.disk.fault = { kind: 'power', at: bench.disk.writes + at, after: 10_000 };
      await expect(tried(bench, WRONG[0]!)).rejects.toThrow(PowerCut);
      bench.disk.restart();
      expect(await tried(bench, CODE)).toBe('done');
    }
  });

  test('whose codes the utility judged before is not locked when it goes on without a network', async () => {
    const bench = await benchAtStep2();
    const verifier = {
      request: async () => ({ sent: true }),
      verify: async () => ({ verified: false, reason: 'wrong', triesLeft: 3 }) as const,
    };
    for (const code of WRONG.slice(0, 2))
      expect(await tried(bench, code, bench.session({ verifier }))).toBe('otp-wrong');
    const silent = { ...verifier, verify: async () => ({ verified: false, reason: 'no-network' }) as const };
    expect(await tried(bench, CODE, bench.session({ verifier: silent }))).toBe('otp-no-network');
    expect(await tried(bench, CODE)).toBe('done');
    expect(bench.disk.text()).toContain('"counted":true');
  });
});
