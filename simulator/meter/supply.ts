import type { Millis } from '../../src/base/clock.js';
import { type Energies, type Flow, type Load, minus, NO_ENERGY, plus } from '../load.js';
import { DAY, IST_DEVIATION, MINUTE } from './time.js';

const REMEMBERED = 3;

/** A time without supply: the grid was away or the relay open. */
interface Gap {
  readonly from: Millis;
  to: Millis | undefined;
  /** The load's energies when it began. */
  readonly loadBefore: Energies;
  /** What the household would have drawn in all gaps before this one, and, once it is over, with it. */
  readonly lostBefore: Energies;
  lostAfter: Energies;
}

/**
 * What really flowed through the meter since it was installed: the load but for the gaps. Any moment of the past can be asked for;
 * energies are exact sums, so that a difference of two moments is what flowed between them.
 */
export class Supply {
  readonly load: Load;
  readonly installed: Millis;
  readonly #gaps: Gap[] = [];
  readonly #firstDay: number;
  /** The moments asked last: the columns of a row ask for the same two. */
  readonly #recent: (readonly [Millis, Energies])[] = [];
  /** Sums up to the beginning of each day, made as far as asked. */
  readonly #days: Energies[] = [NO_ENERGY];

  /** @param installed a local midnight, as true time. */
  constructor(load: Load, installed: Millis) {
    this.load = load;
    this.installed = installed;
    this.#firstDay = Math.floor(localSeconds(installed) / 86_400);
  }

  /** The supply ends. Calls come in the order of time. */
  interrupt(at: Millis): void {
    if (this.interruptedAt(at)) return;
    this.#recent.length = 0;
    const lostBefore = this.#lostAt(at);
    this.#gaps.push({ from: at, to: undefined, loadBefore: this.#loadAt(at), lostBefore, lostAfter: lostBefore });
  }

  /** The supply is back. */
  resume(at: Millis): void {
    const gap = this.#gaps.at(-1);
    if (gap === undefined || gap.to !== undefined) return;
    gap.lostAfter = plus(gap.lostBefore, minus(this.#loadAt(at), gap.loadBefore));
    gap.to = at;
    this.#recent.length = 0;
  }

  interruptedAt(at: Millis): boolean {
    const gap = this.#gapBefore(at);
    return gap !== undefined && (gap.to === undefined || gap.to > at);
  }

  /** Energies since installation. */
  energiesAt(at: Millis): Energies {
    for (const [moment, energies] of this.#recent) if (moment === at) return energies;
    const energies = minus(this.#loadAt(at), this.#lostAt(at));
    if (this.#recent.length === REMEMBERED) this.#recent.shift();
    this.#recent.push([at, energies]);
    return energies;
  }

  flowAt(at: Millis): Flow {
    return this.interruptedAt(at) ? { active: 0, apparent: 0 } : this.load.flow(localSeconds(at));
  }

  #loadAt(at: Millis): Energies {
    const seconds = localSeconds(Math.max(at, this.installed));
    const day = Math.floor(seconds / 86_400) - this.#firstDay;
    while (this.#days.length <= day) {
      const last = this.#days.length - 1;
      this.#days.push(plus(this.#days[last] as Energies, this.load.day(this.#firstDay + last)));
    }
    return plus(this.#days[day] as Energies, this.load.sinceMidnight(seconds));
  }

  #lostAt(at: Millis): Energies {
    const gap = this.#gapBefore(at);
    if (gap === undefined) return NO_ENERGY;
    if (gap.to !== undefined && gap.to <= at) return gap.lostAfter;
    return plus(gap.lostBefore, minus(this.#loadAt(at), gap.loadBefore));
  }

  /** The last gap that began at or before a moment. */
  #gapBefore(at: Millis): Gap | undefined {
    let low = 0;
    let high = this.#gaps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#gaps[middle] as Gap).from <= at) low = middle + 1;
      else high = middle;
    }
    return this.#gaps[low - 1];
  }
}

/** Where the household lives, whatever the meter's clock says: whole seconds of local time. */
export function localSeconds(at: Millis): number {
  return Math.floor((at - IST_DEVIATION * MINUTE) / 1000);
}

/** Local days since 1970. */
export function localDay(at: Millis): number {
  return Math.floor((at - IST_DEVIATION * MINUTE) / DAY);
}

/** True time of a local time. */
export function fromLocal(local: Millis): Millis {
  return local + IST_DEVIATION * MINUTE;
}
