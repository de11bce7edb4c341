import { LinkError } from '../base/errors.js';
import type { Transport, TransportHandler } from '../transport/transport.js';

/**
 * A transport that stays open while one owner hands it to the next: a client reads the invocation counter as the public client and then
 * connects as itself, over the same line.
 */
export class HeldTransport implements Transport {
  readonly name: string;
  readonly configure?: NonNullable<Transport['configure']>;
  readonly drain?: () => Promise<void>;
  readonly #inner: Transport;
  #handler: TransportHandler | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';
  #hold = true;

  constructor(inner: Transport) {
    this.#inner = inner;
    this.name = inner.name;
    if (inner.configure !== undefined) this.configure = (settings) => inner.configure?.(settings) ?? Promise.resolve();
    if (inner.drain !== undefined) this.drain = () => inner.drain?.() ?? Promise.resolve();
  }

  /** The next `close` is the last: it closes the transport itself. */
  letGo(): void {
    this.#hold = false;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#state === 'closed') {
      throw new LinkError('peer-closed', `${this.name} was closed after the invocation counter was read`, {
        hint: 'the meter takes one association a connection: read the counter over a connection of its own',
      });
    }
    this.#handler = handler;
    if (this.#state === 'open') return;
    await this.#inner.open({
      data: (chunk) => this.#handler?.data(chunk),
      closed: (error) => {
        this.#state = 'closed';
        const owner = this.#handler;
        this.#handler = undefined;
        owner?.closed(error);
      },
    });
    this.#state = 'open';
  }

  write(bytes: Uint8Array): void {
    this.#inner.write(bytes);
  }

  async close(): Promise<void> {
    this.#handler = undefined;
    if (this.#hold || this.#state !== 'open') return;
    await this.#inner.close();
  }
}
