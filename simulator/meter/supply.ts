import type { Millis } from '../../src/base/clock.js';
import { type Energies, forwardOnly, minus, NO_ENERGY, plus } from '../energies.js';
import { BLOCK, type Flow, type Load } from '../load.js';
import { BlockSums } from './block-sums.js';
import type { Conditions } from './conditions.js';
import { countedInBlock, type Metering, meteringOf, sameMetering, seenInMinute } from './metering.js';
import { DAY, IST_DEVIATION, MINUTE } from './time.js';

const REMEMBERED = 3;

/** A stretch in which energies are counted alike. */
interface Stretch {
  /** Seconds of local time. */
  readonly from: number;
  readonly metering: Metering;
  /** Energies up to its beginning, once they were asked for. */
  before: Energies | undefined;
  /** Sums of its blocks, where each minute has to be looked at. */
  sums: BlockSums | undefined;
}

/**
 * What really flowed through the meter since it was installed. Any moment of the past can be asked for; energies are exact sums, so that a
 * difference of two moments is what flowed between them. Nothing is computed before it is asked for.
 */
export class Supply {
  readonly load: Load;
  readonly installed: Millis;
  #stretches: Stretch[];
  /** What the household alone draws. */
  readonly #household: BlockSums;
  /** The moments asked last: the columns of a row ask for the same two. */
  readonly #recent: (readonly [second: number, Energies])[] = [];

  /** @param installed a local midnight, as true time. */
  constructor(load: Load, installed: Millis, conditions: Conditions) {
    this.load = load;
    this.installed = installed;
    const from = localSeconds(installed);
    this.#household = new BlockSums(Math.floor(from / BLOCK), (block) => partOf(load, block, BLOCK));
    this.#stretches = [{ from, metering: meteringOf(conditions), before: NO_ENERGY, sums: undefined }];
  }

  /** Other conditions hold from now on. Calls come in the order of time. */
  change(conditions: Conditions, at: Millis): void {
    const metering = meteringOf(conditions);
    const last = this.#stretches.at(-1) as Stretch;
    if (sameMetering(last.metering, metering)) return;
    this.#recent.length = 0;
    this.#stretches.push({ from: Math.max(localSeconds(at), last.from), metering, before: undefined, sums: undefined });
  }

  /** Whether nothing can flow. */
  interruptedAt(at: Millis): boolean {
    return this.#stretchAt(localSeconds(at)).metering.kind === 'off';
  }

  /** Energies since installation. */
  energiesAt(at: Millis): Energies {
    const second = localSeconds(Math.max(at, this.installed));
    for (const [asked, energies] of this.#recent) if (asked === second) return energies;
    const index = this.#indexAt(second);
    const energies = plus(this.#before(index), this.#within(this.#stretches[index] as Stretch, second));
    if (this.#recent.length === REMEMBERED) this.#recent.shift();
    this.#recent.push([second, energies]);
    return energies;
  }

  /** What the meter sees in the minute of this time. */
  flowAt(at: Millis): Flow {
    const second = localSeconds(at);
    const { metering } = this.#stretchAt(second);
    if (metering.kind === 'plain' && !metering.conditions.forwardOnly) return this.load.flow(second);
    const block = Math.floor(second / BLOCK);
    const minute = Math.floor((second - block * BLOCK) / 60);
    const phases = Array.from({ length: this.load.phases }, (_, phase) => {
      if (metering.kind === 'off') return { active: 0, reactive: 0, apparent: 0 };
      const seen = seenInMinute(this.load, metering.conditions, block, minute, 60, phase);
      const apparent = Math.round(seen.apparent / 60);
      return { active: Math.round(seen.active / 60), reactive: Math.round(seen.reactive / 60), apparent };
    });
    const sum = (part: 'active' | 'reactive' | 'apparent') => phases.reduce((total, phase) => total + phase[part], 0);
    return { active: sum('active'), reactive: sum('reactive'), apparent: sum('apparent'), phases };
  }

  /** Begins anew, before conditions are put back in their order. */
  reset(conditions: Conditions): void {
    const from = localSeconds(this.installed);
    this.#recent.length = 0;
    this.#stretches = [{ from, metering: meteringOf(conditions), before: NO_ENERGY, sums: undefined }];
  }

  /** Energies up to the beginning of a stretch: asked once, each follows from the one before. */
  #before(index: number): Energies {
    let known = index;
    while ((this.#stretches[known] as Stretch).before === undefined) known--;
    let energies = (this.#stretches[known] as Stretch).before as Energies;
    for (; known < index; known++) {
      const next = this.#stretches[known + 1] as Stretch;
      energies = plus(energies, this.#within(this.#stretches[known] as Stretch, next.from));
      next.before = energies;
    }
    return energies;
  }

  /** What was counted from the beginning of a stretch up to a second in it. */
  #within(stretch: Stretch, second: number): Energies {
    const { from, metering } = stretch;
    if (metering.kind === 'off' || second === from) return NO_ENERGY;
    if (metering.kind === 'plain') {
      const drawn = minus(this.#drawn(second), this.#drawn(from));
      return metering.conditions.forwardOnly ? forwardOnly(drawn) : drawn;
    }
    const counted = (block: number, seconds: number) => countedInBlock(this.load, metering.conditions, block, seconds);
    const first = Math.floor(from / BLOCK);
    stretch.sums ??= new BlockSums(first, (block) => counted(block, BLOCK));
    const block = Math.floor(second / BLOCK);
    const upTo = plus(stretch.sums.before(block), counted(block, second - block * BLOCK));
    return minus(upTo, counted(first, from - first * BLOCK));
  }

  #drawn(second: number): Energies {
    const block = Math.floor(second / BLOCK);
    const whole = this.#household.before(block);
    const rest = second - block * BLOCK;
    return rest === 0 ? whole : plus(whole, partOf(this.load, block, rest));
  }

  #stretchAt(second: number): Stretch {
    return this.#stretches[this.#indexAt(second)] as Stretch;
  }

  /** The last stretch that began at or before a second. */
  #indexAt(second: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle] as Stretch).from <= second) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** What the household draws in the first seconds of a block. */
function partOf(load: Load, block: number, seconds: number): Energies {
  return load.part(block, seconds);
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
