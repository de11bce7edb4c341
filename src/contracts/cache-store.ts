/**
 * Where what meters told is kept: texts by entry. Nothing in them is secret, and nothing depends on them: an entry that is lost, or cannot be
 * written, costs a few questions. It may answer later, as a database does. Must not throw, nor reject. A file-backed one comes with
 * `cosem/node`.
 */
export interface CacheStore {
  load(entry: string): string | undefined | Promise<string | undefined>;
  save(entry: string, text: string): void | Promise<void>;
}
