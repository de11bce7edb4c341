import { AccessError, AssociationError, DecodeError, LinkError, SecurityError, TimeoutError } from '../base/errors.js';
import { isOfIdentity } from '../session/short-names.js';
import { isCounterError } from './connection.js';

/** Whether an error means that something optional is not there. A port that is gone never means that. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof LinkError) return error.reason !== 'transport';
  return mayBeStale(error) || error instanceof TimeoutError || error instanceof DecodeError;
}

/** Whether the meter said that it does not accept our invocation counter. */
export function refusedForCounter(error: unknown): boolean {
  if (!(error instanceof AccessError || error instanceof AssociationError)) return false;
  return error.invocationCounter !== undefined || isCounterError(error);
}

/** Whether a meter may have answered so because the invocation counter was too low. */
export function mayBeStale(error: unknown): boolean {
  return error instanceof AssociationError || error instanceof AccessError || error instanceof SecurityError;
}

/** Whether no usable answer came. */
export function isSilence(error: unknown): boolean {
  return error instanceof TimeoutError || error instanceof LinkError;
}

/** Whether a meter may have refused because of the services that were proposed or left out. Never where it gives another reason. */
export function mayBeConformance(error: unknown): boolean {
  return error instanceof AssociationError && !isOfIdentity(error);
}
