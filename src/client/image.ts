/** What is transferred to a meter as new firmware, and why that fails. */

import { AccessError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Infer } from '../codec/type.js';
import type { ImageTransfer } from '../cosem/classes/image-transfer.js';
import type { CallOptions } from './meter-calls.js';

/** image_transfer_status (class 18, attribute 6) by name. */
export type ImageStatus = Infer<typeof ImageTransfer.attributes.imageTransferStatus.type>;

/** A firmware image. */
export interface Image {
  /** image_identifier: the name by which the meter knows the image, given by the manufacturer with it. */
  readonly identification: Uint8Array;
  /** Content of the image. */
  readonly octets: Uint8Array;
}

/** What the meter has ready for activation (image_to_activate_info). */
export type ImageInfo = Infer<typeof ImageTransfer.attributes.imageToActivateInfo.type>[number];

/**
 * Why an update stopped: `disabled`, the meter accepts no images now; `incomplete`, blocks are missing; `verification-failed`; `mismatch`,
 * the meter has another image ready; `not-told`, it does not say which; `activation-failed`.
 */
export type ImageFault =
  | 'disabled'
  | 'incomplete'
  | 'verification-failed'
  | 'mismatch'
  | 'not-told'
  | 'activation-failed';

/** The meter does not accept the image, or has another one ready. Unless `fault` is `activation-failed`, nothing was activated. */
export class ImageError extends AccessError {
  /** Why the update stopped. */
  readonly fault: ImageFault;
  constructor(fault: ImageFault, target: string, message: string, hint: string, cause?: unknown) {
    super(fault, target, message, { hint, ...given({ cause }) });
    this.fault = fault;
  }
}

/** Options of {@link ImageUpdate.check}. */
export interface ImageCheckOptions extends CallOptions {
  /**
   * Whether the meter's own verification is enough where it does not tell which image it holds ready. Default false: the image may be another one that was
   * transferred before.
   */
  readonly acceptUnidentified?: boolean;
}
