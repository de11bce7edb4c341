import { ASSOCIATION_RESULT } from '../apdu/results.js';
import { onAbort } from '../base/abort.js';
import type { Clock, Millis } from '../base/clock.js';
import { AccessError, AssociationError, DecodeError, LinkError, TimeoutError } from '../base/errors.js';
import { isOfIdentity } from '../session/short-names.js';
import type { Unanswered } from './unaccepted.js';

/** How often, how long and with which pauses something is tried. */
export interface AttemptParts {
  readonly clock: Clock;
  /** How long it is tried in total, in milliseconds. */
  readonly patience: Millis;
  /** The pause before the n-th try, n from 1. */
  readonly pause: (attempt: number) => Millis;
  /** Aborts the attempts. */
  readonly stop: AbortSignal;
  /** The error before the first try. */
  readonly error: Error;
  /** Given where the meter has never accepted our password or proof. */
  readonly unanswered?: Unanswered;
}

/** The result of the attempts. */
export type Attempted<T> =
  | { readonly value: T; readonly attempts: number }
  /** `final`: another try cannot succeed. */
  | { readonly failed: Error; readonly final: boolean };

/** Tries until it succeeds, another try cannot help, patience ends, or it is aborted. */
export async function attempted<T>(
  attempt: (n: number, limit: AbortSignal) => Promise<T>,
  { clock, patience, pause, stop, error, unanswered }: AttemptParts,
): Promise<Attempted<T>> {
  const end = clock.now() + patience;
  let last = error;
  for (let n = 1; !stop.aborted; n++) {
    const time = pause(n);
    if (clock.now() + time >= end) break;
    await sleep(clock, time, stop);
    if (stop.aborted) break;
    const limit = new AbortController();
    const off = onAbort(stop, () => limit.abort(stop.reason));
    const disarm = end === Number.POSITIVE_INFINITY ? undefined : clock.at(end, () => limit.abort(last));
    try {
      return { value: await attempt(n, limit.signal), attempts: n };
    } catch (failure) {
      last = failure as Error;
      if (!mayPass(failure) || unanswered?.mayGoAgain(failure) === false) return { failed: last, final: true };
    } finally {
      disarm?.();
      off();
    }
  }
  return { failed: last, final: false };
}

/** Waits for a time, or until the signal aborts. */
export function sleep(clock: Clock, time: Millis, signal: AbortSignal | undefined): Promise<void> {
  if (time <= 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      off?.();
      resolve();
    };
    const cancel = clock.at(clock.now() + time, end);
    const off = signal && onAbort(signal, end);
  });
}

/** Whether another attempt may succeed. */
export function mayPass(error: unknown): boolean {
  if (error instanceof AssociationError)
    return error.result === ASSOCIATION_RESULT['rejected-transient'] && !isOfIdentity(error);
  if (error instanceof AccessError) return error.unassociated;
  return error instanceof LinkError || error instanceof TimeoutError || error instanceof DecodeError;
}
