/** What a page or service of this package tells the HTTP layer: which paths there are, and what each answers. */

import type { EventStream } from './event-stream.js';

/** A request as it was let in. Names of headers are in lower case; `body` is JSON as it was parsed, undefined for GET. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  /** Besides those of every answer, which they may replace; `content-type` is JSON where it is left out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

export type HttpRoute =
  | { readonly method: 'GET'; readonly path: string; readonly answer: () => HttpAnswer }
  /** Server-sent events. */
  | { readonly method: 'GET'; readonly path: string; readonly events: EventStream }
  | {
      readonly method: 'POST';
      readonly path: string;
      /** Octets of the body at most. */
      readonly largest: number;
      readonly answer: (request: HttpRequest) => HttpAnswer;
    };

/** Why the layer itself did not take a request: a word for programs, never what was sent or what failed within. */
export function refused(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers, body: JSON.stringify({ reason }) };
}
