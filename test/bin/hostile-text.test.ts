import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirm } from '../../bin/confirm.js';
import { Output } from '../../bin/output.js';
import { main } from '../../bin/program.js';
import { Terminal } from '../../bin/simulate/ui/terminal.js';
import { fragmentsOf } from '../../bin/watch/page.js';
import { CosemDateTime, fromHex, toHex, type Usage } from '../../src/index.js';
import { FakeIo } from './fake-io.js';

/**
 * A meter whose every text is an attack on a terminal: clears the screen, sets the title, turns the writing round, makes lines of its own. No
 * command may let any of it through.
 */
const EVIL = '\u001b[2J\u001b]0;owned\u0007A\u009b31mB\r\nFORGED line\u202eC\u2066D\u2028E\u0000';
/** One octet a character. */
const LATIN = EVIL.replace(/[\u0100-\uffff]/g, '');
/** What a terminal obeys; line feeds are ours, and so are colours: there are none where no terminal is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const folder = mkdtempSync(join(tmpdir(), 'cosem-hostile-'));
const at = (name: string) => join(folder, name);
const servers: { io: FakeIo; ended: Promise<number> }[] = [];

async function simulated(...args: string[]): Promise<FakeIo> {
  const io = new FakeIo();
  const ended = main(['simulate', '--tcp', '127.0.0.1:0', '--json', ...args], io);
  servers.push({ io, ended });
  await Promise.race([io.stdout.until(/"ready"/), ended.then(() => Promise.reject(new Error(io.stderr.text)))]);
  return io;
}

async function run(line: readonly string[], input = '', env: Record<string, string> = {}) {
  const io = new FakeIo({ XDG_STATE_HOME: folder, ...env }, input);
  const exit = await main(line, io);
  return { exit, all: io.stdout.text + io.stderr.text };
}

function harmless(text: string): void {
  expect(OBEYED.exec(text)?.[0]).toBeUndefined();
  // A line that a meter made begins where one of ours could.
  expect(text.split('\n').filter((line) => line.startsWith('FORGED'))).toEqual([]);
}

/** Objects whose text is the attack: octets in the first ones, characters in the others. */
const OCTETS = /^0\.0\.(42\.0\.0|96\.1\.4)\.255$/;
const CHARACTERS = /^(0\.0\.96\.1\.[012]|0\.0\.94\.91\.11|1\.0\.0\.2\.0)\.255$/;
const UTF8 = /^0\.0\.94\.91\.12\.255$/;

/** A data-notification in the wrapper whose value is a structure of one text. */
function pushOf(text: Uint8Array): Uint8Array {
  const body = Buffer.concat([
    Buffer.from('0F0000000100020209060000600101FF0C', 'hex'),
    Uint8Array.of(text.length),
    text,
  ]);
  return Buffer.concat([Buffer.from('000100010066', 'hex'), Uint8Array.of(0, body.length), body]);
}
const TELEGRAM = Buffer.from(
  `/ABC5\u001b[2Jmeter\r\n\r\n0-0:96.1.1(${LATIN.replace('\r\n', '')})\r\n0-0:96.13.0(1B5B324A0A464F52474544)\r\n1-0:1.8.0(000001.000*k\u001b[2JWh)\r\n!\r\n`,
  'latin1',
);

interface Template {
  devices: { objects: { logicalName: string; values: Record<string, unknown> }[] }[];
}

beforeAll(async () => {
  await simulated('--seed', '5', '--write-config', at('honest.json'));
  const { exit, all } = await run([
    'dump',
    '--output',
    at('dump.json'),
    '--config',
    at('honest.json'),
    '--rows',
    '3',
    '--all-connections',
  ]);
  expect([exit, all]).toEqual([0, expect.any(String)]);
  const template = JSON.parse(readFileSync(at('dump.json'), 'utf8')) as Template;
  let changed = 0;
  for (const { logicalName, values } of template.devices.flatMap(({ objects }) => objects)) {
    const value = OCTETS.test(logicalName)
      ? { 'octet-string': toHex(Buffer.from(LATIN, 'latin1')) }
      : CHARACTERS.test(logicalName)
        ? { 'visible-string': LATIN }
        : UTF8.test(logicalName)
          ? { 'utf8-string': EVIL }
          : undefined;
    // The name plate as a profile: all of its text.
    if (logicalName === '0.0.94.91.10.255') {
      values['2'] = JSON.parse(JSON.stringify(values['2']), (key, own) => (key === 'visible-string' ? LATIN : own));
    }
    if (value === undefined) continue;
    values['2'] = value;
    changed++;
  }
  expect(changed).toBe(8);
  writeFileSync(at('hostile.json'), JSON.stringify(template));
  await simulated('--template', at('hostile.json'), '--framing', 'wrapper', '--write-config', at('config.json'));
});

afterAll(async () => {
  for (const { io, ended } of servers) {
    io.interrupt();
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

const meter = (connection = 'reader') => ['--config', at('config.json'), '--connection', connection];

describe('text of a meter reaches no terminal unescaped', () => {
  it.each([
    'read all',
    'read nameplate',
    'read nameplate --companion generic',
    'get 1:0.0.96.1.0.255:2',
    'get 1:0.0.96.1.1.255:2',
    'get 1:0.0.94.91.12.255:2',
    'get 1:0.0.42.0.0.255:2',
    'objects',
    'profile 0.0.94.91.10.255',
    'profile 1.0.99.1.0.255 --last 2',
    'dump --output {out} --rows 0',
    'doctor',
    'watch --once',
    'relay status',
    'clock status',
    'read nameplate --trace',
  ])('%s', async (line) => {
    for (const json of [[], ['--json']]) {
      const words = line.replace('{out}', at(`out${json.length}.json`)).split(' ');
      const { all } = await run([...words, ...meter(), ...json]);
      expect(all).not.toBe('');
      harmless(all);
    }
  });

  it.each(['read nameplate', 'get 1:0.0.96.1.1.255:2', 'profile 0.0.94.91.10.255', 'watch --once'])(
    '%s shows what came',
    async (line) => {
      const { all } = await run([...line.split(' '), ...meter()]);
      expect(all).toContain('\\x1b[2J');
      expect(all).toContain('\\x0aFORGED');
    },
  );

  it('what a search finds', async () => {
    const { tcp } = JSON.parse(readFileSync(at('config.json'), 'utf8')).connections.reader as { tcp: string };
    for (const json of [[], ['--json']]) {
      const { exit, all } = await run(['discover', '--tcp', tcp, ...json]);
      expect([exit, all]).toEqual([0, expect.stringContaining('FORGED')]);
      harmless(all);
    }
  });

  it.each([
    ['a notification', pushOf(Buffer.from(EVIL))],
    ['a telegram', TELEGRAM],
    ['text that is neither', Buffer.from(EVIL)],
  ])('what is listened to: %s', async (_, octets) => {
    for (const json of [[], ['--json']]) {
      const io = new FakeIo({ XDG_STATE_HOME: folder });
      const ended = main(['listen', '--tcp', '127.0.0.1:0', ...json], io);
      const [, port] = await io.stdout.until(json.length === 0 ? /127\.0\.0\.1:(\d+)/ : /"port":(\d+)/);
      const socket = connect(Number(port), '127.0.0.1');
      await new Promise((resolve) => socket.end(octets, () => resolve(undefined)));
      await Promise.race([
        io.stdout.until(json.length === 0 ? /FORGED|telegram/ : /"push|"values|"readings/),
        io.stderr.until(/from /),
      ]);
      io.interrupt();
      await ended;
      harmless(io.stdout.text + io.stderr.text);
    }
  });

  it.each([
    ['values', toHex(Uint8Array.of(0x0c, 0x81, Buffer.from(EVIL).length, ...Buffer.from(EVIL)))],
    ['a telegram', toHex(TELEGRAM)],
    ['text', toHex(Buffer.from(EVIL))],
  ])('what is decoded: %s', async (_, hex) => {
    for (const json of [[], ['--json']]) harmless((await run(['decode', hex, ...json])).all);
  });

  it('an order asks, and an error tells its place', async () => {
    const io = new FakeIo({}, 'n\n');
    io.stdin.isTTY = true;
    io.stderr.isTTY = true;
    const asked = { io, options: {}, output: new Output(io, false) } as unknown as Parameters<typeof confirm>[0];
    expect(await confirm(asked, `Set ${EVIL}`, EVIL)).toBe(false);
    // The reader of lines moves its cursor itself: of the text nothing is obeyed.
    expect(io.stderr.text).toContain('\\x1b[2J');
    for (const raw of ['\u001b[2J', '\u001b]', '\u009b', '\u202e']) expect(io.stderr.text.includes(raw)).toBe(false);
    const { all } = await run(['decode', EVIL], '', { COSEM_DEBUG: '1' });
    expect(all).toContain('    at ');
    harmless(all);
  });

  it('screens show, and obey our own colours alone', () => {
    const stdin = Object.assign(new PassThrough(), { setRawMode: () => undefined });
    const io = new FakeIo();
    io.stdout.isTTY = true;
    const output = new Output(io, false);
    const terminal = new Terminal({ stdin, stdout: io.stdout }, { key: () => {}, redraw: () => {} });
    terminal.open();
    terminal.show([output.style('bold', EVIL)]);
    terminal.close();
    expect(io.stdout.text).toContain('\\x1b[2J\\x1b]0;owned');
    expect(io.stdout.text.includes('\u001b]')).toBe(false);
    expect(io.stdout.text).not.toMatch(/\n|\u009b|\u202e/);
  });

  it('a page of the web', () => {
    const usage = {
      serial: `<b>${EVIL}`,
      time: CosemDateTime.fromBytes(fromHex('07EA0B1E0112000000FEB600')),
      days: [],
      blocks: [],
      phases: [],
      daysLeft: {},
    };
    const { en } = fragmentsOf(usage as unknown as Usage);
    expect(en).toContain('&#60;b&#62;\\x1b[2J');
    expect(OBEYED.exec(en)?.[0]).toBeUndefined();
  });
});
