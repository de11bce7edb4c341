import type { Millis } from '../../src/base/clock.js';
import { ZONES } from './calendar.js';
import { captures } from './captures.js';
import type { Supply } from './supply.js';
import type { MeterTime } from './time.js';
import type { ZoneRegisters } from './zones.js';

/** A maximum demand: W or VA, and the end of the interval in which it was. */
export interface Maximum {
  readonly value: number;
  readonly at: Millis | undefined;
}

export const DEMAND_KINDS = ['activeImport', 'apparentImport', 'activeExport', 'apparentExport'] as const;
export type DemandKind = (typeof DEMAND_KINDS)[number];

/** Maxima by kind and time zone; index 0 is the total. */
type Maxima = Readonly<Record<DemandKind, readonly Maximum[]>>;

const NONE: Maximum = { value: 0, at: undefined };

/** What was found from a beginning on: how far it was looked, and the maxima up to there. */
interface Found {
  readonly upTo: Millis;
  readonly maxima: Maxima;
}

/** Maximum demand: the largest average of the demand integration periods between two moments. */
export class Demand {
  readonly #supply: Supply;
  readonly #time: MeterTime;
  readonly #zones: ZoneRegisters;
  /** Demand integration period in seconds. */
  period = 1800;
  readonly #found = new Map<Millis, Found>();
  /** When maxima were reset by their own method. */
  readonly #resets: Record<DemandKind, Millis> = {
    activeImport: 0,
    apparentImport: 0,
    activeExport: 0,
    apparentExport: 0,
  };

  constructor(supply: Supply, time: MeterTime, zones: ZoneRegisters) {
    this.#supply = supply;
    this.#time = time;
    this.#zones = zones;
  }

  /** Forgets what was found: the period changed. */
  restart(period: number): void {
    this.period = period;
    this.#found.clear();
  }

  /** The maximum of a kind starts anew. */
  reset(kind: DemandKind, now: Millis): void {
    this.#resets[kind] = now;
  }

  save(): { readonly period: number; readonly resets: Readonly<Record<string, Millis>> } {
    return { period: this.period, resets: { ...this.#resets } };
  }

  load({ period, resets }: { readonly period: number; readonly resets: Readonly<Record<string, Millis>> }): void {
    this.restart(period);
    for (const kind of DEMAND_KINDS) this.#resets[kind] = resets[kind] ?? 0;
  }

  /**
   * The maximum of the whole integration periods after `from`, or after its reset since then, up to `to`.
   * @param zone 0 is the total. A period counts for the time zone in which it begins.
   */
  maximum(kind: DemandKind, zone: number, from: Millis, to: Millis): Maximum {
    const reset = this.#resets[kind];
    const since = reset > from && reset <= to ? reset : from;
    return this.#between(since, to)[kind][zone] ?? NONE;
  }

  #between(from: Millis, to: Millis): Maxima {
    const known = this.#found.get(from);
    if (known !== undefined && known.upTo === to) return known.maxima;
    const start = known !== undefined && known.upTo < to ? known : undefined;
    const moments = captures(this.#time, this.period, start?.upTo ?? from, to, Number.POSITIVE_INFINITY);
    if (moments.length === 0 && start !== undefined) return start.maxima;
    const maxima = copyOf(start?.maxima);
    let last = start?.upTo ?? from;
    for (let i = 0; i < moments.length; i++) {
      last = moments.at(i);
      this.#add(maxima, Math.max(last - this.period * 1000, from), last);
    }
    // What comes next starts at the last whole period.
    this.#found.set(from, { upTo: last, maxima });
    return maxima;
  }

  #add(maxima: Readonly<Record<DemandKind, Maximum[]>>, from: Millis, at: Millis): void {
    const before = this.#supply.energiesAt(from);
    const after = this.#supply.energiesAt(at);
    const zone = this.#zones.zoneAt(from);
    for (const kind of DEMAND_KINDS) {
      const value = this.#average(before[kind], after[kind]);
      if (value === 0) continue;
      const list = maxima[kind];
      if (value > (list[0] as Maximum).value) list[0] = { value, at };
      if (value > (list[zone] as Maximum).value) list[zone] = { value, at };
    }
  }

  /** In whole Wh, as the block load profile has them. */
  #average(from: number, to: number): number {
    const wattHours = Math.floor(to / 3600) - Math.floor(from / 3600);
    return Math.round((wattHours * 3600) / this.period);
  }
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
