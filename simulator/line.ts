import type { Clock, Millis } from '../src/base/clock.js';
import { LinkError, StateError } from '../src/base/errors.js';
import { checkOptions, type OptionNames } from '../src/base/known-options.js';
import type { LineSettings, Transport, TransportHandler } from '../src/contracts/transport.js';
import { Random } from './random.js';

/** Random damage to octets on their way. Each rate is a probability, 0 to 1; 0 by default. */
export interface LineNoise {
  /** Probability that one data bit is inverted. */
  readonly bitErrorRate?: number;
  /** Probability that one octet is lost. */
  readonly lossRate?: number;
  /** Probability that one octet arrives twice. */
  readonly duplicationRate?: number;
  /** Probability that a silence begins at an octet: everything is lost for `silence` milliseconds. */
  readonly silenceRate?: number;
  /** How long such a silence lasts, in milliseconds. */
  readonly silence?: Millis;
}

/** One value for both directions, or one for what end a sends and one for what end b sends. */
export type BothWays<T> = T | readonly [a: T, b: T];

/** Options of {@link VirtualLine}. */
export interface LineOptions {
  /** Speed of both ends in baud until `configure` changes it. Default 9600. */
  readonly baudRate?: number;
  /** Time from the last bit sent to the last bit received, in milliseconds. Default 0. */
  readonly latency?: Millis;
  /** Whether an end hears what it sends itself, as with an optical probe. Default false. */
  readonly echo?: BothWays<boolean>;
  /** Random damage to what is sent. None by default. */
  readonly noise?: BothWays<LineNoise>;
  /** How many octets are handed over together at most, like a UART with a FIFO of that size. Default 16. */
  readonly fifo?: number;
  /** The same seed and the same writes at the same times give the same noise. Default 0. */
  readonly seed?: number;
}

/** What became of the octets sent one way. */
export interface LineStatistics {
  /** Octets that were sent. */
  sent: number;
  /** Octets that never arrived. */
  lost: number;
  /** Octets that arrived with an inverted bit. */
  damaged: number;
  /** Octets that arrived twice. */
  duplicated: number;
}

interface Settings {
  baudRate: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even';
}

const LINE_OPTIONS: OptionNames<LineOptions> = {
  baudRate: true,
  latency: true,
  echo: true,
  noise: true,
  fifo: true,
  seed: true,
};

/** Both 8N1 and 7E1 need ten bits an octet: start, eight, stop. */
const BITS_PER_OCTET = 10;

/**
 * A serial line in the time of a clock: what one end writes reaches the other at the line's speed, octet by octet, and is handed over in
 * pieces as a UART does. An end whose speed differs from the sender's hears garbage. Closing one end tells the other nothing, as with a
 * real line; `unplug` takes the adapters away.
 * ```ts
 * const line = new VirtualLine(clock, { baudRate: 9600, noise: { bitErrorRate: 1e-5 } });
 * await meter.attach(line.b);
 * const client = await open(line.a, options);
 * ```
 */
export class VirtualLine {
  /** One end, for the client. */
  readonly a: Transport;
  /** The other end, for the meter. */
  readonly b: Transport;
  /** Counts of what end a sent and of what end b sent. They grow as the line is used. */
  readonly statistics: readonly [LineStatistics, LineStatistics];
  readonly #ends: readonly [LineEnd, LineEnd];

  constructor(clock: Clock, options: LineOptions = {}) {
    checkOptions(options, LINE_OPTIONS, 'VirtualLine', { others: { baud: 'baudRate' } });
    const random = new Random(options.seed ?? 0);
    const settings = { baudRate: options.baudRate ?? 9600, fifo: options.fifo ?? 16, latency: options.latency ?? 0 };
    const make = (side: 0 | 1): LineEnd => new LineEnd(`virtual line ${'ab'[side]}`, clock, settings.baudRate);
    const [a, b] = [make(0), make(1)];
    const wire = (from: LineEnd, to: LineEnd, side: 0 | 1) =>
      new Wire(
        clock,
        from,
        to,
        new Noise(way(options.noise, side) ?? {}, random.fork()),
        settings.latency,
        settings.fifo,
      );
    a.out = wire(a, b, 0);
    b.out = wire(b, a, 1);
    if (way(options.echo, 0)) a.echo = new Wire(clock, a, a, new Noise({}, random.fork()), 0, settings.fifo);
    if (way(options.echo, 1)) b.echo = new Wire(clock, b, b, new Noise({}, random.fork()), 0, settings.fifo);
    this.a = a;
    this.b = b;
    this.#ends = [a, b];
    this.statistics = [a.out.noise.statistics, b.out.noise.statistics];
  }

  /** Takes both adapters away, or the one that is named: such an end closes with a LinkError and cannot be opened until {@link plug}. */
  unplug(which?: 'a' | 'b'): void {
    for (const end of this.#chosen(which)) end.unplug();
  }

  /** Puts the adapters back, so that the ends can be opened again. */
  plug(which?: 'a' | 'b'): void {
    for (const end of this.#chosen(which)) end.plug();
  }

  #chosen(which: 'a' | 'b' | undefined): readonly LineEnd[] {
    const [a, b] = this.#ends;
    return which === undefined ? this.#ends : [which === 'a' ? a : b];
  }
}

function way<T>(option: BothWays<T> | undefined, side: 0 | 1): T | undefined {
  return Array.isArray(option) ? (option as readonly [T, T])[side] : (option as T | undefined);
}

class LineEnd implements Transport {
  readonly name: string;
  readonly #clock: Clock;
  settings: Settings;
  out: Wire | undefined;
  echo: Wire | undefined;
  #handler: TransportHandler | undefined;
  #unplugged = false;
  /** The settings of the first opening. */
  #initial: Settings | undefined;

  constructor(name: string, clock: Clock, baudRate: number) {
    this.name = name;
    this.#clock = clock;
    this.settings = { baudRate, dataBits: 8, parity: 'none' };
  }

  async open(handler: TransportHandler): Promise<void> {
    if (this.#handler !== undefined) throw new StateError(`${this.name} is open already`);
    if (this.#unplugged) {
      throw new LinkError('transport', `${this.name}: there is no such port`, { hint: 'is the adapter plugged in?' });
    }
    this.#initial ??= this.settings;
    this.#handler = handler;
  }

  write(bytes: Uint8Array): void {
    if (this.#handler === undefined || bytes.length === 0) return;
    this.out?.send(bytes);
    this.echo?.send(bytes);
  }

  async configure(settings: LineSettings): Promise<void> {
    this.settings = { dataBits: 8, parity: 'none', ...settings };
  }

  drain(): Promise<void> {
    const idle = this.out?.idle ?? 0;
    if (idle <= this.#clock.now()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.at(idle, resolve);
    });
  }

  async close(): Promise<void> {
    this.#leave();
  }

  again(): Transport {
    this.settings = this.#initial ?? this.settings;
    return this;
  }

  plug(): void {
    this.#unplugged = false;
  }

  unplug(): void {
    this.#unplugged = true;
    this.#leave(
      new LinkError('transport', `${this.name} was unplugged`, {
        hint: 'check the cable and the adapter, then connect again',
      }),
    );
  }

  hear(bytes: Uint8Array): void {
    this.#handler?.data(bytes);
  }

  #leave(error?: Error): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(error);
  }
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly sent: Settings;
  readonly time: Millis;
}

/** One direction. At most one timer is armed, for the next piece. */
class Wire {
  readonly noise: Noise;
  /** When the last bit written so far has left. */
  idle: Millis = 0;
  readonly #clock: Clock;
  readonly #from: LineEnd;
  readonly #to: LineEnd;
  readonly #latency: Millis;
  readonly #fifo: number;
  #pieces: Piece[] = [];
  #next = 0;
  readonly #ring = () => this.#deliver();

  constructor(clock: Clock, from: LineEnd, to: LineEnd, noise: Noise, latency: Millis, fifo: number) {
    this.#clock = clock;
    this.#from = from;
    this.#to = to;
    this.noise = noise;
    this.#latency = latency;
    this.#fifo = fifo;
  }

  send(bytes: Uint8Array): void {
    const { settings } = this.#from;
    const octetTime = (BITS_PER_OCTET * 1000) / settings.baudRate;
    const start = Math.max(this.idle, this.#clock.now());
    const waiting = this.#pieces.length > this.#next;
    for (let from = 0; from < bytes.length; from += this.#fifo) {
      const to = Math.min(from + this.#fifo, bytes.length);
      const time = start + to * octetTime + this.#latency;
      this.#pieces.push({ bytes: bytes.subarray(from, to), sent: settings, time });
    }
    this.idle = start + bytes.length * octetTime;
    if (!waiting) this.#arm();
  }

  #arm(): void {
    const piece = this.#pieces[this.#next];
    if (piece !== undefined) this.#clock.at(piece.time, this.#ring);
  }

  #deliver(): void {
    const piece = this.#pieces[this.#next++] as Piece;
    if (this.#next === this.#pieces.length) {
      this.#pieces = [];
      this.#next = 0;
    }
    this.#arm();
    const { settings } = this.#to;
    const octetTime = (BITS_PER_OCTET * 1000) / piece.sent.baudRate;
    let bytes = this.noise.pass(withParity(piece.bytes, piece.sent), piece.time, octetTime);
    if (settings.baudRate !== piece.sent.baudRate) this.noise.garble(bytes);
    bytes = withoutParity(bytes, settings);
    if (bytes.length > 0) this.#to.hear(bytes);
  }
}

/** Draws how many octets pass before the next damage of each kind, so that undamaged octets cost nothing. */
export class Noise {
  readonly statistics: LineStatistics = { sent: 0, lost: 0, damaged: 0, duplicated: 0 };
  readonly #rates: LineNoise;
  readonly #random: Random;
  #bitsToError: number;
  #octetsToLoss: number;
  #octetsToDouble: number;
  #octetsToSilence: number;
  #silentUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(rates: LineNoise, random: Random) {
    this.#rates = rates;
    this.#random = random;
    this.#bitsToError = random.failuresBefore(rates.bitErrorRate ?? 0);
    this.#octetsToLoss = random.failuresBefore(rates.lossRate ?? 0);
    this.#octetsToDouble = random.failuresBefore(rates.duplicationRate ?? 0);
    this.#octetsToSilence = random.failuresBefore(rates.silenceRate ?? 0);
  }

  /** What arrives of these octets; the last of them arrives at `time`. Always a new array, because the writer may go on using its own. */
  pass(bytes: Uint8Array, time: Millis, octetTime: Millis): Uint8Array {
    const count = bytes.length;
    this.statistics.sent += count;
    const quiet =
      this.#bitsToError >= 8 * count &&
      this.#octetsToLoss >= count &&
      this.#octetsToDouble >= count &&
      this.#octetsToSilence >= count &&
      this.#silentUntil <= time - count * octetTime;
    if (quiet) {
      this.#bitsToError -= 8 * count;
      this.#octetsToLoss -= count;
      this.#octetsToDouble -= count;
      this.#octetsToSilence -= count;
      return bytes.slice();
    }
    const heard: number[] = [];
    for (let i = 0; i < count; i++) this.#octet(bytes[i] as number, time - (count - 1 - i) * octetTime, heard);
    return Uint8Array.from(heard);
  }

  /** Replaces the octets by as many random ones, as heard at the wrong speed. */
  garble(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#random.below(256);
    this.statistics.damaged += bytes.length;
  }

  #octet(octet: number, time: Millis, heard: number[]): void {
    const random = this.#random;
    const rates = this.#rates;
    let value = octet;
    for (; this.#bitsToError < 8; this.#bitsToError += 1 + random.failuresBefore(rates.bitErrorRate ?? 0)) {
      value ^= 1 << this.#bitsToError;
    }
    this.#bitsToError -= 8;
    if (this.#octetsToSilence-- === 0) {
      this.#silentUntil = Math.max(this.#silentUntil, time + (rates.silence ?? 0));
      this.#octetsToSilence = random.failuresBefore(rates.silenceRate ?? 0);
    }
    let copies = 1;
    if (this.#octetsToDouble-- === 0) {
      copies = 2;
      this.#octetsToDouble = random.failuresBefore(rates.duplicationRate ?? 0);
    }
    if (this.#octetsToLoss-- === 0) {
      copies = 0;
      this.#octetsToLoss = random.failuresBefore(rates.lossRate ?? 0);
    }
    if (time < this.#silentUntil) copies = 0;
    if (copies === 0) this.statistics.lost++;
    else if (value !== octet) this.statistics.damaged++;
    if (copies === 2) this.statistics.duplicated++;
    for (; copies > 0; copies--) heard.push(value);
  }
}

/** An end set to 7E1 sends seven bits and makes the eighth even parity. */
function withParity(bytes: Uint8Array, { dataBits, parity }: Settings): Uint8Array {
  if (dataBits === 8) return bytes;
  return bytes.map((octet) => {
    const data = octet & 0x7f;
    return parity === 'even' && odd(data) ? data | 0x80 : data;
  });
}

/** An end set to 7E1 hears seven bits and drops octets of odd parity, as a UART driver told to ignore them does. */
function withoutParity(bytes: Uint8Array, { dataBits, parity }: Settings): Uint8Array {
  if (dataBits === 8) return bytes;
  return bytes.filter((octet) => parity === 'none' || !odd(octet)).map((octet) => octet & 0x7f);
}

function odd(octet: number): boolean {
  let bits = octet ^ (octet >> 4);
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 1;
}
