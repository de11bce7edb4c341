import * as nodeFs from 'node:fs';
import { dirname } from 'node:path';
import { synced, syncFolder, systemErrorCode, systemErrorText, writeAll } from 'cosem/node';
import type { LogFile } from '../append-log.js';
import { StorageError, type StorageReason } from '../storage-error.js';

/** The functions of `node:fs` that log files use. They are an argument, so that tests can cut the power at every step. */
export type LogFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fsyncSync' | 'ftruncateSync' | 'openSync' | 'readFileSync' | 'writeSync'
>;

/** A {@link LogFile} of the file system. Its folder must exist. */
export class NodeLogFile implements LogFile {
  readonly name: string;
  readonly #fs: LogFileSystem;
  /** Whether the folder entry of the file is durable. */
  #named: boolean;

  constructor(path: string, fs: LogFileSystem = nodeFs) {
    this.name = path;
    this.#fs = fs;
    this.#named = false;
  }

  read(): Uint8Array {
    try {
      const octets = this.#fs.readFileSync(this.name);
      return octets;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return new Uint8Array(0);
      throw storageError(this.name, 'read', error);
    }
  }

  append(bytes: Uint8Array): void {
    this.#durably('a', (file) => writeAll(file, bytes, this.#fs));
  }

  truncate(length: number): void {
    this.#durably('r+', (file) => this.#fs.ftruncateSync(file, length));
  }

  #durably(flags: string, action: (file: number) => void): void {
    try {
      synced(this.name, flags, action, this.#fs);
      if (!this.#named) syncFolder(dirname(this.name), this.#fs);
      this.#named = true;
    } catch (error) {
      throw storageError(this.name, 'written', error);
    }
  }
}

const REASONS: Readonly<Record<string, StorageReason>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'not-allowed',
  EPERM: 'not-allowed',
  EROFS: 'not-allowed',
  ENOENT: 'missing',
};

const HINTS: Readonly<Partial<Record<StorageReason, Readonly<Record<'read' | 'written', string>>>>> = {
  'disk-full': {
    read: 'free some space on the disk, then go on: nothing that was done is lost',
    written: 'free some space on the disk, then go on: nothing that was done is lost',
  },
  'not-allowed': { read: 'check that you may read it', written: 'check that you may write in this folder' },
  missing: { read: 'check its name, and the folder that you are in', written: 'check that the folder exists' },
};

/** The StorageError for a failure of the file system. */
export function storageError(path: string, what: 'read' | 'written', cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const reason = REASONS[systemErrorCode(cause) ?? ''] ?? 'failed';
  const hint = HINTS[reason]?.[what];
  const details = hint === undefined ? { cause } : { cause, hint };
  return new StorageError(reason, `${path} cannot be ${what}: ${systemErrorText(cause)}`, details);
}
