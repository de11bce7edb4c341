import { type Clock, systemClock } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { LineSettings, Transport, TransportHandler } from '../contracts/transport.js';
import { LineTime } from './line-time.js';

/** The part of the Web Serial API's `SerialPort` that is used here; `navigator.serial.requestPort()` gives one. */
export interface WebSerialPort {
  /** The stream of received octets; null while the port is closed. */
  readonly readable: ReadableStream<Uint8Array> | null;
  /** The stream of octets to send; null while the port is closed. */
  readonly writable: WritableStream<Uint8Array> | null;
  /** Opens the port. It rejects when the port cannot be opened. */
  open(options: WebSerialSettings): Promise<void>;
  /** Closes the port; its streams must not be locked. */
  close(): Promise<void>;
  /** Sets control lines. Left out for ports that have none. */
  setSignals?(signals: WebSerialSignals): Promise<void>;
}

/** Control lines of a port: a part of `SerialOutputSignals` of the Web Serial API. */
export interface WebSerialSignals {
  /** Data terminal ready (DTR). */
  dataTerminalReady?: boolean;
  /** Request to send (RTS). */
  requestToSend?: boolean;
}

/** The settings with which a port is opened: a part of `SerialOptions` of the Web Serial API. */
export interface WebSerialSettings {
  /** Speed in baud. */
  baudRate: number;
  /** Data bits. */
  dataBits?: 7 | 8;
  /** Parity. */
  parity?: 'none' | 'even';
  /** Size of the browser's buffers, in octets. */
  bufferSize?: number;
}

/** Options of {@link webSerial}. */
export interface WebSerialOptions {
  /** Speed in baud. Default 9600. */
  readonly baudRate?: number;
  /** Data bits. Default 8. */
  readonly dataBits?: 7 | 8;
  /** Parity. Default `none`. */
  readonly parity?: 'none' | 'even';
  /** Request to send, set when the port is open. By default the browser decides. */
  readonly rts?: 'on' | 'off';
  /** Data terminal ready, which powers many optical probes. By default the browser decides. */
  readonly dtr?: 'on' | 'off';
  /** The clock that tells when written octets have left the line. Default the system's own. */
  readonly clock?: Clock;
}

const SERIAL_OPTIONS: OptionNames<WebSerialOptions> = {
  baudRate: true,
  dataBits: true,
  parity: true,
  clock: true,
  rts: true,
  dtr: true,
};

/** Large enough for a frame of 2030 octets and more while the page is busy. */
const BUFFER_SIZE = 8192;

/**
 * A serial port of the browser (Web Serial API). The page must ask for the port from within a click. `open` throws LinkError with a hint
 * when the port is not available. A port that is unplugged closes with LinkError.
 * ```ts
 * const meter = await open(webSerial(await navigator.serial.requestPort()), { framing: 'hdlc', client: 16 });
 * ```
 */
export function webSerial(port: WebSerialPort, options: WebSerialOptions = {}): Transport {
  checkOptions(options, SERIAL_OPTIONS, 'webSerial', { others: { baud: 'baudRate' } });
  return new WebSerialTransport(port, options);
}

/** One opening of the port: the API changes the speed only by closing and opening. */
interface OpenPort {
  reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Settles when reading ends. */
  reading: Promise<void>;
}

class WebSerialTransport implements Transport {
  readonly #port: WebSerialPort;
  readonly #options: WebSerialOptions;
  readonly #lineTime: LineTime;
  #settings: WebSerialSettings;
  #opening: OpenPort | undefined;
  #handler: TransportHandler | undefined;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';

  constructor(port: WebSerialPort, options: WebSerialOptions) {
    this.#port = port;
    this.#options = options;
    const { baudRate = 9600, dataBits = 8, parity = 'none' } = options;
    this.#settings = { baudRate, dataBits, parity, bufferSize: BUFFER_SIZE };
    this.#lineTime = new LineTime(options.clock ?? systemClock, baudRate);
  }

  get name(): string {
    const { baudRate, dataBits, parity } = this.#settings;
    return `web serial ${baudRate} ${dataBits}${parity === 'even' ? 'E' : 'N'}1`;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#state !== 'new')
      throw new StateError(`${this.name} is open or was closed`, { hint: 'make a new transport' });
    this.#state = 'opening';
    try {
      await this.#start(handler);
    } catch (error) {
      if (this.#state === 'opening') this.#state = 'new';
      throw error;
    }
    if ((this.#state as string) === 'closed') {
      await this.#stop();
      throw new LinkError('transport', `${this.name} was closed while it was being opened`);
    }
    this.#state = 'open';
  }

  write(bytes: Uint8Array): void {
    const opening = this.#opening;
    if (opening !== undefined) this.#lineTime.wrote(bytes.length);
    opening?.writer.write(bytes).catch((error: unknown) => this.#broken(opening, error));
  }

  async configure(settings: LineSettings): Promise<void> {
    const next: WebSerialSettings = { dataBits: 8, parity: 'none', bufferSize: BUFFER_SIZE, ...settings };
    const old = this.#settings;
    const same = next.baudRate === old.baudRate && next.dataBits === old.dataBits && next.parity === old.parity;
    if (this.#state !== 'open' || same) {
      this.#set(next);
      return;
    }
    try {
      await this.#stop();
      this.#set(next);
      if (this.#handler !== undefined) await this.#start(this.#handler);
    } catch (error) {
      const why = webError(error, this.name);
      this.#leave(why);
      throw why;
    }
    if ((this.#state as string) === 'closed') await this.#stop();
  }

  async drain(): Promise<void> {
    // `ready` only concerns the queue; an empty write resolves after the writes before it.
    await this.#opening?.writer.write(new Uint8Array(0));
    await this.#lineTime.passed();
  }

  again(): Transport {
    return new WebSerialTransport(this.#port, this.#options);
  }

  async close(): Promise<void> {
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    try {
      if (wasOpen) await this.#stop();
    } catch {
      // It is closed, which is what was asked.
    }
    this.#leave();
  }

  #set(settings: WebSerialSettings): void {
    this.#settings = settings;
    this.#lineTime.baudRate = settings.baudRate;
  }

  async #start(handler: TransportHandler): Promise<void> {
    const port = this.#port;
    try {
      await port.open(this.#settings);
      await this.#signal();
      if (port.readable === null || port.writable === null) throw new Error('the port has no streams');
      const opening: OpenPort = {
        reader: port.readable.getReader(),
        writer: port.writable.getWriter(),
        reading: Promise.resolve(),
      };
      this.#handler = handler;
      // Errors of the stream arrive through read() and write().
      opening.writer.closed.catch(() => {});
      this.#opening = opening;
      opening.reading = this.#readAll(opening).catch((error: unknown) => this.#broken(opening, error));
    } catch (error) {
      throw webError(error, this.name);
    }
  }

  /** Sets the control lines. It is an error when they cannot be set, because a probe without power hears nothing. */
  async #signal(): Promise<void> {
    const { rts, dtr } = this.#options;
    if (rts === undefined && dtr === undefined) return;
    if (this.#port.setSignals === undefined) throw new Error('the port has no control lines');
    await this.#port.setSignals({
      ...(dtr === undefined ? {} : { dataTerminalReady: dtr === 'on' }),
      ...(rts === undefined ? {} : { requestToSend: rts === 'on' }),
    });
  }

  /** Waits until everything was sent, and closes the port: closing discards what the adapter still holds. */
  async #stop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    await opening.writer.close().catch(() => {});
    await this.#lineTime.passed();
    opening.writer.releaseLock();
    await opening.reader.cancel().catch(() => {});
    await opening.reading;
    await this.#port.close();
  }

  /**
   * Reads until the port is closed or gone. A break, a framing or parity error or an overrun ends only the stream: the port then has a new
   * one, and the link handles the loss.
   */
  async #readAll(opening: OpenPort): Promise<void> {
    for (;;) {
      const stream = this.#port.readable;
      const failure = await this.#readStream(opening.reader);
      opening.reader.releaseLock();
      if (this.#opening !== opening) return;
      const next = this.#port.readable;
      if (next === null || next === stream) throw failure ?? new Error('end of stream');
      opening.reader = next.getReader();
    }
  }

  /** Reads a stream to its end. @returns the error that ended it; undefined when it ended by itself. */
  async #readStream(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        this.#handler?.data(value);
      }
    } catch (error) {
      return error;
    }
  }

  /** An error on a port that nobody closed: it was unplugged. */
  #broken(opening: OpenPort, error: unknown): void {
    if (this.#opening !== opening) return;
    this.#opening = undefined;
    this.#leave(
      new LinkError('transport', `${this.name}: the port is gone (${messageOf(error)})`, {
        hint: 'the adapter was unplugged or lost power: plug it in and connect again',
        cause: error,
      }),
    );
    const { writer } = opening;
    const close = async () => {
      await writer.abort();
      writer.releaseLock();
      await this.#port.close();
    };
    close().catch(() => {
      // It is gone already.
    });
  }

  #leave(error?: LinkError): void {
    const handler = this.#handler;
    this.#state = 'closed';
    this.#handler = undefined;
    handler?.closed(error);
  }
}

function webError(error: unknown, name: string): LinkError {
  if (error instanceof LinkError) return error;
  const kind = error instanceof Error ? error.name : '';
  const hint =
    kind === 'InvalidStateError'
      ? 'the page has this port open already: close it first'
      : kind === 'SecurityError'
        ? 'Web Serial needs https or localhost, and the permission of the user'
        : 'is the adapter plugged in, and no other program or tab using it? On Linux join the group dialout';
  return new LinkError('transport', `${name}: the port could not be opened (${messageOf(error)})`, {
    hint,
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
