/**
 * What the household or workshop behind a meter draws and feeds in, as a pure function of a seed and of time. Nothing is stored, so any
 * moment of the past can be asked for. All arithmetic is on integers, so every engine gives the same numbers.
 *
 * Time is local time in seconds since 1970, as if it were UTC. Energy is in joules (watt-seconds), so that registers in Wh are exact: 3600
 * J = 1 Wh. How the meter counts it, whatever is done to the meter, stands in `meter/metering.ts`.
 */

import { BLOCKS, type Consumer, draw, FRIDGE, Household, type Power, Workshop } from './consumer.js';

export { SHAPE_BLOCKS } from './consumer.js';
export type { Energies } from './energies.js';

/** Seconds of a block, the time step of the model. */
export const BLOCK = 1800;
const MINUTES = 30;
/**
 * How much the power of a minute can exceed that of its block: the heaviest minute of a block in which the fridge runs as little as it can.
 */
const MINUTE_OF_BLOCK = 1.61;

/** The power at one moment. */
export interface PhaseFlow {
  /** Active power in W; negative where power is fed in. */
  readonly active: number;
  /** Reactive power in var; negative where the current leads. */
  readonly reactive: number;
  /** Apparent power in VA; never negative. */
  readonly apparent: number;
}

/** The power at one moment, of all phases together and of each. */
export interface Flow extends PhaseFlow {
  /** The power of each phase, first phase first. */
  readonly phases: readonly PhaseFlow[];
}

/** Options of {@link Load}. */
export interface LoadOptions {
  /** Everything that the load draws follows from it. */
  readonly seed: number;
  /** Peak power of a solar roof in W, all phases together. Default 0: no roof. */
  readonly solarPeak?: number;
  /** Number of phases. Default 1. */
  readonly phases?: 1 | 3;
  /** What is behind the meter. Default `household`. */
  readonly kind?: 'household' | 'workshop';
}

/**
 * The load of one supply: what household or workshop draw and feed in on its phases.
 * ```ts
 * const load = new Load({ seed: 7, phases: 3 });
 * const [r, y, b] = load.power(block);
 * ```
 */
export class Load {
  /** Number of phases. */
  readonly phases: 1 | 3;
  /** The highest power, in W, that all of it draws over any minute. A limiter with a higher threshold need not watch. */
  readonly peak: number;
  /** Whether it can feed power into the grid. */
  readonly exports: boolean;
  readonly #seed: number;
  readonly #consumers: readonly Consumer[];
  readonly #fridgePhase: number;
  /** The shares of the first two of three phases, in thousandths. */
  readonly #shares: readonly [number, number];
  /** The answers to the last questions. */
  #weightsBlock = Number.NaN;
  #weights: readonly number[] = [];
  #powerBlock = Number.NaN;
  #power: readonly Power[] = [];

  constructor({ seed, solarPeak = 0, phases = 1, kind = 'household' }: LoadOptions) {
    this.#seed = seed;
    this.phases = phases;
    this.exports = solarPeak > 0;
    const Kind = kind === 'household' ? Household : Workshop;
    const roof = Math.floor(solarPeak / phases);
    this.#consumers = Array.from({ length: phases }, (_, phase) => new Kind(phaseSeed(seed, phase), roof));
    this.peak = Math.max(
      this.#consumers.reduce((sum, consumer) => sum + consumer.peak, 0),
      Math.ceil(solarPeak * MINUTE_OF_BLOCK),
    );
    this.#fridgePhase = draw(seed, 5, 0, 40);
    this.#shares = [318 + draw(seed, 6, 0, 31), 318 + draw(seed, 7, 0, 31)];
  }

  /** Average power of each phase over a block. Blocks of 1800 s are counted from 1970. */
  power(at: number): readonly Power[] {
    if (at !== this.#powerBlock) {
      this.#power = this.#powerOf(at);
      this.#powerBlock = at;
    }
    return this.#power;
  }

  /**
   * How much of a block's energy flows in its first `seconds`, as a part of {@link whole}. A minute has 60 equal seconds, so weights are
   * counted in sixtieths of a minute.
   */
  weight(at: number, seconds: number): number {
    const weights = this.#minutes(at);
    const minute = Math.floor(seconds / 60);
    const start = weights[minute] as number;
    const rest = seconds - minute * 60;
    return rest === 0 ? start * 60 : start * 60 + ((weights[minute + 1] as number) - start) * rest;
  }

  /** The weight of a whole block: what {@link weight} grows up to. */
  whole(at: number): number {
    return (this.#minutes(at)[MINUTES] as number) * 60;
  }

  /** A random number from 0 to n - 1 that depends on the seed, on what it is for and on the moment, and on nothing else. */
  draw(what: number, when: number, n: number): number {
    return draw(this.#seed, 100 + what, when, n);
  }

  #powerOf(at: number): readonly Power[] {
    const day = Math.floor(at / BLOCKS);
    const drawn = this.#consumers.map((consumer) => consumer.power(day, at - day * BLOCKS));
    return this.phases === 1 ? drawn : this.#spread(drawn, at);
  }

  /** Spreads the power over three phases. They differ by at most a fifth of their average, as an electrician would plan it. */
  #spread(drawn: readonly Power[], at: number): readonly Power[] {
    const active = drawn.reduce((sum, power) => sum + power.active, 0);
    const reactive = drawn.reduce((sum, power) => sum + power.reactive, 0);
    const first = this.#shares[0] + draw(this.#seed, 22, at, 17) - 8;
    const second = this.#shares[1] + draw(this.#seed, 23, at, 17) - 8;
    const part = (share: number): Power => ({
      active: Math.trunc((active * share) / 1000),
      reactive: Math.trunc((reactive * share) / 1000),
    });
    const [a, b] = [part(first), part(second)];
    return [a, b, { active: active - a.active - b.active, reactive: reactive - a.reactive - b.reactive }];
  }

  /** Weights of the minutes of a block, summed up: the fridge's cycle and restless small loads. */
  #minutes(at: number): readonly number[] {
    if (at === this.#weightsBlock) return this.#weights;
    const weights = [0];
    for (let minute = 0; minute < MINUTES; minute++) {
      const running = (at * MINUTES + minute + this.#fridgePhase) % 40 < 18;
      const weight = 300 + (running ? FRIDGE : 0) + draw(this.#seed, 18, at * MINUTES + minute, 120);
      weights.push((weights[minute] as number) + weight);
    }
    this.#weightsBlock = at;
    this.#weights = weights;
    return weights;
  }
}

/** The first phase of a meter has its own seed, so that a single-phase meter is one household. */
function phaseSeed(seed: number, phase: number): number {
  return phase === 0 ? seed : draw(seed, 90 + phase, 0, 0x100000000);
}
