import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex } from 'cosem';
import { nodeCrypto as crypto } from 'cosem/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ran } from '../../../../test/bin/ran.js';
import { makeKeyPair, makeRequest, readKeyFile, writePem } from '../../src/index.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-pki-'));
const folder = join(root, 'pki');
const TITLE = '4D4D4D0000BC614E';
const certificate = (use: string) => join(folder, 'certificates', `${TITLE}-${use}.pem`);
const run = (...words: string[]) => ran(['pki', ...words], { COSEM_PKI: folder });

beforeAll(async () => {
  await run('ca');
  await run('meter', TITLE);
});
afterAll(() => rmSync(root, { recursive: true }));

test('makes an authority once, with keys for their owner alone', async () => {
  expect(statSync(join(folder, 'keys/root.key.pem')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700);
  const before = readFileSync(join(folder, 'keys/root.key.pem'), 'utf8');
  const again = await run('ca');
  expect(again.exit).toBe(2);
  expect(again.err).toContain('has an authority already');
  expect(readFileSync(join(folder, 'keys/root.key.pem'), 'utf8')).toBe(before);
});

test('shows a chain in English and Hindi, and no key', async () => {
  const files = [
    certificate('digital-signature'),
    join(folder, 'authorities/authority.pem'),
    join(folder, 'anchors/root.pem'),
  ];
  const { exit, out, err } = await run('show', ...files);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toContain(`CN=${TITLE} is signed by CN=Test authority`);
  expect(out).toContain('CN=Test authority is signed by CN=Test root');
  expect(out).toContain('CN=Test root is signed by itself: a root');
  expect(out).toMatch(/its key is for +digital signature$/m);
  expect(out).toMatch(/curve +P-256 \(security suite 1\)$/m);
  expect(out).toMatch(/valid +\d\d-\d\d-\d{4} \d\d:\d\d:\d\d to \d\d-\d\d-\d{4} \d\d:\d\d:\d\d UTC$/m);
  const hindi = await run('show', ...files, '--language', 'hi');
  expect(hindi.out).toContain(`CN=${TITLE} पर CN=Test authority का हस्ताक्षर है`);
  expect(hindi.out).toMatch(/कुंजी का काम +डिजिटल हस्ताक्षर$/m);
  const alone = await run('show', files[0] as string);
  expect(alone.out).toContain('whose certificate is not among these');
});

describe('check', () => {
  test('accepts the right certificate and shows its chain', async () => {
    const { exit, out } = await run(
      'check',
      certificate('key-agreement'),
      '--use',
      'key-agreement',
      '--title',
      TITLE,
      '--suite',
      '1',
    );
    expect(exit).toBe(0);
    expect(out).toContain(`CN=${TITLE} is accepted.`);
    expect(out).toContain('CN=Test authority is signed by CN=Test root');
  });

  test.each([
    [['--title', '4D4D4D0000000001'], 'is the certificate of the system title'],
    [['--use', 'tls'], 'the key of CN=4D4D4D0000BC614E is for digital signature, and TLS is wanted'],
    [['--suite', '2'], 'the security suite needs P-384'],
    [['--at', '2099-01-01T00:00:00Z'], 'was valid until'],
    [['--at', '2020-01-01T00:00:00Z'], 'is valid only from'],
    [['--anchor', certificate('digital-signature')], 'missing link'],
  ])('refuses with %j', async (words, sentence) => {
    const { exit, out, err } = await run('check', certificate('digital-signature'), ...words);
    expect([exit, out]).toEqual([5, '']);
    expect(err).toContain(sentence);
    const hindi = await run('check', certificate('digital-signature'), ...words, '--language', 'hi');
    expect(hindi.err).toMatch(
      /^cosem: प्रमाणपत्र स्वीकार नहीं हुआ।\n {7}CN=4D4D4D0000BC614E .*[\u0900-\u097f]|^cosem: प्रमाणपत्र स्वीकार नहीं हुआ।\n {7}CN=Test root .*[\u0900-\u097f]/,
    );
  });

  test.each([
    [['--at', 'tomorrow'], '--at tomorrow is no time'],
    [['--title', '4D4D'], '4D4D is no system title'],
    [['--folder', join(root, 'nowhere')], 'is no folder of certificates'],
  ])('says what is wrong with %j', async (words, sentence) => {
    const { exit, err } = await run('check', certificate('digital-signature'), ...words);
    expect(exit).toBe(2);
    expect(err).toContain(sentence);
  });
});

describe('issue', () => {
  const { curve, privateKey } = makeKeyPair(crypto, 'P-256');
  const request = makeRequest({
    ...{
      curve,
      publicKey: crypto.publicKey(curve, privateKey),
      use: 'digital-signature',
      systemTitle: fromHex('4D4D4D0000000007'),
    },
    sign: (message) => crypto.sign(curve, privateKey, message),
  });
  const file = join(root, 'request.pem');
  beforeAll(() => writeFileSync(file, writePem(request, 'request')));

  test('signs a request that its maker signed, for its title', async () => {
    const { exit, out } = await run('issue', file, '--title', '4D4D4D0000000007');
    expect(exit).toBe(0);
    const written = /: (.*\.pem)$/m.exec(out)?.[1] as string;
    expect((await run('check', written, '--title', '4D4D4D0000000007')).exit).toBe(0);
  });

  test('refuses it for another title, another use, or with one bit changed', async () => {
    expect((await run('issue', file, '--title', TITLE)).err).toContain('the request is for 4D4D4D0000000007');
    expect((await run('issue', file, '--use', 'key-agreement')).err).toContain(
      'asks for a key that is not for key agreement',
    );
    const changed = request.slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    const other = join(root, 'changed.der');
    writeFileSync(other, changed);
    const refused = await run('issue', other);
    expect(refused.exit).toBe(5);
    expect(refused.err).toContain('not signed with the key that it is for');
  });
});

test('keys under a passphrase are opened by it alone', async () => {
  const sealed = join(root, 'sealed');
  const phrase = join(root, 'phrase.txt');
  writeFileSync(phrase, 'four words and more\n', { mode: 0o600 });
  writeFileSync(join(root, 'short.txt'), 'short\n');
  expect(
    (await run('ca', '--folder', join(root, 'short'), '--passphrase-file', join(root, 'short.txt'))).err,
  ).toContain('fewer than 8');
  expect((await run('ca', '--folder', sealed, '--suite', '2', '--passphrase-file', phrase)).exit).toBe(0);
  const text = readFileSync(join(sealed, 'keys/root.key.pem'), 'utf8');
  expect(text).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  const without = await run('client', TITLE, '--folder', sealed);
  expect(without.err).toContain('is under a passphrase');
  expect((await run('client', TITLE, '--folder', sealed, '--passphrase-file', join(root, 'short.txt'))).err).toContain(
    'does not open',
  );
  const made = await run('client', TITLE, '--folder', sealed, '--use', 'tls', '--passphrase-file', phrase);
  expect([made.exit, made.err]).toEqual([0, '']);
  expect(readKeyFile(join(sealed, 'keys', `${TITLE}-tls.key.pem`), 'four words and more').curve).toBe('P-384');
});

test('what is no certificate is said with the name of its file', async () => {
  const file = join(root, 'letter.txt');
  writeFileSync(file, 'Dear meter,\n');
  const { exit, err } = await run('show', file);
  expect(exit).toBe(2);
  expect(err).toContain(`${file}: there is no certificate in it`);
});
