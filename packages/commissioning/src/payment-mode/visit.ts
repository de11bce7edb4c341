/** The visit that changes how a meter is paid: read, change, sign. */

import type { MeterPort } from '../meter-port.js';
import { intend } from '../step/context.js';
import { disclosureOf, type Signing, signAndWrite } from '../step/sign.js';
import { STEPS_OF } from '../steps.js';
import { Visit, type VisitParts, type VisitResult } from '../visit.js';
import type { PaymentModeOrder } from '../work-order.js';
import { changeMode, type ModeChangeOptions, readModes } from './change.js';
import { paymentModeContent } from './content.js';
import type { PaymentModeEvidence, PaymentModeIntent } from './evidence.js';
import type { PaymentModeRecord } from './record.js';

/** What the visit works with. */
export interface PaymentModeParts extends VisitParts<PaymentModeOrder> {
  readonly signing: Omit<Signing<PaymentModeRecord>, 'write'>;
  /** Owner of the signing key. */
  readonly keyOwner: string;
}

/** The work on an order to change the payment mode: {@link Visit} says how it is interrupted and resumed. */
export class PaymentModeVisit extends Visit<PaymentModeEvidence, PaymentModeOrder, PaymentModeIntent> {
  readonly #parts: PaymentModeParts;

  /** @throws as {@link Visit}. */
  constructor(parts: PaymentModeParts) {
    super(parts, STEPS_OF['payment-mode']);
    this.#parts = parts;
  }

  /** Whether a change was begun and its end is not proved. */
  get changeBegun(): boolean {
    return this.context.journal.pending('mode-change', 'set-mode') !== undefined;
  }

  /** Step 1: reads how it is paid. */
  modes(port: MeterPort): Promise<VisitResult<PaymentModeEvidence, 'modes'>> {
    return this.run('modes', (context) => readModes(context, port), this.#causeOf(port));
  }

  /** Step 2: changes it, where the person says so, and proves it. */
  change(port: MeterPort, options: ModeChangeOptions): Promise<VisitResult<PaymentModeEvidence, 'mode-change'>> {
    return this.run('mode-change', (context) => changeMode(context, port, options), this.#causeOf(port));
  }

  /** Step 3: the signed record. @param write writes the certificate; it may be called again after a power cut. */
  certificate(write: Signing<PaymentModeRecord>['write']): Promise<VisitResult<PaymentModeEvidence, 'certificate'>> {
    return this.run('certificate', (context) => {
      const { signing, keyOwner } = this.#parts;
      const begun = context.journal.pending('certificate', 'sign');
      const person = disclosureOf(context.order, begun?.salt, signing);
      if (begun === undefined) intend(context, 'certificate', { action: 'sign', salt: person.salt });
      return signAndWrite(paymentModeContent(context, person, keyOwner), person, { ...signing, write });
    });
  }

  /** Between change and proof the meter is asked nothing to find a cause. */
  #causeOf(port: MeterPort) {
    return async (error: unknown) => port.causeOf?.(error, !this.changeBegun);
  }
}
