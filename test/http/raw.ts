import { connect, type Socket } from 'node:net';

/** A peer that says what it likes, octet for octet. */
export class RawPeer {
  readonly socket: Socket;
  /** Resolves when the other side, or anything else, has closed the connection. */
  readonly closed: Promise<void>;
  text = '';
  #woken: (() => void)[] = [];
  #ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    const wake = () => {
      for (const woken of this.#woken.splice(0)) woken();
    };
    this.socket.on('data', (octets) => {
      this.text += octets.toString('latin1');
      wake();
    });
    // A connection that is cut is what many of these are after.
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#ended = true;
        wake();
        resolve();
      });
    });
  }

  send(octets: string): this {
    this.socket.write(Buffer.from(octets, 'latin1'));
    return this;
  }

  /** Waits until what came fits, or the connection is closed. */
  async until(fits: (text: string) => boolean): Promise<string> {
    while (!fits(this.text) && !this.#ended) {
      await new Promise<void>((resolve) => this.#woken.push(resolve));
    }
    return this.text;
  }

  /** The status of the final answer, or that there was none. */
  async status(): Promise<number | 'closed'> {
    const final = /^HTTP\/1\.1 ([2-5]\d\d) /m;
    const text = await this.until((came) => final.test(came) && came.includes('\r\n\r\n'));
    const [, status] = final.exec(text) ?? [];
    return status === undefined ? 'closed' : Number(status);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** What one peer gets for what it sends, and nothing of it stays open. */
export async function statusOf(port: number, octets: string): Promise<{ status: number | 'closed'; text: string }> {
  const peer = new RawPeer(port).send(octets);
  try {
    return { status: await peer.status(), text: peer.text };
  } finally {
    peer.destroy();
  }
}
