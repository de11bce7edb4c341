import { CosemError, type OpenOptions, type Transport } from '../src/index.js';
import type { FailedCall } from '../src/tools.js';
import type { ConnectionSettings } from './settings.js';

/** What is known about a call that failed. */
export interface NotedFailure {
  readonly failed: FailedCall;
  readonly settings: ConnectionSettings;
  readonly options: OpenOptions;
  /** Makes the line once more; undefined where there is only the one that failed. */
  readonly connect: (() => Transport) | undefined;
}

/** Kept beside the errors, which stay what the library throws for whoever catches them. */
const failures = new WeakMap<object, NotedFailure>();

/** Keeps what is known about a call that failed, for whoever tells of its error. */
export function noteFailure(failure: NotedFailure): void {
  const { error } = failure.failed;
  if (error instanceof CosemError) failures.set(error, failure);
}

/** What was noted about the call that ended with this error. */
export function failureNotedOf(error: unknown): NotedFailure | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}
