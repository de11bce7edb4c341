/** The signed record of a change of the payment mode. It states nothing that was not read. */

import { z } from 'zod';
import type { LoggedEvent, PaymentModes } from '../meter-port.js';
import type { RecordBase } from '../record/record-base.js';
import { recordBase } from '../record/record-schema.js';

/** How a meter was paid at one reading. What could not be read is left out. */
export type ModesInRecord = PaymentModes;

/** The record of a change of the payment mode. */
export interface PaymentModeRecord extends RecordBase {
  readonly format: 'cosem-payment-mode-record-1';
  /** Owner of the key. */
  readonly by: string;
  readonly meter: { readonly serial: string };
  readonly to: 'prepaid' | 'postpaid';
  /** Whether the meter was in that mode before anything was sent. */
  readonly already: boolean;
  readonly before: ModesInRecord;
  /** Read back. */
  readonly after: ModesInRecord;
  /** What the meter itself logged; null where its log could not be read. */
  readonly events: readonly LoggedEvent[] | null;
  readonly resumed: boolean;
}

const text = z.string();
const modes = z.looseObject({
  time: text.optional(),
  payment: z.enum(['prepaid', 'postpaid']).optional(),
  metering: text.optional(),
  balance: text.optional(),
  balanceTime: text.optional(),
});

/** Its form. */
export const paymentModeRecordSchema = z.looseObject({
  ...recordBase,
  format: z.literal('cosem-payment-mode-record-1'),
  by: text,
  meter: z.looseObject({ serial: text }),
  to: z.enum(['prepaid', 'postpaid']),
  already: z.boolean(),
  before: modes,
  after: modes,
  events: z.array(z.looseObject({ time: text, code: z.number() })).nullable(),
  resumed: z.boolean(),
});
