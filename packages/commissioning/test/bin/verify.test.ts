import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../../../src/base/bytes.js';
import { ran } from '../../../../test/bin/ran.js';
import { toBase45 } from '../../src/record/base45.js';
import type { CommissioningRecord } from '../../src/record/commissioning-record.js';
import { COMPACT_PREFIX } from '../../src/record/compact.js';
import { signRecord } from '../../src/record/record.js';
import { signedOctets, signerOf } from '../../src/record/signing.js';
import { certificatesOf, recordContent, rendered, TRUSTED } from '../sample-certificate.js';

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
  writeFileSync(
    join(folder, 'forged-and-foreign.html'),
    html.replace('आशा देवी', 'उषा देवी').replace('certificate, form 2', 'certificate, form 7'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], input = '', env: Record<string, string> = {}) =>
  ran(['verify', ...args], { XDG_CONFIG_HOME: join(folder, 'nowhere'), ...env }, input);

it.each(['WO-1.json', 'WO-1.html', 'WO-1.pdf'])(
  '%s is valid by the keys given, and says what was signed',
  async (name) => {
    const { exit, out, err } = await run([join(certificates, name), '--trust', trust]);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^Valid: signed by R\. Sharma and not altered\.$/m);
    expect(out).toMatch(/^ {2}Meter +10000042$/m);
    expect(out).toMatch(/^ {2}Start reading +8646\.795 kWh$/m);
    expect(out).toMatch(/^ {2}Signed at +23-11-2026 10:30:03$/m);
    expect(out).toMatch(/^ {2}Relay +passed \(under load\): off 10:30:00, on 10:30:02, by the meter's clock$/m);
    expect(out).toContain(`Trusted: the keys of ${trust}.`);
  },
);

describe('trust comes from the person, never from the evidence', () => {
  const forger = signerOf('ed25519', new Uint8Array(32).fill(7));
  const forged = join(folder, 'forged');

  beforeAll(async () => {
    const [certificate] = certificatesOf([recordContent('WO-1')], forger);
    const { html, pdf } = await rendered(certificate!);
    mkdirSync(join(forged, 'certificates'), { recursive: true });
    writeFileSync(join(forged, 'certificates', 'WO-1.json'), JSON.stringify(certificate));
    writeFileSync(join(forged, 'certificates', 'WO-1.html'), html);
    writeFileSync(join(forged, 'certificates', 'WO-1.pdf'), pdf);
    const signers = [{ name: 'UPPCL Lucknow', algorithm: forger.algorithm, publicKey: forger.publicKey }];
    const list = JSON.stringify({ format: 'cosem-trusted-signers-1', signers });
    writeFileSync(join(forged, 'trusted-signers.json'), list);
    writeFileSync(join(forged, 'certificates', 'trusted-signers.json'), list);
  });

  it.each(['', 'certificates/WO-1.json', 'certificates/WO-1.html', 'certificates/WO-1.pdf'])(
    'a forged folder that brings its own list: %j',
    async (name) => {
      for (const more of [[], ['--trust', trust]]) {
        const { exit, out } = await run([join(forged, name), ...more]);
        expect(exit).toBe(4);
        expect(out).not.toMatch(/valid|signed by UPPCL/i);
        expect(out).toMatch(
          /trusted-signers\.json names UPPCL Lucknow for it: you have not said that you trust that list/,
        );
      }
      const { io } = await run([join(forged, name), '--json']);
      expect(io.document()).toMatchObject({
        verdict: 'unknown-signer',
        trust: null,
        untrustedList: { names: ['UPPCL Lucknow'] },
        exit: 4,
      });
    },
  );

  it('nor from the folder that one stands in', async () => {
    const before = process.cwd();
    process.chdir(forged);
    try {
      expect((await run(['certificates/WO-1.json'])).exit).toBe(4);
      expect((await run(['.'])).exit).toBe(4);
    } finally {
      process.chdir(before);
    }
  });

  it('it is the one that COSEM_TRUST names, or that of the own configuration', async () => {
    const file = join(certificates, 'WO-1.json');
    expect(await run([file], '', { COSEM_TRUST: trust })).toMatchObject({ exit: 0, err: '' });
    const home = join(folder, 'config');
    mkdirSync(join(home, 'cosem'), { recursive: true });
    writeFileSync(join(home, 'cosem', 'trusted-signers.json'), readFileSync(trust));
    expect((await run([file], '', { XDG_CONFIG_HOME: home })).exit).toBe(0);
    expect((await run([forged], '', { XDG_CONFIG_HOME: home })).exit).toBe(4);
    // What is said at the command goes first, and what is named must be there.
    expect((await run([file, '--trust', others], '', { XDG_CONFIG_HOME: home, COSEM_TRUST: trust })).exit).toBe(4);
    expect((await run([file], '', { COSEM_TRUST: '/nowhere.json' })).exit).toBe(2);
  });
});

it('does not call a page valid that it cannot make: whoever wrote it may have written anything', async () => {
  const file = join(folder, 'forged-and-foreign.html');
  const { exit, out, err } = await run([file, '--trust', trust]);
  expect(exit).toBe(4);
  expect(out).toMatch(/^Page not checked: this version of cosem makes no such page\./);
  expect(out).toContain('The record inside it, signed by R. Sharma, says:');
  expect(out).not.toMatch(/valid|उषा/i);
  expect(err).toContain('Rely on nothing that the page shows');
  const { io } = await run([file, '--trust', trust, '--json']);
  expect(io.document()).toMatchObject({ verdict: 'unknown-page', record: 'valid', exit: 4 });
});

describe('whatever a forger signs ends in an answer', () => {
  const forger = signerOf('ed25519', new Uint8Array(32).fill(7));
  const [whole] = certificatesOf([recordContent('WO-1')], forger);
  const { record } = whole!.signed;

  it('of a signed record that lacks fields, or has others in their place', async () => {
    const odd: unknown[] = [null, 0, 'x', [], {}, [null], { value: '1.2.3', unit: 'Wh' }];
    const records = Object.keys(record).flatMap((name) =>
      odd.map((value) => ({ ...record, [name]: value }) as unknown as CommissioningRecord),
    );
    const energies = [{ ...record.readings.energies[0]!, value: '1.2.3' }];
    records.push({ ...record, readings: { ...record.readings, energies } });
    for (const one of records) {
      const signed = signRecord(one, forger);
      const { exit, err } = await run(['-'], JSON.stringify(signed));
      expect([4, 5]).toContain(exit);
      expect(err).not.toContain('unexpected');
    }
  });

  it('of a code whose key is named by anything', async () => {
    const content = new TextEncoder().encode(
      `{"c":"1","e":"","h":"","k":"${'z'.repeat(40)}","l":"","m":"1","r":0,"t":0,"w":"W"}`,
    );
    const text = COMPACT_PREFIX + toBase45(concat(content, forger.sign(signedOctets('compact', content))));
    const { exit, out } = await run([text]);
    expect([exit, out]).toEqual([5, expect.stringContaining('it is no code of a commissioning certificate')]);
  });

  it('of a log that is chained but holds no records', async () => {
    const place = join(folder, 'odd-log');
    mkdirSync(join(place, 'state'), { recursive: true });
    for (const line of ['null', '{"record":null}', '{"record":{"workOrder":null},"hash":1}', '{', '[]']) {
      const digest = createHash('sha256').update(line).digest('hex').slice(0, 32);
      writeFileSync(join(place, 'state', 'records.log'), `${digest} ${line}\n${digest} ${line}\n`);
      expect((await run([place])).exit).toBe(5);
      writeFileSync(join(place, 'state', 'records.log'), `${digest} ${line}\n`);
      const { exit, err } = await run([place]);
      expect([5, 2]).toContain(exit);
      expect(err).not.toContain('unexpected');
    }
  });

  it.skipIf(process.platform === 'win32')('of a device that never ends, alone and in a folder', async () => {
    const place = join(folder, 'endless');
    mkdirSync(place);
    symlinkSync('/dev/zero', join(place, 'WO-1.json'));
    expect(await run([join(place, 'WO-1.json')])).toMatchObject({ exit: 2, err: expect.stringContaining('WO-1.json') });
    expect(await run([place])).toMatchObject({ exit: 2, err: expect.stringContaining('there is no certificate') });
  });
});

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
  const whole = await run([join(folder, 'work'), '--trust', trust, '--json']);
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
  ['/nowhere/at/all.pdf', 'cannot be read: there is no such file or folder (ENOENT)'],
  [join(folder, 'keys-of-the-utility.json'), 'is no certificate, record or text of a QR code'],
])('%s is a fault of usage', async (file, words) => {
  const { exit, err } = await run([file]);
  expect(exit).toBe(2);
  expect(err).toContain(words);
  // A file that is missing is no folder that is missing.
  expect(err).toMatch(/hint: (?:check its name|give the JSON)/);
});

it('says when the keys to trust are no such thing', async () => {
  const missing = await run([join(certificates, 'WO-1.json'), '--trust', '/nowhere.json']);
  expect([missing.exit, missing.err.includes('there is no file /nowhere.json')]).toEqual([2, true]);
  const wrong = await run([join(certificates, 'WO-1.json'), '--trust', join(certificates, 'WO-1.json')]);
  expect(wrong.exit).toBe(2);
});
