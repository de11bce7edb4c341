/** OpenSSL as an independent reader and issuer. Where it is not installed, this says so and tests nothing. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto as crypto } from 'cosem/node';
import { afterAll, describe, expect, test } from 'vitest';
import {
  checkCertificate,
  makeAuthority,
  makeKeyPair,
  makeRequest,
  PkiFolder,
  readCertificate,
  readKeyFile,
  readPem,
  readRequest,
  writePem,
} from '../src/index.js';
import { TITLE } from './bench.js';

const have = spawnSync('openssl', ['version']).status === 0;
if (!have)
  console.warn('\n*** OpenSSL is not installed: what it says of our certificates, and we of its, is NOT tested ***\n');

const folder = mkdtempSync(join(tmpdir(), 'cosem-openssl-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const NAMES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' } as const;
const PHRASE = 'four words and more';
const DAY = 86_400_000;

describe.skipIf(!have).each(['P-256', 'P-384'] as const)('OpenSSL and we on %s', (curve) => {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const dates = { notBefore: now - DAY, notAfter: now + 100 * DAY };
  const root = makeAuthority(crypto, { ...dates, name: 'Our root', keys: makeKeyPair(crypto, curve), pathLength: 1 });
  const keys = makeKeyPair(crypto, curve);
  const sub = makeAuthority(crypto, { ...dates, name: 'Our authority', keys, pathLength: 0, by: root });
  const pki = new PkiFolder(at(`pki-${curve}`));
  const rootFile = pki.addCertificate('anchors', 'root', root.certificate);
  const subFile = pki.addCertificate('authorities', 'authority', sub.certificate);
  const keyFile = pki.addKey('authority', sub, PHRASE);

  test('it opens our key, signs for its own request with our authority, and each accepts what came of it', () => {
    const [key, request, issued] = [at(`${curve}.key`), at(`${curve}.csr`), at(`${curve}.crt`)];
    openssl('ecparam', '-name', NAMES[curve], '-genkey', '-noout', '-out', key);
    openssl(
      'req',
      '-new',
      '-key',
      key,
      `-${curve === 'P-256' ? 'sha256' : 'sha384'}`,
      '-subj',
      '/CN=4D4D4D0000BC614E',
      '-out',
      request,
    );
    const read = readRequest(crypto, readPem(readFileSync(request), 'request')[0] as Uint8Array);
    expect(read).toMatchObject({ curve, systemTitle: TITLE });
    expect(crypto.publicKey(curve, readKeyFile(key).privateKey)).toEqual(read.publicKey);
    writeFileSync(
      at('ext'),
      'keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      subFile,
      '-CAkey',
      keyFile,
      '-passin',
      `pass:${PHRASE}`,
      `-${curve === 'P-256' ? 'sha256' : 'sha384'}`,
      '-days',
      '30',
      '-extfile',
      at('ext'),
      '-set_serial',
      '0x8877',
      '-out',
      issued,
    );
    const octets = readPem(readFileSync(issued), 'certificate')[0] as Uint8Array;
    const demand = { use: 'digital-signature' as const, at: Date.now() + 1000, systemTitle: TITLE, curve };
    const { leaf } = checkCertificate(crypto, octets, [root.certificate], {
      ...demand,
      others: [sub.certificate.octets],
    });
    expect(leaf.serialNumber).toEqual(Uint8Array.of(0, 0x88, 0x77));
    expect(openssl('verify', '-x509_strict', '-CAfile', rootFile, '-untrusted', subFile, issued)).toContain(': OK');
  });

  test('it accepts our request and our chain, and finds the uses in it', () => {
    const own = makeKeyPair(crypto, curve);
    const publicKey = crypto.publicKey(curve, own.privateKey);
    const request = makeRequest({
      ...{ curve, publicKey, use: 'key-agreement', systemTitle: TITLE },
      sign: (message) => crypto.sign(curve, own.privateKey, message),
    });
    writeFileSync(at('own.csr'), writePem(request, 'request'));
    const said = openssl('req', '-in', at('own.csr'), '-verify', '-noout', '-text');
    expect(said).toContain('Subject: CN = 4D4D4D0000BC614E');
    expect(said).toContain('Key Agreement');
    expect(openssl('verify', '-x509_strict', '-CAfile', rootFile, subFile)).toContain(': OK');
    const shown = openssl('x509', '-in', subFile, '-noout', '-text');
    expect(shown).toContain('CA:TRUE, pathlen:0');
    expect(shown).toContain('Certificate Sign, CRL Sign');
  });
});

test.skipIf(!have)('a certificate and a key of OpenSSL on RSA are refused', () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('rsa.key'),
    '-subj',
    '/CN=4D4D4D0000BC614E',
    '-days',
    '2',
    '-out',
    at('rsa.crt'),
  );
  const [rsa] = readPem(readFileSync(at('rsa.crt')), 'certificate');
  expect(() => readCertificate(rsa as Uint8Array)).toThrow('not an uncompressed point on P-256 or P-384');
  expect(() => readKeyFile(at('rsa.key'))).toThrow('is not on P-256 or P-384');
});
