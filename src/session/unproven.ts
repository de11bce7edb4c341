/** Errors for meters that do not prove themselves in pass 4 of HLS. */

import { AssociationError, DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { ActionResult } from '../contracts/services.js';
import type { ClientSessionConfig } from './client-config.js';

/** Pass 4 came and is no proof. */
export function unproven(why: string, cause?: unknown): AssociationError {
  return new AssociationError(`the meter did not prove itself: ${why}`, {
    diagnostic: 'authentication-failure',
    hint: 'some meters answer so that our secret is wrong: check it first; a trace shows what came',
    ...given({ cause }),
  });
}

/** What is said of a pass 4 that cannot be read: nothing but the form is wrong with an answer that is refused strictly. */
export function unreadableProof(error: unknown, { strict = false }: ClientSessionConfig): unknown {
  if (strict || !(error instanceof DecodeError) || error.path[0] !== 'action-response') return error;
  return unproven(`what it returned for its half of the authentication cannot be read (${error.message})`, error);
}

/** Whether pass 4 returns nothing that could be a proof. */
export function isNothing(returned: ActionResult['returned']): boolean {
  if (returned === undefined) return true;
  if (!('data' in returned)) return false;
  const { data } = returned;
  return data.type === 'null-data' || (data.type === 'octet-string' && data.value.length === 0);
}

/** @throws AssociationError unless the caller wants such a meter. */
export function acceptUnproven({ acceptUnprovenMeter, onRemark }: ClientSessionConfig): void {
  const text = 'the meter did not prove itself: it returned nothing for its half of the authentication';
  if (acceptUnprovenMeter !== true) {
    throw new AssociationError(text, {
      diagnostic: 'authentication-failure',
      hint: 'some meters say so that our secret is wrong: check it first. One that never proves itself is taken with acceptUnprovenMeter (--accept-unproven) alone',
    });
  }
  onRemark?.({ code: 'unproven-meter', text: `${text}. It was accepted (acceptUnprovenMeter)`, weight: 'note' });
}
