/** The visit at a house that was recharged and is dark: look, close where that is allowed, sign. */

import type { CertificateEvidence } from '../evidence.js';
import type { MeterPort } from '../meter-port.js';
import { intend } from '../step/context.js';
import { disclosureOf, type Signing, signAndWrite } from '../step/sign.js';
import { STEPS_OF } from '../steps.js';
import { Visit, type VisitParts, type VisitResult } from '../visit.js';
import type { ReconnectionOrder } from '../work-order.js';
import { lookAtSupply, type ReconnectOptions, reconnect } from './close.js';
import { reconnectionContent } from './content.js';
import type { ReconnectionEvidence, ReconnectionIntent } from './evidence.js';
import type { ReconnectionRecord } from './record.js';

/** What the visit works with. */
export interface ReconnectionParts extends VisitParts<ReconnectionOrder> {
  readonly signing: Omit<Signing<ReconnectionRecord>, 'write'>;
  /** Owner of the signing key. */
  readonly keyOwner: string;
}

/** The work on an order to reconnect: {@link Visit} says how it is interrupted and resumed. */
export class ReconnectionVisit extends Visit<ReconnectionEvidence, ReconnectionOrder, ReconnectionIntent> {
  readonly #parts: ReconnectionParts;

  /** @throws as {@link Visit}. */
  constructor(parts: ReconnectionParts) {
    super(parts, STEPS_OF.reconnection);
    this.#parts = parts;
  }

  /** Whether an order to close was given, or was about to be, and its end is not proved. */
  get closingBegun(): boolean {
    return this.context.journal.pending('reconnect', 'close-relay') !== undefined;
  }

  /** Step 1: looks why it is dark. Nothing is changed. */
  diagnosis(port: MeterPort): Promise<VisitResult<ReconnectionEvidence, 'diagnosis'>> {
    return this.run('diagnosis', (context) => lookAtSupply(context, port), this.#causeOf(port));
  }

  /** Step 2: looks again, and closes the relay where order or credit allow it and the person says so. */
  reconnect(port: MeterPort, options: ReconnectOptions): Promise<VisitResult<ReconnectionEvidence, 'reconnect'>> {
    return this.run('reconnect', (context) => reconnect(context, port, options), this.#causeOf(port));
  }

  /** Step 3: the signed record. @param write writes the certificate; it may be called again after a power cut. */
  certificate(write: Signing<ReconnectionRecord>['write']): Promise<VisitResult<ReconnectionEvidence, 'certificate'>> {
    return this.run('certificate', async (context): Promise<CertificateEvidence> => {
      const { signing, keyOwner } = this.#parts;
      const begun = context.journal.pending('certificate', 'sign');
      const person = disclosureOf(context.order, begun?.salt, signing);
      if (begun === undefined) intend(context, 'certificate', { action: 'sign', salt: person.salt });
      return signAndWrite(reconnectionContent(context, person, keyOwner), person, { ...signing, write });
    });
  }

  /** Between order and proof the meter is asked nothing to find a cause. */
  #causeOf(port: MeterPort) {
    return async (error: unknown) => port.causeOf?.(error, !this.closingBegun);
  }
}
