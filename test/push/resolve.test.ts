import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { SecurityError } from '../../src/base/errors.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { enumValue, i8, nullValue, octets, structureOf, u16, u32, visible } from '../../src/codec/make.js';
import { is15959 } from '../../src/companion/is15959/is15959.js';
import { knownPushSheets } from '../../src/push/known-sheets.js';
import { type Push, type PushEvent, PushReceiver } from '../../src/push/receiver.js';
import { resolvePush } from '../../src/push/resolve.js';
import { type PushSheet, parsePushSheets, pushSheetProblem } from '../../src/push/sheet.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import type { PushKeys } from '../../src/session/push-faults.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { haveVectors, loadVectors, sharedFolder } from '../support/vectors.js';
import { AK, ciphered, EK, hdlc, mbus, notification, TELEGRAM, wrapped } from './lines.js';

function receive(line: Uint8Array, keys: { ek?: Uint8Array; ak?: Uint8Array } = {}, sheets?: readonly PushSheet[]) {
  const { ek = EK, ak = AK } = keys;
  const notifications = new NotificationReceiver({
    crypto: nodeCrypto,
    keysOf: () => ({ encryption: ek, authentication: ak }),
    // Meters in Austria and Switzerland encrypt alone.
    acceptUnauthenticated: true,
  });
  const receiver = new PushReceiver({ notifications, ...(sheets === undefined ? {} : { sheets }) });
  return [...receiver.receive(line), ...receiver.flush()];
}

function only(line: Uint8Array, keys?: { ek?: Uint8Array; ak?: Uint8Array }, sheets?: readonly PushSheet[]): Push {
  const events = receive(line, keys, sheets);
  expect(
    events.map((event) => ('reason' in event ? event.reason : event.type === 'refused' ? event.error : event.type)),
  ).toEqual(['push']);
  return (events[0] as { push: Push }).push;
}

const texts = (push: Push) =>
  Object.fromEntries(
    push.readings.map(({ logicalName, text }) => [logicalName.replace(/^1\.\d+\.|\.255$/g, ''), text]),
  );

describe('captured pushes', () => {
  const vectors = new Map(loadVectors('push').map((vector) => [vector.id, vector]));
  afterAll(() => {
    if (!haveVectors) console.log('captured pushes: all skipped, there is no ../shared');
  });

  test.skipIf(!haveVectors).each<[string, string | undefined, Partial<Push>, Readonly<Record<string, string>>]>([
    [
      'push-at-tinetz-kaifa',
      undefined,
      { sender: '4B464D1010000023', framing: 'm-bus' },
      { '32.7.0': '230.8 V', '1.8.0': '9108 Wh', '3.8.0': '96 varh' },
    ],
    [
      'push-at-salzburg-plain',
      undefined,
      { sender: 'KFM1200200234804' },
      { '32.7.0': '229.2 V', '31.7.0': '1.65 A', '1.7.0': '714 W', '1.8.0': '1327456 Wh' },
    ],
    [
      'push-at-lg-e450-1',
      'landis-gyr-at',
      { sender: '4C475A677370B177', authenticated: true },
      { '1.8.0': '4408736 Wh', '1.8.2': '814817 Wh', '1.7.0': '2893 W', '3.7.0': '1735 var' },
    ],
    ['push-at-lg-e450-2', 'landis-gyr-at', { authenticated: true }, { '1.8.0': '12048950 Wh', '1.7.0': '545 W' }],
    [
      'push-dk-kamstrup-omnipower',
      'kamstrup',
      { sender: '4B414D4501349083', device: '12343400' },
      {
        '1.7.0': '1083 W',
        '32.7.0': '222 V',
        '31.7.0': '0.57 A',
        '1.8.0': '63074980 Wh',
        '13.7.0': '0.83',
        '21.7.0': '36 W',
        '21.8.0': '12116440 Wh',
      },
    ],
    [
      'push-no-kamstrup-list2-1phase',
      'kamstrup',
      { sender: '5705705705705702' },
      { '1.7.0': '10050 W', '31.7.0': '45.12 A', '32.7.0': '223 V', '1.8.0': '77452500 Wh' },
    ],
    ['push-se-kamstrup', 'kamstrup', { framing: 'hdlc' }, { '1.7.0': '826 W', '31.7.0': '2.37 A', '32.7.0': '232 V' }],
    ['push-no-kamstrup-list1', 'kamstrup', {}, { '1.7.0': '0 W' }],
    [
      'push-se-aidon-3phase',
      undefined,
      {},
      { '1.7.0': '1122 W', '3.7.0': '1507 var', '51.7.0': '7.5 A', '52.7.0': '249.9 V', '1.8.0': '10049926 Wh' },
    ],
    [
      'push-neg-kaifa-no-hdlc',
      'kaifa-nve',
      { sender: '6970631401753985' },
      { '1.7.0': '948 W', '31.7.0': '1.416 A', '32.7.0': '238.5 V', '72.7.0': '238.9 V' },
    ],
    [
      'push-neg-kaifa-no-list3',
      'kaifa-nve',
      {},
      { '1.7.0': '4904 W', '31.7.0': '14.571 A', '1.8.0': '79591144 Wh', '3.8.0': '889389 varh' },
    ],
    [
      'push-ch-lg-e450-2026',
      'landis-gyr-e450',
      { sender: 'LGZ1030653520967' },
      { '1.7.0': '28 W', '1.8.0': '482939 Wh', '4.8.0': '344697 varh', '32.7.0': '236 V', '31.7.0': '0.09 A' },
    ],
    [
      'push-ch-lg-e360',
      'landis-gyr-e360',
      {},
      { '1.7.0': '11 W', '32.7.0': '235.7 V', '31.7.0': '0.06 A', '1.8.0': '21956 Wh' },
    ],
    [
      'push-ch-lg-e570-load',
      'landis-gyr-e570',
      {},
      { '32.7.0': '229 V', '1.7.0': '258874 (scaler unknown)', '1.8.0': '2607383 (scaler unknown)' },
    ],
    [
      'push-ch-lg-e570-encrypted',
      'landis-gyr-e570',
      { protection: 'encryption', authenticated: false },
      { '13.7.0': '1.000' },
    ],
    [
      'push-ch-iskra-am550',
      'iskra-objects',
      { sender: 'ISK1030775213859' },
      { '1.8.0': '6229669 Wh', '1.8.1': '3097647 Wh', '5.8.0': '345980 varh' },
    ],
    ['push-nl-smr5-alarm', 'smr5-alarm', { sender: 'EXXXX123456789012', framing: 'wrapper' }, { '0.0.97.98.1': '2' }],
    ['push-ru-energomera', undefined, { sender: 'EMR0222173608710' }, {}],
    ['push-ch-lg-e450-extended-register', undefined, {}, {}],
  ])('%s', (id, list, expected, values) => {
    const vector = vectors.get(id);
    const context = vector?.context ?? {};
    const key = (name: string) => (context[name] === undefined ? undefined : fromHex(context[name] as string));
    const [ek, ak] = [key('encryption-key'), key('authentication-key')];
    const push = only(fromHex(vector?.hex as string), { ...(ek && { ek }), ...(ak && { ak }) });
    if (list !== undefined) expect(push.list?.id).toBe(list);
    expect(push).toMatchObject(expected);
    expect(texts(push)).toMatchObject(values);
    if (id !== 'push-nl-smr5-alarm') expect(push.time).toBeDefined();
  });

  test.skipIf(!haveVectors)(
    'the two values of a Slovenian meter stay without a name: nothing says what they are',
    () => {
      const push = only(fromHex(vectors.get('push-si-iskra-short')?.hex as string));
      expect(push.readings).toEqual([]);
      expect(push.unnamed.map(({ value }) => value)).toContain(7924641);
    },
  );

  test
    .skipIf(!haveVectors)
    .each([
      'push-neg-gbt-sequence',
      'push-neg-gbt-missing-block',
      'push-neg-mbus-checksum',
      'push-neg-mbus-stop',
      'push-neg-mbus-truncated',
    ])('%s gives no push and says why', (id) => {
    const events = receive(fromHex(vectors.get(id)?.hex as string), {
      ek: fromHex('5FDE26FE7A1A36B6E1C0BA048FA9A023'),
    });
    expect(events.some(({ type }) => type === 'push')).toBe(false);
    expect(events.length).toBeGreaterThan(0);
  });
});

const obis = (name: string) => octets(logicalNameToBytes(`${name}.255`));
const scaled = (scaler: number, unit: number) => structureOf([i8(scaler), enumValue(unit)]);
const ascii = (text: string) => octets(Uint8Array.from(text, (c) => c.charCodeAt(0)));
const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 30, 9)), -60);

describe('forms made by hand', () => {
  const head = [ascii('KFM_001'), ascii('6970631400000001'), ascii('MA105H2E')];
  const powers = [u32(1234), u32(0), u32(5), u32(0)];
  const hour = [octets(time.toBytes()), u32(12345678), u32(0), u32(77), u32(0)];
  it.each<[string, Data[], Readonly<Record<string, string>>]>([
    [
      'one phase',
      [...head, ...powers, u32(5400), u32(2301)],
      { '1.7.0': '1234 W', '31.7.0': '5.400 A', '32.7.0': '230.1 V' },
    ],
    [
      'one phase, hourly',
      [...head, ...powers, u32(5400), u32(2301), ...hour],
      { '1.8.0': '12345678 Wh', '3.8.0': '77 varh' },
    ],
    [
      'three phases, hourly',
      [...head, ...powers, u32(1), u32(2), u32(3), u32(2301), u32(2302), u32(2303), ...hour],
      { '71.7.0': '0.003 A', '72.7.0': '230.3 V' },
    ],
  ])('Kaifa, Norway: %s', (_, values, expected) => {
    const push = only(concat(...hdlc(notification(structureOf(values), time))));
    expect(push.list).toMatchObject({ id: 'kaifa-nve', trust: 'documented' });
    expect(push.sender).toBe('6970631400000001');
    expect(texts(push)).toMatchObject(expected);
    expect(push.unnamed).toEqual([]);
  });

  it('Kaifa, Norway: the list of one number says that it is concluded', () => {
    const push = only(concat(...hdlc(notification(structureOf([u32(948)])))));
    expect(push.list).toMatchObject({ id: 'kaifa-nve-list-1', trust: 'concluded' });
    expect(texts(push)).toEqual({ '1.7.0': '948 W' });
  });

  it('Aidon: version, number and type before values with scaler and unit', () => {
    const text = (name: string, value: string) => structureOf([obis(name), visible(value)]);
    const value = (name: string, number: Data, scaler: number, unit: number) =>
      structureOf([obis(name), number, scaled(scaler, unit)]);
    const list = structureOf([
      text('1.1.0.2.129', 'AIDON_V0001'),
      text('0.0.96.1.0', '7359992890000001'),
      text('0.0.96.1.7', '6525'),
      value('1.0.1.7.0', u32(1122), 0, 27),
      value('1.0.31.7.0', u16(53), -1, 33),
      value('1.0.32.7.0', u16(2307), -1, 35),
      structureOf([obis('0.0.1.0.0'), octets(time.toBytes())]),
      value('1.0.1.8.0', u32(10049), 1, 30),
    ]);
    const push = only(concat(...hdlc(notification(list))));
    expect(push).toMatchObject({ sender: '7359992890000001', list: undefined });
    expect(push.time?.toText()).toBe(time.toText());
    expect(texts(push)).toMatchObject({
      '1.7.0': '1122 W',
      '31.7.0': '5.3 A',
      '32.7.0': '230.7 V',
      '1.8.0': '100490 Wh',
      '0.0.1.0.0': time.toText(),
    });
    expect(push.readings.find(({ logicalName }) => logicalName === '0.0.96.1.7.255')?.toString()).toBe(
      'Meter type: 6525',
    );
  });

  it('Sagemcom T210-D and Kaifa in Lower Austria: clock, names with scaler and unit, meter number', () => {
    const flat = [
      octets(time.toBytes()),
      ...[obis('1.0.1.8.0'), u32(12937), scaled(0, 30)],
      ...[obis('1.0.2.8.0'), u32(0), scaled(0, 30)],
      ...[obis('1.0.1.7.0'), u32(640), scaled(0, 27)],
      ...[obis('1.0.32.7.0'), u16(2337), scaled(-1, 35)],
      ...[obis('1.0.72.7.0'), u16(2336), scaled(-1, 35)],
      ...[obis('1.0.31.7.0'), u16(53), scaled(-2, 33)],
      ...[obis('1.0.13.7.0'), u16(998), scaled(-3, 255)],
      ascii('181220000009'),
    ];
    const line = concat(...mbus(ciphered(notification(structureOf(flat), time), { protection: 'encryption' })));
    const push = only(line);
    expect(push).toMatchObject({
      device: '181220000009',
      sender: '5858580000000001',
      protection: 'encryption',
      list: { id: 'sagemcom-kaifa-at' },
    });
    expect(texts(push)).toMatchObject({
      '1.8.0': '12937 Wh',
      '32.7.0': '233.7 V',
      '31.7.0': '0.53 A',
      '13.7.0': '0.998',
    });
  });

  it('Kamstrup in whole watt hours, where a person says so', () => {
    const pairs = structureOf([
      visible('Kamstrup_V0001'),
      obis('1.1.1.8.0'),
      u32(2306000),
      obis('1.1.31.7.0'),
      u32(57),
      nullValue(),
    ]);
    const line = concat(...hdlc(notification(pairs, time)));
    expect(texts(only(line))).toEqual({ '0.2.129': 'Kamstrup_V0001', '1.8.0': '23060000 Wh', '31.7.0': '0.57 A' });
    const byHand = knownPushSheets.filter(({ id }) => id === 'kamstrup-wh');
    expect(texts(only(line, {}, byHand))).toMatchObject({ '1.8.0': '2306000 Wh', '31.7.0': '0.57 A' });
  });

  it('a list of pairs that no sheet knows keeps its numbers, and says that their scaler is not known', () => {
    const push = only(
      concat(...hdlc(notification(structureOf([obis('1.0.1.8.0'), u32(5), obis('1.0.96.5.0'), u16(1)])))),
    );
    expect(texts(push)).toEqual({ '1.8.0': '5 (scaler unknown)', '96.5.0': '1' });
  });

  it('a date with a wrong day of week in a clock is a date', () => {
    const wrong = fromHex('07E90C0E00100000FF000000');
    const push = only(
      concat(...hdlc(notification(structureOf([obis('0.1.1.0.0'), octets(wrong), obis('1.1.1.7.0'), u32(1)])))),
    );
    expect(push.time?.toText()).toMatch(/^2025-12-14 16:00:00/);
    expect(push.readings[0]?.text).toMatch(/^2025-12-14 16:00:00/);
  });

  it('values have the name that their companion gives the reading', () => {
    const list = structureOf([obis('1.0.1.8.0'), u32(5), obis('0.0.94.96.24'), { type: 'double-long', value: 5 }]);
    const push = { type: 'data-notification', longInvokeId: 1, body: list } as const;
    expect(resolvePush(push, { companion: is15959 }).readings.map(({ name }) => name)).toEqual([
      'Active energy import',
      'Current balance',
    ]);
  });

  it('values are exact, and carry time and object', () => {
    const list = structureOf([
      obis('1.0.1.8.0'),
      { type: 'long64-unsigned', value: 9007199254740993n },
      scaled(-3, 30),
    ]);
    const [reading] = only(concat(...hdlc(notification(list, time)))).readings;
    expect(reading).toMatchObject({ classId: 3, attributeId: 2, logicalName: '1.0.1.8.0.255', scaler: -3, unit: 'Wh' });
    expect(reading?.value?.toString()).toBe('9007199254740.993');
    expect(reading?.time?.toText()).toBe(time.toText());
  });
});

describe('telegrams', () => {
  const field = (name: string) => {
    try {
      return readFileSync(`${sharedFolder}field/${name}`);
    } catch {
      return undefined;
    }
  };
  const p1 = { '1.8.0': '317.695 kWh', '1.7.0': '0.278 kW' };

  it('plain, and inside general-glo-ciphering and general-ded-ciphering, in any frame', () => {
    expect(texts(only(TELEGRAM))).toMatchObject(p1);
    for (const envelope of [{}, { tag: 0xdc }, { protection: 'encryption' } as const]) {
      for (const line of [
        ciphered(TELEGRAM, envelope),
        wrapped(ciphered(TELEGRAM, envelope)),
        concat(...hdlc(ciphered(TELEGRAM, envelope))),
      ]) {
        const push = only(line);
        expect(texts(push)).toMatchObject(p1);
        expect(push).toMatchObject({
          sender: '5858580000000001',
          authenticated: envelope !== undefined && !('protection' in envelope),
        });
      }
    }
  });

  it('numbers are exact in the units of the standard; time, gas meter and text are read', () => {
    const telegram = [
      '/ISK5\\2M550',
      '',
      '0-0:1.0.0(260701120000S)',
      '0-0:96.1.1(4530303030303030)',
      '1-0:1.8.1(000123.456*kWh)',
      '1-0:21.7.0(00.193*kW)',
      '1-0:32.7.0(230.1*V)',
      '0-1:24.2.1(260701115500S)(00112.384*m3)',
      '0-0:96.14.0(0002)',
      '!',
      '',
    ].join('\r\n');
    const push = only(Uint8Array.from(telegram, (c) => c.charCodeAt(0)));
    expect(push).toMatchObject({ framing: 'text', device: 'E0000000', protection: 'none' });
    expect(push.time?.toText()).toMatch(/^2026-07-01 12:00:00/);
    const byName = new Map(push.readings.map((reading) => [reading.logicalName, reading]));
    expect(byName.get('1.0.1.8.1.255')).toMatchObject({ unit: 'Wh', text: '123.456 kWh' });
    expect(byName.get('1.0.1.8.1.255')?.value?.toString()).toBe('123456');
    expect(byName.get('0.1.24.2.1.255')).toMatchObject({ unit: 'm³', text: '112.384 m3' });
    expect(byName.get('0.1.24.2.1.255')?.time?.toText()).toMatch(/11:55:00/);
    expect(byName.get('0.0.96.14.0.255')?.text).toBe('0002');
  });

  it.skipIf(field('p1-ciphered.hex') === undefined)('case 9', () => {
    expect(texts(only(fromHex(String(field('p1-ciphered.hex')).trim())))).toMatchObject(p1);
  });

  it.skipIf(field('mbus-l257.hex') === undefined).each(['mbus-l257.hex', 'mbus-l250.hex'])(
    'cases 4 and 10: %s',
    (name) => {
      const push = only(fromHex(String(field(name)).replace(/\s/g, '')));
      expect(push).toMatchObject({ authenticated: false, protection: 'encryption', sender: '5858580000000001' });
      // The clock, ten values with scaler and unit, the meter number: 32 elements.
      // A clock, ten values with scaler and unit, and text that nothing names: 32 elements.
      expect(push.unnamed).toHaveLength(1);
      expect(push.time?.toText()).toBe('2024-11-15 14:45:45 +01:00');
      expect(texts(push)).toMatchObject({
        '0.0.1.0.0': '2024-11-15 14:45:45 +01:00',
        '1.8.0': '4752026 Wh',
        '2.7.0': '9 W',
        '32.7.0': '233.4 V',
        '72.7.0': '234.0 V',
        '71.7.0': '0.20 A',
      });
    },
  );

  it.skipIf(field('p1-7e1-parity.bin') === undefined)('case 30: parity', () => {
    expect(texts(only(field('p1-7e1-parity.bin') as Uint8Array))).toMatchObject({
      '1.8.0': '422.20196574 kWh',
      '16.7.0': '370.54 W',
    });
  });

  it('a wrong CRC is said', () => {
    const [event] = receive(Uint8Array.from('/XXX5\\2A\r\n\r\n1-0:1.8.0(1*kWh)\r\n!ABCD\r\n', (c) => c.charCodeAt(0)));
    expect(event).toMatchObject({ type: 'refused', error: { reason: 'bad-checksum' } });
  });
});

/** A key that nobody was given. */
const WRONG_KEY = fromHex('FF112233445566778899AABBCCDDEEFF');

describe('what is refused is said', () => {
  it.each<[string, Uint8Array, string]>([
    ['a wrong key', ciphered(TELEGRAM, { ek: WRONG_KEY }), 'bad-tag'],
    [
      'a wrong key without a tag',
      ciphered(notification(u32(5)), { ek: WRONG_KEY, protection: 'encryption' }),
      'decrypt-garbage',
    ],
    [
      'the keys exchanged, without a tag',
      ciphered(notification(u32(5)), { ek: AK, protection: 'encryption' }),
      'swapped-keys',
    ],
    ['an answer that nobody asked for', wrapped(fromHex('C401C1000600000005')), 'bad-value'],
    ['a message cut off in its frame', wrapped(fromHex('0F0000000100020212')), 'truncated'],
  ])('%s', (_, line, reason) => {
    expect(receive(line)).toEqual([
      expect.objectContaining({ type: 'refused', error: expect.objectContaining({ reason }) }),
    ]);
  });

  it('a push that comes again', () => {
    const line = wrapped(ciphered(notification(u32(5))));
    expect(receive(concat(line, line)).map((event) => (event.type === 'refused' ? event.error : event.type))).toEqual([
      'push',
      expect.objectContaining({ reason: 'replay' }),
    ]);
  });
});

describe('sheets', () => {
  it.each(knownPushSheets.map((sheet) => [sheet.id, sheet] as const))(
    '%s is right, and says where it is from',
    (_, sheet) => {
      expect(pushSheetProblem(sheet)).toBeUndefined();
      expect(parsePushSheets(JSON.stringify(sheet), 'x')).toEqual([sheet]);
    },
  );

  it('ids are their own', () => {
    expect(new Set(knownPushSheets.map(({ id }) => id)).size).toBe(knownPushSheets.length);
  });

  const good = { id: 'a', title: 'A', source: 'B', trust: 'recorded', match: {} };
  it.each<[unknown, RegExp]>([
    [[], /no object|^$/],
    [{ ...good, id: 'A b' }, /'id'/],
    [{ ...good, trust: 'sure' }, /'trust'/],
    [{ ...good, match: { verson: 'x' } }, /'match' has an unknown field 'verson'/],
    [{ ...good, scalers: { '1.0.1.8.0.255': '3 parsec' } }, /3 parsec/],
    [{ ...good, lists: [['3:1.0.1.8.0:2']] }, /class:obis:attribute/],
    [{ ...good, unnamed: ['clock'] }, /clock/],
    [{ ...good, suprise: 1 }, /suprise/],
  ])('%j is refused by name', (sheet, message) => {
    if (Array.isArray(sheet)) expect(parsePushSheets('[]', 'x')).toEqual([]);
    else expect(() => parsePushSheets(JSON.stringify(sheet), 'x.json')).toThrow(message);
  });

  it('one of a person goes first', () => {
    const own: PushSheet = {
      ...good,
      trust: 'documented',
      match: { form: 'pairs' },
      scalers: { '1.*.1.8.0.255': '3 Wh' },
      names: { '1.*.1.8.0.255': 'Main meter' },
    };
    const line = concat(...hdlc(notification(structureOf([obis('1.0.1.8.0'), u32(5), obis('1.0.2.8.0'), u32(6)]))));
    expect(only(line, {}, [own, ...knownPushSheets]).readings.map(String)).toEqual([
      'Main meter: 5000 Wh',
      expect.stringContaining('6 (scaler unknown)'),
    ]);
  });
});

it('nothing of a key is in what is refused', () => {
  const [event] = receive(ciphered(TELEGRAM, { ek: AK }));
  expect(JSON.stringify(event).toUpperCase()).not.toContain(toHex(EK));
});

describe('a name that is sent in clear', () => {
  const called = (name: string) =>
    wrapped(notification(structureOf([octets(logicalNameToBytes('0.0.42.0.0.255')), visible(name)])));
  const keys = { encryption: EK, authentication: AK };
  const senderOf = (name: string, keysOf: (title: Uint8Array) => PushKeys | undefined) => {
    const notifications = new NotificationReceiver({ crypto: nodeCrypto, keysOf });
    const [event] = new PushReceiver({ notifications }).receive(called(name));
    if (event?.type !== 'push') throw new Error('no push came');
    expect(event.push.device).toBe(name);
    expect(event.push.systemTitle).toBeUndefined();
    return event.push.sender;
  };
  const own = (hex: string) => (title: Uint8Array) => (toHex(title) === hex ? keys : undefined);

  it.each(['4B464D1010000002', '4b464d1010000002', '4B 46 4D 10 10 00 00 02', '4B-46-4D-10-10-00-00-02'])(
    'does not pass for the title of a meter with keys: %s',
    (name) => {
      expect(senderOf(name, () => keys)).toBe(`unproved:${name}`);
      expect(senderOf(name, own('4B464D1010000002'))).toBe(`unproved:${name}`);
      expect(senderOf(name, () => undefined)).toBe(name);
    },
  );

  it('nor where the title begins with no letters and has keys of its own', () => {
    const others = { encryption: AK };
    const keysOf = (title: Uint8Array) => own('0102030405060708')(title) ?? others;
    expect(senderOf('0102030405060708', keysOf)).toBe('unproved:0102030405060708');
    expect(senderOf('0102030405060708', own('0102030405060708'))).toBe('unproved:0102030405060708');
    expect(senderOf('0102030405060709', keysOf)).toBe('0102030405060709');
  });

  it.each(['6970631401753985', '5705705705705702', 'KFM1200200234804', '4B464D10100000', ''])(
    'stays as it is where it is no title: %s',
    (name) => {
      expect(senderOf(name, () => keys)).toBe(name);
    },
  );
});

describe('what is borne in a push', () => {
  const surplus = (octets: Uint8Array) => concat(octets, Uint8Array.of(0, 0));
  const energy = notification(u32(5));
  it.each<[string, Uint8Array, string[]]>([
    ['nothing', energy, []],
    ['in clear', surplus(energy), ['surplus-octets']],
    ['in an envelope', ciphered(surplus(energy)), ['surplus-octets']],
    ['behind an envelope', surplus(ciphered(energy)), ['surplus-octets']],
  ])('is told with it: %s', (_, line, codes) => {
    const told: string[] = [];
    const notifications = new NotificationReceiver({
      crypto: nodeCrypto,
      keysOf: () => ({ encryption: EK, authentication: AK }),
      onRemark: ({ code }) => told.push(code),
    });
    const [event] = new PushReceiver({ notifications }).receive(wrapped(line));
    expect(event?.type === 'push' ? event.push.remarks.map(({ code }) => code) : event).toEqual(codes);
    expect(told).toEqual(codes);
  });
});

describe('a push that nothing proves', () => {
  const tagged = (counter: number) => wrapped(ciphered(notification(u32(counter)), { counter }));
  const outcomes = (events: readonly PushEvent[]) =>
    events.map((event) =>
      event.type === 'push'
        ? [event.push.authenticated, event.push.message.type === 'data-notification' && event.push.message.body.value]
        : event.type === 'refused' && event.error instanceof SecurityError
          ? event.error.reason
          : event.type,
    );

  it.each([
    [true, [false, 7]],
    [false, 'not-verified'],
    [undefined, 'not-verified'],
  ])('is marked, and taken only where acceptUnauthenticated is %s', (accept, outcome) => {
    const notifications = new NotificationReceiver({
      crypto: nodeCrypto,
      keysOf: () => ({ encryption: EK }),
      ...(accept === undefined ? {} : { acceptUnauthenticated: accept }),
    });
    expect(outcomes(new PushReceiver({ notifications }).receive(tagged(7)))).toEqual([outcome]);
  });

  it.each([
    [true, [false, 7]],
    [false, 'not-verified'],
    [undefined, 'not-verified'],
  ])('under encryption alone, both keys given: taken only where acceptUnauthenticated is %s', (accept, outcome) => {
    const untagged = wrapped(ciphered(notification(u32(7)), { protection: 'encryption', counter: 7 }));
    for (const keys of [{ encryption: EK }, { encryption: EK, authentication: AK }]) {
      const guard = new MemoryReplayGuard();
      const notifications = new NotificationReceiver({
        crypto: nodeCrypto,
        keysOf: () => keys,
        guard,
        ...(accept === undefined ? {} : { acceptUnauthenticated: accept }),
      });
      const receiver = new PushReceiver({ notifications });
      expect(outcomes(receiver.receive(untagged))).toEqual([outcome]);
      // The same one again is none, and one that is proved comes in below its counter.
      expect(outcomes(receiver.receive(untagged))).toEqual([accept === true ? 'replay' : outcome]);
      if (keys.authentication !== undefined) expect(outcomes(receiver.receive(tagged(5)))).toEqual([[true, 5]]);
    }
  });

  it('under encryption alone and another key, the key is what is said', () => {
    const keysOf = () => ({ encryption: AK, authentication: EK });
    const notifications = new NotificationReceiver({ crypto: nodeCrypto, keysOf });
    const untagged = wrapped(ciphered(notification(u32(7)), { protection: 'encryption' }));
    expect(outcomes(new PushReceiver({ notifications }).receive(untagged))).toEqual(['swapped-keys']);
  });

  it('moves no counter: a proved one with a lower counter comes in after it', () => {
    const guard = new MemoryReplayGuard();
    const keys: { encryption: Uint8Array; authentication?: Uint8Array } = { encryption: EK };
    const notifications = new NotificationReceiver({
      crypto: nodeCrypto,
      keysOf: () => keys,
      acceptUnauthenticated: true,
      guard,
    });
    const receiver = new PushReceiver({ notifications });
    expect(outcomes(receiver.receive(tagged(0xffff_fffd)))).toEqual([[false, 0xffff_fffd]]);
    keys.authentication = AK;
    expect(outcomes(receiver.receive(concat(tagged(5), tagged(5))))).toEqual([[true, 5], 'replay']);
    // With an authentication key a tag that does not hold yields no value, asked for or not.
    keys.authentication = WRONG_KEY;
    expect(outcomes(receiver.receive(tagged(6)))).toEqual(['bad-tag']);
  });

  it('is not one whose tag was taken for content: the control octet changed from 30 to 20', () => {
    const whole = ciphered(notification(u32(5)));
    const changed = Uint8Array.from(whole, (octet, i) => (i === 11 && octet === 0x30 ? 0x20 : octet));
    expect(changed).not.toEqual(whole);
    const [outcome] = outcomes(receive(wrapped(changed)));
    expect(['decrypt-garbage', 'changed-control']).toContain(outcome);
  });
});
