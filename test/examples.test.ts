import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { serial } from '../src/node.js';
import { TELEGRAM } from './push/lines.js';
import { hasSocat, ptyPair } from './support/pty.js';

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
      const [told] = (await once(server.stdout, 'data')) as [Buffer];
      const where = /listening on (\S+)/.exec(told.toString())?.[1];
      expect(where).toBeDefined();
      const { stdout } = await run('read-attribute.js', where!);
      expect(stdout).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/);
    } finally {
      server.kill();
    }
  });

  it('read-attribute.js says what is wrong, and what to try', async () => {
    const failed = run('read-attribute.js', '/dev/no-such-port');
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no such port\n.*cosem ports/),
    });
  });

  it.skipIf(!hasSocat)('follow-port.js prints a line for each push of a customer port', async () => {
    await using pair = await ptyPair();
    const meter = serial(pair.b);
    await meter.open({ data() {}, closed() {} });
    const child = spawn(process.execPath, [example('follow-port.js'), pair.a], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const printed = once(child.stdout, 'data');
      await once(child.stderr, 'data');
      meter.write(TELEGRAM);
      const [line] = (await printed) as [Buffer];
      expect(JSON.parse(line.toString())).toMatchObject({ 'Active energy import (+A), total': '317.695 kWh' });
    } finally {
      child.kill();
      await meter.close();
    }
  });

  it('web-serial.js bundles for a browser', async () => {
    const { errors, outputFiles } = await build({
      entryPoints: [example('web-serial.js')],
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
    });
    expect(errors).toEqual([]);
    expect(outputFiles[0]?.text).not.toMatch(/from ?["']node:/);
  });
});
