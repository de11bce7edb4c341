import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Usage } from '../../src/index.js';
import { UsageError } from '../failure.js';
import { type Fragments, fragmentsOf, pageOf } from './page.js';
import { usageJson } from './show.js';

const HOST = '127.0.0.1';
/** Readers that are kept up to date at a time. */
const MOST_READERS = 20;

/** The consumer's page on a port of this machine, for its browsers alone. */
export class UsageSite {
  readonly #server: Server;
  readonly #readers = new Set<ServerResponse>();
  #usage: Usage;
  #fragments: Fragments;

  private constructor(usage: Usage) {
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @param port any that is free where it is left out. @throws UsageError when the port is taken. */
  static async open(usage: Usage, port = 0): Promise<UsageSite> {
    const site = new UsageSite(usage);
    await new Promise<void>((resolve, reject) => {
      site.#server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? 'another program uses it' : (error.code ?? error.message);
        reject(new UsageError(`port ${port} cannot be had: ${reason}`, 'leave --port out for one that is free'));
      });
      site.#server.listen(port, HOST, resolve);
    });
    return site;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${HOST}:${this.#port}/`;
  }

  update(usage: Usage): void {
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
    for (const reader of this.#readers) this.#send(reader);
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.end();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    // A name that was turned to this machine by somebody else's site is none of ours.
    const ours = [`${HOST}:${this.#port}`, `localhost:${this.#port}`].includes(request.headers.host ?? '');
    if (!ours || request.method !== 'GET') {
      response.writeHead(ours ? 405 : 403).end();
      return;
    }
    const { pathname } = new URL(request.url ?? '/', this.url);
    if (pathname === '/') this.#page(response);
    else if (pathname === '/events') this.#subscribe(response);
    else if (pathname === '/usage.json') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(usageJson(this.#usage)));
    } else response.writeHead(404).end();
  }

  #page(response: ServerResponse): void {
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    response.end(pageOf(this.#fragments, nonce));
  }

  /** Server-sent events: what the page shows, whenever it is read anew. */
  #subscribe(response: ServerResponse): void {
    if (this.#readers.size >= MOST_READERS) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
    this.#send(response);
  }

  #send(reader: ServerResponse): void {
    reader.write(`data: ${JSON.stringify(this.#fragments)}\n\n`);
  }
}
