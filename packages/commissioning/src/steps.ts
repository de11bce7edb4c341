/** The eleven steps, in their order. */
export const STEPS = [
  'installer',
  'consumer',
  'documents',
  'old-meter',
  'new-meter',
  'clock',
  'relay',
  'readings',
  'events',
  'index',
  'certificate',
] as const;

/** A step: `consumer` is the verification by OTP, `index` the record in the consumer index. */
export type StepId = (typeof STEPS)[number];

/** 1 to 11, as people count them. */
export function stepNumber(step: StepId): number {
  return STEPS.indexOf(step) + 1;
}
