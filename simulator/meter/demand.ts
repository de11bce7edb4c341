import type { Millis } from '../../src/base/clock.js';
import { ZONES } from './calendar.js';
import { captures } from './captures.js';
import type { Supply } from './supply.js';
import type { MeterTime } from './time.js';
import type { ZoneRegisters } from './zones.js';

/** A maximum demand in W or VA, and the end of the interval in which it occurred. */
export interface Maximum {
  readonly value: number;
  readonly at: Millis | undefined;
}

export const DEMAND_KINDS = ['activeImport', 'apparentImport', 'activeExport', 'apparentExport'] as const;
export type DemandKind = (typeof DEMAND_KINDS)[number];

/** Maxima by kind and time zone; index 0 is the total. */
type Maxima = Readonly<Record<DemandKind, readonly Maximum[]>>;

const NONE: Maximum = { value: 0, at: undefined };

/** A demand integration period, and the time from which it applies. */
interface Integration {
  readonly from: Millis;
  readonly seconds: number;
}

interface Saved {
  readonly integrations: readonly (readonly [from: Millis, seconds: number])[];
  readonly resets: Readonly<Record<string, readonly Millis[]>>;
}

/** What was found from a start on: the time up to which it was computed, and the maxima up to there. */
interface Found {
  readonly upTo: Millis;
  readonly maxima: Maxima;
}

/** Maximum demand: the largest average of the demand integration periods between two moments. */
export class Demand {
  readonly #supply: Supply;
  readonly #time: MeterTime;
  readonly #zones: ZoneRegisters;
  /** Demand integration periods, each with the time from which it applies: the past keeps the one that was used then. */
  #integrations: readonly Integration[] = [{ from: 0, seconds: 1800 }];
  readonly #found = new Map<Millis, Found>();
  /** When the maxima were reset by the method of their own register, in order. */
  readonly #resets: Record<DemandKind, readonly Millis[]> = {
    activeImport: [],
    apparentImport: [],
    activeExport: [],
    apparentExport: [],
  };

  constructor(supply: Supply, time: MeterTime, zones: ZoneRegisters) {
    this.#supply = supply;
    this.#time = time;
    this.#zones = zones;
  }

  /** Demand integration period in seconds. */
  get period(): number {
    return (this.#integrations.at(-1) as Integration).seconds;
  }

  /** Sets the demand integration period from now on. The part of the current period that has passed is not counted. */
  setPeriod(seconds: number, now: Millis): void {
    this.#integrations = [...this.#integrations.filter(({ from }) => from < now), { from: now, seconds }];
  }

  /** Resets the maximum of a kind. */
  reset(kind: DemandKind, now: Millis): void {
    this.#resets[kind] = [...this.#resets[kind], now];
  }

  save(): Saved {
    return {
      integrations: this.#integrations.map(({ from, seconds }) => [from, seconds]),
      resets: { ...this.#resets },
    };
  }

  load({ integrations, resets }: Saved): void {
    this.#integrations = integrations.map(([from, seconds]) => ({ from, seconds }));
    this.#found.clear();
    for (const kind of DEMAND_KINDS) this.#resets[kind] = resets[kind] ?? [];
  }

  /**
   * The maximum over the whole integration periods after `from`, or after its reset if that was later, up to `to`.
   * @param zone the time zone; 0 is the total. A period counts for the time zone in which it begins.
   */
  maximum(kind: DemandKind, zone: number, from: Millis, to: Millis): Maximum {
    const reset = this.#resets[kind].findLast((at) => at > from && at <= to);
    return this.#between(reset ?? from, to)[kind][zone] ?? NONE;
  }

  #between(from: Millis, to: Millis): Maxima {
    const known = this.#found.get(from);
    if (known !== undefined && known.upTo === to) return known.maxima;
    const start = known !== undefined && known.upTo < to ? known : undefined;
    const maxima = copyOf(start?.maxima);
    let last = start?.upTo ?? from;
    for (const { begin, end, seconds } of this.#integratedBetween(last, to)) {
      const moments = captures(this.#time, seconds, begin, end, Number.POSITIVE_INFINITY);
      for (let i = 0; i < moments.length; i++) {
        const at = moments.at(i);
        // Where the clock was set, a period is shorter: what the one before counted is not counted again.
        this.#add(maxima, Math.max(at - seconds * 1000, begin, last), at, seconds);
        last = at;
      }
    }
    // The next search starts at the last whole period.
    this.#found.set(from, { upTo: last, maxima });
    return maxima;
  }

  /** Splits a time into parts that were measured by one integration period each. */
  #integratedBetween(from: Millis, to: Millis) {
    return this.#integrations
      .map(({ from: since, seconds }, i) => ({
        begin: Math.max(from, since),
        end: Math.min(to, this.#integrations[i + 1]?.from ?? to),
        seconds,
      }))
      .filter(({ begin, end }) => begin < end);
  }

  #add(maxima: Readonly<Record<DemandKind, Maximum[]>>, from: Millis, at: Millis, seconds: number): void {
    const before = this.#supply.energiesAt(from);
    const after = this.#supply.energiesAt(at);
    const zone = this.#zones.zoneAt(from);
    for (const kind of DEMAND_KINDS) {
      const value = average(before[kind], after[kind], seconds);
      if (value === 0) continue;
      const list = maxima[kind];
      if (value > (list[0] as Maximum).value) list[0] = { value, at };
      if (value > (list[zone] as Maximum).value) list[zone] = { value, at };
    }
  }
}

/** The average power from whole Wh, as the block load profile has it. */
function average(from: number, to: number, seconds: number): number {
  const wattHours = Math.floor(to / 3600) - Math.floor(from / 3600);
  return Math.round((wattHours * 3600) / seconds);
}

function copyOf(maxima: Maxima | undefined): Record<DemandKind, Maximum[]> {
  const list = (kind: DemandKind) => maxima?.[kind].slice() ?? new Array<Maximum>(ZONES + 1).fill(NONE);
  return {
    activeImport: list('activeImport'),
    apparentImport: list('apparentImport'),
    activeExport: list('activeExport'),
    apparentExport: list('apparentExport'),
  };
}
