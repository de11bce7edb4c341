import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/clock.js';
import { provisionCode } from '../src/otp.js';
import { createWorkspace, listDay, readTrustedSigners, Workspace } from '../src/platform/workspace.js';
import { verifyChain } from '../src/record/chain.js';
import { verifyRecord } from '../src/record/record.js';
import type { Certificate } from '../src/record/record-base.js';
import { OneTimeCode } from '../src/verification.js';
import { CODE, INSTALLER, orderJson, START } from './bench.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-workspace-'));
afterAll(() => rmSync(root, { recursive: true }));
const PASSPHRASE = 'four words and more';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
let folders = 0;

const otp = provisionCode(
  '1',
  OneTimeCode.parse(CODE),
  new Uint8Array(16),
  new Date(START + 86_400_000).toISOString(),
  WORK,
);

function fresh(orders: Record<string, unknown> = { 'a.json': orderJson({ otp }) }): string {
  const folder = join(root, `folder ${folders++}`);
  createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: WORK });
  for (const [name, order] of Object.entries(orders)) {
    writeFileSync(join(folder, 'orders', name), typeof order === 'string' ? order : JSON.stringify(order));
  }
  return folder;
}

describe('a commissioning folder', () => {
  test('is made once, its keys for their owner only', async () => {
    const folder = fresh();
    const keys = join(folder, 'keys.json');
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    const before = readFileSync(keys, 'utf8');
    createWorkspace(folder, { name: 'another', passphrase: 'another passphrase' });
    expect(readFileSync(keys, 'utf8')).toBe(before);
    expect(readTrustedSigners(join(folder, 'trusted-signers.json'))).toMatchObject([
      { name: 'R. Sharma', algorithm: 'ed25519' },
    ]);
    await expect(Workspace.open(folder, { passphrase: 'something else' })).rejects.toThrow(
      'the passphrase does not open',
    );
    await expect(Workspace.open(join(root, 'nowhere'), { passphrase: PASSPHRASE })).rejects.toThrow(
      'has no keys to sign with',
    );
  });

  test('is for one program at a time; one that died leaves no lock behind', async () => {
    const folder = fresh();
    const lock = join(folder, 'state', 'lock');
    {
      using _ = await Workspace.open(folder, { passphrase: PASSPHRASE });
      expect(existsSync(lock)).toBe(true);
    }
    expect(statSync(join(folder, 'index.db')).mode & 0o777).toBe(0o600);
    expect(existsSync(lock)).toBe(false);
    const host = hostname();
    // Process 1 lives, whoever it is.
    writeFileSync(lock, `process 1 on ${host}`);
    await expect(Workspace.open(folder, { passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'storage',
      reason: 'locked',
    });
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const text of [`process ${dead} on ${host}`, '']) {
      writeFileSync(lock, text);
      using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
      expect(workspace.day().length).toBe(1);
    }
  });

  test('lists the day: what is open, failed, done, and what cannot be read and why', async () => {
    const folder = fresh({
      'a.json': orderJson({ otp }),
      'b.json': orderJson({ id: 'WO-2', newMeter: { serial: 'any', profile: 'is15959/D1' } }),
      'c.json': '{"id": 5',
      'd.json': orderJson({ id: 'WO-4', sanctionedLoad: 'much' }),
      'e.json': orderJson({ id: 'WO-5' }),
      'f.json': orderJson({ id: 'WO-5' }),
    });
    const clock = new VirtualClock(START);
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE, clock });
    await workspace.session('WO-1').installer(INSTALLER);
    await workspace.session('WO-2').installer({ ...INSTALLER, identityCardShown: false });
    const list = listDay(folder).map((entry) =>
      entry.status === 'unreadable'
        ? [entry.file, entry.status, entry.problems[0]]
        : [entry.file, entry.status, entry.order.id, entry.stepsDone, entry.next, entry.refusal?.code],
    );
    expect(list).toEqual([
      ['a.json', 'open', 'WO-1', 1, 'consumer', undefined],
      ['b.json', 'failed', 'WO-2', 0, 'installer', 'card-not-shown'],
      ['c.json', 'unreadable', { field: '', reason: expect.stringContaining('is not JSON'), fix: expect.any(String) }],
      ['d.json', 'unreadable', { field: 'sanctionedLoad', reason: 'is no number', fix: 'correct it' }],
      ['e.json', 'unreadable', { field: 'id', reason: 'is also the id of f.json', fix: 'remove one of them' }],
      ['f.json', 'unreadable', { field: 'id', reason: 'is also the id of e.json', fix: 'remove one of them' }],
    ]);
    expect(() => workspace.session('WO-4')).toThrow('there is no work order WO-4');
  });

  test('writes a certificate for people beside its JSON', async () => {
    const folder = fresh();
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
    const certificate = { signed: { record: { workOrder: { id: 'WO-1' } } } } as Certificate;
    const path = workspace.writeCertificate(certificate, [
      { extension: 'pdf', content: Uint8Array.of(1, 2) },
      { extension: 'html', content: '<p>' },
    ]);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(certificate);
    expect(readFileSync(join(folder, 'certificates', 'WO-1.html'), 'utf8')).toBe('<p>');
    expect([...readFileSync(join(folder, 'certificates', 'WO-1.pdf'))]).toEqual([1, 2]);
  });

  test('erases a consumer, files and all, and keeps what names nobody', async () => {
    const folder = fresh({
      'a.json': orderJson({ otp }),
      'b.json': orderJson({ id: 'WO-2', consumer: { number: '2200', name: 'Y', address: 'Z', mobile: '9812344322' } }),
    });
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE, clock: new VirtualClock(START) });
    await workspace.session('WO-1').installer(INSTALLER);
    for (const name of ['WO-1.json', 'WO-1.pdf', 'WO-10.pdf'])
      writeFileSync(join(folder, 'certificates', name), 'Asha Devi');
    expect(workspace.erase('1100220033')).toEqual({
      indexed: false,
      files: ['certificates/WO-1.json', 'certificates/WO-1.pdf', 'state/journal-WO-1.log', 'orders/a.json'].map(
        (name) => join(folder, name),
      ),
    });
    expect(workspace.day()).toMatchObject([{ order: { id: 'WO-2' } }]);
    expect(readdirSync(join(folder, 'certificates'))).toEqual(['WO-10.pdf']);
  });

  test('a journal that was changed spoils its own order only', async () => {
    const folder = fresh({ 'a.json': orderJson({ otp }), 'b.json': orderJson({ id: 'WO-2' }) });
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE, clock: new VirtualClock(START) });
    const session = workspace.session('WO-1');
    await session.installer({ ...INSTALLER, letter: '' });
    await session.installer(INSTALLER);
    const journal = join(folder, 'state', 'journal-WO-1.log');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('letter-missing', 'letter-expired'));
    expect(workspace.day()).toMatchObject([
      { file: 'a.json', status: 'unreadable' },
      { file: 'b.json', status: 'open' },
    ]);
  });

  test('uses its policy', async () => {
    const folder = fresh();
    writeFileSync(join(folder, 'policy.json'), '{"utility": "NBPDCL", "skippable": ["consumer"]}');
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
    expect(workspace.policy.utility).toBe('NBPDCL');
    writeFileSync(join(folder, 'policy.json'), '{"utilty": "NBPDCL"}');
    workspace.close();
    await expect(Workspace.open(folder, { passphrase: PASSPHRASE })).rejects.toThrow('utilty is not known');
    expect(existsSync(join(folder, 'state', 'lock'))).toBe(false);
  });
});

describe('a program that is killed', { timeout: 180_000 }, () => {
  const program = join(root, 'program', 'run.mjs');
  const project = resolve(import.meta.dirname, '../../..');

  beforeAll(async () => {
    mkdirSync(join(root, 'program'));
    await build({
      entryPoints: [join(import.meta.dirname, 'killed-program.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: program,
      external: ['libsql'],
      absWorkingDir: project,
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
    // Where the program finds what is not in the bundle.
    symlinkSync(join(project, 'node_modules'), join(root, 'program', 'node_modules'));
  });

  const run = (folder: string, operations: number) => {
    const options = { encoding: 'utf8' } as const;
    // The meter of the program has counted for months.
    writeFileSync(join(folder, 'policy.json'), JSON.stringify({ meter: { highestStartReading: null } }));
    const { signal, status, stderr } = spawnSync(
      process.execPath,
      [program, folder, PASSPHRASE, String(operations)],
      options,
    );
    if (signal !== 'SIGKILL' && status !== 0) throw new Error(stderr);
    return signal === 'SIGKILL' ? 'killed' : 'done';
  };

  // A whole run has some fifty operations; the session's own test cuts the power at every write.
  test.each([2, 11, 20, 29, 38, 46])(
    'at operation %i on its files is finished by the next run, and nothing is done twice',
    async (operations) => {
      const folder = fresh();
      expect(run(folder, operations)).toBe('killed');
      expect(run(folder, 100_000)).toBe('done');
      using workspace = await Workspace.open(folder, {
        passphrase: PASSPHRASE,
        clock: new VirtualClock(START + 3_600_000),
      });
      expect(workspace.day()).toMatchObject([{ status: 'done' }]);
      const trusted = readTrustedSigners(join(folder, 'trusted-signers.json'));
      expect(verifyChain(workspace.chain.records, trusted).verdict).toBe('valid');
      expect(workspace.chain.records.length).toBe(1);
      expect(workspace.outbox.waiting.map(({ id }) => id)).toEqual([workspace.chain.records[0]!.hash]);
      expect(workspace.index.rows().length).toBe(1);
      const certificate = JSON.parse(readFileSync(join(folder, 'certificates', 'WO-1.json'), 'utf8')) as unknown;
      expect(verifyRecord(certificate, trusted).verdict).toBe('valid');
      expect(readdirSync(join(folder, 'certificates'))).toContain('WO-1.json');
    },
  );
});
