import type { Millis } from '../../src/base/clock.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import { CosemDateTime, CosemTime, YEAR_UNSPECIFIED } from '../../src/codec/datetime.js';
import type { Infer } from '../../src/codec/type.js';
import { array, structure, text } from '../../src/codec/types.js';
import { dayProfileTable, seasonProfile, specialDay, weekProfileTable } from '../../src/cosem/classes/time.js';
import { falls } from './billing.js';
import { DAY, MINUTE, midnight } from './time.js';

/** One calendar of an activity calendar. */
export interface Calendar {
  readonly name: string;
  readonly seasons: Infer<typeof seasonProfile>;
  readonly weeks: Infer<typeof weekProfileTable>;
  readonly days: Infer<typeof dayProfileTable>;
  /** Special days; they take precedence over the week profiles. */
  readonly special: readonly Infer<typeof specialDay>[];
}

const TARIFFICATION = '0.0.10.0.100.255';
/** Number of time zones that have registers. */
export const ZONES = 8;

/** Night, morning, day, evening peak, night again: time zones 1 to 4 of the eight. */
const FACTORY_DAY: readonly (readonly [hour: number, zone: number])[] = [
  [0, 1],
  [6, 2],
  [10, 3],
  [18, 4],
  [22, 1],
];

export const factoryCalendar: Calendar = {
  name: 'calendar_0',
  seasons: [
    {
      seasonProfileName: 'season_0',
      seasonStart: new CosemDateTime({
        month: 1,
        dayOfMonth: 1,
        hour: 0,
        minute: 0,
        second: 0,
        hundredths: 0,
        status: 0,
      }),
      weekName: 'week_0',
    },
  ],
  weeks: [
    {
      weekProfileName: 'week_0',
      monday: 0,
      tuesday: 0,
      wednesday: 0,
      thursday: 0,
      friday: 0,
      saturday: 0,
      sunday: 0,
    },
  ],
  days: [
    {
      dayId: 0,
      daySchedule: FACTORY_DAY.map(([hour, scriptSelector]) => ({
        startTime: new CosemTime({ hour, minute: 0, second: 0, hundredths: 0 }),
        scriptLogicalName: TARIFFICATION,
        scriptSelector,
      })),
    },
  ],
  special: [],
};

const calendarType = structure({
  name: text,
  seasons: seasonProfile,
  weeks: weekProfileTable,
  days: dayProfileTable,
  special: array(specialDay),
});

/** The octets in which a calendar is stored. */
export function calendarOctets(calendar: Calendar): Uint8Array {
  return encodeData(calendarType.encode(calendar));
}

export function calendarOf(octets: Uint8Array): Calendar {
  return calendarType.decode(decodeData(octets));
}

/** The time zone at a local time, and until when it lasts. Where a calendar leaves a gap, time zone 1 applies. */
export function zoneAt(calendar: Calendar, wall: Millis): { readonly zone: number; readonly until: Millis } {
  const day = midnight(wall);
  let zone = 1;
  for (const { start, selector } of switches(calendar, day)) {
    if (day + start > wall) return { zone, until: day + start };
    zone = selector >= 1 && selector <= ZONES ? selector : 1;
  }
  return { zone, until: day + DAY };
}

function switches(calendar: Calendar, day: Millis): { readonly start: Millis; readonly selector: number }[] {
  const special = calendar.special.find(({ specialdayDate }) => falls(specialdayDate, day));
  const id = special?.dayId ?? dayIdOf(calendar, day);
  const schedule = calendar.days.find((d) => d.dayId === id)?.daySchedule ?? [];
  return schedule
    .map(({ startTime, scriptSelector }) => ({
      start: ((startTime.hour % 24) * 60 + (startTime.minute % 60)) * MINUTE,
      selector: scriptSelector,
    }))
    .sort((a, b) => a.start - b.start);
}

/** The id of the day profile that season and week give to a day. */
function dayIdOf(calendar: Calendar, day: Millis): number | undefined {
  const season = seasonOf(calendar, day);
  const week = calendar.weeks.find((w) => w.weekProfileName === season?.weekName) ?? calendar.weeks[0];
  if (week === undefined) return undefined;
  const weekday = new Date(day).getUTCDay();
  const { sunday, monday, tuesday, wednesday, thursday, friday, saturday } = week;
  return [sunday, monday, tuesday, wednesday, thursday, friday, saturday][weekday];
}

/** The season that began last before a day; before the first beginning in a year, the one that begins last. */
function seasonOf({ seasons }: Calendar, day: Millis): Calendar['seasons'][number] | undefined {
  const date = new Date(day);
  const today = { year: date.getUTCFullYear(), order: (date.getUTCMonth() + 1) * 100 + date.getUTCDate() };
  const begun = seasons.filter(
    ({ seasonStart }) => seasonStart.year === YEAR_UNSPECIFIED || seasonStart.year <= today.year,
  );
  const order = (s: Calendar['seasons'][number]) => s.seasonStart.month * 100 + s.seasonStart.dayOfMonth;
  const sorted = [...begun].sort((a, b) => order(a) - order(b));
  return sorted.filter((s) => order(s) <= today.order).at(-1) ?? sorted.at(-1) ?? seasons[0];
}
