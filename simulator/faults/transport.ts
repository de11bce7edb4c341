import type { Clock, Millis } from '../../src/base/clock.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { type LineNoise, Noise } from '../line.js';
import { type FaultLike, Faults, type FaultsOptions, type LineFaults } from './faults.js';
import type { Fault } from './parse.js';

/**
 * Wraps a transport so that faults strike what is written and what arrives: noise, echo, silence, and frames that are late, lost, doubled
 * or have a wrong FCS. Each write counts as one frame, as the links of this library write them. Faults of the meter itself
 * (`stale-counter`, `busy` and so on) have no effect here.
 * ```ts
 * const noisy = faultyTransport(transport, ['bit-errors=1e-4', 'silence=2s@10%'], systemClock);
 * ```
 * @throws StateError when the text of a fault is not a fault.
 */
export function faultyTransport(
  transport: Transport,
  faults: readonly FaultLike[],
  clock: Clock,
  options: FaultsOptions = {},
): Transport {
  return new FaultyTransport(transport, new Faults(faults, options).line(), clock);
}

/** Noise in both directions, by the fault that makes it. */
type NoisePair = readonly [sent: Noise, heard: Noise];

const NOISES = {
  'bit-errors': (amount: number): LineNoise => ({ bitErrorRate: amount }),
  'byte-loss': (amount: number): LineNoise => ({ lossRate: amount }),
  'duplicate-bytes': (amount: number): LineNoise => ({ duplicationRate: amount }),
} as const;
const NOISE_NAMES = Object.keys(NOISES) as (keyof typeof NOISES)[];

const FLAG = 0x7e;
/** Two flags, format, two addresses, control, FCS. */
const SHORTEST_FRAME = 9;

/** The meter's end of a line under the faults of that line. */
export class FaultyTransport implements Transport {
  readonly name: string;
  readonly #inner: Transport;
  readonly #faults: LineFaults;
  readonly #faultsOf: (frame: Uint8Array) => LineFaults;
  readonly #clock: Clock;
  readonly #noises = new Map<Fault, NoisePair>();
  readonly #timers = new Set<() => void>();
  /** When the last of the waiting frames goes out. */
  #queueEnds: Millis = Number.NEGATIVE_INFINITY;
  readonly configure?: NonNullable<Transport['configure']>;

  /** @param faultsOf those that strike a frame of the meter, where a line has several meters; those of the line unless given. */
  constructor(
    inner: Transport,
    faults: LineFaults,
    clock: Clock,
    faultsOf: (frame: Uint8Array) => LineFaults = () => faults,
  ) {
    this.name = inner.name;
    this.#inner = inner;
    this.#faults = faults;
    this.#faultsOf = faultsOf;
    this.#clock = clock;
    // A transport that cannot be configured cannot be configured here either.
    if (inner.configure !== undefined) this.configure = (settings) => (inner.configure as Configure)(settings);
  }

  open(handler: TransportHandler): Promise<void> {
    return this.#inner.open({
      data: (chunk) => this.#hear(chunk, handler),
      closed: (error) => {
        this.#cancel();
        handler.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): void {
    const faults = this.#faultsOf(bytes);
    const now = this.#clock.now();
    if (faults.isDead(now)) return;
    if (faults.quiet && now > this.#queueEnds) {
      this.#inner.write(bytes);
      return;
    }
    const silence = faults.strike('silence', now);
    if (silence !== undefined) faults.silentUntil = now + silence.amount;
    if (faults.isDead(now) || faults.strike('drop-frames', now) !== undefined) return;
    if (faults.strike('hang-up', now) !== undefined) {
      void this.close();
      return;
    }
    const frame = faults.strike('wrong-fcs', now) === undefined ? bytes : withWrongFcs(bytes);
    const copies = faults.strike('duplicate-frames', now) === undefined ? 1 : 2;
    const late = faults.strike('late-frames', now)?.amount;
    const delay = faults.strike('delay', now)?.amount ?? 0;
    for (let copy = 0; copy < copies; copy++) {
      const noisy = this.#noisy(faults, frame, now, 0);
      if (late !== undefined) this.#at(faults, now + late, noisy);
      else this.#inTurn(faults, now + delay, noisy, now);
    }
  }

  drain(): Promise<void> {
    return this.#inner.drain?.() ?? Promise.resolve();
  }

  close(): Promise<void> {
    this.#cancel();
    return this.#inner.close();
  }

  #hear(chunk: Uint8Array, handler: TransportHandler): void {
    const faults = this.#faults;
    const now = this.#clock.now();
    if (faults.isDead(now)) return;
    if (faults.quiet) {
      handler.data(chunk);
      return;
    }
    if (faults.strike('echo', now) !== undefined) this.#inner.write(chunk.slice());
    const heard = this.#noisy(faults, chunk, now, 1);
    if (heard.length > 0) handler.data(heard);
  }

  #noisy(faults: LineFaults, bytes: Uint8Array, now: Millis, direction: 0 | 1): Uint8Array {
    let passed = bytes;
    for (const name of NOISE_NAMES) {
      for (const fault of faults.open(name, now)) {
        passed = this.#noise(faults, fault, NOISES[name])[direction].pass(passed, now, 0);
      }
    }
    return passed;
  }

  #noise(faults: LineFaults, fault: Fault, rates: (amount: number) => LineNoise): NoisePair {
    let pair = this.#noises.get(fault);
    if (pair === undefined) {
      const random = faults.random(fault);
      pair = [new Noise(rates(fault.amount), random.fork()), new Noise(rates(fault.amount), random.fork())];
      this.#noises.set(fault, pair);
    }
    return pair;
  }

  /** Sends after everything that already waits. */
  #inTurn(faults: LineFaults, time: Millis, bytes: Uint8Array, now: Millis): void {
    const turn = Math.max(time, this.#queueEnds);
    if (turn <= now) {
      this.#send(faults, bytes);
      return;
    }
    this.#queueEnds = turn;
    this.#at(faults, turn, bytes);
  }

  #at(faults: LineFaults, time: Millis, bytes: Uint8Array): void {
    const cancel = this.#clock.at(time, () => {
      this.#timers.delete(cancel);
      this.#send(faults, bytes);
    });
    this.#timers.add(cancel);
  }

  #send(faults: LineFaults, bytes: Uint8Array): void {
    if (bytes.length > 0 && !faults.isDead(this.#clock.now())) this.#inner.write(bytes);
  }

  #cancel(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

type Configure = NonNullable<Transport['configure']>;

/** Swaps the last two octets, the FCS, of a frame between two flags. Anything else stays as it is. */
function withWrongFcs(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 1;
  if (bytes.length < SHORTEST_FRAME || bytes[0] !== FLAG || bytes[end] !== FLAG) return bytes;
  const wrong = bytes.slice();
  wrong[end - 1] = (wrong[end - 1] as number) ^ 0xff;
  return wrong;
}
