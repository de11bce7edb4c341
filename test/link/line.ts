import { VirtualClock } from '../../src/base/clock.js';
import type { Link, LinkEvent } from '../../src/contracts/link.js';

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chances, each for one frame. */
export interface Faults {
  readonly seed: number;
  readonly lose?: number;
  readonly corrupt?: number;
  readonly repeat?: number;
  readonly delay?: number;
  /** Longest delay, ms. */
  readonly delayMost?: number;
  /** What is sent comes back to its sender too, faults and all. */
  readonly echo?: boolean;
  /** Frames arrive in pieces. */
  readonly chop?: boolean;
}

export interface Side {
  readonly link: Link;
  readonly event: (event: LinkEvent, now: number) => void;
}

/** A line between two links in virtual time, with faults that a seed decides. What overtakes nothing: delays keep the order. */
export class FaultyLine {
  readonly clock = new VirtualClock();
  /** Frames sent, by side. */
  readonly sent: [Uint8Array[], Uint8Array[]] = [[], []];
  readonly #sides: readonly [Side, Side];
  readonly #faults: Faults;
  readonly #random: () => number;
  readonly #free: [number, number] = [0, 0];
  #steps = 0;

  constructor(a: Side, b: Side, faults: Faults = { seed: 0 }) {
    this.#sides = [a, b];
    this.#faults = faults;
    this.#random = randomFrom(faults.seed);
  }

  /** After any call of a link: brings what it says to the other side and to its owner. */
  settle(): void {
    for (;;) {
      let quiet = true;
      for (const index of [0, 1] as const) {
        const { link, event } = this.#sides[index];
        for (let bytes = link.pollTransmit(); bytes; bytes = link.pollTransmit()) {
          this.sent[index].push(bytes);
          this.#carry(bytes, index);
          quiet = false;
        }
        for (let next = link.pollEvent(); next; next = link.pollEvent()) {
          event(next, this.clock.now());
          quiet = false;
        }
      }
      if (quiet) return;
    }
  }

  #carry(bytes: Uint8Array, from: 0 | 1): void {
    const { lose = 0, repeat = 0, echo = false } = this.#faults;
    const to = from === 0 ? 1 : 0;
    if (echo && this.#random() >= lose) this.#arrive(bytes, from);
    if (this.#random() < lose) return;
    this.#arrive(bytes, to);
    if (this.#random() < repeat) this.#arrive(bytes, to);
  }

  #arrive(bytes: Uint8Array, to: 0 | 1): void {
    const { corrupt = 0, delay = 0, delayMost = 0, chop = false } = this.#faults;
    const random = this.#random;
    const late = random() < delay ? random() * delayMost : 0;
    const damaged = random() < corrupt ? damage(bytes, random) : bytes.slice();
    const cut = chop ? Math.floor(random() * damaged.length) : damaged.length;
    for (const [index, piece] of [damaged.subarray(0, cut), damaged.subarray(cut)].entries()) {
      if (piece.length === 0) continue;
      const at = Math.max(this.#free[to], this.clock.now() + 5 + late + 3 * index);
      this.#free[to] = at;
      this.clock.at(at, () => this.#sides[to].link.receive(piece.slice(), this.clock.now()));
    }
  }

  /** Lets time pass until `done`, or until nothing more would ever happen, or until that time. */
  run(done: () => boolean, limit: number): void {
    this.settle();
    while (!done()) {
      if (++this.#steps > 200_000) throw new Error('200 000 steps: does this end?');
      const times = this.#sides.map(({ link }) => link.pollTimeout() ?? Number.POSITIVE_INFINITY);
      const arrival = this.clock.next() ?? Number.POSITIVE_INFINITY;
      const next = Math.min(arrival, ...times);
      if (next > limit) return;
      if (arrival <= next) this.clock.step();
      else {
        this.clock.advance(Math.max(0, next - this.clock.now()));
        for (const { link } of this.#sides)
          if ((link.pollTimeout() ?? Number.POSITIVE_INFINITY) <= next) link.handleTimeout(next);
      }
      this.settle();
    }
  }
}

/** One to three bits wrong, or an octet lost or too many: what a CRC-16 finds. */
function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const kind = random();
  if (kind < 0.15) return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
  if (kind < 0.3) return Uint8Array.from([...bytes.subarray(0, at), 0x7e, ...bytes.subarray(at)]);
  const damaged = bytes.slice();
  const bits = new Set<number>();
  const count = 1 + Math.floor(random() * 3);
  while (bits.size < count) bits.add(Math.floor(random() * bytes.length * 8));
  for (const bit of bits) damaged[bit >> 3]! ^= 1 << (bit & 7);
  return damaged;
}
