/**
 * Interface classes, their types and units, and companion specifications: to declare a class of your own, or to write values.
 *
 * @module cosem/classes
 */

// ---- codec

export {
  arrayOf,
  bcdValue,
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
export {
  array,
  bcd,
  bitString,
  bool,
  choice,
  data,
  date,
  dateTime,
  enumOf,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  logicalName,
  nullData,
  octetString,
  type StructureValue,
  structure,
  text,
  time,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8String,
  visibleString,
} from './codec/types.js';
export { bitStringToText } from './codec/wire-value.js';

// ---- cosem

export type {
  AccessByRole,
  AccessRights,
  AccessRole,
  AttributeMode,
  MethodMode,
  RightsByClient,
} from './cosem/access.js';
export {
  type Attribute,
  type AttributeOptions,
  type AttributeRef,
  type Attributes,
  attr,
  attributeTarget,
  type ClassChange,
  type ClassDeclaration,
  type ClientObject,
  type CommonAttributes,
  type CosemClass,
  clientObject,
  cosemClass,
  extendClass,
  type Meaning,
  type Method,
  type MethodOptions,
  type MethodRef,
  type Methods,
  method,
  type ObjectRef,
  type SelectiveOptions,
  type UntypedObject,
  untypedObject,
} from './cosem/class.js';
export {
  type AssociationLnObject,
  AssociationLnV0,
  AssociationLnV1,
  AssociationLnV2,
  attributeAccessMode,
  methodAccessMode,
  objectListElement,
  SapAssignment,
  type SapAssignmentObject,
} from './cosem/classes/access.js';
export { ClockClass, type ClockObject } from './cosem/classes/clock.js';
export {
  GprsModemSetup,
  type GprsModemSetupObject,
  GsmDiagnostic,
  type GsmDiagnosticObject,
  GsmDiagnosticV1,
  type HdlcSetupObject,
  HdlcSetupV0,
  HdlcSetupV1,
  IecLocalPortSetup,
  type IecLocalPortSetupObject,
  Ipv6Setup,
  type Ipv6SetupObject,
  MacAddressSetup,
  type MacAddressSetupObject,
  NtpSetup,
  type NtpSetupObject,
  PppSetup,
  type PppSetupObject,
  SmtpSetup,
  type SmtpSetupObject,
  TcpUdpSetup,
  type TcpUdpSetupObject,
} from './cosem/classes/communication.js';
export {
  controlState,
  type DisconnectControlObject,
  DisconnectControlV0,
  DisconnectControlV1,
} from './cosem/classes/disconnect-control.js';
export {
  type G3MacSetupObject,
  G3MacSetupV1,
  G3MacSetupV2,
  G3MacSetupV3,
  type MBusClientObject,
  MBusClientV0,
  MBusClientV1,
  ZigbeeSasStartup,
  type ZigbeeSasStartupObject,
} from './cosem/classes/field-networks.js';
export { ImageTransfer, type ImageTransferObject } from './cosem/classes/image-transfer.js';
export {
  Account,
  type AccountObject,
  Credit,
  type CreditObject,
  TokenGateway,
  type TokenGatewayObject,
} from './cosem/classes/payment.js';
export { type PushSetupObject, PushSetupV0, PushSetupV1, PushSetupV2 } from './cosem/classes/push-setup.js';
export { type SecuritySetupObject, SecuritySetupV0, SecuritySetupV1 } from './cosem/classes/security-setup.js';
export {
  type AssociationSnObject,
  AssociationSnV1,
  AssociationSnV2,
  AssociationSnV3,
  AssociationSnV4,
} from './cosem/classes/short-names.js';
export {
  captureObject,
  DataClass,
  type DataObject,
  DemandRegister,
  type DemandRegisterObject,
  ExtendedRegister,
  type ExtendedRegisterObject,
  entryDescriptor,
  type ProfileGenericObject,
  ProfileGenericV0,
  ProfileGenericV1,
  Register,
  type RegisterObject,
  rangeDescriptor,
  scalerUnit,
} from './cosem/classes/storage.js';
export {
  ActivityCalendar,
  type ActivityCalendarObject,
  Limiter,
  type LimiterObject,
  ScriptTable,
  type ScriptTableObject,
  SingleActionSchedule,
  type SingleActionScheduleObject,
  SpecialDaysTable,
  type SpecialDaysTableObject,
} from './cosem/classes/time.js';
export type { AttributeAccess, AttributeSource, Implementation } from './cosem/implementation.js';
export { type AttributeName, attributesOf, isScalerUnit, scalerUnitRef } from './cosem/members.js';
export { describeLogicalName } from './cosem/names.js';
export { classes, className, classOf } from './cosem/registry.js';
export { defaultRights } from './cosem/rights.js';
export { type SelectedRef, selected } from './cosem/selected.js';
export {
  type NoSelectors,
  type SelectionOf,
  type Selector,
  type SelectorParameters,
  type Selectors,
  selector,
} from './cosem/selection.js';
export { enumNumber, optionalLogicalName, zero } from './cosem/types.js';
export { unit, unitCode, unitOf, unitQuantity, unitSymbol, units } from './cosem/units.js';

// ---- companion

export {
  type AssociationSpec,
  associationOf,
  type CaptureColumn,
  type Category,
  CONTROL_MODES,
  type EventSpec,
  type Money,
  type ObjectAccess,
  type ObjectSpec,
  objectTitle,
  type Presentation,
  type ProfileKind,
  type ProfileSpec,
  type PushSpec,
  type ReadingGroup,
  type ReadingSpec,
} from './companion/companion.js';
export { companionOf, companions } from './companion/companions.js';
export { type GenericTopic, generic } from './companion/generic.js';
export { companionWords } from './companion/hindi.js';
export type { Is15959Topic } from './companion/is15959/readings.js';
export { valueName } from './companion/value-name.js';
