import type { Millis } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/** The part of a `WebSocket` that is used here. Browsers, Node 22 and the package `ws` have it. */
export interface WebSocketLike {
  /** State of the connection: 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Address, which messages show without user, password and query. */
  readonly url?: string;
  /** How binary messages are received; set to `arraybuffer`. */
  binaryType: string;
  /** Sends a binary message. */
  send(data: Uint8Array): void;
  /** Closes the connection. */
  close(): void;
  /** Drops the connection without a word; browsers do not have it. */
  terminate?(): void;
  /** Adds a listener for what has no content. */
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  /** Adds a listener for messages. */
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Adds a listener for the end, with its code and reason (RFC 6455). */
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

const [CONNECTING, OPEN] = [0, 1];
const GOING_AWAY = 1001;
const NORMAL = 1000;
/** So long the other end may take to answer the closing, in milliseconds: browsers and `ws` wait for half a minute and more. */
const LINGER: Millis = 2000;

/**
 * A WebSocket that carries the octets of a line in binary messages, cut at any place: for a page that reaches a meter through a bridge.
 *
 * ```ts
 * const meter = await open(webSocket(() => new WebSocket('wss://bridge.example/meter/7')), { framing: 'hdlc' });
 * ```
 * @param socket a WebSocket without other listeners, or a function that makes one, so that another can be made when the line breaks.
 */
export function webSocket(socket: WebSocketLike | (() => WebSocketLike)): Transport {
  return new WebSocketTransport(socket);
}

class WebSocketTransport implements Transport {
  readonly again?: () => Transport;
  readonly #source: WebSocketLike | (() => WebSocketLike);
  #socket: WebSocketLike | undefined;
  #handler: TransportHandler | undefined;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #name: string;
  #closed: (() => void) | undefined;
  /** Ends the opening; without effect once it is open. */
  #refused: (() => void) | undefined;

  constructor(source: WebSocketLike | (() => WebSocketLike)) {
    this.#source = source;
    this.#name = nameOf(typeof source === 'function' ? undefined : source);
    if (typeof source === 'function') this.again = () => new WebSocketTransport(source);
  }

  get name(): string {
    return this.#name;
  }

  open(handler: TransportHandler): Promise<void> {
    if (this.#state !== 'new') {
      const hint = 'make a new transport';
      return Promise.reject(new StateError(`${this.name} is open or was closed`, { hint }));
    }
    this.#state = 'opening';
    return new Promise((resolve, reject) => {
      let socket: WebSocketLike;
      try {
        socket = typeof this.#source === 'function' ? this.#source() : this.#source;
      } catch (error) {
        this.#state = 'new';
        reject(
          new LinkError('transport', `${this.name}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          }),
        );
        return;
      }
      this.#socket = socket;
      this.#name = nameOf(socket);
      socket.binaryType = 'arraybuffer';
      const refused = () =>
        reject(
          new LinkError('transport', `${this.name}: the WebSocket could not be opened`, {
            hint: 'is the address right, and does the bridge let this page in?',
          }),
        );
      this.#refused = refused;
      const ready = () => {
        if (this.#state !== 'opening') return;
        this.#state = 'open';
        this.#handler = handler;
        resolve();
      };
      socket.addEventListener('message', ({ data }) => this.#heard(data));
      socket.addEventListener('close', ({ code, reason }) => {
        if (this.#socket !== socket) return;
        this.#ended(code, reason);
        // Without effect if the socket was already open.
        refused();
      });
      // Browsers do not say what the error was; `close` follows, but in Node 22 not where the socket was never open.
      socket.addEventListener('error', () => {
        if (this.#state === 'open') return;
        this.#state = 'closed';
        refused();
        this.#closed?.();
      });
      socket.addEventListener('open', ready);
      if (socket.readyState === OPEN) ready();
      else if (socket.readyState !== CONNECTING) {
        this.#state = 'closed';
        reject(new LinkError('peer-closed', `${this.name}: the WebSocket is closed already`));
      }
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#socket?.send(bytes);
  }

  close(): Promise<void> {
    const socket = this.#socket;
    const open = this.#state === 'open' || this.#state === 'opening';
    this.#state = 'closed';
    if (socket === undefined || !open) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#leave(undefined);
        this.#refused?.();
        resolve();
        socket.terminate?.();
      }, LINGER);
      this.#closed = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.close();
    });
  }

  #heard(data: unknown): void {
    if (this.#state !== 'open') return;
    if (data instanceof ArrayBuffer) this.#handler?.data(new Uint8Array(data));
    else if (ArrayBuffer.isView(data)) {
      this.#handler?.data(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice());
    } else {
      this.#leave(
        new LinkError('transport', `${this.name}: the other end sends text messages instead of the octets of a line`, {
          hint: 'a bridge for meters sends binary messages',
        }),
      );
      this.#socket?.close();
    }
  }

  #ended(code: number, reason: string): void {
    const asked = this.#state === 'closed';
    const words = reason === '' ? '' : `: ${reason}`;
    const error =
      code === NORMAL || code === GOING_AWAY
        ? new LinkError('peer-closed', `${this.name}: the other end has closed the connection${words}`, {
            hint: 'connect again',
          })
        : new LinkError('transport', `${this.name}: the connection broke (WebSocket ${code}${words})`, {
            hint: 'connect again',
          });
    this.#leave(asked ? undefined : error);
    this.#closed?.();
  }

  #leave(error: LinkError | undefined): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#state = 'closed';
    handler?.closed(error);
  }
}

/** The address without parts that may be secret: user, password, query. */
function nameOf(socket: WebSocketLike | undefined): string {
  const parts = /^(wss?:\/\/)(?:[^/?#@]*@)?([^?#]*)/.exec(socket?.url ?? '');
  return parts === null ? 'web socket' : `${parts[1]}${parts[2]}`;
}
