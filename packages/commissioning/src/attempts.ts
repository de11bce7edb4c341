import { AppendLog, type LogFile } from './append-log.js';
import type { AttemptState, AttemptStore } from './offline-verifier.js';

interface Attempt {
  readonly workOrder: string;
  readonly state: AttemptState;
}

/** The tries of codes, on disk. For each work order its last line applies. */
export class FileAttemptStore implements AttemptStore {
  readonly #log: AppendLog<Attempt>;
  readonly #states = new Map<string, AttemptState>();

  /** @throws StorageError when the file cannot be read, or is damaged: the count of tries must not start again. */
  constructor(file: LogFile) {
    this.#log = new AppendLog(file);
    for (const { workOrder, state } of this.#log.entries) this.#states.set(workOrder, state);
  }

  load(workOrder: string): AttemptState | undefined {
    return this.#states.get(workOrder);
  }

  /** @throws StorageError when it could not be written. */
  save(workOrder: string, state: AttemptState): void {
    this.#log.append({ workOrder, state });
    this.#states.set(workOrder, state);
  }
}
