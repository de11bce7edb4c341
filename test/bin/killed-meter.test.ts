/** `cosem simulate --state FILE`, killed without warning and started again: what clients were told holds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { systemClock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { type Meter, open } from '../../src/index.js';
import { tcp } from '../../src/transport/node-socket.js';
import { said } from '../support/said.js';

const command = resolve(import.meta.dirname, '../../dist/bin/cosem.js');
const folder = mkdtempSync(join(tmpdir(), 'cosem-killed-'));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

const SEED = 77;
const POWER_LOG = '0.0.99.98.2.255';

/** Starts the meter; gives the port that it says. */
async function simulate(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const line = `simulate --tcp 127.0.0.1:0 --json --seed ${SEED} --state ${join(folder, 'meter.db')}`;
  const child = spawn(process.execPath, [command, ...line.split(' ')], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  const [, port] = await said(child.stdout, /"port":(\d+).*\n/);
  return { child, port: Number(port) };
}

async function utility(port: number): Promise<Meter> {
  // Another meter of that seed, to know the keys.
  const twin = createMeter('is15959-1ph', { clock: systemClock, seed: SEED });
  return open(tcp('127.0.0.1', port), { framing: 'wrapper', ...openOptionsOf(twin, 'utility') });
}

async function look(meter: Meter) {
  const energy = (await meter.get(meter.register('1.0.1.8.0.255').value)).value as number;
  const closed = await meter.get(meter.disconnectControl().outputState);
  const log = (await meter.get(meter.profile(POWER_LOG).object.buffer)).value as readonly Data[];
  return { energy, closed, failures: log.map(({ value }) => (value as readonly Data[])[1]?.value as number) };
}

it.skipIf(!existsSync(command))(
  'is the meter that it was, after a power failure',
  async () => {
    const first = await simulate();
    const meter = await utility(first.port);
    await meter.call(meter.disconnectControl().remoteDisconnect);
    const before = await look(meter);
    expect(before.closed).toBe(false);
    const dead = new Promise((over) => first.child.once('exit', over));
    first.child.kill('SIGKILL');
    await dead;
    await meter.close().catch(() => {});

    const second = await simulate();
    const again = await utility(second.port);
    const after = await look(again);
    await again.close();
    expect(after.closed).toBe(false);
    expect(after.energy).toBeGreaterThanOrEqual(before.energy);
    // The time without it is a power failure: it failed, and came back.
    expect(after.failures.slice(-2)).toEqual([101, 102]);
  },
  60_000,
);
