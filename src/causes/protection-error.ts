import { SecurityError, type SecurityReason } from '../base/errors.js';
import { filled } from './cause.js';
import { protectionCauses } from './protection.js';

/** The error of a finding: its sentence and the first thing to try are those of the table of causes. */
export function protectionError(
  { reason, facts }: { readonly reason: SecurityReason; readonly facts: Readonly<Record<string, string | number>> },
  cause?: unknown,
): SecurityError {
  const { says, try: steps } = protectionCauses[reason];
  const sentence = filled(says, facts, 'en');
  // Messages of errors are no sentences of their own: what comes before and behind is the caller's.
  return new SecurityError(reason, sentence.replace(/\.$/, ''), { hint: filled(steps[0], facts, 'en'), facts, cause });
}
