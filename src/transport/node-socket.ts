import { createConnection, createServer, type OnReadOpts, type Socket } from 'node:net';
import type { Millis } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';
import { endpoint, socketError } from './node-socket-error.js';

/** Options of {@link tcp}. */
export interface TcpOptions {
  /** How long connecting may take, in milliseconds. Default 10 s. */
  readonly connectTimeout?: Millis;
  /**
   * After this many milliseconds of silence the system checks whether the peer is still there, and closes the connection if it is not.
   * Default 60 s; 0 for never.
   */
  readonly keepAlive?: Millis;
}

const KEEP_ALIVE: Millis = 60_000;

/** The network address of a peer. */
export interface Peer {
  /** IP address. */
  readonly address: string;
  /** Port of the peer. */
  readonly port: number;
}

/** Where to listen, and for how many peers. */
export interface ListenOptions {
  /** Address to bind. Default 127.0.0.1, which only this machine can reach. */
  readonly host?: string;
  /** Port to bind. Default 0, which picks a free one. */
  readonly port?: number;
  /** How many peers are served at once; more are turned away. Default 256. */
  readonly maxPeers?: number;
}

export const LISTEN_OPTIONS: OptionNames<ListenOptions> = {
  host: true,
  port: true,
  maxPeers: true,
};

/** A socket that listens. */
export interface Listener {
  /** The address that is bound. */
  readonly host: string;
  /** The port that is bound, also when 0 was asked for. */
  readonly port: number;
  /** Stops listening and closes every connection. Never throws. */
  close(): Promise<void>;
}

/** A connection is closed by force when the peer has not accepted the last writes after this time. */
const LINGER: Millis = 1000;

/**
 * A TCP connection to a meter or a concentrator; IEC 62056-47 names port 4059. The host is a name or an IPv4 or IPv6 address. `open` throws
 * LinkError with a hint when nobody answers there.
 * ```ts
 * const meter = await open(tcp('192.0.2.7', 4059), { framing: 'wrapper', client: 16 });
 * ```
 * @throws StateError when `port` is not a port.
 */
export function tcp(host: string, port: number, options: TcpOptions = {}): Transport {
  checkOptions(options, { connectTimeout: true, keepAlive: true }, 'tcp');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StateError(`${port} is not a TCP port`, { hint: 'ports are 1 to 65535; DLMS meters often use 4059' });
  }
  const { keepAlive: keepAliveInitialDelay = KEEP_ALIVE } = options;
  const watched = { noDelay: true, keepAlive: keepAliveInitialDelay > 0, keepAliveInitialDelay };
  const dial = (onread: OnReadOpts) => createConnection({ host, port, ...watched, onread });
  return new TcpTransport(`tcp ${endpoint(host, port)}`, dial, options);
}

/**
 * Listens for TCP connections. Each is given to the callback as a transport that waits to be opened.
 * ```ts
 * const listener = await listenTcp({ port: 4059 }, (transport) => meter.attach(transport, { framing: 'wrapper' }));
 * ```
 * @throws LinkError when the address cannot be bound.
 */
export function listenTcp(
  options: ListenOptions,
  onConnection: (transport: Transport, peer: Peer) => void,
): Promise<Listener> {
  checkOptions(options, LISTEN_OPTIONS, 'listenTcp');
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const peer = { address: socket.remoteAddress ?? '?', port: socket.remotePort ?? 0 };
    onConnection(new TcpTransport(`tcp ${endpoint(peer.address, peer.port)}`, socket, {}), peer);
  });
  server.maxConnections = options.maxPeers ?? 256;
  return new Promise((resolve, reject) => {
    const name = `tcp ${endpoint(host, options.port ?? 0)}`;
    server.once('error', (error) => reject(socketError(error, name, 'listen')));
    server.listen(options.port ?? 0, host, () => {
      const bound = server.address() as { address: string; port: number };
      resolve({
        host: bound.address,
        port: bound.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

/** The largest read in octets, the size of the slab that short chunks share, and the longest of these. */
const [READ_SIZE, SLAB_SIZE, LARGEST_CUT] = [16_384, 65_536, 4096];

/** Buffers of connections that were closed. A head-end opens hundreds one after the other, and memory that is made anew is collected anew. */
const spare: Uint8Array[] = [];
const MOST_SPARE = 64;

let slab = new ArrayBuffer(SLAB_SIZE);
let slabUsed = 0;

/** A copy of octets that are about to be overwritten. No octet of a slab is given out twice. */
function copyOf(octets: Uint8Array): Uint8Array {
  const { length } = octets;
  if (length > LARGEST_CUT) return octets.slice();
  if (slabUsed + length > SLAB_SIZE) {
    slab = new ArrayBuffer(SLAB_SIZE);
    slabUsed = 0;
  }
  const copy = new Uint8Array(slab, slabUsed, length);
  slabUsed += length;
  copy.set(octets);
  return copy;
}

class TcpTransport implements Transport {
  readonly name: string;
  readonly #connectTimeout: Millis;
  readonly #dial: ((onread: OnReadOpts) => Socket) | undefined;
  #socket: Socket | undefined;
  /** Into which the present socket reads. */
  #buffer: Uint8Array | undefined;
  #handler: TransportHandler | undefined;
  #closing = false;
  #error: LinkError | undefined;
  /** Set while `open` waits. */
  #fail: ((error: LinkError) => void) | undefined;

  /** @param source a connected socket, or a function that makes one. */
  constructor(name: string, source: Socket | ((onread: OnReadOpts) => Socket), options: TcpOptions) {
    this.name = name;
    this.#connectTimeout = options.connectTimeout ?? 10_000;
    if (typeof source === 'function') {
      this.#dial = source;
      this.again = () => new TcpTransport(name, source, options);
    } else {
      this.#dial = undefined;
      this.#adopt(source);
    }
  }

  open(handler: TransportHandler): Promise<void> {
    if (this.#handler !== undefined) return Promise.reject(new StateError(`${this.name} is open already`));
    if (this.#closing)
      return Promise.reject(new StateError(`${this.name} was closed`, { hint: 'make a new transport' }));
    if (this.#dial === undefined) return this.#listen(handler);
    this.#error = undefined;
    return new Promise((resolve, reject) => {
      const socket = this.#dial?.(this.#reading()) as Socket;
      this.#adopt(socket);
      const timer = setTimeout(() => {
        this.#fail?.(
          new LinkError('transport', `${this.name}: no connection within ${this.#connectTimeout / 1000} s`, {
            hint: 'check the address and the port, and that a firewall or the mobile network lets you through',
          }),
        );
        socket.destroy();
      }, this.#connectTimeout);
      this.#fail = (error) => {
        clearTimeout(timer);
        this.#fail = undefined;
        this.#socket = undefined;
        reject(error);
      };
      socket.once('connect', () => {
        if (this.#fail === undefined) return;
        clearTimeout(timer);
        this.#fail = undefined;
        resolve(this.#listen(handler));
      });
    });
  }

  write(bytes: Uint8Array): void {
    if (!this.#closing) this.#socket?.write(bytes);
  }

  /** Left out for an accepted connection, which cannot be made again from this side. */
  again?: () => Transport;

  close(): Promise<void> {
    const socket = this.#socket;
    this.#closing = true;
    if (socket === undefined || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), LINGER);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      if (socket.connecting) socket.destroy();
      else socket.destroySoon();
    });
  }

  async #listen(handler: TransportHandler): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) {
      throw this.#error ?? new LinkError('peer-closed', `${this.name}: the other end has closed the connection`);
    }
    this.#handler = handler;
    if (this.#dial !== undefined) return;
    // Owners get a plain Uint8Array, because `slice` and `subarray` of a Buffer behave differently.
    socket.on('data', (chunk: Buffer) => handler.data(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
  }

  /**
   * Reads directly into a buffer of our own instead of through the stream, so that an answer arrives some microseconds earlier. It stays the
   * same buffer: to hand over another for each read costs more than to copy what came.
   */
  #reading(): OnReadOpts {
    const buffer = spare.pop() ?? new Uint8Array(READ_SIZE);
    const { buffer: memory } = buffer;
    this.#buffer = buffer;
    return {
      buffer,
      callback: (length) => {
        this.#handler?.data(copyOf(new Uint8Array(memory, 0, length)));
        return true;
      },
    };
  }

  #adopt(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', (error) => {
      if (this.#socket !== socket) return;
      this.#error = socketError(error, this.name, 'connect');
      this.#fail?.(this.#error);
    });
    const buffer = this.#buffer;
    socket.on('close', () => {
      // Nothing is read into it any more.
      if (buffer !== undefined && spare.length < MOST_SPARE) spare.push(buffer);
      if (this.#socket !== socket) return;
      this.#fail?.(new LinkError('transport', `${this.name} was closed while it was being opened`));
      const handler = this.#handler;
      this.#handler = undefined;
      if (handler === undefined) return;
      if (this.#closing) handler.closed();
      else handler.closed(this.#error ?? peerClosed(this.name));
      this.#closing = true;
    });
  }
}

function peerClosed(name: string): LinkError {
  return new LinkError('peer-closed', `${name}: the other end has closed the connection`, {
    hint: 'meters close when idle, or when another client is served: connect again',
  });
}
