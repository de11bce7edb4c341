import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { makeImage } from '../../simulator/index.js';
import { nodeCrypto } from '../../src/node.js';
import { FakeIo } from './fake-io.js';
import { ran, running, type Simulated, simulated } from './ran.js';

/** `cosem firmware` against a virtual meter in this process, over a socket. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-firmware-'));
const config = join(folder, 'meter.json');
let meter: Simulated;
const image = (name: string, firmware: string, length = 2000) => {
  const file = join(folder, name);
  writeFileSync(file, makeImage(nodeCrypto, { profile: 'is15959-1ph', firmware, payload: new Uint8Array(length) }));
  return file;
};
const good = image('good.bin', 'COSEM-D1-1.1');

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

const words = (line: string, connection: string) => `${line} --config ${config} --connection ${connection}`;
const STATE = { XDG_STATE_HOME: join(folder, 'state') };
const started = (line: string, connection = 'firmware') => running(words(line, connection), STATE);
const run = (line: string, connection = 'firmware') => ran(words(line, connection), STATE);

const begun = () => readdirSync(join(folder, 'state', 'cosem', 'firmware'));

describe('cosem firmware', () => {
  it('says with --dry-run what it would do, and does nothing', async () => {
    const { exit, io } = await run(`firmware ${good} --id COSEM-D1-1.1 --dry-run --json`);
    expect(exit).toBe(0);
    expect(io.document()).toMatchObject({
      command: 'firmware',
      done: false,
      dryRun: true,
      meter: 'CSM0000010000007',
      blocks: 11,
      blockSize: 200,
      firmwareBefore: 'COSEM-D1-1.0',
      status: 'image-transfer-not-initiated',
    });
  });

  it.each([
    ['no identification', `firmware ${good}`, 2, 'add --id'],
    ['no file', 'firmware /nowhere/image --id x', 2, 'cannot be read: there is no such file or folder (ENOENT)'],
    ['two plans', `firmware ${good} --id x --at 2026-12-01 --no-activate`, 2, '--at and --no-activate at once'],
    ['an offset', `firmware ${good} --id x --at 2026-12-01T00:00Z`, 2, 'leave the offset out'],
    ['nobody to ask', `firmware ${good} --id COSEM-D1-1.1`, 2, 'nobody is here to be asked'],
  ])('%s: says so', async (_, line, code, words) => {
    const { exit, err } = await run(line);
    expect(exit).toBe(code);
    expect(err).toContain(words);
  });

  it('does not activate an image that the meter holds under another identification', async () => {
    const { exit, err } = await run(`firmware ${good} --id COSEM-D1-9.9 --yes`);
    expect(exit).toBe(4);
    expect(err).toContain('and not COSEM-D1-9.9 of 2066 octets');
    const { io } = await run(`firmware ${good} --id COSEM-D1-9.9 --dry-run --json`);
    expect(io.document()).toMatchObject({ firmwareBefore: 'COSEM-D1-1.0' });
  });

  it('does not activate an image that the meter does not verify', async () => {
    const file = join(folder, 'noise.bin');
    writeFileSync(file, new Uint8Array(1000).fill(7));
    const { exit, err } = await run(`firmware ${file} --id COSEM-D1-1.1 --yes`);
    expect(exit).toBe(4);
    expect(err).toContain('image verification failed');
  });

  it('is interrupted, says so, and goes on from where it was', async () => {
    const long = image('long.bin', 'COSEM-D1-1.2', 60_000);
    const { io, ended } = started(`firmware ${long} --id COSEM-D1-1.2 --yes --no-activate --trace`);
    await io.stderr.until(/(action-response-normal[\s\S]*){12}/);
    io.interrupt();
    expect(await ended).toBe(130);
    const [, there = '0'] = /(\d+) of 301 blocks are in the meter/.exec(io.stderr.text) ?? [];
    expect(Number(there)).toBeGreaterThan(1);
    expect(Number(there)).toBeLessThan(301);
    expect(io.stderr.text).toContain('interrupted; the meter was released');
    expect(begun()).toHaveLength(1);

    const other = await run(`firmware ${good} --id COSEM-D1-1.1 --yes --resume`);
    expect(other.exit).toBe(2);
    expect(other.err).toContain('was of another image');

    const rest = await run(`firmware ${long} --id COSEM-D1-1.2 --yes --resume --no-activate --json`);
    expect(rest.exit).toBe(0);
    const { sent, blocks } = rest.io.document() as { sent: number; blocks: number };
    expect(blocks).toBe(301);
    expect(sent).toBeGreaterThan(0);
    // The block under way when it was interrupted may have arrived.
    expect(sent + Number(there)).toBeGreaterThanOrEqual(300);
    expect(sent + Number(there)).toBeLessThanOrEqual(301);

    // Verified and not activated: the same with --resume activates it without sending anything.
    const activated = await run(`firmware ${long} --id COSEM-D1-1.2 --yes --resume --json`);
    expect(activated.exit).toBe(0);
    expect(activated.io.document()).toMatchObject({ done: true, sent: 0, verified: true, firmware: 'COSEM-D1-1.2' });
    expect(begun()).toEqual([]);
  });

  it('transfers, verifies, compares, activates, and reads the new version', async () => {
    const { exit, out } = await run(`firmware ${good} --id COSEM-D1-1.1 --yes`);
    expect(exit).toBe(0);
    expect(out).toContain('Firmware now  COSEM-D1-1.2');
    expect(out).toContain('verified image COSEM-D1-1.1 of 2066 octets');
    expect(out).toContain('The meter reports firmware COSEM-D1-1.1.');
  });

  it('lets the meter activate it at a time', async () => {
    const io = new FakeIo({ XDG_STATE_HOME: join(folder, 'state') });
    const line = ['firmware', good, '--id', 'COSEM-D1-1.1', '--at', '2099-12-01 02:00', '--yes', '--json'];
    expect(await main([...line, '--config', config, '--connection', 'firmware'], io)).toBe(0);
    expect(io.document()).toMatchObject({
      done: true,
      action: 'schedule',
      at: expect.stringContaining('2099-12-01 02:00:00'),
    });
    const schedule = await run('get 22:0.0.15.0.2.255:4', 'firmware');
    expect(schedule.out).toContain('2099');
  });

  it('is refused to a client that may not', async () => {
    const { exit, err } = await run(`firmware ${good} --id COSEM-D1-1.1 --yes`, 'reader');
    expect(exit).toBe(4);
    expect(err).toContain('18:0.0.44.0.0.255');
  });
});
