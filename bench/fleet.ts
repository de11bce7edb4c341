/**
 * A town: 100,000 three-phase meters behind one address in a process of their own. How long it takes to start, beside a bare Node; memory for
 * each meter when many have been read, 35 days of block load included; and GETs a second round the meters, beside one small meter.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createFleet, createMeter, openOptionsOf } from '../simulator/index.js';
import { type Meter, type OpenOptions, open, systemClock } from '../src/index.js';
import { nodeCrypto, tcp } from '../src/node.js';
import { memoryPair } from '../src/transport/memory.js';
import { compareAsync, type Row } from './harness.js';
import { ENERGY, openMeter, serveMeter } from './meter.js';

const METERS = 100_000;
/** The target: all of them in 4 GiB, started in 10 s. */
const MEMORY = 4 * 2 ** 30;
const START = 10_000;
const FIRST_PORT = 0x100;
/** Meters that are read, block load and all. */
const READ = 40;
const BLOCK_LOAD = '1.0.99.1.0.255';
/** Round trips in one call, each to the next meter. */
const COUNT = 50;

export async function fleet(): Promise<Row[]> {
  return [...(await town()), await requests()];
}

function reader(server: number): OpenOptions {
  const { connections } = createMeter('is15959-3ph', { clock: systemClock, seed: 1, crypto: nodeCrypto });
  return { ...openOptionsOf({ connections }, 'reader'), framing: 'wrapper', server, crypto: nodeCrypto };
}

async function town(): Promise<Row[]> {
  const bare = await startOf(['-e', 'console.log(1)']);
  bare.child.kill();
  const command = fileURLToPath(new URL('../bin/cosem.js', import.meta.url));
  // One port has some 65,000 addresses: the fleet takes this port and the next.
  const port = await freePort();
  const flags = ['--profile', '3ph', '--gateway', '--tcp', `127.0.0.1:${port}`, '--json'];
  const { child, ms } = await startOf([command, 'simulate', '--fleet', String(METERS), ...flags]);
  try {
    const rows = await read(port);
    const rss = memoryOf(child);
    const each = rss / METERS;
    return [
      {
        name: `start of a fleet of ${METERS} meters`,
        value: `${ms.toFixed(0)} ms`,
        reference: `bare Node ${bare.ms.toFixed(0)} ms; target ${START} ms`,
        ratio: ms / START,
        target: '<= 1',
        ok: ms <= START,
      },
      {
        name: `memory, ${READ} of them read with ${rows} rows`,
        value: `${(each / 1024).toFixed(2)} KiB a meter`,
        reference: `target ${(MEMORY / METERS / 1024).toFixed(0)} KiB (${(rss / 2 ** 20).toFixed(0)} MiB in all)`,
        ratio: rss / MEMORY,
        target: '<= 1',
        ok: rss <= MEMORY,
      },
    ];
  } finally {
    child.kill();
  }
}

/** Starts a process, and waits for its first words. */
async function startOf(words: readonly string[]): Promise<{ child: ChildProcess; ms: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
  });
  return { child, ms: performance.now() - began };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Reads energy and block load of meters one after the other. Returns the rows of one. */
async function read(port: number): Promise<number> {
  let rows = 0;
  for (let index = 0; index < READ; index++) {
    const meter = await open(tcp('127.0.0.1', port), reader(FIRST_PORT + index));
    await meter.get(meter.register(ENERGY).value);
    rows = (await meter.profile(BLOCK_LOAD).rows()).length;
    await meter.close();
  }
  return rows;
}

/** Octets of real memory of a process. */
function memoryOf({ pid }: ChildProcess): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

async function requests(): Promise<Row> {
  const clock = systemClock;
  const fleet = createFleet('is15959-3ph', { clock, seed: 1, count: METERS, crypto: nodeCrypto });
  const meters: Meter[] = [];
  for (let index = 0; index < COUNT; index++) {
    const [near, far] = memoryPair();
    await fleet.gateway(far, { framing: 'wrapper' });
    meters.push(await open(near, reader(FIRST_PORT + index)));
  }
  const [near, far] = memoryPair();
  await serveMeter(far);
  const small = await openMeter(near, 'ciphered');
  const energy = small.register(ENERGY);
  const row = await compareAsync({
    name: `GET round ${COUNT} meters of a fleet, ciphered`,
    against: 'one small meter',
    work: async () => {
      let last: unknown;
      for (const meter of meters) last = await meter.get(energy.value);
      return last;
    },
    reference: async () => {
      let last: unknown;
      for (let i = 0; i < COUNT; i++) last = await small.get(energy.value);
      return last;
    },
    target: { atLeast: 0.3 },
    per: { count: COUNT, unit: 'GETs' },
  });
  await Promise.all(meters.map((meter) => meter.close()));
  fleet.stop();
  return row;
}
