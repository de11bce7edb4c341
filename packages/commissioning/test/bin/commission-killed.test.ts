import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { stepTitle } from '../../src/messages.js';
import { provisionCode } from '../../src/otp.js';
import { createWorkspace, listDay, readTrustedSigners } from '../../src/platform/workspace.js';
import { verifyRecord } from '../../src/record/record.js';
import { STEPS } from '../../src/steps.js';
import { OneTimeCode } from '../../src/verification.js';
import { CODE, DOCUMENTS, INSTALLER, OLD_METER, orderJson, SEALS, SERIAL } from '../bench.js';

/** The built command, killed in every step and started again: `npm test` builds it first. */

const command = resolve(import.meta.dirname, '../../../../dist/bin/cosem.js');
const folder = mkdtempSync(join(tmpdir(), 'cosem-commission-killed-'));
const WORK = { n: 2 ** 14, r: 1, p: 1 };
const DAY = 86_400_000;
const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, serial: SERIAL });
let listener: Listener;

beforeAll(async () => {
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  const paths = createWorkspace(folder, { name: 'R. Sharma', passphrase: 'four words and more', work: WORK });
  writeFileSync(paths.policy, JSON.stringify({ meter: { highestStartReading: null } }));
  const place = { type: 'tcp', host: '127.0.0.1', port: listener.port! } as const;
  writeConfig(join(folder, 'meters.json'), configOf(meter, place, 'wrapper'));
  const expires = new Date(Date.now() + DAY).toISOString();
  const otp = provisionCode('1', OneTimeCode.parse(CODE), new Uint8Array(16), expires, WORK);
  writeFileSync(join(paths.orders, 'WO-1.json'), JSON.stringify(orderJson({ otp })));
  const until = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
  const installer = { ...INSTALLER, letterValidUntil: until };
  const answers = { installer, otp: CODE, documents: DOCUMENTS, oldMeter: OLD_METER, ...SEALS, supplyMayBeCut: true };
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers));
});
afterAll(async () => {
  await listener.close();
  meter.stop();
  rmSync(folder, { recursive: true });
});

/**
 * Loaded before the command: it dies by SIGKILL in the very write that says the words. A signal from outside would come later, on a
 * busy machine after all is over.
 */
const DIES = `
let out = '';
const { write } = process.stdout;
process.stdout.write = function (chunk, ...rest) {
  const written = write.call(this, chunk, ...rest);
  out += chunk;
  if (out.includes(process.env.DIES_AT)) process.kill(process.pid, 'SIGKILL');
  return written;
};`;

/** Runs the command; it is killed as soon as it has said some words. */
function run(
  words: string | undefined,
): Promise<{ readonly how: number | NodeJS.Signals | null; readonly out: string }> {
  const first = words === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(DIES)}`];
  const args = ['commission', 'WO-1', '--folder', folder, '--answers', join(folder, 'answers.json')];
  const env = {
    ...process.env,
    DIES_AT: words,
    COSEM_PASSPHRASE: 'four words and more',
    XDG_STATE_HOME: join(folder, 'counters'),
  };
  const child = spawn(process.execPath, [...first, command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const heard = (chunk: Buffer) => {
    out += chunk.toString();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  return new Promise((end) => child.once('close', (code, signal) => end({ how: signal ?? code, out })));
}

describe.skipIf(!existsSync(command))('the command killed in every step', { timeout: 240_000 }, () => {
  test('is taken up by the next run; the supply is back, and one record is signed', async () => {
    for (const step of STEPS) {
      // In the relay's step: with the supply off.
      const words = step === 'relay' ? 'The relay closes.' : `\n${stepTitle(step, 'en')}\n`;
      const { how, out } = await run(words);
      expect(how, out).toBe('SIGKILL');
      expect(out).toContain(words);
    }
    const { how, out } = await run(undefined);
    expect(how, out).toBe(0);
    expect(listDay(folder)).toMatchObject([{ status: 'done' }]);
    expect(meter.connected).toBe(true);
    expect(
      readFileSync(join(folder, 'state', 'records.log'), 'utf8')
        .trim()
        .split('\n').length,
    ).toBe(1);
    const certificate: unknown = JSON.parse(readFileSync(join(folder, 'certificates', 'WO-1.json'), 'utf8'));
    const trusted = readTrustedSigners(join(folder, 'trusted-signers.json'));
    expect(verifyRecord(certificate, trusted)).toMatchObject({
      verdict: 'valid',
      content: { relay: { resumed: true } },
    });
    expect(readFileSync(join(folder, 'state', 'journal-WO-1.log'), 'utf8')).not.toContain(CODE);
  });
});
