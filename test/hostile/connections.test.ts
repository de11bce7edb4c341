/** Connections that want nothing fill no meter, and datagrams with a forged sender make it flood nobody. */

import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat } from '../../src/base/bytes.js';
import { octets } from '../../src/codec/make.js';
import type { Transport } from '../../src/index.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { IdlePeers } from '../../src/server.js';
import { memoryPair } from '../../src/transport/memory.js';
import { attribute, CLIENT, echoAttribute, pump, setup } from '../session/harness.js';
import { Bench } from '../simulator/support.js';
import { firstApdu } from '../support/first-apdu.js';

const SECOND = 1000;
const PUBLIC = 16;

/** A meter behind a listener that takes so many. */
function listener(bench: Bench, limits: { most?: number; idle?: number; handshake?: number } = {}) {
  const { most = 4, idle = 180 * SECOND, handshake = 30 * SECOND } = limits;
  const peers = new IdlePeers({ clock: bench.clock, idle, handshake, most });
  const dial = async (framing: 'wrapper' | 'hdlc' = 'wrapper'): Promise<Transport> => {
    const [near, far] = memoryPair();
    await bench.meter.attach(far, { framing, peers });
    return near;
  };
  /** A connection that says nothing. */
  const idler = async (framing: 'wrapper' | 'hdlc' = 'wrapper') => {
    const line = await dial(framing);
    const state = { closed: false, line };
    await line.open({ data: () => {}, closed: () => Object.assign(state, { closed: true }) });
    return state;
  };
  return { peers, dial, idler };
}

const settle = async () => {
  for (let round = 0; round < 10; round++) await Promise.resolve();
};

describe.each(['wrapper', 'hdlc'] as const)('a meter that takes four connections, over %s', (framing) => {
  it('lets one in that has business, however many are there for nothing', async () => {
    const bench = new Bench();
    const { dial, idler } = listener(bench);
    const idlers: { closed: boolean }[] = [];
    for (let i = 0; i < 20; i++) idlers.push(await idler(framing));
    const meter = await bench.openOn(await dial(framing), 'utility', { framing, patience: 0 });
    expect(idlers.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(3);
    // More of them come: who has proved itself is not the one to go, though it was silent longest.
    bench.clock.advance(SECOND);
    for (let i = 0; i < 20; i++) idlers.push(await idler(framing));
    await settle();
    expect(await meter.get(meter.register('1.0.1.8.0.255').value)).toBeDefined();
    await meter.close();
  });

  it('closes those that have no association after half a minute, and those that are silent for three', async () => {
    const bench = new Bench();
    const { peers, dial, idler } = listener(bench);
    const meter = await bench.openOn(await dial(framing), 'utility', { framing, patience: 0 });
    const stranger = await idler(framing);
    bench.clock.advance(29 * SECOND);
    await settle();
    expect([stranger.closed, peers.size]).toEqual([false, 2]);
    bench.clock.advance(SECOND);
    await settle();
    expect([stranger.closed, peers.size]).toEqual([true, 1]);
    expect(await meter.get(meter.register('1.0.1.8.0.255').value)).toBeDefined();
    // One that comes later has its half minute too, and no more.
    const late = await idler(framing);
    bench.clock.advance(30 * SECOND);
    await settle();
    expect([late.closed, peers.size]).toEqual([true, 1]);
    bench.clock.advance(181 * SECOND);
    await settle();
    expect(peers.size).toBe(0);
    await meter.close();
  });
});

it('a public client has time like any other: it is associated', async () => {
  const bench = new Bench();
  const { peers, dial } = listener(bench);
  const meter = await bench.openOn(await dial(), 'public', { patience: 0 });
  bench.clock.advance(100 * SECOND);
  await settle();
  expect(peers.size).toBe(1);
  expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
  await meter.close();
});

describe('over datagrams', () => {
  /** A peer that nobody knows: what it sends and what comes back, in octets. */
  async function stranger(bench: Bench) {
    const line = await bench.meter.line({ framing: 'wrapper-udp' });
    const count = { sent: 0, came: 0 };
    await line.open({
      data: (chunk) => {
        count.came += chunk.length;
      },
      closed: () => {},
    });
    const send = async (bytes: Uint8Array) => {
      count.sent += bytes.length;
      line.write(bytes);
      await settle();
      // Never more than three times as much, at any moment.
      expect(count.came).toBeLessThanOrEqual(3 * count.sent);
    };
    const say = (apdu: Uint8Array, client = PUBLIC, server = 1) =>
      send(encodeWpdu({ source: client, destination: server, apdu }));
    return { count, send, say };
  }

  const aarq = (options: Parameters<typeof setup>[0] = {}) => firstApdu(setup(options).client);
  const get = (classId: number, name: string, id: number) =>
    encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: attribute(classId, name, id) });
  const objectList = get(15, '0.0.40.0.0.255', 2);
  const next = (blockNumber: number) => encodeApdu({ type: 'get-request-next', invokeId: 0xc1, blockNumber });

  const clients = [1, 16, 32, 48, 64, 80, 96, 99];
  it.each<[string, readonly Uint8Array[]]>([
    ['AARQs in clear', [aarq()]],
    ['AARQs with a password', [aarq({ mechanism: 1 })]],
    [
      'AARQs with a challenge, in clear and ciphered',
      [aarq({ mechanism: 2 }), aarq({ context: 'ln-ciphered', mechanism: 2 })],
    ],
    ['the shortest AARQ there is', [Uint8Array.of(0x60), Uint8Array.of(0x60, 0)]],
    [
      'requests without association',
      [objectList, next(1), Uint8Array.of(0xc0), Uint8Array.of(0x62, 0), Uint8Array.of(0xe0)],
    ],
    [
      'an association and requests for what is long',
      [aarq(), objectList, objectList, objectList, next(1), next(2), next(3)],
    ],
    [
      'an association and many small requests',
      [aarq(), ...Array.from({ length: 30 }, () => get(1, '0.0.96.1.0.255', 2))],
    ],
    [
      'ciphered requests that do not open',
      [Uint8Array.of(0xc8, 6, 0x30, 0, 0, 0, 1, 0), Uint8Array.of(0xdb, 0), Uint8Array.of(0xd0, 1, 0)],
    ],
    ['junk', [Uint8Array.of(0), new Uint8Array(40).fill(0xff), Uint8Array.of(0xd8, 1, 1)]],
  ])('%s bring at most three times their octets, as any client', async (_, apdus) => {
    const bench = new Bench();
    for (const client of clients) {
      const { say } = await stranger(bench);
      for (let round = 0; round < 3; round++) for (const apdu of apdus) await say(apdu, client);
    }
  });

  it('discovery over all wPorts, and datagrams that are no wrapper, bring no more', async () => {
    const bench = new Bench();
    const { say, send } = await stranger(bench);
    for (let client = 0; client < 128; client++) await say(aarq(), client, client % 4);
    await send(Uint8Array.of(0, 1));
    await send(new Uint8Array(100));
    await send(concat(encodeWpdu({ source: PUBLIC, destination: 1, apdu: objectList }), Uint8Array.of(0, 1, 2)));
  });

  it('a public client reads what is short; what is too long for it is refused in words, in silence never', async () => {
    const bench = new Bench();
    const meter = await bench.open('public', { framing: 'wrapper-udp', patience: 0 });
    expect(await meter.get(meter.data('0.0.42.0.0.255').value)).toBeDefined();
    await expect(meter.objects()).rejects.toThrow(/cannot be read: other-reason/);
    expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
    await meter.close();
  });

  it('who negotiates blocks without proving itself gets what is long in blocks that fit', () => {
    const { client, wire, server } = setup({ conformance: 0x0fffff });
    pump(client.associate(), wire);
    pump(client.set([{ attribute: echoAttribute, value: octets(new Uint8Array(500)) }]), wire);
    let longest = 0;
    const line = server.line();
    const within = (apdu: Uint8Array) => {
      const answer = line.handle(CLIENT, 1, apdu, 0, false, 45);
      longest = Math.max(longest, answer?.length ?? 0);
      return answer;
    };
    const other = setup().client;
    pump(other.associate(), (apdu) => line.handle(CLIENT, 1, apdu, 0));
    expect(pump(other.get([echoAttribute]), within)).toEqual([{ data: octets(new Uint8Array(500)) }]);
    expect(longest).toBeLessThanOrEqual(45);
  });

  it('who has proved itself gets long answers in few datagrams', async () => {
    const bench = new Bench();
    let longest = 0;
    const line = await bench.meter.line({ framing: 'wrapper-udp' });
    const watched: Transport = {
      ...line,
      name: line.name,
      open: (handler) =>
        line.open({
          data: (chunk) => {
            longest = Math.max(longest, chunk.length);
            handler.data(chunk);
          },
          closed: (error) => handler.closed(error),
        }),
      write: (bytes) => line.write(bytes),
      close: () => line.close(),
    };
    const meter = await bench.openOn(watched, 'reader', { framing: 'wrapper-udp', patience: 0 });
    await meter.objects();
    expect(longest).toBeGreaterThan(500);
    await meter.close();
  });
});
