import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, StateError, systemClock } from 'cosem';
import { jsonText } from 'cosem/inspect';
import { FileAttemptStore } from '../attempts.js';
import type { CertificateFile } from '../certificate/render.js';
import { MeterComparisonVisit } from '../comparison/visit.js';
import { type DayEntry, dayOf } from '../day.js';
import { ConsumerIndex } from '../index/consumer-index.js';
import type { SqlDatabase } from '../index/database.js';
import { IndexKeys } from '../index/sealing.js';
import { OfflineVerifier } from '../offline-verifier.js';
import type { ScryptWork } from '../otp.js';
import { Outbox } from '../outbox.js';
import { PaymentModeVisit } from '../payment-mode/visit.js';
import { defaultPolicy, type Policy, parsePolicy } from '../policy.js';
import { ReconnectionVisit } from '../reconnection/visit.js';
import { RecordChain } from '../record/chain.js';
import {
  type CommissioningKeys,
  makeKeyFile,
  openKeyFile,
  parseTrustedSigners,
  publicPartOf,
} from '../record/key-file.js';
import { verifyRecord } from '../record/record.js';
import type { Certificate } from '../record/record-base.js';
import type { SignatureAlgorithm, TrustedSigner } from '../record/signing.js';
import type { SurveyRecord } from '../record/survey-record.js';
import { CommissioningSession } from '../session.js';
import { SurveySession } from '../survey/session.js';
import { surveyFor, surveysIn } from '../survey/take-up.js';
import type { ConsumerVerifier } from '../verification.js';
import { COMMAND_OF, type WorkOrder } from '../work-order.js';
import { filesOf, jsonFilesOf, lockFolder, makeFolder, readTextFile, removeFile, writeWholeFile } from './files.js';
import { NodeLogFile } from './node-log-file.js';
import { PhotoFolder } from './photo-folder.js';
import { openSqlite } from './sqlite.js';

/** The paths in a commissioning folder. */
export interface WorkspacePaths {
  /** Work orders, a JSON file each. */
  readonly orders: string;
  /** Certificates: JSON, and beside it PDF and HTML. */
  readonly certificates: string;
  /** Photos, named after order and SHA-256. */
  readonly photos: string;
  /** Certificates of surveys that others made, JSON; may be missing. */
  readonly surveys: string;
  /** Journals, tries, records, queue. */
  readonly state: string;
  readonly policy: string;
  readonly keys: string;
  readonly trusted: string;
  readonly index: string;
  /** What the installer chose once. */
  readonly preferences: string;
}

export function workspacePaths(folder: string): WorkspacePaths {
  return {
    orders: join(folder, 'orders'),
    certificates: join(folder, 'certificates'),
    surveys: join(folder, 'surveys'),
    photos: join(folder, 'photos'),
    state: join(folder, 'state'),
    policy: join(folder, 'policy.json'),
    keys: join(folder, 'keys.json'),
    trusted: join(folder, 'trusted-signers.json'),
    index: join(folder, 'index.db'),
    preferences: join(folder, 'state', 'preferences.json'),
  };
}

export interface CreateWorkspaceOptions {
  /** Name of the keys' owner, for people. */
  readonly name: string;
  readonly passphrase: string;
  readonly algorithm?: SignatureAlgorithm;
  /** Work factors of scrypt: how slow guessing the passphrase is. */
  readonly work?: ScryptWork;
}

/**
 * Makes a commissioning folder with new keys, and lets it trust their signer. What is already there stays.
 * @throws StateError when the passphrase is too short, StorageError.
 */
export function createWorkspace(folder: string, options: CreateWorkspaceOptions): WorkspacePaths {
  const paths = workspacePaths(folder);
  for (const path of [paths.orders, paths.certificates, paths.state]) makeFolder(path);
  const { name, passphrase, algorithm, work } = options;
  let keys = readTextFile(paths.keys);
  if (keys === undefined) {
    keys = makeKeyFile(name, passphrase, (length) => randomBytes(length), algorithm, work);
    writeWholeFile(paths.keys, keys);
  }
  if (readTextFile(paths.trusted) === undefined) {
    const trusted = { format: 'cosem-trusted-signers-1', signers: [publicPartOf(keys, paths.keys)] };
    writeWholeFile(paths.trusted, `${JSON.stringify(trusted, undefined, 2)}\n`);
  }
  return paths;
}

/** The day's list of a folder. It needs no key and takes no lock. @throws StorageError when a journal is damaged. */
export function listDay(folder: string): readonly DayEntry[] {
  const paths = workspacePaths(folder);
  return dayOf(jsonFilesOf(paths.orders), (id) => journalFile(paths, id));
}

/** The policy of a folder, or the default. @throws DocumentError. */
export function readPolicy(folder: string): Policy {
  const { policy } = workspacePaths(folder);
  const text = readTextFile(policy);
  return text === undefined ? defaultPolicy : parsePolicy(text, policy);
}

/** The signers that a folder trusts; none where it has no such file. @throws DocumentError. */
export function readTrustedSigners(file: string): readonly TrustedSigner[] {
  const text = readTextFile(file);
  return text === undefined ? [] : parseTrustedSigners(text, file);
}

function journalFile({ state }: WorkspacePaths, id: string): NodeLogFile {
  return new NodeLogFile(join(state, `journal-${id}.log`));
}

export interface OpenWorkspaceOptions {
  readonly passphrase: string;
  readonly clock?: Clock;
}

/** A commissioning folder that this process has opened and locked. */
export class Workspace implements Disposable {
  readonly paths: WorkspacePaths;
  readonly policy: Policy;
  readonly keys: CommissioningKeys;
  readonly index: ConsumerIndex;
  readonly chain: RecordChain;
  readonly outbox: Outbox;
  /** Checks codes without a network, by what the work orders contain. */
  readonly offlineVerifier: OfflineVerifier;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #unlock: () => void;

  private constructor(folder: string, clock: Clock, keys: CommissioningKeys, index: ConsumerIndex, unlock: () => void) {
    const paths = workspacePaths(folder);
    const log = (name: string) => new NodeLogFile(join(paths.state, name));
    this.#folder = folder;
    this.#clock = clock;
    this.#unlock = unlock;
    this.paths = paths;
    this.keys = keys;
    this.index = index;
    this.policy = readPolicy(folder);
    this.chain = new RecordChain(log('records.log'));
    this.outbox = new Outbox(log('outbox.log'), clock);
    const credential = (id: string) => this.#entry(id).credential;
    this.offlineVerifier = new OfflineVerifier(credential, new FileAttemptStore(log('attempts.log')), clock);
  }

  /**
   * Opens a folder that {@link createWorkspace} made.
   * @throws StateError when it has no keys, SecurityError when the passphrase is wrong, StorageError when another program works in it
   * or a file is damaged, DocumentError when its policy is not right.
   */
  static async open(folder: string, { passphrase, clock = systemClock }: OpenWorkspaceOptions): Promise<Workspace> {
    const paths = workspacePaths(folder);
    const text = readTextFile(paths.keys);
    if (text === undefined) {
      throw new StateError(`${folder} has no keys to sign with`, { hint: 'make the folder with its keys first' });
    }
    const keys = openKeyFile(text, paths.keys, passphrase);
    makeFolder(paths.state);
    const unlock = lockFolder(paths.state);
    let database: SqlDatabase | undefined;
    try {
      const indexKeys = new IndexKeys(keys.indexKey, (length) => randomBytes(length));
      database = await openSqlite(paths.index);
      const index = new ConsumerIndex({ database, keys: indexKeys, clock, policy: readPolicy(folder) });
      return new Workspace(folder, clock, keys, index, unlock);
    } catch (error) {
      database?.close();
      unlock();
      throw error;
    }
  }

  /** The day's list. */
  day(): readonly DayEntry[] {
    return listDay(this.#folder);
  }

  /**
   * Begins or resumes the work on an order.
   * @throws StateError when there is no such order or it is of another kind, RefusedError when it was changed since work on it began, StorageError.
   */
  session(id: string, verifier: ConsumerVerifier = this.offlineVerifier): CommissioningSession {
    const { order } = this.#entry(id);
    if (order.kind !== 'installation') throw otherKind(order);
    return new CommissioningSession({
      ...this.#partsAt(order, verifier),
      expectedBy: (serial) => this.#expectedBy(serial, id),
      survey: surveyFor(order, this.#certificates(), {
        policy: this.policy,
        trusted: this.#trusted(),
        now: this.#clock.now(),
      }),
    });
  }

  /** Begins or resumes the work on an order to reconnect. @throws as {@link session}. */
  reconnection(id: string): ReconnectionVisit {
    const { order } = this.#entry(id);
    if (order.kind !== 'reconnection') throw otherKind(order);
    return new ReconnectionVisit(this.#partsOf(order));
  }

  /** Begins or resumes the work on an order for another payment mode. @throws as {@link session}. */
  paymentMode(id: string): PaymentModeVisit {
    const { order } = this.#entry(id);
    if (order.kind !== 'payment-mode') throw otherKind(order);
    return new PaymentModeVisit(this.#partsOf(order));
  }

  /** Begins or resumes the work on an order to compare two meters. @throws as {@link session}. */
  meterComparison(id: string): MeterComparisonVisit {
    const { order } = this.#entry(id);
    if (order.kind !== 'meter-comparison') throw otherKind(order);
    return new MeterComparisonVisit(this.#partsOf(order));
  }

  /** What the visits at a meter work with. */
  #partsOf<O extends WorkOrder>(order: O) {
    const { policy, keys } = this;
    const signing = this.#signing();
    return {
      ...{ order, policy, clock: this.#clock, random: signing.random, signing, keyOwner: keys.name },
      journal: journalFile(this.paths, order.id),
    };
  }

  /** What the visits to a consumer work with. */
  #partsAt<O extends WorkOrder>(order: O, verifier: ConsumerVerifier) {
    const { random: _, ...parts } = this.#partsOf(order);
    return { ...parts, verifier, index: this.index, photos: new PhotoFolder(this.paths.photos) };
  }

  /**
   * Begins or resumes a survey.
   * @throws StateError when there is no such order or it is of another kind, RefusedError when it was changed since work on it began, StorageError.
   */
  survey(id: string, verifier: ConsumerVerifier = this.offlineVerifier): SurveySession {
    const { order } = this.#entry(id);
    if (order.kind !== 'survey') throw otherKind(order);
    return new SurveySession(this.#partsAt(order, verifier));
  }

  /** The signed surveys of consumers whom no meter has been installed for since; those that were changed or nobody trusts are left out. */
  waitingForMeter(): readonly Certificate<SurveyRecord>[] {
    const trusted = this.#trusted();
    const newest = new Map<string, Certificate<SurveyRecord>>();
    for (const survey of surveysIn(this.#certificates())) {
      if (verifyRecord(survey, trusted).verdict !== 'valid') continue;
      const { consumer, at } = survey.signed.record;
      const rows = this.index.historyOfConsumer(consumer.number);
      const isServed = rows.some(({ installedAt }) => installedAt >= Date.parse(at));
      const other = newest.get(consumer.number);
      if (!isServed && (other === undefined || other.signed.record.at < at)) newest.set(consumer.number, survey);
    }
    return [...newest.values()].sort((a, b) => (a.signed.record.at < b.signed.record.at ? -1 : 1));
  }

  /** The certificates of this folder, and the surveys that others made and the utility handed on. */
  #certificates(): readonly string[] {
    const folders = [this.paths.certificates, this.paths.surveys].filter((path) => existsSync(path));
    return folders.flatMap((path) => jsonFilesOf(path).map(({ text }) => text));
  }

  /** Whose signatures count here: the own key, and those that the utility put into the folder. */
  #trusted(): readonly TrustedSigner[] {
    const { name, signer } = this.keys;
    const own = { name, algorithm: signer.algorithm, publicKey: signer.publicKey };
    return [own, ...readTrustedSigners(this.paths.trusted)];
  }

  #signing() {
    const { chain, outbox } = this;
    return { signer: this.keys.signer, chain, outbox, random: (length: number) => randomBytes(length) };
  }

  /**
   * Writes a certificate, named after its work order, for {@link CommissioningSession.certificate}. The files for people are written first
   * and the JSON last, so that where the JSON exists the others do too.
   * @returns the path of the JSON.
   * @throws StorageError.
   */
  writeCertificate(certificate: Certificate, files: readonly CertificateFile[] = []): string {
    makeFolder(this.paths.certificates);
    const path = (extension: string) =>
      join(this.paths.certificates, `${certificate.signed.record.workOrder.id}.${extension}`);
    for (const { extension, content } of files) writeWholeFile(path(extension), content);
    writeWholeFile(path('json'), `${jsonText(certificate, 2)}\n`);
    return path('json');
  }

  /**
   * Erases a consumer: in the index, and in the work orders, journals, photos and certificates of this folder that name the person. Signed records
   * stay, because they name nobody.
   * @returns the files that were removed, and whether the index had the consumer.
   * @throws StorageError.
   */
  erase(consumerNumber: string): { readonly indexed: boolean; readonly files: readonly string[] } {
    const indexed = this.index.erase(consumerNumber);
    const files: string[] = [];
    for (const entry of this.day()) {
      if (entry.status === 'unreadable' || entry.order.consumer.number !== consumerNumber) continue;
      const { id } = entry.order;
      files.push(...filesOf(this.paths.certificates, id), ...filesOf(this.paths.photos, id));
      files.push(journalFile(this.paths, id).name);
      // The order is removed last: after a power cut it is needed to find the rest.
      files.push(join(this.paths.orders, entry.file));
    }
    for (const { name, text } of existsSync(this.paths.surveys) ? jsonFilesOf(this.paths.surveys) : []) {
      const [survey] = surveysIn([text]);
      if (survey?.signed.record.consumer.number === consumerNumber) files.push(join(this.paths.surveys, name));
    }
    return { indexed, files: files.filter(removeFile) };
  }

  close(): void {
    this.index.close();
    this.#unlock();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #entry(id: string): Exclude<DayEntry, { status: 'unreadable' }> {
    for (const entry of this.day()) if (entry.status !== 'unreadable' && entry.order.id === id) return entry;
    throw new StateError(`there is no work order ${id} in ${this.paths.orders}`, {
      hint: 'the day’s list names those there are, and why others cannot be read',
    });
  }

  #expectedBy(serial: string, id: string): string | undefined {
    for (const entry of this.day()) {
      if (entry.status === 'unreadable' || entry.status === 'done') continue;
      if (entry.order.id !== id && expects(entry.order, serial)) return entry.order.id;
    }
    return undefined;
  }
}

function otherKind({ id, kind }: WorkOrder): StateError {
  return new StateError(`work order ${id} is of another kind: ${kind}`, { hint: `cosem ${COMMAND_OF[kind]} does it` });
}

/** Whether it is an installation that waits for this very meter. */
function expects(order: WorkOrder, serial: string): boolean {
  return order.kind === 'installation' && order.newMeter.serial === serial;
}
