/** What the steps of a survey leave. Nothing in it is secret; personal data is marked as such. */

import type {
  CertificateEvidence,
  ConsumerEvidence,
  DocumentEvidence,
  DocumentsEvidence,
  InstallerEvidence,
} from '../evidence.js';
import type { Photo } from '../photo/photo.js';
import type { Network, Position } from '../work-order.js';

/** How an old meter is found. */
export const METER_STATES = ['working', 'stopped', 'burnt', 'unreadable'] as const;
export type MeterState = (typeof METER_STATES)[number];
/** How its seals are found. */
export const SEAL_STATES = ['intact', 'broken', 'none'] as const;
export type SealState = (typeof SEAL_STATES)[number];

/** The old meter as a survey finds it. */
export interface SurveyedMeter {
  readonly serial: string;
  readonly make?: string | undefined;
  /** kWh, decimal text; null where it cannot be read. */
  readonly reading: string | null;
  readonly state: MeterState;
  readonly seals: SealState;
  readonly remark?: string | undefined;
  /** Why it is another meter than the order expects. */
  readonly explanation?: string | undefined;
}

/** The evidence of each step of a survey. */
export interface SurveyEvidence {
  readonly installer: InstallerEvidence;
  readonly consumer: ConsumerEvidence;
  readonly documents: DocumentsEvidence;
  readonly network: Network;
  /** Null where there is no meter. */
  readonly 'old-meter': { readonly meter: SurveyedMeter | null; readonly photos?: readonly Photo[] | undefined };
  /** Where the connection is. Personal. */
  readonly position: { readonly position?: Position | undefined; readonly photos?: readonly Photo[] | undefined };
  readonly certificate: CertificateEvidence;
}

/** What an installation takes over from a survey. It stands in the journal, so that it stays the same however often the work is taken up. */
export interface TakenSurvey {
  /** Of the survey. */
  readonly workOrder: string;
  /** ISO 8601: when it was signed. */
  readonly at: string;
  /** Name of the installer who made it. */
  readonly by: string;
  /** SHA-256 of its record, hexadecimal. */
  readonly hash: string;
  readonly verification: Pick<ConsumerEvidence, 'method' | 'reference'>;
  /** Personal. */
  readonly documents: readonly DocumentEvidence[];
  readonly network: Network;
  /** Personal. */
  readonly position?: Position | undefined;
  readonly oldMeter: SurveyedMeter | null;
  /** Kinds of the photos that it took. */
  readonly photos: readonly string[];
}
