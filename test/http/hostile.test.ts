import { connect, createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageSite } from '../../bin/watch/site.js';
import { createVerificationService } from '../../packages/commissioning/src/platform/verification-server.js';
import { EventStream } from '../../src/http/event-stream.js';
import type { HttpAnswer, HttpRoute } from '../../src/http/route.js';
import { type HttpLimits, type HttpServer, listenHttp } from '../../src/http/server.js';
import { CosemDateTime, Decimal, type Usage } from '../../src/index.js';
import { HOSTILE, HOSTILE_BODIES, type HostileRequest } from './hostile-requests.js';
import { RawPeer, statusOf } from './raw.js';

/** Everything that serves over HTTP, asked by peers that keep to no rule: after each it answers as before, and nothing grew. */

const USAGE: Usage = {
  time: CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 23, 10)), 0).with({ deviation: -330 }),
  serial: '10000042',
  connected: true,
  power: new Decimal(1200n),
  phases: [],
  total: new Decimal(0n),
  today: undefined,
  month: undefined,
  days: [],
  blocks: [],
  account: undefined,
  daysLeft: { days: undefined, reason: 'not-prepaid' },
};

let orders = 0;
const closers: (() => Promise<void>)[] = [];
const said: unknown[][] = [];

beforeAll(() => {
  for (const name of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation((...words) => void said.push(words));
  }
});
afterAll(() => vi.restoreAllMocks());
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  // Standard output belongs to the command: `--json` is read by programs.
  expect(said).toEqual([]);
});

/** Each service with a question that it must go on answering. */
const SERVICES = {
  'watch --web': async () => {
    const site = await UsageSite.open(USAGE);
    closers.push(() => site.close());
    const { port } = new URL(site.url);
    return { port: Number(port), ask: async () => expect((await fetch(site.url)).status).toBe(200) };
  },
  'the verification service': async () => {
    const service = await createVerificationService({ send: () => undefined });
    closers.push(() => service.close());
    const ask = async () => {
      const answer = await fetch(`${service.url}/v1/codes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `k${orders}` },
        body: JSON.stringify({ workOrder: `WO-${orders++}`, consumerNumber: '1', mobileLast4: '4321' }),
      });
      expect(answer.status).toBe(202);
      await answer.arrayBuffer();
    };
    return { port: service.port, ask };
  },
} as const;

/** No stack, no path of a file, no name of a package. */
function expectDiscreet(text: string): void {
  expect(text).not.toMatch(/ at |node_modules|\.[jt]s\b|Error:|hono/);
}

async function survives(service: Awaited<ReturnType<(typeof SERVICES)['watch --web']>>, request: HostileRequest) {
  const { status, text } = await statusOf(service.port, request.octets(service.port));
  expect([request.name, status]).toEqual([request.name, expect.toBeOneOf([...request.expected])]);
  if (status !== 200) expectDiscreet(text);
  await service.ask();
}

describe.each(Object.entries(SERVICES))('%s', (name, open) => {
  it.each(HOSTILE.map((request) => [request.name, request] as const))('answers after %s', async (_, request) => {
    await survives(await open(), request);
  });

  it('answers after all of them from one process, in one connection after the other, and the heap stays', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const service = await open();
    const rows = name === 'watch --web' ? HOSTILE : [...HOSTILE, ...HOSTILE_BODIES];
    const heapAfter = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        await Promise.all(rows.map(({ octets }) => statusOf(service.port, octets(service.port))));
      }
      await service.ask();
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter(3);
    expect((await heapAfter(15)) - before).toBeLessThan(4_000_000);
  });

  it('answers after peers that leave in the middle', async () => {
    const service = await open();
    const whole = `POST /v1/codes HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"a":`;
    for (let i = 1; i < whole.length; i += 7) {
      const peer = new RawPeer(service.port);
      await new Promise<void>((sent) => peer.socket.write(whole.slice(0, i), () => sent()));
      if (i % 2 === 0) peer.socket.resetAndDestroy();
      else peer.socket.end();
      if (i % 2 === 1) await peer.closed;
    }
    await service.ask();
  });

  it('answers a hundred requests that come at once', async () => {
    const service = await open();
    const one = `GET /none HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\n\r\n`;
    const peer = new RawPeer(service.port).send(one.repeat(100));
    await peer.until((text) => text.split('HTTP/1.1 404').length > 100);
    expect(peer.text.match(/HTTP\/1\.1 404/g)).toHaveLength(100);
    peer.destroy();
    await service.ask();
  });

  it('answers beside 300 connections that say nothing, of which it holds 64', async () => {
    const service = await open();
    const peers = Array.from({ length: 300 }, () => new RawPeer(service.port));
    await Promise.all(peers.slice(0, 236).map(({ closed }) => closed));
    await service.ask();
    expect(peers.filter(({ socket }) => socket.readyState === 'open').length).toBeLessThanOrEqual(64);
    for (const peer of peers) peer.destroy();
  });

  it('is on this machine alone, and every answer says what browsers may do with it', async () => {
    const { port } = await open();
    for (const target of ['/', '/none', '/v1/codes']) {
      const answer = await fetch(`http://127.0.0.1:${port}${target}`);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('server')).toBeNull();
      await answer.arrayBuffer();
    }
    // Another address of this machine does not lead there.
    const elsewhere = connect({ port, host: '127.0.0.2' });
    const code = await new Promise((resolve) => {
      elsewhere.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      elsewhere.on('connect', () => resolve('connected'));
    });
    expect(code).toBe('ECONNREFUSED');
  });
});

describe('the verification service and bodies', () => {
  it.each(HOSTILE_BODIES.map((request) => [request.name, request] as const))('answers after %s', async (_, request) => {
    await survives(await SERVICES['the verification service'](), request);
  });

  it('takes a body as large as it may be, and none that is larger, told or not', async () => {
    const { port, ask } = await SERVICES['the verification service']();
    const send = (length: number, chunked: boolean) => {
      const body = `"${'x'.repeat(length - 2)}"`;
      const framed = chunked ? `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
      const field = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
      const head = `POST /v1/codes HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${field}\r\n\r\n`;
      return statusOf(port, head + framed);
    };
    for (const chunked of [false, true]) {
      expect((await send(16_384, chunked)).text).toContain('"reason":"idempotency-key"');
      expect((await send(16_385, chunked)).text).toContain('"reason":"too-large"');
    }
    await ask();
  });

  it('takes a body of chunks of one octet each', async () => {
    const { port, ask } = await SERVICES['the verification service']();
    const head = `POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
    const body = `1\r\n"\r\n${'1\r\nx\r\n'.repeat(200_000)}1\r\n"\r\n0\r\n\r\n`;
    const { text } = await statusOf(port, `${head}Transfer-Encoding: chunked\r\n\r\n${body}`);
    expect(text).toContain('"reason":"idempotency-key"');
    await ask();
  });
});

describe('the layer', () => {
  const fine: HttpRoute = { method: 'GET', path: '/', answer: () => ({ status: 200, body: '{}' }) };

  async function serve(routes: readonly HttpRoute[], limits: Partial<HttpLimits> = {}): Promise<HttpServer> {
    const server = await listenHttp({ name: 'a test', port: 0, routes, limits });
    closers.push(() => server.close());
    return server;
  }

  it('says nothing of what failed within', async () => {
    const failing = (): HttpAnswer => {
      throw new Error('the key is 000102030405 in /home/someone/file.ts');
    };
    const { port } = await serve([
      fine,
      { method: 'GET', path: '/fails', answer: failing },
      { method: 'POST', path: '/posts', largest: 10, answer: failing },
    ]);
    const body = 'POST /posts HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n';
    for (const request of [
      `GET /fails HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      `${body}Host: 127.0.0.1:${port}\r\n\r\n{}`,
    ]) {
      const { status, text } = await statusOf(port, request);
      expect(status).toBe(500);
      expectDiscreet(text);
      expect(text).not.toContain('000102');
      expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('{"reason":"internal"}');
    }
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('lets go of heads, bodies and silences that do not end', async () => {
    const server = await serve([fine, { method: 'POST', path: '/posts', largest: 1000, answer: fine.answer }], {
      headTime: 100,
      requestTime: 200,
      idleTime: 400,
      checkEvery: 20,
    });
    const { port } = server;
    const head = `POST /posts HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
    const beginnings = ['', 'G', 'GET / HTTP/1.1\r\nX', head, `${head}Content-Length: 900\r\n\r\n{`];
    const peers = beginnings.map((text) => new RawPeer(port).send(text));
    const drips = peers.slice(1).map((peer) => setInterval(() => peer.socket.writable && peer.send('x'), 10));
    // Served once, then silent.
    const served = new RawPeer(port).send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await Promise.all([...peers, served].map(({ closed }) => closed));
    for (const drip of drips) clearInterval(drip);
    expect(served.text).toContain('HTTP/1.1 200');
    expect(peers.map(({ text }) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1])).toEqual([
      expect.toBeOneOf(['408', undefined]),
      '400',
      '408',
      '408',
      '408',
    ]);
    expect(await server.connections()).toBe(0);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('closes the connection that has waited longest, not the one that asks', async () => {
    const server = await serve([fine], { connections: 4 });
    const ask = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`;
    const asking = new RawPeer(server.port).send(ask);
    await asking.until((text) => text.includes('{}'));
    for (let i = 0; i < 20; i++) {
      const idle = new RawPeer(server.port);
      await new Promise((resolve) => idle.socket.on('connect', resolve));
      closers.push(async () => idle.destroy());
      asking.text = '';
      asking.send(ask);
      await asking.until((text) => text.includes('{}'));
    }
    expect(asking.text).toContain('HTTP/1.1 200');
    expect(await server.connections()).toBe(4);
    asking.destroy();
  });

  it('reads no other names for the port that a browser leaves out, and names a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.on('listening', resolve));
    const { port } = other.address() as { port: number };
    closers.push(() => new Promise((resolve) => other.close(() => resolve())));
    await expect(listenHttp({ name: 'the page', port, routes: [fine] })).rejects.toMatchObject({
      code: 'link',
      message: `the page cannot listen on port ${port}: another program uses it`,
      hint: 'give another port, or 0 for any that is free',
    });
  });

  it('leaves Request and Response of the program alone', async () => {
    const { Request: request, Response: answer } = globalThis;
    await serve([fine]);
    expect([globalThis.Request, globalThis.Response]).toEqual([request, answer]);
  });

  it('answers HEAD as GET without a body, and other methods with those it has', async () => {
    const news = new EventStream(() => '1');
    const { port } = await serve([
      fine,
      { method: 'GET', path: '/events', events: news },
      { method: 'POST', path: '/posts', largest: 10, answer: fine.answer },
    ]);
    const asked = async (method: string, path: string) => {
      const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      return [status, headers.get('allow')];
    };
    expect(await asked('HEAD', '/')).toEqual([200, null]);
    expect(await asked('PUT', '/')).toEqual([405, 'GET']);
    expect(await asked('OPTIONS', '/')).toEqual([405, 'GET']);
    expect(await asked('HEAD', '/events')).toEqual([405, 'GET']);
    expect(await asked('GET', '/posts')).toEqual([405, 'POST']);
    expect(news.size).toBe(0);
  });
});

describe('streams of events', () => {
  async function serveNews(state: () => string, limits: Partial<HttpLimits> = {}) {
    const news = new EventStream(state);
    const server = await listenHttp({
      name: 'a test',
      port: 0,
      routes: [{ method: 'GET', path: '/events', events: news }],
      limits,
    });
    closers.push(() => server.close());
    const ask = `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`;
    return { news, server, reader: () => new RawPeer(server.port).send(ask) };
  }

  it('are twenty at most, and room is made by those who leave', async () => {
    const { news, reader } = await serveNews(() => 'now');
    const readers = Array.from({ length: 20 }, reader);
    await Promise.all(readers.map((peer) => peer.until((text) => text.includes('data: now'))));
    const late = reader();
    expect(await late.status()).toBe(503);
    expect(late.text).toContain('"reason":"too-many-readers"');
    expect(news.size).toBe(20);
    late.destroy();
    const [first] = readers;
    first!.destroy();
    await vi.waitFor(() => expect(news.size).toBe(19));
    const next = reader();
    expect(await next.status()).toBe(200);
    for (const peer of [...readers, next]) peer.destroy();
    await vi.waitFor(() => expect(news.size).toBe(0));
  });

  it('are not closed for idle connections, and end with the server', async () => {
    const { news, server, reader } = await serveNews(() => 'now', { connections: 2 });
    const peer = reader();
    await peer.until((text) => text.includes('data: now'));
    const idle = Array.from({ length: 10 }, () => new RawPeer(server.port));
    await Promise.all(idle.slice(0, 8).map(({ closed }) => closed));
    peer.text = '';
    news.update();
    expect(await peer.until((text) => text.includes('data: now'))).toContain('data: now');
    await server.close();
    await peer.closed;
    expect(news.size).toBe(0);
    expect(await reader().status()).toBe('closed');
  });

  it('let go of a reader that does not read', async () => {
    const { news, reader } = await serveNews(() => 'x'.repeat(500_000));
    const deaf = reader();
    await deaf.status();
    deaf.socket.pause();
    const keen = reader();
    await keen.status();
    let updates = 0;
    while (news.size === 2) {
      const before = keen.text.length;
      news.update();
      // What it has room for in its own buffers is not ours to count.
      expect(updates++).toBeLessThan(100);
      await keen.until((text) => text.length >= before + 500_000);
    }
    expect(news.size).toBe(1);
    deaf.destroy();
    keen.destroy();
  });
});
