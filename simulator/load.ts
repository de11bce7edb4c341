/**
 * What the household or workshop behind a meter draws and gives, as a pure function of a seed and of time: nothing is stored, any moment
 * of the past can be asked for. All arithmetic is on integers, so every engine gives the same numbers.
 *
 * Time is local solar-independent wall time in seconds since 1970 (as if it were UTC); energy is in joules (watt-seconds), so that
 * registers in Wh are exact: 3600 J = 1 Wh. What the meter makes of it under all that can be done to a meter is `meter/metering.ts`.
 */

import { BLOCKS, type Consumer, draw, FRIDGE, Household, type Power, Workshop } from './consumer.js';

export { SHAPE_BLOCKS } from './consumer.js';
export type { Energies } from './energies.js';

/** Seconds of a block, the grain of the model. */
export const BLOCK = 1800;
const MINUTES = 30;
/** The power of a minute by that of its block at most: the heaviest minute of a block in which the fridge runs as little as it can. */
const MINUTE_OF_BLOCK = 1.61;

/** What flows at one moment. Powers in W, VA and var; export makes `active` negative, a leading current `reactive`. */
export interface PhaseFlow {
  readonly active: number;
  readonly reactive: number;
  readonly apparent: number;
}

/** What flows through all phases together, and through each. */
export interface Flow extends PhaseFlow {
  readonly phases: readonly PhaseFlow[];
}

export interface LoadOptions {
  readonly seed: number;
  /** Peak of a solar roof in W, all phases together; 0 is none. */
  readonly solarPeak?: number;
  /** 1 unless told otherwise. */
  readonly phases?: 1 | 3;
  /** What is behind the meter; a household unless told otherwise. */
  readonly kind?: 'household' | 'workshop';
}

/** What draws on the phases of one supply. */
export class Load {
  readonly phases: 1 | 3;
  /** Above this, in W, all of it never goes for a minute: a limiter with a higher threshold need not watch. */
  readonly peak: number;
  /** Whether it can give back to the grid. */
  readonly exports: boolean;
  readonly #seed: number;
  readonly #consumers: readonly Consumer[];
  readonly #fridgePhase: number;
  /** Of the first two of three phases, of 1000. */
  readonly #shares: readonly [number, number];
  /** What was asked last. */
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

  /** Average power of a block, which is counted from 1970, by phase. */
  power(at: number): readonly Power[] {
    if (at !== this.#powerBlock) {
      this.#power = this.#powerOf(at);
      this.#powerBlock = at;
    }
    return this.#power;
  }

  /**
   * How much of a block flows in its first seconds, of {@link whole} for all of it. A minute has 60 equal seconds, so weights are counted
   * in sixtieths of a minute.
   */
  weight(at: number, seconds: number): number {
    const weights = this.#minutes(at);
    const minute = Math.floor(seconds / 60);
    const start = weights[minute] as number;
    const rest = seconds - minute * 60;
    return rest === 0 ? start * 60 : start * 60 + ((weights[minute + 1] as number) - start) * rest;
  }

  /** Weight of a whole block. */
  whole(at: number): number {
    return (this.#minutes(at)[MINUTES] as number) * 60;
  }

  /** A random number below n that belongs to a thing and a moment. */
  draw(what: number, when: number, n: number): number {
    return draw(this.#seed, 100 + what, when, n);
  }

  #powerOf(at: number): readonly Power[] {
    const day = Math.floor(at / BLOCKS);
    const drawn = this.#consumers.map((consumer) => consumer.power(day, at - day * BLOCKS));
    return this.phases === 1 ? drawn : this.#spread(drawn, at);
  }

  /** Parts of three phases: never further apart than a fifth of their average, as an electrician would have it. */
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
