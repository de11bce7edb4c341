/** Interface classes for time- and event-bound control (IEC 62056-6-2 clause 4.5): clock, scripts, calendars, relay, limiter. */

import {
  array,
  bool,
  data,
  date,
  dateTime,
  enumOf,
  int8,
  int16,
  logicalName,
  structure,
  text,
  time,
  uint8,
  uint16,
  uint32,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, zero } from '../types.js';

/** What the utility sets. */
const set = { access: { utility: 'read-and-write' } } as const;
/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, ...set } as const;
/** What the utility executes. */
const executed = { access: { utility: 'access' } } as const;

/** Clock (class 8). `timeZone` and the deviations are minutes; `timeZone` is the deviation of local time: UTC = local + zone. */
export const ClockClass = cosemClass({
  name: 'Clock',
  id: 8,
  version: 0,
  clause: '4.5.1',
  attributes: {
    /** Date and time of day, with deviation and status. */
    time: attr(2, dateTime, { ...set, means: 'present-time' }),
    /** Deviation of local time without daylight saving, in minutes: UTC = local + zone. */
    timeZone: attr(3, int16, { ...setup, unit: 'min' }),
    /** Clock status octet. */
    status: attr(4, uint8),
    /** When daylight saving begins; wildcards make it yearly. */
    daylightSavingsBegin: attr(5, dateTime, { static: true }),
    /** When daylight saving ends. */
    daylightSavingsEnd: attr(6, dateTime, { static: true }),
    /** How much daylight saving moves the clock, in minutes. */
    daylightSavingsDeviation: attr(7, int8, { static: true, unit: 'min' }),
    /** Whether it moves the clock at all. */
    daylightSavingsEnabled: attr(8, bool, { static: true }),
    /** What the clock goes by. */
    clockBase: attr(
      9,
      enumOf({
        'not-defined': 0,
        'internal-crystal': 1,
        'mains-frequency-50-hz': 2,
        'mains-frequency-60-hz': 3,
        gps: 4,
        'radio-controlled': 5,
      }),
      { static: true },
    ),
  },
  methods: {
    /** Sets it to the nearest quarter of an hour. */
    adjustToQuarter: method(1, zero),
    /** Sets it to the nearest begin of a measuring period. */
    adjustToMeasuringPeriod: method(2, zero),
    /** Sets it to the nearest minute. */
    adjustToMinute: method(3, zero),
    /** Sets it to the time that was preset. */
    adjustToPresetTime: method(4, zero),
    /** Presets a time, and when it may be taken over. */
    presetAdjustingTime: method(
      5,
      structure({ presetTime: dateTime, validityIntervalStart: dateTime, validityIntervalEnd: dateTime }),
    ),
    /** Seconds, -900 to 900. */
    shiftTime: method(6, int16),
  },
});

/** One action of a script: writes an attribute or executes a method. */
export const scriptAction = structure({
  serviceId: enumOf({ 'write-attribute': 1, 'execute-method': 2 }),
  classId: uint16,
  logicalName,
  index: int8,
  parameter: data,
});

/** Script table (class 9). */
export const ScriptTable = cosemClass({
  name: 'Script table',
  id: 9,
  version: 0,
  clause: '4.5.2',
  attributes: {
    /** Scripts by their numbers. */
    scripts: attr(2, array(structure({ scriptIdentifier: uint16, actions: array(scriptAction) })), { static: true }),
  },
  methods: {
    /** Executes a script by its number. */
    execute: method(1, uint16, executed),
  },
});

/** A script by its table and its number. */
export const scriptReference = structure({ scriptLogicalName: logicalName, scriptSelector: uint16 });

/** Seasons of a calendar. */
export const seasonProfile = array(structure({ seasonProfileName: text, seasonStart: dateTime, weekName: text }));

/** Weeks of a calendar: the day_id of each day. */
export const weekProfileTable = array(
  structure({
    weekProfileName: text,
    monday: uint8,
    tuesday: uint8,
    wednesday: uint8,
    thursday: uint8,
    friday: uint8,
    saturday: uint8,
    sunday: uint8,
  }),
);

/** Days of a calendar: which script runs when. */
export const dayProfileTable = array(
  structure({
    dayId: uint8,
    daySchedule: array(structure({ startTime: time, scriptLogicalName: logicalName, scriptSelector: uint16 })),
  }),
);

/** A day on which another day profile holds than the week has; its date may have wildcards. */
export const specialDay = structure({ index: uint16, specialdayDate: date, dayId: uint8 });

/** Special days table (class 11, IEC 62056-6-2): goes before the week profiles of the activity calendar. */
export const SpecialDaysTable = cosemClass({
  name: 'Special days table',
  id: 11,
  version: 0,
  clause: '4.5.4',
  attributes: {
    /** Days on which another day profile holds. */
    entries: attr(2, array(specialDay), setup),
  },
  methods: {
    /** Adds an entry, or takes the place of the one with its index. */
    insert: method(1, specialDay, executed),
    /** By index. */
    delete: method(2, uint16, executed),
  },
});

/** Activity calendar (class 20). */
export const ActivityCalendar = cosemClass({
  name: 'Activity calendar',
  id: 20,
  version: 0,
  clause: '4.5.5',
  attributes: {
    /** Name of the calendar in force. */
    calendarNameActive: attr(2, text, { static: true }),
    /** Seasons in force. */
    seasonProfileActive: attr(3, seasonProfile, { static: true }),
    /** Weeks in force. */
    weekProfileTableActive: attr(4, weekProfileTable, { static: true }),
    /** Days in force. */
    dayProfileTableActive: attr(5, dayProfileTable, { static: true }),
    /** Name of the calendar to come. */
    calendarNamePassive: attr(6, text, setup),
    /** Seasons to come. */
    seasonProfilePassive: attr(7, seasonProfile, setup),
    /** Weeks to come. */
    weekProfileTablePassive: attr(8, weekProfileTable, setup),
    /** Days to come. */
    dayProfileTablePassive: attr(9, dayProfileTable, setup),
    /** When the calendar to come takes over. */
    activatePassiveCalendarTime: attr(10, dateTime, setup),
  },
  methods: {
    /** Lets the calendar to come take over now. */
    activatePassiveCalendar: method(1, zero, executed),
  },
});

/** Single action schedule (class 22). The types say how many times there are, whether all are the same, and wildcards in dates. */
export const SingleActionSchedule = cosemClass({
  name: 'Single action schedule',
  id: 22,
  version: 0,
  clause: '4.5.7',
  attributes: {
    /** Which script is executed. */
    executedScript: attr(2, scriptReference, { static: true }),
    /** What its times may be. */
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
    /** When it is executed; wildcards repeat it. */
    executionTime: attr(4, array(structure({ time, date })), setup),
  },
});

/** control_state of a disconnect control. */
export const controlState = enumOf({ disconnected: 0, connected: 1, 'ready-for-reconnection': 2 });

/** Disconnect control (class 70). `outputState` is true while the supply is connected; control modes are 0 to 6. */
export const DisconnectControlV0 = cosemClass({
  name: 'Disconnect control',
  id: 70,
  version: 0,
  clause: '4.5.8',
  attributes: {
    /** Whether the supply is connected. */
    outputState: attr(2, bool),
    /** What the relay is in. */
    controlState: attr(3, controlState),
    /** What opens and closes it, 0 to 10. */
    controlMode: attr(4, enumNumber, setup),
  },
  methods: {
    /** Opens it. */
    remoteDisconnect: method(1, zero, executed),
    /** Closes it, or lets the button close it. */
    remoteReconnect: method(2, zero, executed),
  },
});

/** Disconnect control version 1: control modes 7 to 10. */
export const DisconnectControlV1 = extendClass(DisconnectControlV0, { version: 1 });

/** Limiter (class 71). Thresholds have the type of the monitored value; durations are seconds. */
export const Limiter = cosemClass({
  name: 'Limiter',
  id: 71,
  version: 0,
  clause: '4.5.9',
  attributes: {
    /** The attribute that is watched. */
    monitoredValue: attr(2, structure({ classId: uint16, logicalName, attributeIndex: int8 }), { static: true }),
    /** Threshold in force. */
    thresholdActive: attr(3, data),
    /** Threshold in normal operation. */
    thresholdNormal: attr(4, data, setup),
    /** Threshold in an emergency. */
    thresholdEmergency: attr(5, data, setup),
    /** Seconds above it before something happens. */
    minOverThresholdDuration: attr(6, uint32, { ...setup, unit: 's' }),
    /** Seconds below it before something happens. */
    minUnderThresholdDuration: attr(7, uint32, { ...setup, unit: 's' }),
    /** Which emergency, from when on, for how many seconds. */
    emergencyProfile: attr(
      8,
      structure({ emergencyProfileId: uint16, emergencyActivationTime: dateTime, emergencyDuration: uint32 }),
      { static: true },
    ),
    /** Emergencies that it takes part in. */
    emergencyProfileGroupIdList: attr(9, array(uint16), { static: true }),
    /** Whether there is an emergency now. */
    emergencyProfileActive: attr(10, bool),
    /** Scripts for going above and below the threshold. */
    actions: attr(11, structure({ actionOverThreshold: scriptReference, actionUnderThreshold: scriptReference }), {
      static: true,
    }),
  },
});

/** References of an object of this class, as `clientObject` gives them: `ClockClass`. */
export interface ClockObject extends ClientObject<typeof ClockClass> {}
/** References of an object of this class, as `clientObject` gives them: `ScriptTable`. */
export interface ScriptTableObject extends ClientObject<typeof ScriptTable> {}
/** References of an object of this class, as `clientObject` gives them: `ActivityCalendar`. */
export interface ActivityCalendarObject extends ClientObject<typeof ActivityCalendar> {}
/** References of an object of this class, as `clientObject` gives them: `SpecialDaysTable`. */
export interface SpecialDaysTableObject extends ClientObject<typeof SpecialDaysTable> {}
/** References of an object of this class, as `clientObject` gives them: `SingleActionSchedule`. */
export interface SingleActionScheduleObject extends ClientObject<typeof SingleActionSchedule> {}
/** References of an object of this class, as `clientObject` gives them: `DisconnectControlV0`. */
export interface DisconnectControlObject extends ClientObject<typeof DisconnectControlV0> {}
/** References of an object of this class, as `clientObject` gives them: `Limiter`. */
export interface LimiterObject extends ClientObject<typeof Limiter> {}
