/**
 * The protocol itself, for programs that drive it themselves: octets, Data and A-XDR, APDUs, links, sessions, security, and the driver, which alone does
 * I/O. {@link decodeApdu}, {@link HdlcLink}, {@link ClientSession} and {@link ClientDriver} are where to begin.
 *
 * @module cosem/protocol
 */

// ---- base

export type { Backoff } from './base/backoff.js';
export { concat, equalBytes, equalConstantTime, fromLatin1, isPrintable, toLatin1 } from './base/bytes.js';
export { ScaledClock, type TimerOptions } from './base/clock.js';
export type {
  Came,
  DecodeReason,
  ErrorDetails,
  KeyFault,
  LinkReason,
  PathSegment,
  SecurityReason,
} from './base/errors.js';
export { checkOptions, type OptionNames, type OtherNames } from './base/known-options.js';
export { logicalNameFromBytes, logicalNameToBytes, parseLogicalName } from './base/obis.js';

// ---- codec

export { decodeData, encodeData } from './codec/axdr.js';
export { compactArrayElements } from './codec/compact.js';
export type { BitString, CompactArray, DataType, TypeDescription } from './codec/data.js';
export {
  CLOCK_STATUS,
  DAY_LAST,
  DAY_SECOND_LAST,
  type DateFields,
  type DateTimeFields,
  DEVIATION_UNSPECIFIED,
  MONTH_DST_BEGIN,
  MONTH_DST_END,
  type TimeFields,
} from './codec/datetime.js';
export { type DataJson, type DataJsonValue, dataFromJson, dataToJson } from './codec/json.js';
export {
  type BigIntColumn,
  type ClockColumn,
  type ColumnKind,
  type ColumnOf,
  type ColumnOptions,
  decodeColumns,
  type ProfileColumns,
} from './codec/profile.js';
export type { TypeDescriptionJson } from './codec/wire-value.js';

// ---- contracts

export type * from './contracts/certificates.js';
export type { Curve } from './contracts/crypto-provider.js';
export type { GlobalKeys, KeyPairs, MessageKey, Protection } from './contracts/protection.js';

// ---- security

export { protectionOf } from './security/ciphering.js';
export { unwrapKey, wrapKey } from './security/keys.js';
export { type SecuritySuite, type SuiteId, securitySuites } from './security/suites.js';

// ---- session

export type { NewKeys } from './session/key-transfer.js';

// ---- contracts

export type { LineObserver, TraceEntry } from './contracts/line-observer.js';
export type { ClosedEvent, ConnectedEvent, Link, LinkEvent, PayloadEvent, SendOptions } from './contracts/link.js';
export type { LineSettings, TransportHandler } from './contracts/transport.js';

// ---- link

export type {
  HdlcClientConfig,
  HdlcCommonConfig,
  HdlcServerConfig,
  HdlcServerWording,
  Settlement,
} from './link/hdlc-config.js';
export { HdlcLink } from './link/hdlc-link.js';
export type { HdlcParameters } from './link/hdlc-parameters.js';

export {
  type DataSet,
  decodeIec21,
  encodeCommand,
  encodeReadout,
  type Identification,
  type Iec21Message,
} from './link/iec21.js';
export { ModeCLink, SELECT_PROGRAMMING, SELECT_READOUT } from './link/mode-c.js';
export type { ModeCClientConfig, ModeCServerConfig } from './link/mode-c-config.js';
export { ModeELink } from './link/mode-e.js';
export type {
  InnerLink,
  InnerLinkOptions,
  ModeEClientConfig,
  ModeEServerConfig,
  Opening,
} from './link/mode-e-config.js';
export { type DecodedTelegram, decodeTelegram, type TelegramMeter, TelegramSplitter } from './link/telegram.js';
export type {
  WrapperClientConfig,
  WrapperCommonConfig,
  WrapperListenerConfig,
  WrapperServerConfig,
} from './link/wrapper-config.js';
export { WrapperLink } from './link/wrapper-link.js';

// ---- transport

export { ClientDriver } from './transport/driver.js';
export type { ClientDriverOptions } from './transport/driver-options.js';
export { type MemoryPairOptions, memoryPair } from './transport/memory.js';

// ---- apdu

export type * from './apdu/apdu.js';
export { type DecodeOptions, decodeApdu, encodeApdu } from './apdu/codec.js';
export { CONFORMANCE, type ConformanceName, conformanceBits, conformanceNames } from './apdu/conformance.js';
export type { Deviation, DeviationCode, OnDeviation } from './apdu/deviation.js';
export { gatewayText } from './apdu/gateway.js';
export { actionResultName, dataAccessResultName } from './apdu/results.js';
export type * from './apdu/service-apdus.js';
export type * from './apdu/short-name-apdus.js';

// ---- contracts

export type { MechanismId } from './contracts/association.js';
export type { Exchange, Procedure } from './contracts/procedure.js';
export type * from './contracts/services.js';
export type { NamedMethod, ReadShortNames, ShortNames } from './contracts/short-names.js';

// ---- session

export { readShortNames } from './client/short-naming.js';
export type { AccessAnswer, AccessItem, AccessOptions } from './session/client-access.js';
export {
  type AssociationView,
  CLIENT_CONFORMANCE,
  type ClientSecurity,
  type ClientSessionConfig,
} from './session/client-config.js';
export type { ActionItem, SetItem } from './session/client-services.js';
export { ClientSession } from './session/client-session.js';
export type { OnBlock } from './session/client-transfer.js';
export { receivedEntryOf } from './session/kept-received.js';
export type { NotificationReceiverConfig, OpenedPush } from './session/notification.js';
export type { PushKeys } from './session/push-faults.js';
export { mayBeShortNames } from './session/short-names.js';
