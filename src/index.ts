/**
 * The isomorphic entry: everything that runs alike in Node and in a browser. {@link open} is where to begin.
 *
 * @module cosem
 */

import { type DiscoverOptions, type Discovery, discoverOn } from './client/discover/discover.js';
import type { Meter } from './client/meter.js';
import type { OpenOptions } from './client/options.js';
import { speaksShortNamesOn } from './client/probe-short-names.js';
import { openKnowing } from './client/quirks/apply.js';
import { type Readout, type ReadoutOptions, readoutOn } from './client/readout.js';
import type { Transport } from './contracts/transport.js';
import { platform } from './platform.js';

// ---- base

export type { Backoff } from './base/backoff.js';
export {
  concat,
  equalBytes,
  equalConstantTime,
  fromHex,
  fromLatin1,
  isPrintable,
  toHex,
  toLatin1,
} from './base/bytes.js';
export { type Clock, type Millis, ScaledClock, systemClock, type TimerOptions, VirtualClock } from './base/clock.js';
export {
  AccessError,
  AssociationError,
  type Came,
  CosemError,
  DecodeError,
  type DecodeReason,
  type ErrorDetails,
  type KeyFault,
  LinkError,
  type LinkReason,
  type PathSegment,
  SecurityError,
  type SecurityReason,
  StateError,
  TimeoutError,
  UncertainError,
} from './base/errors.js';
export { LANGUAGES, type Language } from './base/language.js';
export { suggestion } from './base/near-miss.js';
export { type LogicalName, logicalNameFromBytes, logicalNameToBytes, parseLogicalName } from './base/obis.js';
export type { OnRemark, Remark } from './base/remark.js';
export { isText, shownOctets } from './base/shown.js';
export { counted, jsonText, visibleJson, visibleLines, visibleText } from './base/words.js';
export type { CacheStore } from './contracts/cache-store.js';

// ---- codec: Data, and typed views of it

export { decodeData, encodeData } from './codec/axdr.js';
export { compactArrayElements } from './codec/compact.js';
export type { BitString, CompactArray, Data, DataType, TypeDescription } from './codec/data.js';
export {
  CLOCK_STATUS,
  CosemDate,
  CosemDateTime,
  CosemTime,
  DAY_LAST,
  DAY_SECOND_LAST,
  type DateFields,
  type DateTimeFields,
  DEVIATION_UNSPECIFIED,
  MONTH_DST_BEGIN,
  MONTH_DST_END,
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
export {
  type BigIntColumn,
  type ClockColumn,
  type ColumnKind,
  type ColumnOf,
  type ColumnOptions,
  decodeColumns,
  type ProfileColumns,
} from './codec/profile.js';
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

// ---- cosem: interface classes, units, names

export {
  type Attribute,
  type AttributeAccess,
  type AttributeRef,
  type AttributeSource,
  type Attributes,
  attr,
  attributeTarget,
  type ClassDeclaration,
  type ClientObject,
  type CommonAttributes,
  type CosemClass,
  clientObject,
  cosemClass,
  extendClass,
  type Implementation,
  type Method,
  type MethodRef,
  type Methods,
  method,
  type ObjectRef,
  type Selection,
  type UntypedObject,
  untypedObject,
} from './cosem/class.js';
export {
  type AssociationLnObject,
  AssociationLnV0,
  AssociationLnV1,
  AssociationLnV2,
  attributeAccessMode,
  ImageTransfer,
  type ImageTransferObject,
  methodAccessMode,
  objectListElement,
  SapAssignment,
  type SapAssignmentObject,
  type SecuritySetupObject,
  SecuritySetupV0,
  SecuritySetupV1,
} from './cosem/classes/access.js';
export {
  GprsModemSetup,
  type GprsModemSetupObject,
  type HdlcSetupObject,
  HdlcSetupV0,
  HdlcSetupV1,
  Ipv6Setup,
  type Ipv6SetupObject,
  type PushSetupObject,
  PushSetupV0,
  PushSetupV1,
  PushSetupV2,
  TcpUdpSetup,
  type TcpUdpSetupObject,
} from './cosem/classes/communication.js';
export {
  captureObject,
  DataClass,
  type DataObject,
  DemandRegister,
  type DemandRegisterObject,
  ExtendedRegister,
  type ExtendedRegisterObject,
  type ProfileGenericObject,
  ProfileGenericV0,
  ProfileGenericV1,
  Register,
  type RegisterObject,
  scalerUnit,
} from './cosem/classes/storage.js';
export {
  ActivityCalendar,
  type ActivityCalendarObject,
  Clock as ClockClass,
  type ClockObject,
  controlState,
  type DisconnectControlObject,
  DisconnectControlV0,
  DisconnectControlV1,
  Limiter,
  type LimiterObject,
  ScriptTable,
  type ScriptTableObject,
  SingleActionSchedule,
  type SingleActionScheduleObject,
  SpecialDaysTable,
  type SpecialDaysTableObject,
} from './cosem/classes/time.js';
export { describeLogicalName } from './cosem/names.js';
export { classes, className, classOf } from './cosem/registry.js';
export type * from './cosem/template.js';
export { checkTemplate, parseTemplate, templateText } from './cosem/template.js';
export { enumNumber, optionalLogicalName, zero } from './cosem/types.js';
export { type Unit, unit, unitCode, unitOf, unitQuantity, unitSymbol, units } from './cosem/units.js';

// ---- security

export type { CounterStore } from './contracts/counter-store.js';
export type { CryptoProvider, Curve } from './contracts/crypto-provider.js';
export type { Protection } from './contracts/protection.js';
export type { ReplayGuard } from './contracts/replay-guard.js';
export { protectionOf } from './security/ciphering.js';
export { MemoryCounterStore } from './security/counter.js';
export { unwrapKey, wrapKey } from './security/keys.js';
export { nobleCrypto } from './security/noble-crypto.js';
export { MemoryReplayGuard } from './security/replay.js';
export { type SecuritySuite, type SuiteId, securitySuites } from './security/suites.js';
export type { NewKeys } from './session/key-transfer.js';

// ---- link and transport

export type { LineObserver, TraceEntry } from './contracts/line-observer.js';
export type { ClosedEvent, ConnectedEvent, Link, LinkEvent, PayloadEvent, SendOptions } from './contracts/link.js';
export type { LineSettings, Transport, TransportHandler } from './contracts/transport.js';
export type { HdlcClientConfig, HdlcCommonConfig, HdlcServerConfig } from './link/hdlc-config.js';
export { HdlcLink } from './link/hdlc-link.js';
export type { HdlcParameters } from './link/hdlc-parameters.js';
export type { HdlcServerSlips } from './link/hdlc-slips.js';
export {
  type DataSet,
  decodeIec21,
  encodeCommand,
  encodeReadout,
  type Identification,
  type Iec21Message,
} from './link/iec21.js';
export {
  type ModeCClientConfig,
  ModeCLink,
  type ModeCServerConfig,
  SELECT_PROGRAMMING,
  SELECT_READOUT,
} from './link/mode-c.js';
export { ModeELink } from './link/mode-e.js';
export type {
  InnerLink,
  InnerLinkOptions,
  ModeEClientConfig,
  ModeEServerConfig,
  Opening,
} from './link/mode-e-config.js';
export { type DecodedTelegram, decodeTelegram, type TelegramMeter, TelegramSplitter } from './link/telegram.js';
export {
  type WrapperClientConfig,
  type WrapperCommonConfig,
  WrapperLink,
  type WrapperListenerConfig,
  type WrapperServerConfig,
} from './link/wrapper-link.js';
export { ClientDriver, type ClientDriverOptions } from './transport/driver.js';
export { IdlePeers, type IdlePeersOptions, type Standing } from './transport/idle-peers.js';
export { type MemoryPairOptions, memoryPair } from './transport/memory.js';
export { type ServedLink, type ServerHandler, serveLink } from './transport/server.js';

// ---- apdu and session: for those who drive the protocol themselves

export type * from './apdu/apdu.js';
export { type DecodeOptions, decodeApdu, encodeApdu } from './apdu/codec.js';
export { CONFORMANCE, type ConformanceName, conformanceBits, conformanceNames } from './apdu/conformance.js';
export type { Deviation, DeviationCode, OnDeviation } from './apdu/deviation.js';
export { actionResultName, dataAccessResultName } from './apdu/results.js';
export {
  type CaptureObject,
  CLOCK_TIME,
  type EntryDescriptor,
  entrySelection,
  type RangeDescriptor,
  rangeSelection,
} from './apdu/selection.js';
export type { MechanismId } from './contracts/association.js';
export type { Exchange, Procedure } from './contracts/procedure.js';
export type { GlobalKeys } from './contracts/protection.js';
export type * from './contracts/services.js';
export {
  type AssociationView,
  CLIENT_CONFORMANCE,
  type ClientSecurity,
  type ClientSessionConfig,
} from './session/client-config.js';
export { type ActionItem, ClientSession, type SetItem } from './session/client-session.js';
export type { OnBlock } from './session/client-transfer.js';
export { receivedEntryOf } from './session/kept-received.js';
export {
  type Notification,
  NotificationReceiver,
  type NotificationReceiverConfig,
  type OpenedPush,
} from './session/notification.js';
export type { PushKeys } from './session/push-faults.js';
export { mayBeShortNames } from './session/short-names.js';

// ---- client

export type { Loss, Resumption } from './client/connection.js';
export { HIGHEST_UNASKED_COUNTER, LARGEST_COUNTER_STEP, usualCounterObjects } from './client/counters.js';
export type { DiscoveredMeter, DiscoverOptions, Discovery } from './client/discover/discover.js';
export {
  describeProbe,
  type MeterAddress,
  type Probe,
  type Search,
  type SearchOptions,
  type Sighting,
  type SignedOn,
  search,
  shortList,
  USUAL_BAUDS,
  type Way,
} from './client/discover/plan.js';
export { type DumpedConnection, type DumpOptions, type DumpProgress, MeterDump } from './client/dump.js';
export { findCompanion } from './client/find-companion.js';
export {
  type Image,
  ImageError,
  type ImageFault,
  type ImageInfo,
  type ImageProgress,
  type ImageStatus,
  type ImageTransferOptions,
  ImageUpdate,
  type ImageUpdateOptions,
  type ImageWaitOptions,
} from './client/image-transfer.js';
export {
  changeHlsSecret,
  changeKeys,
  changePassword,
  changeProved,
  type Held,
  type HlsSecretChange,
  KeyChangeError,
  type KeyTransfer,
  type Reopen,
  type SecretChange,
  transferKeys,
} from './client/keys.js';
export {
  type CallOptions,
  Meter,
  type MeterParts,
  type Outcome,
  type OutcomesOf,
  type SelectedRef,
  selected,
  type ValuesOf,
} from './client/meter.js';
export type { MeterClosed, MeterEvents, MeterLost } from './client/meter-events.js';
export type { ListedAttribute, ListedMethod, ListedObject, ObjectListing, OddEntry } from './client/object-list.js';
export type { Reconnect, SecurityOptions, TraceEvent } from './client/options.js';
export {
  type Authentication,
  authentications,
  counterEntryOf,
  type Framing,
  type OpenOptions,
} from './client/options.js';
export {
  Profile,
  type ProfileColumn,
  type ProfileRow,
  type ProfileState,
  type RowOptions,
} from './client/profile.js';
export { isNumbered } from './client/profile-columns.js';
export { newestOf, orderOf, type RowOrder } from './client/profile-newest.js';
export type { Moment, RowSelection } from './client/profile-selection.js';
export { eventCodeOf } from './client/quirks/event-code.js';
export { knownQuirks } from './client/quirks/known.js';
export {
  type EffectKind,
  parseQuirks,
  QUIRK_EFFECTS,
  type QuirkEffects,
  type QuirkMatch,
  type QuirkSheet,
  quirksSchema,
  type Schema as QuirkSchema,
} from './client/quirks/sheet.js';
export { type ReadBack, readBack, setClock } from './client/read-back.js';
export { dataText, Reading, type ReadingParts, type ScalerUnit } from './client/readings.js';
export {
  logicalNameOf,
  type Readout,
  type ReadoutMeter,
  type ReadoutOptions,
  type ReadoutValue,
} from './client/readout.js';
export { Relay, type RelayOptions, type RelayOutcome, type RelayStatus } from './client/relay.js';
export type { ProfileProgress } from './client/row-collector.js';
export type {
  Account,
  BlockUsage,
  DaysLeft,
  DayUsage,
  EnergySince,
  NoDaysLeft,
  PhaseNow,
  Usage,
} from './client/usage.js';
export { UsageWatch, type UsageWatchOptions } from './client/usage-watch.js';

// ---- companion specifications

export {
  type AssociationSpec,
  associationOf,
  type CaptureColumn,
  type Category,
  CONTROL_MODES,
  type Companion,
  type EventSpec,
  type Money,
  type ObjectAccess,
  type ObjectSpec,
  objectTitle,
  type Presentation,
  type ProfileKind,
  type ProfileSpec,
  type PushSpec,
  type Reading as ReadingSpec,
  type ReadingGroup,
  readingsOf,
} from './companion/companion.js';
export { companionOf, companions } from './companion/companions.js';
export { type GenericTopic, generic } from './companion/generic.js';
export { is15959 } from './companion/is15959/is15959.js';
export type { Is15959Topic } from './companion/is15959/readings.js';

// ---- causes: why something does not work, in words

export { type Cause, type CauseFacts, type Sentence, STAGES, type Stage } from './causes/cause.js';
export { type CauseId, causes, type WordedCause, wordCause } from './causes/causes.js';
export { type ProgressId, wordProgress } from './causes/passed.js';

// ---- inspect: octets taken apart

export { type CaptureOptions, CaptureWriter } from './inspect/input/capture-writer.js';
export {
  type Input,
  type InputForm,
  type InputPiece,
  type InputStream,
  looksLikeIec21,
  readInput,
  readInputText,
} from './inspect/input/input.js';
export { inspectInput } from './inspect/input/inspect-input.js';
export { CaptureRecorder, type RecorderOptions } from './inspect/input/recorder.js';
export { inspect } from './inspect/inspect.js';
export {
  type Direction,
  type Inspected,
  type InspectedMessage,
  Inspector,
  type InspectorOptions,
} from './inspect/inspector.js';
export { FrameMasker, type MaskedFrame } from './inspect/masker.js';
export { type InspectNode, type NodeError, type NodeValue, walk as walkNodes } from './inspect/node.js';
export type { InspectKeys, InspectOptions, SystemTitles } from './inspect/options.js';
export { renderLine, renderText, type TextOptions } from './inspect/text.js';
export type { Framing as InspectedFraming } from './inspect/units.js';
export { inspectValue } from './inspect/value.js';
export { attributeName, methodName } from './inspect/words.js';

// ---- push: what meters send by themselves

export { type DeframerEvent, PushDeframer, type PushFraming } from './push/deframer.js';
export { knownPushSheets } from './push/known-sheets.js';
export { type Push, type PushEvent, PushReceiver, type PushReceiverConfig } from './push/receiver.js';
export { type ResolvedPush, type ResolveOptions, resolvePush } from './push/resolve.js';
export { type PushForm, type PushMatch, type PushSheet, parsePushSheets, type Trust } from './push/sheet.js';
export { readTelegram, type Telegram, type TelegramReadings } from './push/telegram.js';

// ---- open

/**
 * Opens an association with a meter: opens the transport, connects the data link, associates, authenticates. When anything of it fails,
 * everything is closed again before the error comes.
 *
 * ```ts
 * const meter = await open(tcp('127.0.0.1', 4059), { framing: 'wrapper', client: 16 });
 * try {
 *   const time = await meter.get(meter.clock().time);
 * } finally {
 *   await meter.close();
 * }
 * ```
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when
 * the meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export function open(transport: Transport, options: OpenOptions = {}): Promise<Meter> {
  return openKnowing(platform, transport, options);
}

/**
 * Looks for the meter at the other end of a line: speed, framing, addresses; then reads its name plate as the public client. Nothing is
 * written to a meter.
 * @param connect makes a transport for the line, not open yet.
 * @throws LinkError when the port or host is not to be had.
 */
export function discover(connect: () => Transport, options: DiscoverOptions): Promise<Discovery> {
  return discoverOn(platform, connect, options);
}

/**
 * Asks a meter that refused an association once in the context of short names (IEC 62056-5-3 clause 7.2), without authentication. Nothing
 * secret goes out.
 * @param transport a line of its own, not open yet; it is closed again.
 * @param options those of the association that was refused.
 * @returns whether the meter takes that context; false as well where no answer comes.
 */
export function speaksShortNames(transport: Transport, options: OpenOptions = {}): Promise<boolean> {
  return speaksShortNamesOn(platform, transport, options);
}

/**
 * Reads a meter of IEC 62056-21 without HDLC: its data readout, or registers in programming mode.
 * @throws LinkError when there is no line or nobody answers; AccessError when the meter refuses; DecodeError.
 */
export function readout(transport: Transport, options: ReadoutOptions = {}): Promise<Readout> {
  return readoutOn(platform, transport, options);
}
