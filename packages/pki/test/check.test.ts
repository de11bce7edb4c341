import { DecodeError, fromHex, SecurityError, toHex } from 'cosem';
import { nobleCurveCrypto } from 'cosem/curves';
import { nodeCrypto as crypto } from 'cosem/node';
import { describe, expect, test } from 'vitest';
import {
  type Authority,
  type Certificate,
  CertificateError,
  certificateProvider,
  checkCertificate,
  type Demand,
  makeAuthority,
  makeKeyPair,
  problemText,
  readCertificate,
} from '../src/index.js';
import { authorities, entity, NOW, OTHER, TITLE } from './bench.js';

const { root, sub } = authorities('P-256');
const strong = authorities('P-384');
const YEAR = 365 * 86_400_000;

function problemOf(certificate: Certificate, demand: Partial<Demand> = {}, anchors = [root.certificate]) {
  try {
    checkCertificate(crypto, certificate.octets, anchors, {
      ...{ use: 'digital-signature', at: NOW, systemTitle: TITLE, others: [sub.certificate.octets] },
      ...demand,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    expect(error).toBeInstanceOf(SecurityError);
    expect(error.message).toContain(problemText(error.problem, 'en'));
    expect(problemText(error.problem, 'hi')).toMatch(/[\u0900-\u097f]/);
    return error.problem;
  }
}

/** The same certificate with one octet of its signature changed. */
function altered({ octets }: Certificate): Certificate {
  const other = octets.slice();
  other[other.length - 1] = (other.at(-1) as number) ^ 1;
  return readCertificate(other);
}

describe('a certificate is accepted', () => {
  test.each([
    ['signed by an authority below the anchor', entity(sub).certificate, {}, [root.certificate]],
    ['signed by the anchor', entity(root).certificate, { others: [] }, [root.certificate]],
    ['with an authority below a root as the anchor', entity(sub).certificate, { others: [] }, [sub.certificate]],
    [
      'of P-256 signed on P-384',
      entity(strong.sub, { curve: 'P-256' }).certificate,
      { others: [strong.sub.certificate.octets] },
      [strong.root.certificate],
    ],
    [
      'of suite 2',
      entity(strong.sub).certificate,
      { curve: 'P-384' as const, others: [strong.sub.certificate.octets] },
      [strong.root.certificate],
    ],
    [
      'for key agreement',
      entity(sub, { use: 'key-agreement' }).certificate,
      { use: 'key-agreement' as const },
      [root.certificate],
    ],
    ['for TLS', entity(sub, { use: 'tls' }).certificate, { use: 'tls' as const }, [root.certificate]],
    [
      'beside things that are no certificates',
      entity(sub).certificate,
      { others: [fromHex('3000'), new Uint8Array(9000), sub.certificate.octets] },
      [root.certificate],
    ],
    ['at the last moment', entity(sub).certificate, { at: NOW + YEAR }, [root.certificate]],
  ] as const)('%s', (_, certificate, demand, anchors) => {
    expect(problemOf(certificate, demand, [...anchors])).toBeUndefined();
  });

  test('with the same chain by noble and by Node', () => {
    const { certificate } = entity(strong.sub);
    const demand: Demand = { use: 'digital-signature', at: NOW, others: [strong.sub.certificate.octets] };
    for (const provider of [crypto, nobleCurveCrypto]) {
      const { chain } = checkCertificate(provider, certificate.octets, [strong.root.certificate], demand);
      expect(chain.map(({ subjectText }) => subjectText)).toEqual([
        'CN=4D4D4D0000BC614E',
        'CN=Test authority',
        'CN=Test root',
      ]);
    }
  });
});

describe('a certificate is refused', () => {
  const leaf = entity(sub).certificate;
  const longer = (by: Authority) =>
    makeAuthority(crypto, {
      notBefore: NOW - 1000,
      notAfter: NOW + YEAR,
      name: 'Another',
      keys: makeKeyPair(crypto, 'P-256'),
      by,
    });

  test.each([
    ['that is out of date', leaf, { at: NOW + YEAR + 1 }, 'expired'],
    ['that is not valid yet', leaf, { at: NOW - YEAR }, 'not-yet'],
    ['at no time', leaf, { at: Number.NaN }, 'not-yet'],
    ['for another title', leaf, { systemTitle: OTHER }, 'other-title'],
    ['on the curve of another suite', leaf, { curve: 'P-384' }, 'other-curve'],
    ['whose key is for something else', leaf, { use: 'key-agreement' }, 'wrong-use'],
    ['for TLS as one for signatures', entity(sub, { use: 'tls' }).certificate, {}, 'wrong-use'],
    ['whose chain has a missing link', leaf, { others: [] }, 'missing-link'],
    ['of an authority, used as one of a device', sub.certificate, { systemTitle: undefined }, 'authority-as-leaf'],
    ['of the anchor itself', root.certificate, { systemTitle: undefined }, 'authority-as-leaf'],
    ['with another signature', altered(leaf), {}, 'bad-signature'],
    ['below an altered authority', leaf, { others: [altered(sub.certificate).octets] }, 'bad-signature'],
    ['of a stranger who calls himself the same', entity(authorities('P-256').sub).certificate, {}, 'missing-link'],
  ] as const)('%s', (_, certificate, demand, code) => {
    expect(problemOf(certificate, demand as Partial<Demand>)?.code).toBe(code);
  });

  test('signed by the key of a device, whose certificate is given as a link', () => {
    const device = entity(sub, { systemTitle: OTHER });
    const forged = entity({ ...device, curve: 'P-256' }).certificate;
    expect(problemOf(forged, { others: [device.certificate.octets, sub.certificate.octets] })?.code).toBe(
      'no-authority',
    );
  });

  test('below an authority that is out of date, although itself is not', () => {
    const short = makeAuthority(crypto, {
      ...{
        notBefore: NOW - 1000,
        notAfter: NOW + 1000,
        name: 'Short',
        keys: makeKeyPair(crypto, 'P-256'),
        pathLength: 0,
        by: root,
      },
    });
    const { certificate } = entity(short, { notBefore: NOW - 1000, notAfter: NOW + 1000 });
    const others = [short.certificate.octets];
    expect(problemOf(certificate, { others })).toBeUndefined();
    expect(problemOf(certificate, { others, at: NOW + 2000 })?.code).toBe('expired');
  });

  test('below more authorities than the root allows', () => {
    // Who issues keeps to the constraint; so the forger writes the chain with keys that do not say it.
    const unbound = { ...sub, certificate: { ...sub.certificate, pathLength: 5 } } as Authority;
    const third = makeAuthority(crypto, {
      ...{
        notBefore: NOW - 1000,
        notAfter: NOW + YEAR,
        name: 'Third',
        keys: makeKeyPair(crypto, 'P-256'),
        pathLength: 0,
        by: unbound,
      },
    });
    const { certificate } = entity(third, { notBefore: NOW - 1000, notAfter: NOW + 1000 });
    const others = [third.certificate.octets, sub.certificate.octets];
    expect(problemOf(certificate, { others })).toMatchObject({ code: 'too-long', most: 0 });
    expect(() => longer(sub)).toThrow('allows no further authority');
  });

  test('with a key on P-384 signed on P-256, which no authority here issues', () => {
    expect(() => entity(sub, { curve: 'P-384' })).toThrow('an authority on P-256 signs no key on P-384');
  });

  test('that signed itself', () => {
    const alone = { ...makeKeyPair(crypto, 'P-256'), certificate: { ...entity(sub).certificate } };
    const own = entity({
      ...alone,
      certificate: { ...alone.certificate, notAfter: Number.POSITIVE_INFINITY },
    }).certificate;
    expect(problemOf(own)?.code).toBe('self-signed');
  });

  test('after a bounded number of signatures, with many authorities of one name', () => {
    const many = Array.from({ length: 40 }, () => altered(sub.certificate).octets);
    let verified = 0;
    const counting = {
      ...crypto,
      verify: (...args: Parameters<typeof crypto.verify>) => {
        verified++;
        return crypto.verify(...args);
      },
    };
    const demand: Demand = { use: 'digital-signature', at: NOW, others: many };
    expect(() => checkCertificate(counting, leaf.octets, [root.certificate], demand)).toThrow(CertificateError);
    expect(verified).toBeLessThanOrEqual(64);
  });
});

describe('the provider that cosem takes', () => {
  const provider = certificateProvider([root.certificate.octets]);

  test('reads, checks and knows its anchors', () => {
    const { certificate } = entity(sub);
    expect(provider.read(certificate.octets)).toEqual(certificate);
    const demand = { use: 'digital-signature' as const, at: NOW, others: [sub.certificate.octets] };
    expect(provider.check(crypto, certificate.octets, demand)).toEqual(certificate);
    expect(() => provider.check(crypto, certificate.octets, { ...demand, systemTitle: OTHER })).toThrow(
      'is the certificate of the system title 4D4D4D0000BC614E, and the peer has 4D4D4D0000000001',
    );
    expect([root, sub].map((one) => provider.isAnchor(one.certificate.octets))).toEqual([true, false]);
    expect(provider.anchors.map(toHex)).toEqual([toHex(root.certificate.octets)]);
  });

  test('takes authorities alone as anchors', () => {
    expect(() => certificateProvider([entity(sub).certificate.octets])).toThrow('is no authority');
    expect(() => certificateProvider([fromHex('3000')])).toThrow(DecodeError);
  });
});
