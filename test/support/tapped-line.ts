import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import type { Recording } from './recorded-line.js';

/** A frame of a client, and what it heard before its next one. */
export interface Turn {
  readonly sent: Uint8Array;
  readonly heard: Uint8Array[];
}

/** A line on which somebody listens who can also speak in the client's place; what answers then the client does not hear. */
export class TappedLine implements Transport {
  readonly #line: Transport;
  readonly turns: Turn[] = [];
  #aside: Uint8Array[] | undefined;

  constructor(line: Transport) {
    this.#line = line;
  }

  get name(): string {
    return this.#line.name;
  }

  /** What a client would hear if all was played again. */
  get recording(): Recording {
    return this.turns;
  }

  open(handler: TransportHandler): Promise<void> {
    return this.#line.open({
      data: (chunk) => {
        if (this.#aside !== undefined) {
          this.#aside.push(chunk.slice());
          return;
        }
        this.turns.at(-1)?.heard.push(chunk.slice());
        handler.data(chunk);
      },
      closed: (error) => handler.closed(error),
    });
  }

  write(bytes: Uint8Array): void {
    this.turns.push({ sent: bytes.slice(), heard: [] });
    this.#line.write(bytes);
  }

  close(): Promise<void> {
    return this.#line.close();
  }

  /** Says a frame. @returns what came before `wait` was over. */
  async inject(frame: Uint8Array, wait: () => Promise<unknown>): Promise<readonly Uint8Array[]> {
    const aside: Uint8Array[] = [];
    this.#aside = aside;
    this.#line.write(frame.slice());
    await wait();
    this.#aside = undefined;
    return aside;
  }
}
