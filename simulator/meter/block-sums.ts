import { type Energies, NO_ENERGY, plus } from '../energies.js';

/** Blocks between sums that are kept for good: 32 days. */
const KEPT = 1536;

/**
 * Sums of the energies of blocks from a first one on. Any block of the past can be asked for; few sums are kept, and who asks in the order
 * of time pays for each block once.
 */
export class BlockSums {
  readonly #first: number;
  readonly #energiesOf: (block: number) => Energies;
  readonly #kept: Energies[] = [NO_ENERGY];
  #block: number;
  #sum = NO_ENERGY;

  constructor(first: number, energiesOf: (block: number) => Energies) {
    this.#first = first;
    this.#energiesOf = energiesOf;
    this.#block = first;
  }

  /** Everything from the first block up to the beginning of this one. */
  before(block: number): Energies {
    if (block < this.#block) this.#goBack(block);
    while (this.#block < block) this.#next();
    return this.#sum;
  }

  #goBack(block: number): void {
    const index = Math.max(0, Math.floor((block - this.#first) / KEPT));
    this.#sum = this.#kept[index] as Energies;
    this.#block = this.#first + index * KEPT;
  }

  #next(): void {
    this.#sum = plus(this.#sum, this.#energiesOf(this.#block));
    this.#block++;
    const passed = this.#block - this.#first;
    if (passed % KEPT === 0 && passed / KEPT === this.#kept.length) this.#kept.push(this.#sum);
  }
}
