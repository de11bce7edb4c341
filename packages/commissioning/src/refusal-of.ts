import {
  AccessError,
  AssociationError,
  DecodeError,
  LinkError,
  SecurityError,
  TimeoutError,
  UncertainError,
} from 'cosem';
import { type Refusal, refusal } from './messages.js';
import { RefusedError } from './refused.js';
import { StorageError } from './storage-error.js';

/**
 * The refusal for an error of meter, line or disk; undefined for any other error, which is a fault of the program.
 * @param supplyMayBeOff whether the relay was opened and has not been seen closed.
 */
export function refusalOf(error: unknown, supplyMayBeOff = false): Refusal | undefined {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof StorageError) {
    if (error.reason !== 'disk-full') return refusal('storage-failed', { reason: error.message });
    return refusal(supplyMayBeOff ? 'disk-full-supply-off' : 'disk-full');
  }
  if (error instanceof LinkError || error instanceof TimeoutError || error instanceof UncertainError) {
    return refusal(supplyMayBeOff ? 'probe-lost-supply-off' : 'probe-lost');
  }
  const what = error instanceof Error ? error.message : '';
  if (error instanceof AccessError || error instanceof AssociationError || error instanceof SecurityError) {
    return refusal('meter-refused', { what });
  }
  return error instanceof DecodeError ? refusal('meter-garbled', { what }) : undefined;
}
