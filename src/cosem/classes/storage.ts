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
  attributes: { value: attr(2, data) },
});

/** Register (class 3). */
export const Register = cosemClass({
  name: 'Register',
  id: 3,
  version: 0,
  clause: '4.3.2',
  attributes: {
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    scalerUnit: attr(3, scalerUnit, { static: true }),
  },
  methods: { reset: method(1, zero) },
});

/** Extended register (class 4). */
export const ExtendedRegister = cosemClass({
  name: 'Extended register',
  id: 4,
  version: 0,
  clause: '4.3.3',
  attributes: {
    value: attr(2, data, { scaledBy: 'scalerUnit' }),
    scalerUnit: attr(3, scalerUnit, { static: true }),
    status: attr(4, data),
    captureTime: attr(5, dateTime),
  },
  methods: { reset: method(1, zero) },
});

/** Demand register (class 5). `period` is in seconds. */
export const DemandRegister = cosemClass({
  name: 'Demand register',
  id: 5,
  version: 0,
  clause: '4.3.4',
  attributes: {
    currentAverageValue: attr(2, data, { scaledBy: 'scalerUnit' }),
    lastAverageValue: attr(3, data, { scaledBy: 'scalerUnit' }),
    scalerUnit: attr(4, scalerUnit, { static: true }),
    status: attr(5, data),
    captureTime: attr(6, dateTime),
    startTimeCurrent: attr(7, dateTime),
    period: attr(8, uint32, { static: true, unit: 's' }),
    numberOfPeriods: attr(9, uint16, { static: true }),
  },
  methods: { reset: method(1, zero), nextPeriod: method(2, zero) },
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
    buffer: attr(2, data, { selectors: bufferSelectors }),
    captureObjects: attr(3, array(captureObject), { static: true }),
    capturePeriod: attr(4, uint32, { static: true, unit: 's' }),
    sortMethod: attr(5, sortMethod, { static: true }),
    sortObject: attr(6, captureObject, { static: true }),
    entriesInUse: attr(7, uint32),
    profileEntries: attr(8, uint32, { static: true }),
  },
  methods: { reset: method(1, zero), capture: method(2, zero) },
});

/** Profile generic version 0: range and entry access were methods too. */
export const ProfileGenericV0 = extendClass(ProfileGenericV1, {
  version: 0,
  methods: { getBufferByRange: method(3, data, data), getBufferByIndex: method(4, data, data) },
});

export interface DataObject extends ClientObject<typeof DataClass> {}
export interface RegisterObject extends ClientObject<typeof Register> {}
export interface ExtendedRegisterObject extends ClientObject<typeof ExtendedRegister> {}
export interface DemandRegisterObject extends ClientObject<typeof DemandRegister> {}
export interface ProfileGenericObject extends ClientObject<typeof ProfileGenericV1> {}
