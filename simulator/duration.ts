import type { Millis } from '../src/base/clock.js';
import { StateError } from '../src/base/errors.js';
import { CosemDateTime } from '../src/codec/datetime.js';
import { parseMoment, wallOf } from '../src/codec/moment.js';
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
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseLocalMoment(text) : undefined;
}

/** The local moment of `2026-12-01`, `2026-12-01T18:00` or with a blank between, as {@link parseDay}; `24:00` is the end of the day. */
export function parseLocalMoment(text: string): Millis | undefined {
  const [day = '', time, ...more] = text.split(/[T ]/);
  if (time === '24:00' && more.length === 0) {
    const midnight = parseDay(day);
    return midnight === undefined ? undefined : midnight + DAY;
  }
  try {
    const moment = parseMoment(text, 'the moment', 'begin');
    // A meter of a simulation knows its own time alone.
    return moment instanceof CosemDateTime ? wallOf(moment) : undefined;
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}
