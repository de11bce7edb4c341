/** What the steps of a reconnection leave in the journal. */

import type { Millis } from 'cosem';
import type { SupplyCauseId } from 'cosem/inspect';
import type { SupplyDiagnosis } from 'cosem/tools';
import type { CertificateEvidence, LoadEvidence, SwitchTime } from '../evidence.js';
import type { LoggedEvent } from '../meter-port.js';

/** A look at the meter, and when by the clock of this machine. */
export interface SupplyLook extends SupplyDiagnosis {
  readonly at: Millis;
}

/** Why nothing was closed: a cause of the table, or one of the visit. */
export type LeftReason =
  | SupplyCauseId
  | 'is-closed'
  | 'takes-no-order'
  | 'only-to-find-out'
  | 'no-own-credit'
  | 'declined';

/** What was done. `found` is the look directly before. */
export type ReconnectEvidence =
  | {
      readonly found: SupplyLook;
      /** `ready`: the meter waits for its button, and the supply is not back. */
      readonly outcome: 'closed' | 'ready';
      /** When: by the meter's log where it has it. Left out where the relay is not closed. */
      readonly closed?: SwitchTime | undefined;
      /** Voltage and current afterwards. */
      readonly after: LoadEvidence;
      /** Whether the visit was interrupted between order and proof. */
      readonly resumed: boolean;
    }
  | { readonly found: SupplyLook; readonly outcome: 'left'; readonly why: readonly LeftReason[] };

/** The evidence of the steps of a reconnection. */
export interface ReconnectionEvidence {
  readonly diagnosis: SupplyLook;
  readonly reconnect: ReconnectEvidence;
  readonly certificate: CertificateEvidence;
}

/** What is written before it is done. */
export type ReconnectionIntent =
  /** `log`: the switchings in the meter's log before; null where it does not show them. */
  | { readonly action: 'close-relay'; readonly found: SupplyLook; readonly log: readonly LoggedEvent[] | null }
  | { readonly action: 'sign'; readonly salt: string };
