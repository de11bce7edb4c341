import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { writeConfig } from '../../bin/config.js';
import { openOptions } from '../../bin/connect.js';
import { Output } from '../../bin/output.js';
import { LINE, OTHERS } from '../../bin/setting-table.js';
import { addConnectionOptions, connectionSettings, hostAndPort, storedSettings } from '../../bin/settings.js';
import { parseTarget } from '../../bin/target.js';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { FakeIo } from './fake-io.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'meter.json');
writeConfig(file, {
  default: 'reader',
  connections: {
    public: { tcp: '127.0.0.1:4059', framing: 'hdlc', client: 16 },
    reader: { tcp: '127.0.0.1:4059', client: 32, password: 'ABCDEFGH' },
  },
});

const KEY = '000102030405060708090A0B0C0D0E0F';
const settings = (options: Record<string, string>, env: Record<string, string> = {}) =>
  connectionSettings(options, new FakeIo(env));

describe('connection settings', () => {
  it.each([...LINE, ...OTHERS].map(({ name }) => name))('--%s takes its value from the command line', (name) => {
    const command = addConnectionOptions(new Command().argument('<target>')).exitOverride();
    command.configureOutput({ writeErr: () => {} });
    command.parse(['8:0.0.1.0.0.255:2', `--${name}`, 'random'], { from: 'user' });
    expect(Object.values(command.opts())).toEqual(['random']);
  });

  it('hands silences on the line over to open', () => {
    const io = new FakeIo();
    const run = { io, output: new Output(io, true), options: { fresh: true } };
    const line = { serial: '/dev/ttyUSB0', turnaround: '20', 'inter-frame-delay': '35' };
    for (const made of [
      storedSettings(line),
      settings({ ...line, interFrameDelay: '35' }),
      settings(line, { COSEM_INTER_FRAME_DELAY: '35' }),
    ]) {
      expect(openOptions(made, run, { see: () => {} })).toMatchObject({ turnaround: 20, interFrameDelay: 35 });
    }
    expect(() => settings({ serial: 'x', interFrameDelay: 'soon' })).toThrow(
      "--inter-frame-delay 'soon' is not a number",
    );
  });

  it('has sound defaults', () => {
    expect(settings({ tcp: 'meter.local' })).toMatchObject({
      line: { type: 'tcp', host: 'meter.local', port: 4059 },
      framing: 'wrapper',
      client: 16,
      server: 1,
      authentication: 'none',
    });
    expect(settings({ serial: '/dev/ttyUSB0' })).toMatchObject({
      line: { type: 'serial', path: '/dev/ttyUSB0', baud: 9600 },
      framing: 'hdlc',
    });
  });

  it('takes flags before the environment before the file', () => {
    const env = { COSEM_CONFIG: file, COSEM_CLIENT: '48', COSEM_PASSWORD: 'from-env' };
    expect(settings({}, env)).toMatchObject({ client: 48, password: fromLatin1('from-env') });
    expect(settings({ client: '64' }, env).client).toBe(64);
    expect(settings({ connection: 'public' }, env)).toMatchObject({ framing: 'hdlc', client: 48 });
    expect(settings({ config: file }).password).toEqual(fromLatin1('ABCDEFGH'));
  });

  it('takes the line as a whole from the first source that names one', () => {
    expect(settings({ serial: '/dev/ttyS9', config: file }).line).toEqual({
      type: 'serial',
      path: '/dev/ttyS9',
      baud: 9600,
    });
    expect(settings({ config: file }, { COSEM_SERIAL: '/dev/ttyS9' }).line.type).toBe('serial');
  });

  it('tells the mechanism from what is given', () => {
    expect(settings({ tcp: 'a', password: 'x' }).authentication).toBe('lls');
    expect(settings({ tcp: 'a', secret: 'RENESAS_P6wRJ21F' }).authentication).toBe('hls2');
    expect(settings({ tcp: 'a', auth: 'GMAC', ek: KEY, ak: KEY, title: 'ABCDEFGH' }).authentication).toBe('gmac');
  });

  it('reads keys as hexadecimal or as text', () => {
    const keys = { ak: 'RES_UnicastAssc0', title: 'text:0123456789abcdef' };
    expect(() => settings({ tcp: 'a', ek: KEY, ...keys })).toThrow('--title has 16 octets instead of 8');
    const { encryptionKey, authenticationKey, title } = settings({
      tcp: 'a',
      ek: KEY,
      ...keys,
      title: '4142434445464748',
    });
    expect(encryptionKey).toEqual(fromHex(KEY));
    expect(authenticationKey).toEqual(fromLatin1('RES_UnicastAssc0'));
    expect(title).toEqual(fromLatin1('ABCDEFGH'));
    // A password of digits is text; of octets only when it says so.
    expect(settings({ tcp: 'a', password: '12345678' }).password).toEqual(fromLatin1('12345678'));
    expect(settings({ tcp: 'a', password: 'hex:0001' }).password).toEqual(Uint8Array.of(0, 1));
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'which meter?'],
    [{ tcp: 'a', serial: 'b' }, '--serial and --tcp at once'],
    [{ udp: 'a', framing: 'hdlc' }, 'hdlc over udp'],
    [{ udp: 'a', framing: 'mode-e' }, 'mode-e over udp'],
    [{ tcp: 'a:b' }, "'a:b' is not an address"],
    [{ tcp: 'a:99999' }, 'not a whole number from 0 to 65535'],
    [{ tcp: 'a', client: '-1' }, "--client '-1' is not"],
    [{ tcp: 'a', client: '1.5' }, "--client '1.5' is not"],
    [{ serial: 'a', baud: 'fast' }, "--baud 'fast' is not"],
    [{ tcp: 'a', framing: 'mqtt' }, "--framing 'mqtt' is unknown"],
    [{ tcp: 'a', auth: 'hls9' }, "--auth 'hls9' is unknown"],
    [{ tcp: 'a', auth: 'lls' }, 'needs a password'],
    [{ tcp: 'a', auth: 'sha256' }, 'needs a secret'],
    [{ tcp: 'a', ek: KEY }, 'ciphering needs --ak and --title too'],
    [{ tcp: 'a', auth: 'gmac' }, 'ciphering needs --ek and --ak and --title too'],
    [{ tcp: 'a', ek: 'hex:0001' }, '--ek has 2 octets instead of 16'],
    [{ tcp: 'a', dedicatedKey: KEY }, 'a fixed --dedicated-key is for decode and monitor'],
    [{ tcp: 'a', connection: 'x' }, "connection 'x' of which file?"],
    [{ config: join(folder, 'none.json') }, 'cannot be read: there is no such file or folder (ENOENT)'],
    [{ config: file, connection: 'utility' }, "has no connection 'utility'"],
    [{ config: file, connection: 'constructor' }, "has no connection 'constructor'"],
  ])('refuses %o: %s', (options, words) => {
    expect(() => settings(options)).toThrow(words);
  });

  it('never repeats a secret in what it says', () => {
    for (const name of ['ek', 'ak', 'title', 'secret', 'password']) {
      for (const value of ['hex:12SECRET', 'SECRET\u20ac', 'SECRETSECRETSECRET']) {
        try {
          settings({ tcp: 'a', [name]: value });
        } catch (error) {
          expect(`${error} ${(error as { hint?: string }).hint}`).not.toMatch(/SECRET|12/);
        }
      }
    }
  });

  it('says what is wrong with a file without quoting it', () => {
    const bad = join(folder, 'bad.json');
    for (const [text, words] of [
      ['{"ek": "TOPSECRET', 'is not JSON'],
      ['[]', 'holds no connections'],
      ['{"connections": {"a": {"tpc": "x"}}}', "an unknown setting 'tpc'"],
      ['{"connections": {"a": {"tcp": ["x"]}}}', 'neither text nor a number'],
    ] as const) {
      writeFileSync(bad, text);
      expect(() => settings({ config: bad })).toThrow(words);
      expect(() => settings({ config: bad })).not.toThrow('TOPSECRET');
    }
  });

  it.skipIf(process.platform === 'win32')('writes a file that only its owner reads', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('addresses and targets', () => {
  it.each([
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['[::1]:4059', '::1', 4059],
    ['[::1]', '::1', 1],
    ['meter', 'meter', 1],
  ])('%s', (text, host, port) => {
    expect(hostAndPort(text, '--tcp', 1)).toEqual({ host, port });
  });

  it.each([
    ['3:1.0.1.8.0.255:2', 3, '1.0.1.8.0.255', 2],
    ['3:1-0:1.8.0*255:2', 3, '1.0.1.8.0.255', 2],
    ['70:000060030AFF:1', 70, '0.0.96.3.10.255', 1],
  ])('%s', (text, classId, logicalName, member) => {
    expect(parseTarget(text, 'attribute')).toEqual({ classId, logicalName, member });
  });

  it.each([
    '',
    '3',
    '3:1.0.1.8.0.255',
    '3:1.0.1.8:2',
    '3:1.0.1.8.0.256:2',
    'x:1.0.1.8.0.255:2',
    '3:1.0.1.8.0.255:x',
    '3:1.0.1.8.0.255:128',
  ])('refuses %j', (text) => {
    expect(() => parseTarget(text, 'attribute')).toThrow();
  });
});
