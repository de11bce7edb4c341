import { type Clock, type Millis, StateError } from 'cosem';
import { pause } from '../pause.js';

/** The part of `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpOptions {
  /** Where the service is: `https://meters.example.in/api`. Plain http only on this machine. */
  readonly url: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Gives the token for `Authorization: Bearer`. It is called for each request and never shown. */
  readonly token?: (() => string | undefined) | undefined;
  /** How long one request may take. Default 10 s. */
  readonly timeout?: Millis | undefined;
  /** How often a request without answer is repeated. Default 2, and once more where the service itself is away: it may be starting. */
  readonly retries?: number | undefined;
  /** Pause before the first repetition, doubled for each further one. Default 1 s. */
  readonly pause?: Millis | undefined;
}

/** Why no answer came: nothing was reached, or a machine on which nobody listens. */
export type NoAnswer = 'no-network' | 'service-down';

/** The answer of a service; `body` is its JSON, if it is JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  /** The earliest time for asking again, from Retry-After. */
  readonly retryAt?: Millis;
}

const LONGEST_ANSWER = 65_536;
/** After these answers it is unknown whether the request was carried out; the idempotency key makes repeating it safe. */
const TRANSIENT = [408, 425, 500, 502, 503, 504];
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * POSTs JSON. Each request has an idempotency key and is repeated with the same key when no answer comes. Redirections are refused, because
 * they could send a code elsewhere.
 */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #base: URL;

  /** @throws StateError when the URL is not valid, or is neither https nor on this machine. */
  constructor(options: HttpOptions) {
    this.#options = options;
    this.#base = checkedUrl(options.url);
  }

  /** @returns the answer, or why none came. Never throws for what the network does. */
  async post(path: string, idempotencyKey: string, body: unknown): Promise<HttpAnswer | NoAnswer> {
    const { clock, retries = 2, pause: first = 1000 } = this.#options;
    for (let i = 0; ; i++) {
      const answer = await this.#once(path, idempotencyKey, body);
      if (typeof answer !== 'string' && !TRANSIENT.includes(answer.status)) return answer;
      if (i >= (answer === 'service-down' && retries > 0 ? retries + 1 : retries)) return answer;
      await pause(clock, first * 2 ** i);
    }
  }

  async #once(path: string, idempotencyKey: string, body: unknown): Promise<HttpAnswer | NoAnswer> {
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
    } catch (error) {
      // The error may quote the request, so it is not passed on.
      return isDown(error) ? 'service-down' : 'no-network';
    } finally {
      cancel();
    }
  }
}

/** Codes by which operating systems and `fetch` say that the other machine is there, and nobody on it, or nobody any more. */
const DOWN: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** `fetch` names the cause in the cause of its error; of several addresses all must have been refused. */
function isDown(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError)
    return cause.errors.length > 0 && cause.errors.every((one) => DOWN.has(one?.code));
  return cause instanceof Error && 'code' in cause && DOWN.has(cause.code);
}

/** Whether codes and records may be sent to an address: https, or on this machine; without user and password. */
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

/** The JSON of an answer; undefined where it is not JSON, or too long. */
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
