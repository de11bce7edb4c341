/**
 * Random numbers from a seed (xoshiro128**, Blackman and Vigna, seeded by splitmix32). Virtual lines and meters draw from it, so that a run
 * can be repeated. Not for secrets: those come from the crypto provider.
 * ```ts
 * new Random(7).below(6); // always the same number from 0 to 5
 * ```
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any number; its lower 32 bits and the integer part above them count. */
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
   * How many trials fail before the first that succeeds, when each succeeds with this probability; Infinity when none ever does. It allows
   * one draw for each rare event instead of one for each trial.
   */
  failuresBefore(probability: number): number {
    if (probability <= 0) return Number.POSITIVE_INFINITY;
    if (probability >= 1) return 0;
    return Math.floor(Math.log1p(-this.next()) / Math.log1p(-probability));
  }

  /** A separate generator for a part, so that the draws of one part do not change those of others. */
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
