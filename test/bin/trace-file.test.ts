import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/index.js';
import { inspectInput, readInput } from '../../src/inspect.js';
import { ran, type Simulated, simulated } from './ran.js';

/** `--trace-file` from end to end: a command over a real socket, its recording read by `decode`. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-trace-file-'));
const at = (name: string) => join(folder, name);
const meters: Simulated[] = [];

const run = (...line: string[]) => ran(line, { XDG_STATE_HOME: folder });

const FRAMINGS = ['wrapper', 'hdlc'] as const;
beforeAll(async () => {
  for (const framing of FRAMINGS) {
    const config = at(`${framing}.json`);
    // Two meters with one name would be one to the client, whose counter goes back.
    const seed = String(7 + FRAMINGS.indexOf(framing));
    meters.push(await simulated('--framing', framing, '--seed', seed, '--write-config', config));
  }
});
afterAll(async () => {
  for (const meter of meters) await meter.stop();
  rmSync(folder, { recursive: true });
});

describe.each(FRAMINGS)('over %s', (framing) => {
  const meter = (connection: string) => ['--config', at(`${framing}.json`), '--connection', connection, '--fresh'];
  const keys = (connection = 'utility'): string[] => {
    const { ek, ak } = JSON.parse(readFileSync(at(`${framing}.json`), 'utf8')).connections[connection];
    return ['--ek', ek, '--ak', ak];
  };

  it('decode shows the messages that --trace showed', async () => {
    const file = at(`${framing}.pcapng`);
    const read = await run('get', '8:0.0.1.0.0.255:2', ...meter('public'), '--trace', '--trace-file', file);
    expect(read.exit).toBe(0);
    const shown = await run('decode', file);
    expect([shown.exit, shown.err]).toEqual([0, '']);
    const kinds = (text: string) => text.match(/\b(?:aarq|aare|get-(?:request|response)-normal|rlrq|rlre)(?=$|:)/gm);
    expect(kinds(read.err)?.length).toBeGreaterThan(3);
    expect(kinds(shown.out)).toEqual(kinds(read.err));
    const input = readInput(readFileSync(file));
    expect(input).toMatchObject({ form: 'pcapng', streams: [{ name: expect.stringContaining('4059, TCP') }] });
    const { messages } = inspectInput(input);
    expect([...new Set(messages.map(({ direction }) => direction))]).toEqual(['client', 'server']);
  });

  it('decode takes the text of --trace itself, whole frames with who sent them', async () => {
    for (const connection of ['public', 'reader', 'utility']) {
      const read = await run('get', '8:0.0.1.0.0.255:2', ...meter(connection), '--trace');
      const kinds = (text: string) =>
        text.match(/\b(?:aarq|aare|(?:glo-)?(?:get|action)-(?:request|response)(?:-normal)?|rlrq|rlre)(?=$|:)/gm);
      expect(kinds(read.err)?.length).toBeGreaterThan(3);
      const file = at(`${framing}.trace`);
      writeFileSync(file, read.err);
      const shown = await run('decode', ...(connection === 'public' ? [] : keys(connection)), file);
      expect([shown.exit, shown.err]).toEqual([0, expect.stringContaining('read as a trace of cosem')]);
      expect(kinds(shown.out)).toEqual(kinds(read.err));
      expect(shown.out).toMatch(/get-response-normal[\s\S]*20\d\d-\d\d-\d\d/);
      const input = readInput(readFileSync(file));
      expect(new Set(input.streams[0]?.pieces.map(({ direction }) => direction))).toEqual(
        new Set(['client', 'server']),
      );
    }
  });

  it('no secret is in the text of --trace', async () => {
    const { reader, utility } = JSON.parse(readFileSync(at(`${framing}.json`), 'utf8')).connections;
    for (const [name, secret] of [
      ['reader', reader.password],
      ['utility', utility.secret],
    ]) {
      const { err } = await run('get', '8:0.0.1.0.0.255:2', ...meter(name), '--trace');
      const pairs = toHex(Buffer.from(secret)).match(/../g)?.join(' ');
      if (name === 'reader') expect(err).toMatch(/(?:2A ){8}/);
      expect(err).not.toContain(pairs);
    }
  });

  it('what is ciphered stays so, without keys and secrets, and opens with the keys', async () => {
    const file = at(`${framing}-utility.pcapng`);
    expect((await run('get', '8:0.0.1.0.0.255:2', ...meter('utility'), '--trace-file', file)).exit).toBe(0);
    const hex = toHex(readFileSync(file));
    const { utility } = JSON.parse(readFileSync(at(`${framing}.json`), 'utf8')).connections;
    for (const secret of [utility.ek, toHex(Buffer.from(utility.secret))]) expect(hex).not.toContain(secret);
    expect((await run('decode', file)).out).toContain('not opened: no encryption key given');
    const opened = await run('decode', file, ...keys());
    expect(opened.out).toMatch(/get-response-normal[\s\S]*20\d\d-\d\d-\d\d/);
  });

  it('--deciphered holds the messages in clear, and says so', async () => {
    const file = at(`${framing}-clear.pcapng`);
    const { exit, err } = await run(
      'get',
      '8:0.0.1.0.0.255:2',
      ...meter('utility'),
      '--trace-file',
      file,
      '--deciphered',
    );
    expect([exit, err]).toEqual([0, expect.stringContaining('anyone can read')]);
    const { out } = await run('decode', file);
    expect(out).toMatch(/get-request-normal[\s\S]*get-response-normal[\s\S]*20\d\d-\d\d-\d\d/);
    expect(out).not.toMatch(/glo-(?:get|action)/);
  });

  it('a command that opens the meter several times records all of it', async () => {
    const file = at(`${framing}-dump.pcapng`);
    const line = ['dump', '--output', at(`${framing}-dump.json`), '--rows', '0', '--config', at(`${framing}.json`)];
    const two = ['--connection', 'public', '--connection', 'reader'];
    expect((await run(...line, ...two, '--trace-file', file)).exit).toBe(0);
    const { messages } = inspectInput(readInput(readFileSync(file)));
    expect(messages.filter(({ apdu }) => apdu?.type === 'aarq')).toHaveLength(2);
  });
});

it.each([
  ['doctor', 'doctor tries many'],
  ['discover', "unknown option '--trace-file'"],
  ['readout', "unknown option '--trace-file'"],
])('%s refuses --trace-file in words', async (command, words) => {
  const file = at(`${command}.pcapng`);
  const { exit, err } = await run(command, '--tcp', '127.0.0.1:1', '--trace-file', file);
  expect([exit, err]).toEqual([2, expect.stringContaining(words)]);
  expect(existsSync(file)).toBe(false);
});

it('--deciphered alone is refused, and a place that cannot be written', async () => {
  const meter = ['--config', at('wrapper.json'), '--connection', 'public'];
  expect((await run('read', 'nameplate', ...meter, '--deciphered')).err).toContain('add --trace-file FILE.pcapng');
  const nowhere = await run('read', 'nameplate', ...meter, '--trace-file', at('none/x.pcapng'));
  expect([nowhere.exit, nowhere.err]).toEqual([
    2,
    expect.stringContaining('cannot be written: there is no such file or folder (ENOENT)'),
  ]);
});

it('is for its owner alone, also where the file was there before', async () => {
  const file = at('before.pcapng');
  writeFileSync(file, 'what was there before');
  chmodSync(file, 0o644);
  const line = ['get', '8:0.0.1.0.0.255:2', '--config', at('wrapper.json'), '--connection', 'public', '--fresh'];
  expect((await run(...line, '--trace-file', file)).exit).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
