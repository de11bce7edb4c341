import type { Millis } from '../../src/base/clock.js';
import { type Calendar, calendarOctets, calendarOf, factoryCalendar, ZONES, zoneAt } from './calendar.js';
import type { Supply } from './supply.js';
import type { MeterTime } from './time.js';

/** Imported Wh and VAh by time zone; index 0 is unused. The zones add up exactly to the register of the total. */
export interface ZoneEnergies {
  readonly at: Millis;
  readonly active: readonly number[];
  readonly apparent: readonly number[];
}

/** After this many days the sum is kept. */
const KEEP_EVERY = 30 * 86_400_000;

/**
 * Registers by time zone. The total is divided by the calendar that applied at each time. Sums are made when they are asked for and kept
 * month by month.
 */
export class ZoneRegisters {
  readonly #supply: Supply;
  readonly #time: MeterTime;
  readonly #kept: ZoneEnergies[];
  /** The calendars, with the time from which each applied. */
  readonly #calendars: { readonly from: Millis; readonly calendar: Calendar }[] = [
    { from: Number.NEGATIVE_INFINITY, calendar: factoryCalendar },
  ];

  constructor(supply: Supply, time: MeterTime) {
    this.#supply = supply;
    this.#time = time;
    const nothing = new Array<number>(ZONES + 1).fill(0);
    this.#kept = [{ at: supply.installed, active: nothing, apparent: nothing }];
  }

  get calendar(): Calendar {
    return (this.#calendars.at(-1) as { calendar: Calendar }).calendar;
  }

  /** Activates another calendar from now on. */
  activate(calendar: Calendar, at: Millis): void {
    this.#calendars.push({ from: at, calendar });
  }

  /** Calendars that were activated. */
  save() {
    return this.#calendars.slice(1).map(({ from, calendar }) => ({ from, calendar: calendarOctets(calendar) }));
  }

  load(saved: ReturnType<ZoneRegisters['save']>): void {
    this.#calendars.length = 1;
    this.#kept.length = 1;
    for (const { from, calendar } of saved) this.#calendars.push({ from, calendar: calendarOf(calendar) });
  }

  at(at: Millis): ZoneEnergies {
    let index = this.#kept.length - 1;
    while (index > 0 && (this.#kept[index] as ZoneEnergies).at > at) index--;
    let sums = this.#kept[index] as ZoneEnergies;
    while (index === this.#kept.length - 1 && at - sums.at > KEEP_EVERY) {
      sums = this.#count(sums, sums.at + KEEP_EVERY);
      this.#kept.push(sums);
      index++;
    }
    return sums.at >= at ? sums : this.#count(sums, at);
  }

  #count(from: ZoneEnergies, to: Millis): ZoneEnergies {
    const active = [...from.active];
    const apparent = [...from.apparent];
    let cursor = from.at;
    let [lastActive, lastApparent] = this.#totals(cursor);
    while (cursor < to) {
      const { zone, until } = this.#zoneAt(cursor);
      cursor = Math.min(until, to);
      const [nextActive, nextApparent] = this.#totals(cursor);
      active[zone] = (active[zone] ?? 0) + nextActive - lastActive;
      apparent[zone] = (apparent[zone] ?? 0) + nextApparent - lastApparent;
      lastActive = nextActive;
      lastApparent = nextApparent;
    }
    return { at: to, active, apparent };
  }

  /** The time zone from a moment on. */
  zoneAt(at: Millis): number {
    return this.#zoneAt(at).zone;
  }

  /** The zone at a moment and when it can change: by the calendar, by another calendar, by setting the clock. */
  #zoneAt(at: Millis): { readonly zone: number; readonly until: Millis } {
    let index = this.#calendars.length - 1;
    while (index > 0 && (this.#calendars[index] as { from: Millis }).from > at) index--;
    const { calendar } = this.#calendars[index] as { calendar: Calendar };
    const { zone, until } = zoneAt(calendar, this.#time.wall(at));
    const next = this.#calendars[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return { zone, until: Math.min(this.#time.trueTime(until, at), next, this.#time.settingAfter(at)) };
  }

  #totals(at: Millis): readonly [active: number, apparent: number] {
    const { activeImport, apparentImport } = this.#supply.energiesAt(at);
    return [Math.floor(activeImport / 3600), Math.floor(apparentImport / 3600)];
  }
}
