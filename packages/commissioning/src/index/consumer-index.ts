import { type Clock, type Millis, SecurityError } from 'cosem';
import { canonicalJson } from '../canonical.js';
import type { DocumentEvidence } from '../evidence.js';
import type { Refusal } from '../messages.js';
import { wholeMillis } from '../pause.js';
import type { Policy } from '../policy.js';
import { RefusedError, refuse } from '../refused.js';
import { documentDigest } from '../step/papers.js';
import { SCHEMA, type SqlDatabase, type SqlValue } from './database.js';
import { checkConsumer, checkPossible, type IndexRow, type Installation, type ReadingSet } from './installation.js';
import { columnsOf, rowOf, type StoredRow, saysTheSame, sealed } from './rows.js';
import type { IndexKeys } from './sealing.js';

const VERSION = '1';

export interface ConsumerIndexParts {
  readonly database: SqlDatabase;
  readonly keys: IndexKeys;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** What ends the service of a meter. */
export interface Removal {
  readonly removedAt: Millis;
  readonly lastReadings: ReadingSet;
  readonly reason: string;
}

/**
 * The consumer index: which meter serves which consumer since when, and which one did before. A meter serves one consumer at a time and a
 * consumer has one meter. Rows are never changed; corrections are new rows.
 */
export class ConsumerIndex {
  readonly #database: SqlDatabase;
  readonly #keys: IndexKeys;
  readonly #clock: Clock;
  readonly #policy: Policy;

  /** @throws SecurityError when the data base was made with another key. */
  constructor({ database, keys, clock, policy }: ConsumerIndexParts) {
    this.#database = database;
    this.#keys = keys;
    this.#clock = wholeMillis(clock);
    this.#policy = policy;
    database.transaction(() => {
      database.exec(SCHEMA);
      this.#agree('version', VERSION, 'the consumer index is of another version');
      this.#agree('key', keys.fingerprint, 'the consumer index was made with another key');
    });
  }

  /**
   * Adds a meter of a consumer and ends the service of the meter that it replaces. An installation that is already there with the same
   * values is not added again.
   * @param finalReadings of the meter that it replaces.
   * @returns the row.
   * @throws RefusedError for duplicates, swapped serial numbers and impossible values.
   */
  add(installation: Installation, finalReadings?: ReadingSet): number {
    return this.#database.transaction(() => this.#add(installation, finalReadings));
  }

  /** Adds all or none. @throws RefusedError for the first that is refused. */
  addAll(installations: readonly Installation[]): number[] {
    return this.#database.transaction(() => installations.map((installation) => this.#add(installation, undefined)));
  }

  /** Tries {@link addAll} without keeping anything: for each installation undefined, or why it would be refused. */
  tryAll(installations: readonly Installation[]): (Refusal | undefined)[] {
    const outcomes: (Refusal | undefined)[] = [];
    const undo = Symbol('undo');
    try {
      this.#database.transaction(() => {
        for (const installation of installations) outcomes.push(this.#tried(installation));
        throw undo;
      });
    } catch (error) {
      if (error !== undo) throw error;
    }
    return outcomes;
  }

  /**
   * Corrects a row by adding a new one.
   * @throws RefusedError when a newer row replaces this one already, when the consumer was erased, or when the new values are impossible.
   */
  correct(row: number, changes: Partial<Omit<Installation, 'workOrder'>>, reason: string): number {
    return this.#database.transaction(() => {
      const before = this.#present(row);
      const { row: _, supersedes: __, reason: ___, recordedAt: ____, consumerDigest, ...rest } = before;
      const { consumer } = before;
      if (consumer === undefined)
        return refuse('value-impossible', { field: 'row', reason: 'the consumer was erased' });
      const after: Installation = { ...rest, consumer, ...changes };
      if (after.consumer.number.trim() !== consumer.number) {
        refuse('value-impossible', { field: 'consumer number', reason: 'end this installation and add another' });
      }
      this.#check(after, row, consumerDigest);
      return this.#insert(after, { supersedes: row, reason });
    });
  }

  /** Ends the service of a meter. @throws RefusedError. */
  end(row: number, removal: Removal): number {
    return this.#database.transaction(() => this.#end(this.#present(row), removal));
  }

  /** The current rows, those that no other row replaces; newest last. */
  rows(): IndexRow[] {
    return this.#read(PRESENT);
  }

  /** Every row of a meter, including corrected ones, oldest first. */
  historyOfMeter(serial: string): IndexRow[] {
    return this.#read(`${EVERY} WHERE i.meter = ?`, serial);
  }

  /** Every row of a consumer, including corrected ones, oldest first. */
  historyOfConsumer(number: string): IndexRow[] {
    return this.#read(`${EVERY} WHERE consumer.digest = ?`, this.#keys.consumerDigest(number));
  }

  /** The row that a work order added, with its latest correction. */
  ofOrder(workOrder: string): IndexRow | undefined {
    return this.#read(`${PRESENT} WHERE i.work_order = ?`, workOrder)[0];
  }

  /** The row of a meter that serves now; undefined where it serves nobody. */
  serving(serial: string): IndexRow | undefined {
    return this.#read(`${PRESENT} WHERE i.meter = ? AND i.removed_at IS NULL`, serial)[0];
  }

  /** The work order under which a meter now serves another consumer; undefined where it does not. */
  servedElsewhere(serial: string, consumerNumber: string): string | undefined {
    const row = this.serving(serial);
    if (row === undefined || row.consumerDigest === this.#keys.consumerDigest(consumerNumber)) return undefined;
    return row.workOrder;
  }

  /** Whether the seal is on another meter that serves now. */
  sealUsed(seal: string, serial: string): boolean {
    const sql = `SELECT 1 FROM present, json_each(present.seals) AS used
      WHERE used.value = ? AND present.meter <> ? AND present.removed_at IS NULL`;
    return this.#database.all(sql, seal, serial).length > 0;
  }

  /** The keyed digest of a document. */
  digest(type: string, number: string): string {
    return documentDigest(this.#keys.documents, type, number);
  }

  /** Whether another consumer gave a document. */
  seen(digest: string, consumerNumber: string): boolean {
    const sql = `SELECT 1 FROM document JOIN consumer ON consumer.id = document.consumer
      WHERE document.digest = ? AND consumer.digest <> ?`;
    return this.#database.all(sql, digest, this.#keys.consumerDigest(consumerNumber)).length > 0;
  }

  /** Keeps the documents of a consumer who is in the index: digest, kind and last four characters. */
  addDocuments(consumerNumber: string, documents: readonly DocumentEvidence[]): void {
    this.#database.transaction(() => {
      const consumer = this.#consumer(this.#keys.consumerDigest(consumerNumber));
      for (const { digest, type, last4 } of documents) {
        const details = this.#keys.sealText(consumer.key, canonicalJson({ type, last4 }), `document ${digest}`);
        this.#database.run('INSERT OR IGNORE INTO document VALUES (?, ?, ?)', consumer.id, digest, details);
      }
    });
  }

  /**
   * Erases the personal data of a consumer: the data key is deleted, which makes everything sealed under it unreadable in every row;
   * documents are deleted. Meters and readings remain, without a person.
   * @returns whether there was such a consumer.
   */
  erase(consumerNumber: string): boolean {
    return this.#database.transaction(() => {
      const found = this.#consumerWithKey(this.#keys.consumerDigest(consumerNumber));
      if (found === undefined) return false;
      this.#database.run(
        'UPDATE consumer SET data_key = NULL, erased_at = ? WHERE id = ?',
        this.#clock.now(),
        found.id,
      );
      this.#database.run('DELETE FROM document WHERE consumer = ?', found.id);
      return true;
    });
  }

  close(): void {
    this.#database.close();
  }

  // ---- inside a transaction

  #agree(name: string, value: string, otherwise: string): void {
    const [stored] = this.#database.all<{ value: string }>('SELECT value FROM meta WHERE name = ?', name);
    if (stored === undefined) this.#database.run('INSERT INTO meta VALUES (?, ?)', name, value);
    else if (stored.value !== value) throw new SecurityError('bad-key', otherwise, { hint: 'use its own key file' });
  }

  #tried(installation: Installation): Refusal | undefined {
    try {
      this.#add(installation, undefined);
      return undefined;
    } catch (error) {
      if (error instanceof RefusedError) return error.refusal;
      throw error;
    }
  }

  #add(installation: Installation, finalReadings: ReadingSet | undefined): number {
    const { workOrder } = installation;
    const digest = this.#keys.consumerDigest(installation.consumer.number);
    const same = this.ofOrder(workOrder);
    if (same !== undefined) {
      if (saysTheSame(same, installation)) return same.row;
      refuse('order-indexed', { order: workOrder });
    }
    this.#check(installation, undefined, digest);
    if (installation.removedAt === undefined) this.#replace(installation, digest, finalReadings);
    return this.#insert(installation, {});
  }

  #check(installation: Installation, row: number | undefined, digest: string): void {
    checkPossible(installation, this.#policy, this.#clock.now());
    checkConsumer(installation.consumer, this.#policy);
    const { meter, seals, removedAt } = installation;
    if (removedAt !== undefined) return;
    const serving = this.serving(meter);
    if (serving !== undefined && serving.row !== row) {
      const [own] = this.#servedConsumer(digest);
      if (serving.consumerDigest === digest) refuse('consumer-served', { serial: meter });
      if (own !== undefined && own.row !== row && own.meter !== installation.oldMeter) {
        refuse('swapped-meter', { serial: own.meter });
      }
      refuse('duplicate-meter', { serial: meter, order: serving.workOrder });
    }
    const twice = seals.find((seal, i) => seals.indexOf(seal) !== i || this.sealUsed(seal, meter));
    if (twice !== undefined) refuse('seal-twice', { seal: twice });
  }

  /** Ends the service of the consumer's present meter when the new one replaces it. */
  #replace(installation: Installation, digest: string, finalReadings: ReadingSet | undefined): void {
    const [own] = this.#servedConsumer(digest);
    if (own === undefined) return;
    if (own.meter !== installation.oldMeter) refuse('consumer-served', { serial: own.meter });
    this.#end(own, {
      removedAt: installation.installedAt,
      ...(finalReadings === undefined ? {} : { lastReadings: finalReadings }),
      reason: `replaced by work order ${installation.workOrder}`,
    });
  }

  #servedConsumer(digest: string): IndexRow[] {
    return this.#read(`${PRESENT} WHERE consumer.digest = ? AND i.removed_at IS NULL`, digest);
  }

  #present(row: number): IndexRow {
    const [found] = this.#read(`${PRESENT} WHERE i.id = ?`, row);
    return (
      found ?? refuse('value-impossible', { field: 'row', reason: `${row} is not the current row of an installation` })
    );
  }

  /** The consumer with a data key. A consumer who was erased and comes back gets a new one. */
  #consumer(digest: string): { readonly id: number; readonly key: Uint8Array } {
    const found = this.#consumerWithKey(digest);
    if (found !== undefined) return { id: found.id, key: this.#keys.dataKey(found.data_key, digest) };
    const { key, wrapped } = this.#keys.newDataKey(digest);
    return { id: this.#database.run('INSERT INTO consumer (digest, data_key) VALUES (?, ?)', digest, wrapped), key };
  }

  #consumerWithKey(digest: string): { readonly id: number; readonly data_key: string } | undefined {
    const sql = 'SELECT id, data_key FROM consumer WHERE digest = ? AND data_key IS NOT NULL';
    return this.#database.all<{ id: number; data_key: string }>(sql, digest)[0];
  }

  #insert(installation: Installation, history: { readonly supersedes?: number; readonly reason?: string }): number {
    const { consumer } = installation;
    const number = consumer.number.trim();
    const digest = this.#keys.consumerDigest(number);
    const { id, key } = this.#consumer(digest);
    const columns: Readonly<Record<string, SqlValue>> = {
      supersedes: history.supersedes ?? null,
      reason: history.reason ?? null,
      recorded_at: this.#clock.now(),
      consumer: id,
      personal: sealed(this.#keys, key, digest, { ...consumer, number }),
      ...columnsOf(installation),
    };
    const names = Object.keys(columns);
    const sql = `INSERT INTO installation (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    return this.#database.run(sql, ...Object.values(columns));
  }

  /** Adds a row that ends an installation. The consumer's data stays as it is, sealed or erased. */
  #end(
    before: IndexRow,
    { removedAt, lastReadings, reason }: Partial<Removal> & Pick<Removal, 'removedAt' | 'reason'>,
  ): number {
    const last = lastReadings ?? before.lastReadings;
    const now = this.#clock.now();
    checkPossible({ ...before, removedAt, lastReadings: last }, this.#policy, now);
    const kept = KEPT_AT_THE_END.join(', ');
    const sql = `INSERT INTO installation (supersedes, reason, recorded_at, removed_at, last_readings, ${kept})
      SELECT id, ?, ?, ?, ?, ${kept} FROM installation WHERE id = ?`;
    return this.#database.run(sql, reason, now, removedAt, last === undefined ? null : canonicalJson(last), before.row);
  }

  #read(where: string, ...values: readonly SqlValue[]): IndexRow[] {
    const sql = `SELECT i.*, consumer.digest, consumer.data_key FROM ${where} ORDER BY i.id`;
    return this.#database.all<StoredRow>(sql, ...values).map((stored) => rowOf(stored, this.#keys));
  }
}

const OWNER = 'JOIN consumer ON consumer.id = i.consumer';
const PRESENT = `present AS i ${OWNER}`;
const EVERY = `installation AS i ${OWNER}`;
/** Columns that the end of an installation does not change. */
const KEPT_AT_THE_END = [
  'consumer',
  'personal',
  'work_order',
  'meter',
  'make',
  'category',
  'old_meter',
  'feeder',
  'transformer',
  'pole',
  'seals',
  'sanctioned_load',
  'installed_at',
  'start_readings',
];
