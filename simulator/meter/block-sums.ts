import { type Energies, NO_ENERGY, plus, Tally } from '../energies.js';

/** Blocks between sums that are kept for good: 32 days. */
const KEPT = 1536;

/**
 * Sums of the energies of blocks from a first one on. Any block of the past can be asked for; few sums are kept, and who asks in the order
 * of time pays for each block once.
 */
export class BlockSums {
  readonly #first: number;
  readonly #count: (block: number, into: Tally) => void;
  readonly #kept: Energies[] = [NO_ENERGY];
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
    const index = Math.max(0, Math.floor((block - this.#first) / KEPT));
    this.#sum = new Tally();
    this.#sum.add(this.#kept[index] as Energies);
    this.#block = this.#first + index * KEPT;
  }

  #next(): void {
    this.#count(this.#block, this.#sum);
    this.#block++;
    const passed = this.#block - this.#first;
    if (passed % KEPT === 0 && passed / KEPT === this.#kept.length) this.#kept.push(plus(this.#sum, NO_ENERGY));
  }
}
