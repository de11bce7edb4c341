/** Progress of an image transfer. */
export interface ImageProgress {
  /** How many blocks the meter has. */
  readonly blocks: number;
  /** How many blocks the image has. */
  readonly ofBlocks: number;
  /** How many octets the meter has. */
  readonly octets: number;
  /** How many octets the image has. */
  readonly ofOctets: number;
  /** How many octets were sent since this call began. */
  readonly sent: number;
}

/** The blocks of an image, and their progress. */
export class BlockRun {
  readonly #octets: Uint8Array;
  readonly #size: number;
  readonly #count: number;
  readonly #tell: ((progress: ImageProgress) => void) | undefined;
  #blocks: number;
  #sent = 0;
  /** Blocks that were sent and not confirmed by the meter. */
  readonly #doubts = new Set<number>();
  sentBlocks = 0;

  constructor(
    octets: Uint8Array,
    size: number,
    count: number,
    there: number,
    tell: ((progress: ImageProgress) => void) | undefined,
  ) {
    this.#octets = octets;
    this.#size = size;
    this.#count = count;
    this.#blocks = there;
    this.#tell = tell;
    this.#report();
  }

  block(number: number) {
    const start = number * this.#size;
    return { imageBlockNumber: number, imageBlockValue: this.#octets.subarray(start, start + this.#size) };
  }

  get doubted(): number {
    return this.#doubts.size;
  }

  doubtedBlocks(): number[] {
    return [...this.#doubts].sort((a, b) => a - b);
  }

  doubt(number: number, doubted: boolean): void {
    if (doubted) this.#doubts.add(number);
    else this.#doubts.delete(number);
  }

  taken(length: number): void {
    this.#blocks = Math.min(this.#blocks + 1, this.#count);
    this.sentBlocks++;
    this.#sent += length;
    this.#report();
  }

  #report(): void {
    const ofOctets = this.#octets.length;
    this.#tell?.({
      blocks: this.#blocks,
      ofBlocks: this.#count,
      octets: Math.min(this.#blocks * this.#size, ofOctets),
      ofOctets,
      sent: this.#sent,
    });
  }
}
