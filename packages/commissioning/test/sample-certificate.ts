import { fromHex } from '../../../src/base/bytes.js';
import { renderCertificate } from '../src/platform/certificate.js';
import { RecordChain, type RecordContent } from '../src/record/chain.js';
import type { CommissioningRecord } from '../src/record/commissioning-record.js';
import { compactOf } from '../src/record/compact.js';
import { type Certificate, commitmentOf, type Disclosure } from '../src/record/record-base.js';
import { type Signer, signerOf } from '../src/record/signing.js';
import { STEPS, stepNumber } from '../src/steps.js';
import { MemoryDisk } from './memory-file.js';

export const SIGNER = signerOf('ed25519', fromHex('22'.repeat(32)));
export const TRUSTED = [{ name: 'R. Sharma', algorithm: SIGNER.algorithm, publicKey: SIGNER.publicKey }];

const PERSON: Disclosure = {
  salt: '5a'.repeat(16),
  name: 'आशा देवी',
  address: '12 गाँधी मार्ग, लखनऊ 226001',
  mobileLast4: '4321',
};

/** A household whose papers are all as long as they may be. */
export const LONG_PERSON: Disclosure = {
  ...PERSON,
  name: 'श्रीमती राजराजेश्वरी देवी धर्मपत्नी स्वर्गीय श्री विश्वम्भर नाथ त्रिपाठी शर्मा जी',
  address: 'मकान संख्या 1234/बी, तृतीय तल, स्वर्णजयंती अपार्टमेंट, राजेन्द्र नगर, हनुमान मंदिर के पीछे, मुज़फ़्फ़रपुर, बिहार 842001, '
    .repeat(2)
    .slice(0, 200),
};

const register = (logicalName: string, value: string, unit: string) => ({
  classId: 3,
  logicalName,
  attributeId: 2,
  name: logicalName,
  value,
  unit,
  scaler: 0,
  raw: { 'double-long-unsigned': Number(value) },
});

export function recordContent(id: string, person: Disclosure = PERSON): RecordContent<CommissioningRecord> {
  return {
    format: 'cosem-commissioning-record-1',
    at: '2026-11-23T10:30:03+05:30',
    utility: 'बिहार विद्युत वितरण कंपनी',
    helpline: '1912',
    freeOfCharge: true,
    workOrder: { id, digest: 'd' },
    consumer: { number: '1100220033', commitment: commitmentOf(person) },
    network: { feeder: 'F-11', transformer: 'T-204', pole: 'P-9' },
    sanctionedLoad: 2000,
    steps: STEPS.map((step) => ({
      number: stepNumber(step),
      step,
      at: '2026-11-23T10:29:00+05:30',
      outcome: 'done' as const,
    })),
    installer: {
      id: 'EMP-77',
      name: 'R. Sharma',
      letter: 'AMI/118',
      letterValidUntil: '2026-12-31',
      identityCardShown: true,
    },
    verification: { method: 'offline-code', reference: 'c1' },
    documents: ['aadhaar'],
    oldMeter: { serial: 'OLD-5567', finalReading: '18442.7', condition: 'good' },
    meter: {
      namePlate: { serial: '10000042', manufacturer: 'COSEM', meterType: 'single phase', category: 'D1' },
      seals: ['S-1'],
    },
    clock: { before: 't', difference: 0, set: false, deviation: -330 },
    relay: {
      mode: 6,
      off: [
        {
          opened: { by: 'meter', time: '2026-11-23 10:30:00.00 +05:30' },
          closed: { by: 'meter', time: '2026-11-23 10:30:02.51 +05:30' },
        },
      ],
      before: { volts: ['230'], amperes: ['1'] },
      open: { volts: ['230'], amperes: ['0'] },
      after: { volts: ['230'], amperes: ['1'] },
      underLoad: true,
      resumed: false,
    },
    readings: {
      time: '2026-11-23 10:30:03.01 +05:30',
      clockStatus: 0,
      energies: [register('1.0.1.8.0.255', '8646795', 'Wh'), register('1.0.9.8.0.255', '9235803', 'VAh')],
      payment: [register('0.0.94.96.24.255', '2646.66', 'INR')].map((value) => ({
        ...value,
        raw: { 'double-long': 264666 },
      })),
    },
    events: { statusWord: null, findings: [], unread: [] },
    indexRow: 1,
  };
}

/** A record with everything as long as it can be printed. */
export function longContent(): RecordContent<CommissioningRecord> {
  const content = recordContent('WO-2026-11-23-ABCDEFGHIJKLMNOPQRSTUVWXYZ', LONG_PERSON);
  const reason =
    'उपभोक्ता घर पर नहीं था और पड़ोसी ने बताया कि वह अगले सप्ताह लौटेगा; a long reason that goes on and on. '.repeat(2);
  return {
    ...content,
    utility: 'Madhyanchal Vidyut Vitran Nigam Limited, Lucknow, a Government undertaking of UP.',
    consumer: { ...content.consumer, number: 'ABCDEFGHIJ/12345-6789012' },
    network: { feeder: 'F'.repeat(32), transformer: 'T-'.repeat(16), pole: 'P/'.repeat(16) },
    steps: content.steps.map((step) => ({ ...step, outcome: 'skipped' as const, reason })).slice(1, 9),
    installer: {
      ...content.installer,
      name: 'Ramakrishnan Venkatasubramaniam '.repeat(3),
      id: 'EMP-'.repeat(12),
      letter: 'AMI/2026/'.repeat(9),
    },
    documents: Array.from({ length: 10 }, (_, i) => `document of kind ${i}`),
    oldMeter: {
      serial: 'OLD-5567-ABCDEFGH-123456',
      finalReading: '123456789.123',
      condition: 'glass broken, seal missing '.repeat(9),
    },
    relay: {
      ...(content.relay as NonNullable<CommissioningRecord['relay']>),
      off: [0, 1].map(() => ({
        opened: { by: 'looks', after: Date.UTC(2026, 10, 21, 5, 0, 0), before: Date.UTC(2026, 10, 22, 5, 0, 0) },
        closed: { by: 'meter', time: '2026-11-22 10:30:02.51 +05:30' },
      })),
      resumed: true,
    },
    meter: {
      namePlate: {
        ...content.meter.namePlate,
        manufacturer: 'Genus Power Infrastructures '.repeat(4),
        firmware: 'FW-1.2.3.4-'.repeat(9),
      },
      seals: Array.from({ length: 10 }, (_, i) => `SEAL-2026-00000${i}`),
    },
  };
}

export function certificatesOf(
  contents: readonly RecordContent<CommissioningRecord>[],
  signer: Signer = SIGNER,
  person: Disclosure = PERSON,
): Certificate<CommissioningRecord>[] {
  const chain = new RecordChain(new MemoryDisk().file('records'));
  return contents.map((content) => {
    const signed = chain.add(content, signer);
    return { format: 'cosem-certificate-1', signed, person, compact: compactOf(signed, signer) };
  });
}

export function sampleCertificate(): Certificate {
  return certificatesOf([recordContent('WO-1')])[0] as Certificate;
}

export function longCertificate(): Certificate {
  return certificatesOf([longContent()], SIGNER, LONG_PERSON)[0] as Certificate;
}

/** Both files of a certificate, by what they are. */
export async function rendered(certificate: Certificate): Promise<{ pdf: Uint8Array; html: string }> {
  const files = await renderCertificate(certificate);
  const of = (wanted: string) => files.find(({ extension }) => extension === wanted)?.content;
  return { pdf: of('pdf') as Uint8Array, html: of('html') as string };
}
