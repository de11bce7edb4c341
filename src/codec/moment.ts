import { StateError } from '../base/errors.js';
import { CosemDateTime } from './datetime.js';

const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * A moment as people write it: `2026-11-23`, `2026-11-23 14:05`, `2026-11-23T14:05:00+05:30`. Without an offset it is the meter's local
 * time. A day alone is its first or its last second.
 *
 * ```ts
 * const from = parseMoment('2026-11-23', 'the first day', 'begin');
 * ```
 * @param what what it is, for the error.
 * @returns a Date where an offset stands there, and else the meter's local time.
 * @throws StateError for what is no date, or a day or time that there is not.
 */
export function parseMoment(text: string, what: string, dayMeans: 'begin' | 'end'): CosemDateTime | Date {
  const match = FORM.exec(text.trim());
  const [, year, month, day, hour, minute, second = '00', offset] = match ?? [];
  if (match === null) {
    throw new StateError(`${what} '${text}' is no date`, {
      hint: "write 2026-11-23, or '2026-11-23 14:05:00', or with an offset +05:30",
    });
  }
  const last = hour === undefined && dayMeans === 'end';
  const time = new CosemDateTime({
    year: Number(year),
    month: Number(month),
    dayOfMonth: Number(day),
    hour: last ? 23 : Number(hour ?? 0),
    minute: last ? 59 : Number(minute ?? 0),
    second: last ? 59 : Number(second),
    hundredths: 0,
  });
  if (!time.isSpecified()) throw new StateError(`${what} '${text}' is a day or time that there is not`);
  if (offset === undefined) return time;
  return time.with({ deviation: -minutesOf(offset) }).toDate() ?? time;
}

/** A moment relative to now, which is resolved once the local time is known. */
export type RelativeMoment = (now: CosemDateTime) => CosemDateTime;

const RELATIVE = /^(?:-(\d{1,5})\s*(min|m|h|d|w)|(\d{1,5})\s+(minute|hour|day|week|month)s?\s+ago)$/i;
const SHORT = { m: 'minute', min: 'minute', h: 'hour', d: 'day', w: 'week' } as const;
/** Of the units that move a moment; the others move a day. */
const MILLIS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000 };
const DAYS: Readonly<Record<string, number>> = { day: 1, week: 7 };

/**
 * As {@link parseMoment}, with the words that people use too: `now`, `today`, `yesterday`, `7 days ago`, `-7d`, `-12h`. Days, weeks and
 * months mean a whole day, its first or its last second; minutes and hours a moment.
 * @throws StateError as {@link parseMoment}.
 */
export function parseMomentOrWords(
  text: string,
  what: string,
  dayMeans: 'begin' | 'end',
): CosemDateTime | Date | RelativeMoment {
  const words = text.trim().toLowerCase();
  if (words === 'now') return (now) => shifted(now, (at) => at);
  if (words === 'today') return (now) => daysAgo(now, 0, dayMeans);
  if (words === 'yesterday') return (now) => daysAgo(now, 1, dayMeans);
  const [, short, letter, long, word] = RELATIVE.exec(words) ?? [];
  const unit = letter === undefined ? word : SHORT[letter as keyof typeof SHORT];
  if (unit === undefined) {
    if (FORM.test(text.trim())) return parseMoment(text, what, dayMeans);
    throw new StateError(`${what} '${text}' is no date`, {
      hint: "write 2026-11-23, or '2026-11-23 14:05:00', or with an offset +05:30; or now, today, yesterday, '7 days ago', -7d, -12h",
    });
  }
  const amount = Number(short ?? long);
  const millis = MILLIS[unit];
  if (millis !== undefined) return (now) => shifted(now, (at) => at - amount * millis);
  const days = DAYS[unit];
  return (now) => (days === undefined ? monthsAgo(now, amount, dayMeans) : daysAgo(now, amount * days, dayMeans));
}

/** Shifts local time, which the meter writes into its rows. */
function shifted(now: CosemDateTime, move: (wall: number) => number): CosemDateTime {
  const at = new Date(move(wallOf(now)));
  return new CosemDateTime({
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    dayOfMonth: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    hundredths: 0,
  });
}

/** @internal Local time in milliseconds as if it were UTC. A leap second is the one before it. */
export function wallOf({ year, month, dayOfMonth, hour, minute, second }: CosemDateTime): number {
  return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second > 59 ? 0 : second);
}

const DAY = 86_400_000;

function daysAgo(now: CosemDateTime, days: number, dayMeans: 'begin' | 'end'): CosemDateTime {
  return shifted(now, (at) => Math.floor(at / DAY - days) * DAY + (dayMeans === 'end' ? DAY - 1000 : 0));
}

/** The same day of an earlier month, its last where it has no such day. */
function monthsAgo(now: CosemDateTime, months: number, dayMeans: 'begin' | 'end'): CosemDateTime {
  const last = new Date(Date.UTC(now.year, now.month - months, 0));
  const day = Math.min(now.dayOfMonth, last.getUTCDate());
  return daysAgo(
    now.with({ year: last.getUTCFullYear(), month: last.getUTCMonth() + 1, dayOfMonth: day }),
    0,
    dayMeans,
  );
}

/** `+05:30` in minutes. */
function minutesOf(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const digits = offset.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return offset.startsWith('-') ? -minutes : minutes;
}
