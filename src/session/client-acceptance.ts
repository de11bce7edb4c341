/** The one place where a client accepts the counters of messages. */

import type { ProtectedApdu } from '../apdu/ciphered.js';
import { explained } from './explain.js';
import type { Ciphering, Opened } from './protection.js';

/**
 * Opens an answer of the meter, has its whole content judged, and then accepts its counter.
 * @param judge throws an error for content that must not be believed.
 * @param looked the same message, opened by {@link takeUnasked} before.
 * @throws SecurityError as {@link Ciphering.open}, in the words of {@link explained}; what `judge` throws.
 */
export function takeAnswer<T>(
  ciphering: Ciphering,
  message: ProtectedApdu,
  judge: (opened: Opened) => T,
  looked?: Opened,
): T {
  return explained(ciphering, message, () => {
    const opened = looked ?? ciphering.open(message);
    const judged = judge(opened);
    ciphering.accept(opened);
    return judged;
  });
}

/**
 * The same for a message that may be unsolicited: `judge` returns undefined for anything else, and then no counter is accepted. The requester
 * must judge that message and gets it opened.
 */
export function takeUnasked<T>(
  ciphering: Ciphering,
  message: ProtectedApdu,
  judge: (opened: Opened) => T | undefined,
): { readonly judged: T } | { readonly judged: undefined; readonly opened: Opened } {
  const opened = ciphering.open(message);
  const judged = judge(opened);
  if (judged === undefined) return { judged: undefined, opened };
  ciphering.accept(opened);
  return { judged };
}

/**
 * The same for an error that comes in place of an association. It may be less protected than the request, because it only explains and proves
 * nothing; without a valid tag it moves no counter.
 */
export function takeExplanation<T>(
  ciphering: Ciphering,
  message: ProtectedApdu,
  judge: (opened: Opened) => T | undefined,
): T | undefined {
  const opened = ciphering.open(message);
  const judged = judge(opened);
  if (judged !== undefined && opened.protection !== 'encryption') ciphering.accept(opened);
  return judged;
}

/**
 * Accepts the counter in a meter's half of HLS mechanism 5 in a context without ciphering. A ciphered answer around it has a counter of
 * its own, often drawn after this one.
 * @throws SecurityError `replay`
 */
export function takeProof(ciphering: Ciphering, counter: number): void {
  ciphering.received.accept(counter);
}
