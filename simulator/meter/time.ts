import type { Clock, Millis } from '../../src/base/clock.js';
import { CosemDateTime, daysInMonth } from '../../src/codec/datetime.js';

/** India: UTC = local + deviation. */
export const IST_DEVIATION = -330;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/**
 * The meter's own clock, on top of the injected one. It can be set, and what was captured before keeps its time stamp. `wall` is the local
 * time that it shows, in milliseconds as if that were UTC.
 */
export class MeterTime {
  readonly #clock: Clock;
  /** The differences between local and true time, with the time from which each applies, in order. */
  readonly #settings: { readonly from: Millis; readonly shift: Millis }[] = [
    { from: Number.NEGATIVE_INFINITY, shift: -IST_DEVIATION * MINUTE },
  ];
  /** Deviation in minutes, UTC = local + deviation, as date-times carry it. */
  deviation = IST_DEVIATION;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Millis {
    return this.#clock.now();
  }

  /** The local time at a moment; at the moment of setting it is already the new time. */
  wall(at: Millis): Millis {
    return at + this.#shiftAt(at);
  }

  /** The true time at which this clock shows a local time, by the setting that applies at `near`. */
  trueTime(wall: Millis, near: Millis): Millis {
    return wall - this.#shiftAt(near);
  }

  /** Sets the clock: it shows `wall` now. */
  set(wall: Millis, now: Millis): void {
    this.#settings.push({ from: now, shift: wall - now });
  }

  /** The date-time for something captured at a moment. What was captured at the very moment of setting gets the time before. */
  stamp(at: Millis): CosemDateTime {
    return this.dated(at + this.#setting(at < this.#clock.now() ? at - 1 : at).shift);
  }

  /** A wall time as a date-time. */
  dated(wall: Millis): CosemDateTime {
    return CosemDateTime.fromDate(new Date(wall + this.deviation * MINUTE), this.deviation);
  }

  /** All settings but the initial one. */
  save() {
    return { deviation: this.deviation, settings: this.#settings.slice(1).map(({ from, shift }) => [from, shift]) };
  }

  load({ deviation, settings }: ReturnType<MeterTime['save']>): void {
    this.deviation = deviation;
    this.#settings.length = 1;
    for (const [from, shift] of settings) this.#settings.push({ from: from as Millis, shift: shift as Millis });
  }

  /** When the clock was last set before `at`: rows and zones are counted from there. */
  settingBefore(at: Millis): Millis {
    return this.#setting(at).from;
  }

  /** When the clock was next set after `at`. */
  settingAfter(at: Millis): Millis {
    return this.#settings.find((setting) => setting.from > at)?.from ?? Number.POSITIVE_INFINITY;
  }

  #shiftAt(at: Millis): Millis {
    return this.#setting(at).shift;
  }

  #setting(at: Millis): { readonly from: Millis; readonly shift: Millis } {
    for (let i = this.#settings.length - 1; i > 0; i--) {
      const setting = this.#settings[i];
      if (setting !== undefined && setting.from <= at) return setting;
    }
    return this.#settings[0] as { from: Millis; shift: Millis };
  }
}

/** Local midnight at or before a wall time. */
export function midnight(wall: Millis): Millis {
  return Math.floor(wall / DAY) * DAY;
}

/** The first of the month of a wall time, shifted by months. */
export function monthStart(wall: Millis, months = 0): Millis {
  const date = new Date(wall);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** The latest moment at or before a local time that has this day of month and this time of day. */
export function lastDayOfMonth(wall: Millis, day: number, timeOfDay: Millis): Millis {
  for (let back = 0; back < 3; back++) {
    const month = monthStart(wall, -back);
    const date = new Date(month);
    const existing = Math.min(day, daysInMonth(date.getUTCFullYear(), date.getUTCMonth() + 1));
    const moment = month + (existing - 1) * DAY + timeOfDay;
    if (moment <= wall) return moment;
  }
  return monthStart(wall);
}
