import { type Clock, type Millis, systemClock } from '../src/index.js';
import { durationText } from './commands/clock.js';

/** How fast long work goes, and how much longer it takes. */
export class Pace {
  readonly #clock: Clock;
  readonly #began: Millis;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /**
   * `1.2 kB/s, 2 min 10 s left`; nothing before there is enough to tell it by.
   * @param done octets so far, since this was made.
   * @param left octets to come.
   */
  text(done: number, left: number): string {
    const seconds = (this.#clock.now() - this.#began) / 1000;
    if (seconds < 1 || done === 0) return '';
    const rate = done / seconds;
    return `${kilo(rate)}/s, ${durationText(Math.max(1, Math.ceil(left / rate)))} left`;
  }
}

/** Octets for people: `812 B`, `34.2 kB`. */
export function kilo(octets: number): string {
  return octets < 1000 ? `${Math.round(octets)} B` : `${(octets / 1000).toFixed(1)} kB`;
}
