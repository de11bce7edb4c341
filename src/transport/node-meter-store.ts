import { closeSync, openSync } from 'node:fs';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { systemErrorCode } from '../base/system-error.js';
import type { MeterStore } from '../contracts/meter-store.js';

type Libsql = typeof import('libsql');
type Database = InstanceType<Libsql>;

/** Tells our files from other SQLite files: `CSMm`. */
const APPLICATION = 0x43534d6d;
const VERSION = 1;
/** How long to wait while another process holds the file, in milliseconds. */
const PATIENCE = 2000;

const TABLE = `CREATE TABLE kept (
  meter TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (meter, name)
) STRICT, WITHOUT ROWID`;

/** The state of virtual meters in a SQLite file. Only one process at a time can have it open. */
export interface MeterFile extends MeterStore {
  /** Path of the file. */
  readonly path: string;
  /** Closes the file, so that another process can open it. */
  close(): void;
}

/**
 * Opens a file for the state of virtual meters, of one meter or a fleet; it is created when it does not exist. It holds keys and passwords,
 * so only its owner may read it. `save` returns when everything is on disk; after a crash a save is there completely or not at all.
 * ```ts
 * const store = await openMeterStore('meters.db');
 * const meter = createMeter('is15959-1ph', { clock: systemClock, seed: 1, store });
 * ```
 * @throws StateError when it cannot be opened, is another kind of file, or another process has it open; when SQLite is not installed.
 */
export async function openMeterStore(path: string): Promise<MeterFile> {
  const Sqlite = await loadSqlite();
  return told(path, () => {
    closeSync(openSync(path, 'a', 0o600));
    const database = new Sqlite(path, { timeout: PATIENCE });
    try {
      return new SqliteMeterFile(path, database);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

async function loadSqlite(): Promise<Libsql> {
  try {
    return (await import('libsql')).default;
  } catch (cause) {
    throw new StateError('SQLite is not installed for this machine', {
      hint: 'npm install libsql; it ships SQLite for Linux, macOS and Windows',
      cause,
    });
  }
}

class SqliteMeterFile implements MeterFile {
  readonly path: string;
  readonly #database: Database;
  readonly #select: { all(meter: string): unknown[] };
  readonly #upsert: { run(meter: string, name: string, text: string): unknown };
  readonly #begin: { run(): unknown };
  readonly #commit: { run(): unknown };

  constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
    this.#isEmpty();
    // The file is locked, because two simulations of one meter would use its counters twice.
    for (const setting of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL']) {
      database.pragma(setting);
    }
    this.#prepareFile();
    this.#select = database.prepare<[string]>('SELECT name, text FROM kept WHERE meter = ?').raw(true);
    this.#upsert = database.prepare<[string, string, string]>(
      'INSERT INTO kept (meter, name, text) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text',
    );
    this.#begin = database.prepare<[]>('BEGIN IMMEDIATE');
    this.#commit = database.prepare<[]>('COMMIT');
  }

  load(meter: string): ReadonlyMap<string, string> {
    return told(this.path, () => new Map(this.#select.all(meter) as [name: string, text: string][]));
  }

  save(meter: string, texts: ReadonlyMap<string, string>): void {
    told(this.path, () => {
      this.#begin.run();
      try {
        for (const [name, text] of texts) this.#upsert.run(meter, name, text);
        this.#commit.run();
      } catch (error) {
        // A full disk rolls back by itself.
        if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): void {
    // SQLite keeps the lock until every statement is garbage-collected, so it is released explicitly; the file is left as a single file.
    for (const setting of ['journal_mode = DELETE', 'locking_mode = NORMAL']) this.#database.pragma(setting);
    this.#database.prepare('SELECT 1 FROM kept').get();
    this.#database.close();
  }

  /** Whether the file is empty. Nothing is changed and no lock stays, because it may belong to another program. */
  #isEmpty(): boolean {
    const rows = (sql: string) => this.#database.prepare(sql).raw(true).all() as [unknown][];
    const number = (name: string) => Number(rows(`PRAGMA ${name}`)[0]?.[0]);
    const application = number('application_id');
    if (application === 0 && rows('SELECT 1 FROM sqlite_schema').length === 0) return true;
    if (application !== APPLICATION) {
      throw new StateError(`${this.path} is a data base of something else`, {
        hint: 'name a file that does not exist',
      });
    }
    const version = number('user_version');
    if (version === VERSION) return false;
    throw new StateError(
      `${this.path} keeps meters in format ${version}, and this version of cosem knows format ${VERSION}`,
      { hint: 'begin with a new file, or use the version that wrote it' },
    );
  }

  #prepareFile(): void {
    const database = this.#database;
    database.exec('BEGIN IMMEDIATE');
    if (this.#isEmpty()) {
      database.exec(TABLE);
      database.exec(`PRAGMA application_id = ${APPLICATION}`);
      database.exec(`PRAGMA user_version = ${VERSION}`);
    }
    database.exec('COMMIT');
  }
}

const HINTS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another simulation uses it, and only one at a time may',
  SQLITE_FULL: 'make room on the disk: until then the meter answers nothing that it would have to keep',
  SQLITE_READONLY: 'check that you may write there',
  SQLITE_CORRUPT: 'it is damaged: begin with a new file',
  SQLITE_NOTADB: 'it is no SQLite file: name one that does not exist',
  ENOENT: 'check that its folder exists',
  EACCES: 'check that you may read and write there',
};

/** Turns errors of SQLite and the file system into our own messages. */
function told<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof StateError || !(cause instanceof Error)) throw cause;
    const code = systemErrorCode(cause) ?? '';
    const hint = HINTS[code.split('_').slice(0, 2).join('_')];
    throw new StateError(`the state file ${path}: ${cause.message}`, {
      ...given({ hint }),
      cause,
    });
  }
}
