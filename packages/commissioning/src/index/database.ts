/** What the consumer index needs of SQLite. */
export interface SqlDatabase {
  exec(sql: string): void;
  /** Runs a statement. @returns the row it made. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  all<T>(sql: string, ...values: readonly SqlValue[]): T[];
  /** Runs `work` completely or not at all; no other process writes in the meantime. @throws what `work` throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export type SqlValue = string | number | null;

/**
 * Rows are added, never changed: a correction is a row that supersedes another, and triggers enforce this. Personal data is sealed under
 * the data key of its consumer; deleting that key erases it.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS consumer (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  data_key TEXT,
  erased_at INTEGER
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS consumer_digest ON consumer (digest) WHERE data_key IS NOT NULL;
CREATE TABLE IF NOT EXISTS installation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  supersedes INTEGER UNIQUE REFERENCES installation (id),
  reason TEXT,
  recorded_at INTEGER NOT NULL,
  consumer INTEGER NOT NULL REFERENCES consumer (id),
  personal TEXT NOT NULL,
  work_order TEXT NOT NULL,
  meter TEXT NOT NULL,
  make TEXT,
  category TEXT,
  old_meter TEXT,
  feeder TEXT NOT NULL,
  transformer TEXT NOT NULL,
  pole TEXT NOT NULL,
  seals TEXT NOT NULL,
  sanctioned_load INTEGER NOT NULL,
  installed_at INTEGER NOT NULL,
  removed_at INTEGER,
  start_readings TEXT NOT NULL,
  last_readings TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS installation_meter ON installation (meter);
CREATE INDEX IF NOT EXISTS installation_consumer ON installation (consumer);
CREATE INDEX IF NOT EXISTS installation_order ON installation (work_order);
CREATE TABLE IF NOT EXISTS document (
  consumer INTEGER NOT NULL REFERENCES consumer (id),
  digest TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (consumer, digest)
) STRICT;
CREATE INDEX IF NOT EXISTS document_digest ON document (digest);
CREATE VIEW IF NOT EXISTS present AS SELECT * FROM installation AS i
  WHERE NOT EXISTS (SELECT 1 FROM installation AS later WHERE later.supersedes = i.id);
CREATE TRIGGER IF NOT EXISTS installation_stays BEFORE UPDATE ON installation
  BEGIN SELECT RAISE(ABORT, 'rows of the index are not changed'); END;
CREATE TRIGGER IF NOT EXISTS installation_is_kept BEFORE DELETE ON installation
  BEGIN SELECT RAISE(ABORT, 'rows of the index are not deleted'); END;
`;
