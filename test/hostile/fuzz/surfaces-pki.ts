/** Certificates and requests of meters, and files of them. */

import { countedRandom } from '../../../packages/commissioning/test/bench.js';
import {
  type Authority,
  checkCertificate,
  issueCertificate,
  linksOf,
  makeAuthority,
  makeKeyPair,
  makeRequest,
  readCertificate,
  readPem,
  readRequest,
  writePem,
} from '../../../packages/pki/src/index.js';
import type { Random } from '../../../simulator/random.js';
import { fromHex, toHex } from '../../../src/base/bytes.js';
import { nobleCurveCrypto } from '../../../src/security/noble-curves.js';
import { nodeCrypto } from '../../../src/transport/node-crypto.js';
import { lazy } from './corpus.js';
import { must, type Surface } from './engine.js';
import { mutated } from './mutate.js';
import { mutatedText } from './mutate-text.js';

const NOW = Date.UTC(2026, 11, 1);
const TITLE = fromHex('4D4D4D0000BC614E');
const dates = { notBefore: NOW - 1000, notAfter: NOW + 1_000_000 };

/** Every certificate of a chain on each curve, and requests; the same on every machine: signatures of noble have no random number in them. */
const made = lazy(() => {
  const crypto = { ...nobleCurveCrypto, random: countedRandom() };
  const chains = (['P-256', 'P-384'] as const).map((curve) => {
    const keys = () => makeKeyPair(crypto, curve);
    const root = makeAuthority(crypto, { ...dates, name: 'Root', keys: keys(), pathLength: 1 });
    const sub: Authority = makeAuthority(crypto, { ...dates, name: 'Sub', keys: keys(), pathLength: 0, by: root });
    const own = keys();
    const owner = { curve, publicKey: crypto.publicKey(curve, own.privateKey), systemTitle: TITLE };
    const leaves = (['digital-signature', 'key-agreement', 'tls'] as const).map((use) =>
      issueCertificate(crypto, sub, { ...dates, ...owner, use }),
    );
    const sign = (message: Uint8Array) => crypto.sign(curve, own.privateKey, message);
    return { root, sub, leaves, request: makeRequest({ ...owner, use: 'digital-signature', sign }) };
  });
  const certificates = chains.flatMap(({ root, sub, leaves }) => [root.certificate, sub.certificate, ...leaves]);
  return {
    anchors: chains.map(({ root }) => root.certificate),
    links: chains.map(({ sub }) => sub.certificate.octets),
    certificates: certificates.map(({ octets }) => octets),
    requests: chains.map(({ request }) => request),
    genuine: new Set([
      ...certificates.map(({ octets }) => toHex(octets)),
      ...chains.map(({ request }) => toHex(request)),
    ]),
    texts: [
      ...chains.map(
        ({ root, leaves: [leaf] }) =>
          writePem(root.certificate.octets, 'certificate') + (leaf ? writePem(leaf.octets, 'certificate') : ''),
      ),
      ...chains.map(({ root }) => toHex(root.certificate.octets)),
    ],
  };
});

/** Mostly changed; some as they were made, so that what lies behind the signature is reached. */
const changed = (random: Random, corpus: readonly Uint8Array[]): Uint8Array =>
  random.chance(0.1) ? (corpus[random.below(corpus.length)] as Uint8Array) : mutated(random, corpus);

/** Where octets of a certificate come in. */
export const pkiSurfaces: readonly Surface[] = [
  {
    name: 'certificate',
    share: 8,
    make: (random) => changed(random, made().certificates),
    feed: (input) => {
      const { anchors, links, genuine } = made();
      const read = readCertificate(input);
      must(read.publicKey.length === (read.curve === 'P-256' ? 64 : 96), 'a key has the length of its curve');
      linksOf(nodeCrypto, [read, ...anchors]);
      for (const use of read.uses) {
        checkCertificate(nodeCrypto, input, anchors, { use, at: NOW, systemTitle: TITLE, others: [...links, input] });
        must(genuine.has(toHex(input)), 'a certificate that nobody issued is accepted');
      }
    },
  },
  {
    name: 'certificate-link',
    share: 3,
    make: (random) => changed(random, made().links),
    feed: (input) => {
      const { anchors, certificates, genuine } = made();
      const leaf = certificates[2] as Uint8Array;
      checkCertificate(nodeCrypto, leaf, anchors, { use: 'digital-signature', at: NOW, others: [input] });
      must(genuine.has(toHex(input)), 'a link that nobody issued is accepted');
    },
  },
  {
    name: 'certificate-request',
    share: 5,
    make: (random) => changed(random, made().requests),
    feed: (input) => {
      readRequest(nodeCrypto, input);
      must(made().genuine.has(toHex(input)), 'a request that nobody signed is accepted');
    },
  },
  {
    name: 'certificate-file',
    share: 5,
    make: (random) => new TextEncoder().encode(mutatedText(random, made().texts)),
    feed: (input) => {
      for (const octets of readPem(input, 'certificate')) readCertificate(octets);
    },
  },
];
