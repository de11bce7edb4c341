import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { ran } from '../../../../test/bin/ran.js';
import { pathIn } from '../../bin/photo-prompts.js';
import { PromptedInputs, Prompts } from '../../bin/prompted.js';
import { PhotoFolder } from '../../src/platform/photo-folder.js';
import { defaultPolicy } from '../../src/policy.js';
import { Bench, START } from '../bench.js';
import { JPEG, PNG } from '../photo-samples.js';
import { certificatesOf, recordContent, TRUSTED } from '../sample-certificate.js';
import { guided } from './commission-guide.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-photos-'));
afterAll(() => rmSync(folder, { recursive: true }));

const picture = join(folder, "old meter's.jpg");
writeFileSync(picture, JPEG);

test('a path is read as terminals write one that is dragged into them', () => {
  expect(pathIn(` '/home/a b/it'\\''s.jpg' `, false)).toBe("/home/a b/it's.jpg");
  expect(pathIn('"C:\\Users\\R Sharma\\a.jpg"', true)).toBe('C:\\Users\\R Sharma\\a.jpg');
  expect(pathIn('C:\\Users\\a.jpg', true)).toBe('C:\\Users\\a.jpg');
  expect(pathIn('/home/a\\ b/\\(1\\).jpg', false)).toBe('/home/a b/(1).jpg');
  expect(pathIn(pathToFileURL('/home/a b.jpg').href, false)).toBe('/home/a b.jpg');
  expect(pathIn('~/a.jpg', false)).toBe(join(homedir(), 'a.jpg'));
});

test('a person is asked for as many as the policy wants, and told at once of a file that is none', async () => {
  const io = new FakeIo();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  Object.assign(io, { stdin });
  const policy = { ...defaultPolicy, photos: { ...defaultPolicy.photos, oldMeter: 1 } };
  const checks = { clock: new Bench().clock, policy, keyOwner: 'R. Sharma' };
  const inputs = new PromptedInputs(new Prompts(io, 'hi'), {}, () => {}, checks);
  expect(await inputs.photos(['site'], policy)).toEqual([]);
  const asked = inputs.photos(['old-meter'], policy);
  await io.stderr.until(/पुराने मीटर का फ़ोटो 1: फ़ाइल यहाँ खींच लाएँ/);
  stdin.write(`${folder}/none.jpg\r`);
  await io.stderr.until(/नाम की कोई फ़ाइल नहीं है/);
  stdin.write(`\u0015"${picture}"\r`);
  await io.stderr.until(/पुराने मीटर का फ़ोटो 2/);
  stdin.write('\r');
  const [photo, ...others] = await asked;
  expect(others).toEqual([]);
  expect(photo).toMatchObject({ kind: 'old-meter', name: "old meter's.jpg" });
  expect(Buffer.compare(photo!.read(), JPEG)).toBe(0);
});

test('answers name files; what was kept is shown, and a file that is missing stops with words', async () => {
  const b = new Bench();
  await b.openIndex();
  const parts = { photos: new PhotoFolder(join(b.folder, 'photos')) };
  const stopped = await guided(b, { photos: [{ kind: 'old-meter', file: join(folder, 'none.jpg') }] }, { parts });
  expect(stopped.outcome).toMatchObject({ done: false, step: 'old-meter', refusal: { code: 'photo-missing' } });
  expect(stopped.text).toContain('There is no file');
  b.clock.advance(5000);
  const photos = [
    { kind: 'old-meter', file: picture },
    { kind: 'site', file: picture },
  ];
  const { outcome, text } = await guided(b, { photos }, { parts });
  expect(outcome.done).toBe(true);
  const { hash } = b.certificates[0]!.signed.record.photos![0]!;
  expect(text).toContain(`Photo of the old meter kept: ${hash.slice(0, 8)}…, 1 kB.`);
  expect(text).toContain('Photo of the site kept');
  b.dispose();
});

test('verify says which photos are whole, changed and missing', async () => {
  const work = join(folder, 'work');
  const store = new PhotoFolder(join(work, 'photos'));
  const keep = (octets: Uint8Array, kind: 'site' | 'seal') => {
    const { position: _, ...photo } = store.add('WO-1', { kind, name: 'a', read: () => octets }, 1e6);
    return photo;
  };
  const photos = [keep(JPEG, 'site'), keep(PNG, 'seal')];
  const [certificate] = certificatesOf([{ ...recordContent('WO-1'), photos }]);
  mkdirSync(join(work, 'certificates'), { recursive: true });
  writeFileSync(join(work, 'certificates', 'WO-1.json'), JSON.stringify(certificate));
  const trust = join(folder, 'trust.json');
  writeFileSync(trust, JSON.stringify({ format: 'cosem-trusted-signers-1', signers: TRUSTED }));
  const verify = () => ran(['verify', work, '--trust', trust], { XDG_CONFIG_HOME: join(folder, 'nowhere') });
  expect(await verify()).toMatchObject({
    exit: 0,
    out: expect.stringContaining('Photos: 2 named by records; 2 are here and unchanged.'),
  });
  rmSync(join(work, 'photos', `WO-1.${photos[0]!.hash}.jpg`));
  const gone = await verify();
  expect(gone.exit).toBe(0);
  expect(gone.out).toContain(
    `Missing: the photo ${photos[0]!.hash.slice(0, 8)}… of the site, which the record of WO-1 names.`,
  );
  writeFileSync(join(work, 'photos', `WO-1.${photos[1]!.hash}.png`), JPEG);
  const changed = await verify();
  expect(changed.exit).toBe(5);
  expect(changed.out).toContain(`WO-1.${photos[1]!.hash}.png was changed after it was kept.`);
});

test('a certificate says how many photos its record names', async () => {
  const at = new Date(START).toISOString().slice(0, 19);
  const photos = [{ kind: 'site' as const, hash: 'ab'.repeat(32), bytes: 12_000, takenAt: at }];
  const [certificate] = certificatesOf([{ ...recordContent('WO-1'), photos }]);
  const { certificatePage } = await import('../../src/certificate/page.js');
  expect(JSON.stringify(certificatePage(certificate!))).toContain('"Photos"');
  expect(JSON.stringify(certificatePage(certificatesOf([recordContent('WO-1')])[0]!))).not.toContain('"Photos"');
});
