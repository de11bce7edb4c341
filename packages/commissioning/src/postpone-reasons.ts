/** Why an order can be put off, as utilities name it; a policy may add its own. Each has words in each language. */
export const POSTPONE_REASONS = [
  'consumer-absent',
  'house-locked',
  'consumer-refuses',
  'no-probe-contact',
  'unsafe',
  'no-meter',
  'weather',
  'other',
] as const;
export type PostponeReason = (typeof POSTPONE_REASONS)[number];

/** Whether a reason is one of {@link POSTPONE_REASONS}. */
export function isPostponeReason(reason: string): reason is PostponeReason {
  return (POSTPONE_REASONS as readonly string[]).includes(reason);
}
