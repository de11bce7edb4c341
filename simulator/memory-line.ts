import type { Transport, TransportHandler } from '../src/contracts/transport.js';

/** A line in memory that can be opened again when it is lost, as a connection over a network can. */
export class MemoryLine implements Transport {
  readonly name = 'virtual meter';
  readonly #connect: () => Promise<Transport>;
  #line: Transport | undefined;

  /** @param line the first one, made before, so that what is wrong with its options is told at once. */
  constructor(connect: () => Promise<Transport>, line?: Transport) {
    this.#connect = connect;
    this.#line = line;
  }

  async open(handler: TransportHandler): Promise<void> {
    this.#line ??= await this.#connect();
    await this.#line.open(handler);
  }

  write(bytes: Uint8Array): void {
    this.#line?.write(bytes);
  }

  async drain(): Promise<void> {
    await this.#line?.drain?.();
  }

  async close(): Promise<void> {
    await this.#line?.close();
  }

  again(): Transport {
    return new MemoryLine(this.#connect);
  }
}
