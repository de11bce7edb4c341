/** Routes as an application of hono. Its packages are loaded only when something is served. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Handler, Hono } from 'hono';
import { jsonOf } from './json-body.js';
import { type HttpAnswer, type HttpRoute, refused } from './route.js';

/** What node-server gives a handler besides the request. */
interface Bindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

type Env = { Bindings: Bindings };
type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Octets that are reserved for a body at first; most bodies are shorter. */
const FIRST_ROOM = 4_096;

/**
 * The request listener of `node:http` that answers these routes.
 * @param streaming is called for each answer that stays open (server-sent events).
 */
export async function listenerOf(
  routes: readonly HttpRoute[],
  streaming: (outgoing: ServerResponse) => void,
): Promise<RequestListener> {
  const [hono, { getRequestListener }, { RESPONSE_ALREADY_SENT }] = await Promise.all([
    import('hono'),
    import('@hono/node-server'),
    import('@hono/node-server/utils/response'),
  ]);
  const app: Hono<Env> = new hono.Hono<Env>();
  for (const route of routes) {
    if ('events' in route) {
      app.get(route.path, ({ req, env: { outgoing } }) => {
        if (req.method !== 'GET') return response(refused(405, 'method', { allow: 'GET' }));
        if (!route.events.open) return response(refused(503, 'too-many-readers', { 'retry-after': '60' }));
        streaming(outgoing);
        route.events.subscribe(outgoing);
        return RESPONSE_ALREADY_SENT;
      });
    } else if (route.method === 'GET') app.get(route.path, () => response(route.answer()));
    else app.post(route.path, posted(route));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    app.all(path, () => response(refused(405, 'method', { allow: methods.join(', ') })));
  }
  app.notFound(() => response(refused(404, 'not-found')));
  app.onError(() => response(refused(500, 'internal')));
  return getRequestListener(app.fetch, {
    // Do not replace the global Request and Response of the program that serves.
    overrideGlobalObjects: false,
    errorHandler: () => response(refused(400, 'target')),
  });
}

function posted({ largest, answer }: Extract<HttpRoute, { method: 'POST' }>): Handler<Env> {
  return async ({ req, env: { incoming } }: Context<Env>) => {
    const octets = await octetsOf(incoming, largest);
    // The rest of the body is not read: the connection is closed after the answer.
    if (octets === undefined) return response(refused(413, 'too-large', { connection: 'close' }));
    // A form of another site can send any other content type without a preflight request.
    if (!/^application\/json\s*(?:;|$)/i.test(incoming.headers['content-type'] ?? '')) {
      return response(refused(415, 'content-type'));
    }
    const body = jsonOf(octets);
    if (body === undefined) return response(refused(400, 'malformed'));
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    return response(answer({ method: req.method, path: req.path, headers, body: body.value }));
  };
}

/** The octets of a body; undefined when there are more than `largest`. The body limit of hono is not used: it replaces the global Request. */
async function octetsOf(incoming: IncomingMessage, largest: number): Promise<Uint8Array | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > largest) return undefined;
  // One array for all, not one for each chunk: a chunk may be a single octet.
  let octets = new Uint8Array(Math.min(largest, FIRST_ROOM));
  let length = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    const end = length + chunk.length;
    if (end > largest) return undefined;
    if (end > octets.length) {
      const larger = new Uint8Array(Math.min(largest, Math.max(end, octets.length * 2)));
      larger.set(octets);
      octets = larger;
    }
    octets.set(chunk, length);
    length = end;
  }
  return octets.subarray(0, length);
}

function response({ status, headers, body }: HttpAnswer): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}
