import type { Evidence, TakenSurvey } from '../evidence.js';
import type { StepId } from '../steps.js';
import type { RecordBase } from './record-base.js';

/** A step in the record, without personal data. */
export interface RecordedStep {
  readonly number: number;
  readonly step: StepId;
  /** ISO 8601, local time with its offset. */
  readonly at: string;
  readonly outcome: 'done' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string | undefined;
}

/** The record of a commissioned meter. */
export interface CommissioningRecord extends RecordBase {
  readonly format: 'cosem-commissioning-record-1';
  readonly network: { readonly feeder: string; readonly transformer: string; readonly pole: string };
  /** W. */
  readonly sanctionedLoad: number;
  readonly steps: readonly RecordedStep[];
  readonly installer: Evidence['installer'];
  /** The survey that was taken up: its order, when and by whom it was signed, and the hash of its record. */
  readonly survey?: Pick<TakenSurvey, 'workOrder' | 'at' | 'by' | 'hash'> | undefined;
  readonly verification?: Pick<Evidence['consumer'], 'method' | 'reference'> | undefined;
  /** Kinds of the documents, without numbers. */
  readonly documents?: readonly string[] | undefined;
  readonly oldMeter?: Evidence['old-meter']['meter'] | undefined;
  readonly meter: Omit<Evidence['new-meter'], 'photos'>;
  readonly clock?: Evidence['clock'] | undefined;
  readonly relay?: Evidence['relay'] | undefined;
  readonly readings: Evidence['readings'];
  readonly events?: Evidence['events'] | undefined;
  /** Row of the consumer index. */
  readonly indexRow: number;
  /** Where the position in the index came from, without it. */
  readonly position?: Evidence['index']['position'] | undefined;
}
