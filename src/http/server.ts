/**
 * The one HTTP layer under the pages and services of this package. It listens on 127.0.0.1, or where a gate guards it on one address of a local
 * network, answers only requests that name that address as their host, and bounds everything that a peer could make grow. Nothing that
 * arrives makes it throw.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LinkError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import { systemErrorText } from '../base/system-error.js';
import { listenerOf } from './app.js';
import type { LanGate } from './lan-gate.js';
import { type HttpAnswer, type HttpRoute, refused } from './route.js';

const HOST = '127.0.0.1';
const NAMES = [HOST, 'localhost'];

/** How much time and how many connections peers may use. Times are in milliseconds. */
export interface HttpLimits {
  /** The longest time until the head of a request is complete. Default 10 s. */
  readonly headTime: number;
  /** The longest time until a request is complete. Default 20 s. */
  readonly requestTime: number;
  /** The longest time without any traffic on a connection. Default 30 s. */
  readonly idleTime: number;
  /** How often these times are checked. Default 1 s. */
  readonly checkEvery: number;
  /** The most connections that wait for their peer; with more, the one that has waited longest is closed. Default 64. */
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
/** Header fields; a request with so many or more is refused. */
const MOST_FIELDS = 64;
const LONGEST_TARGET = 2_048;
const REQUESTS_A_CONNECTION = 1_000;

/** Header fields of every answer. A page states a content security policy of its own. */
const SECURITY: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Where a page is on a local network. */
export interface LanPlace {
  /** IPv4 address of this machine, the only one that is bound and named. */
  readonly address: string;
  /** Who may read there. */
  readonly gate: LanGate;
}

/** What {@link listenHttp} is given. */
export interface HttpServerOptions {
  /** What listens, in the words of messages: `the verification service`. */
  readonly name: string;
  /** TCP port on 127.0.0.1; 0 for any that is free. */
  readonly port: number;
  /** Which paths are answered, and how. */
  readonly routes: readonly HttpRoute[];
  /** One address of this machine on a local network in place of 127.0.0.1, and who may read there. */
  readonly lan?: LanPlace | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<HttpLimits> | undefined;
}

/** A server that is listening. */
export interface HttpServer {
  /** The TCP port that was bound. */
  readonly port: number;
  /** Its address: `http://127.0.0.1:8080`, or that on the local network. */
  readonly url: string;
  /** Number of connections that are open now. */
  connections(): Promise<number>;
  /** Ends event streams, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP on this machine and answers routes.
 *
 * @example
 * ```ts
 * const answer = () => ({ status: 200, body: '{"ok":true}' });
 * const server = await listenHttp({ name: 'the health page', port: 0, routes: [{ method: 'GET', path: '/health', answer }] });
 * console.log(`${server.url}/health`);
 * ```
 * @throws LinkError `transport` when the port cannot be bound.
 */
export async function listenHttp(options: HttpServerOptions): Promise<HttpServer> {
  checkOptions(options, { name: true, port: true, routes: true, limits: true, lan: true }, 'listenHttp');
  const { name, port, limits, lan } = options;
  const routes = lan === undefined ? options.routes : [...options.routes, lan.gate.route];
  const host = lan?.address ?? HOST;
  const names = lan === undefined ? NAMES : [host];
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
    // Node no longer handles errors of this socket.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n\r\n');
  });
  await listen(server, name, host, port);
  const bound = (server.address() as AddressInfo).port;
  const authorities = names.flatMap((one) => (bound === 80 ? [one, `${one}:80`] : [`${one}:${bound}`]));
  server.on('request', (incoming, outgoing) => {
    // A peer that has gone is not a failure of ours.
    outgoing.on('error', () => undefined);
    waiting.renew(incoming.socket);
    for (const [field, value] of Object.entries(SECURITY)) outgoing.setHeader(field, value);
    const refusal = refusalOf(incoming, authorities) ?? closedBy(lan?.gate, incoming);
    if (refusal !== undefined) answer(outgoing, refusal);
    else serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return {
    port: bound,
    url: `http://${host}:${bound}`,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count ?? 0))),
    close: async () => {
      for (const route of routes) if ('events' in route) route.events.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Connections where we wait for the peer, the one that has waited longest first. */
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

  /** The peer has just sent a request: its waiting begins again. */
  renew(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.#sockets.add(socket);
  }

  /** From now on the peer waits for us (event stream): it is not counted any more. */
  leave(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}

/** What a gate answers in place of the routes. */
function closedBy(gate: LanGate | undefined, { url = '', method = '', headers }: IncomingMessage) {
  return gate?.answerTo(url, method, headers.cookie);
}

function listen(server: Server, name: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let listening = false;
    // Errors after that, such as a connection that cannot be accepted for lack of descriptors, end nothing.
    server.on('error', (cause: NodeJS.ErrnoException) => {
      if (listening) return;
      const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : systemErrorText(cause);
      const hint = 'give another port, or 0 for any that is free';
      reject(new LinkError('transport', `${name} cannot listen on port ${port}: ${reason}`, { hint, cause }));
    });
    server.listen(port, host, () => {
      listening = true;
      resolve();
    });
  });
}

/** Checks the head of a request before anything else is read: the answer that refuses it, or undefined. */
function refusalOf(
  { url = '', headers, rawHeaders }: IncomingMessage,
  ours: readonly string[],
): HttpAnswer | undefined {
  // Node drops fields beyond its limit, and a second Host may be among them.
  if (rawHeaders.length >= MOST_FIELDS * 2) return refused(431, 'too-many-fields');
  if (url.length > LONGEST_TARGET) return refused(414, 'url-too-long');
  // With two Host fields a proxy in between may read another one than we do.
  const names = rawHeaders.filter((field, i) => i % 2 === 0 && field.toLowerCase() === 'host');
  if (names.length !== 1) return refused(400, 'host');
  // Another site may have pointed its own name at this machine (DNS rebinding), and its pages may send requests here: refuse both.
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
  // Nothing more is read from a peer whose request was refused.
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers, connection: 'close' });
  outgoing.end(body);
}
