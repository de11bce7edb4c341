import type { CallOptions } from './meter-calls.js';
import type { ProfileRow } from './profile-row.js';
import type { ProfileProgress } from './row-collector.js';

/** The facts about a profile that decide how it is read. */
export interface ProfileState {
  /** entries_in_use: how many rows the buffer has. */
  readonly entriesInUse: number;
  /** profile_entries: how many rows the buffer can hold. */
  readonly profileEntries: number;
  /** capture_period in seconds; 0 where rows are not captured by time. */
  readonly capturePeriod: number;
  /** sort_method by name: `fifo`, `lifo`, `largest` and so on. */
  readonly sortMethod: string;
}

/** Options for reading rows. */
export interface RowOptions extends CallOptions {
  /** Called after each block, when the buffer comes in blocks. It must not throw. */
  readonly onProgress?: (progress: ProfileProgress) => void;
  /** Called once for each row as soon as it is complete, in the buffer's order. It must not throw. */
  readonly onRow?: (row: ProfileRow) => void;
}
