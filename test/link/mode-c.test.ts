import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineNoise, VirtualLine } from '../../simulator/line.js';
import { AccessError, type Readout, type ReadoutOptions, readout, VirtualClock } from '../../src/index.js';
import {
  type DataSet,
  decodeIec21,
  encodeCommand,
  encodeReadout,
  fromLatin1,
  type LinkEvent,
  ModeCLink,
  SELECT_PROGRAMMING,
  SELECT_READOUT,
} from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import { logicalNameOf } from '../../src/tools.js';

const clock = new VirtualClock(0);
const SETS: readonly DataSet[] = [
  { address: '0.0.0', values: [{ value: '12345678', unit: null }] },
  { address: '1.8.0', values: [{ value: '000123.456', unit: 'kWh' }] },
  { address: '1-0:2.8.0*255', values: [{ value: '000000.000', unit: 'kWh' }] },
  { address: 'C.1.0', values: [{ value: 'ABC', unit: null }] },
  {
    address: '1.6.1',
    values: [
      { value: '2.345', unit: 'kW' },
      { value: '2605011200', unit: null },
    ],
  },
  { address: 'XYZ', values: [{ value: 'maker', unit: null }] },
];

/** What an older meter answers: readout by option 0, registers after the password by option 1. */
function oldMeter(password: string) {
  let allowed = false;
  return (payload: Uint8Array): Uint8Array => {
    if (payload[0] === SELECT_READOUT[0]) return encodeReadout(SETS);
    if (payload[0] === SELECT_PROGRAMMING[0]) {
      allowed = false;
      return encodeCommand('P0', '(00000000)');
    }
    const message = decodeIec21(payload);
    if (message.type !== 'programming-command') return error('ER01');
    if (message.command === 'P1') {
      allowed = message.data === `(${password})`;
      return allowed ? Uint8Array.of(6) : error('ER02');
    }
    const address = message.data?.replace(/\(.*/, '');
    const set = SETS.find((one) => one.address === address);
    if (!allowed || set === undefined) return error('ER03');
    const [{ value, unit }] = set.values as [{ value: string; unit: string | null }];
    return data(`(${value}${unit === null ? '' : `*${unit}`})`);
  };
}

/** STX text ETX and the block check. */
function data(text: string): Uint8Array {
  const bytes = fromLatin1(`\x02${text}\x03 `);
  let check = 0;
  for (const octet of bytes.subarray(1, -1)) check ^= octet;
  bytes[bytes.length - 1] = check;
  return bytes;
}

const error = (text: string) => data(`(${text})`);

interface Case {
  readonly baud?: number;
  readonly echo?: boolean;
  readonly noise?: LineNoise;
  readonly seed?: number;
  readonly deviceAddress?: string;
  readonly events?: LinkEvent[];
}

async function read(given: Case, options: ReadoutOptions = {}): Promise<Readout> {
  const { baud = 9600, echo = false, noise = {}, seed = 1, deviceAddress, events } = given;
  const line = new VirtualLine(clock, { baudRate: 300, echo: [echo, false], noise, seed, fifo: 1 });
  for (const end of [line.a, line.b]) await end.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
  const answer = oldMeter('SECRET');
  const link = new ModeCLink({
    role: 'server',
    manufacturer: 'ABC',
    identification: 'OLDMETER',
    baud,
    ...(deviceAddress === undefined ? {} : { deviceAddress }),
  });
  const served = await serveLink(line.b, link, clock, { payload: ({ bytes }) => answer(bytes) });
  const trace: ReadoutOptions['trace'] = (event) => {
    if (event.type === 'link') events?.push(event.event);
  };
  try {
    return await clock.run(readout(line.a, { clock, trace, ...options }));
  } finally {
    await served.close();
  }
}

describe('IEC 62056-21 mode C', () => {
  it.each([300, 600, 1200, 2400, 4800, 9600, 19200])('reads out at %i baud', async (baud) => {
    for (const echo of [false, true]) {
      const { meter, values } = await read({ baud, echo });
      expect(meter).toEqual({ manufacturer: 'ABC', identification: 'OLDMETER', baudRate: baud, mode: 'C' });
      expect(values.map(({ logicalName, value, unit }) => [logicalName, value, unit])).toEqual([
        ['1.0.0.0.0.255', '12345678', undefined],
        ['1.0.1.8.0.255', '000123.456', 'kWh'],
        ['1.0.2.8.0.255', '000000.000', 'kWh'],
        ['0.0.96.1.0.255', 'ABC', undefined],
        ['1.0.1.6.1.255', '2.345', 'kW'],
        ['1.0.1.6.1.255', '2605011200', undefined],
        [undefined, 'maker', undefined],
      ]);
    }
  });

  it('takes no more than the speed it is told', async () => {
    const events: LinkEvent[] = [];
    await read({ baud: 9600, events }, { maxBaud: 1200 });
    expect(events.filter(({ type }) => type === 'reconfigure')).toEqual([
      { type: 'reconfigure', baud: 1200, format: '7E1' },
      { type: 'reconfigure', baud: 300, format: '7E1' },
    ]);
  });

  it('reads registers with a password', async () => {
    const { values } = await read({ echo: true }, { registers: ['1.8.0', '0.0.0'], password: 'SECRET' });
    expect(values).toEqual([
      { address: '1.8.0', logicalName: '1.0.1.8.0.255', value: '000123.456', unit: 'kWh' },
      { address: '0.0.0', logicalName: '1.0.0.0.0.255', value: '12345678', unit: undefined },
    ]);
  });

  it.each<[string, ReadoutOptions]>([
    ['the password', { registers: ['1.8.0'], password: 'WRONG' }],
    ['a register', { registers: ['9.9.9'], password: 'SECRET' }],
  ])('tells that the meter refused %s', async (_, options) => {
    await expect(read({}, options)).rejects.toThrow(AccessError);
  });

  it('asks only the meter that is meant', async () => {
    expect((await read({ deviceAddress: '12345678' }, { deviceAddress: '12345678' })).values.length).toBe(7);
    await expect(read({ deviceAddress: '12345678' }, { deviceAddress: '1' })).rejects.toThrow('no identification');
  });

  it('over a bad line every value is right, or none is told', { timeout: 180_000 }, async () => {
    const truth = (await read({})).values;
    const ends = { told: 0, failed: 0 };
    const property = fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), fc.boolean(), async (seed, echo) => {
      let result: Readout | undefined;
      try {
        result = await read({ seed, echo, noise: { bitErrorRate: 5e-4, lossRate: 5e-4 } });
      } catch {
        ends.failed++;
        return;
      }
      ends.told++;
      // The block check is one octet of XOR: it takes single errors, and the parity bit each odd number of them.
      expect(result.values).toEqual(truth);
    });
    await fc.assert(property, { numRuns: 300, seed: 1 });
    expect(ends.told).toBeGreaterThan(200);
  });

  it('any octets from the meter end in an event and never in a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
        const link = new ModeCLink({ role: 'client' });
        link.connect(0);
        let now = 0;
        for (const chunk of chunks) {
          now += 10;
          link.receive(chunk, now);
        }
        for (let due = link.pollTimeout(); due !== undefined && now < 1e6; due = link.pollTimeout()) {
          now = Math.max(now, due);
          link.handleTimeout(now);
        }
        for (let i = 0; i < 10_000 && link.pollEvent() !== undefined; i++);
        expect(link.pollEvent()).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('addresses of IEC 62056-21', () => {
  it.each([
    ['1.8.0', '1.0.1.8.0.255'],
    ['1.8.0*12', '1.0.1.8.0.12'],
    ['1.8.0&3', '1.0.1.8.0.3'],
    ['1-1:1.8.0', '1.1.1.8.0.255'],
    ['0-0:C.1.0*255', '0.0.96.1.0.255'],
    ['F.F', undefined],
    ['1.300.0', undefined],
    ['', undefined],
  ])('%s is %s', (address, name) => expect(logicalNameOf(address)).toBe(name));
});
