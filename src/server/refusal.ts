import { actionResultNumber, dataAccessResultNumber } from '../apdu/results.js';
import { AccessError, DecodeError } from '../base/errors.js';

const TYPE_UNMATCHED = 12;
const OTHER_REASON = 250;

/** The data-access-result of a name, or the action-result; `other-reason` for a name that is none. */
export function resultNumber(name: string, of: 'access' | 'action' = 'access'): number {
  return (of === 'access' ? dataAccessResultNumber(name) : actionResultNumber(name)) ?? OTHER_REASON;
}

/**
 * What an implementation that threw answers: what said no by name says so; what did not understand was asked wrongly. Undefined for
 * anything else: that is our own fault.
 */
export function resultOfError(error: unknown, of: 'access' | 'action'): number | undefined {
  if (error instanceof AccessError) return resultNumber(error.result, of);
  return error instanceof DecodeError ? TYPE_UNMATCHED : undefined;
}
