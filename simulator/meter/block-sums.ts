import { type Energies, NO_ENERGY, plus, Tally } from '../energies.js';

/** Number of blocks between two sums that are always kept: 32 days. */
const KEPT = 1536;
/** Number of blocks between two sums within the stretches that were asked for last: one day. */
const DAY = 48;
/** How many stretches keep a sum for each day: a range of rows may begin in one stretch and end in the next. */
const STRETCHES = 2;

/** The sums at the beginning of each day of one stretch of 32 days; the first is always kept. */
interface Days {
  readonly stretch: number;
  readonly sums: Energies[];
}

/**
 * Sums of the energies of blocks, from a first block on. Any block of the past can be asked for. Few sums are kept: going forward in time
 * computes each block once, and going back near a recent question computes a day at most.
 */
export class BlockSums {
  readonly #first: number;
  readonly #count: (block: number, into: Tally) => void;
  readonly #kept: Energies[] = [NO_ENERGY];
  /** The stretch that {@link BlockSums.before} used last stands at the end. */
  #days: Days[] = [{ stretch: 0, sums: [NO_ENERGY] }];
  #block: number;
  #sum = new Tally();

  /** @param count adds the energies of one block to a tally. */
  constructor(first: number, count: (block: number, into: Tally) => void) {
    this.#first = first;
    this.#count = count;
    this.#block = first;
  }

  /** The sum of all blocks before this one. */
  before(block: number): Energies {
    if (block < this.#block) this.#goBack(block);
    while (this.#block < block) this.#next();
    return plus(this.#sum, NO_ENERGY);
  }

  #goBack(block: number): void {
    const passed = Math.max(0, block - this.#first);
    const days = this.#enter(Math.floor(passed / KEPT));
    const day = Math.min(Math.floor((passed % KEPT) / DAY), days.sums.length - 1);
    this.#sum = new Tally();
    this.#sum.add(days.sums[day] as Energies);
    this.#block = this.#first + days.stretch * KEPT + day * DAY;
  }

  #next(): void {
    this.#count(this.#block, this.#sum);
    this.#block++;
    const passed = this.#block - this.#first;
    if (passed % DAY !== 0) return;
    const sum = plus(this.#sum, NO_ENERGY);
    const stretch = Math.floor(passed / KEPT);
    if (passed % KEPT === 0 && stretch === this.#kept.length) this.#kept.push(sum);
    const { sums } = this.#enter(stretch);
    if ((passed % KEPT) / DAY === sums.length) sums.push(sum);
  }

  /** The day sums of a stretch, which becomes the one used last. */
  #enter(stretch: number): Days {
    const last = this.#days.at(-1);
    if (last?.stretch === stretch) return last;
    const days = this.#days.find((known) => known.stretch === stretch) ?? {
      stretch,
      sums: [this.#kept[stretch] as Energies],
    };
    this.#days = [...this.#days.filter((known) => known !== days).slice(1 - STRETCHES), days];
    return days;
  }
}
