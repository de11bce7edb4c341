import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../bin/program.js';
import { systemClock } from '../../src/index.js';
import { FakeIo } from './fake-io.js';
import { ran, running, type Simulated, simulated } from './ran.js';

/** The command against its own virtual meter, in this process, over real sockets. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-meter-'));
const config = (framing: string) => join(folder, `${framing}.json`);
const meters: Simulated[] = [];

beforeAll(async () => {
  for (const framing of ['hdlc', 'wrapper'])
    meters.push(await simulated('--framing', framing, '--write-config', config(framing), '--seed', '7'));
});
afterAll(async () => {
  for (const meter of meters) await meter.stop();
  rmSync(folder, { recursive: true });
});

const run = (line: string, connection: string, framing = 'hdlc', env: Record<string, string> = {}) =>
  ran(`${line} --config ${config(framing)} --connection ${connection}`, {
    XDG_STATE_HOME: join(folder, 'state'),
    ...env,
  });

interface ReadingJson {
  readonly key: string;
  readonly value?: unknown;
  readonly unit?: string | null;
  readonly error?: { readonly code: string };
}

const CLIENTS = ['reader', 'utility', 'utility-dedicated'];

describe('cosem simulate', () => {
  it('says in one line of JSON where it is', () => {
    const { io } = meters[0] as Simulated;
    expect(io.stdout.text.trim().split('\n')).toHaveLength(1);
    expect(io.document()).toMatchObject({ event: 'ready', host: '127.0.0.1', framing: 'hdlc', meter: { seed: 7 } });
  });

  it('writes the connections public, reader and utility', () => {
    const { connections } = JSON.parse(readFileSync(config('wrapper'), 'utf8'));
    expect(Object.keys(connections)).toEqual(expect.arrayContaining(['public', ...CLIENTS]));
    expect(connections.public).toMatchObject({ client: 16, framing: 'wrapper', auth: 'none' });
    expect([connections.reader.client, connections.utility.client]).toEqual([32, 48]);
  });

  it('is the same meter for the same seed', async () => {
    const [a, b] = [
      await run('read nameplate --json', 'reader'),
      await run('read nameplate --json', 'reader', 'wrapper'),
    ];
    expect(a.io.document()).toEqual(b.io.document());
  });

  it.each([
    ['simulate --tcp 127.0.0.1:0 --serial /dev/ttyS0', 2, 'a meter is at one place'],
    ['simulate --seed x', 2, "--seed 'x' is not"],
    ['simulate --serial /dev/ttyNONE7', 3, 'no such port'],
    [
      'simulate --tcp 127.0.0.1:0 --write-config /nowhere/at/all.json',
      2,
      'cannot be written: there is no such file or folder (ENOENT)',
    ],
    ['simulate --tcp 192.0.2.1:4059', 3, 'not of this machine'],
  ])('%s fails with %i', async (line, exit, words) => {
    const { exit: code, err } = await ran(line);
    expect(code).toBe(exit);
    expect(err).toContain(words);
  });
});

describe.each(['hdlc', 'wrapper'])('over %s/tcp', (framing) => {
  it('the public client reads what it may', async () => {
    const { exit, io } = await run('read all --json', 'public', framing);
    expect(exit).toBe(0);
    const readings = io.document().readings as ReadingJson[];
    expect(readings.filter(({ error }) => error === undefined).map(({ key }) => key)).toEqual([
      'serial',
      'logicalDeviceName',
      'time',
      'timeZone',
      'clockStatus',
    ]);
  });

  it.each(CLIENTS)('%s reads all', async (connection) => {
    const { exit, io, err } = await run('read all --json', connection, framing);
    expect([exit, err]).toEqual([0, '']);
    const readings = new Map((io.document().readings as ReadingJson[]).map((reading) => [reading.key, reading]));
    expect(readings.get('activeImport')).toMatchObject({
      unit: 'Wh',
      value: expect.stringMatching(/^\d{6,}(\.\d+)?$/),
    });
    expect(readings.get('outputState')).toMatchObject({ value: true, text: 'true' });
    expect(readings.get('balance')?.value).toMatch(/^-?\d+\.\d\d$/);
    expect(readings.get('meterType')).toMatchObject({ text: 'single phase' });
    expect(readings.get('time')).toMatchObject({ value: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/) });
  });
});

describe('commands', () => {
  it('read energy shows an aligned table with units', async () => {
    const { exit, out } = await run('read energy', 'reader');
    expect(exit).toBe(0);
    expect(out).toMatch(/^Energy\n {2}Active energy import +\d+\.\d+ +kWh +3:1\.0\.1\.8\.0\.255:2$/m);
  });

  it('profile shows rows with units, the newest last', async () => {
    const { exit, out, err } = await run('profile 1.0.99.1.0.255 --last 3', 'reader');
    expect([exit, err]).toEqual([0, 'Block load profile: 3 rows\n']);
    expect(out).toContain('kWh');
    expect(out.match(/^\d{4}-\d\d-\d\d \d\d:[03]0:00 \+05:30 /gm)).toHaveLength(3);
  });

  it('profile takes a range in the meter’s time', async () => {
    const yesterday = new Date(Date.now() - 86_400_000 + 330 * 60_000).toISOString().slice(0, 10);
    const { exit, io } = await run(
      `profile 1.0.99.1.0.255 --from ${yesterday}T01:00 --to ${yesterday}T02:00 --json`,
      'reader',
    );
    expect(exit).toBe(0);
    const { rows, columns } = io.document() as { rows: { time: string }[]; columns: { unit: string }[] };
    expect(rows.map(({ time }) => time)).toEqual(['01:00', '01:30', '02:00'].map((t) => `${yesterday} ${t}:00 +05:30`));
    expect(columns.map(({ unit }) => unit)).toEqual([null, 'V', 'Wh', 'VAh', 'Wh', 'VAh', 'A']);
  });

  it('profile takes a day in words, by the meter’s clock', async () => {
    const yesterday = new Date(Date.now() - 86_400_000 + 330 * 60_000).toISOString().slice(0, 10);
    const { exit, io } = await run('profile 1.0.99.1.0.255 --from yesterday --to -1d --json', 'reader');
    expect(exit).toBe(0);
    const { rows } = io.document() as { rows: { time: string }[] };
    expect(rows.map(({ time }) => time.slice(0, 10))).toEqual(rows.map(() => yesterday));
    expect([rows[0]?.time.slice(11, 16), rows.at(-1)?.time.slice(11, 16)]).toEqual(['00:00', '23:30']);
  });

  it('profile that is wider than the terminal is shown row by row', async () => {
    const shown = async (columns: number) => {
      const { io, ended } = running(
        `profile 1.0.99.1.0.255 --last 2 --config ${config('hdlc')} --connection reader`,
        { XDG_STATE_HOME: join(folder, 'state') },
        '',
        { isTTY: true, columns },
      );
      expect(await ended).toBe(0);
      return stripVTControlCharacters(io.stdout.text).split('\n');
    };
    const narrow = await shown(80);
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(narrow.filter((line) => /^ {2}Block energy kWh import +\d/.test(line))).toHaveLength(2);
    const wide = await shown(200);
    expect(wide[0]).toMatch(/^Real time +Average/);
  });

  it('name plate: a year beside words begins where they begin', async () => {
    const { out } = await run('read nameplate', 'reader');
    const [year, maker] = ['Year of manufacture', 'Manufacturer'].map((name) =>
      out.split('\n').find((line) => line.trim().startsWith(name)),
    );
    expect(year?.indexOf('20')).toBe(maker?.indexOf('COSEM'));
  });

  it('profile of many columns is shown row by row', async () => {
    const { exit, out } = await run('profile 1.0.98.1.0.255 --last 1', 'reader');
    expect(exit).toBe(0);
    expect(out).toMatch(/^ {2}Active energy import +\d+(\.\d+)? +kWh$/m);
  });

  it('objects lists what the client may do', async () => {
    const { exit, io } = await run('objects --json', 'utility');
    expect(exit).toBe(0);
    const { objects } = io.document() as { objects: { logicalName: string; class: number }[] };
    expect(objects.length).toBeGreaterThan(100);
    expect(objects).toContainEqual(expect.objectContaining({ class: 70, logicalName: '0.0.96.3.10.255' }));
  });

  it('get names the parts of a value', async () => {
    const { exit, out } = await run('get 3:1-0:1.8.0*255:3', 'reader');
    expect(exit).toBe(0);
    expect(out).toContain('scaler unit');
    expect(out).toContain('unit Wh');
    expect((await run('get 3:1.0.1.8.0.255:2', 'reader')).out).toMatch(/^ {2}\d+\.\d+ kWh$/m);
  });

  it('set reads the type from the meter, and writes it', async () => {
    expect((await run('set 1:1.0.0.8.0.255:2 900 --yes', 'utility')).exit).toBe(0);
    const { io } = await run('get 1:1.0.0.8.0.255:2 --json', 'utility');
    expect(io.document()).toMatchObject({ value: '900', data: { 'long-unsigned': 900 } });
    expect((await run('set 1:1.0.0.8.0.255:2 long-unsigned=1800 -y', 'utility')).exit).toBe(0);
  });

  it('relay disconnects, and says what reconnecting needs', async () => {
    expect((await run('relay disconnect --yes', 'utility', 'wrapper')).out).toContain('The supply is disconnected.');
    const { exit, io } = await run('relay connect --yes --json', 'utility', 'wrapper');
    expect(exit).toBe(0);
    expect(io.document()).toEqual({
      command: 'relay',
      action: 'connect',
      done: true,
      connected: false,
      state: 'ready-for-reconnection',
      mode: 6,
    });
  });

  it('call sends integer 0 when nothing is said', async () => {
    const { exit, io } = await run('call 70:0.0.96.3.10.255:1 --yes --json', 'utility', 'wrapper');
    expect(exit).toBe(0);
    expect(io.document()).toMatchObject({ target: '70:0.0.96.3.10.255:1', done: true });
  });

  it('clock sync sets the meter’s clock', async () => {
    const past = 'octet-string=07EA0101FF0C000000FEB600';
    expect((await run(`set 8:0.0.1.0.0.255:2 ${past} --yes`, 'utility', 'wrapper')).exit).toBe(0);
    expect((await run('clock', 'public', 'wrapper')).out).toMatch(/The meter is +\d+ d( \d+ h)? behind/);
    const { exit, out } = await run('clock sync --yes', 'utility', 'wrapper');
    expect([exit, out]).toEqual([0, expect.stringMatching(/^The clock was \d+ d.* behind; .*The meter is +right/s)]);
  });

  it('clock sync answered No tells two times that were read together, however long the answer took', async () => {
    const { io, ended } = running(`clock sync --config ${config('wrapper')} --connection utility`, {
      XDG_STATE_HOME: join(folder, 'state'),
    });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    Object.assign(io, { stdin });
    Object.assign(io.stderr, { isTTY: true });
    const [, asked] = await io.stderr.until(/which is (.*), to this machine's time\?/);
    const { now } = systemClock;
    const later = vi.spyOn(systemClock, 'now').mockImplementation(() => now.call(systemClock) + 3_600_000);
    try {
      stdin.write('n\n');
      expect(await ended).toBe(0);
    } finally {
      later.mockRestore();
    }
    const out = stripVTControlCharacters(io.stdout.text);
    const [, at] = /^Meter +(\S+ \S+)/m.exec(out) ?? [];
    const [, here] = /^This machine +(\S+ \S+)/m.exec(out) ?? [];
    expect(out).toMatch(new RegExp(`^The meter is +${asked}$`, 'm'));
    expect(Math.abs(Date.parse(`${at}Z`) - Date.parse(`${here}Z`))).toBeLessThan(60_000);
    expect(io.stderr.text).toContain('Nothing was changed.');
  });

  it('a change asks first, and refuses where nobody can be asked', async () => {
    const { exit, err } = await run('relay disconnect', 'utility');
    expect([exit, err]).toEqual([2, expect.stringContaining('--yes')]);
    expect((await run('relay status', 'reader')).out).toContain('connected');
  });

  it('--trace shows frames on stderr, and no secret', async () => {
    const { exit, out, err } = await run('read relay --trace', 'utility-dedicated');
    expect(exit).toBe(0);
    expect(out).toMatch(/^Relay\n/);
    for (const words of ['SNRM', 'aarq', 'aare: accepted', 'get-request', 'DISC', 'dedicated-key: (masked)']) {
      expect(err).toContain(words);
    }
    const reader = await run('read relay --trace', 'reader');
    const { connections } = JSON.parse(readFileSync(config('hdlc'), 'utf8'));
    for (const name of ['password', 'secret', 'ek', 'ak']) {
      const value: string | undefined = connections.utility[name] ?? connections.reader[name];
      if (value === undefined) continue;
      const octets = Buffer.from(value, 'latin1').toString('hex');
      for (const text of [err, reader.err]) {
        const digits = text.replace(/\s+/g, '').toLowerCase();
        expect(digits).not.toContain(value.toLowerCase());
        expect(digits).not.toContain(octets);
      }
    }
  });
});

describe('bad input ends in one sentence and leaves the meter released', () => {
  const wrongKey = '00112233445566778899AABBCCDDEEFF';
  it.each([
    ['read energy --password wrong', 'reader', 4, 'password'],
    ['read energy --secret 0000000000000000', 'utility', 4, 'secret'],
    [`read energy --ek ${wrongKey}`, 'reader', 4, 'encryption key'],
    [`read energy --ak ${wrongKey}`, 'utility', 4, 'authentication key'],
    [`read energy --ek ${wrongKey}`, 'utility-dedicated', 4, 'encryption key'],
    ['get 1:9.9.9.9.9.9:2', 'reader', 4, 'object-undefined'],
    ['get 1:0.0.96.13.0.255:2 --client 16 --auth none --security none', 'public', 4, 'object-undefined'],
    ['set 3:1.0.1.8.0.255:2 float32=5 --yes', 'utility', 4, 'read-write-denied'],
    ['read energy --client 99', 'public', 4, 'refused'],
    ['read energy --framing wrapper --timeout 0.5', 'public', 3, 'no answer'],
    ['read energy --server 9 --timeout 0.5', 'public', 3, 'no answer'],
  ])('%s as %s: %i', async (line, connection, exit, words) => {
    const result = await run(line, connection);
    expect(result.err).toMatch(
      /^(cosem: others on this computer can read .+\n)?cosem: .+\n( {7}.+\n)?( {7}hint: .+\n)+$/,
    );
    expect(result.err).toContain(words);
    expect([result.exit, result.out]).toEqual([exit, '']);
    expect((await run('get 8:0.0.1.0.0.255:2', 'public')).exit).toBe(0);
  });

  it('Ctrl-C during a read disconnects', async () => {
    const io = new FakeIo({ XDG_STATE_HOME: join(folder, 'state') });
    const ended = main(
      ['profile', '1.0.99.1.0.255', '--config', config('hdlc'), '--connection', 'reader', '--trace'],
      io,
    );
    await io.stderr.until(/get-request-next/);
    io.interrupt();
    expect(await ended).toBe(130);
    expect(io.stderr.text).toContain('DISC');
    expect((await run('get 8:0.0.1.0.0.255:2', 'reader')).exit).toBe(0);
  });

  it('keys come from the environment too', async () => {
    const { connections } = JSON.parse(readFileSync(config('hdlc'), 'utf8'));
    const { tcp, framing, client, password, ek, ak, title } = connections.reader;
    const io = new FakeIo({
      XDG_STATE_HOME: join(folder, 'state'),
      ...{ COSEM_TCP: tcp, COSEM_FRAMING: framing, COSEM_CLIENT: String(client), COSEM_PASSWORD: password },
      ...{ COSEM_EK: ek, COSEM_AK: ak, COSEM_TITLE: title, COSEM_SECURITY: 'encryption' },
    });
    expect(await main(['read', 'relay'], io)).toBe(0);
  });
});

describe('cosem listen', () => {
  it('shows a push by the names of its list, and ends after --count', async () => {
    const io = new FakeIo();
    const arguments_ = [
      'listen',
      '--tcp',
      '127.0.0.1:0',
      '--count',
      '1',
      '--json',
      '--config',
      config('hdlc'),
      '--connection',
      'utility',
    ];
    const listening = main(arguments_, io);
    const [, port] = await io.stdout.until(/"port":(\d+)/);
    const file = join(folder, 'pushing.json');
    const meter = await simulated('--push', `127.0.0.1:${port}`, '--write-config', file);
    await ran(`call 40:0.0.25.9.0.255:1 --yes --config ${file} --connection utility`, {
      XDG_STATE_HOME: join(folder, 'state'),
    });
    expect(await listening).toBe(0);
    await meter.stop();
    const pushed = JSON.parse(io.stdout.text.trim().split('\n')[1] as string);
    expect(pushed).toMatchObject({
      event: 'notification',
      protection: 'encryption',
      push: 'Periodic push to the head end',
    });
    expect(pushed.values).toContainEqual(
      expect.objectContaining({ object: '3:1.0.1.8.0.255:2', name: 'Active energy import' }),
    );
    expect(pushed.values[1].text).toBe('0.0.25.9.0.255');
  });

  it('says what is wrong with what it cannot read, and goes on', async () => {
    const io = new FakeIo();
    const listening = main(['listen', '--tcp', '127.0.0.1:0'], io);
    const [, port] = await io.stdout.until(/:(\d+)\./);
    const { createConnection } = await import('node:net');
    // A plain DataNotification with an octet missing, then garbage.
    createConnection(Number(port), '127.0.0.1').end(Buffer.from('00010001001000090f0000000100020212', 'hex'));
    await io.stderr.until(/truncated/);
    createConnection(Number(port), '127.0.0.1').end('GET / HTTP/1.1');
    await io.stderr.until(/skipped: "GET \/ HTTP/);
    io.interrupt();
    expect(await listening).toBe(0);
  });
});

describe('cosem decode', () => {
  const decode = (line: string, input = '') => ran(line, {}, input);

  it('takes a frame apart', async () => {
    const { exit, out } = await decode('decode 7E A0 07 03 21 93 0F 01 7E');
    expect([exit, out]).toEqual([0, expect.stringContaining('hdlc-frame: SNRM')]);
  });

  it('reads standard input', async () => {
    const { exit, out } = await decode('decode', 'c0 01 c1 00 03 01 00 01 08 00 ff 02 00\n');
    expect([exit, out]).toEqual([0, expect.stringContaining('get-request-normal')]);
  });

  it('opens what is ciphered when it has the keys (Green Book, clause 9.2)', async () => {
    const hex = '21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855';
    const keys = '--ek 000102030405060708090A0B0C0D0E0F --ak D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF --title 4D4D4D0000BC614E';
    expect((await decode(`decode ${hex} ${keys}`)).out).toContain('client-max-receive-pdu-size: 1200');
    expect((await decode(`decode ${hex} ${keys} --mask`)).out).not.toContain('0011223344556677');
  });

  it('what makes no sense is a bad answer: the tree, a remark, exit code 5', async () => {
    const { exit, io, err } = await decode('decode --json 7EA0');
    expect(exit).toBe(5);
    expect(io.document()).toMatchObject({ command: 'decode', children: [{ error: { reason: 'truncated' } }] });
    expect(err).toContain('truncated');
  });

  it.each([
    ['decode 7G', 'not a hexadecimal digit'],
    ['decode 7E1', 'an odd number'],
    ['decode', 'nothing to decode'],
  ])('%s is a wrong use', async (line, words) => {
    const { exit, err } = await decode(line);
    expect([exit, err]).toEqual([2, expect.stringContaining(words)]);
  });
});

it('--write-config replaces its own file, and no other without --force', async () => {
  const file = join(folder, 'foreign.json');
  writeFileSync(file, '{"connections": {}}');
  const io = new FakeIo();
  expect(await main(`simulate --tcp 127.0.0.1:0 --write-config ${file}`.split(' '), io)).toBe(2);
  expect(io.stderr.text).toContain('--force');
  expect(readFileSync(file, 'utf8')).toBe('{"connections": {}}');
});

it('a configuration without a line takes the line from the flags', async () => {
  const { connections } = JSON.parse(readFileSync(config('hdlc'), 'utf8'));
  const { tcp, ...reader } = connections.reader;
  const file = join(folder, 'no-line.json');
  writeFileSync(file, JSON.stringify({ connections: { reader } }));
  const io = new FakeIo({ XDG_STATE_HOME: join(folder, 'state') });
  expect(await main(['read', 'relay', '--config', file, '--tcp', tcp], io)).toBe(0);
});
