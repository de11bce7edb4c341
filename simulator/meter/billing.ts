import type { Millis } from '../../src/base/clock.js';
import { CosemDate, CosemTime } from '../../src/codec/datetime.js';
import { DAY, midnight } from './time.js';
import type { ValueMoment } from './values.js';

/** A moment of a single action schedule, with wildcards. */
export interface ExecutionTime {
  readonly time: CosemTime;
  readonly date: CosemDate;
}

/** The first of every month at midnight. */
export const MONTHLY: readonly ExecutionTime[] = [
  {
    time: new CosemTime({ hour: 0, minute: 0, second: 0, hundredths: 0 }),
    date: new CosemDate({ dayOfMonth: 1 }),
  },
];

const HORIZON = 400;
const OPEN = 0xff;
const LAST_DAY = 0xfe;
const SECOND_LAST_DAY = 0xfd;

/** The next local time after `wall` at which the schedule falls due; undefined when there is none within 400 days. */
export function nextExecution(times: readonly ExecutionTime[], wall: Millis): Millis | undefined {
  if (times.length === 0) return undefined;
  const today = midnight(wall);
  for (let i = 0; i <= HORIZON; i++) {
    const day = today + i * DAY;
    let best: Millis | undefined;
    for (const { time, date } of times) {
      if (!falls(date, day)) continue;
      const moment = firstOf(time, day, wall);
      if (moment !== undefined && (best === undefined || moment < best)) best = moment;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** Whether a date with wildcards covers this day, which is given by its local midnight. */
export function falls(date: CosemDate, day: Millis): boolean {
  const actual = new Date(day);
  const tomorrow = new Date(day + DAY);
  const dayAfter = new Date(day + 2 * DAY);
  if (date.year !== 0xffff && date.year !== actual.getUTCFullYear()) return false;
  if (date.month !== OPEN && date.month !== actual.getUTCMonth() + 1) return false;
  if (date.dayOfWeek !== OPEN && date.dayOfWeek !== ((actual.getUTCDay() + 6) % 7) + 1) return false;
  if (date.dayOfMonth === LAST_DAY) return tomorrow.getUTCDate() === 1;
  if (date.dayOfMonth === SECOND_LAST_DAY) return dayAfter.getUTCDate() === 1;
  return date.dayOfMonth === OPEN || date.dayOfMonth === actual.getUTCDate();
}

/** The first due moment of a day after `wall`. A wildcard in hour, minute or second stands for each one. */
function firstOf(time: CosemTime, day: Millis, wall: Millis): Millis | undefined {
  const after = Math.max(0, Math.floor((wall - day) / 1000) + 1);
  const hours = time.hour === OPEN ? range(Math.min(23, Math.floor(after / 3600)), 23) : [time.hour];
  for (const hour of hours) {
    const inHour = Math.max(0, after - hour * 3600);
    const minutes = time.minute === OPEN ? range(Math.min(59, Math.floor(inHour / 60)), 59) : [time.minute];
    for (const minute of minutes) {
      const inMinute = Math.max(0, inHour - minute * 60);
      const second = time.second === OPEN ? Math.min(59, inMinute) : time.second;
      const moment = hour * 3600 + minute * 60 + second;
      if (moment >= after) return day + moment * 1000;
    }
  }
  return undefined;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** The end of a billing period. */
interface PeriodEnd {
  readonly at: Millis;
  /** The date it carries, as local time. After an outage, or when the clock was set past the date, the period ends later than that. */
  readonly wall: Millis;
}

/** The ends of billing periods, made by the calendar or by an MD reset. The rows of the billing profile are computed from them. */
export class BillingPeriods {
  readonly #ends: PeriodEnd[] = [];
  readonly #installed: Millis;

  constructor(installed: Millis) {
    this.#installed = installed;
  }

  end(at: Millis, wall: Millis): void {
    if (this.#ends.at(-1)?.at !== at) this.#ends.push({ at, wall });
  }

  get count(): number {
    return this.#ends.length;
  }

  get last(): PeriodEnd | undefined {
    return this.#ends.at(-1);
  }

  /** The date of the period that ended at this very moment. */
  wallOf(at: Millis): Millis | undefined {
    return this.#ends.findLast((end) => end.at === at)?.wall;
  }

  save(): (readonly [at: Millis, wall: Millis])[] {
    return this.#ends.map(({ at, wall }) => [at, wall]);
  }

  load(ends: ReturnType<BillingPeriods['save']>): void {
    this.#ends.splice(0, this.#ends.length, ...ends.map(([at, wall]) => ({ at, wall })));
  }

  /**
   * The beginning of the period that a moment belongs to. At the very end of a period, the row that closes it still belongs to that period,
   * while somebody who reads a register already sees the next one: see {@link ValueMoment}.
   */
  startFor({ at, since }: ValueMoment): Millis {
    return this.startOf(at === since ? at + 1 : at);
  }

  startOf(at: Millis): Millis {
    for (let i = this.#ends.length - 1; i >= 0; i--) {
      const end = this.#ends[i] as PeriodEnd;
      if (end.at < at) return end.at;
    }
    return this.#installed;
  }

  /** The newest ends after `since`, the oldest first. */
  newest(limit: number, since: Millis): readonly Millis[] {
    const kept = this.#ends.filter((end) => end.at > since).map(({ at }) => at);
    return kept.slice(Math.max(0, kept.length - limit));
  }
}
