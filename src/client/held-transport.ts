import { LinkError } from '../base/errors.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/**
 * A transport that stays open while it passes from one owner to the next: a client reads the invocation counter as the public client, and
 * then connects as itself over the same line. When the line is gone, the next owner gets a new one to the same place, where that is
 * possible.
 */
export class HeldTransport implements Transport {
  readonly name: string;
  readonly configure?: NonNullable<Transport['configure']>;
  readonly drain?: () => Promise<void>;
  #inner: Transport;
  #handler: TransportHandler | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';
  #hold = true;

  constructor(inner: Transport) {
    this.#inner = inner;
    this.name = inner.name;
    if (inner.configure !== undefined) {
      this.configure = (settings) => this.#inner.configure?.(settings) ?? Promise.resolve();
    }
    if (inner.drain !== undefined) this.drain = () => this.#inner.drain?.() ?? Promise.resolve();
  }

  /** Whether the line is gone; the next owner then gets a new one, or none. */
  get gone(): boolean {
    return this.#state === 'closed';
  }

  /** Whether a new line to the same place can be made. */
  get renewable(): boolean {
    return this.#inner instanceof HeldTransport ? this.#inner.renewable : this.#inner.again !== undefined;
  }

  /** Says that the next `close` is the last and closes the transport itself. */
  letGo(): void {
    this.#hold = false;
  }

  /** Closes the line, so that the next owner gets a new one. */
  async renew(): Promise<void> {
    const inner = this.#inner;
    if (this.#state !== 'open' || !this.renewable) return;
    this.#state = 'closed';
    this.#handler = undefined;
    // A line that is held twice is held by the other one.
    await (inner instanceof HeldTransport ? inner.renew() : inner.close());
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#state === 'open') {
      this.#handler = handler;
      return;
    }
    if (this.#state === 'closed') {
      if (!this.renewable) {
        throw new LinkError('peer-closed', `${this.name} is closed, and there is no second line like it`, {
          hint: 'the transport has no again() that connects anew, as tcp() and serial() have; some meters take one association a connection',
        });
      }
      if (!(this.#inner instanceof HeldTransport)) this.#inner = this.#inner.again?.() ?? this.#inner;
      this.#state = 'new';
    }
    const inner = this.#inner;
    this.#handler = handler;
    await inner.open({
      data: (chunk) => {
        if (this.#inner === inner) this.#handler?.data(chunk);
      },
      closed: (error) => {
        if (this.#inner !== inner) return;
        this.#state = 'closed';
        const owner = this.#handler;
        this.#handler = undefined;
        owner?.closed(error);
      },
    });
    if ((this.#state as string) !== 'closed') this.#state = 'open';
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
