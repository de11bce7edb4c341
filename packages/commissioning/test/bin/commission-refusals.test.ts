import { afterEach, describe, expect, test } from 'vitest';
import { CosemDateTime } from '../../../../src/codec/datetime.js';
import { type RefusalCode, sentence } from '../../src/messages.js';
import { HttpVerifier } from '../../src/service/http-verifier.js';
import { VerificationService } from '../../src/service/verification-service.js';
import { stepNumber } from '../../src/steps.js';
import { Bench, type BenchOptions, CODE, countedRandom, orderOf, SERIAL, START } from '../bench.js';
import { type Guided, type GuideOptions, guided } from './commission-guide.js';

/** Each refusal as the installer meets it in the command, in both languages, and what is left behind. */

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

async function bench(options: BenchOptions = {}): Promise<Bench> {
  const made = new Bench(options);
  benches.push(made);
  await made.openIndex();
  return made;
}

const WRONG = ['000001', '000002', '000003', '000004', '000005', '000006'].filter((code) => code !== CODE);

/** Refused in English; then taken up again, and refused in Hindi. */
async function refusedTwice(b: Bench, answers: Record<string, unknown>, code: RefusalCode, options: GuideOptions = {}) {
  const english = await guided(b, answers, options);
  expectRefused(english, code, 'en');
  b.clock.advance(60_000);
  const hindi = await guided(b, answers, { ...options, language: 'hi' });
  expectRefused(hindi, code, 'hi');
  return { english, hindi };
}

function expectRefused({ outcome, text }: Guided, code: RefusalCode, language: 'en' | 'hi'): void {
  if (outcome.done || outcome.refusal === undefined) throw new Error(`was not refused:\n${text}`);
  expect(outcome.refusal.code).toBe(code);
  expect(text).toContain(`✖ ${sentence(outcome.refusal, language)}`);
  expect(text).toContain(language === 'en' ? 'Stopped at step' : 'पर रुके');
  expect(text).toContain('cosem commission WO-1');
}

/** Steps before are done, this one failed, those behind are open; nothing is in index and chain. */
function expectLeft(b: Bench, { left }: Guided, step: Parameters<typeof stepNumber>[0]): void {
  const outcomes = left.steps.map(({ outcome }) => outcome);
  const before = stepNumber(step) - 1;
  expect(outcomes).toEqual([
    ...Array.from({ length: before }, () => 'done'),
    'failed',
    ...Array.from({ length: 10 - before }, () => 'open'),
  ]);
  expect(left).toMatchObject({ next: step, status: 'failed' });
  expect(b.index.rows()).toEqual([]);
  expect(b.certificates).toEqual([]);
}

async function setClock(b: Bench, seconds: number): Promise<void> {
  await b.withMeter(async (port) => {
    const time = await port.time();
    const wall = time.with({ deviation: 0 }).toMillis()! + seconds * 1000;
    const shifted = CosemDateTime.fromDate(new Date(wall), 0);
    await port.setTime(shifted.with({ deviation: time.deviation, status: time.status }));
  });
}

describe('a commissioning by the command', () => {
  test('goes through in each language, and shows what it does', async () => {
    for (const language of ['en', 'hi'] as const) {
      const b = await bench();
      const { outcome, text, left } = await guided(b, {}, { language });
      expect(outcome).toEqual({ done: true, certificate: ['WO-1.json'] });
      expect(left.status).toBe('done');
      expect(text.match(/✔/g)?.length).toBe(11);
      expect(text).toContain(language === 'en' ? 'The relay opens and closes.' : 'रिले खुलता और जुड़ता है।');
      expect(text).toMatch(language === 'en' ? /Payment mode +pre-paid/ : /भुगतान का प्रकार +प्रीपेड/);
      expect(text).toMatch(/\d {2}kWh\n/);
      expect(text).not.toContain(CODE);
      expect(text).not.toContain('{');
      expect(b.meter.connected).toBe(true);
    }
  });

  test('stops where an answer is missing, and goes on with it', async () => {
    const b = await bench();
    await expect(guided(b, { oldMeter: undefined })).rejects.toMatchObject({
      message: 'answers.json gives no oldMeter, which this step needs',
    });
    expect(b.session().next).toBe('old-meter');
    await expect(guided(b, { supplyMayBeCut: false })).rejects.toThrow('gives no supplyMayBeCut');
    expect(b.session().next).toBe('relay');
    expect(b.meter.connected).toBe(true);
    expect((await guided(b, {})).outcome.done).toBe(true);
  });

  test('leaves out what the policy lets be left out, with its reason alone', async () => {
    const b = await bench();
    const short = await guided(b, { skip: { documents: 'no' } });
    expect(short.outcome).toMatchObject({ done: false, refusal: { code: 'reason-too-short' } });
    const { outcome, text, left } = await guided(b, { skip: { documents: 'the consumer brings them tomorrow' } });
    expect(outcome.done).toBe(true);
    expect(text).toContain('– Skipped: the consumer brings them tomorrow');
    expect(left.steps[2]).toMatchObject({ outcome: 'skipped', reason: 'the consumer brings them tomorrow' });
    const c = await bench();
    const kept = await guided(c, { skip: { clock: 'there is no time for the clock' } });
    expect(kept.outcome).toMatchObject({ step: 'clock', refusal: { code: 'step-not-skippable' } });
  });
});

describe('step 2 refuses', () => {
  test('five wrong OTPs: locked, also for the right one; nothing was installed', async () => {
    const b = await bench();
    const locked = await guided(b, { otp: WRONG.slice(0, 5) });
    expectRefused(locked, 'otp-locked', 'en');
    expect(locked.text.match(/The OTP is wrong/g)?.length).toBe(4);
    expect(locked.text).toContain('Tries left: 4');
    expect(locked.text).toContain('Tries left: 1');
    expectLeft(b, locked, 'consumer');
    for (const code of WRONG) expect(locked.text + b.disk.text()).not.toContain(code);
    b.clock.advance(86_400_000 / 2);
    const again = await guided(b, { otp: CODE }, { language: 'hi' });
    expectRefused(again, 'otp-locked', 'hi');
    expectLeft(b, again, 'consumer');
    expect(b.meter.connected).toBe(true);
  });

  test('an OTP that has expired', async () => {
    const b = await bench();
    await b.upTo(b.session(), 'consumer');
    b.clock.advance(2 * 86_400_000);
    const { hindi } = await refusedTwice(b, {}, 'otp-expired-here');
    expectLeft(b, hindi, 'consumer');
  });

  test('where there is no network: nothing is lost, and it goes on where there is one', async () => {
    const sent: { code: { reveal(): string } }[] = [];
    const b = await bench();
    const service = new VerificationService({
      clock: b.clock,
      random: countedRandom(),
      send: (message) => sent.push(message),
    });
    let network = false;
    const verifier = new HttpVerifier({
      url: 'https://meters.example.in',
      clock: b.clock,
      fetch: async (url, { method = '', headers, body }) => {
        if (!network) throw new TypeError('fetch failed');
        const answer = service.handle({
          method,
          path: new URL(url).pathname,
          headers: headers as Record<string, string>,
          body: JSON.parse(String(body)) as unknown,
        });
        return new Response(JSON.stringify(answer.body), { status: answer.status });
      },
    });
    const { hindi } = await refusedTwice(b, {}, 'otp-no-network', { parts: { verifier } });
    expectLeft(b, hindi, 'consumer');
    expect(sent).toEqual([]);
    network = true;
    const inputs = { parts: { verifier } };
    await expect(guided(b, { otp: [] }, inputs)).rejects.toThrow('gives no further otp');
    expect(sent.length).toBe(1);
    b.clock.advance(60_000);
    const done = await guided(b, { otp: sent[0]!.code.reveal() }, inputs);
    expect(done.outcome.done).toBe(true);
    expect(b.session({ verifier }).steps[1]).toMatchObject({ evidence: { method: 'http' } });
  });
});

describe('the new meter is refused', () => {
  test('when it is the wrong one: nothing was changed on it', async () => {
    const b = await bench({ order: orderOf({ newMeter: { serial: '20000001', profile: 'is15959/D1' } }) });
    const { english, hindi } = await refusedTwice(b, {}, 'wrong-meter');
    expect(english.text).toContain(`This is meter ${SERIAL}, the order is for 20000001.`);
    expectLeft(b, hindi, 'new-meter');
    expect(b.meter.connected).toBe(true);
  });

  test('when it serves another consumer already', async () => {
    const b = await bench();
    b.index.add({
      workOrder: 'WO-0',
      consumer: { number: '99', name: 'X', address: 'Y', mobileLast4: '0000' },
      meter: SERIAL,
      feeder: 'F',
      transformer: 'T',
      pole: 'P',
      seals: [],
      sanctionedLoad: 1000,
      installedAt: START - 1000,
      startReadings: { time: 'then', values: [] },
    });
    const { hindi } = await refusedTwice(b, {}, 'duplicate-meter');
    expect(hindi.left).toMatchObject({ next: 'new-meter', status: 'failed' });
    expect(b.index.rows().map(({ workOrder }) => workOrder)).toEqual(['WO-0']);
  });

  test('when its clock is three hours off: it is not touched', async () => {
    const b = await bench();
    await b.upTo(b.session(), 'clock');
    await setClock(b, -3 * 3600);
    const { english, hindi } = await refusedTwice(b, {}, 'clock-too-far');
    expect(english.text).toContain('3 h 0 min behind');
    expect(hindi.text).toContain('3 घंटे 0 मिनट पीछे');
    expectLeft(b, hindi, 'clock');
  });

  test('when its relay is stuck: the supply stayed on', async () => {
    const b = await bench();
    await b.upTo(b.session(), 'relay');
    await b.withMeter((_, meter) => meter.set(meter.disconnectControl().controlMode, 0));
    const { hindi } = await refusedTwice(b, {}, 'relay-stuck');
    expectLeft(b, hindi, 'relay');
    expect(b.meter.connected).toBe(true);
    expect(hindi.left.supplyMayBeOff).toBe(false);
  });

  test('when its cover was opened', async () => {
    const b = await bench();
    await b.upTo(b.session(), 'events');
    b.meter.raise(251);
    const { hindi } = await refusedTwice(b, { explanations: { cover: 'opened in the store' } }, 'cover');
    expectLeft(b, hindi, 'events');
  });

  test('but a magnet can be explained', async () => {
    const b = await bench();
    await b.upTo(b.session(), 'events');
    b.meter.raise(201);
    await refusedTwice(b, {}, 'magnet');
    const { outcome, text } = await guided(b, { explanations: { magnet: 'a loudspeaker on the shelf below' } });
    expect(outcome.done).toBe(true);
    expect(text).toContain('Found and explained: magnet (a loudspeaker on the shelf below).');
  });
});

describe('the probe is pulled in step 7', () => {
  const unplugged = (b: Bench) => (text: string) => {
    if (/The relay closes|रिले जुड़ रहा/.test(text)) b.line?.unplug();
  };

  test('and put back at once: the supply comes back by itself', async () => {
    const b = await bench();
    let pulled = 0;
    const { outcome, text, left } = await guided(
      b,
      {},
      {
        onShown: (shown) => {
          if (pulled === 0 && shown.includes('The relay closes')) {
            pulled++;
            b.line?.unplug();
          }
        },
      },
    );
    expect(text).toContain('THE SUPPLY MAY BE OFF');
    expect(text).toContain('Trying again to bring the supply back.');
    expect(outcome.done).toBe(true);
    expect(left.steps[6]).toMatchObject({ evidence: { resumed: true } });
    expect(b.meter.connected).toBe(true);
  });

  test('and stays off: it says that the supply may be off, and the next run closes the relay first', async () => {
    const b = await bench();
    const english = await guided(b, {}, { onShown: unplugged(b) });
    expectRefused(english, 'probe-lost-supply-off', 'en');
    expect(b.meter.connected).toBe(false);
    expect(english.left).toMatchObject({ next: 'relay', status: 'failed', supplyMayBeOff: true });
    const hindi = await guided(b, {}, { language: 'hi', onShown: unplugged(b) });
    expectRefused(hindi, 'probe-lost-supply-off', 'hi');
    expectLeft(b, hindi, 'relay');
    // Nobody is asked whether the supply should come back.
    const { outcome, text } = await guided(b, { supplyMayBeCut: false });
    expect(outcome.done).toBe(true);
    expect(text).not.toContain('The relay opens.\n');
    expect(b.meter.connected).toBe(true);
  });
});

describe('a full disk', () => {
  test.each(['documents', 'relay', 'certificate'] as const)(
    'in step %s: it is said, the supply is on, nothing is lost',
    async (step) => {
      const b = await bench();
      await b.upTo(b.session(), step);
      b.disk.fault = { kind: 'disk-full', at: b.disk.writes, after: 0 };
      const english = await guided(b, {});
      expectRefused(english, 'disk-full', 'en');
      const hindi = await guided(b, {}, { language: 'hi' });
      expectRefused(hindi, 'disk-full', 'hi');
      expect(b.meter.connected).toBe(true);
      b.disk.restart();
      b.clock.advance(5000);
      expect(b.session()).toMatchObject({ next: step, status: 'open' });
      expect((await guided(b, {})).outcome.done).toBe(true);
    },
  );
});
