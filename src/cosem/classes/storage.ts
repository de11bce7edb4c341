/** Interface classes for the storage of measurement data (IEC 62056-6-2 clause 4.3, Blue Book 4.3). */

import { array, data, dateTime, enumOf, int8, logicalName, structure, uint16, uint32 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { selector } from '../selection.js';
import { zero } from '../types.js';
import { unit } from '../units.js';

/** scal_unit_type: the value read times 10^scaler is in the unit. */
export const scalerUnit = structure({ scaler: int8, unit });

/** capture_object_definition: an attribute of an object; `dataIndex` 0 means the whole attribute. */
export const captureObject = structure({
  classId: uint16,
  logicalName,
  attributeIndex: int8,
  dataIndex: uint16,
});

/** Data (class 1). */
export const DataClass = cosemClass({
  name: 'Data',
  id: 1,
  version: 0,
  clause: '4.3.1',
  attributes: {
    /** The value with its wire type, not scaled. */
    value: attr(2, data),
  },
});

/** Register (class 3). */
export const Register = cosemClass({
  name: 'Register',
  id: 3,
  version: 0,
  clause: '4.3.2',
  attributes: {
    /** The value with its wire type, not scaled. */
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of the value. */
    scalerUnit: attr(3, scalerUnit, { static: true }),
  },
  methods: {
    /** Sets it back to its default; of a profile: forgets all rows. */
    reset: method(1, zero),
  },
});

/** Extended register (class 4). */
export const ExtendedRegister = cosemClass({
  name: 'Extended register',
  id: 4,
  version: 0,
  clause: '4.3.3',
  attributes: {
    /** The value with its wire type, not scaled. */
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of the value. */
    scalerUnit: attr(3, scalerUnit, { static: true }),
    /** Status of the value, in a form of the maker. */
    status: attr(4, data),
    /** When the value was captured. */
    captureTime: attr(5, dateTime),
  },
  methods: {
    /** Sets it back to its default; of a profile: forgets all rows. */
    reset: method(1, zero),
  },
});

/** Demand register (class 5). `period` is in seconds. */
export const DemandRegister = cosemClass({
  name: 'Demand register',
  id: 5,
  version: 0,
  clause: '4.3.4',
  attributes: {
    /** Demand of the period under way so far, not scaled. */
    currentAverageValue: attr(2, data, { scaledBy: 'scalerUnit' }),
    /** Demand of the last period that ended, not scaled. */
    lastAverageValue: attr(3, data, { scaledBy: 'scalerUnit' }),
    /** Scaler and unit of the value. */
    scalerUnit: attr(4, scalerUnit, { static: true }),
    /** Status of the value, in a form of the maker. */
    status: attr(5, data),
    /** When the value was captured. */
    captureTime: attr(6, dateTime),
    /** When the period under way began. */
    startTimeCurrent: attr(7, dateTime),
    /** Length of a period in seconds. */
    period: attr(8, uint32, { static: true, unit: 's' }),
    /** How many periods a sliding demand spans. */
    numberOfPeriods: attr(9, uint16, { static: true }),
  },
  methods: {
    /** Sets it back to its default; of a profile: forgets all rows. */
    reset: method(1, zero),
    /** Ends the period under way. */
    nextPeriod: method(2, zero),
  },
});

/** sort_method of a profile. */
export const sortMethod = enumOf({
  fifo: 1,
  lifo: 2,
  largest: 3,
  smallest: 4,
  'nearest-to-zero': 5,
  'farthest-from-zero': 6,
});

/** range_descriptor: the rows whose restricting object lies between two values of its own type, both included. */
export const rangeDescriptor = structure({
  restrictingObject: captureObject,
  fromValue: data,
  toValue: data,
  /** Columns wanted; none: all. */
  selectedValues: array(captureObject),
});

/** entry_descriptor: rows by their number, columns by theirs. Both begin at 1; 0 as the end is the last. */
export const entryDescriptor = structure({
  fromEntry: uint32,
  toEntry: uint32,
  fromSelectedValue: uint16,
  toSelectedValue: uint16,
});

/** What of a buffer can be asked for. */
const bufferSelectors = { range: selector(1, rangeDescriptor), entry: selector(2, entryDescriptor) };

/**
 * Profile generic (class 7 version 1). The buffer is an array of structures or a compact-array, one element for each capture object.
 * `capturePeriod` is in seconds, 0 = not by time.
 */
export const ProfileGenericV1 = cosemClass({
  name: 'Profile generic',
  id: 7,
  version: 1,
  clause: '4.3.6',
  attributes: {
    /** Rows: one value for each capture object. */
    buffer: attr(2, data, { selectors: bufferSelectors }),
    /** What the columns are. */
    captureObjects: attr(3, array(captureObject), { static: true }),
    /** Seconds between rows; 0 is not by time. */
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    /** In which order rows stand. */
    sortMethod: attr(5, sortMethod, { static: true }),
    /** The column they are sorted by. */
    sortObject: attr(6, captureObject, { static: true }),
    /** How many rows there are. */
    entriesInUse: attr(7, uint32),
    /** How many rows there can be. */
    profileEntries: attr(8, uint32, { static: true }),
  },
  methods: {
    /** Sets it back to its default; of a profile: forgets all rows. */
    reset: method(1, zero),
    /** Makes a row now. */
    capture: method(2, zero),
  },
});

/** Profile generic version 0: range and entry access were methods too. */
export const ProfileGenericV0 = extendClass(ProfileGenericV1, {
  version: 0,
  methods: {
    /** Gives the rows of a range. */
    getBufferByRange: method(3, data, data),
    /** Gives rows by their numbers. */
    getBufferByIndex: method(4, data, data),
  },
});

/** References of an object of this class, as `clientObject` gives them: `DataClass`. */
export interface DataObject extends ClientObject<typeof DataClass> {}
/** References of an object of this class, as `clientObject` gives them: `Register`. */
export interface RegisterObject extends ClientObject<typeof Register> {}
/** References of an object of this class, as `clientObject` gives them: `ExtendedRegister`. */
export interface ExtendedRegisterObject extends ClientObject<typeof ExtendedRegister> {}
/** References of an object of this class, as `clientObject` gives them: `DemandRegister`. */
export interface DemandRegisterObject extends ClientObject<typeof DemandRegister> {}
/** References of an object of this class, as `clientObject` gives them: `ProfileGenericV1`. */
export interface ProfileGenericObject extends ClientObject<typeof ProfileGenericV1> {}
