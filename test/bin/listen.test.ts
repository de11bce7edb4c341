import { createSocket } from 'node:dgram';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { defineListen } from '../../bin/commands/listen.js';
import { failureOf } from '../../bin/failure.js';
import { heardText, listenOn } from '../../bin/listen/listened-line.js';
import { type PortFormat, PortSearch, portFormatText, USUAL_FORMATS } from '../../bin/listen/port-search.js';
import { deliverPush } from '../../simulator/index.js';
import { concat, fromHex, fromLatin1, toHex, toLatin1 } from '../../src/base/bytes.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import { octets, structureOf, u32 } from '../../src/codec/make.js';
import { NotificationReceiver, type PushEvent, PushReceiver, type Transport, VirtualClock } from '../../src/index.js';
import { encodeReadout } from '../../src/link/iec21.js';
import { nodeCrypto, serial, tcp } from '../../src/node.js';
import type { TransportHandler } from '../../src/protocol.js';
import { blocks, ciphered, hdlc, mbus, notification, TELEGRAM, wrapped } from '../push/lines.js';
import { hasSocat, ptyPair } from '../support/pty.js';
import { FakeIo } from './fake-io.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-listen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';
let states = 0;
/** Those of the telegram. */
const SETS = [
  { address: '0-0:1.0.0', values: [{ value: '261130103000W', unit: null }] },
  { address: '1-0:1.8.0', values: [{ value: '00317.695', unit: 'kWh' }] },
  { address: '1-0:1.7.0', values: [{ value: '00.278', unit: 'kW' }] },
];

function fake(): FakeIo {
  return new FakeIo({ XDG_STATE_HOME: join(folder, `state-${states++}`) });
}

async function listen(io: FakeIo, ...words: string[]): Promise<number> {
  const root = new Command('cosem').exitOverride().configureOutput({ writeErr: () => {} });
  defineListen(root, io);
  try {
    await root.parseAsync(['listen', ...words], { from: 'user' });
    return 0;
  } catch (error) {
    return failureOf(error).exit;
  }
}

const obis = (name: string) => octets(logicalNameToBytes(`${name}.255`));
const energy = (value: number) =>
  notification(
    structureOf([
      obis('1.0.1.8.0'),
      u32(value),
      structureOf([
        { type: 'integer', value: 0 },
        { type: 'enum', value: 30 },
      ]),
    ]),
  );

const documents = (io: FakeIo) =>
  io.stdout.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const values = (io: FakeIo) =>
  documents(io)
    .slice(1)
    .map((push) => push.values.map(({ text }: { text: string }) => text).join());

async function port(io: FakeIo): Promise<number> {
  const [, digits] = await io.stdout.until(/"port":(\d+)/);
  return Number(digits);
}

function send(to: number, ...chunks: readonly Uint8Array[]): void {
  const socket = createConnection(to, '127.0.0.1');
  for (const chunk of chunks) socket.write(chunk);
  socket.end();
}

describe('cosem listen over a network', () => {
  it('confirms ciphered pushes with a title of its own, or none at all, as it is told', async () => {
    const confirmed = notification(u32(7)).map((octet, i) => (i === 1 ? octet | 0x40 : octet));
    const about = { logicalName: '0.4.25.9.0.255', source: 1, destination: 103, address: undefined, confirmed: true };
    const io = fake();
    const counters = join(folder, 'confirms');
    const keys = ['--json', '--ek', EK, '--ak', AK, '--count', '1'];
    const how = ['--confirm', '4845530000000001', '--confirm-counters', counters];
    const end = listen(io, '--tcp', ':0', ...keys, ...how);
    const answer = await deliverPush(tcp('127.0.0.1', await port(io)), { apdu: ciphered(confirmed), ...about });
    expect([answer?.[0], toHex(answer?.subarray(2, 10) ?? new Uint8Array())]).toEqual([0xdb, '4845530000000001']);
    expect([await end, existsSync(counters)]).toEqual([0, true]);

    const other = fake();
    const ended = listen(other, '--tcp', ':0', ...keys, '--confirm', 'none');
    const silent = await deliverPush(
      tcp('127.0.0.1', await port(other)),
      { apdu: confirmed, ...about },
      { timeout: 300 },
    ).catch(() => undefined);
    expect([silent, await ended]).toEqual([undefined, 0]);
  });

  it.each([
    [['--confirm', '484553']],
    [['--confirm-counters', 'file']],
    [['--confirm', 'none', '--confirm-counters', 'file']],
  ])('is refused with %j', async (words) => {
    expect(await listen(fake(), '--tcp', ':0', ...words)).toBe(2);
  });

  it('confirms the push that it shows, also the last one, and says which it cannot confirm', async () => {
    const confirmed = (value: number) => energy(value).map((octet, i) => (i === 1 ? octet | 0x40 : octet));
    const about = { logicalName: '0.4.25.9.0.255', source: 1, destination: 103, address: undefined, confirmed: true };
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--count', '1', '--json');
    const confirm = await deliverPush(tcp('127.0.0.1', await port(io)), { apdu: confirmed(7), ...about });
    expect(confirm?.[0]).toBe(0x10);
    expect(await listening).toBe(0);
    expect(values(io)).toEqual(['7 Wh']);
    expect(io.stderr.text).toBe('');

    const other = fake();
    const again = listen(other, '--tcp', ':0', '--count', '1', '--json', '--ek', EK, '--ak', AK, '--guard', 'none');
    send(await port(other), wrapped(ciphered(confirmed(8))));
    expect(await again).toBe(0);
    expect(values(other)).toEqual(['8 Wh']);
    expect(other.stderr.text).toMatch(
      /not confirmed, so the meter may send it again: the ciphered push asks for a confirm/,
    );
  });

  it('takes any frame over TCP: a line each, in the order they came', async () => {
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--count', '6', '--json');
    const to = await port(io);
    const line = concat(
      wrapped(energy(1)),
      ...hdlc(energy(2)),
      ...hdlc(energy(3), { size: 12 }),
      ...mbus(energy(4), 12),
      ...blocks(energy(5), 12).flatMap((block) => hdlc(block)),
      TELEGRAM,
    );
    send(to, line.subarray(0, 50), line.subarray(50));
    expect(await listening).toBe(0);
    expect(values(io).slice(0, 5)).toEqual(['1 Wh', '2 Wh', '3 Wh', '4 Wh', '5 Wh']);
    expect(documents(io).at(-1)).toMatchObject({
      type: 'p1-telegram',
      framing: 'text',
      time: expect.stringMatching(/^2026-11-30/),
    });
    expect(documents(io)[3]).toMatchObject({
      event: 'notification',
      framing: 'hdlc',
      protection: 'none',
      authenticated: false,
      values: [
        {
          object: '3:1.0.1.8.0.255:2',
          name: 'Active energy import',
          text: '3 Wh',
          value: '3',
          unit: 'Wh',
          scaler: 0,
        },
      ],
    });
  });

  it.each([
    ['with line ends of LF alone', toLatin1(TELEGRAM).replaceAll('\r\n', '\n')],
    ['with one line end behind the identification', toLatin1(TELEGRAM).replace('\r\n\r\n', '\r\n')],
    ['between STX and ETX', `/XXX5\\2TEST-1\r\n${toLatin1(encodeReadout(SETS))}`],
  ])('takes a telegram %s', async (_, text) => {
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--count', '1', '--json');
    const to = await port(io);
    send(to, fromLatin1(text.slice(0, 30)), fromLatin1(text.slice(30)));
    expect(await listening).toBe(0);
    expect(values(io)).toEqual(['2026-11-30 10:30:00,317.695 kWh,0.278 kW']);
  });

  it('refuses what deviates by name with --strict, and takes the rest', async () => {
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--count', '1', '--json', '--strict');
    const to = await port(io);
    send(to, wrapped(concat(energy(1), Uint8Array.of(0, 0))), wrapped(energy(2)));
    expect(await listening).toBe(0);
    expect(io.stderr.text).toContain('surplus-octets');
    expect(values(io)).toEqual(['2 Wh']);
  });

  it('says what was borne in a push, for people and in its document', async () => {
    for (const words of [['--json'], []]) {
      const io = fake();
      const listening = listen(io, '--tcp', ':0', '--count', '2', ...words);
      const to =
        words.length > 0 ? await port(io) : Number((await io.stdout.until(/Listening on tcp 127.0.0.1:(\d+)/))[1]);
      send(to, wrapped(concat(energy(1), Uint8Array.of(0, 0))), wrapped(energy(2)));
      expect(await listening).toBe(0);
      if (words.length === 0) expect(io.stdout.text.match(/~ surplus-octets: .*/g)).toHaveLength(1);
      else {
        expect(documents(io)[1].remarks).toEqual([
          { code: 'surplus-octets', text: expect.stringContaining('2 octets') },
        ]);
        expect(documents(io)[2].remarks).toEqual([]);
      }
    }
  });

  it('closes the connection that was silent longest for one too many, and says so', async () => {
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--count', '2', '--json', '--max-connections', '1');
    const to = await port(io);
    const first = createConnection(to, '127.0.0.1');
    first.write(wrapped(energy(1)));
    await io.stdout.until(/"text":"1 Wh"/);
    const ended = new Promise((resolve) => first.once('close', resolve));
    send(to, wrapped(energy(2)));
    await ended;
    expect(await listening).toBe(0);
    expect(io.stderr.text).toMatch(/tcp 127.0.0.1:\d+: closed, 1 connection at most, and this one was silent longest/);
    expect(values(io)).toEqual(['1 Wh', '2 Wh']);
  });

  it.each([
    ['--idle-limit', '-1'],
    ['--idle-limit', 'x'],
    ['--max-connections', '0'],
  ])('%s %s is refused', async (option, value) => {
    const io = fake();
    expect(await listen(io, '--tcp', ':0', option, value)).toBe(2);
  });

  it('takes them over UDP, a datagram by itself', async () => {
    const io = fake();
    const listening = listen(io, '--udp', ':0', '--count', '2', '--json');
    const to = await port(io);
    const socket = createSocket('udp4');
    socket.send(wrapped(energy(1)).subarray(0, 20), to, '127.0.0.1');
    socket.send(concat(...hdlc(energy(2))), to, '127.0.0.1');
    socket.send(ciphered(energy(3)), to, '127.0.0.1');
    await io.stderr.until(/no keys for the meter with system title 5858580000000001/);
    socket.send(wrapped(energy(4)), to, '127.0.0.1');
    expect(await listening).toBe(0);
    socket.close();
    expect(values(io)).toEqual(['2 Wh', '4 Wh']);
    expect(io.stderr.text).toMatch(/a message is cut off: 20 octets of it came/);
  });

  it('a push that was received before is refused, also after a restart', async () => {
    const state = fake();
    const again = () => new FakeIo(state.env);
    for (const [expected, io] of [
      [true, again()],
      [false, again()],
    ] as const) {
      const listening = listen(io, '--tcp', ':0', '--json', '--ek', EK, '--ak', AK);
      send(await port(io), wrapped(ciphered(energy(7), { counter: 42 })));
      await (expected
        ? io.stdout.until(/7 Wh/)
        : io.stderr.until(/invocation counter 42 came, the lowest acceptable is 43/));
      io.interrupt();
      expect(await listening).toBe(0);
      expect(documents(io)).toHaveLength(expected ? 2 : 1);
    }
    const guard = join(state.env.XDG_STATE_HOME as string, 'cosem', 'replay-guard');
    expect(existsSync(guard)).toBe(true);
    expect(readFileSync(guard, 'utf8').toUpperCase()).not.toContain(EK);
  });

  it('keys by sender, and the file that others can read is named', async () => {
    const file = join(folder, 'keys.json');
    const other = {
      title: fromHex('4B464D1020000001'),
      ek: fromHex('00112233445566778899AABBCCDDEEFF'),
      ak: fromHex('FFEEDDCCBBAA99887766554433221100'),
    };
    writeFileSync(
      file,
      JSON.stringify({
        '4b 46 4d 10 20 00 00 01': { ek: toHex(other.ek), ak: toHex(other.ak) },
        '*': { ek: EK, ak: AK },
      }),
    );
    chmodSync(file, 0o644);
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--json', '--count', '2', '--keys', file);
    send(await port(io), wrapped(ciphered(energy(1), other)), wrapped(ciphered(energy(2))));
    expect(await listening).toBe(0);
    expect(
      documents(io)
        .slice(1)
        .map(({ sender, authenticated }) => [sender, authenticated]),
    ).toEqual([
      ['4B464D1020000001', true],
      ['5858580000000001', true],
    ]);
    expect(io.stderr.text).toContain(`chmod 600 ${file}`);
    chmodSync(file, 0o600);
    const quiet = fake();
    quiet.interrupt();
    await listen(quiet, '--tcp', ':0', '--keys', file);
    expect(quiet.stderr.text).toBe('');
  });

  it('opens what is sent to all with the broadcast key of the file, and says which key is missing', async () => {
    const file = join(folder, 'broadcast-keys.json');
    const gbek = '0F0E0D0C0B0A09080706050403020100';
    writeFileSync(file, JSON.stringify({ '4B464D1020000001': { ek: EK, ak: AK }, '*': { ek: EK, ak: AK, gbek } }));
    chmodSync(file, 0o600);
    const io = fake();
    const listening = listen(io, '--tcp', ':0', '--json', '--count', '2', '--keys', file);
    const toAll = { ek: fromHex(gbek), broadcast: true };
    send(
      await port(io),
      wrapped(ciphered(energy(1), { ...toAll, title: fromHex('4B464D1020000001') })),
      wrapped(ciphered(energy(2), toAll)),
      wrapped(ciphered(energy(3))),
    );
    expect(await listening).toBe(0);
    expect(values(io)).toEqual(['2 Wh', '3 Wh']);
    expect(io.stderr.text).toMatch(/global broadcast key, which was not given\n.*gbek/);
    expect(`${io.stderr.text}${io.stdout.text}`).not.toContain(gbek);
  });

  it.each<[string, string, RegExp]>([
    ['not JSON', '{"a', /is not JSON/],
    ['no keys', '{"4B464D1020000001": 5}', /holds no keys/],
    [
      'a wrong title',
      '{"4B46": {"ek": "000102030405060708090A0B0C0D0E0F"}}',
      /system title '4B46' has 4 octets instead of 8/,
    ],
    ['a short key', '{"4B464D1020000001": {"ek": "0001"}}', /'ek' of '4B464D1020000001' has 4 octets/],
    ['no ek', '{"4B464D1020000001": {}}', /has no 'ek'/],
    [
      'a stray field',
      '{"4B464D1020000001": {"ek": "000102030405060708090A0B0C0D0E0F", "guek": "x"}}',
      /'guek', which means nothing/,
    ],
  ])('a file of keys that is not right is refused by name: %s', async (_, text, message) => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, text);
    const root = new Command('cosem').exitOverride();
    defineListen(root, fake());
    await expect(root.parseAsync(['listen', '--tcp', ':0', '--keys', file], { from: 'user' })).rejects.toThrow(message);
  });

  it('what never completes is told when the connection ends', async () => {
    const io = fake();
    const listening = listen(io, '--tcp', ':0');
    const [, to] = await io.stdout.until(/:(\d+)\./);
    send(Number(to), mbus(energy(1), 12)[0] as Uint8Array);
    await io.stderr.until(/a message is incomplete: its first part came, part 1 is missing/);
    io.interrupt();
    expect(await listening).toBe(0);
  });

  it.each([
    ['HDLC segments', hdlc(energy(2), { size: 12 }).slice(0, 2), /2 segments of it came, the last segment is missing/],
    ['M-Bus parts', mbus(energy(2), 12).slice(0, 1), /its first part came, part 1 is missing/],
    ['general block transfer', blocks(energy(2), 12).slice(0, 1), /its first block came, block 2 is missing/],
  ])('%s that never complete are told at Ctrl-C too, over TCP and UDP', async (_, parts, reason) => {
    for (const line of ['--tcp', '--udp']) {
      const io = fake();
      const listening = listen(io, line, ':0', '--json');
      const to = await port(io);
      const octets_ = concat(wrapped(energy(1)), ...parts);
      const socket = line === '--tcp' ? createConnection(to, '127.0.0.1') : createSocket('udp4');
      if ('write' in socket) socket.write(octets_);
      else socket.send(octets_, to, '127.0.0.1');
      await io.stdout.until(/"text":"1 Wh"/);
      io.interrupt();
      expect(await listening).toBe(0);
      expect(io.stderr.text).toMatch(reason);
      if ('write' in socket) socket.destroy();
      else socket.close();
    }
  });

  it('one sheet by its name, a file of them, and one that is not there', async () => {
    const io = fake();
    expect(await listen(io, '--tcp', ':0', '--sheets', 'kamstrup-w')).toBe(2);
    const file = join(folder, 'sheets.json');
    writeFileSync(
      file,
      JSON.stringify({
        id: 'mine',
        title: 'Mine',
        source: 'me',
        trust: 'recorded',
        match: { form: 'pairs' },
        names: { '1.0.1.8.0.255': 'Cellar' },
      }),
    );
    const own = fake();
    const listening = listen(own, '--tcp', ':0', '--sheets', `kamstrup-wh,${file}`, '--count', '1', '--json');
    send(await port(own), wrapped(energy(1)));
    expect(await listening).toBe(0);
    expect(documents(own)[1]).toMatchObject({
      push: 'Mine',
      list: { id: 'mine', trust: 'recorded' },
      values: [{ name: 'Cellar' }],
    });
  });
});

describe.skipIf(!hasSocat)('cosem listen on a serial port', () => {
  it.each([
    [[], /Messages come at 2400 8E1/],
    [['--baud', '9600', '--format', '8N1'], /^(?!.*trying)/],
    [['--baud', '115200'], /Messages come at 115200 8E1/],
  ])('%j', async (settings, told) => {
    await using pair = await ptyPair();
    const io = fake();
    const listening = listen(io, '--serial', pair.a, '--json', '--count', '2', ...settings);
    await io.stdout.until(/listening/);
    const meter = serial(pair.b, { baudRate: 9600 });
    await meter.open({ data() {}, closed() {} });
    meter.write(concat(...mbus(energy(1), 12), TELEGRAM));
    expect(await listening).toBe(0);
    await meter.close();
    expect(values(io)[0]).toBe('1 Wh');
    expect(io.stderr.text).toMatch(told);
  });

  it('a port that is not there, or that is unplugged, ends it', async () => {
    expect(await listen(fake(), '--serial', '/dev/no-such-port')).toBe(3);
    const pair = await ptyPair();
    const io = fake();
    const listening = listen(io, '--serial', pair.a);
    await io.stdout.until(/Listening on serial/);
    await pair.unplug();
    await listening;
    expect(io.stderr.text).toMatch(/unplugged|closed|gone/);
  });
});

describe('a serial line whose setting is not known', () => {
  class Port implements Transport {
    readonly formats: string[] = [];
    handler: TransportHandler | undefined;
    name = 'serial /dev/x';
    async open(handler: TransportHandler): Promise<void> {
      this.handler = handler;
    }
    async configure(settings: PortFormat): Promise<void> {
      this.formats.push(portFormatText(settings));
    }
    write(): void {}
    async close(): Promise<void> {}
  }

  async function line() {
    const clock = new VirtualClock();
    const port_ = new Port();
    const search = new PortSearch(USUAL_FORMATS);
    const notifications = new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => undefined });
    const told: string[] = [];
    const events = {
      event: (event: PushEvent) =>
        told.push(event.type === 'push' ? event.push.readings.map(String).join() : event.type),
      note: (text: string) => told.push(text),
      closed: () => told.push('closed'),
    };
    const receiver = () => new PushReceiver({ notifications });
    await listenOn({ transport: port_, receiver, silence: 500, search, clock }, events);
    /** Octets, then silence. */
    const burst = async (octets_: Uint8Array) => {
      port_.handler?.data(octets_);
      clock.advance(600);
      // The port changes its setting.
      await Promise.resolve();
      await Promise.resolve();
      clock.advance(600);
    };
    return { port_, search, told, burst, clock };
  }

  it('noise is not told while it is searched, messages are, and then everything is', async () => {
    const { port_, told, burst } = await line();
    const noise = fromHex('F0E1D2C3B4A5968778695A4B3C2D1E0F');
    for (let i = 0; i < 3; i++) await burst(noise);
    expect(port_.formats).toEqual(['2400 8N1', '115200 8N1']);
    await burst(concat(...hdlc(energy(9))));
    expect(told).toEqual([
      'No message in the octets that came; trying 2400 8N1.',
      'No message in the octets that came; trying 115200 8N1.',
      'Messages come at 115200 8N1.',
      'Active energy import: 9 Wh',
    ]);
    await burst(noise);
    expect(port_.formats).toHaveLength(2);
    expect(told.at(-1)).toBe('discarded');
  });

  it('what came and was no message is told setting by setting', async () => {
    const { port_, search, burst } = await line();
    await burst(fromHex('F0E1D2C3B4A5968778695A4B3C2D1E0F'));
    await burst(fromHex('F0E1D2C3B4A5968778695A4B3C2D1E0F'));
    await burst(fromHex('0102'));
    port_.handler?.closed();
    expect(heardText(search)).toEqual([
      '2400 8E1: 32 octets came and no message; they begin with F0E1D2C3B4A5968778695A4B',
      '2400 8N1: 2 octets came and no message; they begin with 0102',
    ]);
    expect(heardText(new PortSearch(USUAL_FORMATS))).toEqual([expect.stringMatching(/^Nothing came/)]);
  });
});

describe('the search for a setting', () => {
  const noise = (octets_: number) => new Uint8Array(octets_);
  it('judges bursts that were heard from their beginning alone', () => {
    const search = new PortSearch(USUAL_FORMATS);
    expect(search.octets(noise(50))).toBe(false);
    expect(search.silence()).toBe(false);
    expect(search.octets(noise(50))).toBe(false);
    expect(search.silence()).toBe(true);
    expect(portFormatText(search.format)).toBe('2400 8N1');
  });

  it('silence, or a few octets, change nothing', () => {
    const search = new PortSearch(USUAL_FORMATS);
    for (let i = 0; i < 20; i++) {
      expect(search.silence()).toBe(false);
      expect(search.octets(noise(3))).toBe(false);
      expect(search.silence()).toBe(false);
    }
    expect(portFormatText(search.format)).toBe('2400 8E1');
  });

  it('a stream without a pause is judged too, and the round begins anew', () => {
    const search = new PortSearch(USUAL_FORMATS);
    const tried = USUAL_FORMATS.map(() => {
      while (!search.octets(noise(500)));
      return portFormatText(search.format);
    });
    expect(tried).toEqual([...USUAL_FORMATS.slice(1), ...USUAL_FORMATS.slice(0, 1)].map(portFormatText));
    expect(search.heard.length).toBeLessThanOrEqual(USUAL_FORMATS.length);
  });

  it('stays where messages came, or where it was told to', () => {
    const search = new PortSearch(USUAL_FORMATS);
    expect(search.found()).toBe(true);
    expect(search.found()).toBe(false);
    expect(search.octets(noise(10_000))).toBe(false);
    const fixed = new PortSearch(USUAL_FORMATS.slice(0, 1));
    fixed.silence();
    fixed.octets(noise(5000));
    expect(fixed.silence()).toBe(false);
  });
});
