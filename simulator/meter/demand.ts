import type { Millis } from '../../src/base/clock.js';
import { captures } from './captures.js';
import type { Supply } from './supply.js';
import type { MeterTime } from './time.js';

/** A maximum demand: W or VA, and the end of the interval in which it was. */
export interface Maximum {
  readonly value: number;
  readonly at: Millis | undefined;
}

export interface Maxima {
  readonly active: Maximum;
  readonly apparent: Maximum;
}

const NONE: Maxima = { active: { value: 0, at: undefined }, apparent: { value: 0, at: undefined } };

/** Maximum demand: the largest average of the demand integration periods between two moments. */
export class Demand {
  readonly #supply: Supply;
  readonly #time: MeterTime;
  /** Demand integration period in seconds. */
  period = 1800;
  /** What was found, by beginning: how far it was looked, and the maxima up to there. */
  readonly #found = new Map<Millis, { upTo: Millis; maxima: Maxima }>();

  constructor(supply: Supply, time: MeterTime) {
    this.#supply = supply;
    this.#time = time;
  }

  /** Forgets what was found: the period changed. */
  restart(period: number): void {
    this.period = period;
    this.#found.clear();
  }

  /** Maxima of the whole integration periods after `from` up to `to`. */
  between(from: Millis, to: Millis): Maxima {
    const known = this.#found.get(from);
    if (known !== undefined && known.upTo === to) return known.maxima;
    const start = known !== undefined && known.upTo < to ? known : { upTo: from, maxima: NONE };
    const moments = captures(this.#time, this.period, start.upTo, to, Number.POSITIVE_INFINITY);
    let { active, apparent } = start.maxima;
    let last = start.upTo;
    for (let i = 0; i < moments.length; i++) {
      const at = moments.at(i);
      const before = this.#supply.energiesAt(Math.max(at - this.period * 1000, from));
      const after = this.#supply.energiesAt(at);
      const watts = this.#average(before.activeImport, after.activeImport);
      const voltAmperes = this.#average(before.apparentImport, after.apparentImport);
      if (watts > active.value) active = { value: watts, at };
      if (voltAmperes > apparent.value) apparent = { value: voltAmperes, at };
      last = at;
    }
    const maxima = { active, apparent };
    this.#found.set(from, { upTo: to, maxima });
    // What comes next starts at the last whole period.
    if (last !== to) this.#found.set(from, { upTo: last, maxima });
    return maxima;
  }

  /** In whole Wh, as the block load profile has them. */
  #average(from: number, to: number): number {
    const wattHours = Math.floor(to / 3600) - Math.floor(from / 3600);
    return Math.round((wattHours * 3600) / this.period);
  }
}
