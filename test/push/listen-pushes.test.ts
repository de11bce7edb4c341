import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { u32 } from '../../src/codec/make.js';
import type { PushStream, ReceivedPush } from '../../src/index.js';
import { type ListenPushesOptions, listenPushes, serial } from '../../src/node.js';
import { hasSocat, ptyPair } from '../support/pty.js';
import { AK, ciphered, EK, hdlc, notification, TITLE, wrapped } from './lines.js';

const KEYS = { encryption: EK, authentication: AK };
const OTHER = Uint8Array.of(0x4b, 0x46, 0x4d, 0x10, 0x20, 0, 0, 1);
const value = (number: number) => notification(u32(number));
const numbers = (pushes: readonly ReceivedPush[]) => pushes.map(({ readings: [reading] }) => reading?.data);
const numbered = (...all: number[]) => all.map((one) => u32(one));

async function ports(pushes: PushStream): Promise<number[]> {
  return (await pushes.listening).map((place) => ('port' in place ? place.port : 0));
}

async function take(pushes: PushStream, count: number): Promise<ReceivedPush[]> {
  const taken: ReceivedPush[] = [];
  for await (const push of pushes) {
    taken.push(push);
    if (taken.length === count) break;
  }
  return taken;
}

const event = <K extends Parameters<PushStream['on']>[0]>(pushes: PushStream, name: K) =>
  new Promise<unknown>((resolve) => pushes.on(name, resolve));

describe('listenPushes', () => {
  it('takes pushes of two senders over TCP and UDP at once; leaving the loop frees the ports', async () => {
    const pushes = listenPushes({ tcp: [0, 0], udp: { port: 0 }, keysOf: async () => KEYS });
    const [tcp = 0, second = 0, udp = 0] = await ports(pushes);
    const open = createConnection(tcp, '127.0.0.1');
    const closed = once(open, 'close');
    open.write(wrapped(ciphered(value(1))));
    createConnection(second, '127.0.0.1').end(wrapped(ciphered(value(2), { title: OTHER })));
    const socket = createSocket('udp4');
    socket.send(hdlc(value(3))[0] as Uint8Array, udp, '127.0.0.1');
    const taken = await take(pushes, 3);
    expect(new Set(taken.map(({ sender }) => sender))).toEqual(new Set([toHex(TITLE), toHex(OTHER), undefined]));
    expect(taken.every(({ from, at }) => /^(tcp|udp) 127\.0\.0\.1:\d+$/.test(from) && at > 0)).toBe(true);
    // The connection was closed from here, and the ports can be had again.
    await closed;
    const anew = listenPushes({ tcp: [tcp, second], udp });
    expect(await ports(anew)).toEqual([tcp, second, udp]);
    await anew.close();
    socket.close();
  });

  it('tells a replay over another connection, a wrong key and hostile octets, and goes on', async () => {
    const pushes = listenPushes({ tcp: 0, keysOf: async () => KEYS });
    const reasons: string[] = [];
    pushes.on('refused', ({ error }) => reasons.push(error.code));
    pushes.on('discarded', () => reasons.push('discarded'));
    const [tcp = 0] = await ports(pushes);
    const send = async (octets: Uint8Array) => {
      const socket = createConnection(tcp, '127.0.0.1');
      const gone = event(pushes, 'gone');
      socket.end(octets);
      await gone;
    };
    const first = wrapped(ciphered(value(1), { counter: 9 }));
    await send(first);
    await send(first);
    await send(wrapped(ciphered(value(2), { counter: 10, ek: AK })));
    await send(Uint8Array.from({ length: 3000 }, (_, i) => (i * 167) & 0xff));
    await send(wrapped(ciphered(value(3), { counter: 11 })));
    expect(numbers(await take(pushes, 2))).toEqual(numbered(1, 3));
    expect(reasons.slice(0, 3)).toEqual(['security', 'security', 'discarded']);
    expect(pushes.counts).toMatchObject({ pushes: 2, refused: 2 });
  });

  it('closes a peer that is silent for too long, and says so', async () => {
    const clock = new VirtualClock();
    const pushes = listenPushes({ tcp: 0, clock, idle: 60_000 });
    const [tcp = 0] = await ports(pushes);
    const socket = createConnection(tcp, '127.0.0.1');
    socket.write(wrapped(value(1)));
    expect((await pushes.next()).done).toBe(false);
    const closed = once(socket, 'close');
    const gone = event(pushes, 'gone');
    clock.advance(60_000);
    expect(await gone).toMatchObject({ error: { message: expect.stringContaining('nothing came for 1 minute') } });
    await closed;
    await pushes.close();
  });

  it('a port that is taken is thrown by the loop; what was open is closed', async () => {
    const first = listenPushes({ tcp: 0 });
    const [tcp = 0] = await ports(first);
    const second = listenPushes({ tcp: [0, tcp] });
    await expect(second.next()).rejects.toMatchObject({ code: 'link' });
    await first.close();
  });

  it.each<[ListenPushesOptions, RegExp]>([
    [{}, /nothing to listen on/],
    [{ tcp: 70_000 }, /70000 is not a port/],
    [{ tcp: 0, idle: -1 }, /idle must be more than 0 milliseconds/],
    [{ port: 4059 } as ListenPushesOptions, /no option 'port'/],
  ])('refuses %j', (options, message) => {
    expect(() => listenPushes(options)).toThrow(message);
  });
});

describe.skipIf(!hasSocat)('listenPushes on a serial port', () => {
  it('finds its setting, and tells that it was pulled', async () => {
    await using pair = await ptyPair();
    const pushes = listenPushes({ serial: pair.a });
    await pushes.listening;
    const found = event(pushes, 'setting');
    const meter = serial(pair.b, { baudRate: 9600 });
    await meter.open({ data() {}, closed() {} });
    meter.write(hdlc(value(1))[0] as Uint8Array);
    expect(await found).toMatchObject({ found: true, text: 'Messages come at 2400 8E1.' });
    expect(await pushes.next()).toMatchObject({ done: false, value: { from: expect.stringContaining(pair.a) } });
    const lost = event(pushes, 'lost');
    await meter.close();
    await pair.unplug();
    expect(await lost).toMatchObject({ error: { code: 'link' } });
    await pushes.close();
  });
});
