import type { Clock, Millis } from '../../src/base/clock.js';
import type { Transport } from '../../src/contracts/transport.js';

/** A customer port that sends. */
export interface CustomerPort {
  /** How many messages it has sent. */
  readonly sent: number;
  /** Ends it and closes its line. Never throws. */
  close(): Promise<void>;
}

/** What a port needs of its meter. */
export interface PortSource {
  /** The clock of the line. */
  readonly clock: Clock;
  /** How often it sends, in milliseconds. */
  readonly interval: Millis;
  /** What is sent at a moment; nothing where the meter has no supply. */
  message(at: Millis): readonly Uint8Array[];
  /** Called once when the port is over: it was closed, or its line broke. */
  closed(error?: Error): void;
}

/** Sends at full multiples of the interval. What the line has not carried yet when the next message is due is not sent twice: that one is left out. */
class SendingPort implements CustomerPort {
  readonly #transport: Transport;
  readonly #source: PortSource;
  #cancel: (() => void) | undefined;
  #busy = false;
  #over = false;
  #sent = 0;

  constructor(transport: Transport, source: PortSource) {
    this.#transport = transport;
    this.#source = source;
  }

  get sent(): number {
    return this.#sent;
  }

  async open(): Promise<void> {
    // What a reader sends is not heard: the port has no receiver.
    await this.#transport.open({ data() {}, closed: (error) => this.#end(error) });
    if (!this.#over) this.#arm();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#transport.close();
  }

  #arm(): void {
    const { clock, interval } = this.#source;
    const at = (Math.floor(clock.now() / interval) + 1) * interval;
    this.#cancel = clock.at(at, () => {
      this.#arm();
      this.#send(at);
    });
  }

  #send(at: Millis): void {
    if (this.#busy) return;
    const pieces = this.#source.message(at);
    if (pieces.length === 0) return;
    this.#sent++;
    for (const piece of pieces) this.#transport.write(piece);
    const drained = this.#transport.drain?.();
    if (drained === undefined) return;
    this.#busy = true;
    const idle = () => {
      this.#busy = false;
    };
    drained.then(idle, idle);
  }

  #end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#source.closed(error);
  }
}

/** Opens a line and sends on it until it closes. @throws LinkError when the line cannot be opened. */
export async function openPort(transport: Transport, source: PortSource): Promise<CustomerPort> {
  const port = new SendingPort(transport, source);
  await port.open();
  return port;
}
