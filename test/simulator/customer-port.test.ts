/** What the customer port of a virtual meter sends is read by `followPort`, with the values of the meter's registers, when it is due. */

import { describe, expect, it } from 'vitest';
import {
  CUSTOMER_PORTS,
  type CustomerPortForm,
  type CustomerPortOptions,
  createMeter,
  customerPorts,
  openOptionsOf,
  type VirtualMeter,
} from '../../simulator/index.js';
import { followPort, fromHex, open, type ReceivedPush, type Transport, toHex, VirtualClock } from '../../src/index.js';
import { inspect } from '../../src/inspect.js';
import { concat, decodeTelegram, memoryPair } from '../../src/protocol.js';
import { haveVectors, loadVectors } from '../support/vectors.js';

/** 09:00 in India, a full hour there and half an hour elsewhere. */
const START = Date.UTC(2026, 10, 23, 3, 30);
const LU_AK = Uint8Array.from({ length: 16 }, (_, i) => i * 0x11);

interface CustomerKeys {
  readonly encryption: Uint8Array;
  readonly authentication?: Uint8Array;
}

const KEYED: readonly CustomerPortForm[] = ['p1-lu', 'mbus-at'];

/** A port with somebody who listens to it, and the octets that crossed it. */
class Bench {
  readonly clock = new VirtualClock(START);
  readonly meter: VirtualMeter;
  readonly octets: Uint8Array[] = [];
  readonly refused: string[] = [];

  constructor(profile: 'is15959-1ph' | 'is15959-3ph' = 'is15959-3ph') {
    this.meter = createMeter(profile, { clock: this.clock, seed: 7 });
  }

  /** The keys of the meter's display, which the port has too. */
  get keys(): CustomerKeys {
    const { security } = openOptionsOf(this.meter, 'ihd');
    if (security === undefined) throw new Error('the display has keys');
    return { encryption: security.encryptionKey, authentication: security.authenticationKey };
  }

  /** What a reader has of so many milliseconds. */
  async heard(options: CustomerPortOptions, millis: number, keys?: CustomerKeys): Promise<ReceivedPush[]> {
    const [a, b] = memoryPair();
    const stop = new AbortController();
    const found: ReceivedPush[] = [];
    const own = options.form === 'p1-lu' ? { ...this.keys, authentication: LU_AK } : this.keys;
    const pushes = followPort(listening(a, this.octets), {
      keys: keys ?? own,
      clock: this.clock,
      acceptUnauthenticated: true,
      signal: stop.signal,
    });
    pushes.on('refused', ({ error }) => this.refused.push(error.message));
    pushes.on('discarded', ({ reason }) => this.refused.push(reason));
    pushes.on('incomplete', ({ reason }) => this.refused.push(reason));
    const loop = (async () => {
      for await (const push of pushes) found.push(push);
    })().catch(() => undefined);
    await this.clock.run(Promise.resolve());
    const port = await this.meter.customerPort(b, options);
    for (let passed = 0; passed < millis; passed += 500) {
      this.clock.advance(500);
      await settled();
    }
    await port.close();
    stop.abort();
    await loop;
    return found;
  }

  /** What a reader has of octets that come at once. */
  async listen(octets: Uint8Array, keys: CustomerKeys | undefined): Promise<ReceivedPush | undefined> {
    const [a, b] = memoryPair();
    await b.open({ data() {}, closed() {} });
    const pushes = followPort(a, { keys, clock: this.clock, acceptUnauthenticated: true });
    const next = pushes[Symbol.asyncIterator]().next();
    await settled();
    b.write(octets);
    const { value } = await next;
    await b.close();
    return value as ReceivedPush | undefined;
  }

  /** Registers of the meter as a client reads them, in the unit of the standard. */
  async registers(names: readonly string[]): Promise<string[]> {
    const line = await this.meter.line();
    const meter = await this.clock.run(open(line, { clock: this.clock, ...openOptionsOf(this.meter, 'reader') }));
    const values: string[] = [];
    for (const name of names) values.push((await this.clock.run(meter.reading(name))).value?.toString() ?? '');
    await this.clock.run(meter.close());
    return values;
  }
}

/** Keeps a copy of what comes. */
function listening(transport: Transport, octets: Uint8Array[]): Transport {
  return {
    name: transport.name,
    open: (handler) =>
      transport.open({
        ...handler,
        closed: (error) => handler.closed(error),
        data: (bytes) => {
          octets.push(bytes.slice());
          handler.data(bytes);
        },
      }),
    write: (bytes) => transport.write(bytes),
    close: () => transport.close(),
  };
}

/** Lets what is under way without time happen. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function valueIn({ readings }: ReceivedPush, name: string): string | undefined {
  return readings.find(({ logicalName }) => logicalName === name)?.value?.toString();
}

describe.each(CUSTOMER_PORTS)('%s', (form) => {
  it('is read by followPort: nothing is refused or skipped, at the times such ports have', async () => {
    const bench = new Bench();
    const { interval } = customerPorts[form];
    const pushes = await bench.heard({ form }, 60_000);
    expect(bench.refused).toEqual([]);
    expect(pushes).toHaveLength(60_000 / interval);
    const times = pushes.flatMap(({ time }) => time?.toText().slice(0, 19) ?? []);
    if (form === 'p1') expect(times.slice(0, 2)).toEqual(['2026-11-23 09:00:01', '2026-11-23 09:00:02']);
    if (form === 'mbus-at') expect(times.slice(0, 2)).toEqual(['2026-11-23 09:00:05', '2026-11-23 09:00:10']);
    bench.meter.stop();
  });

  it.each(['is15959-1ph', 'is15959-3ph'] as const)('has the values of the registers of %s', async (profile) => {
    const bench = new Bench(profile);
    const { interval } = customerPorts[form];
    // To the full hour: the Norwegian list with energies.
    bench.clock.advance(30 * 60_000 - interval);
    const [push] = await bench.heard({ form }, interval);
    const three = profile === 'is15959-3ph';
    const energy = form === 'p1' ? '1.0.1.8.1.255' : '1.0.1.8.0.255';
    const volt = three ? '1.0.32.7.0.255' : '1.0.12.7.0.255';
    const [wattHours, watts, volts] = await bench.registers([energy, '1.0.1.7.0.255', volt]);
    expect(Number(valueIn(push as ReceivedPush, energy))).toBe(Number(wattHours));
    expect(Number(valueIn(push as ReceivedPush, '1.0.1.7.0.255'))).toBe(Number(watts));
    expect(Number(valueIn(push as ReceivedPush, '1.0.32.7.0.255'))).toBeCloseTo(Number(volts), 1);
    expect(valueIn(push as ReceivedPush, '1.0.52.7.0.255') !== undefined).toBe(three);
    bench.meter.stop();
  });

  it('sends nothing without supply, and goes on with it', async () => {
    const bench = new Bench();
    const { interval } = customerPorts[form];
    bench.meter.controls.power(false);
    expect(await bench.heard({ form }, 4 * interval)).toEqual([]);
    bench.meter.controls.power(true);
    expect((await bench.heard({ form }, 4 * interval)).length).toBe(4);
    bench.meter.stop();
  });
});

describe('telegrams', () => {
  it('have a CRC that holds, the lines of the standard, and tariffs that add up', async () => {
    const bench = new Bench();
    await bench.heard({ form: 'p1' }, 1000);
    const [telegram] = bench.octets;
    const { meter, dataSets, crc } = decodeTelegram(telegram as Uint8Array);
    expect([meter.manufacturer, crc !== undefined]).toEqual(['CSM', true]);
    const text = new TextDecoder().decode(telegram);
    expect(text).toMatch(/^\/CSM5\\2COSEM-VIRTUAL\r\n\r\n1-3:0\.2\.8\(50\)\r\n0-0:1\.0\.0\(261123090001W\)\r\n/);
    expect(text).toMatch(/\r\n1-0:1\.8\.1\(\d{6}\.\d{3}\*kWh\)\r\n1-0:1\.8\.2\(\d{6}\.\d{3}\*kWh\)\r\n/);
    expect(text).toMatch(/\r\n1-0:1\.7\.0\(\d\d\.\d{3}\*kW\)\r\n/);
    expect(text).toMatch(/\r\n1-0:32\.7\.0\(\d{3}\.\d\*V\)\r\n.*\r\n.*\r\n1-0:31\.7\.0\(\d{3}\*A\)\r\n/);
    expect(text).toMatch(/\r\n![0-9A-F]{4}\r\n$/);
    const kWh = (address: string) => Number(dataSets.find((set) => set.address === address)?.values[0]?.value) * 1000;
    const [total] = await bench.registers(['1.0.1.8.0.255']);
    expect(Math.round(kWh('1-0:1.8.1') + kWh('1-0:1.8.2'))).toBe(Number(total));
    bench.meter.stop();
  });
});

describe('lists', () => {
  it('of Norway come every 2.5 s, every 10 s, and with energies every hour', async () => {
    const bench = new Bench();
    bench.clock.advance(30 * 60_000 - 10_000);
    const sizes = (await bench.heard({ form: 'han-no' }, 20_000)).map(({ readings }) => readings.length);
    expect(sizes).toEqual([1, 1, 1, 18, 1, 1, 1, 13]);
    bench.meter.stop();
  });

  it('have the outer shape of recorded ones: UI frame with LLC, M-Bus long frames around general-glo-ciphering', async () => {
    const bench = new Bench();
    await bench.heard({ form: 'han-no' }, 2500);
    const [frame = new Uint8Array()] = bench.octets;
    expect([frame[0], frame.at(-1), (frame[1] ?? 0) & 0xf0]).toEqual([0x7e, 0x7e, 0xa0]);
    expect(toHex(frame)).toContain('E6E7000F');
    bench.octets.length = 0;
    await bench.heard({ form: 'mbus-at' }, 5000);
    const [long = new Uint8Array()] = bench.octets;
    expect(toHex(long.subarray(0, 10))).toMatch(/^68FAFA6853FF000167DB$/);
    expect(long.subarray(11, 19)).toEqual(bench.meter.identity.systemTitle);
    expect(JSON.stringify(inspect(concat(...bench.octets)))).toContain('general-glo-ciphering');
    bench.meter.stop();
  });
});

/** The recorded message of a meter whose port is imitated, and its key. */
const RECORDED = [
  ['han-no', 'push-se-aidon-3phase', undefined],
  ['mbus-at', 'push-at-tinetz-kaifa', { encryption: fromHex('101112131415161718191A1B1C1D1E1F') }],
] as const;

describe.skipIf(!haveVectors)('beside recorded messages', () => {
  it.each(RECORDED)('%s has the types of %s, and its frames', async (form, id, keys) => {
    const vector = loadVectors('push').find((one) => one.id === id);
    const octets = fromHex(vector?.hex ?? vector?.fragments?.join('') ?? '');
    const bench = new Bench();
    bench.clock.advance(30 * 60_000 - customerPorts[form].interval);
    const [own] = await bench.heard({ form }, customerPorts[form].interval);
    const recorded = await bench.listen(octets, keys);
    const types = (push: ReceivedPush | undefined) =>
      new Map(push?.readings.map(({ logicalName, data }) => [logicalName, data.type]));
    const [ours, theirs] = [types(own), types(recorded)];
    const common = [...ours.keys()].filter((name) => theirs.has(name));
    expect(common.length).toBeGreaterThan(8);
    expect(common.map((name) => [name, ours.get(name)])).toEqual(common.map((name) => [name, theirs.get(name)]));
    // Addresses and control field, or CI; then the tag, and the security control behind title and length.
    const frame = (all: Uint8Array) =>
      toHex(all)
        .replace(/^(7E)....|^(68)....(68)/, '$1$2$3')
        .slice(0, 10);
    const control = (all: Uint8Array) => /DB08.{16}(?:82.{4}|81..|..)(..)/.exec(toHex(all))?.[1];
    const sent = concat(...bench.octets);
    expect([frame(sent), control(sent)]).toEqual([frame(octets), control(octets)]);
    bench.meter.stop();
  });
});

describe('keys', () => {
  it.each(KEYED)(
    '%s is opened by the key of the customer alone, and counts upwards also beside the display',
    async (form) => {
      const bench = new Bench();
      const first = await bench.heard({ form }, customerPorts[form].interval * 3);
      const counters = () => bench.octets.flatMap((octets) => counterIn(octets, bench.meter.identity.systemTitle));
      expect(first).toHaveLength(3);
      const before = counters();
      await bench.heard({ form }, customerPorts[form].interval * 3);
      const all = counters();
      expect(new Set(all).size).toBe(all.length);
      expect(all.slice(before.length).every((counter) => counter > (before.at(-1) ?? 0))).toBe(true);
      const wrong = { encryption: new Uint8Array(16), authentication: new Uint8Array(16) };
      expect(await bench.heard({ form }, customerPorts[form].interval, wrong)).toEqual([]);
      expect(bench.refused).toHaveLength(1);
      bench.meter.stop();
    },
  );

  it('of a customer are taken in place of those of the display; the counter of a key that a client has is that of the client', async () => {
    const bench = new Bench();
    const encryption = Uint8Array.from({ length: 16 }, (_, i) => i);
    const [push] = await bench.heard({ form: 'mbus-at', keys: { encryption } }, 5000, { encryption });
    expect(push?.sender).toBe(toHex(bench.meter.identity.systemTitle));
    bench.meter.stop();
  });

  it('and other options that do not fit are refused, without the key in the words', async () => {
    const bench = new Bench();
    const [, b] = memoryPair();
    const serve = (options: object) => bench.meter.customerPort(b, options as CustomerPortOptions);
    await expect(async () => serve({ form: 'p2' })).rejects.toThrow('there is no customer port of that form');
    await expect(async () => serve({ form: 'p1', intervall: 1 })).rejects.toThrow(
      "customerPort has no option 'intervall'",
    );
    await expect(async () => serve({ form: 'p1', interval: 0.5 })).rejects.toThrow('whole number of milliseconds');
    const short = { encryption: Uint8Array.of(0xca, 0xfe) };
    const refusal = await (async () => serve({ form: 'mbus-at', keys: short }))().catch((error: unknown) => error);
    expect(String(refusal)).toMatch(/encryption key of a customer port does not have 16 octets/);
    expect(String(refusal)).not.toMatch(/202|cafe/i);
    bench.meter.stop();
  });
});

it('a slow line is not sent more than it carries; stop ends the port, and says so once', async () => {
  const clock = new VirtualClock(START);
  const meter = createMeter('is15959-1ph', { clock, seed: 7 });
  const drains: (() => void)[] = [];
  let written = 0;
  let closed = 0;
  const slow: Transport = {
    name: 'a slow line',
    open: async () => {},
    write: () => written++,
    drain: () => new Promise((resolve) => drains.push(resolve)),
    close: async () => {},
  };
  const port = await meter.customerPort(slow, { form: 'p1', onClosed: () => closed++ });
  clock.advance(10_000);
  expect(written).toBe(1);
  drains[0]?.();
  await settled();
  clock.advance(10_000);
  expect([written, port.sent]).toEqual([2, 2]);
  meter.stop();
  await port.close();
  clock.advance(60_000);
  expect([written, closed]).toEqual([2, 1]);
});

/** The invocation counter of a message under this title: after the title, the length and the security control. */
function counterIn(octets: Uint8Array, title: Uint8Array): number[] {
  const hex = toHex(octets);
  const at = hex.indexOf(toHex(title));
  if (at < 0) return [];
  const rest = hex.slice(at + 16);
  const length = rest.startsWith('82') ? 6 : rest.startsWith('81') ? 4 : 2;
  return [Number.parseInt(rest.slice(length + 2, length + 10), 16)];
}
