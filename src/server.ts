/**
 * The server side of a line, for a meter of one's own.
 *
 * @module cosem/server
 */

// ---- transport

export { IdlePeers, type IdlePeersOptions, type Standing } from './transport/idle-peers.js';
export { type ServedLink, type ServerHandler, serveLink } from './transport/server.js';
