import type { Transport, TransportHandler } from '../src/contracts/transport.js';
import { memoryPair } from '../src/transport/memory.js';

/**
 * The client's end of a line in memory that can be opened again when it is lost, as a connection over a network can. The first line is
 * served before this returns, so that what is wrong with its options is told at once.
 * @param names of the client's end and the meter's.
 * @param attach serves the meter's end.
 */
export async function memoryLine(
  names: readonly [string, string],
  attach: (meterEnd: Transport) => Promise<unknown>,
): Promise<Transport> {
  const connect = async () => {
    const [client, meterEnd] = memoryPair({ names });
    await attach(meterEnd);
    return client;
  };
  return new MemoryLine(names[0], connect, await connect());
}

class MemoryLine implements Transport {
  readonly name: string;
  readonly #connect: () => Promise<Transport>;
  #line: Transport | undefined;

  constructor(name: string, connect: () => Promise<Transport>, line?: Transport) {
    this.name = name;
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
    return new MemoryLine(this.name, this.#connect);
  }
}
