import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeConfig } from '../../../../bin/config.js';
import { configOf } from '../../../../bin/simulate/connections.js';
import { createMeter, type VirtualMeter } from '../../../../simulator/index.js';
import { systemClock } from '../../../../src/index.js';
import { type Listener, listenTcp, nodeCrypto } from '../../../../src/node.js';
import { openDayLog } from '../../src/platform/day-book.js';
import { createWorkspace, listDay, readTrustedSigners } from '../../src/platform/workspace.js';
import { verifyRecord } from '../../src/record/record.js';
import { orderJson } from '../bench.js';

/** The loop of `cosem day`, ended in the midst of houses: by SIGKILL, and by a full disk. */

const root = mkdtempSync(join(tmpdir(), 'cosem-day-killed-'));
const PASSPHRASE = 'four words and more';
const program = join(root, 'program', 'run.mjs');
const project = resolve(import.meta.dirname, '../../../..');
const listeners: Listener[] = [];
const meters: VirtualMeter[] = [];

beforeAll(async () => {
  mkdirSync(join(root, 'program'));
  await build({
    entryPoints: [join(import.meta.dirname, '../killed-day.ts')],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile: program, absWorkingDir: project },
    external: ['libsql', 'serialport', 'cosem-commissioning', 'pdfkit'],
    tsconfig: join(project, 'tsconfig.json'),
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  symlinkSync(join(project, 'node_modules'), join(root, 'program', 'node_modules'));
  symlinkSync(join(project, 'package.json'), join(root, 'package.json'));
}, 120_000);
afterAll(async () => {
  for (const listener of listeners) await listener.close();
  for (const meter of meters) meter.stop();
  rmSync(root, { recursive: true });
});

/** Two houses whose meters become postpaid. */
async function day(name: string): Promise<string> {
  const folder = join(root, name);
  const paths = createWorkspace(folder, {
    name: 'R. Sharma',
    passphrase: PASSPHRASE,
    work: { n: 2 ** 14, r: 1, p: 1 },
  });
  const { network: _, position: __, oldMeter: ___, newMeter: ____, sanctionedLoad: _____, ...base } = orderJson();
  for (const [i, id] of ['PM-1', 'PM-2'].entries()) {
    const serial = `1000004${i}`;
    const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7 + i, serial });
    const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
      meter.attach(transport, { framing: 'wrapper' }).catch(() => undefined);
    });
    meters.push(meter);
    listeners.push(listener);
    const config = `${id}.json`;
    writeConfig(
      join(folder, config),
      configOf(meter, { type: 'tcp', host: '127.0.0.1', port: listener.port! }, 'wrapper'),
    );
    const order = {
      ...{ ...base, id, kind: 'payment-mode', to: 'postpaid' },
      ...{ meter: { serial, profile: 'is15959/D1' }, keys: { config, connection: 'utility' } },
    };
    writeFileSync(join(paths.orders, `${id}.json`), JSON.stringify(order));
  }
  return folder;
}

function run(folder: string, operations: number, how: 'kill' | 'full') {
  const child = spawn(process.execPath, [program, folder, PASSPHRASE, String(operations), how], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  const heard = (chunk: Buffer) => {
    out += chunk.toString();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  return new Promise<{ readonly how: number | NodeJS.Signals | null; readonly out: string }>((end) =>
    child.once('close', (code, signal) => end({ how: signal ?? code, out })),
  );
}

const EVENT = /"code":211/g;

describe.each(['kill', 'full'] as const)('a day that is ended: %s', (how) => {
  test('goes on at the next start; nothing is lost, nothing done twice', { timeout: 240_000 }, async () => {
    const folder = await day(how);
    let ended = 0;
    for (let operations = 6; ; operations += how === 'kill' ? 15 : 7) {
      const before = listDay(folder).map((entry) => (entry.status === 'unreadable' ? -1 : entry.stepsDone));
      const { how: end, out } = await run(folder, operations, how);
      const isDone = listDay(folder).every(({ status }) => status === 'done');
      if (end === 0 && isDone) break;
      if (how === 'kill') expect(end, out).toBe('SIGKILL');
      else expect(out).toMatch(/disk is full|ENOSPC/);
      ended++;
      // Steps that were done stay so, and both files of the day can be read.
      const now = listDay(folder).map((entry) => (entry.status === 'unreadable' ? -1 : entry.stepsDone));
      expect(now.every((done, i) => done >= (before[i] as number))).toBe(true);
      expect(() => openDayLog(folder)).not.toThrow();
      expect(operations).toBeLessThan(200);
    }
    expect(ended).toBeGreaterThan(2);
    const trusted = readTrustedSigners(join(folder, 'trusted-signers.json'));
    for (const id of ['PM-1', 'PM-2']) {
      const certificate = JSON.parse(readFileSync(join(folder, 'certificates', `${id}.json`), 'utf8'));
      expect(verifyRecord(certificate, trusted).verdict).toBe('valid');
      expect(existsSync(join(folder, 'certificates', `${id}.pdf`))).toBe(true);
      expect(JSON.stringify(certificate.signed.record.events).match(EVENT)).toHaveLength(1);
    }
    expect(
      readFileSync(join(folder, 'state', 'records.log'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(2);
  });
});
