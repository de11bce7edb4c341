import type { Millis } from '../../src/base/clock.js';

/** An appliance that draws constant power in addition to the household. */
export interface Appliance {
  readonly name: string;
  readonly watts: number;
  /** Signed var: negative is leading. */
  readonly vars: number;
  /** 0 to 2. */
  readonly phase: number;
}

export type NeutralState = 'sound' | 'missing' | 'disturbed';

/** Everything that is done to a meter from outside, at one moment. It lasts until it is changed. */
export interface Conditions {
  /** Voltage of each phase in tenths of a volt; null leaves it to the grid, 0 is a missing phase. */
  readonly voltages: readonly (number | null)[];
  /** Percent of the current of each phase that the meter sees: 0 is an open current circuit, 40 a bypass, -100 a turned one. */
  readonly currents: readonly number[];
  readonly appliances: readonly Appliance[];
  /** Whether the household itself draws anything. */
  readonly household: boolean;
  /** Milliamperes of the first phase that return through earth instead of the neutral. */
  readonly earthLoad: number;
  readonly neutral: NeutralState;
  /** Frequency in hundredths of a hertz; null leaves it to the grid. */
  readonly frequency: number | null;
  readonly magnet: boolean;
  readonly coverOpen: boolean;
  readonly moduleRemoved: boolean;
  /** Whether the contacts of the relay are closed. */
  readonly closed: boolean;
  /** The meter counts all energy as import, whatever its direction (metering mode 0). */
  readonly forwardOnly: boolean;
}

/** A meter is off when all phases are below this, in tenths of a volt. */
const LOWEST_SUPPLY = 800;

export function usualConditions(phases: number, forwardOnly: boolean): Conditions {
  return {
    voltages: new Array<null>(phases).fill(null),
    currents: new Array<number>(phases).fill(100),
    appliances: [],
    household: true,
    earthLoad: 0,
    neutral: 'sound',
    frequency: null,
    magnet: false,
    coverOpen: false,
    moduleRemoved: false,
    closed: true,
    forwardOnly,
  };
}

/** Whether a phase has voltage. */
export function present(voltage: number | null | undefined): boolean {
  return voltage === null || voltage === undefined || voltage >= LOWEST_SUPPLY;
}

/** Whether the meter has supply: one phase is enough. */
export function powered({ voltages }: Conditions): boolean {
  return voltages.some(present);
}

/** A time without supply; `to` is undefined while it lasts. */
export interface Outage {
  readonly from: Millis;
  to: Millis | undefined;
}

/** Conditions that apply from a moment on. */
export interface Change {
  readonly at: Millis;
  readonly conditions: Conditions;
}

/** The conditions of a meter from its installation on, changes in the order of time. */
export class Timeline {
  #changes: Change[];
  #outages: Outage[] = [];

  constructor(from: Millis, conditions: Conditions) {
    this.#changes = [{ at: from, conditions }];
  }

  /** The conditions that apply since the last change. */
  get current(): Conditions {
    return (this.#changes.at(-1) as Change).conditions;
  }

  /** Times without supply, in order. */
  get outages(): readonly Outage[] {
    return this.#outages;
  }

  /** Changes some of the conditions and returns all that apply from then on. Calls must come in the order of time. */
  change(patch: Partial<Conditions>, at: Millis): Conditions {
    const conditions = { ...this.current, ...patch };
    const last = this.#changes.at(-1) as Change;
    if (last.at === at) this.#changes.pop();
    this.#changes.push({ at, conditions });
    this.#keepOutage(powered(conditions), at);
    return conditions;
  }

  at(at: Millis): Conditions {
    return (this.#changes[this.#indexAt(at)] as Change).conditions;
  }

  /** When the conditions change next after a moment. */
  after(at: Millis): Millis | undefined {
    const change = this.#changes[this.#indexAt(at) + 1];
    return change !== undefined && change.at > at ? change.at : undefined;
  }

  /** The changes after a moment. */
  since(at: Millis): readonly Change[] {
    return this.#changes.filter((change) => change.at > at);
  }

  /** Forgets the changes after a moment. */
  forget(at: Millis): void {
    this.#changes = this.#changes.filter((change, index) => index === 0 || change.at <= at);
    this.#outages = this.#outages.filter((outage) => outage.from <= at);
    const last = this.#outages.at(-1);
    if (last?.to !== undefined && last.to > at) last.to = undefined;
  }

  #keepOutage(on: boolean, at: Millis): void {
    const last = this.#outages.at(-1);
    const off = last !== undefined && last.to === undefined;
    if (on && off) last.to = at;
    if (!on && !off) this.#outages.push({ from: at, to: undefined });
  }

  /** Index of the last change at or before a moment; for an earlier moment that of the first change. */
  #indexAt(at: Millis): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Change).at <= at) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** The outages that touch a stretch of time, in order. */
export function outagesWithin(outages: readonly Outage[], from: Millis, to: Millis): readonly Outage[] {
  let low = 0;
  let high = outages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (((outages[middle] as Outage).to ?? Number.POSITIVE_INFINITY) <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < outages.length && (outages[end] as Outage).from < to) end++;
  return outages.slice(low, end);
}
