/**
 * Every screen of every command in Hindi and in English, at 80 columns: no English word on a Hindi screen, no line that a terminal would split.
 * The commands come from the program itself: a new one fails here until it has scenes, or a reason why it speaks English. `--help` is English.
 */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf } from '../../bin/format.js';
import { main, program } from '../../bin/program.js';
import { makeKeyPair, makeRequest, writePem } from '../../packages/pki/src/index.js';
import { fromHex } from '../../src/base/bytes.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { FakeIo } from './fake-io.js';
import { allowedLatin, latinIn } from './latin-words.js';
import { type Simulated, simulated } from './ran.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-hindi-'));
const demo = join(folder, 'demo');
const config = join(folder, 'meter.json');
const PASSPHRASE = 'cosem demo passphrase';
const file = (name: string) => join(demo, name);

/** A command line, what it ends with, and what it needs. */
interface Scene {
  readonly line: readonly string[];
  readonly exit: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Prepares what the line needs, before each language. */
  readonly before?: () => Promise<void>;
}

const scene = (exit: number, line: string | readonly string[], env: Scene['env'] = {}): Scene => ({
  line: typeof line === 'string' ? line.split(' ') : line,
  exit,
  env: { COSEM_PASSPHRASE: PASSPHRASE, ...env },
});
const onMeter = (exit: number, line: string, connection = 'reader') =>
  scene(exit, [...line.split(' '), '--config', config, '--connection', connection]);
const inFolder = (exit: number, line: string, ...more: readonly string[]) =>
  scene(exit, [...line.split(' '), ...more, '--folder', demo]);
const order = (action: string) => async () => void (await shown('en', onMeter(0, `relay ${action} --yes`, 'utility')));
const reconnected = order('connect');
const disconnected = order('disconnect');

const METER_TITLE = '4D4D4D0000BC614E';
const CLIENT_TITLE = '4D4D4D0000000001';
const pki = join(folder, 'pki');
const inPki = (exit: number, line: string | readonly string[]) =>
  scene(exit, ['pki', ...(typeof line === 'string' ? line.split(' ') : line), '--folder', pki]);
const certificate = join(pki, 'certificates', `${METER_TITLE}-digital-signature.pem`);
const ABOVE = [join(pki, 'authorities/authority.pem'), join(pki, 'anchors/root.pem')];
const request = join(folder, 'meter.csr');
const noAuthority = async () => rmSync(pki, { recursive: true, force: true });
const newAuthority = async () => {
  await noAuthority();
  await shown('en', inPki(0, 'ca'));
};
const certified = async () => {
  await newAuthority();
  await shown('en', inPki(0, `meter ${METER_TITLE}`));
};
const requested = async () => {
  await newAuthority();
  const { curve, privateKey } = makeKeyPair(nodeCrypto, 'P-256');
  const octets = makeRequest({
    ...{
      curve,
      publicKey: nodeCrypto.publicKey(curve, privateKey),
      use: 'digital-signature',
      systemTitle: fromHex(METER_TITLE),
    },
    sign: (message) => nodeCrypto.sign(curve, privateKey, message),
  });
  writeFileSync(request, writePem(octets, 'request'));
};

/** Nobody is there. */
const NOWHERE = '--tcp 127.0.0.1:1 --timeout 0.1 --patience 0';

/**
 * The screens of each command, by its words. To add a command: give it a line for each screen that it has, when all is well and when it is refused. What
 * it says comes from a table of messages with `en` and `hi`.
 */
const SCENES: Readonly<Record<string, () => readonly Scene[]>> = {
  read: () => [
    onMeter(0, 'read all'),
    onMeter(0, 'read all', 'public'),
    onMeter(4, 'read energy', 'public'),
    scene(3, `read all ${NOWHERE}`),
    scene(3, `read all ${NOWHERE} --password abcd1234`),
    scene(2, 'read all'),
    scene(2, 'read nonsense'),
    scene(2, 'read --nonsense'),
    scene(2, 'read a b c'),
    scene(2, 'read --config'),
    scene(2, 'read --connection x'),
  ],
  watch: () => [onMeter(0, 'watch --once --days 5'), onMeter(4, 'watch --once', 'public')],
  relay: () => [
    onMeter(0, 'relay status'),
    onMeter(0, 'relay disconnect --dry-run', 'utility'),
    { ...onMeter(0, 'relay disconnect --yes', 'utility'), before: reconnected },
    onMeter(0, 'relay disconnect --yes', 'utility'),
    { ...onMeter(0, 'relay connect --yes', 'utility'), before: disconnected },
    onMeter(2, 'relay disconnect', 'utility'),
    onMeter(4, 'relay disconnect --yes'),
  ],
  clock: () => [
    onMeter(0, 'clock show', 'public'),
    onMeter(0, 'clock sync --dry-run', 'utility'),
    onMeter(0, 'clock sync --yes', 'utility'),
    onMeter(4, 'clock sync --yes'),
  ],
  doctor: () => [
    onMeter(0, 'doctor'),
    onMeter(4, 'doctor --client 77', 'public'),
    scene(3, 'doctor --serial /dev/not-here'),
    scene(3, `doctor ${NOWHERE}`),
  ],
  ports: () => [scene(0, 'ports')],
  commission: () => [
    inFolder(0, 'commission'),
    inFolder(2, 'commission DEMO-1'),
    inFolder(2, 'commission NONE-1', '--answers', file('policy.json')),
    scene(2, ['commission', '--folder', folder]),
  ],
  'day import': () => [
    inFolder(2, 'day import', file('orders.csv')),
    inFolder(2, 'day import', file('orders.csv'), '--mapping', file('mapping.json')),
    inFolder(2, 'day import', file('orders.csv'), '--mapping', file('not-there.json')),
  ],
  day: () => [inFolder(0, 'day')],
  'day postpone': () => [
    inFolder(2, 'day postpone'),
    inFolder(2, 'day postpone NONE-1 --reason absent'),
    inFolder(2, 'day postpone DEMO-1'),
  ],
  'day report': () => [inFolder(0, 'day report')],
  'day hand-over': () => [inFolder(0, 'day hand-over --dry-run', file('over.zip'))],
  survey: () => [inFolder(2, 'survey NONE-1'), inFolder(2, 'survey DEMO-1')],
  reconnect: () => [inFolder(2, 'reconnect NONE-1'), inFolder(2, 'reconnect DEMO-1')],
  'payment-mode': () => [inFolder(2, 'payment-mode NONE-1'), inFolder(2, 'payment-mode DEMO-1')],
  'compare-meters': () => [
    inFolder(2, 'compare-meters NONE-1'),
    inFolder(2, 'compare-meters DEMO-1'),
    onMeter(4, 'compare-meters --accuracy 1 --check-accuracy 0.5S --check-connection utility', 'utility'),
    onMeter(2, 'compare-meters', 'utility'),
    onMeter(2, 'compare-meters --accuracy 3', 'utility'),
    onMeter(2, 'compare-meters --accuracy 1 --check-accuracy 1 --hours 1000', 'utility'),
  ],
  'commission init': () => [
    scene(0, ['commission', 'init', join(folder, 'new'), '--name', 'R. Sharma', '--sample']),
    scene(0, ['commission', 'init', join(folder, 'new'), '--name', 'R. Sharma']),
    scene(2, ['commission', 'init', join(folder, 'other')]),
  ],
  'commission demo': () => [scene(2, ['commission', 'demo', folder])],
  'index list': () => [inFolder(0, 'index list'), inFolder(0, 'index list --all --personal')],
  'index show': () => [inFolder(0, 'index show DEMO-1'), inFolder(2, 'index show nothing')],
  'index export': () => [inFolder(0, 'index export', '--output', file('index.csv'))],
  'index import': () => [
    inFolder(0, 'index import --dry-run', file('again.csv')),
    inFolder(2, 'index import', file('index.csv')),
    inFolder(2, 'index import', file('not-there.csv')),
  ],
  'index correct': () => [
    inFolder(2, 'index correct 99 --set pole=P-10 --reason moved'),
    inFolder(2, 'index correct 1 --set polle=P-10 --reason moved'),
    inFolder(2, 'index correct 1'),
  ],
  'index end': () => [inFolder(2, 'index end 1 --reading much --reason gone')],
  'index erase': () => [inFolder(2, 'index erase 99'), inFolder(2, 'index erase 99 --yes')],
  sync: () => [inFolder(0, 'sync'), inFolder(0, 'sync --url http://127.0.0.1:1')],
  verify: () => [
    scene(0, ['verify', demo, '--trust', file('trusted-signers.json')]),
    scene(4, ['verify', demo]),
    ...['json', 'html', 'pdf'].map((kind) =>
      scene(0, ['verify', file(`certificates/DEMO-1.${kind}`), '--trust', file('trusted-signers.json')]),
    ),
    scene(4, ['verify', file('certificates/DEMO-1.json')]),
    scene(2, ['verify', config]),
    scene(2, ['verify', file('not-there.json')]),
    scene(2, ['verify', config, '--trust', file('not-there.json')]),
  ],
  'pki ca': () => [
    { ...inPki(0, 'ca'), before: noAuthority },
    inPki(2, 'ca'),
    scene(2, ['pki', 'ca', '--folder', join(folder, 'new-pki'), '--days', '0']),
  ],
  'pki meter': () => [
    { ...inPki(0, `meter ${METER_TITLE}`), before: newAuthority },
    inPki(2, 'meter 77'),
    scene(2, ['pki', 'meter', METER_TITLE, '--folder', folder]),
  ],
  'pki client': () => [{ ...inPki(0, `client ${CLIENT_TITLE} --use tls`), before: newAuthority }],
  'pki issue': () => [
    { ...inPki(0, ['issue', request]), before: requested },
    inPki(5, ['issue', request, '--title', CLIENT_TITLE]),
    inPki(2, ['issue', request, '--use', 'key-agreement']),
  ],
  'pki show': () => [
    { ...scene(0, ['pki', 'show', certificate, ...ABOVE]), before: certified },
    scene(0, ['pki', 'show', certificate]),
    { ...scene(0, ['pki', 'show', request]), before: requested },
  ],
  'pki check': () => [
    { ...inPki(0, ['check', certificate]), before: certified },
    inPki(5, ['check', certificate, '--title', CLIENT_TITLE]),
    inPki(5, ['check', certificate, '--use', 'tls']),
    inPki(5, ['check', certificate, '--suite', '2']),
    inPki(5, ['check', certificate, '--at', '2099-01-01']),
    inPki(5, ['check', certificate, '--at', '2020-01-01']),
    inPki(2, ['check', certificate, '--at', '12:00']),
    scene(5, ['pki', 'check', certificate, '--anchor', certificate]),
  ],
  'pki enrol': () => [
    { ...onMeter(2, `pki enrol --folder ${pki}`, 'utility'), before: certified },
    onMeter(2, `pki enrol --folder ${pki} --yes --reader 4D4D4D0000000099`, 'utility'),
    scene(3, `pki enrol --folder ${pki} --yes ${NOWHERE}`),
  ],
};

/** Commands whose screens are English, and why. Their causes, hints and questions are told in Hindi as those of all others. */
const ENGINEERS = 'a tool of engineers, who read the standards: objects, octets and names are English there';
const ENGLISH: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['profile', 'objects', 'get', 'set', 'call', 'firmware', 'keys', 'decode', 'listen', 'monitor', 'readout'],
      ...['discover', 'quirks', 'dump', 'simulate', 'demo', 'verification-service', 'support', 'day demo'],
    ].map((name) => [name, ENGINEERS]),
  ),
};

/** How those refuse: that is told in Hindi as everywhere. */
const REFUSALS: Readonly<Record<string, () => readonly Scene[]>> = {
  get: () => [
    scene(2, 'get'),
    onMeter(2, 'get nonsense'),
    onMeter(4, 'get 3:1.0.1.8.0.255:2', 'public'),
    scene(3, `get 3:1.0.1.8.0.255:2 ${NOWHERE}`),
  ],
  set: () => [scene(2, 'set'), onMeter(2, 'set 1:0.0.96.1.0.255:2 7')],
  call: () => [scene(2, 'call'), onMeter(2, 'call 70:0.0.96.3.10.255:1')],
  profile: () => [onMeter(2, 'profile nonsense')],
  keys: () => [scene(2, 'keys'), onMeter(2, 'keys change')],
  decode: () => [scene(2, 'decode zz'), scene(2, 'decode')],
  monitor: () => [scene(2, 'monitor'), scene(2, 'monitor nothing.txt')],
  readout: () => [scene(2, 'readout')],
  firmware: () => [scene(2, 'firmware'), onMeter(2, 'firmware status', 'firmware')],
  quirks: () => [scene(2, 'quirks nothing.json')],
  simulate: () => [scene(2, 'simulate --profile nonsense')],
};

/** Each command by its words. Commands that only hold others have no screen. */
function commandsIn(command: Command, words: readonly string[] = []): string[] {
  const own =
    (command as unknown as { _actionHandler: unknown })._actionHandler && words.length > 0 ? [words.join(' ')] : [];
  return [...own, ...command.commands.flatMap((one) => commandsIn(one, [...words, one.name()]))];
}

let meter: Simulated;
let demonstration: Record<'en' | 'hi', Screen>;

interface Screen {
  readonly exit: number;
  readonly text: string;
}

async function shown(language: 'en' | 'hi', { line, env, before }: Scene): Promise<Screen> {
  await before?.();
  const io = new FakeIo({ NO_COLOR: '1', ...env });
  const terminal = { isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  Object.assign(io.stdout, terminal);
  Object.assign(io.stderr, terminal);
  const exit = await main([...line, '--language', language], io);
  return { exit, text: readable(io.stdout.text) + readable(io.stderr.text) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a spinner writes.
const REDRAWN = /\u001b\[\?\d+[hl]/g;

/** Without colours; what stood on the progress line one after the other stands in lines. */
function readable(text: string): string {
  return stripVTControlCharacters(text.replace(REDRAWN, '\n'))
    .replace(/[\u2800-\u28ff]/g, '')
    .replace(/\n(?:\s*\n)+/g, '\n');
}

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
  const hi = await shown('hi', scene(0, ['commission', 'demo', demo]));
  const en = await shown('en', scene(0, ['commission', 'demo', join(folder, 'demo-en')]));
  demonstration = { hi, en };
  await shown('en', inFolder(0, 'index export', '--output', file('index.csv')));
  await shown('en', inFolder(0, 'index export --personal', '--output', file('again.csv')));
  writeFileSync(file('orders.csv'), 'WO No,Name\nWO-1,Asha Devi\n');
  writeFileSync(file('mapping.json'), JSON.stringify({ format: 'x' }));
}, 180_000);
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

/** Lines that a terminal would split within words. What is to be copied stays whole: commands, names of files, addresses, keys. */
function tooLong(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => columnsOf(line) > 80)
    .filter((line) => !/^ +cosem /.test(line) && !/\S{40,}/.test(line) && !/COSEM_PASSPHRASE=/.test(line));
}

describe('every screen', () => {
  it('of the whole installation, as the demonstration shows it', () => {
    for (const language of ['en', 'hi'] as const) {
      const { exit, text } = demonstration[language];
      expect([exit, tooLong(text)]).toEqual([0, []]);
      if (process.env.SHOW_SCREENS) console.log(text);
      if (language === 'hi') expect(latinIn(text)).toEqual([]);
    }
  });

  it('belongs to a command that this test knows', async () => {
    const all = commandsIn(await program(new FakeIo()));
    const unknown = all.filter((name) => !Object.hasOwn(SCENES, name) && !Object.hasOwn(ENGLISH, name));
    expect(
      unknown,
      'Commands without screens here: add each to SCENES in test/bin/hindi-screens.test.ts with a line for every screen that it has (or to ENGLISH, with the reason).',
    ).toEqual([]);
    const gone = [...Object.keys(SCENES), ...Object.keys(ENGLISH)].filter((name) => !all.includes(name));
    expect(gone, 'There are no such commands any more').toEqual([]);
  });

  it.each([...Object.entries(SCENES), ...Object.entries(REFUSALS)])(
    'of cosem %s',
    async (_, scenes) => {
      const found: Record<string, readonly string[]> = {};
      for (const one of scenes()) {
        for (const language of ['en', 'hi'] as const) {
          const { exit, text } = await shown(language, one);
          const words = one.line.join(' ').replaceAll(folder, '');
          if (process.env.SHOW_SCREENS) console.log(`$ cosem ${words}   (${language}, ${exit})\n${text}`);
          expect([words, exit, text.trim() === '']).toEqual([words, one.exit, false]);
          if (language === 'hi' && latinIn(text).length > 0) found[words] = latinIn(text);
          expect([words, tooLong(text)]).toEqual([words, []]);
        }
      }
      expect(found, 'English words on a Hindi screen').toEqual({});
    },
    120_000,
  );

  it('is seen where one has an English word', () => {
    expect(latinIn('मीटर does not उत्तर')).toEqual(['does', 'not']);
    expect(latinIn('खपत 12.5 kWh, `cosem read all`, --folder /home/a/b.json COSEM_EK')).toEqual([]);
    expect(Object.keys(allowedLatin).length).toBeLessThan(80);
    expect(existsSync(demo) && readdirSync(demo).length > 0).toBe(true);
  });
});
