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
 * The refusal that an error of meter, line or disk stands for; undefined for any other, which is a fault of the program.
 * @param supplyMayBeOff whether the relay was opened, and nobody has seen it close.
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
