/**
 * The isomorphic entry: everything that runs alike in Node and in a browser.
 *
 * @module cosem
 */

export { concat, equalBytes, fromHex, fromLatin1, isPrintable, toHex, toLatin1 } from './base/bytes.js';
export { type Clock, type Millis, systemClock, VirtualClock } from './base/clock.js';
export {
  AccessError,
  AssociationError,
  CosemError,
  DecodeError,
  type DecodeReason,
  type ErrorDetails,
  LinkError,
  type LinkReason,
  type PathSegment,
  SecurityError,
  type SecurityReason,
  StateError,
  TimeoutError,
} from './base/errors.js';
export { type LogicalName, parseLogicalName } from './base/obis.js';
export { decodeData, encodeData } from './codec/axdr.js';
export { compactArrayElements } from './codec/compact.js';
export type { BitString, CompactArray, Data, DataType, TypeDescription } from './codec/data.js';
export {
  CLOCK_STATUS,
  CosemDate,
  CosemDateTime,
  CosemTime,
  type DateFields,
  type DateTimeFields,
  DEVIATION_UNSPECIFIED,
  type TimeFields,
} from './codec/datetime.js';
export { Decimal } from './codec/decimal.js';
export { type DataJson, type DataJsonValue, dataFromJson, dataToJson, type TypeDescriptionJson } from './codec/json.js';
export {
  arrayOf,
  bcdValue,
  bitStringToText,
  bits,
  boolValue,
  compactArrayValue,
  dontCare,
  enumValue,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  nullValue,
  octets,
  structureOf,
  textOctets,
  u8,
  u16,
  u32,
  u64,
  utf8,
  visible,
} from './codec/make.js';
export type { Infer, Shape, Type } from './codec/type.js';
