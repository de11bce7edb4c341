/** What is needed for an order to a meter (SET, ACTION) before its request is made, and after it failed. */

import { AccessError, type CosemError, StateError, UncertainError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Data } from '../codec/data.js';
import type { MethodRef } from '../cosem/class.js';

/** Refusals that meters in the field also give to requests that they carried out. */
const DOUBTFUL: ReadonlySet<string> = new Set(['other-reason', 'temporary-failure', 'hardware-fault']);

/**
 * Whether a change may have been made although it failed: its answer was lost or cannot be read, or is a refusal without a reason. What it
 * changes must then be read.
 */
export function leavesDoubt(error: unknown): error is UncertainError | AccessError {
  if (error instanceof UncertainError) return true;
  if (!(error instanceof AccessError) || error.unassociated) return false;
  return DOUBTFUL.has(error.result) || error.result.startsWith('unknown');
}

/** A method in messages: `70:0.0.96.3.10.255:1()`. */
export function methodTarget(ref: MethodRef<unknown, unknown>): string {
  return `${ref.classId}:${ref.logicalName}:${ref.methodId}()`;
}

/** Encodes a value to write or a parameter of a method. @throws StateError that names the target when it does not fit. */
export function encodeFor(target: string, encode: () => Data): Data {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { message, hint } = error as CosemError;
    throw new StateError(`${target}: ${message}`, { cause: error, ...given({ hint }) });
  }
}
