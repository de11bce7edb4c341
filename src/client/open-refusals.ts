import { AccessError, AssociationError, DecodeError, LinkError, SecurityError, TimeoutError } from '../base/errors.js';
import { isOfIdentity } from '../session/short-names.js';
import { isCounterError } from './connection.js';

/** Whether what was only looked for is not to be had: never a port that is gone. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof LinkError) return error.reason !== 'transport';
  return mayBeStale(error) || error instanceof TimeoutError || error instanceof DecodeError;
}

/** Whether the meter said that it does not take our invocation counter. */
export function refusedForCounter(error: unknown): boolean {
  if (!(error instanceof AccessError || error instanceof AssociationError)) return false;
  return error.invocationCounter !== undefined || isCounterError(error);
}

/** Whether a meter may have answered so because the invocation counter was below the one that it takes. */
export function mayBeStale(error: unknown): boolean {
  return error instanceof AssociationError || error instanceof AccessError || error instanceof SecurityError;
}

/** Whether nothing, or nothing of use, came. */
export function isSilence(error: unknown): boolean {
  return error instanceof TimeoutError || error instanceof LinkError;
}

/** Whether a meter may have refused the services that were proposed, or left out: never where it says that it is about something else. */
export function mayBeConformance(error: unknown): boolean {
  return error instanceof AssociationError && !isOfIdentity(error);
}
