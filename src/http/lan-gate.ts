/** Who may read a page on a local network: whoever brought the key once, and no one else. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type HttpAnswer, type HttpRequest, type HttpRoute, refused } from './route.js';

/** Octets of a key and of a cookie: 128 bits. */
const KEY_OCTETS = 16;
const COOKIE = 'cosem';
/** A key and its JSON. */
const LARGEST = 200;

/**
 * Guards the routes of a page on a local network. The key, which a person gets in a QR code, is exchanged once for a cookie; without that
 * cookie every path answers the same. Key and cookie live as long as this object.
 */
export class LanGate {
  /** 128 random bits, base64url. */
  readonly key: string = randomBytes(KEY_OCTETS).toString('base64url');
  readonly #entry: () => HttpAnswer;
  readonly #onEntered: () => void;
  #unused = true;
  #cookie: string | undefined;

  /**
   * @param entry the page for who has no cookie: it posts `{"key": …}`, the part behind `#` of its own address, to `/enter`.
   * @param onEntered called when the key was exchanged.
   */
  constructor(entry: () => HttpAnswer, onEntered: () => void) {
    this.#entry = entry;
    this.#onEntered = onEntered;
  }

  /** The route that exchanges the key: 200 with the cookie, 403 where the key is wrong or was used. */
  get route(): HttpRoute {
    return { method: 'POST', path: '/enter', largest: LARGEST, answer: (request) => this.#enter(request) };
  }

  /**
   * The target is compared as it came: whoever reads a path in another way than the routes do would open what they close.
   * @returns what is answered in place of the routes; undefined where the request may go on to them.
   */
  answerTo(target: string, method: string, cookies: string | undefined): HttpAnswer | undefined {
    if (this.#holds(cookies)) return undefined;
    if (target === '/enter' && method === 'POST') return undefined;
    return /^\/(?:\?|$)/.test(target) && method === 'GET' ? this.#entry() : refused(401, 'key');
  }

  #enter({ body }: HttpRequest): HttpAnswer {
    const given = typeof body === 'object' && body !== null && 'key' in body ? body.key : undefined;
    if (!this.#unused || typeof given !== 'string' || !same(given, this.key)) return refused(403, 'key');
    this.#unused = false;
    this.#cookie = randomBytes(KEY_OCTETS).toString('base64url');
    this.#onEntered();
    return {
      status: 200,
      headers: { 'set-cookie': `${COOKIE}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict` },
      body: '{}',
    };
  }

  #holds(cookies: string | undefined): boolean {
    const cookie = this.#cookie;
    if (cookie === undefined || cookies === undefined) return false;
    return cookies.split(';').some((part) => same(part.trim(), `${COOKIE}=${cookie}`));
  }
}

/** In a time that says nothing of where two texts differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
