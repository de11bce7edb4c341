/** Interface classes that store measurement data (IEC 62056-6-2 clause 4.3): data, registers, profiles. */

import { array, data, dateTime, enumOf, int8, logicalName, structure, uint16, uint32 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { selector } from '../selection.js';
import { zero } from '../types.js';
import { unit } from '../units.js';

/** What makes a quantity of a number (scal_unit_type): number × 10^scaler is in the unit. */
export const scalerUnit = structure({
  /** Power of ten that the number is multiplied by: 3 makes kilo of it, -2 hundredths. */
  scaler: int8,
  /** Unit of the number once it is scaled: `Wh`; `none` for a count. */
  unit,
});

/** One attribute of one object, or an element of it (capture_object_definition): what a column of a profile or a push holds. */
export const captureObject = structure({
  /** class_id of the object. */
  classId: uint16,
  /** Logical name of the object: `1.0.1.8.0.255`. */
  logicalName,
  /** Id of the attribute. */
  attributeIndex: int8,
  /** 0 is the whole attribute; otherwise the element of it, from 1, where it is a structure or an array. */
  dataIndex: uint16,
});

/** Data (class 1, Blue Book 4.3.1): any value without scaler and unit, such as a name or a counter. */
export const DataClass = cosemClass({
  name: 'Data',
  id: 1,
  version: 0,
  clause: '4.3.1',
  attributes: {
    /** The value with its wire type: any type, as the meter has it. */
    value: attr(2, data),
  },
});

/** Register (class 3, Blue Book 4.3.2): one quantity, such as an energy or a voltage. */
export const Register = cosemClass({
  name: 'Register',
  id: 3,
  version: 0,
  clause: '4.3.2',
  attributes: {
    /** Energy, voltage or another quantity, with its wire type; its scaler and unit stand in `scalerUnit`. */
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of `value`. */
    scalerUnit: attr(3, scalerUnit, { static: true }),
  },
  methods: {
    /** Sets the value back to its default. */
    reset: method(1, zero),
  },
});

/** Extended register (class 4, Blue Book 4.3.3): one quantity with its time and status, such as a maximum demand. */
export const ExtendedRegister = cosemClass({
  name: 'Extended register',
  id: 4,
  version: 0,
  clause: '4.3.3',
  attributes: {
    /** Energy, voltage or another quantity, with its wire type; its scaler and unit stand in `scalerUnit`. */
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of `value`. */
    scalerUnit: attr(3, scalerUnit, { static: true }),
    /** Status that belongs to the value, with its wire type; what it says is up to the maker. */
    status: attr(4, data),
    /** When the value came about: of a maximum demand the end of its period. */
    captureTime: attr(5, dateTime),
  },
  methods: {
    /** Sets the value back to its default; the capture time becomes that of the reset. */
    reset: method(1, zero),
  },
});

/** Demand register (class 5, Blue Book 4.3.4): a quantity averaged over periods, in blocks or sliding. */
export const DemandRegister = cosemClass({
  name: 'Demand register',
  id: 5,
  version: 0,
  clause: '4.3.4',
  attributes: {
    /** Average of the period under way so far, with its wire type; its scaler and unit stand in `scalerUnit`. */
    currentAverageValue: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Average of the periods that ended last, with its wire type; its scaler and unit stand in `scalerUnit`. */
    lastAverageValue: attr(3, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of both averages. */
    scalerUnit: attr(4, scalerUnit, { static: true }),
    /** Status that belongs to `lastAverageValue`, with its wire type; what it says is up to the maker. */
    status: attr(5, data),
    /** When `lastAverageValue` came about. */
    captureTime: attr(6, dateTime),
    /** When the period under way began. */
    startTimeCurrent: attr(7, dateTime),
    /** Time between two new values of `lastAverageValue`, in seconds. */
    period: attr(8, uint32, { static: true, unit: 's' }),
    /** How many periods `lastAverageValue` goes over; 1 is a block demand, more is a sliding one. */
    numberOfPeriods: attr(9, uint16, { static: true }),
  },
  methods: {
    /** Sets both averages back to their default and begins a period now. */
    reset: method(1, zero),
    /** Ends the period under way and begins the next one. */
    nextPeriod: method(2, zero),
  },
});

/** sort_method: the order of the rows of a profile. `fifo` is oldest first, `lifo` newest first; the others go by `sortObject`. */
export const sortMethod = enumOf({
  fifo: 1,
  lifo: 2,
  largest: 3,
  smallest: 4,
  'nearest-to-zero': 5,
  'farthest-from-zero': 6,
});

/** Rows by a value, such as their time (range_descriptor): those in which it lies between two values, both included. */
export const rangeDescriptor = structure({
  /** The column that decides, as in `captureObjects`: most often the clock. */
  restrictingObject: captureObject,
  /** Smallest value, of the type of that column: an octet-string of twelve octets for a time. */
  fromValue: data,
  /** Largest value, of the type of that column. */
  toValue: data,
  /** The columns to give; an empty list means all. */
  selectedValues: array(captureObject),
});

/** Rows and columns by their numbers, from 1 (entry_descriptor). */
export const entryDescriptor = structure({
  /** The first row, from 1. */
  fromEntry: uint32,
  /** The last row; 0 is the last that there is. */
  toEntry: uint32,
  /** The first column, from 1. */
  fromSelectedValue: uint16,
  /** The last column; 0 is the last that there is. */
  toSelectedValue: uint16,
});

/** The parts of a buffer that a client can ask for. */
const bufferSelectors = {
  /** Rows by a value, such as their time. */
  range: selector(1, rangeDescriptor),
  /** Rows and columns by their numbers. */
  entry: selector(2, entryDescriptor),
};

/** Profile generic version 1 (class 7, Blue Book 4.3.6): rows of values, such as a load profile, billing data or an event log. */
export const ProfileGenericV1 = cosemClass({
  name: 'Profile generic',
  id: 7,
  version: 1,
  clause: '4.3.6',
  attributes: {
    /** The rows: an array of structures or a compact-array, in each row a value for each of `captureObjects`. */
    buffer: attr(2, data, { selectors: bufferSelectors }),
    /** The columns: which attribute each of them holds. */
    captureObjects: attr(3, array(captureObject), { static: true }),
    /** Time between two rows in seconds; 0 where rows do not go by time, as in an event log. */
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    /** The order in which the rows stand. */
    sortMethod: attr(5, sortMethod, { static: true }),
    /** The column that the rows are sorted by; all zero where the order is `fifo` or `lifo`. */
    sortObject: attr(6, captureObject, { static: true }),
    /** How many rows the buffer has now. */
    entriesInUse: attr(7, uint32),
    /** How many rows the buffer can hold. */
    profileEntries: attr(8, uint32, { static: true }),
  },
  methods: {
    /** Deletes all rows. */
    reset: method(1, zero),
    /** Captures a row now. */
    capture: method(2, zero),
  },
});

/** Profile generic version 0 (class 7, Blue Book 4.3.6): methods give rows too. */
export const ProfileGenericV0 = extendClass(ProfileGenericV1, {
  version: 0,
  methods: {
    /** Gives rows by a value; parameter and answer are the maker's. */
    getBufferByRange: method(3, data, data),
    /** Gives rows by their numbers; parameter and answer are the maker's. */
    getBufferByIndex: method(4, data, data),
  },
});

/** References to the attributes and methods of a Data object, as `clientObject` makes them of {@link DataClass}. */
export interface DataObject extends ClientObject<typeof DataClass> {}
/** References to the attributes and methods of a Register object, as `clientObject` makes them of {@link Register}. */
export interface RegisterObject extends ClientObject<typeof Register> {}
/** References to the attributes and methods of an Extended register object, as `clientObject` makes them of {@link ExtendedRegister}. */
export interface ExtendedRegisterObject extends ClientObject<typeof ExtendedRegister> {}
/** References to the attributes and methods of a Demand register object, as `clientObject` makes them of {@link DemandRegister}. */
export interface DemandRegisterObject extends ClientObject<typeof DemandRegister> {}
/** References to the attributes and methods of a Profile generic object, as `clientObject` makes them of {@link ProfileGenericV1}. */
export interface ProfileGenericObject extends ClientObject<typeof ProfileGenericV1> {}
