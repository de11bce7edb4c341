/**
 * Keeps what meters said of themselves: texts by entry. They contain no secrets, and an entry that is lost or cannot be written only costs a few
 * requests more. It may answer later, as a database does. It must neither throw nor reject. `cosem/node` has one that keeps files.
 */
export interface CacheStore {
  /** The text of an entry as it was saved last; undefined when there is none. */
  load(entry: string): string | undefined | Promise<string | undefined>;
  /** Keeps the text of an entry in place of what was there. */
  save(entry: string, text: string): void | Promise<void>;
}
