import { chmodSync, closeSync, openSync } from 'node:fs';
import { StateError } from 'cosem';
import type { SqlDatabase, SqlValue } from '../index/database.js';
import { StorageError, type StorageReason } from '../storage-error.js';

type Libsql = typeof import('libsql');

/**
 * Opens a SQLite file. A transaction is on disk when it returns, and deleted data is overwritten.
 * @throws StorageError when it cannot be opened, StateError when SQLite is not installed.
 */
export async function openSqlite(path: string): Promise<SqlDatabase> {
  const Database = await loadSqlite();
  ownOnly(path);
  try {
    const database = new Database(path, { timeout: 5000 });
    for (const setting of ['journal_mode = DELETE', 'synchronous = EXTRA', 'secure_delete = ON', 'foreign_keys = ON']) {
      database.pragma(setting);
    }
    return new SqliteFile(path, database);
  } catch (error) {
    throw sqliteError(path, error);
  }
}

/**
 * Makes the file readable by its owner only: SQLite creates files that everybody may read, and gives its journals the rights of the file.
 */
function ownOnly(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch {
    // SQLite itself will report what is wrong with the file.
  }
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

class SqliteFile implements SqlDatabase {
  readonly #path: string;
  readonly #database: InstanceType<Libsql>;

  constructor(path: string, database: InstanceType<Libsql>) {
    this.#path = path;
    this.#database = database;
  }

  exec(sql: string): void {
    this.#told(() => this.#database.exec(sql));
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#told(() => Number(this.#database.prepare(sql).run(...values).lastInsertRowid));
  }

  all<T>(sql: string, ...values: readonly SqlValue[]): T[] {
    return this.#told(() => this.#database.prepare(sql).all(...values) as T[]);
  }

  transaction<T>(work: () => T): T {
    if (this.#database.inTransaction) return work();
    this.exec('BEGIN IMMEDIATE');
    let result: T;
    try {
      result = work();
      this.exec('COMMIT');
    } catch (error) {
      // A full disk rolls back by itself.
      if (this.#database.inTransaction) this.exec('ROLLBACK');
      throw error;
    }
    return result;
  }

  close(): void {
    this.#database.close();
  }

  #told<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw sqliteError(this.#path, error);
    }
  }
}

const REASONS: Readonly<Record<string, StorageReason>> = {
  SQLITE_FULL: 'disk-full',
  SQLITE_BUSY: 'locked',
  SQLITE_READONLY: 'not-allowed',
  SQLITE_CANTOPEN: 'missing',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
};

function sqliteError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof StorageError) return cause;
  const code = 'code' in cause ? String(cause.code) : '';
  const unopened = cause.message.includes('Unable to open') ? 'missing' : 'failed';
  const reason = REASONS[code.split('_').slice(0, 2).join('_')] ?? unopened;
  return new StorageError(reason, `the consumer index ${path}: ${cause.message}`, { cause });
}
