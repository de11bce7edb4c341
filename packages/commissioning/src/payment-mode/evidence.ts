/** What the steps of a change of the payment mode leave in the journal. */

import type { Millis } from 'cosem';
import type { CertificateEvidence } from '../evidence.js';
import type { LoggedEvent, PaymentModes } from '../meter-port.js';

/** How a meter is paid, and when that was read by the clock of this machine. */
export interface ModesEvidence extends PaymentModes {
  readonly at: Millis;
}

/** The change, and what proves it. */
export interface ModeChangeEvidence {
  /** Whether the meter was in the wanted mode before anything was sent. */
  readonly already: boolean;
  readonly before: ModesEvidence;
  /** Read back. */
  readonly after: ModesEvidence;
  /** What the meter itself logged of it; null where its log cannot be read. */
  readonly events: readonly LoggedEvent[] | null;
  /** Whether the visit was interrupted between change and proof. */
  readonly resumed: boolean;
}

/** The evidence of the steps. */
export interface PaymentModeEvidence {
  readonly modes: ModesEvidence;
  readonly 'mode-change': ModeChangeEvidence;
  readonly certificate: CertificateEvidence;
}

/** What is written before it is done. */
export type PaymentModeIntent =
  | { readonly action: 'set-mode'; readonly before: ModesEvidence; readonly log: readonly LoggedEvent[] | null }
  | { readonly action: 'sign'; readonly salt: string };
