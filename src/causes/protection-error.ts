import { SecurityError, type SecurityReason } from '../base/errors.js';
import { filled } from './cause.js';
import { protectionCauses } from './protection.js';

/** Makes an error of a reason: message and hint are the sentence and the first step of the table of causes. */
export function protectionError(
  { reason, facts }: { readonly reason: SecurityReason; readonly facts: Readonly<Record<string, string | number>> },
  cause?: unknown,
): SecurityError {
  const { says, try: steps } = protectionCauses[reason];
  const sentence = filled(says, facts, 'en');
  // The message of an error has no full stop: callers put it into sentences of their own.
  return new SecurityError(reason, sentence.replace(/\.$/, ''), { hint: filled(steps[0], facts, 'en'), facts, cause });
}
