import type { TransportServer } from '../contracts/transport-server.js';
import { listenUdp } from './node-datagram.js';
import { type ListenOptions, listenTcp } from './node-socket.js';

/**
 * Where `serve` waits for TCP connections, the wrapper in them (IEC 62056-47). Loopback unless a host is told; DLMS has port 4059.
 *
 * ```ts
 * const server = await serve(device, tcpServer({ port: 4059 }));
 * ```
 */
export function tcpServer(options: ListenOptions = {}): TransportServer {
  return { framing: 'wrapper', listen: (onLine) => listenTcp(options, (transport) => onLine(transport)) };
}

/**
 * Where `serve` waits for UDP datagrams, one wrapper PDU in each. Loopback unless a host is told.
 *
 * ```ts
 * const server = await serve(device, udpServer({ port: 4059 }));
 * ```
 */
export function udpServer(options: ListenOptions = {}): TransportServer {
  return { framing: 'wrapper-udp', listen: (onLine) => listenUdp(options, (transport) => onLine(transport)) };
}
