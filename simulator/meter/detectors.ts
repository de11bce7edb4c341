import type { Millis } from '../../src/base/clock.js';
import type { PhaseFlow } from '../load.js';
import { type Conditions, powered, present, type Timeline } from './conditions.js';
import { type Detection, type DetectionName, type DetectionOptions, detectionOf, type Rating } from './detection.js';
import type { EventLogs } from './events.js';
import type { Grid } from './grid.js';
import type { Process } from './process.js';
import type { Supply } from './supply.js';
import { MINUTE } from './time.js';

/** Tenths of a volt. */
const REFERENCE = 2_400;
const BLOCK = 30 * MINUTE;
/** The power factor is judged only above this percent of the basic current: the small currents at night can have any power factor. */
const JUDGED = 20;

/** What the meter measures at one moment. */
interface Measured {
  readonly conditions: Conditions;
  /** Tenths of a volt, milliamperes. */
  readonly voltages: readonly number[];
  readonly currents: readonly number[];
  readonly neutral: number;
  readonly flow: PhaseFlow;
  /** Power of each phase in W, negative where it flows back; also in a meter that counts forward only. */
  readonly directions: readonly number[];
  readonly rating: Rating;
  /** Whether power may flow back legitimately. */
  readonly exports: boolean;
}

/** One kind of event of one meter. */
interface Detector {
  readonly name: DetectionName;
  /** Event code of the occurrence; the restoration has the next. */
  readonly code: number;
  /** Whether the event is present. `bound` is the threshold, or the release value while it is present. */
  readonly test: (measured: Measured, bound: number) => boolean;
}

const PHASE_CODES = { missing: [1, 3, 5], reverse: [51, 53, 55], open: [57, 59, 61] } as const;

/** Detects tamper and quality events from the quantities, with their persistence, and logs them. */
export class Detectors implements Process {
  readonly #supply: Supply;
  readonly #grid: Grid;
  readonly #timeline: Timeline;
  readonly #events: EventLogs;
  readonly #rating: Rating;
  readonly #detection: Readonly<Record<DetectionName, Detection>>;
  readonly #detectors: readonly Detector[];
  /** Called when an event is detected, and when it is over. */
  onDetected: ((name: DetectionName, active: boolean, at: Millis) => void) | undefined;
  /** Codes of the events that are present. */
  #active = new Set<number>();
  /** Since when the measurement contradicts the logged state, by code. */
  #pending = new Map<number, Millis>();
  /** When it last looked, and whether something has changed since. */
  #looked: Millis;
  #changed: Millis | undefined;

  constructor(
    parts: { readonly supply: Supply; readonly grid: Grid; readonly timeline: Timeline; readonly events: EventLogs },
    options: { readonly rating: Rating; readonly ctOperated: boolean; readonly detection: DetectionOptions },
  ) {
    this.#supply = parts.supply;
    this.#grid = parts.grid;
    this.#timeline = parts.timeline;
    this.#events = parts.events;
    this.#rating = options.rating;
    this.#detection = detectionOf(options.detection);
    this.#detectors = parts.supply.load.phases === 1 ? singlePhase() : threePhase(options.ctOperated);
    this.#looked = parts.supply.installed;
  }

  /** Called when something was done to the meter. */
  changed(at: Millis): void {
    this.#changed = at;
    // Without supply nothing is measured, so the waiting times start again.
    if (!powered(this.#timeline.current)) this.#pending.clear();
  }

  /** Whether an event is present. */
  isActive(code: number): boolean {
    return this.#active.has(code);
  }

  next(after: Millis): Millis | undefined {
    if (this.#changed !== undefined) return this.#changed;
    let next = Number.POSITIVE_INFINITY;
    for (const [code, since] of this.#pending) next = Math.min(next, since + this.#persistence(code));
    const interval = this.#interval();
    if (interval !== undefined)
      next = Math.min(next, (Math.floor(Math.max(after, this.#looked) / interval) + 1) * interval);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  step(at: Millis): void {
    this.#changed = undefined;
    this.#looked = at;
    const measured = this.#measure(at);
    for (const { name, code, test } of this.#detectors) {
      const active = this.#active.has(code);
      const { threshold, release } = this.#detection[name];
      if (test(measured, active ? release : threshold) === active) {
        this.#pending.delete(code);
        continue;
      }
      const since = this.#pending.get(code) ?? at;
      if (at - since < this.#persistence(code)) {
        this.#pending.set(code, since);
        continue;
      }
      this.#pending.delete(code);
      if (active) this.#active.delete(code);
      else this.#active.add(code);
      this.#events.record(active ? code + 1 : code, at);
      this.onDetected?.(name, !active, at);
    }
  }

  save() {
    return {
      active: [...this.#active],
      pending: [...this.#pending].map(([code, since]) => [code, since]),
      looked: this.#looked,
      changed: this.#changed,
    };
  }

  load(saved: ReturnType<Detectors['save']>): void {
    this.#active = new Set(saved.active);
    this.#pending = new Map(saved.pending.map(([code = 0, since = 0]) => [code, since]));
    this.#looked = saved.looked;
    this.#changed = saved.changed;
  }

  #persistence(code: number): Millis {
    const detector = this.#detectors.find((one) => one.code === code) as Detector;
    const { occurrence, restoration } = this.#detection[detector.name];
    return (this.#active.has(code) ? restoration : occurrence) * 1000;
  }

  /**
   * How often it must look although nothing is done to the meter: every minute where the load decides; every block where only proportions
   * decide, which are constant over a block; never where no event can follow.
   */
  #interval(): Millis | undefined {
    const { appliances, currents, voltages, forwardOnly, closed } = this.#timeline.current;
    const { load } = this.#supply;
    if (!closed) return undefined;
    if (appliances.length > 0) return MINUTE;
    const lowest = Math.min(...voltages.map((voltage) => (present(voltage) ? (voltage ?? 2_200) : 2_200)));
    const share = load.phases === 1 ? 1 : 0.4;
    const bound = (this.#rating.highest * this.#detection['over-current'].release) / 100;
    if ((load.peak * share * 10_000) / lowest > bound) return MINUTE;
    return currents.some((percent) => percent !== 100) || (load.exports && forwardOnly) ? BLOCK : undefined;
  }

  #measure(at: Millis): Measured {
    const conditions = this.#timeline.at(at);
    const flow = this.#supply.flowAt(at);
    const phases = conditions.voltages.map((_, phase) => phase);
    return {
      conditions,
      voltages: phases.map((phase) => this.#grid.voltage(at, phase)),
      currents: phases.map((phase) => this.#grid.current(at, phase)),
      neutral: this.#grid.neutralCurrent(at),
      flow,
      directions: this.#supply.directionsAt(at),
      rating: this.#rating,
      exports: this.#supply.load.exports,
    };
  }
}

function singlePhase(): Detector[] {
  return [
    { name: 'over-voltage', code: 7, test: overVoltage },
    { name: 'low-voltage', code: 9, test: lowVoltage },
    reverse(0),
    { name: 'over-current', code: 67, test: overCurrent },
    { name: 'earth-load', code: 69, test: earthLoad },
    ...common(),
    { name: 'single-wire', code: 207, test: ({ conditions }) => conditions.neutral === 'missing' },
  ];
}

function threePhase(ctOperated: boolean): Detector[] {
  const phases = [0, 1, 2];
  return [
    ...phases.map(
      (phase): Detector => ({
        name: 'phase-missing',
        code: PHASE_CODES.missing[phase] as number,
        test: ({ voltages }, bound) => percentOf(voltages[phase] as number, REFERENCE) < bound,
      }),
    ),
    { name: 'over-voltage', code: 7, test: overVoltage },
    { name: 'low-voltage', code: 9, test: lowVoltage },
    { name: 'voltage-unbalance', code: 11, test: voltageUnbalance },
    ...phases.map(reverse),
    ...(ctOperated ? phases.map(ctOpen) : []),
    { name: 'current-unbalance', code: 63, test: currentUnbalance },
    { name: 'bypass', code: 65, test: bypass },
    { name: 'over-current', code: 67, test: overCurrent },
    ...common(),
  ];
}

function common(): Detector[] {
  return [
    { name: 'magnet', code: 201, test: ({ conditions }) => conditions.magnet },
    { name: 'neutral-disturbance', code: 203, test: ({ conditions }) => conditions.neutral === 'disturbed' },
    { name: 'low-power-factor', code: 205, test: lowPowerFactor },
    // It has no restoration: the log of cover openings never forgets.
    { name: 'cover', code: 251, test: ({ conditions }) => conditions.coverOpen },
    { name: 'module-removed', code: 209, test: ({ conditions }) => conditions.moduleRemoved },
  ];
}

function percentOf(value: number, whole: number): number {
  return (value * 100) / whole;
}

function overVoltage({ voltages }: Measured, bound: number): boolean {
  return voltages.some((voltage) => percentOf(voltage, REFERENCE) > bound);
}

/** A phase that is there, but too low. */
function lowVoltage({ voltages, conditions }: Measured, bound: number): boolean {
  if (conditions.neutral === 'missing') return false;
  return voltages.some((voltage) => {
    const percent = percentOf(voltage, REFERENCE);
    return percent < bound && (voltages.length === 1 || percent >= 50);
  });
}

/** How far the phases are apart, in percent of their mean. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean === 0 ? 0 : percentOf(Math.max(...values) - Math.min(...values), mean);
}

function voltageUnbalance({ voltages, conditions }: Measured, bound: number): boolean {
  return conditions.voltages.every(present) && spread(voltages) > bound;
}

/** A meter that counts forward takes a current the wrong way round for tampering; one that nets takes it for export. */
function reverse(phase: number): Detector {
  return {
    name: 'reverse-current',
    code: PHASE_CODES.reverse[phase] as number,
    test: ({ conditions, currents, directions, rating }, bound) =>
      conditions.forwardOnly &&
      (directions[phase] as number) < 0 &&
      percentOf(currents[phase] as number, rating.basic) > bound,
  };
}

/** No current in one phase while the others carry some. */
function ctOpen(phase: number): Detector {
  return {
    name: 'ct-open',
    code: PHASE_CODES.open[phase] as number,
    test: ({ conditions, currents, rating }, bound) =>
      present(conditions.voltages[phase]) &&
      currents[phase] === 0 &&
      currents.some((current) => percentOf(current, rating.basic) > bound),
  };
}

function currentUnbalance({ conditions, currents }: Measured, bound: number): boolean {
  return conditions.voltages.every(present) && currents.every((current) => current > 0) && spread(currents) > bound;
}

/** The neutral carries current that the current circuit of a phase does not see. */
function bypass({ conditions, currents, neutral, rating }: Measured, bound: number): boolean {
  const [a = 0, b = 0, c = 0] = currents;
  if (conditions.neutral === 'missing' || a * b * c === 0) return false;
  const expected = Math.sqrt(Math.max(0, a * a + b * b + c * c - a * b - b * c - c * a));
  return percentOf(Math.abs(neutral - expected), rating.basic) > bound;
}

function overCurrent({ currents, rating }: Measured, bound: number): boolean {
  return currents.some((current) => percentOf(current, rating.highest) > bound);
}

function earthLoad({ conditions, currents, neutral }: Measured, bound: number): boolean {
  return conditions.neutral !== 'missing' && Math.abs((currents[0] as number) - neutral) > bound;
}

/** Not with a solar roof, whose net power passes through every power factor twice a day. */
function lowPowerFactor({ flow, currents, rating, exports }: Measured, bound: number): boolean {
  if (exports || flow.apparent === 0) return false;
  const judged = currents.some((current) => percentOf(current, rating.basic) > JUDGED);
  return judged && percentOf(Math.abs(flow.active), flow.apparent) < bound;
}
