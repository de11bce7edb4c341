import type { Millis } from '../../src/base/clock.js';
import { type Energies, minus, NO_ENERGY, plus } from '../energies.js';
import { BLOCK, type Flow, type Load } from '../load.js';
import { BlockSums } from './block-sums.js';
import type { Conditions } from './conditions.js';
import { countBlock, countedInto, flowIn, type Metering, meteringOf, sameMetering } from './metering.js';
import { DAY, IST_DEVIATION, MINUTE } from './time.js';

const REMEMBERED = 3;

/** A stretch of time in which energies are counted in one way. */
interface Stretch {
  /** Seconds of local time. */
  readonly from: number;
  readonly metering: Metering;
  /** Sums of blocks, from the block in which the stretch begins. Stretches of normal metering share the sums of the whole past. */
  sums: BlockSums | undefined;
  /** The sums at its beginning, once they were asked for. */
  start: Energies | undefined;
  /** Energies up to its beginning, once they were asked for. */
  before: Energies | undefined;
}

/**
 * What has flowed through the meter since it was installed. Any moment of the past can be asked for. Energies are exact sums, so the
 * difference of two moments is what flowed between them. Nothing is computed before it is asked for.
 */
export class Supply {
  readonly load: Load;
  readonly installed: Millis;
  #stretches: Stretch[] = [];
  readonly #usual: Metering;
  readonly #usualSums: BlockSums;
  /** The last answers, because all columns of a row ask for the same two moments. */
  readonly #recent: (readonly [second: number, energies: Energies])[] = [];

  /** @param installed a local midnight, as true time. @param conditions those that apply at first, and most of the time. */
  constructor(load: Load, installed: Millis, conditions: Conditions) {
    this.load = load;
    this.installed = installed;
    this.#usual = meteringOf(conditions);
    const first = Math.floor(localSeconds(installed) / BLOCK);
    this.#usualSums = new BlockSums(first, (block, into) => countBlock(load, this.#usual, block, into));
    this.reset();
  }

  /** Forgets all changes. */
  reset(): void {
    this.#recent.length = 0;
    this.#stretches = [
      {
        from: localSeconds(this.installed),
        metering: this.#usual,
        sums: this.#usualSums,
        start: undefined,
        before: NO_ENERGY,
      },
    ];
  }

  /** Sets other conditions from now on. Calls must come in the order of time. */
  change(conditions: Conditions, at: Millis): void {
    const metering = meteringOf(conditions);
    const last = this.#stretches.at(-1) as Stretch;
    if (sameMetering(last.metering, metering)) return;
    this.#recent.length = 0;
    const from = Math.max(localSeconds(at), last.from);
    const sums = sameMetering(this.#usual, metering) ? this.#usualSums : undefined;
    this.#stretches.push({ from, metering, sums, start: undefined, before: undefined });
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
    return flowIn(this.load, this.#stretchAt(second).metering, second);
  }

  /** Power of each phase in W in the minute of this time, negative where it flows back, whether or not the meter tells directions apart. */
  directionsAt(at: Millis): readonly number[] {
    const second = localSeconds(at);
    const { kind, conditions } = this.#stretchAt(second).metering;
    const flow = flowIn(this.load, { kind, conditions: { ...conditions, forwardOnly: false } }, second);
    return flow.phases.map(({ active }) => active);
  }

  /** Energies up to the beginning of a stretch, computed from the stretch before. */
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

  /** The energies from the beginning of a stretch up to a second in it. */
  #within(stretch: Stretch, second: number): Energies {
    const { from, metering } = stretch;
    if (metering.kind === 'off' || second === from) return NO_ENERGY;
    stretch.sums ??= new BlockSums(Math.floor(from / BLOCK), (block, into) =>
      countBlock(this.load, metering, block, into),
    );
    stretch.start ??= this.#sum(stretch.sums, metering, from);
    return minus(this.#sum(stretch.sums, metering, second), stretch.start);
  }

  #sum(sums: BlockSums, metering: Metering, second: number): Energies {
    const block = Math.floor(second / BLOCK);
    const whole = sums.before(block);
    const rest = second - block * BLOCK;
    return rest === 0 ? whole : plus(whole, countedInto(this.load, metering, block, rest));
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

/** The local time of the household in whole seconds, whatever the meter's clock says. */
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
