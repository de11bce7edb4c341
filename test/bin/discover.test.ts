import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PtyPair, ptyPair } from '../../bin/pty-pair.js';
import { likelyFirst } from '../../src/node.js';
import type { FakeIo } from './fake-io.js';
import { ran, type Simulated, serving } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-discover-'));
let pair: PtyPair | undefined;
let served: Simulated | undefined;

async function simulate(...words: string[]): Promise<FakeIo> {
  served = await serving(['simulate', '--json', ...words], /"event":"ready".*\n/);
  return served.io;
}

const command = (...words: string[]) => ran(words, { XDG_STATE_HOME: folder });

beforeAll(async () => {
  pair = await ptyPair();
});
afterEach(async () => {
  await served?.stop();
  served = undefined;
});
afterAll(() => {
  pair?.close();
  rmSync(folder, { recursive: true });
});

describe('cosem discover', () => {
  it('finds a meter at a real serial port, says how, and keeps it beside the keys', async ({ skip }) => {
    if (pair === undefined) return skip('socat is not installed');
    await simulate('--serial', pair.meter);
    const config = join(folder, 'meters.json');
    const old = { connections: { mine: { tcp: '1.2.3.4:5', password: 'SECRET', baud: 300 }, other: { tcp: 'x:1' } } };
    writeFileSync(config, JSON.stringify(old));
    const started = Date.now();
    const { exit, out, err } = await command('discover', '--serial', pair.reader, '--save', 'mine', '--config', config);
    expect(exit).toBe(0);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(err).toContain('trying HDLC at 9600 baud');
    expect(out).toContain(`cosem read all --serial ${pair.reader} --baud 9600`);
    expect(out).toContain('CSM0000010000001');
    expect(JSON.parse(readFileSync(config, 'utf8')).connections).toEqual({
      mine: {
        ...{ serial: pair.reader, baud: 9600, framing: 'hdlc', client: 16, server: 1, companion: 'is15959' },
        password: 'SECRET',
      },
      other: { tcp: 'x:1' },
    });
    expect(statSync(config).mode & 0o077 & 0o022).toBe(0);
  });

  it('signs on where the meter wants it', { timeout: 30_000 }, async ({ skip }) => {
    if (pair === undefined) return skip('socat is not installed');
    await simulate('--serial', pair.meter, '--mode-e');
    const { exit, io } = await command('discover', '--serial', pair.reader, '--json');
    expect(exit).toBe(0);
    expect(io.document()).toMatchObject({
      command: 'discover',
      meters: [
        {
          connection: { serial: pair.reader, framing: 'mode-e', baud: 9600, server: 1 },
          identification: { manufacturer: 'CSM', mode: 'E' },
          namePlate: { '0.0.42.0.0.255': 'CSM0000010000001' },
        },
      ],
    });
  });

  it.each(['hdlc', 'wrapper'])('tries both framings on a network: %s', async (framing) => {
    const io = await simulate('--tcp', '127.0.0.1:0', '--framing', framing);
    const { port } = JSON.parse(io.stdout.text.split('\n')[0] as string);
    const { exit, out } = await command('discover', '--tcp', `127.0.0.1:${port}`);
    expect(exit).toBe(0);
    const flag = framing === 'hdlc' ? ' --framing hdlc' : '';
    expect(out).toContain(`cosem read all --tcp 127.0.0.1:${port}${flag} --companion is15959\n`);
  });

  it('lists the meters of a range', async ({ skip }) => {
    if (pair === undefined) return skip('socat is not installed');
    await simulate('--serial', pair.meter, '--physical', '5');
    const { exit, io } = await command('discover', '--serial', pair.reader, '--range', '3-6', '--json');
    expect(exit).toBe(0);
    const { meters } = io.document() as { meters: { connection: object; options: string }[] };
    expect(meters.map(({ options }) => options)).toEqual([
      `--serial ${pair.reader} --baud 9600 --physical 5 --companion is15959`,
    ]);
  });

  it('ends with 3 and a hint when the port is not there', async () => {
    const { exit, err } = await command('discover', '--serial', '/dev/not-here');
    expect(exit).toBe(3);
    expect(err).toContain('there is no such port');
  });

  it.each([
    ['--range', '5'],
    ['--range', '9-3'],
    ['--baud', 'fast'],
  ])('refuses %s %s', async (option, value) => {
    expect((await command('discover', '--serial', '/dev/null', option, value)).exit).toBe(2);
  });
});

describe('likely ports', () => {
  it('come first: known adapters, other USB devices, what is named so, the rest, Bluetooth', () => {
    const ports = [
      { path: '/dev/ttyS0' },
      { path: '/dev/rfcomm0' },
      { path: '/dev/ttyUSB1' },
      { path: '/dev/ttyACM0', vendorId: '2341' },
      { path: '/dev/ttyUSB0', vendorId: '10C4' },
      { path: '/dev/tty.usbserial-A1', vendorId: '0403' },
    ];
    expect(likelyFirst(ports).map(({ path }) => path)).toEqual([
      '/dev/ttyUSB0',
      '/dev/cu.usbserial-A1',
      '/dev/ttyACM0',
      '/dev/ttyUSB1',
      '/dev/ttyS0',
      '/dev/rfcomm0',
    ]);
  });
});
