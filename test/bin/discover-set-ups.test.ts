import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOf, flagsOf, readoutFlags } from '../../bin/commands/discover.js';
import { openOptions } from '../../bin/connect.js';
import { Output } from '../../bin/output.js';
import { storedSettings } from '../../bin/settings.js';
import { createMeter, type LineNoise, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import {
  type DiscoveredMeter,
  discover,
  type OpenOptions,
  open,
  type Readout,
  readout,
  type Transport,
  VirtualClock,
} from '../../src/index.js';
import { nodeCrypto } from '../../src/node.js';
import {
  encodeReadout,
  HdlcLink,
  type Link,
  ModeCLink,
  ModeELink,
  type ModeEServerConfig,
  toLatin1,
} from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import { FakeIo } from './fake-io.js';

/** A line set-up that a technician may meet. HDLC is 8N1; the sign-on, and what has no HDLC, 7E1. */
interface SetUp {
  readonly name: string;
  /** Speed of direct HDLC. */
  readonly baud?: number;
  /** Signs on in mode E. */
  readonly modeE?: Partial<ModeEServerConfig> & { readonly baud: number };
  /** Has no HDLC: mode C, at 7E1. */
  readonly modeC?: { readonly baud: number; readonly openingBaud?: number };
  readonly lower?: number;
  readonly sizes?: readonly (1 | 2 | 4)[];
  readonly echo?: boolean;
  readonly latency?: number;
  readonly noise?: LineNoise;
  readonly fifo?: number;
  /** What the meter grants. */
  readonly maxInfo?: number;
  readonly window?: number;
  /** Several meters on the line, at these lower addresses, and where it is looked for them. */
  readonly drop?: readonly number[];
  readonly range?: readonly [number, number];
  /** Which seconds finding may take. */
  readonly within?: number;
  /** Which seconds it may take until it is told that a meter signs on: 4 unless given. */
  readonly signedOn?: number;
  /** Which seconds it may take until the way is known, before the name plate. */
  readonly seen?: number;
}

const SET_UPS: readonly SetUp[] = [
  { name: 'direct HDLC at 9600 baud', within: 5 },
  { name: 'an echo', echo: true, within: 5 },
  { name: 'a slow adapter', latency: 100, within: 5 },
  { name: 'one octet of address', sizes: [1], within: 5 },
  { name: 'two octets, lower 16', sizes: [2], lower: 16, within: 5 },
  { name: 'two octets, lower 17', sizes: [2], lower: 17, within: 5 },
  { name: 'two octets, lower 1, an echo', sizes: [2], lower: 1, echo: true, within: 5 },
  { name: 'four octets, lower 17', sizes: [4], lower: 17, within: 5 },
  { name: 'four octets, lower 16', sizes: [4], lower: 16, within: 5 },
  { name: 'long frames, one at a time', maxInfo: 1024, window: 1, within: 5 },
  { name: 'long frames, seven at a time, an echo', maxInfo: 2030, window: 7, echo: true, within: 5 },
  { name: 'short frames', maxInfo: 32, window: 1, within: 5 },
  { name: '19200 baud', baud: 19200 },
  { name: '19200 baud, four octets, an echo', baud: 19200, sizes: [4], lower: 16, echo: true },
  { name: '4800 baud', baud: 4800 },
  { name: '4800 baud, an echo, a slow adapter', baud: 4800, echo: true, latency: 30 },
  { name: '2400 baud, lower 17', baud: 2400, sizes: [2], lower: 17 },
  { name: '38400 baud', baud: 38400 },
  { name: '57600 baud, octet by octet', baud: 57600, fifo: 1 },
  { name: '115200 baud', baud: 115200, maxInfo: 512, window: 3 },
  { name: '300 baud', baud: 300, fifo: 1 },
  { name: 'mode E to 9600 baud', modeE: { baud: 9600 }, within: 8 },
  { name: 'mode E, an echo', modeE: { baud: 9600 }, echo: true, within: 8 },
  { name: 'mode E to 4800 baud', modeE: { baud: 4800 }, within: 8 },
  { name: 'mode E to 2400 baud, lower 16', modeE: { baud: 2400 }, sizes: [2], lower: 16, within: 8 },
  { name: 'mode E to 19200 baud, an echo', modeE: { baud: 19200 }, echo: true, maxInfo: 1024, window: 7, within: 8 },
  { name: 'mode E that stays at 300 baud', modeE: { baud: 300 }, fifo: 4, within: 22, seen: 8 },
  { name: 'mode E to 600 baud, a slow adapter', modeE: { baud: 600 }, latency: 50, within: 14, seen: 8 },
  { name: 'mode E, four octets, lower 17', modeE: { baud: 9600 }, sizes: [4], lower: 17, fifo: 64, within: 8 },
  { name: 'mode E after a wake-up sequence', modeE: { baud: 9600, asleep: 60 }, within: 18, signedOn: 16 },
  { name: 'mode E after a wake-up sequence, an echo', modeE: { baud: 4800, asleep: 60 }, echo: true, signedOn: 16 },
  { name: 'mode E that proposes 4800 baud and goes on at 9600', modeE: { baud: 4800, hdlcBaud: 9600 }, within: 8 },
  {
    name: 'mode E that proposes 9600 baud and stays at 300',
    modeE: { baud: 9600, hdlcBaud: 300 },
    fifo: 4,
    within: 25,
    seen: 9,
  },
  {
    name: 'mode E that confirms 2400 baud where 9600 was agreed',
    modeE: { baud: 9600, confirms: '3', hdlcBaud: 9600 },
  },
  {
    name: 'mode E at 9600 baud from the sign-on on',
    modeE: { baud: 9600, openingBaud: 9600, hdlcBaud: 9600 },
    signedOn: 8,
    within: 8,
  },
  {
    name: 'mode E at 2400 baud from the sign-on on',
    modeE: { baud: 9600, openingBaud: 2400, hdlcBaud: 2400 },
    signedOn: 8,
    within: 10,
    seen: 8,
  },
  { name: 'no HDLC, 7E1, mode C to 9600 baud', modeC: { baud: 9600 } },
  { name: 'no HDLC, 7E1, mode C to 2400 baud, an echo', modeC: { baud: 2400 }, echo: true },
  { name: 'three meters on one line', drop: [3, 17, 20], range: [1, 24] },
  { name: 'two meters on one line at 4800 baud, an echo', drop: [5, 6], range: [4, 8], baud: 4800, echo: true },
  { name: 'bit errors', noise: { bitErrorRate: 1e-3 } },
  { name: 'lost octets, an echo', noise: { lossRate: 2e-3 }, echo: true },
  { name: 'mode E, bit errors', modeE: { baud: 9600 }, noise: { bitErrorRate: 5e-4 } },
  { name: '19200 baud, doubled octets, an echo', baud: 19200, noise: { duplicationRate: 2e-3 }, echo: true },
];

const clock = new VirtualClock(Date.UTC(2026, 5, 1, 6));
const state = mkdtempSync(join(tmpdir(), 'cosem-set-ups-'));
const SEVEN = { dataBits: 7, parity: 'even' } as const;
let meter: VirtualMeter;

beforeAll(() => {
  meter = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
});
afterAll(() => rmSync(state, { recursive: true }));

function serve(transport: Transport, link: Link) {
  return serveLink(transport, link, clock, {
    payload: ({ client, server, bytes }, now) => meter.handle(client, server, bytes, now),
  });
}

function hdlcServer({ lower, sizes, maxInfo, window }: SetUp): Link {
  return new HdlcLink('server', {
    devices: [1],
    ...(lower === undefined ? {} : { lower }),
    ...(sizes === undefined ? {} : { accepts: sizes }),
    parameters: {
      ...(maxInfo === undefined ? {} : { maxInfoTransmit: maxInfo, maxInfoReceive: maxInfo }),
      ...(window === undefined ? {} : { windowTransmit: window, windowReceive: window }),
    },
  });
}

async function lineTo(setUp: SetUp): Promise<VirtualLine> {
  const { baud = 9600, modeE, modeC, drop, echo = false, latency = 0, noise = {}, fifo = 16 } = setUp;
  const line = new VirtualLine(clock, { baudRate: baud, echo: [echo, false], latency, noise, fifo, seed: 1 });
  if (modeC !== undefined) {
    const link = new ModeCLink({ role: 'server', manufacturer: 'ABC', identification: 'OLD', baud: modeC.baud });
    await line.b.configure?.({ baudRate: modeC.openingBaud ?? 300, ...SEVEN });
    const answer = encodeReadout([{ address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] }]);
    await serveLink(line.b, link, clock, { payload: () => answer });
  } else if (modeE !== undefined) {
    await line.b.configure?.({ baudRate: modeE.openingBaud ?? 300, ...SEVEN });
    const config = { role: 'server', manufacturer: 'CSM', identification: 'COSEM-D1', ...modeE } as const;
    await serve(line.b, new ModeELink(config, hdlcServer(setUp)));
  } else if (drop !== undefined) {
    const ends = hub(line.b, drop.length);
    for (const [i, lower] of drop.entries())
      await serve(ends[i] as Transport, hdlcServer({ ...setUp, lower, sizes: [2] }));
  } else await serve(line.b, hdlcServer(setUp));
  return line;
}

/** Several stations on one end of a line: all hear it, each may speak. */
function hub(end: Transport, count: number): Transport[] {
  const handlers: Parameters<Transport['open']>[0][] = [];
  return Array.from({ length: count }, (_, i) => ({
    name: `station ${i}`,
    open: async (handler) => {
      handlers.push(handler);
      if (handlers.length > 1) return;
      await end.open({
        data: (chunk) => {
          for (const one of handlers) one.data(chunk.slice());
        },
        closed: () => {},
      });
    },
    write: (bytes) => end.write(bytes),
    close: () => Promise.resolve(),
  }));
}

/** Words of a command line as a connection. */
function parsed(flags: string): Record<string, string> {
  const words = flags.split(' ');
  return Object.fromEntries(
    words.flatMap((word, i) => (word.startsWith('--') ? [[word.slice(2), words[i + 1] as string]] : [])),
  );
}

const PLACE = { type: 'serial', name: '/dev/ttyUSB0' } as const;

/** Reads a meter with the options that discovery prints: what the command does with them, over the virtual line. */
async function readWith(flags: string, line: VirtualLine, more: OpenOptions): Promise<unknown> {
  const settings = storedSettings(parsed(flags));
  const run = {
    io: new FakeIo({ XDG_STATE_HOME: state, HOME: state }),
    output: new Output(new FakeIo(), true),
    options: {},
  };
  if (settings.line.type !== 'serial') throw new Error('no serial line');
  const { baud } = settings.line;
  const at = settings.framing === 'mode-e' ? { baudRate: settings.signOnBaud ?? 300, ...SEVEN } : { baudRate: baud };
  await line.a.configure?.(at);
  const opened = await open(line.a, { ...openOptions(settings, run, { see: () => {} }), clock, ...more });
  try {
    const name = await opened.get(opened.data('0.0.42.0.0.255').value);
    return name.type === 'octet-string' ? toLatin1(name.value) : name;
  } finally {
    await opened.close();
  }
}

async function readOut(flags: string, line: VirtualLine): Promise<Readout> {
  const { 'fixed-baud': fixed } = parsed(flags);
  await line.a.configure?.({ baudRate: Number(fixed ?? 300), ...SEVEN });
  return readout(line.a, { clock, ...(fixed === undefined ? {} : { fixedBaud: Number(fixed) }) });
}

const found: string[] = [];

describe('discovery finds unaided, and what it prints reads', () => {
  it.each(SET_UPS.map((setUp) => [setUp.name, setUp] as const))('%s', async (name, setUp) => {
    const line = await lineTo(setUp);
    const started = clock.now();
    const options = setUp.range === undefined ? {} : { range: setUp.range };
    let seen = Number.POSITIVE_INFINITY;
    let signedOn = Number.POSITIVE_INFINITY;
    const onSignedOn = () => {
      expect(signedOn, 'told once').toBe(Number.POSITIVE_INFINITY);
      signedOn = (clock.now() - started) / 1000;
    };
    const onSeen = () => {
      seen = Math.min(seen, (clock.now() - started) / 1000);
    };
    const result = await clock.run(
      discover(() => line.a, { line: 'serial', clock, crypto: nodeCrypto, onSignedOn, onSeen, ...options }),
    );
    const seconds = (clock.now() - started) / 1000;
    expect(result.meters.map(({ address }) => address.lower)).toHaveLength(setUp.drop?.length ?? 1);
    expect(result.echo).toBe(setUp.echo ?? false);
    if (setUp.modeE !== undefined) expect(signedOn).toBeLessThan(setUp.signedOn ?? 4);
    expect(seconds).toBeLessThan(setUp.within ?? 70);
    expect(seen).toBeLessThan(setUp.seen ?? setUp.within ?? 70);
    for (const one of result.meters) {
      // Whatever the meter still waits for is over after two minutes.
      await clock.run(new Promise<void>((resolve) => void clock.at(clock.now() + 150_000, () => resolve())));
      const flags = await readAgain(one, line, setUp);
      const times = [signedOn, seen, seconds].map((time) => (Number.isFinite(time) ? time.toFixed(1) : '').padStart(5));
      found.push(`${times.join(' ')} s  ${name}: ${flags}`);
    }
  });

  async function readAgain(one: DiscoveredMeter, line: VirtualLine, { modeC, noise }: SetUp): Promise<string> {
    if (modeC !== undefined) {
      const flags = readoutFlags(PLACE, one);
      const { values } = await clock.run(readOut(flags, line));
      expect(values).toMatchObject([{ logicalName: '1.0.1.8.0.255', value: '000123.4', unit: 'kWh' }]);
      return flags;
    }
    const flags = flagsOf(connectionOf(PLACE, one));
    const name = await clock.run(readWith(flags, line, noise === undefined ? {} : { retries: 8 }));
    expect(name).toBe(meter.identity.logicalDeviceName);
    return flags;
  }

  it('at least 24 set-ups', () => {
    console.log(found.join('\n'));
    expect(SET_UPS.length).toBeGreaterThanOrEqual(24);
  });
});
