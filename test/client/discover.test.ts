import { beforeAll, describe, expect, it } from 'vitest';
import { createMeter, type LineNoise, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import {
  type DiscoverOptions,
  type Discovery,
  discover,
  LinkError,
  type Transport,
  VirtualClock,
} from '../../src/index.js';
import { HdlcLink, type Link, ModeELink, memoryPair, WrapperLink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

/** A line set-up that a technician may meet. */
interface SetUp {
  readonly baud?: number;
  /** Signs on in mode E and proposes that speed. */
  readonly modeE?: number;
  /** Where HDLC goes on if not as agreed. */
  readonly lower?: number;
  readonly sizes?: readonly (1 | 2 | 4)[];
  readonly echo?: boolean;
  readonly latency?: number;
  readonly noise?: LineNoise;
  readonly fifo?: number;
  /** Which seconds it may take in all. */
  readonly within?: number;
}

/** All of them, and reading with what is printed, in test/bin/discover-set-ups.test.ts. */
const SET_UPS: readonly SetUp[] = [{ within: 5 }, { sizes: [2], lower: 17, within: 5 }, { modeE: 9600, echo: true }];

const clock = new VirtualClock(Date.UTC(2026, 5, 1, 6));
let meter: VirtualMeter;

function serve(transport: Transport, link: Link, to: VirtualMeter = meter) {
  return serveLink(transport, link, clock, {
    payload: ({ client, server, bytes }, now) => to.handle(client, server, bytes, now),
  });
}

function hdlcServer({ lower, sizes }: SetUp): Link {
  const options = { devices: [1], ...(lower === undefined ? {} : { lower }) };
  return new HdlcLink('server', sizes === undefined ? options : { ...options, accepts: sizes });
}

async function lineTo(setUp: SetUp, seed = 1): Promise<VirtualLine> {
  const { baud = 9600, modeE, echo = false, latency = 0, noise = {}, fifo = 16 } = setUp;
  const line = new VirtualLine(clock, { baudRate: baud, echo: [echo, false], latency, noise, fifo, seed });
  const hdlc = hdlcServer(setUp);
  if (modeE === undefined) await serve(line.b, hdlc);
  else {
    await line.b.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    await serve(
      line.b,
      new ModeELink({ role: 'server', manufacturer: 'CSM', identification: 'COSEM-D1', baud: modeE }, hdlc),
    );
  }
  return line;
}

async function find(
  connect: () => Transport,
  options: Partial<DiscoverOptions> = {},
): Promise<Discovery & { seconds: number }> {
  const start = clock.now();
  const found = await clock.run(discover(connect, { line: 'serial', clock, crypto: nodeCrypto, ...options }));
  return { ...found, seconds: (clock.now() - start) / 1000 };
}

function nameOf(found: Discovery, i = 0): string | undefined {
  const outcome = found.meters[i]?.namePlate?.[0];
  return outcome?.ok === true ? outcome.value.text : undefined;
}

describe('discovery', () => {
  beforeAll(() => {
    meter = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
  });

  it.each(SET_UPS.map((setUp) => [JSON.stringify(setUp), setUp] as const))('finds %s', async (_, setUp) => {
    const line = await lineTo(setUp);
    const found = await find(() => line.a);
    expect(found.meters).toHaveLength(1);
    const [way] = found.meters;
    expect(way?.framing).toBe(setUp.modeE === undefined ? 'hdlc' : 'mode-e');
    expect(way?.baud).toBe(setUp.modeE ?? setUp.baud ?? 9600);
    if (setUp.sizes?.[0] !== 1 && setUp.lower !== undefined) expect(way?.address.lower).toBe(setUp.lower);
    if (setUp.sizes !== undefined) expect(setUp.sizes).toContain(way?.address.addressSize);
    expect(way?.refusal?.message).toBeUndefined();
    expect(found.echo).toBe(setUp.echo ?? false);
    expect(nameOf(found)).toBe(meter.identity.logicalDeviceName);
    expect(found.seconds).toBeLessThan(setUp.within ?? 40);
  });

  it('ends on a silent line, and says what it tried', async () => {
    const line = new VirtualLine(clock, {});
    const tried: string[] = [];
    const found = await find(() => line.a, { onProbe: (words) => tried.push(words) });
    expect(found).toMatchObject({ meters: [], echo: false, garbled: false, probes: tried.length });
    expect(tried[0]).toBe('HDLC at 9600 baud 8N1, server 1 (1 octet)');
    expect(tried).toContain('sign-on of IEC 62056-21 at 300 baud 7E1, after a wake-up sequence');
    expect(found.seconds).toBeLessThan(60);
  });

  it('tells an echo from a meter', async () => {
    const line = new VirtualLine(clock, { echo: [true, false] });
    expect(await find(() => line.a, { bauds: [9600] })).toMatchObject({ meters: [], echo: true, garbled: false });
  });

  it('finds any lower address when told to search deep', async () => {
    const line = await lineTo({ sizes: [2], lower: 91 });
    expect((await find(() => line.a)).meters).toEqual([]);
    const again = await lineTo({ sizes: [2], lower: 91 });
    const found = await find(() => again.a, { deep: true });
    expect(found.meters[0]?.address).toEqual({ server: 1, lower: 91, addressSize: 2 });
  });

  it('lists every meter of a line with several', async () => {
    const line = new VirtualLine(clock, {});
    const ends = hub(line.b, 3);
    const meters = [3, 17, 20].map((lower) => ({
      lower,
      virtual: createMeter('is15959-1ph', { clock, seed: lower, crypto: nodeCrypto }),
    }));
    for (const [i, { lower, virtual }] of meters.entries()) {
      await serve(ends[i]!, hdlcServer({ lower, sizes: [2] }), virtual);
    }
    const found = await find(() => line.a, { range: [1, 24] });
    expect(found.meters.map(({ address }) => address.lower)).toEqual([3, 17, 20]);
    expect(found.meters.map((_, i) => nameOf(found, i))).toEqual(
      meters.map(({ virtual }) => virtual.identity.logicalDeviceName),
    );
    expect(found.seconds).toBeLessThan(20);
  });

  it.each(['wrapper', 'hdlc'] as const)('tries both framings on a network: %s', async (framing) => {
    const connect = () => {
      const [client, server] = memoryPair();
      void serve(server, framing === 'hdlc' ? hdlcServer({}) : new WrapperLink('server', { devices: [1] }));
      return client;
    };
    const found = await find(connect, { line: 'network' });
    expect(found.meters[0]?.framing).toBe(framing);
    expect(nameOf(found)).toBe(meter.identity.logicalDeviceName);
  });

  it('tells of a meter that signs on and speaks no HDLC', async () => {
    const line = new VirtualLine(clock, { baudRate: 300 });
    await line.b.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    let heard = '';
    await line.b.open({
      data: (chunk) => {
        heard += String.fromCharCode(...chunk);
        if (heard.endsWith('/?!\r\n')) line.b.write(new TextEncoder().encode('/ABC5OLDMETER\r\n'));
      },
      closed: () => {},
    });
    const found = await find(() => line.a);
    expect(found.meters[0]).toMatchObject({ refused: true, signedOn: { manufacturer: 'ABC', mode: 'C' } });
  });

  it('tells of a port that is not to be had', async () => {
    const broken: Transport = {
      name: 'serial /dev/none',
      open: () => Promise.reject(new LinkError('transport', 'there is no such port')),
      write: () => {},
      close: () => Promise.resolve(),
    };
    await expect(find(() => broken)).rejects.toThrow('there is no such port');
  });

  it('tells of a way before it reads the name plate, which takes long at 300 baud', async () => {
    const line = await lineTo({ modeE: 300 });
    const start = clock.now();
    const told: string[] = [];
    let seconds = Number.POSITIVE_INFINITY;
    await find(() => line.a, {
      onSeen: ({ baud }) => {
        told.push(`seen at ${baud}`);
        seconds = (clock.now() - start) / 1000;
      },
      onFound: ({ baud }) => told.push(`found at ${baud}`),
    });
    expect(told).toEqual(['seen at 300', 'found at 300']);
    expect(seconds).toBeLessThan(8);
  });

  it('hears a mode-E meter whatever HDLC at another speed has left in its ear', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const line = await lineTo({ modeE: 9600 }, seed);
      expect((await find(() => line.a)).seconds, `seed ${seed}`).toBeLessThan(6);
    }
  });

  it.each([false, true])('finds a mode-E meter in less than 8 s of the line, an echo: %s', async (echo) => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
    const meter = createMeter('is15959-1ph', { seed: 7, clock });
    const line = new VirtualLine(clock, { baudRate: 300, echo: [echo, false] });
    await meter.attach(line.b, { framing: 'mode-e' });
    const start = clock.now();
    const told: string[] = [];
    const found = await clock.run(
      discover(() => line.a, {
        line: 'serial',
        clock,
        onProbe: (words) => told.push(`${((clock.now() - start) / 1000).toFixed(2)} s ${words}`),
        onFound: () => told.push(`${((clock.now() - start) / 1000).toFixed(2)} s found`),
      }),
    );
    expect(found).toMatchObject({ echo, meters: [{ framing: 'mode-e', baud: 9600, refused: false }] });
    expect((clock.now() - start) / 1000, told.join('\n')).toBeLessThan(8);
  });
});

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
          for (const { data } of handlers.map((h) => ({ data: h.data.bind(h) }))) data(chunk.slice());
        },
        closed: (error) => {
          for (const h of handlers) h.closed(error);
        },
      });
    },
    write: (bytes) => end.write(bytes),
    close: () => Promise.resolve(),
  }));
}
