import type { Millis } from '../../src/base/clock.js';
import { PHASE_ENERGIES } from '../energies.js';
import { BLOCK, SHAPE_BLOCKS } from '../load.js';
import { powered, type Timeline } from './conditions.js';
import { fromLocal, localSeconds, type Supply } from './supply.js';

/** Nominal voltage in tenths of a volt, and how far the evening lowers it. */
const NOMINAL = 2_380;
const EVENING_SAG = 90;
/** The voltage that a meter assumes when it cannot measure it for lack of a neutral. */
const ASSUMED = 2_400;

/** A stretch of time. */
export interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** Voltage, current and frequency at the terminals, as they follow from the seed, the load and what is done to the meter. Phases count from 0. */
export class Grid {
  readonly #supply: Supply;
  readonly #timeline: Timeline;

  constructor(supply: Supply, timeline: Timeline) {
    this.#supply = supply;
    this.#timeline = timeline;
  }

  /** Tenths of a volt. */
  voltage(at: Millis, phase = 0): number {
    const { voltages, neutral } = this.#timeline.at(at);
    if (neutral === 'missing') return 0;
    const given = voltages[phase];
    if (given !== null && given !== undefined) return given;
    const second = localSeconds(at);
    return this.#level(Math.floor(second / BLOCK), phase) + this.#draw(30, Math.floor(second / 60), phase, 13) - 6;
  }

  /** Tenths of a volt, on average while the meter had supply. */
  averageVoltage(spans: readonly Span[], phase = 0): number {
    const { sum, seconds } = this.#over(spans, phase);
    return seconds === 0 ? 0 : Math.round(sum / seconds);
  }

  /**
   * Current that the meter measures in a phase, in milliamperes. In a single-phase meter it does not matter which way the current returns.
   */
  current(at: Millis, phase = 0): number {
    const voltage = this.voltage(at, phase) || ASSUMED;
    const { apparent } = this.#supply.flowAt(at).phases[phase] ?? { apparent: 0 };
    return Math.round((apparent * 10_000) / voltage);
  }

  /**
   * Current in the neutral in milliamperes: the geometric sum of the phases, as if all had one power factor, without what returns through
   * earth.
   */
  neutralCurrent(at: Millis): number {
    const { earthLoad, neutral, currents } = this.#timeline.at(at);
    if (neutral === 'missing') return 0;
    const [a = 0, b = 0, c = 0] = currents.map((percent, phase) => {
      // Current that bypasses the current circuit of the phase still flows through the neutral.
      const seen = this.current(at, phase);
      return percent === 0 ? 0 : Math.round((seen * 100) / Math.abs(percent));
    });
    if (currents.length === 1) return Math.max(0, a - earthLoad);
    return Math.round(Math.sqrt(Math.max(0, a * a + b * b + c * c - a * b - b * c - c * a)));
  }

  /** Milliamperes in a phase, on average while the meter had supply. */
  averageCurrent(spans: readonly Span[], phase = 0): number {
    const { sum, seconds } = this.#over(spans, phase);
    if (sum === 0) return 0;
    const kind = PHASE_ENERGIES[phase] ?? 'phase1';
    let voltAmpereSeconds = 0;
    for (const { from, to } of spans) {
      voltAmpereSeconds += this.#supply.energiesAt(to)[kind] - this.#supply.energiesAt(from)[kind];
    }
    return Math.round((voltAmpereSeconds * 10_000) / Math.round(sum / seconds) / seconds);
  }

  /** Hundredths of a hertz. */
  frequency(at: Millis): number {
    return this.#timeline.at(at).frequency ?? 4_996 + this.#supply.load.draw(31, Math.floor(localSeconds(at) / 60), 9);
  }

  /** What the grid gives in a half hour. */
  #level(block: number, phase: number): number {
    const busy = SHAPE_BLOCKS[((block % 48) + 48) % 48] ?? 0;
    return NOMINAL - Math.floor((EVENING_SAG * busy) / 100) + this.#draw(32, block, phase, 50) - 25;
  }

  #draw(what: number, when: number, phase: number, n: number): number {
    return this.#supply.load.draw(what + 100 * phase, when, n);
  }

  /** The sum of tenths of a volt times seconds, and the seconds, over the time with supply. */
  #over(spans: readonly Span[], phase: number): { readonly sum: number; readonly seconds: number } {
    let sum = 0;
    let seconds = 0;
    for (const { from, to } of spans) {
      for (let at = from; at < to; ) {
        const block = Math.floor(localSeconds(at) / BLOCK);
        const end = Math.min(to, fromLocal((block + 1) * BLOCK * 1000), this.#timeline.after(at) ?? to);
        const conditions = this.#timeline.at(at);
        if (powered(conditions)) {
          const level =
            conditions.neutral === 'missing' ? 0 : (conditions.voltages[phase] ?? this.#level(block, phase));
          sum += (level * (end - at)) / 1000;
          seconds += (end - at) / 1000;
        }
        at = end;
      }
    }
    return { sum, seconds };
  }
}
