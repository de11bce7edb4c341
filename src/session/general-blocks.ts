/** General block transfer (IEC 62056-5-3; Green Book 9.4.6.13): one machine for both sides, without I/O. */

import type { GeneralBlockTransfer } from '../apdu/apdu.js';
import { checkTrickle, MAX_TRANSFER } from '../apdu/block-receiver.js';
import { equalBytes } from '../base/bytes.js';
import { Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';

/** The window field has six bits. */
const MAX_WINDOW = 63;
const LAST_NUMBER = 0xffff;
/** How many turns without progress end a transfer. */
const MAX_IDLE_TURNS = 8;
/** How many repeated blocks in a row end a transfer. */
const MAX_REPEATED = 256;
/** Tag, block-control, block-number, block-number-ack. */
const HEADER = 6;
const NOTHING = new Uint8Array(0);

/** How many octets of an APDU fit into one block of this size. */
export function blockRoom(pduSize: number): number {
  const room = pduSize - HEADER - 1;
  if (room <= 0x80) return Math.max(1, Math.min(room, 0x7f));
  return Math.min(room <= 0x100 ? room - 1 : room - 2, 0xffff);
}

export interface GeneralBlocksConfig {
  /** Octets of an APDU that go into one block: see {@link blockRoom}. */
  readonly room: number;
  /** How many blocks the other side may send in a row, 1 to 63. */
  readonly window: number;
  /** Octets that what comes may have. */
  readonly maxTransfer?: number;
}

/**
 * The effect of a received block: the other side continues, it is our {@link GeneralBlocks.turn}, or its APDU is complete, which is our turn
 * too.
 */
export type BlockOutcome = 'listen' | 'turn' | 'whole';

interface Sent {
  readonly number: number;
  readonly last: boolean;
  readonly raw: Uint8Array;
}

/**
 * One side of one exchange: what it sends is cut into numbered blocks, what it receives is joined. A side sends as many blocks in a row
 * as the other one's window lets it, all but the last one streaming, then gives the turn away. Who receives says by block-number-ack up
 * to which block nothing is missing; blocks that came behind a gap are kept, and the window asks for the gap alone.
 */
export class GeneralBlocks {
  readonly #room: number;
  readonly #window: number;
  readonly #limit: number;

  /** What we send, as far as it is cut into blocks. */
  #data: Uint8Array | undefined;
  #cut = 0;
  /** The number that our next block gets. */
  #next = 1;
  #unacknowledged: Sent[] = [];
  #peerWindow = 1;
  /** Our APDU is still being made: our acknowledgements are not our last blocks. */
  #owing = false;

  readonly #whole = new Writer(1024);
  /** Blocks that came behind a gap. */
  readonly #behind = new Map<number, { readonly last: boolean; readonly raw: Uint8Array }>();
  #held = 0;
  /** Up to this block nothing is missing. */
  #taken = 0;
  #complete = false;
  #first: Uint8Array | undefined;
  /** Blocks that came since our last turn, and how many may. */
  #came = 0;
  #asked: number;
  #idle = 0;
  #repeated = 0;

  /** @throws StateError when the window is none. */
  constructor(config: GeneralBlocksConfig) {
    const { room, window, maxTransfer = MAX_TRANSFER } = config;
    if (!Number.isInteger(window) || window < 1 || window > MAX_WINDOW) {
      throw new StateError(`a block transfer window of ${window}`, {
        hint: `it is a whole number, 1 to ${MAX_WINDOW}`,
      });
    }
    this.#room = room;
    this.#window = window;
    this.#asked = window;
    this.#limit = maxTransfer;
  }

  /** Whether both sides have sent everything. Whether the last block arrived shows only when the next exchange begins. */
  get finished(): boolean {
    return this.#complete && !this.#owing && this.#data === undefined;
  }

  /** Nothing more will come: the other side sent everything in one plain APDU. */
  heard(): this {
    this.#complete = true;
    return this;
  }

  /** We shall send something later, when the other side's APDU is complete. */
  owe(): this {
    this.#owing = true;
    return this;
  }

  /** What we send. An empty APDU only acknowledges. */
  say(apdu: Uint8Array): this {
    this.#data = apdu;
    this.#cut = 0;
    this.#owing = false;
    return this;
  }

  /**
   * Takes a block of the other side.
   * @throws DecodeError `block-sequence` when the other side gives up, or sends or acknowledges an impossible block; `bad-length` when it
   * sends more than allowed.
   */
  receive(block: GeneralBlockTransfer): BlockOutcome {
    const { blockNumber, blockNumberAck, streaming, window } = block;
    if (blockNumber === 0) throw new DecodeError('block-sequence', 'the block transfer was aborted by the other side');
    this.#peerWindow = Math.max(1, window);
    const before = this.#complete;
    const acknowledged = this.#acknowledge(blockNumberAck);
    const isNew = this.#take(block);
    if (acknowledged || (isNew && block.raw.length > 0) || this.#complete !== before) this.#idle = 0;
    if (isNew) this.#came++;
    this.#repeated = isNew || acknowledged ? 0 : this.#repeated + 1;
    if (this.#repeated > MAX_REPEATED) {
      throw new DecodeError('block-sequence', `block ${blockNumber} came ${this.#repeated} times`);
    }
    if (this.#complete && !before) return 'whole';
    return streaming && this.#came < this.#asked ? 'listen' : 'turn';
  }

  /** Whether a first block is the one that came already, of an APDU that is not whole: else it begins another exchange. */
  repeats({ raw }: GeneralBlockTransfer): boolean {
    return !this.#complete && this.#first !== undefined && equalBytes(raw, this.#first);
  }

  /** What is missing of a transfer that has begun, for the message of a time-out. */
  get missing(): { readonly aside?: string } {
    if (this.#complete || this.#taken === 0) return {};
    const came = this.#taken === 1 ? 'block 1' : `blocks 1 to ${this.#taken}`;
    return { aside: `of a general block transfer ${came} came and the last one is missing` };
  }

  /** What was received, in one piece. */
  whole(): Uint8Array {
    return this.#whole.finish();
  }

  /**
   * Our turn: the blocks to send, in order. Also when nothing came for too long: what is not acknowledged is sent again, and what is
   * missing is asked for. Empty when both sides have sent everything.
   * @throws DecodeError `block-sequence` when turns make no progress; StateError when what we send needs more than 65535
   * blocks.
   */
  turn(): GeneralBlockTransfer[] {
    this.#fill();
    if (this.#unacknowledged.length === 0) {
      if (this.#complete && !this.#owing) return [];
      this.#push(!this.#owing, NOTHING);
    }
    if (++this.#idle > MAX_IDLE_TURNS) {
      throw new DecodeError('block-sequence', `a block transfer does not get beyond block ${this.#taken}`);
    }
    this.#came = 0;
    this.#asked = this.#gap() ?? this.#window;
    const blocks = this.#unacknowledged.slice(0, this.#peerWindow);
    return blocks.map(({ number, last, raw }, i) => ({
      type: 'general-block-transfer',
      last,
      streaming: i < blocks.length - 1,
      window: this.#asked,
      blockNumber: number,
      blockNumberAck: this.#taken,
      raw,
    }));
  }

  #acknowledge(number: number): boolean {
    if (number >= this.#next) {
      throw new DecodeError('block-sequence', `block ${number} is acknowledged, which was not sent`);
    }
    const before = this.#unacknowledged.length;
    this.#unacknowledged = this.#unacknowledged.filter((block) => block.number > number);
    return this.#unacknowledged.length < before;
  }

  /** Whether it had not come before. */
  #take({ blockNumber: number, last, raw }: GeneralBlockTransfer): boolean {
    if (number <= this.#taken || this.#behind.has(number)) return false;
    if (number > this.#taken + MAX_WINDOW || (this.#complete && raw.length > 0)) {
      throw new DecodeError('block-sequence', `block ${number} came after block ${this.#taken}`);
    }
    if (this.#whole.offset + this.#held + raw.length > this.#limit) {
      throw new DecodeError('bad-length', `a block transfer of more than ${counted(this.#limit, 'octet')}`, 0, {
        hint: 'ask for less at once, or allow longer transfers',
      });
    }
    if (number !== this.#taken + 1) {
      this.#behind.set(number, { last, raw: raw.slice() });
      this.#held += raw.length;
      return true;
    }
    this.#join(last, raw);
    for (let block = this.#behind.get(this.#taken + 1); block; block = this.#behind.get(this.#taken + 1)) {
      this.#behind.delete(this.#taken + 1);
      this.#held -= block.raw.length;
      this.#join(block.last, block.raw);
    }
    return true;
  }

  #join(last: boolean, raw: Uint8Array): void {
    this.#taken++;
    if (this.#complete) return;
    this.#first ??= raw.slice();
    this.#whole.bytes(raw);
    this.#complete = last;
    checkTrickle(this.#taken, this.#whole.offset);
  }

  /** How many blocks are missing before the first that came too early. */
  #gap(): number | undefined {
    return this.#behind.size === 0 ? undefined : Math.min(...this.#behind.keys()) - this.#taken - 1;
  }

  #fill(): void {
    const data = this.#data;
    while (data !== undefined && this.#data !== undefined && this.#unacknowledged.length < this.#peerWindow) {
      const end = Math.min(this.#cut + this.#room, data.length);
      const last = end === data.length;
      this.#push(last, data.subarray(this.#cut, end));
      this.#cut = end;
      if (last) this.#data = undefined;
    }
  }

  #push(last: boolean, raw: Uint8Array): void {
    if (this.#next > LAST_NUMBER) {
      throw new StateError(`a block transfer of more than ${LAST_NUMBER} blocks of ${counted(this.#room, 'octet')}`, {
        hint: 'send less at once, or agree on longer APDUs',
      });
    }
    this.#unacknowledged.push({ number: this.#next++, last, raw });
  }
}
