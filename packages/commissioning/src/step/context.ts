import type { Clock, Millis } from 'cosem';
import type { Evidence, TakenSurvey } from '../evidence.js';
import type { AnyIntent, Intent, Journal } from '../journal.js';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import type { InstallationOrder, WorkOrder } from '../work-order.js';

/** What a step of a visit works with: of an installation, unless others are named. */
export interface VisitContext<
  E extends object = Evidence,
  O extends WorkOrder = InstallationOrder,
  I extends AnyIntent = Intent,
> {
  readonly order: O;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly journal: Journal<E, I>;
}

/** What a step of an installation works with. */
export type StepContext = VisitContext;

/** The survey that this installation took up; what it says is not asked again. */
export function surveyOf({ journal }: StepContext): TakenSurvey | undefined {
  return journal.evidence('consumer')?.survey;
}

/** Those kinds of photos that a survey has not taken already. */
export function photoKindsAsked<K extends string>(context: StepContext, kinds: readonly K[]): readonly K[] {
  const taken = surveyOf(context)?.photos ?? [];
  return kinds.filter((kind) => !taken.includes(kind));
}

/** Where a step of some visit writes what it is about to do. */
export interface Intending<S extends string, I extends AnyIntent> {
  readonly clock: Clock;
  readonly journal: {
    append(entry: { readonly type: 'begun'; readonly at: Millis; readonly step: S; readonly intent: I }): void;
  };
}

/** Writes to the journal what is about to be done. @throws StorageError when it could not be written: then it must not be done. */
export function intend<S extends string, I extends AnyIntent>(
  { journal, clock }: Intending<S, I>,
  step: S,
  intent: I,
): void {
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

/** `2026-11-23T14:05:00+05:30` */
export function isoTime({ policy }: { readonly policy: Policy }, at: Millis): string {
  const local = new Date(localTime(at, policy)).toISOString().slice(0, 19);
  const minutes = Math.abs(policy.deviation);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${local}${policy.deviation > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
