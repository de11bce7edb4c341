/** The clock (IEC 62056-6-2 clause 4.5.1). It stands by itself, because every client has it. */

import { bool, dateTime, enumOf, int8, int16, structure, uint8 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { zero } from '../types.js';

/** What the utility sets. */
const set = { access: { utility: 'read-and-write' } } as const;
/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, ...set } as const;

/** Clock (class 8, Blue Book 4.5.1): the meter's time, its time zone and its daylight saving. */
export const ClockClass = cosemClass({
  name: 'Clock',
  id: 8,
  version: 0,
  clause: '4.5.1',
  attributes: {
    /** The meter's local date and time, with its deviation from UTC and its clock status. */
    time: attr(2, dateTime, { ...set, means: 'present-time' }),
    /** Deviation of local time without daylight saving from UTC in minutes: UTC = local + zone, so -330 for India. */
    timeZone: attr(3, int16, { ...setup, unit: 'min' }),
    /** The clock status octet, as it also stands in `time`. */
    status: attr(4, uint8),
    /** Local time at which daylight saving begins; wildcards repeat it every year. */
    daylightSavingsBegin: attr(5, dateTime, { static: true }),
    /** Local time at which daylight saving ends; wildcards repeat it every year. */
    daylightSavingsEnd: attr(6, dateTime, { static: true }),
    /** By how much daylight saving moves the clock, in minutes: 60. */
    daylightSavingsDeviation: attr(7, int8, { static: true, unit: 'min' }),
    /** Whether the meter changes to daylight saving at all. */
    daylightSavingsEnabled: attr(8, bool, { static: true }),
    /** What the clock takes its pace from. */
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
    /** Sets the clock to the nearest quarter of an hour. */
    adjustToQuarter: method(1, zero),
    /** Sets the clock to the nearest beginning of a measuring period. */
    adjustToMeasuringPeriod: method(2, zero),
    /** Sets the clock to the nearest full minute. */
    adjustToMinute: method(3, zero),
    /** Sets the clock to the preset time, within its validity interval. */
    adjustToPresetTime: method(4, zero),
    /** Presets a time that `adjustToPresetTime` sets later. */
    presetAdjustingTime: method(
      5,
      structure({
        /** The time to set. */
        presetTime: dateTime,
        /** From when on it may be set. */
        validityIntervalStart: dateTime,
        /** Until when it may be set. */
        validityIntervalEnd: dateTime,
      }),
    ),
    /** Moves the clock by so many seconds, -900 to 900. */
    shiftTime: method(6, int16),
  },
});

/** References to the attributes and methods of a Clock object, as `clientObject` makes them of {@link ClockClass}. */
export interface ClockObject extends ClientObject<typeof ClockClass> {}
