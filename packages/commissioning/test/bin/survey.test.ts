import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../../../../bin/program.js';
import type { Transport, TransportHandler } from '../../../../src/contracts/transport.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { type Ran, ran } from '../../../../test/bin/ran.js';
import { provisionCode } from '../../src/otp.js';
import { createWorkspace, Workspace } from '../../src/platform/workspace.js';
import { OneTimeCode } from '../../src/verification.js';
import { CODE, INSTALLER, orderJson } from '../bench.js';

/** `cosem survey` as people and scripts start it, and what other commands say of it. */

const root = mkdtempSync(join(tmpdir(), 'cosem-survey-command-'));
const PASSPHRASE = 'four words and more';
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const DAY = 86_400_000;
let folders = 0;
afterAll(() => rmSync(root, { recursive: true }));

function fresh(): string {
  const folder = join(root, `folder-${folders++}`);
  const paths = createWorkspace(folder, { name: 'R. Sharma', passphrase: PASSPHRASE, work: WORK });
  const otp = provisionCode(
    '1',
    OneTimeCode.parse(CODE),
    new Uint8Array(16),
    new Date(Date.now() + DAY).toISOString(),
    WORK,
  );
  const { newMeter: _, keys: __, position: ___, ...base } = orderJson({ otp });
  writeFileSync(join(paths.orders, 'SV-1.json'), JSON.stringify({ ...base, id: 'SV-1', kind: 'survey' }));
  writeFileSync(join(paths.orders, 'WO-1.json'), JSON.stringify(orderJson()));
  const answers = {
    installer: { ...INSTALLER, letterValidUntil: new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10) },
    otp: 'stdin',
    documents: [{ type: 'aadhaar', number: 'env:AADHAAR' }],
    survey: {
      network: { feeder: 'F-77', transformer: 'T-8', pole: 'P-3' },
      oldMeter: { serial: 'OLD-5567', reading: 180.5, state: 'working', seals: 'broken' },
    },
    position: { latitude: 26.85, longitude: 80.95 },
  };
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
  return folder;
}

const run = (folder: string, line: string, input = ''): Promise<Ran> =>
  ran(line, { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, AADHAAR: '987654321012' }, input);

/** A receiver that tells two seconds of now by gpsd, at 26.8468, 80.9463; or goes away at once. */
class Receiver implements Transport {
  readonly name = 'gpsd';
  readonly #stays: boolean;
  constructor({ stays }: { readonly stays: boolean }) {
    this.#stays = stays;
  }
  async open(handler: TransportHandler): Promise<void> {
    if (!this.#stays) return handler.closed();
    const reports = [0, 1000].flatMap((later) => [
      { class: 'SKY', hdop: 0.9, uSat: 9 },
      { class: 'TPV', mode: 3, lat: 26.8468, lon: 80.9463, time: new Date(Date.now() + later).toISOString() },
    ]);
    handler.data(new TextEncoder().encode(reports.map((report) => `${JSON.stringify(report)}\n`).join('')));
  }
  write(): void {}
  async close(): Promise<void> {}
}

/** A survey with `--gps gpsd`. */
async function located(folder: string, receiver: Transport) {
  const env = { COSEM_FOLDER: folder, COSEM_PASSPHRASE: PASSPHRASE, AADHAAR: '987654321012' };
  const asked: string[] = [];
  const io = Object.assign(new FakeIo(env, `${CODE}\n`), {
    lines: (name: string) => {
      asked.push(name);
      return receiver;
    },
  });
  const exit = await main(['survey', 'SV-1', '--answers', join(folder, 'answers.json'), '--gps', 'gpsd'], io);
  const certificate = JSON.parse(readFileSync(join(folder, 'certificates', 'SV-1.json'), 'utf8'));
  return { exit, asked, out: io.stdout.text, certificate };
}

const surveyed = (folder: string, more: string, input = `${CODE}\n`) =>
  run(folder, `survey SV-1 --answers ${join(folder, 'answers.json')}${more}`, input);

describe('cosem survey', { timeout: 180_000 }, () => {
  test('goes on after a wrong OTP, and ends in a certificate that verifies and in the list of those who wait', async () => {
    const folder = fresh();
    const wrong = await surveyed(folder, '', '111111\n');
    expect(wrong.exit).toBe(4);
    expect(wrong.out).toContain('cosem survey SV-1');
    const done = await surveyed(folder, '');
    expect(done).toMatchObject({ exit: 0 });
    expect(done.out).toContain('Going on with step 2: Consumer verification');
    expect(done.out).toContain('Feeder F-77, transformer T-8, pole P-3.');
    expect(done.out).toContain('Old meter OLD-5567: working, 180.5 kWh, seals broken.');
    expect(done.out).toContain('Survey SV-1 is finished and signed.');
    for (const extension of ['json', 'pdf', 'html']) {
      const file = join(folder, 'certificates', `SV-1.${extension}`);
      const verified = await run(folder, `verify ${file} --trust ${join(folder, 'trusted-signers.json')}`);
      expect(verified).toMatchObject({ exit: 0 });
      expect(verified.out).toContain('F-77 / T-8 / P-3');
    }
    const list = await run(folder, 'index list --personal');
    expect(list.out).toMatch(/waiting for a meter: 1/);
    expect(list.out).toMatch(/SV-1 +OLD-5567 +F-77 +T-8 +P-3 .*Asha Devi, 1100220033/);
    expect((await run(folder, 'index list')).out).not.toContain('Asha');
    const day = await run(folder, 'commission --json');
    expect(JSON.parse(day.out).orders).toMatchObject([
      { order: 'SV-1', kind: 'survey', status: 'done', stepsDone: 7 },
      { order: 'WO-1', kind: 'installation', status: 'open' },
    ]);

    // Changed after it was signed, it neither verifies nor waits nor is taken up.
    const json = join(folder, 'certificates', 'SV-1.json');
    writeFileSync(json, readFileSync(json, 'utf8').replaceAll('P-3', 'P-4'));
    expect((await run(folder, `verify ${json} --trust ${join(folder, 'trusted-signers.json')}`)).exit).toBe(5);
    using workspace = await Workspace.open(folder, { passphrase: PASSPHRASE });
    expect(workspace.waitingForMeter()).toEqual([]);
    expect(workspace.session('WO-1').surveyRefused).toMatchObject({ refused: 'survey-not-altered' });
  });

  test('speaks Hindi, and says which command does an order of another kind', async () => {
    const folder = fresh();
    const done = await surveyed(folder, ' --language hi');
    expect(done).toMatchObject({ exit: 0 });
    expect(done.out).toContain('फ़ीडर F-77, ट्रांसफ़ार्मर T-8, पोल P-3।');
    expect(done.out).toContain('पुराना मीटर OLD-5567: चालू, 180.5 kWh, सील टूटी हुई।');
    const installing = await run(folder, `commission SV-1 --answers ${join(folder, 'answers.json')}`);
    expect(installing.exit).not.toBe(0);
    expect(installing.err).toContain('cosem survey SV-1');
    expect((await run(folder, `survey WO-1 --answers ${join(folder, 'answers.json')}`)).err).toContain(
      'cosem commission WO-1',
    );
  });

  test('of another surveyor is taken up where the utility trusts the key, and goes when the consumer is erased', async () => {
    const [other, own] = [fresh(), fresh()];
    expect((await surveyed(other, '')).exit).toBe(0);
    mkdirSync(join(own, 'surveys'));
    const brought = join(own, 'surveys', 'SV-1.json');
    writeFileSync(brought, readFileSync(join(other, 'certificates', 'SV-1.json')));
    {
      using workspace = await Workspace.open(own, { passphrase: PASSPHRASE });
      expect(workspace.session('WO-1').surveyRefused).toMatchObject({ refused: 'survey-not-known' });
    }
    writeFileSync(join(own, 'trusted-signers.json'), readFileSync(join(other, 'trusted-signers.json')));
    using workspace = await Workspace.open(own, { passphrase: PASSPHRASE });
    expect(workspace.session('WO-1').surveyRefused).toBeUndefined();
    expect(workspace.waitingForMeter()).toHaveLength(1);
    expect(workspace.erase('1100220033').files).toContain(brought);
    expect(existsSync(brought)).toBe(false);
  });

  test('takes the position of a GPS receiver, and signs how good it was but not where', async () => {
    const { exit, asked, out, certificate } = await located(fresh(), new Receiver({ stays: true }));
    expect({ exit, asked }).toEqual({ exit: 0, asked: ['127.0.0.1:2947'] });
    expect(out).toContain('Position from the GPS receiver: 26.8468, 80.9463 (HDOP 0.9, 9 satellites).');
    expect(certificate.person.position).toEqual({ latitude: 26.8468, longitude: 80.9463 });
    expect(certificate.signed.record.position).toEqual({ by: 'gpsd', hdop: 0.9, satellites: 9 });
    expect(JSON.stringify(certificate.signed.record)).not.toContain('26.8468');
  });

  test('tells that a receiver went away, and takes the typed position', async () => {
    const { exit, out, certificate } = await located(fresh(), new Receiver({ stays: false }));
    expect(exit).toBe(0);
    expect(out).toContain('The GPS receiver gpsd is not there.');
    expect(certificate.person.position).toEqual({ latitude: 26.85, longitude: 80.95 });
    expect(certificate.signed.record.position).toEqual({ by: 'typed' });
  });
});
