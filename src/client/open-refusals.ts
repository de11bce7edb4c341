import { AccessError, AssociationError, DecodeError, LinkError, SecurityError, TimeoutError } from '../base/errors.js';
import { isOfIdentity } from '../session/short-names.js';
import { isCounterError } from './connection.js';
import { isOfProof } from './unaccepted.js';

/** Whether an error means that something optional is not there. A port that is gone never means that. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof LinkError) return error.reason !== 'transport';
  return mayBeStale(error) || error instanceof TimeoutError || error instanceof DecodeError;
}

/** Reasons that no invocation counter mends: who we are and how we prove it, the context, what the meter is. */
const NOT_OF_COUNTER =
  /authentication|mechanism|AP-title|AE-qualifier|invocation-identifier|application-context|short-name|system title|challenge/i;

/** Whether a refusal gives a reason that no counter mends. Then the counter is no reason to send the password again: meters lock after a few. */
function isNotOfCounter({ diagnostic, message }: AssociationError): boolean {
  return NOT_OF_COUNTER.test(`${diagnostic ?? ''} ${message}`);
}

/** Whether the meter said that it does not accept our invocation counter. */
export function refusedForCounter(error: unknown): boolean {
  if (!(error instanceof AccessError || error instanceof AssociationError)) return false;
  if (error instanceof AssociationError && isNotOfCounter(error) && !isCounterError(error)) return false;
  return error.invocationCounter !== undefined || isCounterError(error);
}

/** Whether a meter may have answered so because the invocation counter was too low. */
export function mayBeStale(error: unknown): boolean {
  return error instanceof AssociationError || error instanceof AccessError || error instanceof SecurityError;
}

/** Whether an AARQ may have been refused so because of its invocation counter, although the meter does not say it. */
export function mayBeOfCounter(error: unknown): boolean {
  return error instanceof AccessError || (error instanceof AssociationError && !isNotOfCounter(error));
}

/** Whether no usable answer came. */
export function isSilence(error: unknown): boolean {
  return error instanceof TimeoutError || error instanceof LinkError;
}

/** Whether a meter may have refused because of the services that were proposed or left out. Never where it gives another reason. */
export function mayBeConformance(error: unknown): boolean {
  return error instanceof AssociationError && !isOfIdentity(error) && !isOfProof(error);
}
