/** What the steps of a survey leave. Nothing in it is secret; personal data is marked as such. */

import type { CertificateEvidence, ConsumerEvidence, DocumentsEvidence, InstallerEvidence } from '../evidence.js';
import type { Photo } from '../photo/photo.js';
import type { PositionOrigin } from '../position/origin.js';
import type { Network, Position } from '../work-order.js';
import type { SurveyedMeter } from './meter.js';

/** The evidence of each step of a survey. */
export interface SurveyEvidence {
  readonly installer: InstallerEvidence;
  readonly consumer: ConsumerEvidence;
  readonly documents: DocumentsEvidence;
  readonly network: Network;
  /** Null where there is no meter. */
  readonly 'old-meter': { readonly meter: SurveyedMeter | null; readonly photos?: readonly Photo[] | undefined };
  /** Where the connection is, which is personal, and where that is known from, which is not. */
  readonly position: {
    readonly position?: Position | undefined;
    readonly origin?: PositionOrigin | undefined;
    readonly photos?: readonly Photo[] | undefined;
  };
  readonly certificate: CertificateEvidence;
}
