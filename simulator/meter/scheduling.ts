/** Clock, scripts, calendar and schedules of the meter. */

import type { Millis } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { nullValue, octets } from '../../src/codec/make.js';
import type { ClockClass } from '../../src/cosem/classes/clock.js';
import type {
  ActivityCalendar,
  ScriptTable,
  SingleActionSchedule,
  SpecialDaysTable,
} from '../../src/cosem/classes/time.js';
import type { AttributeAccess, Implementation } from '../../src/cosem/implementation.js';
import type { ExecutionTime } from './billing.js';
import { type Calendar, calendarOctets, calendarOf, factoryCalendar, ZONES } from './calendar.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';

const CLOCK_SET = 151;
const CALENDAR_CHANGED = 155;

/** @param onSet called when the clock was set. */
export function clockObject(core: Core, onSet: () => void): Implementation<typeof ClockClass> {
  return {
    time: {
      get: () => core.time.dated(core.time.wall(core.catchUp())),
      set: (time) => {
        setTime(core, time);
        onSet();
      },
    },
    timeZone: {
      get: () => core.time.deviation,
      set: (minutes) => {
        if (minutes < -840 || minutes > 720) throw new AccessError('other-reason', '8:0.0.1.0.0.255:3', 'no time zone');
        core.time.deviation = minutes;
      },
    },
    status: 0,
    daylightSavingsBegin: new CosemDateTime(),
    daylightSavingsEnd: new CosemDateTime(),
    daylightSavingsDeviation: 60,
    daylightSavingsEnabled: false,
    clockBase: 'internal-crystal',
  };
}

/** Indian meters take the local time and ignore the deviation, because head ends send all kinds of deviations. */
function setTime(core: Core, time: CosemDateTime): void {
  const wall = time.with({ deviation: 0 }).toMillis();
  if (wall === undefined) throw new AccessError('type-unmatched', '8:0.0.1.0.0.255:2', 'a time with open fields');
  const now = core.catchUp();
  core.setClock(wall, now);
  core.events.record(CLOCK_SET, now);
}

/** A method of an object that a script executes. */
export interface ScriptStep {
  readonly classId: number;
  readonly logicalName: string;
  readonly method: number;
  readonly run: (now: Millis) => void;
}

/** What the reference meter has as parameter of a method that takes none. */
const padding = (classId: number) => octets(Uint8Array.of(classId === PUSH_SETUP ? 1 : 0, 0, 2, 0));
const PUSH_SETUP = 40;

/** A script table. What a script does stands in its actions. @param padded whether these carry a parameter that nobody needs. */
export function scriptTable(
  core: Core,
  scripts: ReadonlyMap<number, readonly ScriptStep[]>,
  padded: boolean,
): Implementation<typeof ScriptTable> {
  return {
    scripts: [...scripts].map(([scriptIdentifier, steps]) => ({
      scriptIdentifier,
      actions: steps.map(({ classId, logicalName, method }) => ({
        serviceId: 'execute-method' as const,
        classId,
        logicalName,
        index: method,
        parameter: padded ? padding(classId) : nullValue(),
      })),
    })),
    execute: (selector) => {
      const steps = scripts.get(selector);
      if (steps === undefined) throw new AccessError('object-unavailable', '9', `there is no script ${selector}`);
      for (const step of steps) step.run(core.catchUp());
    },
  };
}

/** Number of scripts in the reference meter: fewer than it has zones. */
const DUMMIES = 6;
const NO_ACTION: ScriptStep = { classId: 0, logicalName: '0.0.0.0.0.0', method: 0, run: () => {} };

/** The tariffication scripts. The calendar itself switches the zones; running a script by hand does nothing. */
export function tariffScripts({ quirks }: MeterModel): ReadonlyMap<number, readonly ScriptStep[]> {
  const dummies = quirks.has('dummy-tariff-scripts');
  const steps = dummies ? [NO_ACTION] : [];
  return new Map(Array.from({ length: dummies ? DUMMIES : ZONES }, (_, i) => [i + 1, steps]));
}

export function calendarObject(core: Core): Implementation<typeof ActivityCalendar> {
  let active: Calendar = factoryCalendar;
  let passive: Calendar = { ...factoryCalendar, name: 'calendar_1' };
  let activation = new CosemDateTime();
  /** The activation as local time, where it is a full date-time. */
  let due: Millis | undefined;
  const activate = (at: Millis) => {
    active = passive;
    activation = new CosemDateTime();
    due = undefined;
    // Special days are a table of their own and do not change with the calendar.
    core.activate({ ...active, special: core.zones.calendar.special }, at);
    core.events.record(CALENDAR_CHANGED, at);
  };
  core.calendarActivation = {
    at: () => (due === undefined ? undefined : core.time.trueTime(due, core.time.now())),
    activate,
  };
  core.parts.add('calendar', {
    save: () => ({
      active: calendarOctets(active),
      passive: calendarOctets(passive),
      activation: activation.toBytes(),
      due,
    }),
    load: (saved) => {
      active = calendarOf(saved.active);
      passive = calendarOf(saved.passive);
      activation = CosemDateTime.fromBytes(saved.activation);
      due = saved.due;
    },
  });
  const change = (part: Partial<Calendar>) => {
    passive = { ...passive, ...part };
  };
  return {
    calendarNameActive: () => active.name,
    seasonProfileActive: () => active.seasons,
    weekProfileTableActive: () => active.weeks,
    dayProfileTableActive: () => active.days,
    calendarNamePassive: { get: () => passive.name, set: (name) => change({ name }) },
    seasonProfilePassive: { get: () => passive.seasons, set: (seasons) => change({ seasons }) },
    weekProfileTablePassive: { get: () => passive.weeks, set: (weeks) => change({ weeks }) },
    dayProfileTablePassive: { get: () => passive.days, set: (days) => change({ days }) },
    activatePassiveCalendarTime: {
      get: () => activation,
      set: (time) => {
        activation = time;
        due = time.with({ deviation: 0 }).toMillis();
      },
    },
    activatePassiveCalendar: () => activate(core.catchUp()),
  };
}

/** At most this many special days are kept. */
const MOST_SPECIAL_DAYS = 64;

/** Special days apply from the moment at which they are written. */
export function specialDaysObject(core: Core): Implementation<typeof SpecialDaysTable> {
  const entries = () => core.zones.calendar.special;
  const set = (special: Calendar['special']) => {
    if (special.length > MOST_SPECIAL_DAYS) {
      throw new AccessError('other-reason', '11:0.0.11.0.0.255:2', `more than ${MOST_SPECIAL_DAYS} special days`);
    }
    const now = core.catchUp();
    core.activate({ ...core.zones.calendar, special }, now);
    core.events.record(CALENDAR_CHANGED, now);
  };
  const without = (index: number) => entries().filter((entry) => entry.index !== index);
  return {
    entries: { get: entries, set },
    insert: (entry) => set([...without(entry.index), entry].sort((a, b) => a.index - b.index)),
    delete: (index) => {
      if (without(index).length === entries().length) {
        throw new AccessError('object-unavailable', '11:0.0.11.0.0.255:2()', `there is no special day ${index}`);
      }
      set(without(index));
    },
  };
}

/** A single action schedule whose execution times are kept elsewhere. */
export function scheduleObject(
  script: { readonly table: string; readonly selector: number },
  times: AttributeAccess<readonly ExecutionTime[]>,
): Implementation<typeof SingleActionSchedule> {
  return {
    executedScript: { scriptLogicalName: script.table, scriptSelector: script.selector },
    type: 'one-wildcard-date',
    executionTime: times,
  };
}
