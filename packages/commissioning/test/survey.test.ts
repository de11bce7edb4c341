import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/base/bytes.js';
import { FileAttemptStore } from '../src/attempts.js';
import { certificatePage } from '../src/certificate/page.js';
import { OfflineVerifier } from '../src/offline-verifier.js';
import { provisionCode } from '../src/otp.js';
import { Outbox } from '../src/outbox.js';
import { renderCertificate } from '../src/platform/certificate.js';
import { verifyFile } from '../src/platform/verify-file.js';
import { defaultPolicy } from '../src/policy.js';
import { RecordChain } from '../src/record/chain.js';
import { verifyCompact } from '../src/record/compact.js';
import { verifyRecord } from '../src/record/record.js';
import type { Certificate } from '../src/record/record-base.js';
import type { SurveyRecord } from '../src/record/survey-record.js';
import { SurveySession, type SurveyStep } from '../src/survey/session.js';
import { type SurveyFound, surveyFor } from '../src/survey/take-up.js';
import type { ConsumerVerifier } from '../src/verification.js';
import { OneTimeCode } from '../src/verification.js';
import { parseWorkOrder, type SurveyOrder } from '../src/work-order.js';
import { Bench, CODE, DOCUMENTS, INSTALLER, OLD_METER, orderJson, orderOf, START, WORK } from './bench.js';
import { PowerCut } from './memory-file.js';

const NETWORK = { feeder: 'F-77', transformer: 'T-8', pole: 'P-3' };
const POSITION = { latitude: 26.85, longitude: 80.95 };
const METER = {
  serial: OLD_METER.serial,
  make: 'Bharat',
  reading: '180.5',
  state: 'working',
  seals: 'intact',
} as const;
/** Nobody may be asked for an OTP. */
const SILENT: ConsumerVerifier = {
  request: () => Promise.reject(new Error('an OTP was asked for')),
  verify: () => Promise.reject(new Error('an OTP was checked')),
};

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

async function benchOf(options: ConstructorParameters<typeof Bench>[0] = {}): Promise<Bench> {
  const bench = new Bench(options);
  benches.push(bench);
  await bench.openIndex();
  return bench;
}

function surveyOrder(changes: Record<string, unknown> = {}): SurveyOrder {
  const { newMeter: _, keys: __, network: ___, position: ____, ...base } = orderJson();
  const json = { ...base, id: 'SV-1', kind: 'survey', network: { feeder: 'F-11' }, ...changes };
  return parseWorkOrder(JSON.stringify(json), 'survey.json').order as SurveyOrder;
}

/** The next run of the program. */
function surveyOf(bench: Bench, order = surveyOrder()): SurveySession {
  const until = new Date(START + 86_400_000).toISOString();
  const credential = provisionCode('1', OneTimeCode.parse(CODE), fromHex('33'.repeat(16)), until, WORK);
  const { clock, policy, disk, index, random, signer } = bench;
  return new SurveySession({
    order,
    policy,
    clock,
    journal: disk.file(`journal-${order.id}`),
    verifier: new OfflineVerifier(() => credential, new FileAttemptStore(disk.file('survey-attempts')), clock),
    index,
    signing: {
      signer,
      chain: new RecordChain(disk.file('records')),
      outbox: new Outbox(disk.file('outbox'), clock),
      random,
    },
  });
}

type Written = Certificate<SurveyRecord>;

async function surveyStep(
  session: SurveySession,
  step: SurveyStep,
  written: Written[],
  network = NETWORK,
  position = POSITION,
) {
  switch (step) {
    case 'installer':
      return session.installer(INSTALLER);
    case 'consumer':
      return session.consumer(OneTimeCode.parse(CODE));
    case 'documents':
      return session.documents(DOCUMENTS);
    case 'network':
      return session.network(network);
    case 'old-meter':
      return session.oldMeter({ meter: METER });
    case 'position':
      return session.position({ position });
    case 'certificate':
      return session.certificate(async (certificate) => {
        written.push(certificate);
      });
  }
}

async function surveyed(bench: Bench, network = NETWORK, position = POSITION, order = surveyOrder()): Promise<Written> {
  const session = surveyOf(bench, order);
  const written: Written[] = [];
  while (session.next !== undefined) {
    const result = await surveyStep(session, session.next, written, network, position);
    if (!result.ok) throw new Error(`${result.step}: ${JSON.stringify(result.refusal)}`);
  }
  return written.at(-1) as Written;
}

function found(
  bench: Bench,
  certificate: unknown,
  order = orderOf(),
  now = bench.clock.now(),
): SurveyFound | undefined {
  return surveyFor(order, [JSON.stringify(certificate)], { policy: bench.policy, trusted: bench.trusted, now });
}

/** The installation of the bench's order, to its end. */
async function installed(bench: Bench, survey: SurveyFound | undefined) {
  const session = bench.session(survey === undefined ? {} : { survey, verifier: SILENT });
  const { order } = session;
  expect((await session.installer(INSTALLER)).ok).toBe(true);
  if (survey !== undefined) {
    expect(await session.takeUpSurvey()).toMatchObject({ ok: true, evidence: { survey: { workOrder: 'SV-1' } } });
    expect(await session.documentsOfSurvey()).toMatchObject({ ok: true });
    const { serial, state } = session.surveyedMeter!;
    expect(
      (await session.oldMeter({ serial: serial!, condition: state, finalReading: OLD_METER.finalReading })).ok,
    ).toBe(true);
  }
  await bench.upTo(session, undefined);
  const { row: _, recordedAt: __, consumerDigest: ___, workOrder, ...row } = bench.index.ofOrder(order.id)!;
  expect(workOrder).toBe(order.id);
  return row;
}

describe('a survey', () => {
  test('ends in a signed record that names nobody, with a page and a code that are checked as those of installations', async () => {
    const bench = await benchOf();
    const certificate = await surveyed(bench);
    const { record } = certificate.signed;
    expect(verifyRecord(certificate, bench.trusted)).toMatchObject({
      verdict: 'valid',
      content: { format: 'cosem-survey-record-1' },
    });
    expect(record).toMatchObject({ network: NETWORK, oldMeter: METER, sequence: 1, documents: [DOCUMENTS[0]!.type] });
    for (const personal of ['Asha', 'Gandhi', '4321', '26.85']) {
      expect(JSON.stringify(record)).not.toContain(personal);
      expect(JSON.stringify(certificate.person)).toContain(personal);
    }
    expect(verifyCompact(certificate.compact, bench.trusted)).toMatchObject({
      verdict: 'valid',
      content: { format: 'cosem-survey-record-1', meter: METER.serial, relayTested: false, startReading: '' },
    });
    for (const { content, extension } of await renderCertificate(certificate)) {
      const octets = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      expect(await verifyFile(octets, bench.trusted)).toMatchObject({ kind: extension, verdict: { verdict: 'valid' } });
    }
    expect(new Outbox(bench.disk.file('outbox'), bench.clock).waiting.map(({ id }) => id)).toEqual([
      certificate.signed.hash,
    ]);
    // An installation's record follows it in the same chain.
    await bench.upTo(bench.session(), undefined);
    const chain = new RecordChain(bench.disk.file('records')).records;
    expect(chain.map(({ record: { format } }) => format)).toEqual([
      'cosem-survey-record-1',
      'cosem-commissioning-record-1',
    ]);
  });

  test('that power or a full disk ends at any write goes on there and signs once what was found', async () => {
    const whole = await surveyed(await benchOf());
    let cuts = 0;
    for (let at = 0, cut = true; cut; at++) {
      const bench = await benchOf();
      const kind = at % 2 === 0 ? 'power' : 'disk-full';
      bench.disk.fault = { kind, at, after: at % 3 === 0 ? 10_000 : 20 };
      cut = await surveyed(bench).then(
        () => false,
        (error) => error instanceof PowerCut || String(error).includes('disk-full') || String(error).includes('ENOSPC'),
      );
      if (!cut) continue;
      cuts++;
      bench.disk.restart();
      bench.clock.advance(5000);
      const again = await surveyed(bench);
      expect(verifyRecord(again, bench.trusted).verdict).toBe('valid');
      expect(new RecordChain(bench.disk.file('records')).records).toHaveLength(1);
      const { at: _, consumer: __, verification: ___, ...same } = again.signed.record;
      expect(whole.signed.record).toMatchObject(same);
    }
    expect(cuts).toBeGreaterThan(10);
  });

  test('explains another old meter in writing, wants a reading of one that works, and codes that are codes', async () => {
    const bench = await benchOf();
    const session = surveyOf(bench);
    const written: Written[] = [];
    while (session.next !== 'network') await surveyStep(session, session.next!, written);
    expect(await session.network({ ...NETWORK, pole: 'P 3' })).toMatchObject({
      refusal: { code: 'network-code', params: { what: 'label-pole' } },
    });
    expect((await session.network(NETWORK)).ok).toBe(true);
    const other = { ...METER, serial: 'OTHER-1' };
    expect(await session.oldMeter({ meter: other })).toMatchObject({
      refusal: { code: 'survey-meter-differs', params: { found: 'label-other-meter' } },
    });
    expect(await session.oldMeter({ meter: null })).toMatchObject({
      refusal: { code: 'survey-meter-differs', params: { found: 'label-no-meter' } },
    });
    expect(await session.oldMeter({ meter: { ...METER, reading: '' } })).toMatchObject({
      refusal: { code: 'reading-impossible' },
    });
    const burnt = { serial: 'OTHER-1', state: 'burnt', seals: 'broken' } as const;
    const result = await session.oldMeter({ meter: burnt, explanation: 'it was changed last year' });
    expect(result).toMatchObject({
      ok: true,
      evidence: { meter: { reading: null, explanation: 'it was changed last year' } },
    });
    expect(await session.skip('position', 'no time for it')).toMatchObject({ code: 'step-not-skippable' });
  });
});

describe('a survey', () => {
  test('whose position is far from that of the order is asked about, and its page says so', async () => {
    const bench = await benchOf();
    const order = surveyOrder({ position: { latitude: 26.8467, longitude: 80.9462 } });
    const session = surveyOf(bench, order);
    while (session.next !== 'position') expect((await surveyStep(session, session.next!, [])).ok).toBe(true);
    const far = { position: { latitude: 26.8667, longitude: 80.9462 } };
    expect(await session.position(far)).toMatchObject({
      ok: false,
      refusal: { code: 'position-far', params: { metres: 2224, most: 500 } },
    });
    expect(await session.position({ ...far, explanation: 'no' })).toMatchObject({
      ok: false,
      refusal: { code: 'reason-too-short' },
    });
    expect(await session.position({ ...far, explanation: 'the order has the old house' })).toMatchObject({
      ok: true,
      evidence: { origin: { by: 'typed', metres: 2224 } },
    });
    const written: Written[] = [];
    await surveyStep(session, 'certificate', written);
    const page = JSON.stringify(certificatePage(written[0]!));
    expect(page).toContain('typed by hand, 2224 m from where it was expected, the order has the old house');
    expect(page).toContain('हाथ से लिखा गया, अपेक्षित स्थान से 2224 मीटर');
  });

  test('of a burnt meter without a number says that it cannot be read', async () => {
    const bench = await benchOf();
    const session = surveyOf(bench, surveyOrder({ oldMeter: { serial: OLD_METER.serial } }));
    while (session.next !== 'old-meter') expect((await surveyStep(session, session.next!, [])).ok).toBe(true);
    const burnt = { serial: '-', state: 'burnt', seals: 'none' } as const;
    expect(await session.oldMeter({ meter: burnt })).toMatchObject({
      ok: false,
      refusal: { code: 'survey-meter-differs' },
    });
    const explained = await session.oldMeter({ meter: burnt, explanation: 'the name plate is burnt' });
    expect(explained).toMatchObject({ ok: true, evidence: { meter: { serial: null, reading: null } } });
    const written: Written[] = [];
    while (session.next !== undefined) await surveyStep(session, session.next, written);
    expect(verifyRecord(written[0]!, bench.trusted).verdict).toBe('valid');
    expect(JSON.stringify(certificatePage(written[0]!))).toContain('not readable');
  });
});

test('an installation takes away a burnt meter whose number and reading nobody can read, with the reason', async () => {
  const bench = await benchOf();
  const session = bench.session();
  await bench.upTo(session, 'old-meter');
  const burnt = { serial: '-', finalReading: '-', condition: 'burnt' };
  const refused = await session.oldMeter(burnt);
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'old-meter-unreadable' } });
  expect(await session.oldMeter({ ...burnt, serial: METER.serial })).toMatchObject({ ok: false });
  expect(await session.oldMeter({ ...burnt, explanation: 'the fire took dial and name plate' })).toMatchObject({
    ok: true,
    evidence: { meter: { serial: null, finalReading: null } },
  });
  await bench.upTo(session, undefined);
  const certificate = bench.certificates[0]!;
  expect(verifyRecord(certificate, bench.trusted).verdict).toBe('valid');
  const page = JSON.stringify(certificatePage(certificate));
  expect(page).toContain('not readable');
  expect(page).toContain('पढ़ा नहीं जा सका');
  expect(page).not.toMatch(/null kWh|undefined/);
  // No reading is made up in the index.
  expect(JSON.stringify(bench.index.ofOrder('WO-1'))).not.toContain('finalReadings');
});

describe('an installation after a survey', () => {
  test('asks nothing twice, and its record says what was surveyed, by whom and when', async () => {
    const bench = await benchOf();
    const certificate = await surveyed(bench);
    await installed(bench, found(bench, certificate));
    const { record } = bench.certificates[0]!.signed;
    expect(record).toMatchObject({
      network: NETWORK,
      survey: {
        workOrder: 'SV-1',
        by: INSTALLER.name,
        at: certificate.signed.record.at,
        hash: certificate.signed.hash,
      },
      documents: [DOCUMENTS[0]!.type],
    });
    expect(verifyRecord(bench.certificates[0]!, bench.trusted).verdict).toBe('valid');
  });

  test('prints what the survey found: its pole and not that of the order, its documents, its position', async () => {
    const bench = await benchOf();
    await installed(bench, found(bench, await surveyed(bench)));
    const page = certificatePage(bench.certificates[0]!);
    const rows = page.columns.flat().flatMap(({ rows }) => rows.map(({ label, value }) => [label.en, value] as const));
    const of = (label: string) => JSON.stringify(rows.filter(([name]) => name === label).map(([, value]) => value));
    expect(of('Feeder / transformer / pole')).toBe('["F-77 / T-8 / P-3"]');
    expect(JSON.stringify(page)).not.toContain('P-9');
    expect(of('Documents (kind only)')).toContain('Aadhaar');
    expect(of('Position from')).toContain('"en":"the survey"');
    expect(of('Position from')).toContain('"hi":"सर्वेक्षण"');
    expect(JSON.stringify(rows)).not.toContain('26.85');
  });

  test('asks an OTP of its own where the policy says so, and takes all else from the survey', async () => {
    const bench = await benchOf({ policy: { survey: { validDays: 180, newOtp: true } } });
    const survey = found(bench, await surveyed(bench))!;
    const silent = bench.session({ survey, verifier: SILENT });
    await silent.installer(INSTALLER);
    expect(await silent.takeUpSurvey()).toBeUndefined();
    await expect(silent.consumer(OneTimeCode.parse(CODE))).rejects.toThrow('an OTP was checked');
    const session = bench.session({ survey });
    expect(await session.consumer(OneTimeCode.parse(CODE))).toMatchObject({
      ok: true,
      evidence: { survey: { workOrder: 'SV-1' } },
    });
    expect(await session.documentsOfSurvey()).toMatchObject({ ok: true });
    await bench.upTo(session, undefined);
    expect(bench.certificates[0]!.signed.record).toMatchObject({ network: NETWORK, survey: { workOrder: 'SV-1' } });
    // Left out of a policy it is not asked again.
    expect(defaultPolicy.survey.newOtp).toBe(false);
  });

  test('that was interrupted keeps the survey that it took, whatever becomes of the file', async () => {
    const bench = await benchOf();
    const survey = found(bench, await surveyed(bench))!;
    const session = bench.session({ survey, verifier: SILENT });
    await session.installer(INSTALLER);
    await session.takeUpSurvey();
    const again = bench.session({ verifier: SILENT });
    expect(again.survey).toMatchObject({ workOrder: 'SV-1', network: NETWORK });
    expect(again.next).toBe('documents');
    expect((await again.documentsOfSurvey())?.ok).toBe(true);
  });

  test('refuses a final reading below that of the survey, unless it is explained', async () => {
    const bench = await benchOf();
    const session = bench.session({ survey: found(bench, await surveyed(bench)), verifier: SILENT });
    await session.installer(INSTALLER);
    await session.takeUpSurvey();
    await session.documentsOfSurvey();
    const low = { serial: METER.serial, condition: 'good', finalReading: '180.4' };
    expect(await session.oldMeter(low)).toMatchObject({
      refusal: { code: 'reading-below-survey', params: { before: '180.5' } },
    });
    expect(await session.oldMeter({ ...low, explanation: 'the survey misread it' })).toMatchObject({
      ok: true,
      evidence: { meter: { explanation: 'the survey misread it' } },
    });
  });

  test('does not take up what was changed, is of somebody unknown, of another person, or too old', async () => {
    const bench = await benchOf();
    const certificate = await surveyed(bench);
    const { signed } = certificate;
    const moved = {
      ...certificate,
      signed: { ...signed, record: { ...signed.record, network: { ...NETWORK, pole: 'P-4' } } },
    };
    expect(found(bench, certificate)).toMatchObject({ taken: { hash: signed.hash, position: POSITION } });
    expect(found(bench, moved)).toMatchObject({ refused: 'survey-not-altered' });
    const place = { ...certificate, person: { ...certificate.person, position: { latitude: 27, longitude: 80 } } };
    expect(found(bench, place)).toMatchObject({ refused: 'survey-not-altered' });
    const rules = { policy: bench.policy, trusted: [], now: bench.clock.now() };
    expect(surveyFor(orderOf(), [JSON.stringify(certificate)], rules)).toMatchObject({ refused: 'survey-not-known' });
    const { consumer } = orderJson() as { consumer: Record<string, string> };
    const changed = orderOf({ consumer: { ...consumer, mobile: '9812340000' } });
    expect(found(bench, certificate, changed)).toMatchObject({ refused: 'survey-not-same' });
    const late = bench.clock.now() + (defaultPolicy.survey.validDays + 1) * 86_400_000;
    expect(found(bench, certificate, orderOf(), late)).toMatchObject({ refused: 'survey-not-recent' });
    const other = orderOf({ consumer: { ...consumer, number: '9900990099' } });
    expect(found(bench, certificate, other)).toBeUndefined();
    // Refused, everything is asked.
    const session = bench.session({ survey: found(bench, moved) });
    expect(session.surveyRefused).toMatchObject({ refused: 'survey-not-altered' });
    expect(await session.takeUpSurvey()).toBeUndefined();
  });

  test('is where the position of an installation comes from, and what a far one is measured against', async () => {
    const bench = await benchOf();
    const survey = found(bench, await surveyed(bench));
    await installed(bench, survey);
    expect(bench.certificates.at(-1)!.signed.record).toMatchObject({ position: { by: 'survey' } });
    const other = await benchOf();
    const session = other.session({ survey: found(other, await surveyed(other)), verifier: SILENT });
    expect((await session.installer(INSTALLER)).ok).toBe(true);
    await session.takeUpSurvey();
    await session.documentsOfSurvey();
    await other.upTo(session, 'index');
    const far = { latitude: POSITION.latitude + 0.1, longitude: POSITION.longitude };
    expect(await session.index({ position: far })).toMatchObject({ ok: false, refusal: { code: 'position-far' } });
  });

  test('ends in the same row of the index as all in one visit', async () => {
    const code = fc.stringMatching(/^[A-Z][A-Z0-9-]{1,8}$/);
    const network = fc.record({ feeder: code, transformer: code, pole: code });
    const position = fc.record({
      latitude: fc.integer({ min: 260_000, max: 270_000 }).map((n) => n / 10_000),
      longitude: fc.integer({ min: 800_000, max: 810_000 }).map((n) => n / 10_000),
    });
    await fc.assert(
      fc.asyncProperty(network, position, async (surveyedNetwork, surveyedPosition) => {
        const first = await benchOf();
        const certificate = await surveyed(first, surveyedNetwork, surveyedPosition);
        const after = await installed(first, found(first, certificate));
        const second = await benchOf({ order: orderOf({ network: surveyedNetwork, position: surveyedPosition }) });
        const atOnce = await installed(second, undefined);
        const timeless = ({ installedAt: _, startReadings: __, ...row }: typeof after) => row;
        expect(timeless(after)).toEqual(timeless(atOnce));
        expect(after).toMatchObject({ ...surveyedNetwork, consumer: { position: surveyedPosition } });
      }),
      { numRuns: 3 },
    );
  });
});
