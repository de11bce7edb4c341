import { afterEach, describe, expect, it } from 'vitest';
import { i16, octets, Register } from '../../src/classes.js';
import {
  AccessError,
  CosemDateTime,
  type Data,
  type OpenOptions,
  open,
  StateError,
  type Transport,
} from '../../src/index.js';
import { nodeCrypto, serial, tcp, tcpServer, udp, udpServer } from '../../src/node.js';
import {
  type DeviceServer,
  LogicalDevice,
  lls,
  type OwnProfile,
  object,
  profile,
  publicClient,
  serve,
} from '../../src/server.js';
import { hasSocat, ptyPair } from '../support/pty.js';

const PASSWORD = 'ABCDEFGH';
const TEMPERATURE = '0.0.96.9.0.255';
const LOAD = '1.0.99.1.0.255';
const BEGIN = Date.UTC(2026, 0, 2);
const COLUMNS = ['8:0.0.1.0.0.255:2', `3:${TEMPERATURE}:2`];
const BOTH = { read: ['public', 'reader'] };

const minute = (n: number) => CosemDateTime.fromDate(new Date(BEGIN + n * 60_000), 0);
const stamp = (n: number) => octets(minute(n).toBytes());
/** Rows that tell which of them were asked for. */
function counted(length: number) {
  const asked = new Set<number>();
  const rows = Array.from({ length }, (_, i): Data[] => [stamp(i), i16(i)]);
  for (const [i, row] of rows.entries()) {
    const value = row[1] as Data;
    Object.defineProperty(row, 1, {
      get: () => {
        asked.add(i);
        return value;
      },
    });
  }
  return { rows, asked };
}

const servers: DeviceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function made(own: Partial<OwnProfile> = {}) {
  const faults: unknown[] = [];
  const device = new LogicalDevice({
    name: 'TMP0000001',
    associations: [publicClient(), lls({ password: PASSWORD })],
    onFault: (error) => faults.push(error),
  });
  const { rows, asked } = counted(200);
  const scalerUnit = { scaler: -1, unit: '°C' } as const;
  device.add(object(Register, TEMPERATURE, { value: () => i16(215), scalerUnit }, BOTH));
  device.add(profile(LOAD, { columns: COLUMNS, rows: () => rows, period: 60, capacity: 1440, ...own }, BOTH));
  return { device, faults, asked };
}

async function overTcp(own: Partial<OwnProfile> = {}) {
  const { device, faults, asked } = made(own);
  const server = await serve(device, tcpServer({ port: 0 }), { crypto: nodeCrypto });
  servers.push(server);
  const reader: OpenOptions = { framing: 'wrapper', client: 32, password: PASSWORD };
  const meter = await open(tcp('127.0.0.1', server.port as number), reader);
  return { meter, faults, asked };
}

const numbers = (rows: readonly { readonly values: readonly { readonly value: unknown }[] }[]) =>
  rows.map(({ values }) => String(values[1]?.value));

describe('a profile of one’s own', () => {
  it('is read whole, by time and by entries, with scalers and units', async () => {
    const { meter, faults } = await overTcp();
    const load = meter.profile(LOAD);
    const whole = await load.rows();
    expect(whole).toHaveLength(200);
    expect(whole[7]?.text).toBe(
      '2026-01-02 00:07:00 +00:00: Time 2026-01-02 00:07:00 +00:00, Ambient temperature 0.7 °C',
    );
    expect(numbers(await load.rows({ fromEntry: 3, toEntry: 4 }))).toEqual(['0.2', '0.3']);
    expect(numbers(await load.rows({ last: 2 }))).toEqual(['19.8', '19.9']);
    const day = { from: minute(10), to: minute(12) };
    expect(numbers(await load.rows(day))).toEqual(['1.0', '1.1', '1.2']);
    expect(await load.state()).toMatchObject({ entriesInUse: 200, profileEntries: 1440 });
    await meter.close();
    expect(faults).toEqual([]);
  });

  it('encodes only the rows that are selected', async () => {
    const { meter, asked } = await overTcp();
    await meter.profile(LOAD).rows({ fromEntry: 3, toEntry: 4 });
    expect([...asked].sort()).toEqual([2, 3]);
    asked.clear();
    await meter.profile(LOAD).rows({ from: minute(10), to: minute(11) });
    // The range is found by the clock alone, and the length of a row is looked at before.
    expect([...asked].sort()).toEqual([10, 11]);
    await meter.close();
  });

  it.each<[string, () => Data[][]]>([
    ['rows that do not fit the columns', () => [[stamp(0)]]],
    ['values that cannot be sent', () => [[stamp(0), { type: 'long', value: 70_000 } as Data]]],
    [
      'a function that throws',
      () => {
        throw new Error('the disk is gone');
      },
    ],
  ])('%s are told, and end nothing', async (_, rows) => {
    const { meter, faults } = await overTcp({ rows });
    const buffer = meter.profile(LOAD);
    const error = await buffer.rows().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessError);
    expect(error).toMatchObject({ result: 'hardware-fault' });
    expect(faults.length).toBeGreaterThan(0);
    expect((await meter.reading(TEMPERATURE)).text).toBe('21.5 °C');
    await meter.close();
  });

  it.each([
    ['a profile of 0 columns', { columns: [] }],
    ["'temperature' is no column", { columns: ['temperature'] }],
    ['a profile of 2 columns', { sortedBy: 2 }],
    ["profile has no option 'row'", { row: () => [] }],
  ])('is refused with what cannot be: %s', (words, own) => {
    expect(() => made(own as Partial<OwnProfile>)).toThrow(words);
  });

  it.each<[string, Partial<OwnProfile>]>([
    ['a class', { columns: ['70000:0.0.1.0.0.255:2', '3:0.0.96.9.0.255:2'] }],
    ['an attribute', { columns: ['8:0.0.1.0.0.255:200', '3:0.0.96.9.0.255:2'] }],
    ['a period', { period: -1 }],
    ['a capacity', { capacity: 1.5 }],
  ])('is refused when it is made with %s that cannot be sent', (_, own) => {
    expect(() => made(own)).toThrow(StateError);
    expect(() => made(own)).toThrow(LOAD);
  });
});

describe('a device of one’s own on real lines', () => {
  it('over UDP', async () => {
    const { device } = made();
    const server = await serve(device, udpServer({ port: 0 }), { crypto: nodeCrypto });
    servers.push(server);
    const options: OpenOptions = { framing: 'wrapper-udp', client: 32, password: PASSWORD };
    const meter = await open(udp('127.0.0.1', server.port as number), options);
    expect((await meter.reading(TEMPERATURE)).text).toBe('21.5 °C');
    await meter.close();
  });

  it.skipIf(!hasSocat).each(['hdlc', 'mode-e'] as const)('over a serial port by %s', async (framing) => {
    await using pair = await ptyPair();
    const { device } = made();
    const port = (path: string): Transport => serial(path, { baudRate: framing === 'mode-e' ? 300 : 9600 });
    servers.push(await serve(device, port(pair.a), { framing, crypto: nodeCrypto }));
    const meter = await open(port(pair.b), { framing, client: 32, password: PASSWORD });
    expect((await meter.reading(TEMPERATURE)).text).toBe('21.5 °C');
    expect(numbers(await meter.profile(LOAD).rows({ last: 2 }))).toEqual(['19.8', '19.9']);
    await meter.close();
  });
});
