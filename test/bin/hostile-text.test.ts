import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirm } from '../../bin/confirm.js';
import { Output } from '../../bin/output.js';
import { main } from '../../bin/program.js';
import { Terminal } from '../../bin/simulate/ui/terminal.js';
import { fragmentsOf } from '../../bin/watch/page.js';
import {
  type CommissioningRecord,
  exportCsv,
  exportGeoJson,
  exportJson,
  type IndexRow,
  type RecordContent,
} from '../../packages/commissioning/src/index.js';
import {
  certificatesOf,
  recordContent,
  rendered,
  SIGNER,
  TRUSTED,
} from '../../packages/commissioning/test/sample-certificate.js';
import { CosemDateTime, fromHex, toHex, type Usage } from '../../src/index.js';
import { jsonText, visibleText } from '../../src/inspect.js';
import { FakeIo } from './fake-io.js';
import { ran, type Simulated, simulated } from './ran.js';

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
const servers: Simulated[] = [];

async function run(line: readonly string[], input = '', env: Record<string, string> = {}) {
  const { exit, out, err } = await ran(line, { XDG_STATE_HOME: folder, ...env }, input);
  return { exit, all: out + err };
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
  servers.push(await simulated('--seed', '5', '--write-config', at('honest.json')));
  const dump = ['dump', '--output', at('dump.json'), '--config', at('honest.json'), '--rows', '3', '--all-connections'];
  // The hostile one has its title and keys, and counters of its own: to who has seen both it would play something again.
  const { exit, all } = await run(dump, '', { XDG_STATE_HOME: at('state-of-the-dump') });
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
  servers.push(
    await simulated('--template', at('hostile.json'), '--framing', 'wrapper', '--write-config', at('config.json')),
  );
});

afterAll(async () => {
  for (const server of servers) await server.stop();
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

/** Text of files: everything that is JSON text or a name may be the attack. A file's name has no NUL. */
const FILE_NAME = EVIL.replaceAll('\u0000', '');

describe('text of a file reaches no terminal unescaped', () => {
  const put = (name: string, content: unknown) => {
    writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
    return at(name);
  };
  const nowhere = { tcp: '127.0.0.1:1', timeout: 0.1, patience: 0 };
  const configs = () => ({
    names: put('names.json', { connections: { [EVIL]: nowhere, other: nowhere } }),
    settings: put('settings.json', { connections: { one: { ...nowhere, [EVIL]: 1 } } }),
    values: put('values.json', { connections: { one: { ...nowhere, tcp: EVIL, auth: EVIL } } }),
  });

  /** Commands that talk to a meter, with what they need beside a connection. */
  const TALKING = [
    'read all',
    'watch --once',
    'profile 1.0.99.1.0.255',
    'relay status',
    'clock status',
    'objects',
    'get 1:0.0.96.1.0.255:2',
    'set 1:0.0.96.1.0.255:2 null-data -y',
    'call 70:0.0.96.3.10.255:1 int8:0 -y',
    'firmware status',
    'keys counter',
    'doctor',
    'decode 00',
    'dump --output {out}',
  ];

  it.each(TALKING)('a configuration, by %s', async (line) => {
    const words = line.replace('{out}', at('none.json')).split(' ');
    for (const config of Object.values(configs())) {
      for (const more of [[], ['--connection', EVIL], ['--json']]) {
        const { all } = await run([...words, '--config', config, ...more]);
        harmless(all);
      }
    }
    harmless((await run([...words, '--config', at(FILE_NAME)])).all);
  });

  it.each([
    ['verify', at(FILE_NAME)],
    ['verify', 'COSEM1:{}'],
    ['quirks', EVIL],
    ['simulate', '--template', at(FILE_NAME)],
    ['simulate', '--tcp', EVIL],
    ['readout', '--tcp', EVIL],
    ['discover', '--tcp', EVIL],
    ['monitor', at(FILE_NAME)],
    ['commission', EVIL, '--folder', at(FILE_NAME)],
    ['index', 'show', EVIL, '--folder', at(FILE_NAME)],
    ['sync', '--folder', at(FILE_NAME)],
    ['decode', at(FILE_NAME)],
    [EVIL],
    ['help', EVIL],
    ['read', EVIL],
    ['read', 'all', `--${EVIL}`],
    ['demo', EVIL],
    ['ports', EVIL],
  ])('an argument: %j', async (...line) => {
    for (const json of [[], ['--json']]) {
      const { exit, all } = await run([...line, ...json]);
      expect(exit).not.toBe(0);
      harmless(all);
    }
  });

  it.each([
    ['a sheet of quirks', (file: string) => ['read', 'all', ...meter(), '--quirks', file]],
    ['a template', (file: string) => ['simulate', '--template', file]],
    ['a scenario', (file: string) => ['simulate', '--scenario', file]],
    ['keys of pushes', (file: string) => ['listen', '--tcp', '127.0.0.1:0', '--keys', file]],
    ['sheets of pushes', (file: string) => ['listen', '--tcp', '127.0.0.1:0', '--sheets', file]],
    ['a recording', (file: string) => ['decode', file]],
    ['what a line said', (file: string) => ['monitor', file]],
    ['signers', (file: string) => ['verify', file, '--trust', file]],
    ['a record', (file: string) => ['verify', file]],
  ])('what is no %s', async (_, line) => {
    const contents = [
      EVIL,
      JSON.stringify({ [EVIL]: EVIL, format: EVIL, id: EVIL, devices: [{ [EVIL]: EVIL }], signed: { [EVIL]: EVIL } }),
      `${EVIL.replaceAll('\u0000', '')}: [\n- {${EVIL}`,
      `2026-01-01 ${EVIL}\n7E A0 07 ${EVIL}\n`,
    ];
    for (const [i, content] of contents.entries()) {
      const file = put(`no-${i}.json`, content);
      for (const json of [[], ['--json']]) harmless((await run([...line(file), ...json])).all);
    }
  });

  it('a certificate whose every text is the attack, its page, its code and the list beside it', async () => {
    const everywhere = (value: unknown): unknown => {
      if (typeof value === 'string') return EVIL;
      if (Array.isArray(value)) return value.map(everywhere);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, everywhere(member)]));
    };
    const EVIL_TIME = { by: 'meter', time: EVIL } as const;
    const person = { salt: '00', name: EVIL, address: EVIL, mobileLast4: EVIL };
    const honest = recordContent('WO-1', person);
    // The format says which page is made; one that no version knows is refused before anything of it is shown.
    const { format, at: time, steps, readings, relay } = honest;
    const energies = readings.energies.map((value) => ({ ...value, name: EVIL, unit: EVIL }));
    const content = {
      ...(everywhere(honest) as RecordContent<CommissioningRecord>),
      format,
      at: time,
      steps: steps.map((step) => ({ ...step, reason: EVIL, outcome: 'skipped' as const })),
      consumer: { ...honest.consumer, number: EVIL },
      relay: { ...relay!, off: relay!.off!.map(() => ({ opened: EVIL_TIME, closed: EVIL_TIME })) },
      readings: { ...readings, energies, time: EVIL },
    };
    const [certificate] = certificatesOf([content], SIGNER, person);
    const place = at('certificates');
    mkdirSync(place);
    const { html, pdf } = await rendered(certificate!);
    writeFileSync(join(place, 'a.json'), JSON.stringify(certificate));
    writeFileSync(join(place, 'a.html'), html);
    writeFileSync(at('a.pdf'), pdf);
    writeFileSync(join(place, 'a.txt'), certificate!.compact);
    const signers = [{ ...TRUSTED[0], name: EVIL }];
    const list = join(place, 'trusted-signers.json');
    writeFileSync(list, JSON.stringify({ format: 'cosem-trusted-signers-1', signers }));
    // A page of PDF is drawn anew for each check, which takes its time.
    const printed = await run(['verify', at('a.pdf'), '--trust', list]);
    expect([printed.exit, printed.all]).toEqual([0, expect.stringContaining('FORGED')]);
    harmless(printed.all);
    for (const name of ['', 'a.json', 'a.html', 'a.txt']) {
      for (const more of [[], ['--json'], ['--trust', list], ['--trust', list, '--json']]) {
        const { exit, all } = await run(['verify', join(place, name), ...more]);
        expect(exit).toBe(more.includes('--trust') ? 0 : 4);
        expect(all).toContain('FORGED');
        harmless(all);
      }
    }
    harmless(html);
    const attached = /stream\n(\{"compact"[^\n]*?)\nendstream/.exec(Buffer.from(pdf).toString('latin1'))?.[1];
    expect(attached).toContain('FORGED');
    // UTF-8 of Hindi has such octets: what a terminal would obey is looked for in its characters.
    harmless(Buffer.from(attached ?? '', 'latin1').toString('utf8'));
  }, 180_000);

  it('an index: on a terminal, in CSV, JSON and GeoJSON, where spreadsheets run nothing either', async () => {
    const row = {
      row: 1,
      recordedAt: 0,
      workOrder: EVIL,
      meter: `=HYPERLINK("x")${EVIL}`,
      make: EVIL,
      feeder: `@SUM(1)`,
      transformer: `\n=1+1`,
      pole: '-2+3',
      seals: [`+1${EVIL}`],
      sanctionedLoad: 2000,
      installedAt: 0,
      startReadings: { time: EVIL, values: [{ register: '1.0.1.8.0.255', value: '5', unit: EVIL }] },
      consumer: {
        number: '1',
        name: EVIL,
        address: EVIL,
        mobileLast4: '1234',
        position: { latitude: 1, longitude: 2 },
      },
    } as unknown as IndexRow;
    for (const write of [exportCsv, exportJson, exportGeoJson]) {
      const text = write([row], { personal: true }).replaceAll('\r\n', '\n');
      expect(text).toContain('FORGED');
      harmless(text);
    }
    const [, line = ''] = exportCsv([row], { personal: false }).split('\r\n');
    for (const cell of parse(line)[0] as string[]) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
    expect(line).toContain(',2000,');
  });
});

describe('files that commands write', () => {
  it('hold nothing that a terminal would obey', async () => {
    const rows = at('rows.jsonl');
    for (const line of [
      ['dump', '--output', at('again.json'), '--rows', '0', '--force'],
      ['profile', '0.0.94.91.10.255', '--resume', rows],
    ]) {
      const { all } = await run([...line, ...meter()]);
      harmless(all);
    }
    for (const file of [at('again.json'), rows]) {
      const text = readFileSync(file, 'utf8');
      expect(text).toContain('FORGED');
      harmless(text);
    }
  });
});

describe('one boundary', () => {
  it('is all that writes to a terminal: output.ts, the screen, and what is given the streams', () => {
    const writers = readdirSync('bin', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        /std(?:out|err)\s*\.\s*write|process\.std(?:out|err)|console\.(?:log|error|warn|info)/.test(
          readFileSync(join('bin', name), 'utf8'),
        ),
      );
    expect(writers.map((name) => name.replaceAll('\\', '/')).sort()).toEqual([
      'cosem.ts',
      'output.ts',
      'simulate/ui/terminal.ts',
    ]);
  });

  it('takes each argument as one line, whatever stands in it, colours of its own excepted', () => {
    const io = new FakeIo();
    io.stdout.isTTY = true;
    const output = new Output(io, false);
    output.line(output.style('red', EVIL), EVIL);
    output.heading(EVIL);
    output.note(EVIL, EVIL);
    output.table([{ title: EVIL.replace(/\r\n/, '') }], [[EVIL]]);
    // The ends of lines of a whole text are its own.
    output.file(`a\r\n${EVIL.replace('\r\n', '')}\r\n`);
    expect(io.stdout.text).toContain('\\x1b[2J\\x1b]0;owned');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours.
    harmless(io.stdout.text.replace(/\u001b\[\d+m/g, '').replaceAll('\r\n', '\n'));
    harmless(io.stderr.text);
    expect(io.stderr.text.split('\n')).toHaveLength(3);
  });

  it('leaves words of India whole, and shows what joins no letters of them', () => {
    for (const word of ['क्‍ष', 'ਸ੍ਰੀ', 'श्‌री', 'ന്‍']) expect(visibleText(word)).toBe(word);
    expect(visibleText('pay\u200dpal \u200c')).toBe('pay\\u200dpal \\u200c');
    expect(visibleText('a\u{e0041}\ud800\ufff9')).toBe('a\\u{e0041}\\ud800\\ufff9');
    const document = { a: `\u{e0041}\u009b\u2028\u202eक्‍ष`, b: '\ud800' };
    expect(JSON.parse(jsonText(document))).toEqual(document);
    expect(jsonText(document)).toBe('{"a":"\\udb40\\udc41\\u009b\\u2028\\u202eक्‍ष","b":"\\ud800"}');
  });
});
