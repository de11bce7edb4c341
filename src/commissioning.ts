/**
 * The entry for Node that commissions smart meters: work orders, the verification of consumers by one-time code, the eleven steps with
 * their journal, the consumer index, signed records, their sending. {@link Workspace} is where to begin.
 *
 * @module cosem/commissioning
 */

// ---- a folder and its work

export { LANGUAGES, type Language } from './base/language.js';
export { type Answers, type Preferences, parseAnswers, parsePreferences } from './commissioning/answers.js';
export { ClientMeterPort } from './commissioning/client-meter-port.js';
export type { DayEntry, OrderFile } from './commissioning/day.js';
export { DocumentError, type DocumentProblem } from './commissioning/document.js';
export type * from './commissioning/evidence.js';
export type { OrderStatus, StepState } from './commissioning/journal.js';
export { answersJsonSchema, policyJsonSchema, workOrderJsonSchema } from './commissioning/json-schemas.js';
export type { LoggedEvent, MeterPort, RelayState, TamperReport } from './commissioning/meter-port.js';
export { OnDemandMeterPort } from './commissioning/on-demand-meter-port.js';
export { readOctets, readTextFile, writeWholeFile } from './commissioning/platform/files.js';
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
} from './commissioning/platform/workspace.js';
export { defaultPolicy, type Policy, parsePolicy, TAMPERS, type Tamper } from './commissioning/policy.js';
export { refusalOf } from './commissioning/refusal-of.js';
export { RefusedError } from './commissioning/refused.js';
export { type CodeSent, CommissioningSession, type SessionParts, type StepResult } from './commissioning/session.js';
export type { IndexInput, Signing } from './commissioning/step/finish.js';
export type { MeterRegister, NewMeterInput, TamperExplanations } from './commissioning/step/meter.js';
export {
  type DocumentInput,
  finalReadingIn,
  type InstallerInput,
  installerNameIn,
  letterDayIn,
  type OldMeterInput,
} from './commissioning/step/papers.js';
export type { RelayOptions, RelayPhase } from './commissioning/step/relay.js';
export { STEPS, type StepId, stepNumber } from './commissioning/steps.js';
export { StorageError, type StorageReason } from './commissioning/storage-error.js';
export {
  METER_PROFILES,
  type MeterProfileName,
  type Position,
  parseWorkOrder,
  type WorkOrder,
  type WorkOrderFile,
} from './commissioning/work-order.js';

// ---- words

export {
  type Message,
  type MessageCode,
  type MessageParams,
  messages,
  type Refusal,
  type RefusalCode,
  say,
  sentence,
  stepTitle,
} from './commissioning/messages.js';

// ---- one-time codes

export { FileAttemptStore } from './commissioning/attempts.js';
export {
  type AttemptState,
  type AttemptStore,
  MAX_TRIES,
  OfflineVerifier,
} from './commissioning/offline-verifier.js';
export { type HashedCode, hotp, type OfflineCredential, provisionCode, type ScryptWork } from './commissioning/otp.js';
export {
  createVerificationService,
  type VerificationServer,
  type VerificationServerOptions,
} from './commissioning/platform/verification-server.js';
export type { Fetch, HttpOptions } from './commissioning/service/http.js';
export { HttpVerifier } from './commissioning/service/http-verifier.js';
export { RecordReceiver, type RecordReceiverLimits } from './commissioning/service/record-receiver.js';
export {
  type ServiceAnswer,
  type ServiceRequest,
  type ShortMessage,
  VerificationService,
  type VerificationServiceOptions,
} from './commissioning/service/verification-service.js';
export {
  type AskedBefore,
  type CodeRequest,
  type ConsumerIdentity,
  type ConsumerVerifier,
  OneTimeCode,
  type VerificationMethod,
  type VerificationOutcome,
  type VerificationRefusal,
} from './commissioning/verification.js';

// ---- the consumer index

export { ConsumerIndex, type ConsumerIndexParts, type Removal } from './commissioning/index/consumer-index.js';
export type { SqlDatabase, SqlValue } from './commissioning/index/database.js';
export { type ExportOptions, exportCsv, exportGeoJson, exportJson } from './commissioning/index/export.js';
export { type ImportReport, importInto, importSentence, readCsv, readJson } from './commissioning/index/import.js';
export type { IndexedConsumer, IndexRow, Installation, ReadingSet } from './commissioning/index/installation.js';
export { IndexKeys, type RandomOctets } from './commissioning/index/sealing.js';
export { openSqlite } from './commissioning/platform/sqlite.js';

// ---- records

export type { LogFile } from './commissioning/append-log.js';
export type { CertificateFile, CertificateRenderer } from './commissioning/certificate/render.js';
export { renderCertificate } from './commissioning/platform/certificate.js';
export { type FileCheck, LARGEST_FILE, type UnknownPage, verifyFile } from './commissioning/platform/verify-file.js';
export {
  type CheckedFile,
  type FolderCheck,
  type VerifyFolderOptions,
  verifyFolder,
} from './commissioning/platform/verify-folder.js';
export { RecordChain, type RecordContent, verifyChain } from './commissioning/record/chain.js';
export { COMPACT_PREFIX, type CompactClaims, verifyCompact } from './commissioning/record/compact.js';
export {
  type CommissioningKeys,
  makeKeyFile,
  openKeyFile,
  parseTrust,
  parseTrustedSigners,
  publicPartOf,
} from './commissioning/record/key-file.js';
export {
  type Certificate,
  type CommissioningRecord,
  type Disclosure,
  type RecordedStep,
  type SignedRecord,
  type Verdict,
  verifyRecord,
} from './commissioning/record/record.js';
export {
  keyId,
  type SignatureAlgorithm,
  type Signer,
  signerOf,
  type TrustedSigner,
} from './commissioning/record/signing.js';

// ---- sending them

export type { Json } from './commissioning/canonical.js';
export {
  HttpRecordSender,
  Outbox,
  type QueuedItem,
  type RecordSender,
  type SendOutcome,
  type SyncOptions,
  type SyncReport,
  sync,
} from './commissioning/outbox.js';
export { type LogFileSystem, NodeLogFile } from './commissioning/platform/node-log-file.js';
