import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LinkError, StateError } from '../../src/base/errors.js';
import type { Transport } from '../../src/contracts/transport.js';
import { listenUdp, udp } from '../../src/transport/node-datagram.js';
import { type Listener, listenTcp, tcp } from '../../src/transport/node-socket.js';
import { socketError } from '../../src/transport/node-socket-error.js';
import { deferred, type Listening, listening } from '../support/listen.js';

const bytes = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);

/** The next one that a listener hands over. */
function incoming(): { take: (transport: Transport) => void; next: Promise<Transport> } {
  let take: (transport: Transport) => void = () => {};
  const next = new Promise<Transport>((resolve) => {
    take = resolve;
  });
  return { take: (transport) => take(transport), next };
}

async function linkErrorOf(promise: Promise<unknown>): Promise<LinkError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LinkError);
  return error as LinkError;
}

/** A port on which nobody listens any more. */
async function freePort(): Promise<number> {
  const listener = await listenTcp({}, () => {});
  await listener.close();
  return listener.port;
}

describe.each(['127.0.0.1', '::1'])('TCP on %s', (host) => {
  async function connected(): Promise<{
    listener: Listener;
    client: Transport;
    server: Transport;
    atClient: Listening;
    atServer: Listening;
  }> {
    const { take, next } = incoming();
    const listener = await listenTcp({ host }, take);
    const client = tcp(host, listener.port);
    const atClient = await listening(client);
    const server = await next;
    return { listener, client, server, atClient, atServer: await listening(server) };
  }

  it('carries octets both ways', async () => {
    const t = await connected();
    expect(t.listener.host).toBe(host);
    expect(t.client.name).toBe(host === '::1' ? `tcp [::1]:${t.listener.port}` : `tcp 127.0.0.1:${t.listener.port}`);
    t.client.write(bytes);
    t.server.write(bytes.subarray(0, 10));
    expect(await t.atServer.heard(300)).toEqual([...bytes]);
    expect(await t.atClient.heard(10)).toEqual([...bytes.subarray(0, 10)]);
    await t.client.close();
    expect(await t.atClient.closed).toBeUndefined();
    expect(((await t.atServer.closed) as LinkError).reason).toBe('peer-closed');
    await t.client.close();
    expect([t.atClient.closings, t.atServer.closings]).toEqual([1, 1]);
    await t.listener.close();
  });

  it('leaves what it has delivered as it is when more comes, also over the next connection', async () => {
    const kept: Uint8Array[] = [];
    const expected: number[][] = [];
    for (let connection = 0; connection < 2; connection++) {
      const { take, next } = incoming();
      const listener = await listenTcp({ host }, take);
      const client = tcp(host, listener.port);
      let heard = 0;
      let more: (() => void) | undefined;
      await client.open({
        data: (chunk) => {
          kept.push(chunk);
          heard += chunk.length;
          more?.();
        },
        closed: () => {},
      });
      const server = await next;
      await listening(server);
      for (let length = 1, sent = 0; length < 10_000; length *= 9) {
        const octets = new Uint8Array(length).fill(connection * 100 + length);
        expected.push([...octets]);
        sent += length;
        server.write(octets);
        while (heard < sent) await new Promise<void>((resolve) => (more = resolve));
      }
      await client.close();
      await listener.close();
    }
    expect(kept.flatMap((chunk) => [...chunk])).toEqual(expected.flat());
  });

  it('delivers what was written before close', async () => {
    const t = await connected();
    const much = new Uint8Array(1 << 20).fill(7);
    t.client.write(much);
    const closing = t.client.close();
    await t.atServer.heard(much.length);
    await closing;
    await t.listener.close();
  });

  it('keeps what came before the server opened it', async () => {
    const { take, next } = incoming();
    const listener = await listenTcp({ host }, take);
    const client = tcp(host, listener.port);
    await listening(client);
    client.write(bytes);
    await client.close();
    const heard = await listening(await next);
    expect(await heard.heard(300)).toEqual([...bytes]);
    await listener.close();
  });

  it('closes every connection with the listener', async () => {
    const t = await connected();
    await t.listener.close();
    expect(await t.atClient.closed).toBeInstanceOf(LinkError);
    await t.atServer.closed;
  });
});

describe('TCP that does not come about', () => {
  it('is refused', async () => {
    const port = await freePort();
    const error = await linkErrorOf(listening(tcp('127.0.0.1', port)));
    expect(error.message).toBe(`tcp 127.0.0.1:${port}: the connection was refused (ECONNREFUSED)`);
    expect(error.hint).toMatch(/nothing listens/);
  });

  it('may be tried again once somebody listens', async () => {
    const port = await freePort();
    const client = tcp('127.0.0.1', port);
    await linkErrorOf(listening(client));
    const listener = await listenTcp({ port }, () => {});
    await listening(client);
    await client.close();
    await listener.close();
  });

  it('has no host of that name', async () => {
    const error = await linkErrorOf(listening(tcp('no-such-host.invalid', 4059)));
    expect(error.message).toMatch(/^tcp no-such-host\.invalid:4059: (there is no host|the name could not)/);
    expect(error.hint).toMatch(/IP address/);
  });

  it('runs out of time', async () => {
    // A program that listens with a short backlog and never accepts: when the backlog is full, nobody answers.
    const program = `
      const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [told] = (await once(child.stdout, 'data')) as [Buffer];
      const port = Number(told.toString());
      const clients = Array.from({ length: 8 }, () => tcp('127.0.0.1', port, { connectTimeout: 100 }));
      const results = await Promise.allSettled(clients.map((client) => listening(client)));
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as LinkError] : []));
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(error.message).toBe(`tcp 127.0.0.1:${port}: no connection within 0.1 s`);
      await Promise.all(clients.map((client) => client.close()));
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is closed while it is being opened', async () => {
    const client = tcp('192.0.2.1', 4059);
    const opening = listening(client);
    await client.close();
    await linkErrorOf(opening);
  });

  it('is reset by the other end', async () => {
    const server: Server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = tcp('127.0.0.1', (server.address() as { port: number }).port);
    const heard = await listening(client);
    client.write(bytes);
    expect((await heard.closed)?.message).toMatch(/reset the connection \(ECONNRESET\)/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('cannot listen where another listens', async () => {
    const listener = await listenTcp({}, () => {});
    const error = await linkErrorOf(listenTcp({ port: listener.port }, () => {}));
    expect(error.message).toMatch(/cannot listen: the address is in use/);
    await listener.close();
  });

  it('turns away more peers than allowed', async () => {
    const { take, next } = incoming();
    const listener = await listenTcp({ maxPeers: 1 }, take);
    const first = tcp('127.0.0.1', listener.port);
    await listening(first);
    const server = await next;
    await listening(server);
    const heard = await listening(tcp('127.0.0.1', listener.port));
    expect(await heard.closed).toBeInstanceOf(LinkError);
    await listener.close();
  });

  it.each([0, 65_536, 1.5])('has no port %s', (port) => {
    expect(() => tcp('127.0.0.1', port)).toThrow(StateError);
    expect(() => udp('127.0.0.1', port)).toThrow(StateError);
  });

  it('hands on an error it does not know', () => {
    const error = socketError(Object.assign(new Error('odd'), { code: 'EODD' }), 'tcp x', 'connect');
    expect(error.message).toBe('tcp x: odd');
  });
});

describe.each(['127.0.0.1', '::1'])('UDP on %s', (host) => {
  it('carries datagrams both ways, one peer apart from the other', async () => {
    const peers: Transport[] = [];
    const heardBy: Listening[] = [];
    const both = deferred();
    const listener = await listenUdp({ host }, (transport) => {
      peers.push(transport);
      listening(transport).then(
        (heard) => {
          heardBy.push(heard);
          if (heardBy.length === 2) both.resolve();
        },
        (error: unknown) => both.reject(error),
      );
    });
    const [a, b] = [udp(host, listener.port), udp(host, listener.port)];
    const [atA, atB] = [await listening(a), await listening(b)];
    a.write(Uint8Array.of(1, 2));
    b.write(Uint8Array.of(3));
    await both.promise;
    const sizes = await Promise.all(heardBy.map((heard) => heard.heard(1)));
    expect(sizes.map((octets) => [...octets]).sort()).toEqual([[1, 2], [3]]);
    for (const [i, peer] of peers.entries()) peer.write(Uint8Array.from(sizes[i]!.map((octet) => octet + 10)));
    expect(await atA.heard(2)).toEqual([11, 12]);
    expect(await atB.heard(1)).toEqual([13]);
    a.write(Uint8Array.of(9));
    const first = heardBy.find((heard) => heard.octets[0] === 1)!;
    expect(await first.heard(3)).toEqual([1, 2, 9]);
    await a.close();
    expect(await atA.closed).toBeUndefined();
    await listener.close();
    for (const heard of heardBy) expect(await heard.closed).toBeInstanceOf(LinkError);
    await b.close();
  });
});

describe('UDP peers', () => {
  it('are kept no more than allowed: the one silent longest goes', async () => {
    const heard: Listening[] = [];
    let told: () => void = () => {};
    const listener = await listenUdp({ maxPeers: 2 }, (transport) => {
      listening(transport).then(
        (one) => {
          heard.push(one);
          told();
        },
        () => {},
      );
    });
    const clients = [0, 1, 2].map(() => udp('127.0.0.1', listener.port));
    for (const [i, client] of clients.entries()) {
      await listening(client);
      const opened = new Promise<void>((resolve) => {
        told = resolve;
      });
      client.write(Uint8Array.of(i));
      await opened;
      if (i === 1) {
        // The first speaks again, so the second is the one silent longest.
        clients[0]!.write(Uint8Array.of(100));
        await heard[0]!.heard(2);
      }
    }
    expect(await heard[1]!.closed).toBeInstanceOf(LinkError);
    expect([heard[0]!.closings, heard[2]!.closings]).toEqual([0, 0]);
    for (const client of clients) await client.close();
    await listener.close();
  });

  it('that are not there show with the first datagram', async () => {
    const listener = await listenUdp({}, () => {});
    const client = udp('127.0.0.1', listener.port);
    await listener.close();
    const heard = await listening(client);
    client.write(Uint8Array.of(1));
    const error = (await heard.closed) as LinkError;
    expect(error.message).toMatch(/refused/);
    expect(heard.closings).toBe(1);
  });

  it('have no host of that name', async () => {
    await linkErrorOf(listening(udp('no-such-host.invalid', 4059)));
  });

  it('cannot be had where another listens', async () => {
    const listener = await listenUdp({}, () => {});
    const error = await linkErrorOf(listenUdp({ port: listener.port }, () => {}));
    expect(error.message).toMatch(/cannot listen: the address is in use/);
    await listener.close();
  });
});

/** The timer that the system holds for the connection to that port: `02` keep-alive, `00` none. */
function timerOf(port: number): string | undefined {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .find((fields) => fields[2]?.endsWith(remote) === true && fields[3] === '01');
  return line?.[5]?.slice(0, 2);
}

describe.skipIf(!existsSync('/proc/net/tcp'))('a silent TCP connection', () => {
  it('is watched by the system, unless it is not to be', async () => {
    for (const [options, timer] of [
      [{}, '02'],
      [{ keepAlive: 5000 }, '02'],
      [{ keepAlive: 0 }, '00'],
    ] as const) {
      const { take, next } = incoming();
      const listener = await listenTcp({}, take);
      const client = tcp('127.0.0.1', listener.port, options);
      await listening(client);
      await next;
      expect(timerOf(listener.port)).toBe(timer);
      await client.close();
      await listener.close();
    }
  });
});
