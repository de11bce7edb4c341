import type { WorkOrderKind } from './work-order.js';

/** The eleven steps of an installation, in their order. */
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

/**
 * The steps of each kind of order, in the order in which they are done. Each step has a title, the message `step-NAME`. The day's list counts by it.
 */
export const STEPS_OF = {
  installation: STEPS,
  survey: ['installer', 'consumer', 'documents', 'network', 'old-meter', 'position', 'certificate'],
  reconnection: ['diagnosis', 'reconnect', 'certificate'],
  'payment-mode': ['modes', 'mode-change', 'certificate'],
  'meter-comparison': ['tested-load', 'check-load', 'comparison', 'certificate'],
} as const satisfies Readonly<Record<WorkOrderKind, readonly string[]>>;

/** A step of any visit. */
export type AnyStep = (typeof STEPS_OF)[WorkOrderKind][number];

/** 1 to 11, as people count them. */
export function stepNumber(step: StepId): number {
  return STEPS.indexOf(step) + 1;
}

/** A step of a visit as parameter of a message: `relay`; of other kinds `survey/network`. */
export function stepName(kind: WorkOrderKind, step: string): string {
  return kind === 'installation' ? step : `${kind}/${step}`;
}

/** What {@link stepName} made: the step, and its number as people count. */
export function stepNamed(name: string): { readonly step: AnyStep; readonly number: number } {
  const [kind, step] = name.includes('/') ? name.split('/') : ['installation', name];
  const steps: readonly string[] = STEPS_OF[kind as WorkOrderKind];
  return { step: step as AnyStep, number: steps.indexOf(step as string) + 1 };
}
