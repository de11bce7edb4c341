import { type Energies, NO_ENERGY, plus, Tally } from '../energies.js';

/** Blocks between sums that are kept for good: 32 days. */
const KEPT = 1536;
/** Blocks between sums that are kept of the stretches asked last: a day. */
const DAY = 48;
/** Stretches whose days are kept: a range of rows begins in one and ends in the next. */
const STRETCHES = 2;

/** The sums at the beginnings of the days of one stretch of 32; the first is kept for good. */
interface Days {
  readonly stretch: number;
  readonly sums: Energies[];
}

/**
 * Sums of the energies of blocks from a first one on. Any block of the past can be asked for; few sums are kept, so that who asks in the
 * order of time pays for each block once, and who goes back near to where somebody asked pays for a day at most.
 */
export class BlockSums {
  readonly #first: number;
  readonly #count: (block: number, into: Tally) => void;
  readonly #kept: Energies[] = [NO_ENERGY];
  /** The one in which {@link BlockSums.before} is comes last. */
  #days: Days[] = [{ stretch: 0, sums: [NO_ENERGY] }];
  #block: number;
  #sum = new Tally();

  /** @param count adds what flows in a block. */
  constructor(first: number, count: (block: number, into: Tally) => void) {
    this.#first = first;
    this.#count = count;
    this.#block = first;
  }

  /** Everything from the first block up to the beginning of this one. */
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

  /** The days of a stretch, which from now on is the one asked last. */
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
