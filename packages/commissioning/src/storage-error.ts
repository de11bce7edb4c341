import { CosemError } from 'cosem';
import type { ErrorDetails } from 'cosem/protocol';

export type StorageReason = 'disk-full' | 'not-allowed' | 'damaged' | 'locked' | 'missing' | 'failed';

/** A file or a data base of the commissioning folder could not be read or written. Its earlier content is still there. */
export class StorageError extends CosemError {
  readonly code = 'storage';
  readonly reason: StorageReason;
  constructor(reason: StorageReason, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.reason = reason;
  }
}
