import type { Evidence } from '../evidence.js';
import type { RecordedPhoto } from '../photo/photo.js';
import type { StepId } from '../steps.js';
import type { SignatureAlgorithm } from './signing.js';

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

/**
 * The record of a commissioned meter. Nothing in it names a person: name, address and mobile are in a `Disclosure` beside it, to which
 * `commitment` commits. So the chain of records can be kept when a person's data is erased.
 */
export interface CommissioningRecord {
  readonly format: 'cosem-commissioning-record-1';
  /** Place in the chain, from 1, and the hash of the record before; 64 zeros for the first. */
  readonly sequence: number;
  readonly previous: string;
  /** ISO 8601, local time with its offset. */
  readonly at: string;
  readonly utility: string;
  readonly helpline: string;
  /** The meter and its installation cost nothing. */
  readonly freeOfCharge: true;
  readonly workOrder: { readonly id: string; readonly digest: string };
  readonly consumer: { readonly number: string; readonly commitment: string };
  readonly network: { readonly feeder: string; readonly transformer: string; readonly pole: string };
  /** W. */
  readonly sanctionedLoad: number;
  readonly steps: readonly RecordedStep[];
  readonly installer: Evidence['installer'];
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
  /** Photos of old meter, new meter, seals and site, by their hashes; left out where there are none. */
  readonly photos?: readonly RecordedPhoto[] | undefined;
}

/** A record with its signature. */
export interface SignedRecord {
  readonly record: CommissioningRecord;
  /** SHA-256 of the record's canonical JSON (RFC 8785), hexadecimal. */
  readonly hash: string;
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: string;
  /** Hexadecimal, over `cosem-commissioning-record-1`, a zero octet and the canonical JSON. */
  readonly signature: string;
}
