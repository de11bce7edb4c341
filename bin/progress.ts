import { type Clock, type Millis, systemClock } from '../src/index.js';
import { counted, durationText } from '../src/inspect.js';
import type { ImageProgress, ProfileProgress } from '../src/tools.js';

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
    const rate = this.#rate(done);
    return rate === undefined ? '' : `${kilo(rate)}/s, ${leftText(left / rate)}`;
  }

  /** `2 min 10 s left`; nothing before there is enough to tell it by. @param done of whatever there is, since this was made. */
  left(done: number, left: number): string {
    const rate = this.#rate(done);
    return rate === undefined ? '' : leftText(left / rate);
  }

  /** A second; undefined as long as nothing tells. */
  #rate(done: number): number | undefined {
    const seconds = (this.#clock.now() - this.#began) / 1000;
    return seconds < 1 || done === 0 ? undefined : done / seconds;
  }
}

function leftText(seconds: number): string {
  return `${durationText(Math.max(1, Math.ceil(seconds)))} left`;
}

/** `312 of 1680 rows, 24.0 kB, 1 min 20 s left` */
export function rowsProgress({ rows, ofRows, octets }: ProfileProgress, pace: Pace): string {
  if (ofRows === undefined) return kilo(octets);
  const left = pace.left(rows, ofRows - rows);
  return `${rows} of ${counted(ofRows, 'row')}, ${kilo(octets)}${left === '' ? '' : `, ${left}`}`;
}

/** `block 312 of 1680, 24.0 kB of 129.2 kB, 1.2 kB/s, 1 min 20 s left` */
export function imageProgress({ blocks, ofBlocks, octets, ofOctets, sent }: ImageProgress, pace: Pace): string {
  const how = pace.text(sent, ofOctets - octets);
  return `block ${blocks} of ${ofBlocks}, ${kilo(octets)} of ${kilo(ofOctets)}${how === '' ? '' : `, ${how}`}`;
}

/** Octets for people: `812 B`, `34.2 kB`. */
function kilo(octets: number): string {
  return octets < 1000 ? `${Math.round(octets)} B` : `${(octets / 1000).toFixed(1)} kB`;
}
