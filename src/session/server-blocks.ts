import type { GeneralBlockTransfer } from '../apdu/apdu.js';
import { DecodeError, StateError } from '../base/errors.js';
import { blockRoom, GeneralBlocks } from './general-blocks.js';

/** What a block of the client leads to: the client goes on, blocks go out, or its request is whole and wants an answer. */
export type ServedBlock =
  | { readonly type: 'listen' }
  | { readonly type: 'send'; readonly blocks: readonly GeneralBlockTransfer[] }
  | { readonly type: 'request'; readonly request: Uint8Array };

/** The server's side of general block transfer: one exchange at a time, held until the client begins another one. */
export class ServerBlocks {
  readonly #maxTransfer: number;
  readonly #window: number;
  #blocks: GeneralBlocks | undefined;
  /** How the blocks of the exchange are wrapped. All must be wrapped alike, so that none counts as better protected than it is. */
  #wrapping = '';

  constructor(maxTransfer: number, window: number) {
    this.#maxTransfer = maxTransfer;
    this.#window = window;
  }

  /** Whether a request is still incomplete, or an answer not sent completely. */
  get transferring(): boolean {
    return this.#blocks?.finished === false;
  }

  reset(): void {
    this.#blocks = undefined;
  }

  /**
   * The first blocks of an answer that is too long for one APDU. `pduSize` is how long an APDU may be.
   * @throws StateError when it needs more blocks than there are numbers.
   */
  begin(answer: Uint8Array, pduSize: number): readonly GeneralBlockTransfer[] {
    this.#wrapping = '';
    this.#blocks = this.#make(pduSize).heard().say(answer);
    return this.#blocks.turn();
  }

  /**
   * Takes a block of the client. `wrapping` says how it came: as the first block of the exchange did.
   * @throws DecodeError when it belongs to no exchange, or ends one.
   */
  receive(block: GeneralBlockTransfer, pduSize: number, wrapping: string): ServedBlock {
    const begins = block.blockNumber === 1 && block.blockNumberAck === 0;
    if (begins && this.#blocks?.repeats(block) !== true) {
      this.#wrapping = wrapping;
      this.#blocks = this.#make(pduSize).owe();
    }
    const blocks = this.#blocks;
    if (wrapping !== this.#wrapping)
      throw new DecodeError('block-sequence', 'a block in another envelope than the first');
    if (blocks === undefined) throw new DecodeError('block-sequence', 'a block of no transfer');
    const outcome = blocks.receive(block);
    if (outcome === 'whole') return { type: 'request', request: blocks.whole() };
    return outcome === 'listen' ? { type: 'listen' } : { type: 'send', blocks: blocks.turn() };
  }

  /** The first blocks of the answer to a request that was whole; without one it is only acknowledged. */
  answer(reply: Uint8Array | undefined): readonly GeneralBlockTransfer[] {
    if (this.#blocks === undefined) throw new StateError('there is no block transfer to answer');
    return this.#blocks.say(reply ?? new Uint8Array(0)).turn();
  }

  #make(pduSize: number): GeneralBlocks {
    return new GeneralBlocks({
      room: blockRoom(pduSize),
      window: this.#window,
      maxTransfer: this.#maxTransfer,
    });
  }
}
