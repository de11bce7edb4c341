import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { type Ran, ran } from '../../../../test/bin/ran.js';
import { provisionCode } from '../../src/otp.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { OneTimeCode } from '../../src/verification.js';
import { orderJson } from '../bench.js';

/** A support file of a folder in which every secret and every personal field has a mark: none of them may be in it. */

const root = mkdtempSync(join(tmpdir(), 'cosem-support-'));
const folder = join(root, 'folder');
const log = join(root, 'cosem.log');
const marked = join(root, 'MARKfolder');
const trace = join(marked, 'मार्क MARKtrace.pcapng');
const SERIAL = '10000042';
const OTP = '730194';
const MOBILE = '9812344321';
const AADHAAR = '987654321012';
const PASSPHRASE = 'MARK four words and more';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;

/** What was planted, beside everything with MARK in it. */
const MARKS = [OTP, MOBILE, AADHAAR, '26.877', '80.977', '18442.7'];
const HIDDEN = ['password', 'secret', 'ek', 'ak', 'title', 'dedicated-key', 'device-address'];

const ENV = {
  COSEM_FOLDER: folder,
  COSEM_PASSPHRASE: PASSPHRASE,
  COSEM_LOG: log,
  COSEM_VERIFIER_TOKEN: 'MARKtoken',
  COSEM_RECORDS_TOKEN: 'MARKtoken',
  COSEM_NEW_PASSWORD: 'MARKnew',
  COSEM_KEK: 'MARKkek',
  MARKVARIABLE: 'MARK',
  AADHAAR,
  XDG_STATE_HOME: join(root, 'state'),
};
const run = (words: readonly string[], input = '', env: Record<string, string> = {}): Promise<Ran> =>
  ran(words, { ...ENV, ...env }, input);

function order(id: string, changes: Record<string, unknown>): void {
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const otp = provisionCode('1', OneTimeCode.parse(OTP), new Uint8Array(16), expires, WORK);
  const consumer = {
    number: `MARKCONSUMER-${id}`,
    name: 'MARK Devi',
    address: '12 MARK Marg, Lucknow',
    mobile: `+91${MOBILE}`,
  };
  const network = { feeder: 'MARK-F', transformer: 'MARK-T', pole: 'MARK-P' };
  const position = { latitude: 26.877, longitude: 80.977 };
  const own = { id, consumer, network, position, otp, oldMeter: { serial: 'MARKOLD1', make: 'MARK' } };
  writeFileSync(join(folder, 'orders', `${id}.json`), JSON.stringify(orderJson({ ...own, ...changes })));
}

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  createWorkspace(folder, { name: 'R. MARK', passphrase: PASSPHRASE, work: WORK });
  mkdirSync(marked);
  const config = configOf(meter, { type: 'tcp', host: '127.0.0.1', port: listener.port! }, 'wrapper');
  const marks = Object.fromEntries(HIDDEN.map((name) => [name, `MARK${name}`]));
  writeConfig(join(folder, 'meters.json'), { ...config, connections: { ...config.connections, MARKNAME: marks } });
  writeFileSync(join(folder, 'policy.json'), JSON.stringify({ meter: { highestStartReading: null } }));
  order('WO-1', {});
  order('WO-2', { newMeter: { serial: 'MARK0007', profile: 'is15959/D1' } });
  order('WO-3', { MARKFIELD: 'MARK', sanctionedLoad: 'MARK' });
  const answers = {
    installer: {
      ...{ id: 'MARK-77', name: 'R. MARK', letter: 'MARK/2026/118', identityCardShown: true },
      letterValidUntil: new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10),
    },
    otp: 'stdin',
    documents: [{ type: 'aadhaar', number: 'env:AADHAAR' }],
    oldMeter: { serial: 'MARKOLD1', finalReading: 18442.7, condition: 'MARK seal' },
    seals: ['MARK-100', 'MARK-101'],
    supplyMayBeCut: true,
  };
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
  const commission = (id: string) => ['commission', id, '--answers', join(folder, 'answers.json')];
  const reader = ['--config', join(folder, 'meters.json'), '--connection', 'utility'];
  expect(await run(['read', 'clock', ...reader, '--trace-file', trace])).toMatchObject({ exit: 0 });
  const first = await run(commission('WO-1'), `${OTP}\n`);
  expect(first.exit, first.err).toBe(0);
  for (const code of ['999999', OTP]) expect(await run(commission('WO-2'), `${code}\n`)).toMatchObject({ exit: 4 });
  await run(['read', '--tcp', '127.0.0.1:1', '--patience', '0', '--password', 'MARKtyped', 'MARKtopic']);
  await run(['index', 'erase', 'MARKCONSUMER-9', '--yes']);
  appendFileSync(log, `MARK\n{"time":"2026-12-01T10:00:00.000+05:30","event":"MARK"}\n`);
  const forged = {
    ...{
      time: '2026-12-01T10:00:00.000+05:30',
      run: 1,
      event: 'failed',
      text: 'MARK',
      MARKFIELD: 'MARK',
      code: 'MARK',
    },
    ...{ cause: 'no-answer', command: 'cosem read MARK --ek=MARK MARKIT 730194', line: 'tcp MARK:1', client: 'MARK' },
  };
  appendFileSync(log, `${JSON.stringify(forged)}\n`);
}, 180_000);
afterAll(async () => {
  await listener.close();
  meter.stop();
  rmSync(root, { recursive: true });
});

function expectNoMark(text: string): void {
  expect(text).not.toMatch(/MARK|मार्क/i);
  for (const mark of MARKS) expect(text).not.toContain(mark);
  const { connections } = JSON.parse(readFileSync(join(folder, 'meters.json'), 'utf8')) as {
    connections: Record<string, Record<string, unknown>>;
  };
  for (const connection of Object.values(connections)) {
    for (const name of HIDDEN) {
      const value = connection[name];
      if (typeof value === 'string') expect(text).not.toContain(value);
    }
  }
}

const support = (...words: string[]) => run(['support', ...words]);

describe('cosem support', { timeout: 180_000 }, () => {
  test('the marks are where they were planted', () => {
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
    for (const mark of [
      'MARKOLD1',
      'MARKCONSUMER-WO-1',
      'MARK Devi',
      '12 MARK Marg',
      MOBILE,
      '26.877',
      'MARKpassword',
    ]) {
      expect(texts).toContain(mark);
    }
  });

  test('tells what a helper needs, and no mark is in the file or on the screen', async () => {
    const file = join(root, 'support.json');
    const { exit, out, err } = await support('--yes', '--output', file, '--trace-file', trace);
    expect(exit).toBe(0);
    const text = readFileSync(file, 'utf8');
    expectNoMark(text);
    expectNoMark(out + err.replaceAll(root, ''));
    // What was shown is what is in the file.
    expect(out).toContain(text.trimEnd());
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(JSON.parse(text)).toMatchObject({
      format: 'cosem-support-1',
      node: process.versions.node,
      environment: expect.arrayContaining(['COSEM_PASSPHRASE', 'COSEM_LOG']),
      traces: [{ name: '(another name)', octets: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      causes: expect.arrayContaining([
        { cause: 'wrong-meter', times: 1, last: expect.any(String) },
        { cause: 'otp-wrong', times: 1, last: expect.any(String) },
      ]),
      packages: {
        'cosem-commissioning': {
          folder: true,
          files: { keys: true },
          records: { waiting: 1, refused: 0 },
          orders: [
            { order: 'WO-1', status: 'done', stepsDone: 11 },
            { order: 'WO-2', status: 'failed', next: 'new-meter' },
            { status: 'unreadable', fields: expect.arrayContaining(['sanctionedLoad']) },
          ],
        },
      },
    });
    const { log: logged, packages } = JSON.parse(text);
    expect(logged.others).toBe(2);
    expect(logged.lines.at(0)).toMatchObject({
      event: 'began',
      command: expect.stringMatching(/^cosem read clock --config .* --connection .* --trace-file \*\*\*$/),
    });
    expect(logged.lines.map(({ event }: { event: string }) => event)).toContain('meter.opened');
    const journal = packages['cosem-commissioning'].orders[1].journal as Record<string, unknown>[];
    expect(journal).toContainEqual(expect.objectContaining({ type: 'failed', step: 'consumer', code: 'otp-wrong' }));
    expect(journal.at(-1)).toMatchObject({ type: 'failed', step: 'new-meter', code: 'wrong-meter' });
  });

  test('masks what is typed and configured, in both languages and for programs', async () => {
    const config = ['--config', join(folder, 'meters.json'), '--connection', 'MARKNAME'];
    const typed = [
      '--password',
      'MARKp',
      '--ek',
      'MARKek',
      '--secret',
      'MARKs',
      '--serial',
      '/dev/ttyUSB0',
      '--counters',
      'MARK',
    ];
    for (const language of ['en', 'hi']) {
      const { out, err } = await support(
        '--language',
        language,
        '--yes',
        '--output',
        join(root, `${language}.json`),
        ...config,
        ...typed,
      );
      expectNoMark(out + err.replaceAll(root, ''));
      expect(out).toContain('"password": "(given)"');
      expect(out).toContain('"serial": "/dev/ttyUSB0"');
    }
    const { io, err } = await support('--json', '--yes', '--output', join(root, 'json.json'), ...typed);
    const { content } = io.document() as { content: object };
    expectNoMark(JSON.stringify(content) + err.replaceAll(root, ''));
    expect(content).toEqual({ ...JSON.parse(readFileSync(join(root, 'json.json'), 'utf8')) });
  });

  test('works with files that are no configuration, policy, journal or log', async () => {
    const broken = join(root, 'broken');
    createWorkspace(broken, { name: 'R. MARK', passphrase: PASSPHRASE, work: WORK });
    writeFileSync(join(broken, 'orders', 'WO-1.json'), readFileSync(join(folder, 'orders', 'WO-1.json')));
    writeFileSync(join(broken, 'policy.json'), '{"MARKpolicy":"MARK"}');
    writeFileSync(join(broken, 'state', 'journal-WO-1.log'), 'MARK\nMARK\nMARK\n');
    writeFileSync(join(broken, 'state', 'outbox.log'), 'MARK\nMARK\n');
    writeFileSync(join(root, 'none.json'), '{"MARK":');
    const file = join(root, 'broken.json');
    const words = ['support', '--yes', '--output', file, '--folder', broken, '--config', join(root, 'none.json')];
    const { exit, out, err } = await run(words, '', { COSEM_LOG: join(root, 'state') });
    expect(exit).toBe(0);
    expectNoMark(out + err.replaceAll(root, ''));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      settings: { failed: 'usage' },
      log: { failed: 'EISDIR' },
      packages: {
        'cosem-commissioning': {
          policy: { failed: 'document', fields: ['(another field)'] },
          records: { failed: 'storage', reason: 'damaged' },
          orders: [{ status: 'unreadable' }],
        },
      },
    });
  });

  test('writes nothing where nobody says yes, and replaces nothing', async () => {
    const file = join(root, 'refused.json');
    const asked = await support('--output', file);
    expect(asked).toMatchObject({ exit: 2, err: expect.stringContaining('--yes') });
    expect(asked.out).toContain('cosem-support-1');
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'mine');
    expect(await support('--output', file, '--yes')).toMatchObject({ exit: 2 });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await support('--output', file, '--yes', '--force')).toMatchObject({ exit: 0 });
    expect(await support('--output', join(root, 'none', 'x.json'), '--yes')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('there is no such file or folder'),
    });
  });
});
