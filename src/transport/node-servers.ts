import type { TransportServer } from '../contracts/transport-server.js';
import { listenUdp } from './node-datagram.js';
import { type ListenOptions, listenTcp } from './node-socket.js';

/**
 * Makes `serve` listen for TCP connections that carry the wrapper (IEC 62056-47). The default host is loopback; the port of DLMS is 4059.
 *
 * ```ts
 * const server = await serve(device, tcpServer({ port: 4059 }));
 * ```
 */
export function tcpServer(options: ListenOptions = {}): TransportServer {
  return { framing: 'wrapper', listen: (onLine) => listenTcp(options, (transport) => onLine(transport)) };
}

/**
 * Makes `serve` listen for UDP datagrams with one wrapper PDU in each. The default host is loopback.
 *
 * ```ts
 * const server = await serve(device, udpServer({ port: 4059 }));
 * ```
 */
export function udpServer(options: ListenOptions = {}): TransportServer {
  return { framing: 'wrapper-udp', listen: (onLine) => listenUdp(options, (transport) => onLine(transport)) };
}
