import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANNOUNCED } from '../../bin/announced.js';
import { maskedWords } from '../../bin/masked-words.js';
import { program } from '../../bin/program.js';
import { RunLog } from '../../bin/run-log.js';
import { FakeIo } from './fake-io.js';
import { ran, type Simulated, simulated } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-log-'));
const config = join(folder, 'meter.json');
let meter: Simulated;
beforeAll(async () => {
  meter = await simulated('--write-config', config);
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

type Line = Readonly<Record<string, unknown>>;
const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const newFile = () => join(folder, `${Math.random()}.log`);

describe('--log', () => {
  it('writes down what a reading was: versions, command, line, octets, end', async () => {
    const log = newFile();
    const { exit } = await ran(['read', 'energy', '--config', config, '--connection', 'reader', '--log', log]);
    expect(exit).toBe(0);
    const lines = linesOf(log);
    expect(lines.map(({ event }) => event)).toEqual(['began', 'meter.opened', 'meter.closed', 'frames', 'ended']);
    const [began, opened, , frames, ended] = lines as [Line, Line, Line, Line, Line];
    expect(began).toMatchObject({ node: process.versions.node, cosem: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(began.command).toMatch(/^cosem read energy --config .*meter\.json --connection reader --log .*\.log$/);
    expect(opened.line).toMatch(/127\.0\.0\.1:\d+$/);
    expect(frames.sent).toBeGreaterThan(2);
    expect(frames.receivedOctets).toBeGreaterThan(100);
    expect(ended.exit).toBe(0);
    for (const line of lines) expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
    expect(statSync(log).mode & 0o077).toBe(0);
  });

  it('takes COSEM_LOG, and goes on behind what is there', async () => {
    const log = newFile();
    await ran('ports', { COSEM_LOG: log });
    await ran('ports --json', { COSEM_LOG: log });
    expect(linesOf(log).map(({ event }) => event)).toEqual(['began', 'ended', 'began', 'ended']);
  });

  it('names the cause of a failure, not its words', async () => {
    const log = newFile();
    const { exit } = await ran(['read', '--serial', '/dev/ttyNONE7', '--log', log]);
    expect(exit).toBe(3);
    expect(linesOf(log).find(({ event }) => event === 'failed')).toMatchObject({
      code: 'link',
      exit: 3,
      stage: 'port',
    });
    expect(linesOf(log).at(-1)).toMatchObject({ event: 'ended', exit: 3 });
  });

  it('names wrong use too', async () => {
    const log = newFile();
    const { exit } = await ran(['read', '--speed', 'MARK', '--log', log]);
    expect(exit).toBe(2);
    expect(linesOf(log)).toMatchObject([
      { event: 'began', command: expect.stringContaining('cosem read *** *** --log') },
      { event: 'failed', reason: 'commander.unknownOption' },
      { event: 'ended', exit: 2 },
    ]);
  });

  it('holds no key, no password and nothing that was typed', async () => {
    const log = newFile();
    const key = '4D41524B4D41524B4D41524B4D41524B';
    const wrong = [
      ['--password', 'MARKpass'],
      ['--secret', 'MARKsecret'],
      [`--ek=${key}`, '--ak', key],
      ['--device-address', 'MARK', '--title', 'MARK'],
      ['MARK', '--MARK', '--MARK=MARK'],
    ];
    for (const words of wrong) {
      const { exit } = await ran(['read', '--tcp', '127.0.0.1:1', '--patience', '0', ...words, '--log', log], {
        COSEM_NEW_PASSWORD: 'MARK',
      });
      expect(exit).not.toBe(0);
    }
    await ran(['index', 'erase', 'MARK', '--folder', folder, '--log', log]);
    await ran(['set', '1:0.0.96.1.0.255:2', 'octet-string=MARK', '--tcp', '127.0.0.1:1', '--yes', '--log', log]);
    const text = readFileSync(log, 'utf8');
    expect(text).not.toMatch(/MARK/i);
    expect(text).not.toContain(key);
    expect(linesOf(log).filter(({ event }) => event === 'ended')).toHaveLength(wrong.length + 2);
  });

  it('does not stop the work when the disk is full, and says so once', async () => {
    for (const [language, words] of [
      ['en', /the log \/dev\/full cannot be written: the disk is full .*work goes on/s],
      ['hi', /लॉग \/dev\/full नहीं लिखा जा सका/],
    ] as const) {
      const line = `read clock --config ${config} --connection reader --language ${language} --log /dev/full`;
      const { exit, err, out } = await ran(line);
      expect(exit).toBe(0);
      expect(out).toMatch(/Clock|घड़ी/);
      expect(err).toMatch(words);
      expect(err.match(/\/dev\/full/g)).toHaveLength(1);
    }
  });

  it('does not stop the work where its folder is missing', async () => {
    const { exit, err } = await ran(['ports', '--log', join(folder, 'none', 'x.log')]);
    expect(exit).toBe(0);
    expect(err).toContain('there is no such file or folder');
  });
});

describe('the file of a log', () => {
  it('is bounded: what was before stands in FILE.1', () => {
    const file = newFile();
    const log = new RunLog(file, () => expect.unreachable(), { most: 1000 });
    for (let i = 0; i < 60; i++) log.add('meter.lost', { code: `timeout ${i}` });
    expect(statSync(file).size).toBeLessThanOrEqual(1000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(1000);
    const codes = [...linesOf(`${file}.1`), ...linesOf(file)].map(({ code }) => code);
    expect(codes.at(-1)).toBe('timeout 59');
    expect(codes).toEqual(codes.map((_, i) => `timeout ${60 - codes.length + i}`));
  });

  it('begins a line of its own behind one that a power cut left half', () => {
    const file = newFile();
    writeFileSync(file, '{"time":"2026-12-01","ev');
    new RunLog(file, () => expect.unreachable()).add('began', {});
    const [torn, whole] = readFileSync(file, 'utf8').split('\n');
    expect(torn).toBe('{"time":"2026-12-01","ev');
    expect(JSON.parse(whole ?? '')).toMatchObject({ event: 'began' });
  });

  it('obeys nothing that a terminal obeys, and does not name the person whose home it is', () => {
    const file = newFile();
    new RunLog(file, () => expect.unreachable()).add('began', {
      line: `a\u001b[2Jb\nc ${homedir()}/x ${'z'.repeat(999)}`,
    });
    const text = readFileSync(file, 'utf8');
    expect(text.split('\n')).toHaveLength(2);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('~/x');
    expect(text.length).toBeLessThan(600);
    expect(existsSync(`${file}.1`)).toBe(false);
  });
});

describe('a command line that is kept', () => {
  const masked = async (words: string) => {
    const argv = words.split(' ');
    return maskedWords(argv, await program(new FakeIo(), argv), Object.keys(ANNOUNCED));
  };

  it.each([
    ['read energy --serial /dev/ttyUSB0 --baud 9600', 'read energy --serial /dev/ttyUSB0 --baud 9600'],
    ['get 3:1.0.1.8.0.255:2 --tcp=10.0.0.7:4059', 'get 3:1.0.1.8.0.255:2 --tcp=10.0.0.7:4059'],
    ['profile 1.0.99.1.0.255 --last 48', 'profile 1.0.99.1.0.255 --last 48'],
    ['read --strict --ek 00FF --json', 'read --strict --ek *** --json'],
    ['set 1:0.0.96.1.0.255:2 12345', 'set 1:0.0.96.1.0.255:2 ***'],
    ['decode 7EA0 --ek=00', 'decode *** --ek=***'],
    ['index show 1100220033 --folder /home/x', 'index show *** --folder /home/x'],
    ['commission WO-7 --passphrase-file p', 'commission *** --passphrase-file ***'],
    ['index erase आशा', 'index erase ***'],
    ['simulate --tcp 127.0.0.1:0 -- MARK --log x', 'simulate --tcp 127.0.0.1:0 -- *** *** ***'],
    ['raed energy', '*** ***'],
  ])('%s', async (words, kept) => {
    expect(await masked(words)).toBe(`cosem ${kept}`);
  });

  it('shows a first word that is no command to nobody, where the program could not be made', () => {
    expect(maskedWords(['commission', 'MARK', '--x'], undefined, ['commission'])).toBe('cosem commission *** ***');
  });
});
