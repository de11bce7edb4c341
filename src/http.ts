/**
 * The entry for pages and services on this machine: HTTP on 127.0.0.1, or behind a gate on a local network, with bounds on connections, octets and time. For packages that serve
 * something themselves; `listenHttp` is where to begin.
 *
 * @module cosem/http
 */

export type { EventStream } from './http/event-stream.js';
export { LanGate } from './http/lan-gate.js';
export type { HttpAnswer, HttpRequest, HttpRoute } from './http/route.js';
export { type HttpLimits, type HttpServer, type HttpServerOptions, type LanPlace, listenHttp } from './http/server.js';
