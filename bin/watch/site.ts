import { EventStream } from '../../src/http/event-stream.js';
import { LanGate } from '../../src/http/lan-gate.js';
import type { HttpAnswer } from '../../src/http/route.js';
import { type HttpServer, listenHttp } from '../../src/http/server.js';
import { LinkError, type Usage } from '../../src/index.js';
import { UsageError } from '../failure.js';
import { pageAnswer } from './answer.js';
import { entryPage } from './lan.js';
import { type Fragments, fragmentsOf, pageOf } from './page.js';
import { usageJson } from './show.js';

/** Where on a local network the page is, and who is told when a phone has used the key. */
export interface OnLan {
  readonly address: string;
  readonly onEntered: () => void;
}

/** The consumer's page on a port of this machine: for its browsers alone, or for one phone of the local network. */
export class UsageSite {
  readonly #news = new EventStream(() => JSON.stringify({ ...this.#fragments, ...(this.#away ? { away: true } : {}) }));
  #server: HttpServer | undefined;
  #gate: LanGate | undefined;
  #away = false;
  #usage: Usage;
  #fragments: Fragments;

  private constructor(usage: Usage) {
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
  }

  /** @param port any that is free where it is left out. @throws UsageError when the port is taken. */
  static async open(usage: Usage, port = 0, onLan?: OnLan): Promise<UsageSite> {
    const site = new UsageSite(usage);
    const gate = onLan && new LanGate(entryPage, onLan.onEntered);
    site.#gate = gate;
    try {
      site.#server = await listenHttp({
        name: 'the page',
        port,
        ...(onLan === undefined || gate === undefined ? {} : { lan: { address: onLan.address, gate } }),
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

  /** The address with the key behind `#`, where the page is on a local network: whoever opens it first may read. */
  get link(): string | undefined {
    return this.#gate && `${this.url}#${this.#gate.key}`;
  }

  /** Says on the page that the meter does not answer, until the next update. */
  away(): void {
    this.#away = true;
    this.#news.update();
  }

  /** Changes what the page shows, also in browsers that have it open. */
  update(usage: Usage): void {
    this.#away = false;
    this.#usage = usage;
    this.#fragments = fragmentsOf(usage);
    this.#news.update();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #page(): HttpAnswer {
    return pageAnswer((nonce) => pageOf(this.#fragments, nonce, this.#away));
  }

  #json(): HttpAnswer {
    return { status: 200, body: JSON.stringify({ ...usageJson(this.#usage), ...(this.#away ? { away: true } : {}) }) };
  }
}
