/** Where a client takes note of the counters of messages: nothing else in it does. */

import type { CipheredApdu } from '../apdu/apdu.js';
import { explained } from './explain.js';
import type { Ciphering, Opened } from './protection.js';

/**
 * Opens what a meter answered, has the whole of it judged, and then takes note of its counter.
 * @param judge throws what is not to be believed.
 * @param looked the same message, opened by {@link takeUnasked} before.
 * @throws SecurityError as {@link Ciphering.open}, in the words of {@link explained}; what `judge` throws.
 */
export function takeAnswer<T>(
  ciphering: Ciphering,
  message: CipheredApdu,
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
 * The same for what may have come unasked: `judge` says undefined of anything else, and then nothing is taken note of. The one who asked
 * has to judge that, and gets it as it was opened.
 */
export function takeUnasked<T>(
  ciphering: Ciphering,
  message: CipheredApdu,
  judge: (opened: Opened) => T | undefined,
): { readonly judged: T } | { readonly judged: undefined; readonly opened: Opened } {
  const opened = ciphering.open(message);
  const judged = judge(opened);
  if (judged === undefined) return { judged: undefined, opened };
  ciphering.accept(opened);
  return { judged };
}

/**
 * The same for an error that comes in place of an association. It may come less protected than what was asked, for it explains and proves
 * nothing: one that no tag proves moves no counter.
 */
export function takeExplanation<T>(
  ciphering: Ciphering,
  message: CipheredApdu,
  judge: (opened: Opened) => T | undefined,
): T | undefined {
  const opened = ciphering.open(message);
  const judged = judge(opened);
  if (judged !== undefined && opened.protection !== 'encryption') ciphering.accept(opened);
  return judged;
}

/**
 * Takes note of the counter in a meter's half of HLS mechanism 5 in a context without ciphering. A ciphered answer around it has a counter of
 * its own, often drawn after this one.
 * @throws SecurityError `replay`
 */
export function takeProof(ciphering: Ciphering, counter: number): void {
  ciphering.received.accept(counter);
}
