import type { Clock, Millis } from '../src/base/clock.js';
import type { Transport, TransportHandler } from '../src/contracts/transport.js';
import { Random } from './random.js';

/** Ten bits an octet at 9600 baud. */
const OCTET_TIME: Millis = 10_000 / 9600;
/** Time for a frame that the data link answers by itself: RR, DM, FRMR, UA. */
const LINK: Millis = 31;
/** Time that the meter's processor needs to protect or open one octet. */
const CIPHER_OCTET: Millis = 0.15;
/** How often a meter is busy with something else and answers several times later: once in so many answers. */
const SELDOM = 1 / 60;

const [AARQ, RLRQ, SET, ACTION] = [0x60, 0x62, 0xc1, 0xc3];
/** Tags of xDLMS services in clear; ciphered ones are 8 (global key) or 16 (dedicated key) above. */
const CLEAR_SERVICES = 0xc8;
const DEDICATED = 0xd0;

/** The properties of a request that decide how long the meter works on it. */
export interface Work {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  /** Whether HLS authentication continues after the answer. */
  readonly pending: boolean;
}

/**
 * How long a real meter works before its answer begins, in milliseconds: medians of a three-phase reference meter in its conformance test,
 * less the time of the answer on the wire.
 */
export function workingTime({ request, answer, pending }: Work): Millis {
  const tag = request[0] ?? 0;
  const ciphered = tag >= CLEAR_SERVICES || (tag === AARQ && includes(request, 0x21));
  if (tag === AARQ) return pending ? 190 : ciphered ? 150 : 60;
  if (tag === RLRQ) return 60;
  if (!ciphered) return 40;
  const service = tag >= DEDICATED ? tag - 0x10 : tag - 0x08;
  const base = service === SET ? 85 : service === ACTION ? 88 : 52;
  return base + CIPHER_OCTET * answer.length;
}

/** Whether user-information holds a glo-initiate-request: its tag follows the octet-string that wraps it. */
function includes(aarq: Uint8Array, tag: number): boolean {
  for (let i = 0; i + 4 < aarq.length; i++) {
    if (aarq[i] === 0xbe && aarq[i + 2] === 0x04 && aarq[i + 4] === tag) return true;
  }
  return false;
}

/**
 * Makes a meter as slow as a real one: what is received and sent takes the time that it needs on a line of 9600 baud, and in between the
 * meter works. A serial line has its own speed: there only the work is added.
 */
export class RealisticTransport implements Transport {
  readonly name: string;
  readonly configure?: NonNullable<Transport['configure']>;
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #octetTime: Millis;
  readonly #timers = new Set<() => void>();
  /** Until when the line is occupied, by direction. */
  #heardUntil: Millis = Number.NEGATIVE_INFINITY;
  #sentUntil: Millis = Number.NEGATIVE_INFINITY;
  #work: Work | undefined;

  constructor(inner: Transport, clock: Clock, seed: number) {
    this.name = inner.name;
    this.#inner = inner;
    this.#clock = clock;
    this.#random = new Random(seed);
    this.#octetTime = inner.configure === undefined ? OCTET_TIME : 0;
    if (inner.configure !== undefined) this.configure = (settings) => (inner.configure as Configure)(settings);
  }

  /** Says that what is written next answers this request; otherwise the data link answers by itself. */
  answers(work: Work): void {
    this.#work = work;
  }

  open(handler: TransportHandler): Promise<void> {
    return this.#inner.open({
      data: (chunk) => {
        if (this.#octetTime === 0) return handler.data(chunk);
        this.#heardUntil = Math.max(this.#heardUntil, this.#clock.now()) + chunk.length * this.#octetTime;
        this.#at(this.#heardUntil, () => handler.data(chunk));
      },
      closed: (error) => {
        this.#cancel();
        handler.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): void {
    const work = this.#work === undefined ? LINK : workingTime(this.#work);
    this.#work = undefined;
    const start = Math.max(this.#sentUntil, this.#clock.now() + work * this.#mood());
    this.#sentUntil = start + bytes.length * this.#octetTime;
    this.#at(this.#sentUntil, () => this.#inner.write(bytes));
  }

  async drain(): Promise<void> {
    const until = this.#sentUntil;
    if (until > this.#clock.now()) await new Promise<void>((resolve) => this.#clock.at(until, resolve));
    await this.#inner.drain?.();
  }

  close(): Promise<void> {
    const until = this.#sentUntil;
    if (until <= this.#clock.now()) return this.#inner.close();
    // The last answer still has to go out.
    return new Promise((resolve) => this.#clock.at(until, () => resolve(this.#inner.close())));
  }

  /** A random factor around 1. */
  #mood(): number {
    const factor = 0.85 + 0.3 * this.#random.next();
    return this.#random.chance(SELDOM) ? factor * (1 + 3 * this.#random.next()) : factor;
  }

  #at(time: Millis, action: () => void): void {
    const cancel = this.#clock.at(time, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }

  #cancel(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

type Configure = NonNullable<Transport['configure']>;
