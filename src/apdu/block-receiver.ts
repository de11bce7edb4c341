import { Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { DataBlock } from './service-apdus.js';

/** The most octets that a peer may send in one transfer by default: 16 MiB. */
export const MAX_TRANSFER = 16 * 1024 * 1024;
/** So many empty blocks are tolerated before a transfer counts as endless. */
const MAX_EMPTY_BLOCKS = 8;
/** So many blocks may be of any length; all further ones must bring OCTETS_A_BLOCK octets each on average. */
const FREE_BLOCKS = 256;
const OCTETS_A_BLOCK = 8;

/**
 * Ends transfers that bring next to nothing: each block costs a round trip.
 * @throws DecodeError `bad-length` when so many blocks have brought too few octets.
 */
export function checkTrickle(blocks: number, octets: number, options: { readonly hint?: string } = {}): void {
  if ((blocks - FREE_BLOCKS) * OCTETS_A_BLOCK <= octets) return;
  const came = `${counted(blocks, 'block')} brought only ${counted(octets, 'octet')}`;
  throw new DecodeError('bad-length', `a block transfer that makes no progress: ${came}`, 0, options);
}

/** Joins numbered blocks (IEC 62056-5-3, block transfer), each exactly once and in order, up to a limit. */
export class BlockReceiver {
  readonly #limit: number;
  readonly #whole = new Writer(1024);
  #empty = 0;
  #blocks = 0;
  #number: number;

  /**
   * @param limit octets that one transfer may have.
   * @param first number of the first block: 1 by the standard, but some meters continue to count from the transfer before.
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
   * @throws DecodeError `block-sequence` for any number but the next, `bad-length` when the transfer exceeds its limit or its blocks bring next
   * to nothing.
   */
  add(block: DataBlock): void {
    if (block.number !== this.#number + 1) {
      throw new DecodeError('block-sequence', `block ${block.number} came instead of block ${this.#number + 1}`);
    }
    this.#number = block.number;
    if (block.raw.length === 0 && !block.last) this.#empty++;
    if (this.#whole.offset + block.raw.length > this.#limit || this.#empty > MAX_EMPTY_BLOCKS) {
      throw new DecodeError(
        'bad-length',
        `a block transfer of more than ${counted(this.#limit, 'octet')}, or one that never ends`,
        0,
        {
          hint: 'ask for less at a time, or allow longer transfers',
        },
      );
    }
    this.#whole.bytes(block.raw);
    checkTrickle(++this.#blocks, this.#whole.offset, { hint: 'agree on longer APDUs: maxPduSize' });
  }

  /** Everything that was taken, in one piece. Ends the transfer. */
  finish(): Uint8Array {
    return this.#whole.finish();
  }
}
