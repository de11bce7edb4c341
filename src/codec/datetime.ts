import { equalBytes } from '../base/bytes.js';
import { DecodeError, StateError } from '../base/errors.js';
import { INSPECT } from '../base/inspect.js';
import { counted } from '../base/words.js';
import {
  CLOCK_STATUS,
  type DateFields,
  type DateTimeFields,
  DEVIATION_UNSPECIFIED,
  dateProblem,
  dateText,
  isDeviation,
  isRealDay,
  isRealTime,
  offsetText,
  type TimeFields,
  timeProblem,
  timeText,
  toUtc,
  UNSPECIFIED,
  wallMillis,
  YEAR_UNSPECIFIED,
} from './calendar.js';

export {
  CLOCK_STATUS,
  DAY_LAST,
  DAY_SECOND_LAST,
  type DateFields,
  type DateTimeFields,
  DEVIATION_UNSPECIFIED,
  dayNumber,
  daysInMonth,
  MONTH_DST_BEGIN,
  MONTH_DST_END,
  type TimeFields,
  UNSPECIFIED,
  YEAR_UNSPECIFIED,
} from './calendar.js';

/*
 * date, time and date-time of IEC 62056-6-2 clause 4.1.6.1. Every field may be "not specified", and some have special values; meters
 * also send what the standard does not know (month 0). Fields therefore stay the numbers of the wire, whatever they are, and only
 * `toDate` and `problem` judge them.
 */

/** A date of five octets. Immutable; fields are the wire's. */
export class CosemDate implements DateFields {
  /** Year; 0xffff where not specified. */
  readonly year: number;
  /** Month from 1; 0xff where not specified, 0xfd and 0xfe for daylight saving. */
  readonly month: number;
  /** Day of the month from 1; 0xff where not specified, 0xfd and 0xfe for the last ones. */
  readonly dayOfMonth: number;
  /** 1 is Monday; 0xff where not specified. */
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

  /** The octets that go over the line. */
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

  /** For people: the same text as {@link toText}. */
  get text(): string {
    return this.toText();
  }

  /** The same text as {@link toText}. */
  toString(): string {
    return this.toText();
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `CosemDate ${this}`;
  }

  /** As {@link toText}. */
  toJSON(): string {
    return this.toText();
  }
}

/** A time of four octets. Immutable; fields are the wire's. */
export class CosemTime implements TimeFields {
  /** 0 to 23; 0xff where not specified. */
  readonly hour: number;
  /** 0 to 59; 0xff where not specified. */
  readonly minute: number;
  /** 0 to 59; 0xff where not specified. */
  readonly second: number;
  /** Hundredths of a second; 0xff where not specified. */
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

  /** The octets that go over the line. */
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

  /** For people: the same text as {@link toText}. */
  get text(): string {
    return this.toText();
  }

  /** The same text as {@link toText}. */
  toString(): string {
    return this.toText();
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `CosemTime ${this}`;
  }

  /** As {@link toText}. */
  toJSON(): string {
    return this.toText();
  }
}

/** A date-time of twelve octets. Immutable; fields are the wire's. */
export class CosemDateTime implements DateTimeFields {
  /** Year; 0xffff where not specified. */
  readonly year: number;
  /** Month from 1; 0xff where not specified, 0xfd and 0xfe for daylight saving. */
  readonly month: number;
  /** Day of the month from 1; 0xff where not specified, 0xfd and 0xfe for the last ones. */
  readonly dayOfMonth: number;
  /** 1 is Monday; 0xff where not specified. */
  readonly dayOfWeek: number;
  /** 0 to 23; 0xff where not specified. */
  readonly hour: number;
  /** 0 to 59; 0xff where not specified. */
  readonly minute: number;
  /** 0 to 59; 0xff where not specified. */
  readonly second: number;
  /** Hundredths of a second; 0xff where not specified. */
  readonly hundredths: number;
  /** Minutes, UTC = local + deviation; -32768 where not specified. */
  readonly deviation: number;
  /** Clock status octet; 0xff where not specified. */
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
    const { year, month, dayOfMonth, dayOfWeek } = dateFields(bytes);
    const { hour, minute, second, hundredths } = timeFields(bytes, 5);
    return judged(
      new CosemDateTime({ year, month, dayOfMonth, dayOfWeek, hour, minute, second, hundredths, deviation, status }),
      strict,
    );
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

  /** The octets that go over the line. */
  toBytes(): Uint8Array {
    const { deviation, status } = this;
    return Uint8Array.from([...dateOctets(this), ...timeOctets(this), deviation >> 8, deviation, status]);
  }

  /** The same fields but those given. */
  with(fields: Partial<DateTimeFields>): CosemDateTime {
    return new CosemDateTime({ ...this, ...fields });
  }

  /** Its date alone. */
  date(): CosemDate {
    return new CosemDate(this);
  }

  /** Its time of day alone. */
  time(): CosemTime {
    return new CosemTime(this);
  }

  /** What the standard does not allow in these fields, in words; undefined when all is well. */
  problem(): string | undefined {
    const { deviation, status } = this;
    if (deviation !== DEVIATION_UNSPECIFIED && !isDeviation(deviation))
      return `a deviation of ${counted(deviation, 'minute')}`;
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

  /** For people: the same text as {@link toText}. */
  get text(): string {
    return this.toText();
  }

  /** The same text as {@link toText}. */
  toString(): string {
    return this.toText();
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `CosemDateTime ${this}`;
  }

  /** As {@link toText}. */
  toJSON(): string {
    return this.toText();
  }

  #wallMillis(): number {
    const { year, month, dayOfMonth, hour, minute, second, hundredths } = this;
    return wallMillis(year, month, dayOfMonth, hour, minute, second, hundredths);
  }
}

/**
 * Twelve octets that can hardly be anything else than a date-time, though nothing declares them one: of a real day of our time day of week,
 * hundredths, deviation and clock status may be wrong; with fields that are not specified all others must be right.
 */
export function likelyDateTime(octets: Uint8Array): CosemDateTime | undefined {
  if (octets.length !== 12) return undefined;
  const time = CosemDateTime.fromBytes(octets);
  const near = time.year >= 1990 && time.year < 2100;
  if (near && time.isSpecified()) return time;
  if (!near && time.year !== YEAR_UNSPECIFIED) return undefined;
  const open = near && isRealDay(time) ? { dayOfWeek: UNSPECIFIED, hundredths: UNSPECIFIED } : {};
  return time.with({ deviation: 0, status: 0, ...open }).problem() === undefined ? time : undefined;
}

/** What is wrong with a date or a time that was read all the same, as a remark has it. */
export function momentDeviation(problem: string): { readonly code: string; readonly text: string } {
  return { code: problem.startsWith('day of week') ? 'day-of-week' : 'date-time', text: problem };
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
  throw new DecodeError('bad-length', `a ${what} of ${counted(bytes.length, 'octet')} instead of ${length}`);
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
