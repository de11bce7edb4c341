/**
 * The entry for pages and services on this machine: HTTP on loopback alone, bounded in connections, octets and time. For packages that serve
 * something themselves.
 *
 * @module cosem/http
 */

export type { EventStream } from './http/event-stream.js';
export type { HttpAnswer, HttpRequest, HttpRoute } from './http/route.js';
export { type HttpLimits, type HttpServer, type HttpServerOptions, listenHttp } from './http/server.js';
