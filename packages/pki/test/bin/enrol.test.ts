import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, toHex } from 'cosem';
import { configOf, writeConfig } from 'cosem/command';
import { type Listener, listenTcp, nodeCrypto } from 'cosem/node';
import { createMeter } from 'cosem/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ran } from '../../../../test/bin/ran.js';
import { PkiFolder } from '../../src/index.js';
import { TITLE } from '../bench.js';
import { CertifiedDevice, SETUP } from '../device.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-enrol-'));
const path = join(root, 'pki');
const config = join(root, 'meter.json');
const READER = '4D4D4D0000000001';
let device: CertifiedDevice;
let listener: Listener;

const run = (...words: string[]) => ran(['pki', ...words, '--folder', path], { XDG_STATE_HOME: join(root, 'state') });
const enrol = (...words: string[]) =>
  run('enrol', '--config', config, '--connection', 'utility', '--setup', SETUP, ...words);

beforeAll(async () => {
  await run('ca');
  await run('client', READER);
  const [anchor] = new PkiFolder(path).anchors;
  device = new CertifiedDevice(TITLE, 'P-256', anchor as Uint8Array, () => Date.now());
  const objects = [device.object];
  const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, objects });
  listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
  });
  writeConfig(config, configOf(meter, { type: 'tcp', host: '127.0.0.1', port: listener.port as number }, 'wrapper'));
});
afterAll(async () => {
  await listener.close();
  rmSync(root, { recursive: true });
});

test('asks first, and a dry run changes nothing', async () => {
  const unasked = await enrol();
  expect(unasked.exit).toBe(2);
  const dry = await enrol('--dry-run');
  expect([dry.exit, dry.err]).toEqual([0, '']);
  expect(dry.out).toContain('meter 4D4D4D0000BC614E generate new keys for digital signature, key agreement');
  expect(device.keys.size).toBe(0);
});

test('a meter gets certificates for keys that it made, and gives them back', async () => {
  const { exit, out, err } = await enrol('--yes', '--reader', READER);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toContain('Meter 4D4D4D0000BC614E has its certificate for digital signature and gave it back');
  // The issuer, two of the reader, two of its own.
  expect(device.held).toHaveLength(5);
  const file = join(path, 'certificates', `${toHex(TITLE)}-digital-signature.pem`);
  const checked = await run('check', file, '--title', toHex(TITLE), '--suite', '1');
  expect([checked.exit, checked.err]).toEqual([0, '']);
  // Its private keys are nowhere but in the meter.
  expect(readdirSync(join(path, 'keys')).filter((name) => name.startsWith(toHex(TITLE)))).toEqual([]);
  const before = readFileSync(file, 'utf8');
  const again = await enrol('--yes', '--use', 'digital-signature', '--language', 'hi');
  expect([again.exit, again.err]).toEqual([0, '']);
  expect(again.out).toContain('वापस पढ़कर मिलाया गया');
  expect(readFileSync(file, 'utf8')).not.toBe(before);
});

test('what does not fit is said before the meter is asked', async () => {
  const { exit, err } = await enrol('--yes', '--reader', '4D4D4D0000000099');
  expect(exit).toBe(2);
  expect(err).toContain('holds no certificate of 4D4D4D0000000099');
});
