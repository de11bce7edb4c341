import {
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
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { main } from '../../../../bin/program.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { type Ran, ran } from '../../../../test/bin/ran.js';
import { goOnWith } from '../../bin/commission.js';
import { provisionCode } from '../../src/otp.js';
import { createVerificationService, type VerificationServer } from '../../src/platform/verification-server.js';
import { createWorkspace, readTrustedSigners } from '../../src/platform/workspace.js';
import type { CommissioningRecord } from '../../src/record/commissioning-record.js';
import { verifyRecord } from '../../src/record/record.js';
import type { ShortMessage } from '../../src/service/verification-service.js';
import { OneTimeCode } from '../../src/verification.js';
import { CODE, INSTALLER, orderJson, SERIAL } from '../bench.js';

/** The command as people and scripts start it, against a virtual meter on TCP and the test services on loopback. */

const root = mkdtempSync(join(tmpdir(), 'cosem-commission-command-'));
const PASSPHRASE = 'four words and more';
const AADHAAR = '987654321012';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const DAY = 86_400_000;
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;
let service: VerificationServer;
const messages: ShortMessage[] = [];
let folders = 0;

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  service = await createVerificationService({ send: (message) => messages.push(message) });
});
afterAll(async () => {
  await listener.close();
  await service.close();
  meter.stop();
  rmSync(root, { recursive: true });
});
afterEach(() => messages.splice(0));

function fresh(order: Record<string, unknown> = {}, policy: Record<string, unknown> = {}): string {
  const folder = join(root, `folder-${folders++}`);
  const paths = createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: WORK });
  const place = { type: 'tcp', host: '127.0.0.1', port: listener.port! } as const;
  writeConfig(join(folder, 'meters.json'), configOf(meter, place, 'wrapper'));
  const expires = new Date(Date.now() + DAY).toISOString();
  const otp = provisionCode('1', OneTimeCode.parse(CODE), new Uint8Array(16), expires, WORK);
  writeFileSync(join(paths.orders, 'WO-1.json'), JSON.stringify(orderJson({ otp, ...order })));
  writeFileSync(paths.policy, JSON.stringify({ meter: { highestStartReading: null }, ...policy }));
  writeAnswers(folder, {});
  return folder;
}

function writeAnswers(folder: string, changes: Record<string, unknown>): void {
  const until = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
  const answers = {
    installer: { ...INSTALLER, letterValidUntil: until },
    otp: 'stdin',
    documents: [{ type: 'aadhaar', number: 'env:AADHAAR' }],
    oldMeter: { serial: 'OLD-5567', finalReading: 18442.7, condition: 'good, seal intact' },
    seals: ['S-100', 'S-101'],
    supplyMayBeCut: true,
    ...changes,
  };
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
}

const run = (folder: string, line: string, input = '', env: Record<string, string> = {}): Promise<Ran> =>
  ran(
    line,
    { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, AADHAAR, XDG_STATE_HOME: join(root, 'state'), ...env },
    input,
  );

function commissioned(folder: string, more = '', input = `${CODE}\n`): Promise<Ran> {
  return run(folder, `commission WO-1 --answers ${join(folder, 'answers.json')}${more}`, input);
}

/** Every file of a folder as one text. */
function textOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('cosem commission', { timeout: 180_000 }, () => {
  test('takes an order from the day’s list to a certificate that verifies, and the index and the utility have it', async () => {
    const folder = fresh({}, { services: { records: service.url } });
    const before = await run(folder, 'commission --json');
    expect(before).toMatchObject({ exit: 0, err: '' });
    expect(before.io.document()).toMatchObject({
      orders: [{ order: 'WO-1', status: 'open', stepsDone: 0, next: 'installer' }],
    });
    const done = await commissioned(folder);
    expect(done).toMatchObject({ exit: 0, err: '' });
    expect(done.out.match(/free of charge/g)?.length).toBe(2);
    expect(done.out).toContain('Complaints: call 1912.');
    expect(done.out).toContain('******4321');
    expect(done.out).toContain('Records sent: 1, waiting: 0.');
    const json = join(folder, 'certificates', 'WO-1.json');
    expect(done.out).toContain(json);
    const trusted = readTrustedSigners(join(folder, 'trusted-signers.json'));
    expect(verifyRecord(JSON.parse(readFileSync(json, 'utf8')), trusted).verdict).toBe('valid');
    expect(service.records.map(({ record }) => (record as CommissioningRecord).meter.namePlate.serial)).toEqual([
      SERIAL,
    ]);

    // Again: nothing is asked, nothing is done twice.
    const again = await commissioned(folder, ' --json', '');
    expect(again.io.document()).toMatchObject({ status: 'done', certificate: [], freeOfCharge: true });
    expect((await run(folder, 'commission')).out).toContain('1 done, 0 open, 0 failed');

    const listed = await run(folder, 'index list');
    expect(listed.out).toContain(SERIAL);
    expect(listed.out).not.toContain('Asha');
    expect((await run(folder, 'index list --personal')).out).toContain('Asha Devi, 1100220033');
    for (const what of [SERIAL, '1100220033', 'WO-1']) {
      expect((await run(folder, `index show ${what}`)).out).toContain('12 Gandhi Marg, Lucknow 226001');
    }
    expect(await run(folder, 'index show 777')).toMatchObject({ exit: 2 });

    const secrets = [CODE, AADHAAR, '9812344321', '98123'];
    for (const secret of secrets) expect(`${done.out}${done.err}`).not.toContain(secret);
    rmSync(join(folder, 'orders'), { recursive: true });
    for (const secret of [...secrets, PASSPHRASE]) expect(textOf(folder)).not.toContain(secret);
    expect(readFileSync(join(folder, 'index.db'), 'latin1')).not.toContain('Asha');
  });

  test('asks the service for an OTP by short message, and tells each refusal with its exit code', async () => {
    const folder = fresh({ otp: undefined });
    // Where one was a moment ago.
    const away = await createVerificationService({ send: () => {} });
    await away.close();
    const no = await commissioned(folder, ` --verifier ${away.url} --json`);
    expect(no.exit).toBe(3);
    expect(no.io.document()).toMatchObject({
      status: 'failed',
      stoppedAt: 'consumer',
      refusal: { code: 'otp-service-down', sentence: { hi: expect.stringContaining('नेटवर्क है, पर') } },
    });
    expect(messages).toEqual([]);
    // The message comes while the command waits for a line of its standard input.
    const io = new FakeIo({ COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, AADHAAR, COSEM_VERIFIER: service.url });
    const stdin = new PassThrough();
    Object.assign(io, { stdin });
    const running = main(['commission', 'WO-1', '--answers', join(folder, 'answers.json')], io);
    await io.stdout.until(/The OTP was sent to \*{6}4321/);
    const { code } = messages[0]!;
    stdin.write(`${code.reveal()}\n`);
    expect(await running).toBe(0);
    expect(io.stdout.text + io.stderr.text + textOf(folder)).not.toMatch(
      new RegExp(`(?<![0-9a-f])${code.reveal()}(?![0-9a-f])`),
    );
  });

  test('takes up what the last run could not finish', async () => {
    const folder = fresh();
    writeAnswers(folder, { seals: [] });
    const first = await commissioned(folder);
    expect(first.exit).toBe(4);
    expect(first.out).toContain('At least 1 seals are needed; 0 were given.');
    const day = await run(folder, 'commission --language hi');
    expect(day.out).toContain('कम से कम 1 सील चाहिए');
    expect(day.out).toContain('पूरे: 0, बाकी: 0, असफल: 1');
    writeAnswers(folder, {});
    // Chosen once: the list is in Hindi from now on, and so is the work.
    const second = await commissioned(folder);
    expect(second).toMatchObject({ exit: 0 });
    expect(second.out).toContain('11 में से 4 चरण पूरे हैं');
    expect(second.out).not.toContain('Installer');
  });

  test('says what is missing before anything is asked', async () => {
    const folder = fresh();
    const answers = join(folder, 'answers.json');
    expect((await run(join(root, 'nowhere'), 'commission')).err).toContain(
      'is no commissioning folder: it has no orders',
    );
    expect((await run(folder, 'commission WO-9')).err).toContain('nobody is here to be asked');
    const unknown = await run(folder, `commission WO-9 --answers ${answers}`);
    expect(unknown).toMatchObject({ exit: 2 });
    expect(unknown.err).toContain(`there is no work order WO-9 in ${folder}`);
    expect(unknown.err).toContain('it has WO-1');
    writeFileSync(join(folder, 'orders', 'WO-9.json'), JSON.stringify(orderJson({ id: 'WO-9', sanctionedLoad: 'x' })));
    const invalid = await run(folder, `commission WO-9 --answers ${answers}`);
    expect(invalid).toMatchObject({ exit: 2 });
    expect(invalid.err).toContain('work order WO-9 cannot be read: WO-9.json: sanctionedLoad');
    const elsewhere = await run(folder, `commission WO-8 --answers ${answers}`);
    expect(elsewhere.err).toContain('it has WO-1; WO-9.json cannot be read: sanctionedLoad');
    expect((await run(folder, 'commission')).out).toContain('0 done, 1 open, 0 failed, 1 unreadable');
    rmSync(join(folder, 'orders', 'WO-9.json'));
    expect((await run(folder, `commission WO-1 --order WO-2 --answers ${answers}`)).err).toContain('which order');
    expect((await run(folder, `commission --answers ${answers}`)).err).toContain('--answers are for which order?');
    const locked = await run(folder, `commission WO-1 --answers ${answers}`, '', { COSEM_PASSPHRASE: '' });
    expect(locked.err).toContain('put it into the environment as COSEM_PASSPHRASE');
    const wrong = await run(folder, `commission WO-1 --answers ${answers}`, '', { COSEM_PASSPHRASE: 'something else' });
    expect(wrong).toMatchObject({ exit: 2 });
    expect(wrong.err).toContain('the passphrase does not open');
    writeAnswers(folder, { seal: ['S-1'], otp: '12345' });
    const malformed = await run(folder, `commission WO-1 --answers ${answers} --json`);
    expect(malformed.exit).toBe(2);
    expect(malformed.io.document()).toMatchObject({
      error: { code: 'document', message: expect.stringContaining('seal is not known') },
    });
    expect(malformed.out + malformed.err).not.toContain('12345');
    writeAnswers(folder, { otp: 'env:NO_OTP' });
    expect((await commissioned(folder)).err).toContain('otp of');
    expect((await run(folder, 'commission')).out).toContain('1/11');
  });

  test('a meter that is not there is a refusal that is written down', async () => {
    const folder = fresh({ keys: { config: 'meters.json', connection: 'utility' } });
    const gone = await commissioned(folder, ' --tcp 127.0.0.1:1 --timeout 1');
    expect(gone.exit).toBe(3);
    expect(gone.out).toContain('The host of 127.0.0.1:1 is there, but nothing listens at that port number.');
    expect(gone.out).toContain('check the port number: 4059 is usual for meters');
    expect((await run(folder, 'commission --json')).io.document()).toMatchObject({
      orders: [{ status: 'failed', next: 'new-meter', refusal: { code: 'probe-lost', mistake: 'host-refused' } }],
    });
    const bad = fresh({ keys: { config: 'meters.json', connection: 'nobody' } });
    expect((await commissioned(bad)).err).toContain("has no connection 'nobody'");
  });
});

test('the line that goes on repeats what was given, and no secret', () => {
  const given = { serial: '/dev/ttyUSB0', verifier: 'http://127.0.0.1:8', answers: 'my answers.json', json: true };
  expect(goOnWith('WO-1', '/p', { ...given, passphraseFile: 'p', secret: 'hidden', order: 'WO-1' })).toBe(
    "cosem commission WO-1 --folder /p --passphrase-file p --answers 'my answers.json' --verifier http://127.0.0.1:8 --serial /dev/ttyUSB0",
  );
  expect(goOnWith('WO-1', '.', {})).toBe('cosem commission WO-1');
});

describe('cosem commission init', { timeout: 180_000 }, () => {
  test('makes a folder with a sample that goes through, once', async () => {
    const folder = join(root, 'made');
    const made = await run(folder, `commission init ${folder} --name Sharma --sample --json`);
    expect(made.exit).toBe(0);
    const { sampleOtp } = made.io.document() as { sampleOtp: string };
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(textOf(folder)).not.toContain(sampleOtp);
    expect(readFileSync(join(folder, 'answers.json'), 'utf8')).toContain('"name": "Sharma"');
    expect((await run(folder, 'commission')).out).toContain('SAMPLE-1');
    const keys = readFileSync(join(folder, 'keys.json'), 'utf8');
    const again = await run(folder, `commission init ${folder} --name Other --sample`);
    expect(again.out).toContain('Its keys were there already and are kept.');
    expect(again.out).not.toContain('OTP, which');
    expect(readFileSync(join(folder, 'keys.json'), 'utf8')).toBe(keys);
    expect((await run(folder, `commission init ${join(root, 'other')}`)).err).toContain('whose keys are they?');
    expect(
      (await run(folder, `commission init ${join(root, 'other')} --name X`, '', { COSEM_PASSPHRASE: 'short' })).exit,
    ).toBe(2);
  });
});

describe('cosem commission demo', { timeout: 180_000 }, () => {
  test('goes from work order to verified certificate in DEMO_DIR', async () => {
    const folder = join(root, 'demo');
    mkdirSync(folder);
    const done = await run('', 'commission demo --json', '', { DEMO_DIR: folder });
    expect(done).toMatchObject({ exit: 0, err: '' });
    expect(done.io.document()).toMatchObject({
      status: 'done',
      verdict: 'valid',
      taken: 1,
      sync: { sent: 1, waiting: 0 },
    });
    const certificate = join(folder, 'certificates', 'DEMO-1.json');
    expect(
      verifyRecord(
        JSON.parse(readFileSync(certificate, 'utf8')),
        readTrustedSigners(join(folder, 'trusted-signers.json')),
      ),
    ).toMatchObject({
      verdict: 'valid',
      signer: { name: 'R. Sharma' },
    });
    expect(existsSync(certificate)).toBe(true);
    const twice = await run('', `commission demo ${folder}`);
    expect(twice).toMatchObject({ exit: 2 });
    expect(twice.err).toContain('is not empty');
  });

  test('says what it is and how it ended in the language that was asked for', async () => {
    const done = await run('', `commission demo ${join(root, 'demo-hi')} --language hi`);
    expect(done).toMatchObject({ exit: 0, err: '' });
    const paragraphs = done.out.trimEnd().split('\n\n');
    for (const line of [paragraphs.at(0), ...paragraphs.slice(-2)].join('\n').split('\n')) {
      expect(line).toMatch(/\p{Script=Devanagari}/u);
    }
  });
});
