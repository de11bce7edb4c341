import { onAbort } from '../base/abort.js';
import { CosemError, StateError } from '../base/errors.js';
import type { Awaitable } from '../contracts/awaitable.js';

/** Whether a caller's answer comes later. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

/**
 * The error for an answer that did not come. An error of the caller's own code may contain anything, even keys: it becomes the cause, but no
 * part of the message.
 * @param what has become of it: `the counters of 4D4D4D0000BC614E/00112233 cannot be read: the push was not opened`.
 */
export function unavailable(what: string, hint: string, error: unknown): CosemError {
  return error instanceof CosemError ? error : new StateError(what, { cause: error, hint });
}

/** What comes later, unless the signal aborts before: then its reason is thrown, whatever comes still. */
export function untilAborted<T>(wait: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (signal === undefined || !isPromise(wait)) return wait;
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => reject(signal.reason));
    wait.then(resolve, reject).finally(off);
    if (signal.aborted) reject(signal.reason);
  });
}
