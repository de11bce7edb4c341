import type { Clock, Millis } from 'cosem';
import type { Intent, Journal } from '../journal.js';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import type { StepId } from '../steps.js';
import type { WorkOrder } from '../work-order.js';

/** What a step works with. */
export interface StepContext {
  readonly order: WorkOrder;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** Writes to the journal what is about to be done. @throws StorageError when it could not be written: then it must not be done. */
export function intend({ journal, clock }: StepContext, step: StepId, intent: Intent): void {
  journal.append({ type: 'begun', at: clock.now(), step, intent });
}

/** A reason or an explanation, trimmed. @throws RefusedError when it is too short. */
export function writtenReason(text: string | undefined, { policy }: Pick<StepContext, 'policy'>): string {
  const reason = (text ?? '').replace(/\s+/g, ' ').trim();
  if ([...reason].length < policy.reasonLength) refuse('reason-too-short', { least: policy.reasonLength });
  return reason;
}

/** Local time of the utility as if it were UTC. */
export function localTime(now: Millis, policy: Policy): Millis {
  return now - policy.deviation * 60_000;
}

/** `2026-11-23` of the utility's local time. */
export function localDate(now: Millis, policy: Policy): string {
  return new Date(localTime(now, policy)).toISOString().slice(0, 10);
}
