/** The one place where a server accepts the counters of messages. */

import type { ProtectedApdu } from '../apdu/ciphered.js';
import type { Ciphering, Opened } from './protection.js';

/** An opened message and the result of judging its content; undefined when it makes no sense or was not asked for. */
export interface TakenIn<T> {
  readonly opened: Opened;
  readonly judged: T | undefined;
}

/**
 * Opens a message, has its whole content judged, and then accepts its counter, before anything is carried out. A tag proves that the
 * client has used the counter, so it is accepted even if the content is refused. Encryption alone proves nothing:
 * there the content must have made sense.
 * @param alone false where the message may be meant for another association of the line, which takes note of it then: here only what
 *   `judge` knows counts.
 * @throws SecurityError `replay`, `bad-tag` and what else {@link Ciphering.open} throws; what `judge` throws.
 */
export function takeIn<T>(
  ciphering: Ciphering,
  message: ProtectedApdu,
  judge: (opened: Opened) => T | undefined,
  alone = true,
): TakenIn<T> {
  const opened = ciphering.open(message);
  let judged: T | undefined;
  try {
    judged = judge(opened);
  } finally {
    if (judged !== undefined || (alone && opened.protection !== 'encryption')) ciphering.accept(opened);
  }
  return { opened, judged };
}

/**
 * Accepts the counter in a client's half of HLS mechanism 5 in a context without ciphering. Around one in a ciphered context stands a
 * message whose counter was accepted already, and is often the later one.
 * @throws SecurityError `replay`
 */
export function takeProof(ciphering: Ciphering | undefined, counter: number): void {
  ciphering?.received.accept(counter);
}
