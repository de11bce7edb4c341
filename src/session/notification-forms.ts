/** What is a notification, in an association and outside: without the code that opens one. */

import type { Apdu } from '../apdu/apdu.js';
import { judgeMoment, type Reception } from '../apdu/received.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import { withArticle } from '../base/words.js';
import { oddMoment } from '../codec/odd-moments.js';
import type { Protection } from '../contracts/protection.js';
import type {
  DataNotification,
  DataNotificationConfirm,
  EventNotification,
  InformationReport,
} from '../contracts/services.js';

/** A notification: something that a meter sent by itself. */
export interface Notification {
  /** The APDU, deciphered. */
  readonly apdu: DataNotification | EventNotification | InformationReport;
  /** How it was protected, by its header. */
  readonly protection: Protection;
  /** Whether a tag proved who made it. False without protection, for encryption alone, and when no authentication key was given. */
  readonly authenticated: boolean;
  /** System title of the sender, if the message contains it. */
  readonly systemTitle?: Uint8Array;
}

/** Whether an APDU with this tag is a notification. */
export function isNotificationTag(tag: number | undefined): boolean {
  return (
    tag === APDU_TAGS['data-notification'] ||
    tag === APDU_TAGS['event-notification-request'] ||
    tag === APDU_TAGS['information-report-request']
  );
}

/** Whether an APDU is a notification. */
export function isNotification(apdu: Apdu): apdu is DataNotification | EventNotification | InformationReport {
  return (
    apdu.type === 'data-notification' ||
    apdu.type === 'event-notification-request' ||
    apdu.type === 'information-report-request'
  );
}

/** @throws DecodeError when the APDU is not a notification. */
export function asNotification(
  apdu: Apdu,
  protection: Protection,
  systemTitle: Uint8Array | undefined,
  authenticated = isAuthenticated(protection),
): Notification {
  if (isNotification(apdu)) {
    return {
      apdu,
      protection,
      authenticated,
      ...given({ systemTitle: systemTitle?.slice() }),
    };
  }
  throw new DecodeError('bad-value', `a notification was expected, ${withArticle(apdu.type)} came`);
}

/**
 * A notification within an association; its dates are judged as those of answers are.
 * @throws DecodeError when the APDU is no notification, or strictly when a date in it deviates from the standard.
 */
export function judgedNotification(
  apdu: Apdu,
  reception: Reception,
  protection: Protection = 'none',
  systemTitle?: Uint8Array,
): Notification {
  const notification = asNotification(apdu, protection, systemTitle);
  judgeMoment(reception, oddMoment(apdu));
  return notification;
}

/** Passes on a notification that came while an answer was awaited. A refused notification does not concern that answer and is only reported. */
export function handNotification(
  apdu: Apdu,
  reception: Reception,
  listener: ((notification: Notification) => void) | undefined,
): boolean {
  if (!isNotification(apdu)) return false;
  try {
    listener?.(judgedNotification(apdu, reception));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    reception.onRemark?.({ code: 'notification-refused', text: error.message, weight: 'note' });
  }
  return true;
}

function isAuthenticated(protection: Protection): boolean {
  return protection === 'authentication' || protection === 'authenticated-encryption';
}

/** Bit 30 of long-invoke-id-and-priority: service class confirmed. */
const CONFIRMED = 0x4000_0000;

/** Whether a notification asks for a confirm. */
export function isConfirmed(apdu: Notification['apdu']): apdu is DataNotification {
  return apdu.type === 'data-notification' && (apdu.longInvokeId & CONFIRMED) !== 0;
}

/** What confirms a notification: its own long-invoke-id-and-priority. */
export function confirmOf({ longInvokeId }: DataNotification): DataNotificationConfirm {
  return { type: 'data-notification-confirm', longInvokeId };
}
