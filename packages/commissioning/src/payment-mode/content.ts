/** What the record of a change of the payment mode says of its visit. */

import type { PaymentModes } from '../meter-port.js';
import type { RecordContent } from '../record/chain.js';
import type { Disclosure } from '../record/record-base.js';
import { recordHead } from '../step/sign.js';
import type { PaymentModeContext } from './change.js';
import type { ModeChangeEvidence } from './evidence.js';
import type { ModesInRecord, PaymentModeRecord } from './record.js';

/** The record of a visit that ends now. */
export function paymentModeContent(
  context: PaymentModeContext,
  person: Disclosure,
  by: string,
): RecordContent<PaymentModeRecord> {
  const { order, journal } = context;
  const { already, before, after, events, resumed } = journal.evidence('mode-change') as ModeChangeEvidence;
  return {
    format: 'cosem-payment-mode-record-1',
    ...recordHead(context, person),
    by,
    meter: { serial: order.meter.serial },
    to: order.to,
    already,
    before: modesOf(before),
    after: modesOf(after),
    events,
    resumed,
  };
}

function modesOf({ time, payment, metering, balance, balanceTime }: PaymentModes): ModesInRecord {
  return { time, payment, metering, balance, balanceTime };
}
