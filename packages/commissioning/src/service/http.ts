import { type Clock, type Millis, StateError } from 'cosem';
import { pause } from '../pause.js';

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpOptions {
  /** Where the service is: `https://meters.example.in/api`. Plain http only on this machine. */
  readonly url: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Sent as `Authorization: Bearer`. Asked for at each request, shown nowhere. */
  readonly token?: (() => string | undefined) | undefined;
  /** How long one request may take; 10 s. */
  readonly timeout?: Millis | undefined;
  /** How often a request without answer is repeated; 2. */
  readonly retries?: number | undefined;
  /** Before the first repetition, doubled for each; 1 s. */
  readonly pause?: Millis | undefined;
}

/** What a service answered; `body` where it was JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  /** When asking again is taken, from Retry-After. */
  readonly retryAt?: Millis;
}

const LONGEST_ANSWER = 65_536;
/** Nobody knows whether such a request was carried out; the idempotency key makes repeating it safe. */
const TRANSIENT = [408, 425, 500, 502, 503, 504];
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * POSTs JSON, each request under an idempotency key, repeated under the same where no answer came. Redirections are refused: they could
 * lead a code elsewhere.
 */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #base: URL;

  /** @throws StateError when the URL is none, or is neither https nor on this machine. */
  constructor(options: HttpOptions) {
    this.#options = options;
    this.#base = checkedUrl(options.url);
  }

  /** @returns the answer; undefined when none came. Never throws for what the network does. */
  async post(path: string, idempotencyKey: string, body: unknown): Promise<HttpAnswer | undefined> {
    const { clock, retries = 2, pause: first = 1000 } = this.#options;
    let answer: HttpAnswer | undefined;
    for (let i = 0; i <= retries; i++) {
      if (i > 0) await pause(clock, first * 2 ** (i - 1));
      answer = await this.#once(path, idempotencyKey, body);
      if (answer !== undefined && !TRANSIENT.includes(answer.status)) return answer;
    }
    return answer;
  }

  async #once(path: string, idempotencyKey: string, body: unknown): Promise<HttpAnswer | undefined> {
    const { fetch, clock, token, timeout = 10_000 } = this.#options;
    const bearer = token?.();
    const limit = new AbortController();
    const cancel = clock.at(clock.now() + timeout, () => limit.abort());
    try {
      const response = await fetch(`${this.#base.href.replace(/\/$/, '')}${path}`, {
        method: 'POST',
        redirect: 'error',
        signal: limit.signal,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'idempotency-key': idempotencyKey,
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify(body),
      });
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      const later = Number.isFinite(seconds) ? { retryAt: clock.now() + Math.max(0, seconds) * 1000 } : {};
      return { status: response.status, body: await readJson(response), ...later };
    } catch {
      // Whatever it was may quote the request: it goes no further.
      return undefined;
    } finally {
      cancel();
    }
  }
}

/** Whether codes and records may go there: https, or on this machine; without user and password. */
export function isServiceAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  return url !== undefined && secure && url.username === '' && url.password === '';
}

function checkedUrl(text: string): URL {
  if (isServiceAddress(text)) return new URL(text);
  throw new StateError('the address of the service is neither https nor on this machine', {
    hint: 'write it as https://meters.example.in/api, without user and password',
  });
}

/** Undefined where the answer is no JSON, or too long. */
async function readJson(response: Response): Promise<unknown> {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > LONGEST_ANSWER) {
      await reader.cancel();
      return undefined;
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
