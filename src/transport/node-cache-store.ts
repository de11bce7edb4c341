import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../base/words.js';
import type { CacheStore } from '../contracts/cache-store.js';

/**
 * What meters told, in a folder: a small file for each meter and client. Several processes may share it. A file that is torn, or of another
 * entry, counts as none; one that cannot be written is not.
 */
export class FileCacheStore implements CacheStore {
  readonly folder: string;

  /** @param folder made with the first entry. */
  constructor(folder: string) {
    this.folder = folder;
  }

  load(entry: string): string | undefined {
    try {
      const kept = JSON.parse(readFileSync(this.#path(entry), 'utf8')) as { entry?: unknown; text?: unknown };
      return kept.entry === entry && typeof kept.text === 'string' ? kept.text : undefined;
    } catch {
      return undefined;
    }
  }

  save(entry: string, text: string): void {
    const path = this.#path(entry);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, jsonText({ entry, text }), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      // What is not kept is asked for again.
    }
  }

  #path(entry: string): string {
    return join(this.folder, `${createHash('sha256').update(entry).digest('hex').slice(0, 32)}.json`);
  }
}
