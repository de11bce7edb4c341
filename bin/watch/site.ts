import { randomBytes } from 'node:crypto';
import { EventStream } from '../../src/http/event-stream.js';
import type { HttpAnswer } from '../../src/http/route.js';
import { type HttpServer, listenHttp } from '../../src/http/server.js';
import { LinkError, type Usage } from '../../src/index.js';
import { UsageError } from '../failure.js';
import { type Fragments, fragmentsOf, pageOf } from './page.js';
import { usageJson } from './show.js';

/** The consumer's page on a port of this machine, for its browsers alone. */
export class UsageSite {
  readonly #news = new EventStream(() => JSON.stringify(this.#fragments));
  #server: HttpServer | undefined;
  #usage: Usage;
  #fragments: Fragments;

  private constructor(usage: Usage) {
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
  }

  /** @param port any that is free where it is left out. @throws UsageError when the port is taken. */
  static async open(usage: Usage, port = 0): Promise<UsageSite> {
    const site = new UsageSite(usage);
    try {
      site.#server = await listenHttp({
        name: 'the page',
        port,
        routes: [
          { method: 'GET', path: '/', answer: () => site.#page() },
          { method: 'GET', path: '/usage.json', answer: () => site.#json() },
          { method: 'GET', path: '/events', events: site.#news },
        ],
      });
    } catch (error) {
      if (error instanceof LinkError) throw new UsageError(error.message, 'leave --port out for one that is free');
      throw error;
    }
    return site;
  }

  get url(): string {
    return `${this.#server?.url}/`;
  }

  /** Changes what the page shows, also in browsers that have it open. */
  update(usage: Usage): void {
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
    this.#news.update();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #page(): HttpAnswer {
    const nonce = randomBytes(16).toString('base64');
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; ` +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
      body: pageOf(this.#fragments, nonce),
    };
  }

  #json(): HttpAnswer {
    return { status: 200, body: JSON.stringify(usageJson(this.#usage)) };
  }
}
