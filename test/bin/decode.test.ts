import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { withEvenParity } from '../../src/base/parity.js';
import { structureOf, u8 } from '../../src/codec/make.js';
import { encodeFrame, hdlcAddress, iControl } from '../../src/link/hdlc-frame.js';
import { mbus, notification, wrapped } from '../push/lines.js';
import { ran } from './ran.js';

const EXIT_BAD_ANSWER = 5;
const field = resolve(import.meta.dirname, '../../../shared/field');

const decode = (args: readonly string[], input = '') => ran(['decode', ...args], {}, input);

it.each(['0x7E 0xA0 0x7 0x3 0x21 0x93 0xF 0x1 0x7E', '7E A0 7 3 21 93 F 1 7E'])(
  '%s is a SNRM (case 8)',
  async (text) => {
    const { exit, out, err } = await decode([text]);
    expect([exit, out]).toEqual([0, expect.stringContaining('SNRM P/F, 16 to 1')]);
    expect(err === '' || err.includes('7 was read as 07')).toBe(true);
  },
);

// ESC [ 2 J; a change of direction of writing; C1; a line feed that would make a line of ours.
it.each([
  ['0A041B5B324A', '\\x1b[2J'],
  ['09041B5B324A', '1B5B324A'],
  ['0C08E280AE61E280A862', '\\u202ea\\u2028b'],
  ['0A029B48', '\\x9bH'],
  ['0A03610A62', 'a\\x0ab'],
])('%s reaches the terminal as %s (case 12)', async (hex, shown) => {
  for (const options of [[], ['--json']]) {
    const { exit, out, err } = await decode([...options, hex]);
    expect(exit).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may come out.
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    if (options.length === 0) expect(out).toContain(shown);
  }
});

it.runIf(readFileIf('mbus-l250.hex'))('the first of two M-Bus frames alone is incomplete (case 20)', async () => {
  const hex = readFileSync(resolve(field, 'mbus-l250.hex'), 'utf8').trim();
  const first = hex.slice(0, 2 * 256);
  const { exit, out, err } = await decode([first]);
  expect([exit, out]).toEqual([
    EXIT_BAD_ANSWER,
    expect.stringContaining('the message is incomplete: segment 0 came, segment 1'),
  ]);
  expect(err).toContain('incomplete');
});

const segment = toHex(
  encodeFrame({
    destination: hdlcAddress(16),
    source: hdlcAddress(1),
    control: iControl(0, 0, false),
    segmented: true,
    information: fromHex('E6E700C401C10009'),
  }),
);

it('the first of three HDLC segments is incomplete (case 20)', async () => {
  const { exit, out } = await decode([segment]);
  expect([exit, out]).toEqual([
    EXIT_BAD_ANSWER,
    expect.stringContaining(
      'the message from 1 to 16 is incomplete: 1 segment with 8 octets came, the last one did not',
    ),
  ]);
});

it('a general block transfer without its last block is incomplete (case 20)', async () => {
  const { exit, out } = await decode(['E00000010000', '04', 'C4010100'].join('').match(/../g) ?? []);
  expect([exit, out]).toEqual([
    EXIT_BAD_ANSWER,
    expect.stringContaining('a general block transfer is incomplete: block 1 came, block 2 and the last one did not'),
  ]);
});

function readFileIf(name: string): boolean {
  try {
    readFileSync(resolve(field, name));
    return true;
  } catch {
    console.warn(`skipped: ${name} is not in ../shared/field`);
    return false;
  }
}

it('monitor tells who speaks by the content where both addresses are 1 (case 14)', async () => {
  const aare = '000100010001002B6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400001E1D02300007';
  const lines = `000100010001000DC001C100030100010800FF0200\n${aare}\n0001000100010009C401C10006000004D2\n`;
  const { exit, out } = await ran(['monitor', '-'], {}, lines);
  expect(exit).toBe(0);
  expect(out.split('\n').map((line) => line.slice(0, 2))).toEqual(['->', '<-', '<-', '']);
});

const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';

it.runIf(readFileIf('p1-ciphered.hex'))('a telegram inside general-glo-ciphering (case 9)', async () => {
  const hex = readFileSync(resolve(field, 'p1-ciphered.hex'), 'utf8').trim();
  const whole = await decode(['--ek', EK, '--ak', AK, hex]);
  // All there is to say is that keys on the command line are no secret.
  expect([whole.exit, whole.err]).toEqual([0, expect.stringMatching(/^cosem: others on this computer [^\n]*\n$/)]);
  expect(whole.out).toMatch(/1-0:1\.8\.0\(0*317\.695\*kWh\) {2}317\.695 kWh/);
  expect(whole.out).toMatch(/1-0:1\.7\.0\(0*0\.278\*kW\) {2}0\.278 kW/);
  // With one key: shown, and marked.
  const one = await decode(['--ek', EK, hex]);
  expect([one.exit, one.out]).toEqual([0, expect.stringContaining('317.695 kWh')]);
  expect(one.err).toContain('not verified');
  // A wrong one of the two: its name, and nothing of the text.
  const wrong = await decode(['--ek', EK, '--ak', EK, hex]);
  expect([wrong.exit, wrong.out]).toEqual([5, expect.not.stringContaining('317.695')]);
  expect(wrong.err).toContain('authentication key');
});

const TEXT = '/XXX5\\2TEST\r\n\r\n1-0:1.8.0(00317.695*kWh)\r\n0-1:24.2.1(101209112500W)(12785.123*m3)\r\n!\r\n';

it.each<[string, string]>([
  ['as it is', TEXT],
  ['with the speed 9 (case 5)', TEXT.replace('5', '9')],
  ['without a speed', TEXT.replace('5', 'Z')],
  ['behind line ends (case 19)', `\r\n\r\n${TEXT}`],
  ['with line feeds alone', TEXT.replaceAll('\r', '')],
  ['without the empty line', TEXT.replace('\r\n\r\n', '\r\n')],
  ['with an identification of 60 characters', TEXT.replace('TEST', 'T'.repeat(60))],
  ['twice', TEXT + TEXT],
])('text of a telegram %s', async (_, text) => {
  const octets = fromLatin1(text);
  for (const args of [[text], [toHex(octets)], [toHex(withEvenParity(octets))]]) {
    const { exit, out } = await decode(args);
    expect([exit, out]).toEqual([0, expect.stringMatching(/317\.695 kWh[\s\S]*12785\.123 m3/)]);
  }
});

it('a telegram whose CRC does not hold is no telegram, and its lines are shown', async () => {
  const { exit, out } = await decode([TEXT.replace('!', '!ABCD')]);
  expect([exit, out]).toEqual([EXIT_BAD_ANSWER, expect.stringMatching(/CRC[\s\S]*317\.695/)]);
});

it('a sign-on and the answer to it stay messages of their own', async () => {
  const { exit, out } = await decode(['/?!\r\n/XXX5TEST\r\n\u0006050\r\n']);
  expect([exit, out]).toEqual([
    0,
    expect.stringMatching(/request[\s\S]*identification XXX TEST[\s\S]*acknowledgement/),
  ]);
});

it('a logical device name that is filled up with NULs is text', async () => {
  const { exit, out } = await decode(['091041424331323334353637380000000000']);
  expect([exit, out]).toEqual([0, expect.stringContaining('"ABC12345678"')]);
});

it.each([
  ['nofile.pcap'],
  ['captures/nofile.pcapng'],
  ['./nofile'],
  ['../no/file'],
  ['/nowhere/nofile'],
  ['/tmp/nowhere/nofile.hex'],
  ['no file.log'],
  ['C:\\captures\\meter'],
])('%s: that there is no such file is said', async (name) => {
  const { exit, err } = await decode([name]);
  expect([exit, err]).toEqual([2, expect.stringContaining(`there is no file ${name}`)]);
});

it('a folder, and a file beside octets, are said as such', async () => {
  expect(await decode([import.meta.dirname])).toMatchObject({ exit: 2, err: expect.stringContaining('is a folder') });
  const { exit, err } = await decode(['7E', 'nofile.pcap']);
  expect([exit, err]).toEqual([2, expect.stringContaining('nofile.pcap stands beside other arguments')]);
});

it.each([
  ['/XXX5\\2TEST-1\r\n', 'identification XXX'],
  ['/?!\r\n', 'request'],
  ['\\x7e\\xa0\\x07\\x03\\x21\\x93\\x0f\\x01\\x7e', 'SNRM'],
  ['fqAHAyGTDwF+', 'SNRM'],
])('%j is no path', async (text, shown) => {
  expect(await decode([text])).toMatchObject({ exit: 0, out: expect.stringContaining(shown) });
});

it('- is standard input, as nothing is', async () => {
  for (const args of [['-'], []]) {
    const { exit, out } = await decode(args, '7E A0 07 03 21 93 0F 01 7E');
    expect([exit, out]).toEqual([0, expect.stringContaining('SNRM P/F, 16 to 1')]);
  }
});

it('a message in M-Bus parts whose rest did not come before the next is incomplete', async () => {
  const message = notification(structureOf([u8(1), u8(2), u8(3), u8(4)]));
  const parts = mbus(message, 8);
  const lost = await decode([toHex(concat(parts[0] as Uint8Array, ...parts))]);
  expect([lost.exit, lost.out]).toEqual([
    EXIT_BAD_ANSWER,
    expect.stringContaining('the message is incomplete: segment 0 came, segment 1'),
  ]);
  expect((await decode([toHex(concat(...parts, ...parts))])).exit).toBe(0);
});

it('a block transfer that a new association ended is incomplete', async () => {
  const get = 'C001C100070100630100FF0200';
  const block = 'C402C100000000010004020A0102';
  const aarq = '601DA109060760857405080101BE10040E01000000065F1F040000101DFFFF';
  const { out, exit } = await decode([[get, block, aarq].map((apdu) => wpdu(apdu)).join('')]);
  expect([exit, out]).toEqual([
    EXIT_BAD_ANSWER,
    expect.stringContaining('a block transfer (get) is incomplete: block 1 came, block 2 and the last one did not'),
  ]);
});

function wpdu(hex: string): string {
  return toHex(wrapped(fromHex(hex)));
}
