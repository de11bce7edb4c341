/**
 * The entry for Node that commissions smart meters: work orders, verification of consumers by one-time code, the eleven steps with their
 * journal, the consumer index, signed records and how they are sent. Begin with {@link Workspace}.
 *
 * ```ts
 * using workspace = await Workspace.open('commissioning', { passphrase });
 * const session = workspace.session('WO-7');
 * ```
 *
 * @module cosem/commissioning
 */

// ---- a folder and its work

export { LANGUAGES, type Language } from 'cosem/inspect';
export { type Answers, type Preferences, parseAnswers, parsePreferences } from './answers.js';
export { ClientMeterPort } from './client-meter-port.js';
export type { DayEntry, OrderFile } from './day.js';
export { DocumentError, type DocumentProblem } from './document.js';
export { DOCUMENT_KINDS, documentKindIn } from './document-kinds.js';
export type * from './evidence.js';
export {
  type AnyIntent,
  type Intent,
  Journal,
  type JournalEntry,
  type OrderStatus,
  type StepOf,
  type StepState,
} from './journal.js';
export { answersJsonSchema, mappingJsonSchema, policyJsonSchema, workOrderJsonSchema } from './json-schemas.js';
export type {
  BlockLoad,
  LoadBlock,
  LoggedEvent,
  MeterPort,
  PaymentModes,
  RelayState,
  TamperReport,
} from './meter-port.js';
export { OnDemandMeterPort } from './on-demand-meter-port.js';
export type { ModeChangeEvidence, ModesEvidence, PaymentModeEvidence } from './payment-mode/evidence.js';
export type { PaymentModeRecord } from './payment-mode/record.js';
export { type PaymentModeParts, PaymentModeVisit } from './payment-mode/visit.js';
export { readOctets, readTextFile, writeWholeFile } from './platform/files.js';
export {
  type CreateWorkspaceOptions,
  createWorkspace,
  listDay,
  type OpenWorkspaceOptions,
  readPolicy,
  readTrustedSigners,
  Workspace,
  type WorkspacePaths,
  workspacePaths,
} from './platform/workspace.js';
export { defaultPolicy, type Policy, parsePolicy, TAMPERS, type Tamper } from './policy.js';
export type { ReconnectOptions } from './reconnection/close.js';
export { saidOf } from './reconnection/content.js';
export type { LeftReason, ReconnectEvidence, ReconnectionEvidence, SupplyLook } from './reconnection/evidence.js';
export type { FoundInRecord, ReconnectionRecord, SaidInRecord } from './reconnection/record.js';
export { type ReconnectionParts, ReconnectionVisit } from './reconnection/visit.js';
export { refusalOf } from './refusal-of.js';
export { RefusedError } from './refused.js';
export { CommissioningSession, type SessionParts, type StepResult } from './session.js';
export type { StepContext, VisitContext } from './step/context.js';
export type { IndexInput } from './step/finish.js';
export type { MeterRegister, NewMeterInput, TamperExplanations } from './step/meter.js';
export {
  type DocumentInput,
  dayIn,
  documentNumberIn,
  finalReadingIn,
  type InstallerInput,
  installerNameIn,
  letterDayIn,
  type OldMeterInput,
  readableIn,
  UNREADABLE,
} from './step/papers.js';
export type { RelayPhase, RelayStepOptions } from './step/relay.js';
export type { Signing } from './step/sign.js';
export { type AnyStep, STEPS, STEPS_OF, type StepId, stepName, stepNumber } from './steps.js';
export { StorageError, type StorageReason } from './storage-error.js';
export type { SurveyEvidence } from './survey/evidence.js';
export { METER_STATES, type MeterState, SEAL_STATES, type SealState, type SurveyedMeter } from './survey/meter.js';
export {
  networkCodeIn,
  type OldMeterFound,
  type PlaceInput,
  type SurveyedMeterInput,
  type SurveyParts,
  type SurveyResult,
  SurveySession,
  type SurveyStep,
  serialIn,
} from './survey/session.js';
export { type SurveyFound, type SurveyRules, surveyFor } from './survey/take-up.js';
export { type CodeSent, Visit, type VisitParts, type VisitResult } from './visit.js';
export {
  COMMAND_OF,
  type InstallationOrder,
  type KeysOfMeter,
  METER_PROFILES,
  type MeterComparisonOrder,
  type MeterProfileName,
  MOST_HOURS,
  meterOf,
  type Network,
  type OrderedConsumer,
  type OrderedMeter,
  type PaymentModeOrder,
  type Position,
  parseWorkOrder,
  type ReconnectionOrder,
  type SurveyOrder,
  type WorkOrder,
  type WorkOrderFile,
  type WorkOrderKind,
} from './work-order.js';

// ---- a day

export {
  type DayEvent,
  DayLog,
  type DayOrder,
  dayOrders,
  type OrderTimes,
  type Postponed,
} from './day-log.js';
export {
  type DayOutcome,
  type DayReport,
  type DayReportOptions,
  type DayReportRow,
  dayReport,
  dayReportCsv,
  reportTotals,
} from './day-report.js';
export { listDayOrders, openDayLog } from './platform/day-book.js';
export { dayReportPdf } from './platform/day-report-pdf.js';
export { type HandedOver, handOver, writeHandOver } from './platform/hand-over.js';
export { isPostponeReason, POSTPONE_REASONS, type PostponeReason } from './postpone-reasons.js';

// ---- orders of a sheet

export { type FieldKind, type FieldSource, ORDER_FIELDS, type OrderMapping, parseMapping } from './orders/mapping.js';
export { ordersIn, type RowProblem, type SheetOrder, type SheetOrders } from './orders/order-rows.js';
export { type Cell, type DateCell, type NumberCell, type Sheet, SheetError, type SheetRow } from './orders/sheet.js';
export {
  type ImportedOrder,
  type ImportOrdersOptions,
  importOrders,
  type OrderImport,
  readSheetFile,
} from './platform/import-orders.js';

// ---- words

export {
  advice,
  documentName,
  inEach,
  localTime,
  type Message,
  type MessageCode,
  type MessageParams,
  messages,
  type Refusal,
  type RefusalCause,
  type RefusalCode,
  say,
  sentence,
  stepTitle,
} from './messages.js';

// ---- one-time codes

export { FileAttemptStore } from './attempts.js';
export { FallbackVerifier } from './fallback-verifier.js';
export {
  type AttemptState,
  type AttemptStore,
  MAX_TRIES,
  OfflineVerifier,
} from './offline-verifier.js';
export { type HashedCode, hotp, type OfflineCredential, provisionCode, type ScryptWork } from './otp.js';
export {
  createVerificationService,
  type VerificationServer,
  type VerificationServerOptions,
} from './platform/verification-server.js';
export type { Fetch, HttpOptions } from './service/http.js';
export { HttpVerifier } from './service/http-verifier.js';
export { RecordReceiver, type RecordReceiverLimits } from './service/record-receiver.js';
export {
  type ServiceAnswer,
  type ServiceRequest,
  type ShortMessage,
  VerificationService,
  type VerificationServiceOptions,
} from './service/verification-service.js';
export {
  type AskedBefore,
  type CodeRequest,
  type ConsumerIdentity,
  type ConsumerVerifier,
  OneTimeCode,
  type VerificationMethod,
  type VerificationOutcome,
  type VerificationRefusal,
} from './verification.js';

// ---- the consumer index

export { ConsumerIndex, type ConsumerIndexParts, type Removal } from './index/consumer-index.js';
export type { SqlDatabase, SqlValue } from './index/database.js';
export { type ExportOptions, exportCsv, exportGeoJson, exportJson } from './index/export.js';
export { type ImportReport, importInto, readCsv, readJson } from './index/import.js';
export type { IndexedConsumer, IndexRow, Installation, ReadingSet } from './index/installation.js';
export { IndexKeys, type RandomOctets } from './index/sealing.js';
export { openSqlite } from './platform/sqlite.js';

// ---- positions

export { type Fix, type FixFault, type FixLimits, faultOfFix, metresBetween } from './position/fix.js';
export { originOf, type PositionOrigin } from './position/origin.js';
export { type ReceiverOptions, readReceiver } from './position/receiver.js';
export { typedPosition } from './position/typed.js';

// ---- check meters

export { kilo } from './certificate/page-parts.js';
export type { Alignment, Break, BreakReason, Hours } from './comparison/align.js';
export {
  ACCURACY_CLASSES,
  type AccuracyClass,
  type ComparedMeter,
  compareMeters,
  leastCounts,
  type MeterComparison,
  percentText,
} from './comparison/compare.js';
export type {
  ComparisonEvidence,
  CountedEvidence,
  LoadRead,
  MeterComparisonEvidence,
} from './comparison/evidence.js';
export type { Classes, ClockedLoad } from './comparison/judge.js';
export type { ComparedInRecord, MeterComparisonRecord } from './comparison/record.js';
export {
  breakCode,
  type CompareOptions,
  compareLoads,
  localText,
  readLoad,
  USUAL_HOURS,
} from './comparison/steps.js';
export { type MeterComparisonParts, MeterComparisonVisit } from './comparison/visit.js';

// ---- photos

export type { PhotoFacts } from './photo/exif.js';
export type { CleanPicture } from './photo/jpeg.js';
export {
  MOST_PHOTOS,
  PHOTO_KINDS,
  type Photo,
  type PhotoInput,
  type PhotoKind,
  type PhotoStore,
  type RecordedPhoto,
} from './photo/photo.js';
export {
  checkPhotos,
  cleanPhoto,
  LARGEST_PHOTO,
  type PhotoCheck,
  PhotoFolder,
  readPhoto,
} from './platform/photo-folder.js';
export { photosWanted, takePhotos } from './step/photos.js';

// ---- records

export type { LogFile } from './append-log.js';
export { recordSummary } from './certificate/page.js';
export type { Row } from './certificate/page-parts.js';
export { relayTimes, relayWords } from './certificate/relay-words.js';
export type { CertificateFile, CertificateRenderer } from './certificate/render.js';
export { renderCertificate } from './platform/certificate.js';
export { type FileCheck, LARGEST_FILE, type UnknownPage, verifyFile } from './platform/verify-file.js';
export {
  type CheckedFile,
  type FolderCheck,
  type VerifyFolderOptions,
  verifyFolder,
} from './platform/verify-folder.js';
export { RecordChain, type RecordContent, verifyChain } from './record/chain.js';
export type { CommissioningRecord, RecordedStep } from './record/commissioning-record.js';
export { COMPACT_PREFIX, type CompactClaims, verifyCompact } from './record/compact.js';
export {
  type CommissioningKeys,
  makeKeyFile,
  openKeyFile,
  parseTrust,
  parseTrustedSigners,
  publicPartOf,
} from './record/key-file.js';
export { type AnyRecord, isRecord, isSigned, type RecordFormat } from './record/kinds.js';
export { verifyRecord } from './record/record.js';
export type { Certificate, Disclosure, RecordBase, SignedRecord } from './record/record-base.js';
export type { Verdict } from './record/signing.js';
export {
  keyId,
  type SignatureAlgorithm,
  type Signer,
  signerOf,
  type TrustedSigner,
} from './record/signing.js';
export type { SurveyRecord } from './record/survey-record.js';

// ---- sending them

export type { Json } from './canonical.js';
export {
  HttpRecordSender,
  Outbox,
  type QueuedItem,
  type RecordSender,
  type SendOutcome,
  type SyncOptions,
  type SyncReport,
  sync,
} from './outbox.js';
export { type LogFileSystem, NodeLogFile } from './platform/node-log-file.js';
export { folderSupport } from './platform/support.js';
