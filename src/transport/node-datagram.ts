import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { LinkError, StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';
import { LISTEN_OPTIONS, type Listener, type ListenOptions, type Peer } from './node-socket.js';
import { endpoint, socketError } from './node-socket-error.js';

/**
 * Datagrams to and from one UDP peer (the wrapper of IEC 62056-47: one PDU in each datagram). `open` sends nothing, so only the first
 * exchange shows whether the peer is there.
 * ```ts
 * const meter = await open(udp('192.0.2.7', 4059), { framing: 'wrapper-udp', ...options });
 * ```
 * @throws StateError when `port` is not a port.
 */
export function udp(host: string, port: number): Transport {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StateError(`${port} is not a UDP port`, { hint: 'ports are 1 to 65535; DLMS meters often use 4059' });
  }
  return new UdpClient(host, port);
}

/**
 * Listens for datagrams; each new peer is given to the callback as a transport. When there are too many peers, the one that was silent
 * longest is closed, because anybody can forge senders and memory must stay limited.
 * @throws LinkError when the address cannot be bound.
 */
export async function listenUdp(
  options: ListenOptions,
  onPeer: (transport: Transport, peer: Peer) => void,
): Promise<Listener> {
  checkOptions(options, LISTEN_OPTIONS, 'listenUdp');
  const host = options.host ?? '127.0.0.1';
  const maxPeers = options.maxPeers ?? 256;
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  /** In the order in which they were last heard. */
  const peers = new Map<string, UdpPeer>();
  await bind(socket, options.port ?? 0, host);
  // Errors of single datagrams (an unreachable peer) must not stop the others.
  socket.on('error', () => {});
  socket.on('message', (bytes, { address, port }) => {
    const key = endpoint(address, port);
    let peer = peers.get(key);
    if (peer !== undefined) peers.delete(key);
    else {
      peer = new UdpPeer(
        `udp ${key}`,
        (chunk) => socket.send(chunk, port, address),
        () => peers.delete(key),
      );
      if (peers.size >= maxPeers) peers.values().next().value?.evict();
      onPeer(peer, { address, port });
    }
    peers.set(key, peer);
    peer.hear(plain(bytes));
  });
  const bound = socket.address();
  return {
    host: bound.address,
    port: bound.port,
    close: () =>
      new Promise((done) => {
        for (const peer of [...peers.values()]) peer.evict();
        socket.close(() => done());
      }),
  };
}

function bind(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => reject(socketError(error, `udp ${endpoint(host, port)}`, 'listen')));
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

/** Makes a plain Uint8Array, because `slice` and `subarray` of a Buffer behave differently. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

class UdpClient implements Transport {
  readonly name: string;
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #handler: TransportHandler | undefined;
  #closing = false;

  constructor(host: string, port: number) {
    this.name = `udp ${endpoint(host, port)}`;
    this.#host = host;
    this.#port = port;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#handler !== undefined || this.#closing) throw new StateError(`${this.name} is open or was closed`);
    const { address, family } = await this.#resolve();
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        socket.close();
        reject(socketError(error, this.name, 'connect'));
      };
      socket.once('error', fail);
      socket.connect(this.#port, address, () => {
        socket.off('error', fail);
        resolve();
      });
    });
    if (this.#closing) {
      socket.close();
      throw new LinkError('transport', `${this.name} was closed while it was being opened`);
    }
    this.#socket = socket;
    this.#handler = handler;
    socket.on('message', (bytes) => this.#handler?.data(plain(bytes)));
    socket.on('error', (error) => this.#leave(socketError(error, this.name, 'connect')));
  }

  write(bytes: Uint8Array): void {
    this.#socket?.send(bytes, (error) => {
      if (error !== null) this.#leave(socketError(error, this.name, 'connect'));
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#leave();
  }

  again(): Transport {
    return new UdpClient(this.#host, this.#port);
  }

  async #resolve(): Promise<{ address: string; family: number }> {
    const family = isIP(this.#host);
    if (family !== 0) return { address: this.#host, family };
    try {
      return await lookup(this.#host);
    } catch (error) {
      throw socketError(error as Error, this.name, 'connect');
    }
  }

  #leave(error?: LinkError): void {
    const socket = this.#socket;
    const handler = this.#handler;
    this.#socket = undefined;
    this.#handler = undefined;
    this.#closing = true;
    socket?.close();
    handler?.closed(error);
  }
}

/** One peer of a listener. A few datagrams that come before `open` are kept. */
class UdpPeer implements Transport {
  readonly name: string;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #forget: () => void;
  #handler: TransportHandler | undefined;
  #early: Uint8Array[] = [];
  #closed = false;

  constructor(name: string, send: (bytes: Uint8Array) => void, forget: () => void) {
    this.name = name;
    this.#send = send;
    this.#forget = forget;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#handler !== undefined || this.#closed) throw new StateError(`${this.name} is open or was closed`);
    this.#handler = handler;
    for (const bytes of this.#early.splice(0)) handler.data(bytes);
  }

  write(bytes: Uint8Array): void {
    if (!this.#closed) this.#send(bytes);
  }

  async close(): Promise<void> {
    this.#leave();
  }

  hear(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#handler !== undefined) this.#handler.data(bytes);
    else if (this.#early.length < 8) this.#early.push(bytes);
  }

  evict(): void {
    this.#leave(new LinkError('transport', `${this.name}: closed by the listener`));
  }

  #leave(error?: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(error);
  }
}
