import { equalBytes } from '../base/bytes.js';
import { DecodeError, StateError } from '../base/errors.js';

/*
 * date, time and date-time of IEC 62056-6-2 clause 4.1.6.1. Every field may be "not specified", and some have special values; meters
 * also send what the standard does not know (month 0). Fields therefore stay the numbers of the wire, whatever they are, and only
 * `toDate` and `problem` judge them.
 */

/** "Not specified" of year. */
export const YEAR_UNSPECIFIED = 0xffff;
/** "Not specified" of month, day, weekday, hour, minute, second, hundredths and clock status. */
export const UNSPECIFIED = 0xff;
/** "Not specified" of the deviation: 0x8000 on the wire. */
export const DEVIATION_UNSPECIFIED = -0x8000;

/** Special months: daylight savings end and begin. */
export const MONTH_DST_END = 0xfd;
export const MONTH_DST_BEGIN = 0xfe;
/** Special days of a month: second last and last. */
export const DAY_SECOND_LAST = 0xfd;
export const DAY_LAST = 0xfe;

/** Bits of the clock status. */
export const CLOCK_STATUS = {
  invalidValue: 0x01,
  doubtfulValue: 0x02,
  differentClockBase: 0x04,
  invalidClockStatus: 0x08,
  daylightSavingActive: 0x80,
} as const;

/** Fields of a {@link CosemDate}, as the numbers of the wire. */
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

/** Fields of a {@link CosemTime}; 0xFF: not specified. */
export interface TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Hundredths of a second. */
  readonly hundredths: number;
}

/** Fields of a {@link CosemDateTime}. */
export interface DateTimeFields extends DateFields, TimeFields {
  /** Minutes, UTC = local + deviation: India is -330. -32768: not specified. */
  readonly deviation: number;
  /** Bits of {@link CLOCK_STATUS}; 0xFF: not specified. */
  readonly status: number;
}

/** A date of five octets. Immutable; fields are the wire's. */
export class CosemDate implements DateFields {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  readonly dayOfWeek: number;

  /** Fields left out are "not specified". @throws StateError when a field does not fit its octets. */
  constructor(fields: Partial<DateFields> = {}) {
    this.year = word('year', fields.year);
    this.month = octet('month', fields.month);
    this.dayOfMonth = octet('dayOfMonth', fields.dayOfMonth);
    this.dayOfWeek = octet('dayOfWeek', fields.dayOfWeek);
  }

  /** @throws DecodeError `bad-length` unless five octets; with `strict` also `bad-value` for what {@link problem} finds. */
  static fromBytes(bytes: Uint8Array, strict = false): CosemDate {
    return judged(new CosemDate(dateFields(exactly(bytes, 5, 'date'))), strict);
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(dateOctets(this));
  }

  /** What the standard does not allow in these fields, in words; undefined when all is well. */
  problem(): string | undefined {
    return dateProblem(this);
  }

  /** Whether year, month and day are those of one real day. */
  isSpecified(): boolean {
    return isRealDay(this);
  }

  /** `2026-11-23`; `*` where not specified, such as `*-10-last Sun`. */
  toText(): string {
    return dateText(this);
  }

  toString(): string {
    return this.toText();
  }
}

/** A time of four octets. Immutable; fields are the wire's. */
export class CosemTime implements TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly hundredths: number;

  /** Fields left out are "not specified". @throws StateError when a field does not fit its octet. */
  constructor(fields: Partial<TimeFields> = {}) {
    this.hour = octet('hour', fields.hour);
    this.minute = octet('minute', fields.minute);
    this.second = octet('second', fields.second);
    this.hundredths = octet('hundredths', fields.hundredths);
  }

  /** @throws DecodeError `bad-length` unless four octets; with `strict` also `bad-value` for what {@link problem} finds. */
  static fromBytes(bytes: Uint8Array, strict = false): CosemTime {
    return judged(new CosemTime(timeFields(exactly(bytes, 4, 'time'), 0)), strict);
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(timeOctets(this));
  }

  /** What the standard does not allow in these fields, in words; undefined when all is well. */
  problem(): string | undefined {
    return timeProblem(this);
  }

  /** Whether hour, minute and second are given and possible. Hundredths often are not. */
  isSpecified(): boolean {
    return isRealTime(this);
  }

  /** `14:05:00`, hundredths only where there are some; `*` where not specified. */
  toText(): string {
    return timeText(this);
  }

  toString(): string {
    return this.toText();
  }
}

/** A date-time of twelve octets. Immutable; fields are the wire's. */
export class CosemDateTime implements DateTimeFields {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  readonly dayOfWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly hundredths: number;
  readonly deviation: number;
  readonly status: number;

  /** Fields left out are "not specified". @throws StateError when a field does not fit its octets. */
  constructor(fields: Partial<DateTimeFields> = {}) {
    this.year = word('year', fields.year);
    this.month = octet('month', fields.month);
    this.dayOfMonth = octet('dayOfMonth', fields.dayOfMonth);
    this.dayOfWeek = octet('dayOfWeek', fields.dayOfWeek);
    this.hour = octet('hour', fields.hour);
    this.minute = octet('minute', fields.minute);
    this.second = octet('second', fields.second);
    this.hundredths = octet('hundredths', fields.hundredths);
    this.deviation = within('deviation', fields.deviation ?? DEVIATION_UNSPECIFIED, -0x8000, 0x7fff);
    this.status = octet('status', fields.status);
  }

  /** @throws DecodeError `bad-length` unless twelve octets; with `strict` also `bad-value` for what {@link problem} finds. */
  static fromBytes(bytes: Uint8Array, strict = false): CosemDateTime {
    exactly(bytes, 12, 'date-time');
    const deviation = (((bytes[9] as number) << 24) >> 16) | (bytes[10] as number);
    const status = bytes[11] as number;
    return judged(new CosemDateTime({ ...dateFields(bytes), ...timeFields(bytes, 5), deviation, status }), strict);
  }

  /**
   * The local time that a clock with this deviation shows at an instant.
   * @param deviation minutes, UTC = local + deviation: -330 for India. With {@link DEVIATION_UNSPECIFIED} the fields are those of UTC
   * and the deviation stays "not specified".
   * @param status bits of {@link CLOCK_STATUS}.
   * @throws StateError for an invalid `Date`, or one outside the years 1 to 65534.
   */
  static fromDate(date: Date, deviation: number, status = 0): CosemDateTime {
    const local = new Date(date.getTime() - (deviation === DEVIATION_UNSPECIFIED ? 0 : deviation) * 60_000);
    const year = local.getUTCFullYear();
    if (!(year >= 1 && year < YEAR_UNSPECIFIED)) throw new StateError('a date that no date-time can hold');
    return new CosemDateTime({
      year,
      month: local.getUTCMonth() + 1,
      dayOfMonth: local.getUTCDate(),
      dayOfWeek: weekday(local),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      second: local.getUTCSeconds(),
      hundredths: Math.floor(local.getUTCMilliseconds() / 10),
      deviation,
      status,
    });
  }

  toBytes(): Uint8Array {
    const { deviation, status } = this;
    return Uint8Array.from([...dateOctets(this), ...timeOctets(this), deviation >> 8, deviation, status]);
  }

  /** The same fields but those given. */
  with(fields: Partial<DateTimeFields>): CosemDateTime {
    return new CosemDateTime({ ...this, ...fields });
  }

  date(): CosemDate {
    return new CosemDate(this);
  }

  time(): CosemTime {
    return new CosemTime(this);
  }

  /** What the standard does not allow in these fields, in words; undefined when all is well. */
  problem(): string | undefined {
    const { deviation, status } = this;
    if (deviation !== DEVIATION_UNSPECIFIED && !isDeviation(deviation)) return `a deviation of ${deviation} minutes`;
    if (status !== UNSPECIFIED && (status & 0x70) !== 0) return `reserved bits in clock status ${status}`;
    return dateProblem(this) ?? timeProblem(this);
  }

  /** Whether year to second are those of one real local time. Hundredths, weekday, deviation and status need not be given. */
  isSpecified(): boolean {
    return isRealDay(this) && isRealTime(this);
  }

  /**
   * Milliseconds since 1970 UTC; undefined unless year to second are given and possible and the deviation is known.
   * Hundredths not given count as 0. Allocates nothing.
   * @param assumedDeviation minutes, used where the meter gives no deviation.
   */
  toMillis(assumedDeviation?: number): number | undefined {
    const millis = toUtc(this.#wallMillis(), this.deviation, assumedDeviation);
    return Number.isNaN(millis) ? undefined : millis;
  }

  /** The instant, see {@link toMillis}. */
  toDate(assumedDeviation?: number): Date | undefined {
    const millis = this.toMillis(assumedDeviation);
    return millis === undefined ? undefined : new Date(millis);
  }

  /**
   * Below 0 when this is earlier, above 0 when later. Instants are compared where both have a deviation, local times where both
   * have none; anything else cannot be ordered and gives undefined.
   */
  compare(other: CosemDateTime): number | undefined {
    if (!this.isSpecified() || !other.isSpecified()) return undefined;
    const local = this.deviation === DEVIATION_UNSPECIFIED;
    if (local !== (other.deviation === DEVIATION_UNSPECIFIED)) return undefined;
    if (local) return this.#wallMillis() - other.#wallMillis();
    const a = this.toMillis();
    const b = other.toMillis();
    return a === undefined || b === undefined ? undefined : a - b;
  }

  /** Whether all fields are the same. */
  equals(other: CosemDateTime): boolean {
    return equalBytes(this.toBytes(), other.toBytes());
  }

  /** Names of the clock status bits that are set; empty when none is, or the status is not specified. */
  statusNames(): (keyof typeof CLOCK_STATUS)[] {
    if (this.status === UNSPECIFIED) return [];
    const names = Object.keys(CLOCK_STATUS) as (keyof typeof CLOCK_STATUS)[];
    return names.filter((name) => (this.status & CLOCK_STATUS[name]) !== 0);
  }

  /**
   * `2026-11-23 14:05:00 +05:30`: local time and its offset from UTC, which is missing where the deviation is not specified; `*`
   * where a field is not. Hundredths only where there are some.
   */
  toText(): string {
    const offset = this.deviation === DEVIATION_UNSPECIFIED ? '' : ` ${offsetText(this.deviation)}`;
    return `${dateText(this)} ${timeText(this)}${offset}`;
  }

  toString(): string {
    return this.toText();
  }

  #wallMillis(): number {
    const { year, month, dayOfMonth, hour, minute, second, hundredths } = this;
    return wallMillis(year, month, dayOfMonth, hour, minute, second, hundredths);
  }
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

/** Local time as if it were UTC; NaN where a field is not given or not possible. Hundredths not given count as 0. */
function wallMillis(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  hundredths: number,
): number {
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const fraction = hundredths <= 99 ? hundredths * 10 : 0;
  return dayNumber(year, month, day) * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + fraction;
}

function toUtc(wall: number, given: number, assumed: number | undefined): number {
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

function isRealDay(date: DateFields): boolean {
  return isDay(date.year, date.month, date.dayOfMonth);
}

function isDay(year: number, month: number, day: number): boolean {
  if (year === YEAR_UNSPECIFIED || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= daysInMonth(year, month);
}

function isRealTime({ hour, minute, second }: TimeFields): boolean {
  return hour <= 23 && minute <= 59 && second <= 59;
}

/** The Blue Book's range: a clock is at most 14 hours east and 12 hours west of UTC. */
function isDeviation(minutes: number): boolean {
  return minutes >= -840 && minutes <= 720;
}

function dateProblem(date: DateFields): string | undefined {
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

function timeProblem({ hour, minute, second, hundredths }: TimeFields): string | undefined {
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

function dateText(date: DateFields): string {
  const year = date.year === YEAR_UNSPECIFIED ? '*' : String(date.year).padStart(4, '0');
  const month = SPECIAL_MONTHS.get(date.month) ?? two(date.month);
  const day = SPECIAL_DAYS.get(date.dayOfMonth) ?? two(date.dayOfMonth);
  // The weekday says something new only where the day itself is open.
  const weekdayName = isRealDay(date) ? undefined : WEEKDAYS[date.dayOfWeek - 1];
  return `${year}-${month}-${day}${weekdayName === undefined ? '' : ` ${weekdayName}`}`;
}

function timeText({ hour, minute, second, hundredths }: TimeFields): string {
  const fraction = hundredths === 0 || hundredths === UNSPECIFIED ? '' : `.${two(hundredths)}`;
  return `${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
}

function offsetText(deviation: number): string {
  const minutes = Math.abs(deviation);
  return `${deviation > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(value: number): string {
  return value === UNSPECIFIED ? '*' : String(value).padStart(2, '0');
}

function weekday(date: Date): number {
  return ((date.getUTCDay() + 6) % 7) + 1;
}

function octet(name: string, value: number | undefined): number {
  return within(name, value ?? UNSPECIFIED, 0, 0xff);
}

function word(name: string, value: number | undefined): number {
  return within(name, value ?? YEAR_UNSPECIFIED, 0, 0xffff);
}

function within(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new StateError(`${name} ${value} does not fit a date-time`, { hint: `a whole number from ${low} to ${high}` });
}

function exactly(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new DecodeError('bad-length', `a ${what} of ${bytes.length} octets instead of ${length}`);
}

function judged<T extends { problem(): string | undefined }>(value: T, strict: boolean): T {
  const problem = strict ? value.problem() : undefined;
  if (problem === undefined) return value;
  throw new DecodeError('bad-value', problem);
}

function dateFields(bytes: Uint8Array): DateFields {
  return {
    year: ((bytes[0] as number) << 8) | (bytes[1] as number),
    month: bytes[2] as number,
    dayOfMonth: bytes[3] as number,
    dayOfWeek: bytes[4] as number,
  };
}

function timeFields(bytes: Uint8Array, at: number): TimeFields {
  return {
    hour: bytes[at] as number,
    minute: bytes[at + 1] as number,
    second: bytes[at + 2] as number,
    hundredths: bytes[at + 3] as number,
  };
}

function dateOctets({ year, month, dayOfMonth, dayOfWeek }: DateFields): number[] {
  return [year >> 8, year, month, dayOfMonth, dayOfWeek];
}

function timeOctets({ hour, minute, second, hundredths }: TimeFields): number[] {
  return [hour, minute, second, hundredths];
}
