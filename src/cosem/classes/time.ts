/** Interface classes that control by time and events (IEC 62056-6-2 clause 4.5): clock, scripts, calendars, relay, limiter. */

import {
  array,
  bool,
  data,
  date,
  dateTime,
  enumOf,
  int8,
  logicalName,
  structure,
  text,
  time,
  uint8,
  uint16,
  uint32,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { zero } from '../types.js';

/** What the utility sets. */
const set = { access: { utility: 'read-and-write' } } as const;
/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, ...set } as const;
/** What the utility executes. */
const executed = { access: { utility: 'access' } } as const;

/** One action of a script (action_specification). */
const scriptAction = structure({
  /** What is done with the object. */
  serviceId: enumOf({ 'write-attribute': 1, 'execute-method': 2 }),
  /** class_id of the object. */
  classId: uint16,
  /** Logical name of the object: `0.0.96.3.10.255`. */
  logicalName,
  /** Id of the attribute or of the method. */
  index: int8,
  /** The value that is written, or the parameter of the method. */
  parameter: data,
});

/** Script table (class 9, Blue Book 4.5.2): lists of actions that are executed by a number. */
export const ScriptTable = cosemClass({
  name: 'Script table',
  id: 9,
  version: 0,
  clause: '4.5.2',
  attributes: {
    /** The scripts, each with its number. */
    scripts: attr(
      2,
      array(
        structure({
          /** Number of the script, from 1. */
          scriptIdentifier: uint16,
          /** What the script does, in this order. */
          actions: array(scriptAction),
        }),
      ),
      { static: true },
    ),
  },
  methods: {
    /** Executes the script with this number. */
    execute: method(1, uint16, executed),
  },
});

/** A script by its table and its number. */
const scriptReference = structure({
  /** Logical name of the script table. */
  scriptLogicalName: logicalName,
  /** Number of the script in that table. */
  scriptSelector: uint16,
});

/** Seasons of a calendar, each from its start to the start of the next one. */
export const seasonProfile = array(
  structure({
    /** Name of the season. */
    seasonProfileName: text,
    /** When the season begins; wildcards repeat it every year. */
    seasonStart: dateTime,
    /** Name of the week that holds in it. */
    weekName: text,
  }),
);

/** Weeks of a calendar: which day profile holds on each day. */
export const weekProfileTable = array(
  structure({
    /** Name of the week, as seasons name it. */
    weekProfileName: text,
    /** `dayId` of the day profile for Mondays. */
    monday: uint8,
    /** `dayId` of the day profile for Tuesdays. */
    tuesday: uint8,
    /** `dayId` of the day profile for Wednesdays. */
    wednesday: uint8,
    /** `dayId` of the day profile for Thursdays. */
    thursday: uint8,
    /** `dayId` of the day profile for Fridays. */
    friday: uint8,
    /** `dayId` of the day profile for Saturdays. */
    saturday: uint8,
    /** `dayId` of the day profile for Sundays. */
    sunday: uint8,
  }),
);

/** Day profiles of a calendar: which script is executed when, such as the change to another tariff. */
export const dayProfileTable = array(
  structure({
    /** Number of the day profile, as weeks and special days name it. */
    dayId: uint8,
    /** What happens on such a day, in the order of time. */
    daySchedule: array(
      structure({
        /** Time of day at which the script is executed. */
        startTime: time,
        /** Logical name of the script table. */
        scriptLogicalName: logicalName,
        /** Number of the script in that table. */
        scriptSelector: uint16,
      }),
    ),
  }),
);

/** A day on which another day profile holds than its week says. */
export const specialDay = structure({
  /** Number of the entry, by which it is replaced or deleted. */
  index: uint16,
  /** Date of the day; wildcards repeat it. */
  specialdayDate: date,
  /** `dayId` of the day profile that holds on it. */
  dayId: uint8,
});

/** Special days table (class 11, Blue Book 4.5.4): holidays, on which the weeks of the activity calendar do not hold. */
export const SpecialDaysTable = cosemClass({
  name: 'Special days table',
  id: 11,
  version: 0,
  clause: '4.5.4',
  attributes: {
    /** The days on which another day profile holds than the week says. */
    entries: attr(2, array(specialDay), setup),
  },
  methods: {
    /** Adds an entry; one with the same index is replaced. */
    insert: method(1, specialDay, executed),
    /** Deletes the entry with this index. */
    delete: method(2, uint16, executed),
  },
});

/** Activity calendar (class 20, Blue Book 4.5.5): which scripts are executed when, by seasons, weeks and days; one in force, one to come. */
export const ActivityCalendar = cosemClass({
  name: 'Activity calendar',
  id: 20,
  version: 0,
  clause: '4.5.5',
  attributes: {
    /** Name of the calendar that is in force. */
    calendarNameActive: attr(2, text, { static: true }),
    /** Seasons of the calendar that is in force. */
    seasonProfileActive: attr(3, seasonProfile, { static: true }),
    /** Weeks of the calendar that is in force. */
    weekProfileTableActive: attr(4, weekProfileTable, { static: true }),
    /** Day profiles of the calendar that is in force. */
    dayProfileTableActive: attr(5, dayProfileTable, { static: true }),
    /** Name of the calendar that will follow. */
    calendarNamePassive: attr(6, text, setup),
    /** Seasons of the calendar that will follow. */
    seasonProfilePassive: attr(7, seasonProfile, setup),
    /** Weeks of the calendar that will follow. */
    weekProfileTablePassive: attr(8, weekProfileTable, setup),
    /** Day profiles of the calendar that will follow. */
    dayProfileTablePassive: attr(9, dayProfileTable, setup),
    /** When the passive calendar becomes the active one; unspecified means not by time. */
    activatePassiveCalendarTime: attr(10, dateTime, setup),
  },
  methods: {
    /** Makes the passive calendar the active one now. */
    activatePassiveCalendar: method(1, zero, executed),
  },
});

/** Single action schedule (class 22, Blue Book 4.5.7): executes one script at given times, such as the end of a billing period. */
export const SingleActionSchedule = cosemClass({
  name: 'Single action schedule',
  id: 22,
  version: 0,
  clause: '4.5.7',
  attributes: {
    /** The script that is executed. */
    executedScript: attr(2, scriptReference, { static: true }),
    /** What `executionTime` may hold: one or many, all at the same time of day or not, wildcards in their dates or not. */
    type: attr(
      3,
      enumOf({
        'one-wildcard-date': 1,
        'same-time': 2,
        'same-time-wildcard-dates': 3,
        'any-time': 4,
        'any-time-wildcard-dates': 5,
      }),
      { static: true },
    ),
    /** When the script is executed. */
    executionTime: attr(
      4,
      array(
        structure({
          /** Time of day. */
          time,
          /** Date; wildcards repeat it, where the type allows them. */
          date,
        }),
      ),
      setup,
    ),
  },
});

/** Limiter (class 71, Blue Book 4.5.9): watches a value and executes a script when it crosses a threshold. */
export const Limiter = cosemClass({
  name: 'Limiter',
  id: 71,
  version: 0,
  clause: '4.5.9',
  attributes: {
    /** The attribute that is watched. */
    monitoredValue: attr(
      2,
      structure({
        /** class_id of the object. */
        classId: uint16,
        /** Logical name of the object: `1.0.1.7.0.255`. */
        logicalName,
        /** Id of the attribute. */
        attributeIndex: int8,
      }),
      { static: true },
    ),
    /** The threshold that is in force now, with the wire type and the scaler of the watched value. */
    thresholdActive: attr(3, data),
    /** The threshold in normal operation, with the wire type and the scaler of the watched value. */
    thresholdNormal: attr(4, data, setup),
    /** The threshold during an emergency, with the wire type and the scaler of the watched value. */
    thresholdEmergency: attr(5, data, setup),
    /** How long the value must stay above the threshold before the script is executed, in seconds. */
    minOverThresholdDuration: attr(6, uint32, { ...setup, unit: 's' }),
    /** How long the value must stay below the threshold before the script is executed, in seconds. */
    minUnderThresholdDuration: attr(7, uint32, { ...setup, unit: 's' }),
    /** The emergency that is to come or under way. */
    emergencyProfile: attr(
      8,
      structure({
        /** Number of the emergency; it counts only if `emergencyProfileGroupIdList` has it. */
        emergencyProfileId: uint16,
        /** When the emergency begins. */
        emergencyActivationTime: dateTime,
        /** How long it lasts, in seconds. */
        emergencyDuration: uint32,
      }),
      { static: true },
    ),
    /** The numbers of the emergencies that hold for this meter. */
    emergencyProfileGroupIdList: attr(9, array(uint16), { static: true }),
    /** Whether an emergency is under way. */
    emergencyProfileActive: attr(10, bool),
    /** The scripts that are executed when the value crosses the threshold. */
    actions: attr(
      11,
      structure({
        /** Executed when the value goes above the threshold: most often to disconnect. */
        actionOverThreshold: scriptReference,
        /** Executed when the value goes below the threshold again. */
        actionUnderThreshold: scriptReference,
      }),
      { static: true },
    ),
  },
});

/** References to the attributes and methods of a Script table object, as `clientObject` makes them of {@link ScriptTable}. */
export interface ScriptTableObject extends ClientObject<typeof ScriptTable> {}
/** References to the attributes and methods of an Activity calendar object, as `clientObject` makes them of {@link ActivityCalendar}. */
export interface ActivityCalendarObject extends ClientObject<typeof ActivityCalendar> {}
/** References to the attributes and methods of a Special days table object, as `clientObject` makes them of {@link SpecialDaysTable}. */
export interface SpecialDaysTableObject extends ClientObject<typeof SpecialDaysTable> {}
/** References to the attributes and methods of a Single action schedule object, as `clientObject` makes them of {@link SingleActionSchedule}. */
export interface SingleActionScheduleObject extends ClientObject<typeof SingleActionSchedule> {}
/** References to the attributes and methods of a Limiter object, as `clientObject` makes them of {@link Limiter}. */
export interface LimiterObject extends ClientObject<typeof Limiter> {}
