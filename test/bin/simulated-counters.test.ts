/** `cosem simulate` without `--state`: the invocation counters of what it sends go on, whoever started it how often. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { systemClock } from '../../src/base/clock.js';
import { type CounterStore, MemoryCounterStore, open } from '../../src/index.js';
import { FileCounterStore } from '../../src/node.js';
import { tcp } from '../../src/transport/node-socket.js';
import { said } from '../support/said.js';
import { FakeIo } from './fake-io.js';

const command = resolve(import.meta.dirname, '../../dist/bin/cosem.js');
const folder = mkdtempSync(join(tmpdir(), 'cosem-sending-'));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `CSM` and the last digits of its number. */
const TITLE = '43534D3030303431';
const SEED = 41;
const ENTRY = `virtual/${TITLE}/server/guek`;

/** Starts the meter; gives the port that it says. */
async function simulate(home: string) {
  const line = `simulate --tcp 127.0.0.1:0 --json --seed ${SEED}`;
  const child = spawn(process.execPath, [command, ...line.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: join(folder, home) },
  });
  started.push(child);
  const [, port] = await said(child.stdout, /"port":(\d+).*\n/);
  const kill = () =>
    new Promise((over) => {
      child.once('exit', over);
      child.kill('SIGKILL');
    });
  return { port: Number(port), kill };
}

/** A visit of a client that keeps what it received. */
async function visit(port: number, counters: CounterStore): Promise<void> {
  // Another meter of that seed, to know the keys.
  const twin = createMeter('is15959-1ph', { clock: systemClock, seed: SEED });
  const { security, ...options } = openOptionsOf(twin, 'utility');
  if (security === undefined) throw new Error('utility has keys');
  await using meter = await open(tcp('127.0.0.1', port), {
    framing: 'wrapper',
    ...options,
    security: { ...security, counters },
  });
  await meter.get(meter.register('1.0.1.8.0.255').value);
}

const kept = (home: string) =>
  new FileCounterStore(join(folder, home, 'cosem', 'virtual-meters', TITLE)).entries().get(ENTRY) ?? 0;

it.skipIf(!existsSync(command))(
  'go on after a kill',
  async () => {
    const counters = new MemoryCounterStore();
    let before = 0;
    for (let life = 0; life < 2; life++) {
      const { port, kill } = await simulate('killed');
      await visit(port, counters);
      await kill();
      const now = kept('killed');
      expect(now).toBeGreaterThan(before);
      before = now;
    }
  },
  60_000,
);

it.skipIf(!existsSync(command))(
  'of two simulations of one meter at once never repeat',
  async () => {
    const counters = new MemoryCounterStore();
    const two = await Promise.all([simulate('twice'), simulate('twice')]);
    for (let turn = 0; turn < 3; turn++) {
      for (const { port } of two) await expect(visit(port, counters), `turn ${turn}`).resolves.toBeUndefined();
    }
  },
  60_000,
);

it('go by the time where there is no place to keep them, and it is said', async () => {
  const io = new FakeIo({ XDG_STATE_HOME: '/dev/null' });
  const ended = main(['simulate', '--tcp', '127.0.0.1:0'], io);
  await io.stdout.until(/Listening/);
  io.interrupt();
  expect(await ended).toBe(0);
  expect(io.stderr.text).toContain('cannot be kept in /dev/null/cosem/virtual-meters');
});
