import type { DataBlock } from '../apdu/service-apdus.js';
import { Writer } from '../base/cursor.js';
import type { OctetSource } from '../contracts/octet-source.js';

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

/** Everything that is left in a source. */
export function takeAll(source: OctetSource): Uint8Array {
  const w = new Writer(4096);
  while (!source.done) w.bytes(source.take(4096));
  return w.finish();
}

/** As {@link takeAll}; undefined where it is more than `most` octets. */
export function takeUpTo(source: OctetSource, most: number): Uint8Array | undefined {
  const w = new Writer(256);
  let taken = 0;
  while (!source.done && taken <= most) {
    const octets = source.take(4096);
    taken += octets.length;
    w.bytes(octets);
  }
  return taken <= most ? w.finish() : undefined;
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
