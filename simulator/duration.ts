import type { Millis } from '../src/base/clock.js';
import { DAY, HOUR, MINUTE } from './meter/time.js';

const UNITS: Readonly<Record<string, Millis>> = { ms: 1, s: 1000, m: MINUTE, min: MINUTE, h: HOUR, d: DAY };

/** How durations are written, for hints. */
export const DURATION_FORM = 'a number with ms, s, m, h or d, such as 500ms, 2s or 1.5h';

/** Milliseconds of `500ms`, `2s`, `10m`, `1.5h`, `2d`, and of several in a row, `1h30m`; undefined for anything else. */
export function parseDuration(text: string): Millis | undefined {
  if (!/^(\d+(\.\d+)?(ms|min|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d)/g)) {
    sum += Number(number) * (UNITS[unit as string] as number);
  }
  return Math.round(sum);
}

/** The time of day of `18:00` or `18:00:30` in milliseconds; `24:00` is the end of the day; undefined for anything else. */
export function parseTimeOfDay(text: string): Millis | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (minute > 59 || second > 59 || hour > 24 || (hour === 24 && minute + second > 0)) return undefined;
  return hour * HOUR + minute * MINUTE + second * 1000;
}

/** The local midnight of `2026-12-01`, in milliseconds as if local time were UTC; undefined for a day that there is not. */
export function parseDay(text: string): Millis | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? time : undefined;
}

/** The local moment of `2026-12-01`, `2026-12-01T18:00` or with a blank between. */
export function parseMoment(text: string): Millis | undefined {
  const [dayText = '', timeText, ...more] = text.split(/[T ]/);
  const day = parseDay(dayText);
  const time = timeText === undefined ? 0 : parseTimeOfDay(timeText);
  return day === undefined || time === undefined || more.length > 0 ? undefined : day + time;
}
