/** Configurations of `--write-config` read by a program: one meter, or a town. */

import { describe, expect, it } from 'vitest';
import { MemoryCounterStore, toHex } from '../../src/index.js';
import { parseTown, SETTING_NAMES } from '../../src/tools.js';

const KEY = '000102030405060708090A0B0C0D0E0F';
const keyed = { client: 48, auth: 'hls2', secret: 'hex:00112233', ek: KEY, ak: KEY, title: '4142434445464748' };

function town(connection: object, rest: object = {}) {
  return JSON.stringify({ connections: { utility: connection }, ...rest });
}

describe('a town of a configuration', () => {
  it('has the options of each meter: address, framing, client, keys', () => {
    const text = town({ ...keyed, tcp: '127.0.0.1:4059', framing: 'wrapper', server: '{256+meter}' }, { meters: 500 });
    const meters = parseTown(text, 'town.json');
    expect(meters.length).toBe(500);
    const { index, connection, place, options } = meters.at(17);
    expect({ index, connection, place }).toEqual({
      index: 17,
      connection: 'utility',
      place: { type: 'tcp', host: '127.0.0.1', port: 4059 },
    });
    expect(options).toMatchObject({ framing: 'wrapper', client: 48, server: 273, authentication: 'hls2' });
    expect(toHex(options.security?.encryptionKey ?? new Uint8Array())).toBe(KEY);
    expect([...meters].map((meter) => meter.options.server)).toEqual(Array.from({ length: 500 }, (_, i) => 256 + i));
  });

  it('spreads meters over ports and physical addresses, and touches no key that looks like a number of a meter', () => {
    const connection = {
      tcp: '[::1]:{20000+meter/50}',
      framing: 'hdlc',
      physical: '{16+meter%50}',
      password: '{1+meter}',
    };
    const meters = parseTown(town(connection, { meters: 120 }), 'town.json');
    const { place, options } = meters.at(119);
    expect(place).toEqual({ type: 'tcp', host: '::1', port: 20_002 });
    expect(options).toMatchObject({ framing: 'hdlc', serverLower: 35, authentication: 'lls' });
    expect(options.password).toEqual(new TextEncoder().encode('{1+meter}'));
  });

  it('is one meter where the file names no number of them, over any line', () => {
    const [serial, ...none] = parseTown(town({ serial: '/dev/ttyUSB0', baud: 2400, rts: 'send' }), 'meter.json');
    expect(none).toEqual([]);
    expect(serial?.settings).toMatchObject({ rts: 'send', line: { type: 'serial', path: '/dev/ttyUSB0', baud: 2400 } });
    expect(serial?.options).toMatchObject({ framing: 'hdlc', maxBaud: 2400 });
    const [udp] = parseTown(town({ udp: 'meter.local' }), 'meter.json');
    expect(udp?.options.framing).toBe('wrapper-udp');
    const counters = new MemoryCounterStore();
    const [kept] = parseTown(town({ ...keyed, tcp: 'a' }), 'meter.json', { counters });
    expect(kept?.options.security?.counters).toBe(counters);
  });

  it('takes the connection that is asked for, the default, or the only one', () => {
    const text = JSON.stringify({ default: 'a', connections: { a: { tcp: 'a' }, b: { tcp: 'b', client: 32 } } });
    expect(parseTown(text, 'f').at(0).connection).toBe('a');
    expect(parseTown(text, 'f', { connection: 'b' }).at(0).options.client).toBe(32);
    expect(() => parseTown(text, 'f', { connection: 'constructor' })).toThrow("f has no connection 'constructor'");
    const { default: _, ...rest } = JSON.parse(text) as { default: string };
    expect(() => parseTown(JSON.stringify(rest), 'f')).toThrow('f holds 2 connections');
    expect(() => parseTown(text, 'f', { connections: 'b' } as never)).toThrow("parseTown has no option 'connections'");
  });

  it.each<[string, object | string, string]>([
    ['no JSON', '{"ek": "TOPSECRET', 'f is not JSON'],
    ['no connections', '[]', 'f holds no connections'],
    ['connections that are none', '{"connections": {"a": "TOPSECRET"}}', 'f holds no connections'],

    ['an unknown setting', { tpc: 'TOPSECRET' }, "an unknown setting 'tpc'"],
    ['a list', { tcp: ['TOPSECRET'] }, 'neither text nor a number'],
    ['no line', { client: 16 }, 'names no line'],
    ['two lines', { tcp: 'TOPSECRET', udp: 'a' }, 'at once'],
    [
      'a key in the wrong place',
      { tcp: 'a', client: 'TOPSECRET' },
      "'client' of connection 'utility' in f is not a whole",
    ],
    ['a key as a mechanism', { tcp: 'a', auth: 'TOPSECRET' }, "'auth' of connection 'utility' in f is unknown"],
    ['a key as a companion', { tcp: 'a', companion: 'TOPSECRET' }, 'no companion specification of that name'],
    ['a key as an address', { tcp: 'TOP:SECRET' }, 'is not an address'],
    ['a short key', { ...keyed, tcp: 'a', ek: 'TOPSECRET' }, "'ek' of connection 'utility' in f has 9 octets"],
    ['half of the keys', { tcp: 'a', ek: KEY }, "ciphering needs 'ak' of connection"],
    ['a sheet of a file', { tcp: 'a', quirks: 'TOPSECRET.json' }, 'do not come with cosem'],
  ])('is refused in words that repeat no value: %s', (_, content, words) => {
    const text = typeof content === 'string' ? content : town(content);
    let refusal: unknown;
    try {
      parseTown(text, 'f');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'state', message: expect.stringContaining(words) });
    expect(JSON.stringify([String(refusal), refusal, (refusal as Error).cause])).not.toMatch(/TOP|SECRET/);
  });

  it.each([0, -1, 1.5, 10_000_001, '7', null])('has no %s meters', (meters) => {
    expect(() => parseTown(town({ tcp: 'a' }, { meters }), 'f')).toThrow("'meters' of f is not a whole number");
  });

  it('is refused at once where its last meter has no place, and costs nothing however many there are', () => {
    const text = town({ tcp: '127.0.0.1:{65000+meter}' }, { meters: 10_000 });
    expect(() => parseTown(text, 'f')).toThrow('is not a whole number from 0 to 65535');
    const many = parseTown(town({ tcp: 'a', server: '{256+meter%60000}' }, { meters: 10_000_000 }), 'f');
    expect(many.at(9_999_999).options.server).toBe(256 + (9_999_999 % 60_000));
    expect(() => many.at(10_000_000)).toThrow('there is no meter 10000000');
    expect(() => parseTown(' '.repeat((1 << 24) + 1), 'f')).toThrow('f is longer than');
    expect(() => parseTown(town({ tcp: 'a', server: '{256+meter/0}' }, { meters: 2 }), 'f')).toThrow('whole number');
  });

  it('knows every setting that the command has', async () => {
    const { LINE, OTHERS } = await import('../../bin/setting-table.js');
    expect([...SETTING_NAMES].sort()).toEqual([...LINE, ...OTHERS].map(({ name }) => name).sort());
  });
});
