/**
 * Random numbers that a seed decides (xoshiro128**, Blackman and Vigna, seeded by splitmix32): virtual lines and meters draw from it,
 * so that a run can be repeated. Not for secrets: those come from the crypto provider.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Any number; its lower 32 bits count, and its integer part above them. */
  constructor(seed: number) {
    const mix = splitmix(seed >>> 0, Math.floor(seed / 0x100000000) >>> 0);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    this.#d = mix();
  }

  /** An integer, 0 to 2^32 - 1. */
  u32(): number {
    const b = this.#b;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A number from 0 up to but not including 1, of 32 random bits. */
  next(): number {
    return this.u32() / 0x100000000;
  }

  /** An integer from 0 up to but not including n (n at most 2^32). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * How many trials fail before the first that succeeds, when each succeeds with this probability; Infinity when none ever does.
   * Rare events are found by drawing once an event, not once a trial.
   */
  failuresBefore(probability: number): number {
    if (probability <= 0) return Number.POSITIVE_INFINITY;
    if (probability >= 1) return 0;
    return Math.floor(Math.log1p(-this.next()) / Math.log1p(-probability));
  }

  /** A generator of its own for a part, so that what one part draws does not move the others. */
  fork(): Random {
    return new Random(this.u32() * 0x100000 + (this.u32() >>> 12));
  }
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

function splitmix(low: number, high: number): () => number {
  let state = low ^ Math.imul(high, 0x9e3779b1);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}
