/*
 * What the fields of date, time and date-time (IEC 62056-6-2 clause 4.1.6.1) mean: which are possible, which moment they are, how they
 * are shown. The classes made of them are in datetime.ts.
 */

/** "Not specified" of year. */
export const YEAR_UNSPECIFIED = 0xffff;
/** "Not specified" of month, day, weekday, hour, minute, second, hundredths and clock status. */
export const UNSPECIFIED = 0xff;
/** "Not specified" of the deviation: 0x8000 on the wire. */
export const DEVIATION_UNSPECIFIED = -0x8000;

/** In place of a month: the one in which daylight saving ends. */
export const MONTH_DST_END = 0xfd;
/** In place of a month: the one in which daylight saving begins. */
export const MONTH_DST_BEGIN = 0xfe;
/** In place of a day: the second last day of the month. */
export const DAY_SECOND_LAST = 0xfd;
/** In place of a day: the last day of the month. */
export const DAY_LAST = 0xfe;

/** Bits of the clock status (IEC 62056-6-2 clause 4.1.6.1). */
export const CLOCK_STATUS = {
  /** The time is wrong: after a power failure it could not be restored. */
  invalidValue: 0x01,
  /** The time may be wrong: after a power failure it was restored, but nobody knows how well. */
  doubtfulValue: 0x02,
  /** The clock goes by another time base than `clockBase` says. */
  differentClockBase: 0x04,
  /** The clock status itself is not valid. */
  invalidClockStatus: 0x08,
  /** The time is daylight saving time. */
  daylightSavingActive: 0x80,
} as const;

/** Fields of a `CosemDate`, as the numbers of the wire. */
export interface DateFields {
  /** 0xFFFF: not specified. */
  readonly year: number;
  /** 1-12; 0xFD daylight savings end, 0xFE daylight savings begin, 0xFF not specified. */
  readonly month: number;
  /** 1-31; 0xFD second last, 0xFE last day of the month, 0xFF not specified. */
  readonly dayOfMonth: number;
  /** 1 Monday ... 7 Sunday; 0xFF not specified. */
  readonly dayOfWeek: number;
}

/** Fields of a `CosemTime`; 0xFF: not specified. */
export interface TimeFields {
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** 0 to 59. */
  readonly second: number;
  /** Hundredths of a second. */
  readonly hundredths: number;
}

/** Fields of a `CosemDateTime`. */
export interface DateTimeFields extends DateFields, TimeFields {
  /** Minutes, UTC = local + deviation: India is -330. -32768: not specified. */
  readonly deviation: number;
  /** Bits of {@link CLOCK_STATUS}; 0xFF: not specified. */
  readonly status: number;
}

/**
 * What `CosemDateTime.fromBytes(...).toMillis(assumedDeviation)` gives of the twelve octets at an offset, NaN for undefined, but without
 * an object on the way: for columns of many.
 */
export function millisAt(bytes: Uint8Array, at: number, assumedDeviation?: number): number {
  const deviation = (((bytes[at + 9] as number) << 24) >> 16) | (bytes[at + 10] as number);
  return toUtc(wallMillisAt(bytes, at), deviation, assumedDeviation);
}

/** Like {@link millisAt}, with local time taken for UTC and the deviation left alone. */
export function wallMillisAt(bytes: Uint8Array, at: number): number {
  return wallMillis(
    ((bytes[at] as number) << 8) | (bytes[at + 1] as number),
    bytes[at + 2] as number,
    bytes[at + 3] as number,
    bytes[at + 5] as number,
    bytes[at + 6] as number,
    bytes[at + 7] as number,
    bytes[at + 8] as number,
  );
}

/** Local time in milliseconds as if it were UTC; NaN where a field is not given or not possible. Hundredths not given count as 0. */
export function wallMillis(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  hundredths: number,
): number {
  if (!isDay(year, month, day) || !isRealTime({ hour, minute, second })) return Number.NaN;
  const fraction = hundredths <= 99 ? hundredths * 10 : 0;
  return dayNumber(year, month, day) * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + fraction;
}

/** Milliseconds of UTC from those of local time; NaN without a possible deviation. */
export function toUtc(wall: number, given: number, assumed: number | undefined): number {
  const deviation = given === DEVIATION_UNSPECIFIED ? assumed : given;
  return deviation !== undefined && isDeviation(deviation) ? wall + deviation * 60_000 : Number.NaN;
}

/** Days since 1970-01-01 of a day of the Gregorian calendar. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last of its year; and 400 years late, so that none is below 0.
  const early = month <= 2 ? 1 : 0;
  const y = year - early + 400;
  const yearDay = ((153 * (month - 3 + 12 * early) + 2) / 5) | 0;
  return y * 365 + (y >> 2) - ((y / 100) | 0) + ((y / 400) | 0) + yearDay + day - 1 - 865_565;
}

/** Days of a month, 1-12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether year, month and day are those of one real day. */
export function isRealDay(date: DateFields): boolean {
  return isDay(date.year, date.month, date.dayOfMonth);
}

function isDay(year: number, month: number, day: number): boolean {
  if (year === YEAR_UNSPECIFIED || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= daysInMonth(year, month);
}

/** Whether hour, minute and second are given and possible. 24:00:00 is the end of a day, second 60 the beginning of the next minute. */
export function isRealTime({ hour, minute, second }: Omit<TimeFields, 'hundredths'>): boolean {
  return minute <= 59 && second <= 60 && (hour <= 23 || (hour === 24 && minute === 0 && second === 0));
}

/** The Blue Book's range: a clock is at most 14 hours east and 12 hours west of UTC. */
export function isDeviation(minutes: number): boolean {
  return minutes >= -840 && minutes <= 720;
}

/** What the standard does not allow in a date, in words. */
export function dateProblem(date: DateFields): string | undefined {
  const { year, month, dayOfMonth, dayOfWeek } = date;
  if (!((month >= 1 && month <= 12) || month >= MONTH_DST_END)) return `month ${month}`;
  if (!((dayOfMonth >= 1 && dayOfMonth <= 31) || dayOfMonth >= DAY_SECOND_LAST)) return `day of month ${dayOfMonth}`;
  if (!((dayOfWeek >= 1 && dayOfWeek <= 7) || dayOfWeek === UNSPECIFIED)) return `day of week ${dayOfWeek}`;
  // 2000 was a leap year: without a year, 29 February is possible.
  if (month <= 12 && dayOfMonth <= 31 && dayOfMonth > daysInMonth(year === YEAR_UNSPECIFIED ? 2000 : year, month)) {
    return `day ${dayOfMonth} in month ${month}`;
  }
  if (!isRealDay(date) || dayOfWeek === UNSPECIFIED) return undefined;
  const actual = ((((dayNumber(year, month, dayOfMonth) + 3) % 7) + 7) % 7) + 1;
  return actual === dayOfWeek ? undefined : `day of week ${dayOfWeek} for ${dateText(date)}, which is ${actual}`;
}

/** What the standard does not allow in a time, in words. */
export function timeProblem({ hour, minute, second, hundredths }: TimeFields): string | undefined {
  if (hour > 23 && hour !== UNSPECIFIED) return `hour ${hour}`;
  if (minute > 59 && minute !== UNSPECIFIED) return `minute ${minute}`;
  if (second > 59 && second !== UNSPECIFIED) return `second ${second}`;
  if (hundredths > 99 && hundredths !== UNSPECIFIED) return `hundredths ${hundredths}`;
  return undefined;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const SPECIAL_MONTHS = new Map([
  [MONTH_DST_END, 'dst-end'],
  [MONTH_DST_BEGIN, 'dst-begin'],
]);
const SPECIAL_DAYS = new Map([
  [DAY_SECOND_LAST, 'second-last'],
  [DAY_LAST, 'last'],
]);

/** `2026-11-23`, `*` where not specified. */
export function dateText(date: DateFields): string {
  const year = date.year === YEAR_UNSPECIFIED ? '*' : String(date.year).padStart(4, '0');
  const month = SPECIAL_MONTHS.get(date.month) ?? two(date.month);
  const day = SPECIAL_DAYS.get(date.dayOfMonth) ?? two(date.dayOfMonth);
  // The weekday says something new only where the day itself is open.
  const weekdayName = isRealDay(date) ? undefined : WEEKDAYS[date.dayOfWeek - 1];
  return `${year}-${month}-${day}${weekdayName === undefined ? '' : ` ${weekdayName}`}`;
}

/** `14:05:00`, `*` where not specified. */
export function timeText({ hour, minute, second, hundredths }: TimeFields): string {
  const fraction = hundredths === 0 || hundredths === UNSPECIFIED ? '' : `.${two(hundredths)}`;
  return `${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
}

/** The offset of local time from UTC, `+05:30`, of a deviation. */
export function offsetText(deviation: number): string {
  const minutes = Math.abs(deviation);
  return `${deviation > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(value: number): string {
  return value === UNSPECIFIED ? '*' : String(value).padStart(2, '0');
}
