import { type ACTION_RESULT, actionResultNumber, DATA_ACCESS_RESULT, dataAccessResultNumber } from '../apdu/results.js';
import { AccessError, DecodeError } from '../base/errors.js';

/** A result that GET, SET and ACTION have in common, by its name. */
export function resultNamed(name: keyof typeof DATA_ACCESS_RESULT & keyof typeof ACTION_RESULT): number {
  return DATA_ACCESS_RESULT[name];
}

/** The data-access-result of a name, or the action-result; `other-reason` for a name that is none. */
export function resultNumber(name: string, of: 'access' | 'action' = 'access'): number {
  return (
    (of === 'access' ? dataAccessResultNumber(name) : actionResultNumber(name)) ?? DATA_ACCESS_RESULT['other-reason']
  );
}

/**
 * The result for an error of an implementation: an AccessError gives its own, a DecodeError means a wrong request. Undefined for
 * anything else, which is a fault of the implementation.
 */
export function resultOfError(error: unknown, of: 'access' | 'action'): number | undefined {
  if (error instanceof AccessError) return resultNumber(error.result, of);
  return error instanceof DecodeError ? DATA_ACCESS_RESULT['type-unmatched'] : undefined;
}
