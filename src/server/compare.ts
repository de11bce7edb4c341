import { DecodeError } from '../base/errors.js';
import { withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { dayNumber, daysInMonth } from '../codec/datetime.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DATE_TIME_LENGTH = 12;
const UNSPECIFIED = 0xff;
const NO_DEVIATION = -0x8000;

/**
 * Orders a value of a profile against a limit of a range: numbers as numbers, date-times as moments. Where the limit leaves a field
 * open, it is filled so that it leaves nothing out: low for the beginning of the range, high for its end. Deviations count only where
 * both sides have one.
 * @returns below 0 when the value comes before the limit, 0 when it is at it, above 0 when it comes after.
 * @throws DecodeError when the two cannot be compared.
 */
export function compareValues(value: Data, limit: Data, open: 'low' | 'high'): number {
  if (isNumber(value) && isNumber(limit)) return value.value < limit.value ? -1 : value.value > limit.value ? 1 : 0;
  const a = dateTimeOctets(value);
  const b = dateTimeOctets(limit);
  if (a === undefined || b === undefined) {
    throw new DecodeError('bad-tag', `${withArticle(value.type)} cannot be compared with ${withArticle(limit.type)}`);
  }
  const deviationA = deviationOf(a);
  const deviationB = deviationOf(b);
  const both = deviationA !== NO_DEVIATION && deviationB !== NO_DEVIATION;
  const left = localTime(a, 'low') + (both ? deviationA * MINUTE : 0);
  const right = localTime(b, open) + (both ? deviationB * MINUTE : 0);
  return left < right ? -1 : left > right ? 1 : 0;
}

type NumberData = Extract<Data, { value: number | bigint }>;

function isNumber(data: Data): data is NumberData {
  return typeof data.value === 'number' || typeof data.value === 'bigint';
}

function dateTimeOctets(data: Data): Uint8Array | undefined {
  const fits = (data.type === 'octet-string' || data.type === 'date-time') && data.value.length === DATE_TIME_LENGTH;
  return fits ? data.value : undefined;
}

function deviationOf(octets: Uint8Array): number {
  return (((octets[9] as number) << 24) >> 16) | (octets[10] as number);
}

/** Milliseconds of a date-time by its own clock; a year left open lies before or after everything. */
function localTime(octets: Uint8Array, open: 'low' | 'high'): number {
  const high = open === 'high';
  const field = (index: number, low: number, top: number): number => {
    const value = octets[index] as number;
    return value === UNSPECIFIED ? (high ? top : low) : value;
  };
  const year = ((octets[0] as number) << 8) | (octets[1] as number);
  if (year === 0xffff) return high ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const month = Math.min(12, Math.max(1, field(2, 1, 12)));
  const last = daysInMonth(year, month);
  const day = Math.min(last, Math.max(1, field(3, 1, last)));
  const minutes = field(5, 0, 23) * 60 + field(6, 0, 59);
  return dayNumber(year, month, day) * DAY + minutes * MINUTE + field(7, 0, 59) * 1000 + field(8, 0, 99) * 10;
}
