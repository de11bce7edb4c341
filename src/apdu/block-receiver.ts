import { Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { DataBlock } from './apdu.js';

/** How much a peer may send in one transfer unless told otherwise: 16 MiB. */
export const MAX_TRANSFER = 16 * 1024 * 1024;
/** Blocks without octets that are borne before a transfer counts as endless. */
const MAX_EMPTY_BLOCKS = 8;
/** Blocks that may be as short as they like; of more than these each brings so many octets, one with the other. */
const FREE_BLOCKS = 256;
const OCTETS_A_BLOCK = 8;

/**
 * Each block costs a round trip.
 * @throws DecodeError `bad-length` when so many blocks have brought fewer octets than a transfer has that goes on.
 */
export function checkTrickle(blocks: number, octets: number, options: { readonly hint?: string } = {}): void {
  if ((blocks - FREE_BLOCKS) * OCTETS_A_BLOCK <= octets) return;
  const came = `${counted(blocks, 'block')} brought ${counted(octets, 'octet')}`;
  throw new DecodeError('bad-length', `a block transfer that does not go on: ${came}`, 0, options);
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
   * @throws DecodeError `block-sequence` for any number but the next, `bad-length` when the transfer exceeds its limit,
   * or its blocks bring next to nothing.
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
        `a block transfer of more than ${counted(this.#limit, 'octet')}, or one without end`,
        0,
        {
          hint: 'ask for less at once, or allow longer transfers',
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
