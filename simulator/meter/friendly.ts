import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { HOUR, MINUTE, midnight } from './time.js';

/** The hours in which nobody is disconnected because credit has run out, by the meter's clock. */
export interface FriendlyHours {
  /** Beginning on every day, `HH:MM`. */
  readonly from: string;
  /** End, `HH:MM`. Earlier than `from` means over midnight; the same as `from` means no friendly hours. */
  readonly to: string;
  /** Days of the week that are friendly all day; 1 is Monday, 7 Sunday. */
  readonly weekdays?: readonly number[];
  /** Dates that are friendly all day, `YYYY-MM-DD`. */
  readonly holidays?: readonly string[];
}

/** From six in the evening to ten in the morning, and on Sundays. */
export const USUAL_FRIENDLY_HOURS: FriendlyHours = { from: '18:00', to: '10:00', weekdays: [7] };

/** Answers whether a wall time is friendly. */
export type Friendly = (wall: Millis) => boolean;

/** @throws StateError for a time of day or a date that is none. */
export function friendlyOf({ from, to, weekdays = [], holidays = [] }: FriendlyHours): Friendly {
  const begins = timeOfDay(from);
  const ends = timeOfDay(to);
  const days = new Set(holidays.map(dayOf));
  return (wall) => {
    const day = midnight(wall);
    if (days.has(day) || weekdays.includes(((new Date(day).getUTCDay() + 6) % 7) + 1)) return true;
    const time = wall - day;
    return begins <= ends ? begins <= time && time < ends : begins <= time || time < ends;
  };
}

function timeOfDay(text: string): Millis {
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const time = Number(hour) * HOUR + Number(minute) * MINUTE;
  if (!(time >= 0 && time <= 24 * HOUR && Number(minute) < 60)) {
    throw new StateError(`'${text}' is no time of day`, { hint: 'HH:MM, such as 18:00' });
  }
  return time;
}

function dayOf(text: string): Millis {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(day)) throw new StateError(`'${text}' is no date`, { hint: 'YYYY-MM-DD' });
  return day;
}
