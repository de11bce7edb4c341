import type { Clock, Millis } from '../base/clock.js';

/** Start bit, eight bits (of data, or seven and parity), stop bit. */
const BITS_PER_OCTET = 10;
/** Adapters hand over what they were given a few milliseconds later, */
const ADAPTER_DELAY: Millis = 10;
/** and no two clocks run alike: a hundredth part is usual, two are allowed. */
const DRIFT = 0.02;

/**
 * When what was written has left a serial line. The system cannot be asked: on many adapters, and on pseudo-terminals, `drain` returns
 * while the octets still stand in a queue, and who then changes the speed or closes the port loses or garbles them.
 */
export class LineTime {
  readonly #clock: Clock;
  #baudRate: number;
  /** When the last octet written so far has left. */
  #idle: Millis = Number.NEGATIVE_INFINITY;
  /** How long the octets take that stand in the queue, without a pause between them. */
  #burst: Millis = 0;

  constructor(clock: Clock, baudRate: number) {
    this.#clock = clock;
    this.#baudRate = baudRate;
  }

  /** The speed has changed; nothing is on its way. */
  set baudRate(baudRate: number) {
    this.#baudRate = baudRate;
  }

  /** How long so many octets take on the line, in milliseconds. */
  timeOf(octets: number): Millis {
    return (octets * BITS_PER_OCTET * 1000) / this.#baudRate;
  }

  /** So many octets go out now, behind those before them. */
  wrote(octets: number): void {
    const now = this.#clock.now();
    if (this.#idle <= now) {
      this.#idle = now;
      this.#burst = 0;
    }
    const time = this.timeOf(octets);
    this.#idle += time;
    this.#burst += time;
  }

  /** How long it takes until all has left, and so much longer; 0 when nothing is on its way. */
  left(margin: Millis = ADAPTER_DELAY): Millis {
    if (this.#burst === 0) return 0;
    return Math.max(0, Math.ceil(this.#idle + margin + this.#burst * DRIFT - this.#clock.now()));
  }

  /** Resolves when all has left, and so much later. */
  async passed(margin: Millis = ADAPTER_DELAY): Promise<void> {
    for (let left = this.left(margin); left > 0; left = this.left(margin)) {
      await new Promise<void>((resolve) => {
        this.#clock.at(this.#clock.now() + left, resolve);
      });
    }
  }
}
