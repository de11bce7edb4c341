import type { Millis } from '../../src/base/clock.js';
import { SHAPE_BLOCKS } from '../load.js';
import { type Incident, incidentOf } from './incidents.js';
import { localDay, localSeconds, type Supply } from './supply.js';
import { IST_DEVIATION, MINUTE } from './time.js';

/** Nominal volts times ten, and how far the evening pulls them down. */
const NOMINAL = 2_380;
const EVENING_SAG = 90;

/** Voltage, current and frequency at the terminals, as they follow from the seed, the load and past incidents. */
export class Grid {
  readonly #supply: Supply;
  /** After this moment no incidents happen by themselves. */
  readonly #created: Millis;

  constructor(supply: Supply, created: Millis) {
    this.#supply = supply;
    this.#created = created;
  }

  /** Tenths of a volt. */
  voltage(at: Millis): number {
    const base = this.#level(at);
    return base === 0 ? 0 : base + this.#supply.load.draw(30, Math.floor(localSeconds(at) / 60), 13) - 6;
  }

  /** Tenths of a volt, over a recording interval. */
  averageVoltage(from: Millis, to: Millis): number {
    return this.#level((from + to) / 2);
  }

  /** Milliamperes in the phase. */
  current(at: Millis): number {
    const returned = this.neutralCurrent(at);
    return this.#incident(at)?.kind === 'earth-load' ? returned + 420 : returned;
  }

  neutralCurrent(at: Millis): number {
    const voltage = this.voltage(at);
    return voltage === 0 ? 0 : Math.round((this.#supply.flowAt(at).apparent * 10_000) / voltage);
  }

  /** Milliamperes, over a recording interval. */
  averageCurrent(from: Millis, to: Millis): number {
    const voltage = this.averageVoltage(from, to);
    const seconds = (to - from) / 1000;
    if (voltage === 0 || seconds <= 0) return 0;
    const before = this.#supply.energiesAt(from);
    const after = this.#supply.energiesAt(to);
    const voltAmpereSeconds =
      after.apparentImport - before.apparentImport + (after.apparentExport - before.apparentExport);
    return Math.round((voltAmpereSeconds * 10_000) / (seconds * voltage));
  }

  /** Hundredths of a hertz. */
  frequency(at: Millis): number {
    return 4_996 + this.#supply.load.draw(31, Math.floor(localSeconds(at) / 60), 9);
  }

  #level(at: Millis): number {
    if (at < this.#created && this.#supply.interruptedAt(at)) return 0;
    const kind = this.#incident(at)?.kind;
    const { load } = this.#supply;
    const block = Math.floor(localSeconds(at) / 1800);
    if (kind === 'low-voltage') return 1_780 + load.draw(33, block, 60);
    if (kind === 'over-voltage') return 2_760 + load.draw(33, block, 40);
    const busy = SHAPE_BLOCKS[((block % 48) + 48) % 48] ?? 0;
    return NOMINAL - Math.floor((EVENING_SAG * busy) / 100) + load.draw(32, block, 50) - 25;
  }

  #incident(at: Millis): Incident | undefined {
    if (at >= this.#created || at < this.#supply.installed) return undefined;
    const incident = incidentOf(this.#supply.load, localDay(at));
    const local = at - IST_DEVIATION * MINUTE;
    return incident !== undefined && incident.from <= local && local < incident.to ? incident : undefined;
  }
}
