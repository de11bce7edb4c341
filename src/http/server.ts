/**
 * The one HTTP layer under the pages and services of this package. It listens on this machine alone, answers to this machine's names
 * alone, bounds whatever a peer could make grow, and nothing that arrives is thrown out of it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LinkError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import { listenerOf } from './app.js';
import { type HttpAnswer, type HttpRoute, refused } from './route.js';

const HOST = '127.0.0.1';
const NAMES = [HOST, 'localhost'];

/** What a peer may take of this program. Times are in milliseconds. */
export interface HttpLimits {
  /** Until the head of a request is whole, also of the first. */
  readonly headTime: number;
  /** Until a request is whole. */
  readonly requestTime: number;
  /** Between two requests, and for a peer that takes nothing of an answer. */
  readonly idleTime: number;
  /** How often those times are looked at. */
  readonly checkEvery: number;
  /** Connections that wait for their peer; of more, the one that has waited longest is closed. */
  readonly connections: number;
}

const LIMITS: HttpLimits = {
  headTime: 10_000,
  requestTime: 20_000,
  idleTime: 30_000,
  checkEvery: 1_000,
  connections: 64,
};
/** Octets of request line and header fields. */
const LARGEST_HEAD = 8_192;
/** Header fields; one fewer is taken. */
const MOST_FIELDS = 64;
const LONGEST_TARGET = 2_048;
const REQUESTS_A_CONNECTION = 1_000;

/** Of every answer. A page states its own content security policy. */
const SECURITY: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export interface HttpServerOptions {
  /** What listens, for messages: `the verification service`. */
  readonly name: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly routes: readonly HttpRoute[];
  readonly limits?: Partial<HttpLimits> | undefined;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Ends streams, then every connection. */
  close(): Promise<void>;
}

/** @throws LinkError `transport` when the port cannot be had. */
export async function listenHttp(options: HttpServerOptions): Promise<HttpServer> {
  checkOptions(options, { name: true, port: true, routes: true, limits: true }, 'listenHttp');
  const { name, port, routes, limits } = options;
  const { headTime, requestTime, idleTime, checkEvery, connections } = { ...LIMITS, ...limits };
  const waiting = new WaitingConnections(connections);
  const serve = await listenerOf(routes, ({ socket }) => {
    if (socket !== null) waiting.leave(socket);
  });
  const server = createServer({
    maxHeaderSize: LARGEST_HEAD,
    headersTimeout: headTime,
    requestTimeout: requestTime,
    keepAliveTimeout: Math.min(5_000, idleTime),
    connectionsCheckingInterval: checkEvery,
  });
  server.maxHeadersCount = MOST_FIELDS;
  server.maxRequestsPerSocket = REQUESTS_A_CONNECTION;
  server.timeout = idleTime;
  server.on('connection', (socket) => waiting.enter(socket));
  server.on('connect', (_, socket) => {
    // Node has let go of it: its failures would be nobody's.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n\r\n');
  });
  await listen(server, name, port);
  const bound = (server.address() as AddressInfo).port;
  const authorities = NAMES.flatMap((host) => (bound === 80 ? [host, `${host}:80`] : [`${host}:${bound}`]));
  server.on('request', (incoming, outgoing) => {
    // A peer that has gone is no failure of ours.
    outgoing.on('error', () => undefined);
    waiting.renew(incoming.socket);
    for (const [field, value] of Object.entries(SECURITY)) outgoing.setHeader(field, value);
    const refusal = refusalOf(incoming, authorities);
    if (refusal !== undefined) answer(outgoing, refusal);
    else serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return {
    port: bound,
    url: `http://${HOST}:${bound}`,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count ?? 0))),
    close: async () => {
      for (const route of routes) if ('events' in route) route.events.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Connections that wait for their peer, the one that has waited longest first. */
class WaitingConnections {
  readonly #sockets = new Set<Socket>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  enter(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [longest] = this.#sockets;
    if (this.#sockets.size <= this.#most || longest === undefined) return;
    this.#sockets.delete(longest);
    longest.destroy();
  }

  /** It has just asked something. */
  renew(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.#sockets.add(socket);
  }

  /** It is waited for by its peer from now on. */
  leave(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}

function listen(server: Server, name: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let listening = false;
    // Also later: a connection that cannot be accepted, for want of descriptors, ends nothing.
    server.on('error', (cause: NodeJS.ErrnoException) => {
      if (listening) return;
      const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : (cause.code ?? 'it failed');
      const hint = 'give another port, or 0 for any that is free';
      reject(new LinkError('transport', `${name} cannot listen on port ${port}: ${reason}`, { hint, cause }));
    });
    server.listen(port, HOST, () => {
      listening = true;
      resolve();
    });
  });
}

/** Why a request is none for us, before anything of it is looked at. */
function refusalOf(
  { url = '', headers, rawHeaders }: IncomingMessage,
  ours: readonly string[],
): HttpAnswer | undefined {
  // What is beyond them was not kept: it may have been a second name.
  if (rawHeaders.length >= MOST_FIELDS * 2) return refused(431, 'too-many-fields');
  if (url.length > LONGEST_TARGET) return refused(414, 'url-too-long');
  // Two names are read as either by whoever stands between.
  const names = rawHeaders.filter((field, i) => i % 2 === 0 && field.toLowerCase() === 'host');
  if (names.length !== 1) return refused(400, 'host');
  // A name that somebody else's site turned to this machine is none of ours, and neither is what its pages send.
  if (!ours.includes((headers.host ?? '').toLowerCase())) return refused(421, 'host');
  if (headers.origin !== undefined && !ours.some((authority) => headers.origin === `http://${authority}`)) {
    return refused(403, 'origin');
  }
  if (url.startsWith('/')) return undefined;
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'http:') return refused(400, 'target');
  return ours.includes(target.host) ? undefined : refused(421, 'target');
}

function answer(outgoing: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // Of a peer that should not be here nothing more is read.
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers, connection: 'close' });
  outgoing.end(body);
}
