import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { LineSettings, Transport, TransportHandler } from '../contracts/transport.js';
import { LineTime } from './line-time.js';
import { portError } from './node-serial-error.js';

/** Speed and character format of a serial port. */
export interface SerialSettings {
  /** Speed in baud. Default 9600. */
  readonly baudRate?: number;
  /** Data bits. Default 8. Use 8 for IEC 62056-21 (7 bits, even parity) as well: its links add and remove the parity themselves. */
  readonly dataBits?: 7 | 8;
  /** Parity. Default `none`. */
  readonly parity?: 'none' | 'even';
}

/** The part of the binding interface of the package `serialport` that is used here. Tests and other systems can give their own. */
export interface SerialBinding {
  /** Opens a port. It rejects when the port cannot be opened. */
  open(options: SerialOpenOptions): Promise<SerialBindingPort>;
}

/** How a binding opens a port. */
export interface SerialOpenOptions {
  /** Path or name of the port. */
  path: string;
  /** Speed in baud. */
  baudRate: number;
  /** Data bits. */
  dataBits: 7 | 8;
  /** Parity. */
  parity: 'none' | 'even';
  /** Stop bits, always 1. */
  stopBits: 1;
  /** Whether other programs are kept from opening the port. */
  lock: boolean;
}

/** An open port of a binding. */
export interface SerialBindingPort {
  /** Whether the port is open. */
  readonly isOpen: boolean;
  /** Reads at least one octet into `buffer`, at most `length`. It rejects when the port is closed or gone. */
  read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{
    /** How many octets were read; 0 at the end of the port. */
    bytesRead: number;
  }>;
  /** Writes all octets of `buffer` to the system. */
  write(buffer: Buffer): Promise<void>;
  /** Changes the speed. */
  update(options: { baudRate: number }): Promise<void>;
  /** Waits until the system has sent what was written. */
  drain(): Promise<void>;
  /** Closes the port. */
  close(): Promise<void>;
  /** Sets control lines. */
  set?(lines: { rts: boolean; dtr: boolean; brk: boolean; cts: boolean; dsr: boolean }): Promise<void>;
  /** Rejects when the port is gone; used to notice that it was unplugged. */
  getBaudRate?(): Promise<unknown>;
}

/** Control lines of a port: they power some probes, and turn the direction of some adapters. */
export interface SerialControl {
  /**
   * Request to send. `on` or `off`: always so. `send`: on while something is sent and off otherwise, for RS-485 adapters that do not switch
   * their direction themselves. `listen`: the reverse of that. Default `on`.
   */
  readonly rts?: 'on' | 'off' | 'send' | 'listen';
  /** Data terminal ready, which powers many optical probes. Default `on`. */
  readonly dtr?: 'on' | 'off';
}

/** Options of {@link serial}. */
export interface SerialOptions extends SerialSettings, SerialControl {
  /** The binding that opens ports. Default that of the package `serialport`. */
  readonly binding?: SerialBinding;
  /** The clock that tells when written octets have left the line. Default the system's own. */
  readonly clock?: Clock;
}

const SERIAL_OPTIONS: OptionNames<SerialOptions> = {
  baudRate: true,
  dataBits: true,
  parity: true,
  rts: true,
  dtr: true,
  binding: true,
  clock: true,
};

const READ_SIZE = 4096;
/** How often a port is asked whether it is still there. */
const PROBE_INTERVAL: Millis = 500;
/** The direction of the line is switched this long after the last bit, because the answer may come soon. */
const TURNING: Millis = 1;
/** How long closing waits for the last writes, in addition to the time that they take on the line. */
const LINGER: Millis = 2000;
/** The longest time on the line that closing waits for. */
const LONGEST_FAREWELL: Millis = 10_000;

/**
 * A serial port: an optical probe, an RS-485 adapter, a modem. `open` throws LinkError with a hint when the port does not exist, is not
 * permitted or is in use. A port that is unplugged closes with LinkError.
 * ```ts
 * const meter = await open(serial('/dev/ttyUSB0', { baudRate: 9600 }), { framing: 'hdlc', client: 16 });
 * ```
 * @throws StateError when the path is empty.
 */
export function serial(path: string, options: SerialOptions = {}): Transport {
  checkOptions(options, SERIAL_OPTIONS, 'serial', { others: { baud: 'baudRate' } });
  if (path === '')
    throw new StateError('the path of the serial port is empty', { hint: 'such as /dev/ttyUSB0 or COM3' });
  return new SerialTransport(path, options);
}

/** Loads `serialport` when it is first needed, so that programs without serial ports load no native code. */
async function systemBinding(): Promise<SerialBinding> {
  try {
    const { SerialPort } = await import('serialport');
    return SerialPort.binding;
  } catch (cause) {
    throw new LinkError('transport', 'the package serialport is not installed, which opens serial ports', {
      hint: 'npm install serialport; without --omit=optional it comes with cosem',
      cause,
    });
  }
}

class SerialTransport implements Transport {
  readonly #path: string;
  readonly #options: SerialOptions;
  readonly #binding: SerialBinding | undefined;
  readonly #clock: Clock;
  readonly #lineTime: LineTime;
  #settings: Required<SerialSettings>;
  #port: SerialBindingPort | undefined;
  #handler: TransportHandler | undefined;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  #unsent: Uint8Array[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, options: SerialOptions) {
    this.#path = path;
    this.#options = options;
    this.#binding = options.binding;
    this.#settings = {
      baudRate: options.baudRate ?? 9600,
      dataBits: options.dataBits ?? 8,
      parity: options.parity ?? 'none',
    };
    this.#clock = options.clock ?? systemClock;
    this.#lineTime = new LineTime(this.#clock, this.#settings.baudRate);
  }

  get name(): string {
    const { baudRate, dataBits, parity } = this.#settings;
    return `serial ${this.#path} ${baudRate} ${dataBits}${parity === 'even' ? 'E' : 'N'}1`;
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#state !== 'new')
      throw new StateError(`${this.name} is open or was closed`, { hint: 'make a new transport' });
    this.#state = 'opening';
    let port: SerialBindingPort;
    try {
      port = await this.#openPort();
    } catch (error) {
      if (this.#state === 'opening') this.#state = 'new';
      throw error;
    }
    if ((this.#state as string) === 'closed') {
      await port.close();
      throw new LinkError('transport', `${this.name} was closed while it was being opened`);
    }
    this.#state = 'open';
    this.#handler = handler;
    this.#use(port);
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#unsent.push(bytes);
    this.#flush();
  }

  /**
   * Changes the settings after everything written before was sent at the old speed. Other data bits or parity require closing and opening
   * the port, which discards what is received meanwhile.
   */
  async configure(settings: LineSettings): Promise<void> {
    const old = this.#settings;
    const next = {
      baudRate: settings.baudRate,
      dataBits: settings.dataBits ?? 8,
      parity: settings.parity ?? 'none',
    } as const;
    const port = this.#port;
    if (port === undefined) {
      this.#set(next);
      return;
    }
    if (isSame(next, old)) return;
    await this.drain();
    try {
      if (next.dataBits === old.dataBits && next.parity === old.parity) {
        await port.update({ baudRate: next.baudRate });
        this.#set(next);
        return;
      }
      this.#port = undefined;
      this.#set(next);
      await port.close();
      const again = await this.#openPort();
      if (this.#state === 'open') this.#use(again);
      else await again.close();
    } catch (error) {
      const why = portError(error, this.name);
      this.#leave(why);
      throw why;
    }
  }

  async drain(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    await this.#port?.drain();
    await this.#lineTime.passed();
  }

  async close(): Promise<void> {
    const port = this.#port;
    const octets = this.#unsent.reduce((sum, { length }) => sum + length, 0);
    const farewell = Math.min(this.#lineTime.left() + this.#lineTime.timeOf(octets), LONGEST_FAREWELL);
    const unwritten = this.#state === 'open' ? this.drain() : undefined;
    this.#state = 'closed';
    try {
      // Adapters discard queued octets when they are closed. A port that accepts nothing must not delay closing for ever.
      await atMost(LINGER + farewell, this.#clock, unwritten);
    } catch {
      // What cannot be written is lost.
    }
    if (this.#port === port) this.#port = undefined;
    this.#leave();
    try {
      if (port?.isOpen) await port.close();
    } catch {
      // It is closed, which is what was asked.
    }
  }

  again(): Transport {
    return new SerialTransport(this.#path, this.#options);
  }

  #set(settings: Required<SerialSettings>): void {
    this.#settings = settings;
    this.#lineTime.baudRate = settings.baudRate;
  }

  async #openPort(): Promise<SerialBindingPort> {
    const binding = this.#binding ?? (await systemBinding());
    let port: SerialBindingPort;
    try {
      port = await binding.open({ path: this.#path, ...this.#settings, stopBits: 1, lock: true });
    } catch (error) {
      throw portError(error, this.name);
    }
    try {
      await this.#control(port, false);
      return port;
    } catch (cause) {
      await port.close();
      throw new LinkError('transport', `${this.name}: its control lines RTS and DTR cannot be set`, {
        hint: 'leave out the options rts and dtr: this port has no such lines',
        cause,
      });
    }
  }

  /** Sets the control lines for sending, or for listening. */
  async #control(port: SerialBindingPort, sending: boolean): Promise<void> {
    const { rts, dtr } = this.#options;
    if (rts === undefined && dtr === undefined) return;
    const turned = rts === 'send' ? sending : rts === 'listen' ? !sending : rts !== 'off';
    // The binding switches off every line that is left out.
    await port.set?.({ rts: turned, dtr: dtr !== 'off', brk: false, cts: false, dsr: false });
  }

  #use(port: SerialBindingPort): void {
    this.#port = port;
    this.#readAll(port).catch((error: unknown) => this.#broken(port, error));
    this.#probe(port).catch((error: unknown) => this.#broken(port, error));
    this.#flush();
  }

  async #readAll(port: SerialBindingPort): Promise<void> {
    const buffer = Buffer.alloc(READ_SIZE);
    while (this.#port === port) {
      const { bytesRead } = await port.read(buffer, 0, READ_SIZE);
      if (this.#port !== port) return;
      if (bytesRead === 0) throw new Error('end of file');
      // A copy, because the owner may keep the chunk while the buffer is read into again.
      this.#handler?.data(new Uint8Array(buffer.subarray(0, bytesRead)));
    }
  }

  /**
   * On some systems an unplugged port ends without an error, and the package `serialport` keeps reading for ever (serialport/bindings-cpp
   * issue 162). Such a port does not answer a query either.
   */
  async #probe(port: SerialBindingPort): Promise<void> {
    while (this.#port === port && port.getBaudRate !== undefined) {
      try {
        await port.getBaudRate();
      } catch (error) {
        // Not every system supports this query, even for a port that is there. Then it is not asked again.
        if (/not implemented/i.test(String(error))) return;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL).unref());
    }
  }

  #flush(): void {
    const port = this.#port;
    if (this.#writing !== undefined || port === undefined || this.#unsent.length === 0) return;
    this.#writing = this.#writeAll(port).then(
      () => {
        this.#writing = undefined;
        this.#flush();
      },
      (error: unknown) => {
        this.#writing = undefined;
        this.#broken(port, error);
      },
    );
  }

  async #writeAll(port: SerialBindingPort): Promise<void> {
    while (this.#unsent.length > 0 && this.#port === port) {
      const chunks = this.#unsent;
      this.#unsent = [];
      const turns = this.#options.rts === 'send' || this.#options.rts === 'listen';
      if (turns) await this.#control(port, true);
      const octets = Buffer.concat(chunks);
      this.#lineTime.wrote(octets.length);
      await port.write(octets);
      if (!turns) continue;
      // The direction may only be switched when the last bit is out.
      await port.drain();
      await this.#lineTime.passed(TURNING);
      await this.#control(port, false);
    }
  }

  /** An error on a port that nobody closed: it was unplugged. */
  #broken(port: SerialBindingPort, error: unknown): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    this.#leave(portError(error, this.name, 'unplugged'));
    port.close().catch(() => {
      // It is gone already.
    });
  }

  #leave(error?: LinkError): void {
    const handler = this.#handler;
    this.#state = 'closed';
    this.#handler = undefined;
    this.#unsent = [];
    handler?.closed(error);
  }
}

function isSame(a: Required<SerialSettings>, b: Required<SerialSettings>): boolean {
  return a.baudRate === b.baudRate && a.dataBits === b.dataBits && a.parity === b.parity;
}

async function atMost(time: Millis, clock: Clock, work: Promise<void> | undefined): Promise<void> {
  if (work === undefined) return;
  let cancel: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    cancel = clock.at(clock.now() + time, resolve);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    cancel?.();
  }
}
