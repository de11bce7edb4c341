import { type CosemError, open, SecurityError, StateError, toHex } from 'cosem';
import { nodeCrypto as crypto } from 'cosem/node';
import { describe, expect, test } from 'vitest';
import { candidate, checkCertificate, type EnrolmentStep, enrol } from '../src/index.js';
import { authorities, NOW, OTHER, TITLE, validity } from './bench.js';
import { CertifiedDevice, SETUP } from './device.js';
import { connections } from './meter-line.js';

async function enrolled(curve: 'P-256' | 'P-384', faults: CertifiedDevice['faults'] = {}) {
  const { root, sub } = authorities(curve);
  const device = new CertifiedDevice(TITLE, curve, root.certificate.octets, () => NOW);
  device.faults = faults;
  await using meter = await open(...connections(device.object));
  const steps: EnrolmentStep[] = [];
  const asked = await candidate(meter, SETUP);
  const enrolment = {
    ...{ ...validity, candidate: asked, authority: sub, before: [sub.certificate] },
    ...{ uses: ['digital-signature', 'key-agreement'] as const, onStep: (step: EnrolmentStep) => steps.push(step) },
  };
  const done = await enrol(meter, crypto, enrolment);
  return { root, device, steps, done };
}

describe.each(['P-256', 'P-384'] as const)('a meter on %s', (curve) => {
  test('comes from nothing to certificates that hold, with keys of its own', async () => {
    const { root, device, steps, done } = await enrolled(curve);
    const each = ['generate', 'request', 'import', 'prove'];
    expect(steps).toEqual(['before', ...each, ...each]);
    expect(done.map(({ use }) => use)).toEqual(['digital-signature', 'key-agreement']);
    expect(device.held).toHaveLength(3);
    for (const { use, certificate } of done) {
      checkCertificate(crypto, certificate.octets, [root.certificate], {
        ...{ use, at: NOW, systemTitle: TITLE, curve, others: device.held },
      });
      const { privateKey } = device.keys.get(use) as { privateKey: Uint8Array };
      expect(toHex(certificate.publicKey)).toBe(toHex(crypto.publicKey(curve, privateKey)));
    }
  });
});

test.each([
  [
    'names another title',
    { title: OTHER },
    SecurityError,
    'the request names 4D4D4D0000000001, and the meter is 4D4D4D0000BC614E',
  ],
  ['is signed with another key', { foreignKey: true }, SecurityError, 'not signed with the key that it is for'],
])('nothing is issued for a request that %s', async (_, faults, kind, sentence) => {
  const failed = await enrolled('P-256', faults).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(kind);
  expect((failed as CosemError).message).toContain(sentence);
});

test('a meter that gives another certificate back is not believed', async () => {
  await expect(enrolled('P-256', { givesOther: true })).rejects.toThrow('gives another one back');
});

test('a meter of suite 2 and an authority of suite 1 do not fit', async () => {
  const { root } = authorities('P-256');
  const device = new CertifiedDevice(TITLE, 'P-384', root.certificate.octets, () => NOW);
  await using meter = await open(...connections(device.object));
  const asked = await candidate(meter, SETUP);
  await expect(enrol(meter, crypto, { ...validity, candidate: asked, authority: root, uses: ['tls'] })).rejects.toThrow(
    StateError,
  );
  expect(device.keys.size).toBe(0);
});

test('a meter of suite 0 has no certificates', async () => {
  await using meter = await open(...connections());
  await expect(candidate(meter)).rejects.toThrow('security suite 0');
});
