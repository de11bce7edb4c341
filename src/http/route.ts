/** Routes: which paths a page or service has, and what each answers. */

import type { EventStream } from './event-stream.js';

/** A request that passed the checks of the HTTP layer. */
export interface HttpRequest {
  /** `GET` or `POST`. */
  readonly method: string;
  /** Path of the target, without the query. */
  readonly path: string;
  /** Header fields; their names are in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed JSON of the body; undefined for GET. */
  readonly body: unknown;
}

/** What is answered to a request. */
export interface HttpAnswer {
  /** Status code, such as 200. */
  readonly status: number;
  /** Header fields beside those of every answer, which they may replace. `content-type` is JSON where it is left out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The text of the body. */
  readonly body: string;
}

/** A path, and what it answers. Other methods of a path get 405, other paths 404. */
export type HttpRoute =
  | {
      /** A plain GET. */
      readonly method: 'GET';
      /** Path, such as `/health`. */
      readonly path: string;
      /** Makes the answer. */
      readonly answer: () => HttpAnswer;
    }
  | {
      /** A GET that is answered with server-sent events. */
      readonly method: 'GET';
      /** Path, such as `/events`. */
      readonly path: string;
      /** The stream to which each reader is added. */
      readonly events: EventStream;
    }
  | {
      /** A POST of JSON. */
      readonly method: 'POST';
      /** Path, such as `/verify`. */
      readonly path: string;
      /** The most octets of a body; a longer one gets 413. */
      readonly largest: number;
      /** Makes the answer to a request. */
      readonly answer: (request: HttpRequest) => HttpAnswer;
    };

/** The answer of the HTTP layer to a request that it refuses: a reason for programs, never what was sent or what failed inside. */
export function refused(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers, body: JSON.stringify({ reason }) };
}
