import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { certificatesOf, recordContent, rendered, TRUSTED } from '../commissioning/sample-certificate.js';
import { FakeIo } from './fake-io.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-verify-'));
const trust = join(folder, 'keys-of-the-utility.json');
const others = join(folder, 'others.json');
const certificates = join(folder, 'work', 'certificates');
const [sample, second] = certificatesOf([recordContent('WO-1'), recordContent('WO-2')]);

beforeAll(async () => {
  const signersFile = (signers: unknown) => JSON.stringify({ format: 'cosem-trusted-signers-1', signers });
  writeFileSync(trust, signersFile(TRUSTED));
  writeFileSync(others, signersFile([{ ...TRUSTED[0], publicKey: '00'.repeat(32) }]));
  mkdirSync(certificates, { recursive: true });
  writeFileSync(join(folder, 'work', 'trusted-signers.json'), signersFile(TRUSTED));
  const { html, pdf } = await rendered(sample!);
  writeFileSync(join(certificates, 'WO-1.html'), html);
  writeFileSync(join(certificates, 'WO-1.pdf'), pdf);
  writeFileSync(join(certificates, 'WO-1.json'), JSON.stringify(sample));
  writeFileSync(join(certificates, 'WO-2.json'), JSON.stringify(second));
  writeFileSync(join(folder, 'forged.html'), html.replace('आशा देवी', 'उषा देवी'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: readonly string[], input = '') {
  const io = new FakeIo({}, input);
  const exit = await main(['verify', ...args], io);
  return { exit, io, out: io.stdout.text, err: io.stderr.text };
}

it.each(['WO-1.json', 'WO-1.html', 'WO-1.pdf'])(
  '%s is valid by the keys beside it, and says what was signed',
  async (name) => {
    const { exit, out, err } = await run([join(certificates, name)]);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^Valid: signed by R\. Sharma and not altered\.$/m);
    expect(out).toMatch(/^ {2}Meter +10000042$/m);
    expect(out).toMatch(/^ {2}Start reading +8646\.795 kWh$/m);
    expect(out).toContain('work/trusted-signers.json.');
  },
);

it('ends with 4 for an unknown signer and 5 for what was altered', async () => {
  const unknown = await run([join(certificates, 'WO-1.json'), '--trust', others, '--json']);
  expect(unknown.exit).toBe(4);
  expect(unknown.io.document()).toMatchObject({
    command: 'verify',
    verdict: 'unknown-signer',
    exit: 4,
    kind: 'certificate',
  });
  const forged = await run([join(folder, 'forged.html'), '--trust', trust]);
  expect(forged.exit).toBe(5);
  expect(forged.out).toContain('Altered: the page is not what the signed record inside it gives.');
  expect(forged.out).not.toContain('10000042');
});

it('takes the text of a QR code, as an argument and on standard input', async () => {
  const { exit, io } = await run([sample!.compact, '--trust', trust, '--json']);
  expect(exit).toBe(0);
  expect(io.document()).toMatchObject({
    verdict: 'valid',
    kind: 'code',
    content: { workOrder: 'WO-1', meter: '10000042' },
  });
  expect((await run(['-', '--trust', trust], `${sample!.compact}\n`)).exit).toBe(0);
});

it('checks a folder and its chain', async () => {
  const whole = await run([join(folder, 'work'), '--json']);
  expect(whole.exit).toBe(0);
  expect(whole.io.document()).toMatchObject({
    verdict: 'valid',
    files: { length: 4 },
    chain: { records: 2, problems: [] },
  });
  const part = join(folder, 'part');
  mkdirSync(part);
  writeFileSync(join(part, 'WO-2.json'), JSON.stringify(second));
  const gap = await run([part, '--trust', trust]);
  expect(gap.exit).toBe(5);
  expect(gap.out).toContain('Chain broken: the record before record 2 (WO-2) is missing.');
});

it.each([
  ['/nowhere/at/all.pdf', 'cannot be read (ENOENT)'],
  [join(folder, 'keys-of-the-utility.json'), 'is no certificate, record or text of a QR code'],
])('%s is a fault of usage', async (file, words) => {
  const { exit, err } = await run([file]);
  expect(exit).toBe(2);
  expect(err).toContain(words);
});

it('says when the keys to trust are no such thing', async () => {
  const missing = await run([join(certificates, 'WO-1.json'), '--trust', '/nowhere.json']);
  expect([missing.exit, missing.err.includes('there is no file /nowhere.json')]).toEqual([2, true]);
  const wrong = await run([join(certificates, 'WO-1.json'), '--trust', join(certificates, 'WO-1.json')]);
  expect(wrong.exit).toBe(2);
});
