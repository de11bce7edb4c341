import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../simulator/index.js';
import { open, systemClock, toHex } from '../src/index.js';
import { listenTcp, serial, tcp } from '../src/node.js';
import { TELEGRAM } from './push/lines.js';
import { hasSocat, ptyPair } from './support/pty.js';
import { said } from './support/said.js';

const root = resolve(import.meta.dirname, '..');
const example = (name: string) => join(root, 'examples', name);
const run = (name: string, ...args: string[]) => promisify(execFile)(process.execPath, [example(name), ...args]);

/** Examples import the built package by its name, as its users do: `npm test` builds first. */
describe.skipIf(!existsSync(join(root, 'dist/src/index.js')))('examples (need `npm run build`)', () => {
  it('read-virtual-meter.js prints energies with units', async () => {
    const { stdout } = await run('read-virtual-meter.js');
    expect(stdout).toMatch(/^Active energy import: \d+ Wh$/m);
  });

  it('read-attribute.js reads the clock of serve-over-tcp.js', async () => {
    const server = spawn(process.execPath, [example('serve-over-tcp.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [, where = ''] = await said(server.stdout, /listening on (\S+)\n/);
      const { stdout } = await run('read-attribute.js', where);
      expect(stdout).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/);
    } finally {
      server.kill();
    }
  });

  it('read-attribute.js says what is wrong, and what to try', async () => {
    const failed = run('read-attribute.js', '/dev/no-such-port');
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no such port \(.*cosem ports.*\)\n$/),
    });
  });

  it('read-energy.js reads the energy of a ciphered meter', async () => {
    const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
    const listener = await listenTcp(
      { port: 0 },
      (transport) => void virtual.attach(transport, { framing: 'wrapper' }),
    );
    const folder = mkdtempSync(join(tmpdir(), 'cosem-examples-'));
    try {
      const { secret, security } = openOptionsOf(virtual, 'utility');
      const env = {
        METER_SECRET: toHex(secret!),
        OUR_TITLE: toHex(security!.systemTitle),
        METER_EK: toHex(security!.encryptionKey),
        METER_AK: toHex(security!.authenticationKey!),
        COUNTERS: join(folder, 'counters'),
      };
      const args = [example('read-energy.js'), `${listener.host}:${listener.port}`];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
      expect([stderr, stdout]).toEqual(['', expect.stringMatching(/^Active energy import: \d+ Wh$/m)]);
    } finally {
      await listener.close();
      virtual.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['read-energy.js', [], 'METER_SECRET is not set'],
    ['follow-port.js', ['/dev/no-such-port'], 'there is no such port'],
    ['follow-port.js', ['/dev/no-such-port', '00ZZ'], 'hexadecimal'],
  ])('%s with %j says in a sentence what is wrong: no stack trace', async (name, args, words) => {
    const { METER_SECRET: _, ...env } = process.env;
    const failed = promisify(execFile)(process.execPath, [example(name), ...args], { env });
    const error = (await failed.catch((reason: unknown) => reason)) as { code: number; stderr: string };
    expect(error.code).toBe(1);
    expect(error.stderr).toContain(words);
    expect(error.stderr).not.toMatch(/\n\s+at |00ZZ/);
  });

  it('read-town.js reads every meter of a configuration that the command wrote', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cosem-examples-'));
    const config = join(folder, 'town.json');
    const command = [join(root, 'dist/bin/cosem.js'), 'simulate', '--fleet', '5', '--gateway', '--tcp', '127.0.0.1:0'];
    const town = spawn(process.execPath, [...command, '--write-config', config, '--seed', '3', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, XDG_STATE_HOME: folder },
    });
    try {
      await said(town.stdout, /"ready"/);
      const { stdout } = await run('read-town.js', config);
      const lines = stdout.trimEnd().split('\n');
      const read = lines.map((line) => JSON.parse(line) as { meter: number; energy: string });
      expect(read.map(({ meter }) => meter).sort()).toEqual([0, 1, 2, 3, 4]);
      for (const { energy } of read) expect(energy).toMatch(/^\d+ Wh$/);
      await expect(run('read-town.js', config, 'nobody')).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/has no connection 'nobody' \(one of public, reader/),
      });
    } finally {
      town.kill();
      await once(town, 'exit');
      rmSync(folder, { recursive: true });
    }
  });

  it('temperature-logger.js is read as any meter: a register and a profile', async () => {
    const logger = spawn(process.execPath, [example('temperature-logger.js'), '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [, host = '', port] = await said(logger.stdout, /listening on (\S+):(\d+)\n/);
      const meter = await open(tcp(host, Number(port)), { framing: 'wrapper', client: 32, password: 'ABCDEFGH' });
      expect((await meter.reading('0.0.96.9.0.255')).text).toMatch(/^\d+\.\d °C$/);
      const rows = await meter.profile('1.0.99.1.0.255').rows();
      expect(rows.map(({ text }) => text)).toEqual([
        expect.stringMatching(/^20\d\d-.* Ambient temperature \d+\.\d °C$/),
      ]);
      await meter.close();
    } finally {
      logger.kill();
    }
  });

  it.skipIf(!hasSocat)('follow-port.js prints a line for each push of a customer port', async () => {
    await using pair = await ptyPair();
    const meter = serial(pair.b);
    await meter.open({ data() {}, closed() {} });
    const child = spawn(process.execPath, [example('follow-port.js'), pair.a], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const printed = said(child.stdout, /^.*\n/);
      await said(child.stderr, /listening on/);
      meter.write(TELEGRAM);
      const [line] = await printed;
      expect(JSON.parse(line)).toMatchObject({ 'Active energy import': '317.695 kWh' });
    } finally {
      child.kill();
      await meter.close();
    }
  });
});

describe('docs/library.md', () => {
  const page = readFileSync(join(root, 'docs/library.md'), 'utf8');

  it('shows read-energy.js as it is', () => {
    const [, , ...program] = readFileSync(example('read-energy.js'), 'utf8').split('\n');
    expect(page).toContain(`\`\`\`js\n${program.join('\n')}\`\`\``);
  });

  it('has every example in its table', () => {
    const names = readdirSync(join(root, 'examples')).filter((name) => name !== 'tsconfig.json');
    for (const name of names) expect(page).toContain(`| \`examples/${name}\` |`);
  });
});
