import type { Duplex } from 'node:stream';
import type { Millis } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/** Options of {@link duplex}. */
export interface DuplexOptions {
  /** The name in messages, such as `modem +91…`. Default `stream`. */
  readonly name?: string;
  /** Makes another stream to the same place, for connecting again when this one is gone. */
  readonly again?: () => Duplex;
}

const DUPLEX_OPTIONS: OptionNames<DuplexOptions> = { name: true, again: true };

/** A stream is destroyed when its last writes have not been accepted after this time. */
const LINGER: Millis = 1000;

/**
 * Any duplex stream of Node as a transport: an SSH channel, a modem, the pipes of a child process.
 *
 * ```ts
 * const meter = await open(duplex(ssh.channel, { name: 'ssh gateway-7' }), { framing: 'hdlc' });
 * ```
 * @param stream an open stream that nobody else reads.
 */
export function duplex(stream: Duplex, options: DuplexOptions = {}): Transport {
  checkOptions(options, DUPLEX_OPTIONS, 'duplex');
  const { name = 'stream', again } = options;
  let first: Duplex | undefined = stream;
  const dial = (): Duplex => {
    const taken = first ?? again?.();
    first = undefined;
    if (taken === undefined) throw new StateError(`${name} was used before`, { hint: 'make a new transport' });
    return taken;
  };
  return new DuplexTransport(name, () => Promise.resolve(dial()), again !== undefined);
}

/** A transport over a stream that is made on opening. */
export class DuplexTransport implements Transport {
  readonly name: string;
  readonly again?: () => Transport;
  readonly #dial: (stop: AbortSignal) => Promise<Duplex>;
  readonly #stop = new AbortController();
  #stream: Duplex | undefined;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';

  /** @param dial gives the connected stream. The signal says that it is no longer wanted. */
  constructor(name: string, dial: (stop: AbortSignal) => Promise<Duplex>, renewable: boolean) {
    this.name = name;
    this.#dial = dial;
    if (renewable) this.again = () => new DuplexTransport(name, dial, true);
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#state !== 'new') {
      throw new StateError(`${this.name} is open or was closed`, { hint: 'make a new transport' });
    }
    this.#state = 'opening';
    let stream: Duplex;
    try {
      stream = await this.#dial(this.#stop.signal);
    } catch (error) {
      if (this.#state === 'opening') this.#state = 'new';
      throw error;
    }
    if ((this.#state as string) === 'closed' || stream.destroyed) {
      stream.destroy();
      throw new LinkError('transport', `${this.name} was closed while it was being opened`);
    }
    this.#state = 'open';
    this.#stream = stream;
    this.#listen(stream, handler);
  }

  #listen(stream: Duplex, handler: TransportHandler): void {
    let failure: Error | undefined;
    let told = false;
    const tell = () => {
      if (told) return;
      told = true;
      const asked = this.#state === 'closed';
      this.#state = 'closed';
      if (asked) handler.closed();
      else handler.closed(failure === undefined ? ended(this.name) : broken(this.name, failure));
    };
    stream.on('error', (error) => {
      failure ??= error;
    });
    stream.on('data', (chunk: Buffer | string) => {
      // Owners get a plain Uint8Array, because `slice` and `subarray` of a Buffer behave differently.
      const octets = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
      if (!told) handler.data(new Uint8Array(octets.buffer, octets.byteOffset, octets.length));
    });
    // One direction alone is of no use.
    stream.on('end', () => {
      tell();
      stream.destroy();
    });
    stream.on('close', tell);
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#stream?.write(bytes);
  }

  close(): Promise<void> {
    const stream = this.#stream;
    this.#state = 'closed';
    this.#stop.abort();
    if (stream === undefined || stream.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => stream.destroy(), LINGER);
      stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      stream.end(() => stream.destroy());
    });
  }
}

function ended(name: string): LinkError {
  return new LinkError('peer-closed', `${name}: the other end has closed the connection`, {
    hint: 'meters close when idle, or when another client is served: connect again',
  });
}

function broken(name: string, cause: Error): LinkError {
  return new LinkError('transport', `${name}: the connection broke (${cause.message})`, {
    hint: 'connect again',
    cause,
  });
}
