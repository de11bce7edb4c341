import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../base/words.js';
import type { CacheStore } from '../contracts/cache-store.js';

/**
 * Keeps what meters have told about themselves (object lists and the like) in a folder, in a small file for each meter and client. Several
 * processes may share it. A damaged file, or one of another entry, counts as missing. Failures to write are ignored, because everything can
 * be read again.
 */
export class FileCacheStore implements CacheStore {
  /** The folder of the files. */
  readonly folder: string;

  /** @param folder created with the first entry. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The text of an entry; undefined where there is none. */
  load(entry: string): string | undefined {
    try {
      const kept = JSON.parse(readFileSync(this.#path(entry), 'utf8')) as { entry?: unknown; text?: unknown };
      return kept.entry === entry && typeof kept.text === 'string' ? kept.text : undefined;
    } catch {
      return undefined;
    }
  }

  /** Stores the text of an entry; a failure is ignored. */
  save(entry: string, text: string): void {
    const path = this.#path(entry);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, jsonText({ entry, text }), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      // What could not be stored is read from the meter again.
    }
  }

  #path(entry: string): string {
    return join(this.folder, `${createHash('sha256').update(entry).digest('hex').slice(0, 32)}.json`);
  }
}
