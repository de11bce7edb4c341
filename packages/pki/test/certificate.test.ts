import { X509Certificate } from 'node:crypto';
import { toHex } from 'cosem';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../src/index.js';
import { authorities, entity, NOW, TITLE, validity } from './bench.js';

describe.each(['P-256', 'P-384'] as const)('a certificate on %s', (curve) => {
  const { root, sub } = authorities(curve);
  const { certificate } = entity(sub);

  test('says what was put into it, by this reader and by the one of Node', () => {
    expect(certificate).toMatchObject({ curve, uses: ['digital-signature'], authority: false, ...validity });
    expect(toHex(certificate.systemTitle as Uint8Array)).toBe(toHex(TITLE));
    const node = new X509Certificate(certificate.octets);
    expect(node.subject).toBe('CN=4D4D4D0000BC614E');
    expect(node.issuer).toBe('CN=Test authority');
    expect(node.ca).toBe(false);
    expect(new Date(node.validFrom).getTime()).toBe(validity.notBefore);
    expect(new Date(node.validTo).getTime()).toBe(validity.notAfter);
    expect(node.serialNumber).toBe(toHex(certificate.serialNumber));
    const { x = '', y = '' } = node.publicKey.export({ format: 'jwk' });
    expect(toHex(certificate.publicKey)).toBe(toHex(Buffer.concat([x, y].map((one) => Buffer.from(one, 'base64url')))));
  });

  test('is signed as Node checks it, up to a root that signs itself', () => {
    const chain = [certificate, sub.certificate, root.certificate].map(({ octets }) => new X509Certificate(octets));
    const [leaf, middle, top] = chain as [X509Certificate, X509Certificate, X509Certificate];
    expect(leaf.verify(middle.publicKey)).toBe(true);
    expect(middle.verify(top.publicKey)).toBe(true);
    expect(top.verify(top.publicKey)).toBe(true);
    expect(leaf.verify(top.publicKey)).toBe(false);
    expect([leaf.checkIssued(middle), middle.checkIssued(top), leaf.checkIssued(top)]).toEqual([true, true, false]);
  });

  test('may have no end', () => {
    const endless = entity({ ...root }, { notAfter: NOW + 3650 * 86_400_000 }).certificate;
    expect(endless.notAfter).toBe(NOW + 3650 * 86_400_000);
  });
});

test('what is read twice is the same', () => {
  const { certificate } = entity(authorities('P-256').sub, { use: 'tls' });
  expect(readCertificate(certificate.octets)).toEqual(certificate);
  expect(certificate.uses).toEqual(['tls']);
});
