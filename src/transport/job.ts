import type { Procedure } from '../contracts/procedure.js';

/** A procedure and the promise of its result. */
export interface Job {
  readonly procedure: Pick<Procedure<unknown>, 'next' | 'throw'>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Ends a procedure with an error, so that it can tidy up its session, and rejects its promise. */
export function abandon(job: Job, error: unknown): void {
  let reason = error;
  try {
    job.procedure.throw(error);
  } catch (thrown) {
    reason = thrown;
  }
  job.reject(reason);
}

/** Whoever waits for something. */
export interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}
