import { ByteLengthParser } from '@serialport/parser-byte-length';
import { SerialPort } from 'serialport';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.js';
import { systemClock } from '../../src/base/clock.js';
import { LinkError } from '../../src/base/errors.js';
import type { Link, LinkEvent } from '../../src/contracts/link.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import type { Transport } from '../../src/contracts/transport.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { listenUdp, udp } from '../../src/transport/node-datagram.js';
import { serial } from '../../src/transport/node-serial.js';
import { listenTcp, tcp } from '../../src/transport/node-socket.js';
import { type ServerHandler, serveLink } from '../../src/transport/server.js';
import { deferred } from '../support/listen.js';
import { hasSocat, ptyPair } from '../support/pty.js';

const question = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
const reversed: ServerHandler = { payload: ({ bytes }) => bytes.slice().reverse() };

function* ask(apdu: Uint8Array): Procedure<Uint8Array> {
  return yield { apdu, reply: true };
}

const serving: Promise<unknown>[] = [];
const serve = (link: () => Link) => (transport: Transport) => {
  serving.push(serveLink(transport, link(), systemClock, reversed));
};

async function exchange(transport: Transport, link: Link): Promise<void> {
  const driver = new ClientDriver(transport, link, systemClock);
  await driver.connect();
  const answers = await Promise.all([1, 2, 3].map((n) => driver.run(ask(question.subarray(n)))));
  for (const [i, answer] of answers.entries()) expect([...answer]).toEqual([...question.subarray(i + 1)].reverse());
  await driver.close();
}

describe('client and server in real time', () => {
  it('HDLC over TCP', async () => {
    const listener = await listenTcp(
      {},
      serve(() => new HdlcLink('server', { devices: [1] })),
    );
    await exchange(tcp('127.0.0.1', listener.port), new HdlcLink('client', { client: 16, server: 1 }));
    await listener.close();
  });

  it('wrapper over TCP', async () => {
    const listener = await listenTcp(
      {},
      serve(() => new WrapperLink('server', {})),
    );
    await exchange(tcp('127.0.0.1', listener.port), new WrapperLink('client', { client: 16, server: 1 }));
    await listener.close();
  });

  it('wrapper over UDP', async () => {
    const listener = await listenUdp(
      {},
      serve(() => new WrapperLink('server', { mode: 'datagram' })),
    );
    const link = new WrapperLink('client', { client: 16, server: 1, mode: 'datagram' });
    await exchange(udp('127.0.0.1', listener.port), link);
    await listener.close();
  });

  it('the wrong framing is told as such', async () => {
    const listener = await listenTcp({}, (transport) => {
      serving.push(transport.open({ data: () => transport.write(Uint8Array.of(0x7e, 0xa0, 0x07)), closed: () => {} }));
    });
    const driver = new ClientDriver(
      tcp('127.0.0.1', listener.port),
      new WrapperLink('client', { client: 16, server: 1 }),
      systemClock,
    );
    await driver.connect();
    const error = (await driver.run(ask(question)).catch((thrown: unknown) => thrown)) as LinkError;
    expect(error).toBeInstanceOf(LinkError);
    expect(error.hint).toMatch(/framing/);
    await driver.close();
    await listener.close();
    await Promise.all(serving);
  });
});

describe.skipIf(!hasSocat)('HDLC over a pseudo-terminal pair at 9600 (needs socat)', () => {
  it('asks and answers', async () => {
    await using pair = await ptyPair();
    const served = await serveLink(serial(pair.b), new HdlcLink('server', { devices: [1] }), systemClock, reversed);
    await exchange(serial(pair.a), new HdlcLink('client', { client: 16, server: 1 }));
    await served.close();
  });

  it('unplugged during a request: a LinkError and no wait', async () => {
    await using pair = await ptyPair();
    const asked = deferred();
    const ended = deferred<LinkError | undefined>();
    const server: ServerHandler = {
      payload: () => {
        asked.resolve();
        return undefined;
      },
      closed: ended.resolve,
    };
    await serveLink(serial(pair.b), new HdlcLink('server', { devices: [1] }), systemClock, server);
    const driver = new ClientDriver(serial(pair.a), new HdlcLink('client', { client: 16, server: 1 }), systemClock);
    await driver.connect();
    const started = performance.now();
    const running = driver.run(ask(question)).catch((thrown: unknown) => thrown);
    await asked.promise;
    await pair.unplug();
    const error = (await running) as LinkError;
    expect(error).toBeInstanceOf(LinkError);
    expect(error.message).toMatch(/the port is gone/);
    expect(await ended.promise).toBeInstanceOf(LinkError);
    // Less than the link's first repetition: nobody waited for a time-out.
    expect(performance.now() - started).toBeLessThan(3000);
    await driver.close();
  });

  it('framing does not care how the serial stream is cut (parser-byte-length, pieces of 1 to 64 octets)', async () => {
    const frames = conversation();
    const expected = heardIn([frames]);
    expect(expected.events.map(({ type }) => type)).toEqual(['connected', 'payload', 'payload', 'payload']);
    expect(expected.sent.length).toBeGreaterThan(0);
    await using pair = await ptyPair();
    const sender = serial(pair.a);
    await sender.open({ data: () => {}, closed: () => {} });
    const port = new SerialPort({ path: pair.b, baudRate: 9600 });
    await new Promise((resolve) => port.once('open', resolve));
    for (let length = 1; length <= 64; length++) {
      // Flags fill up the last piece, as they fill the time between frames.
      const filled = Math.ceil(frames.length / length) * length;
      const stream = concat(frames, new Uint8Array(filled - frames.length).fill(0x7e));
      const parser = port.pipe(new ByteLengthParser({ length }));
      const pieces: Uint8Array[] = [];
      const done = deferred();
      parser.on('data', (piece: Buffer) => {
        pieces.push(new Uint8Array(piece));
        if (pieces.length * length === filled) done.resolve();
      });
      sender.write(stream);
      await done.promise;
      port.unpipe(parser);
      expect(pieces.every((piece) => piece.length === length)).toBe(true);
      expect(heardIn(pieces)).toEqual(expected);
    }
    await Promise.all([sender.close(), new Promise((resolve) => port.close(resolve))]);
  });
});

const windowed = { maxInfoTransmit: 64, maxInfoReceive: 64, windowTransmit: 7, windowReceive: 7 };

/**
 * What an HDLC client sends, joined to one stream: SNRM, two UI frames, a question in five segments. Nothing in it depends on
 * answers, so it may be heard at any pace.
 */
function conversation(): Uint8Array {
  const client = new HdlcLink('client', { client: 16, server: 1, parameters: windowed });
  const server = new HdlcLink('server', { devices: [1], parameters: windowed });
  const sent: Uint8Array[] = [];
  const shuttle = () => {
    for (let frame = client.pollTransmit(); frame !== undefined; frame = client.pollTransmit()) {
      sent.push(frame);
      server.receive(frame, 0);
    }
    for (let frame = server.pollTransmit(); frame !== undefined; frame = server.pollTransmit())
      client.receive(frame, 0);
  };
  client.connect(0);
  shuttle();
  client.send(question.subarray(0, 10), 0, { unconfirmed: true });
  client.send(question.subarray(0, 50), 0, { unconfirmed: true });
  client.send(question, 0);
  shuttle();
  return concat(...sent);
}

/** What a server makes of these pieces: events, and the frames it sends. */
function heardIn(pieces: readonly Uint8Array[]): { events: LinkEvent[]; sent: Uint8Array[] } {
  const server = new HdlcLink('server', { devices: [1], parameters: windowed });
  for (const piece of pieces) server.receive(piece, 0);
  const events: LinkEvent[] = [];
  for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent()) events.push(event);
  const sent: Uint8Array[] = [];
  for (let frame = server.pollTransmit(); frame !== undefined; frame = server.pollTransmit()) sent.push(frame);
  return { events, sent };
}
