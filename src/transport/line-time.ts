import type { Clock, Millis } from '../base/clock.js';

/** Start bit, eight bits (eight of data, or seven and parity), stop bit. */
const BITS_PER_OCTET = 10;
/** Adapters send what they were given a few milliseconds later. */
const ADAPTER_DELAY: Millis = 10;
/** Clocks differ: one per cent is usual, two are allowed for. */
const DRIFT = 0.02;

/**
 * Computes when written octets have left a serial line. The system cannot be asked: on many adapters, and on pseudo-terminals, `drain`
 * returns while octets are still queued, and they are lost or garbled if the speed is then changed or the port closed.
 */
export class LineTime {
  readonly #clock: Clock;
  #baudRate: number;
  /** When the last written octet has left. */
  #idle: Millis = Number.NEGATIVE_INFINITY;
  /** How long the queued octets take, without a pause between them. */
  #burst: Millis = 0;

  constructor(clock: Clock, baudRate: number) {
    this.#clock = clock;
    this.#baudRate = baudRate;
  }

  /** Sets another speed, while nothing is queued. */
  set baudRate(baudRate: number) {
    this.#baudRate = baudRate;
  }

  /** How long this many octets take on the line, in milliseconds. */
  timeOf(octets: number): Millis {
    return (octets * BITS_PER_OCTET * 1000) / this.#baudRate;
  }

  /** Says that this many octets were written, after those before them. */
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

  /** How long it takes until everything has left, plus the margin; 0 when nothing is queued. */
  left(margin: Millis = ADAPTER_DELAY): Millis {
    if (this.#burst === 0) return 0;
    return Math.max(0, Math.ceil(this.#idle + margin + this.#burst * DRIFT - this.#clock.now()));
  }

  /** Resolves when everything has left, and the margin has passed. */
  async passed(margin: Millis = ADAPTER_DELAY): Promise<void> {
    for (let left = this.left(margin); left > 0; left = this.left(margin)) {
      await new Promise<void>((resolve) => {
        this.#clock.at(this.#clock.now() + left, resolve);
      });
    }
  }
}
