import type { DataBlock } from '../apdu/apdu.js';
import { Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';

/** Octets made as they are asked for, so that a long answer is never whole in memory. */
export interface OctetSource {
  /** The next octets, `size` of them unless fewer are left. The view is good until the next call. */
  take(size: number): Uint8Array;
  /** Whether everything was taken. */
  readonly done: boolean;
}

/** A source over octets that are there already. */
export class OctetsSource implements OctetSource {
  readonly #octets: Uint8Array;
  #offset = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get done(): boolean {
    return this.#offset === this.#octets.length;
  }

  take(size: number): Uint8Array {
    const start = this.#offset;
    this.#offset = Math.min(start + size, this.#octets.length);
    return this.#octets.subarray(start, this.#offset);
  }
}

/** A source over parts that are made one after the other, each when its turn comes. `undefined` ends it. */
export class PartsSource implements OctetSource {
  readonly #nextPart: () => Uint8Array | undefined;
  #part: Uint8Array | undefined;
  #offset = 0;

  constructor(nextPart: () => Uint8Array | undefined) {
    this.#nextPart = nextPart;
    this.#advance();
  }

  get done(): boolean {
    return this.#part === undefined;
  }

  take(size: number): Uint8Array {
    const taken = new Uint8Array(size);
    let filled = 0;
    while (filled < size && this.#part !== undefined) {
      const piece = this.#part.subarray(this.#offset, this.#offset + size - filled);
      taken.set(piece, filled);
      filled += piece.length;
      this.#offset += piece.length;
      if (this.#offset === this.#part.length) this.#advance();
    }
    return filled === size ? taken : taken.subarray(0, filled);
  }

  #advance(): void {
    this.#offset = 0;
    do this.#part = this.#nextPart();
    while (this.#part !== undefined && this.#part.length === 0);
  }
}

/** Cuts octets into numbered blocks, the first of which is 1 (IEC 62056-5-3, block transfer). */
export class BlockSender {
  readonly #source: OctetSource;
  #number = 0;

  constructor(source: OctetSource) {
    this.#source = source;
  }

  /** Number of the block sent last, 0 before the first. */
  get number(): number {
    return this.#number;
  }

  get done(): boolean {
    return this.#source.done;
  }

  /** The next block of at most `size` octets. */
  next(size: number): DataBlock {
    return this.resume(this.#source.take(size));
  }

  /** The next block, of octets that were taken from the source already. */
  resume(raw: Uint8Array): DataBlock {
    this.#number++;
    return { last: this.#source.done, number: this.#number, raw };
  }
}

/** How much a peer may send in one transfer unless told otherwise: 16 MiB. */
export const MAX_TRANSFER = 16 * 1024 * 1024;
/** Blocks without octets that are borne before a transfer counts as endless. */
const MAX_EMPTY_BLOCKS = 8;

/** Joins numbered blocks, each exactly once and in order, up to a limit. */
export class BlockReceiver {
  readonly #limit: number;
  readonly #whole = new Writer(1024);
  #empty = 0;
  #number: number;

  /**
   * @param limit octets that one transfer may have.
   * @param first number of the first block. It is 1, but real meters count on from the transfer before.
   */
  constructor(limit = MAX_TRANSFER, first = 1) {
    this.#limit = limit;
    this.#number = first - 1;
  }

  /** Number of the block taken last. */
  get number(): number {
    return this.#number;
  }

  /**
   * Takes the next block.
   * @throws DecodeError `block-sequence` for any number but the next, `bad-length` when the transfer exceeds its limit.
   */
  add(block: DataBlock): void {
    if (block.number !== this.#number + 1) {
      throw new DecodeError('block-sequence', `block ${block.number} came where block ${this.#number + 1} was due`);
    }
    this.#number = block.number;
    if (block.raw.length === 0 && !block.last) this.#empty++;
    if (this.#whole.offset + block.raw.length > this.#limit || this.#empty > MAX_EMPTY_BLOCKS) {
      throw new DecodeError(
        'bad-length',
        `a block transfer of more than ${this.#limit} octets, or one without end`,
        0,
        {
          hint: 'ask for less at once, or allow longer transfers',
        },
      );
    }
    this.#whole.bytes(block.raw);
  }

  /** Everything that was taken, in one piece. Ends the transfer. */
  finish(): Uint8Array {
    return this.#whole.finish();
  }
}
