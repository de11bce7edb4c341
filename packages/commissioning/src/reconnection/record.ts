/** The signed record of a reconnection: what was found, what was done, what proves it. It states nothing that was not seen. */

import { z } from 'zod';
import type { LoadEvidence, SwitchTime } from '../evidence.js';
import type { RecordBase } from '../record/record-base.js';
import { recordBase, switchTime } from '../record/record-schema.js';

/** A sentence of the record, in both languages, with its name in the table of causes or of the visit. */
export interface SaidInRecord {
  readonly id: string;
  readonly en: string;
  readonly hi: string;
}

/** What a look at the meter showed. What could not be read is left out, and named in `unread`. */
export interface FoundInRecord {
  /** The time that the meter's clock showed. */
  readonly time?: string | undefined;
  readonly verdict: SaidInRecord;
  readonly also: readonly SaidInRecord[];
  /** What the contacts of the relay are, what it was ordered to be, and its control mode. */
  readonly relay: {
    readonly closed?: boolean | undefined;
    readonly state?: string | undefined;
    readonly mode?: number | undefined;
  };
  readonly prepaid?: boolean | undefined;
  /** In rupees, and when the meter counted it. */
  readonly balance?: string | undefined;
  readonly balanceTime?: string | undefined;
  /** When the last recharge reached the meter. */
  readonly rechargeTime?: string | undefined;
  readonly volts?: readonly string[] | undefined;
  readonly amperes?: readonly string[] | undefined;
  /** In both languages. */
  readonly unread: readonly { readonly en: string; readonly hi: string }[];
}

/** The record of a visit to a house that was dark. */
export interface ReconnectionRecord extends RecordBase {
  readonly format: 'cosem-reconnection-record-1';
  /** Owner of the key. */
  readonly by: string;
  readonly meter: { readonly serial: string };
  readonly ordered: { readonly close: 'ordered' | 'own-credit' | 'never'; readonly reason?: string | undefined };
  /** The first look, with the time of this machine. */
  readonly found: FoundInRecord;
  /** The look directly before what was done. */
  readonly before: FoundInRecord;
  readonly done: {
    readonly outcome: 'closed' | 'ready' | 'left';
    /** Why nothing was closed. */
    readonly why: readonly SaidInRecord[];
    readonly closed?: SwitchTime | undefined;
    readonly after?: LoadEvidence | undefined;
    readonly resumed: boolean;
  };
}

const text = z.string();
const saidSchema = z.looseObject({ id: text, en: text, hi: text });
const foundSchema = z.looseObject({
  time: text.optional(),
  verdict: saidSchema,
  also: z.array(saidSchema),
  relay: z.looseObject({
    closed: z.boolean().optional(),
    state: text.optional(),
    mode: z.number().optional(),
  }),
  prepaid: z.boolean().optional(),
  balance: text.optional(),
  balanceTime: text.optional(),
  rechargeTime: text.optional(),
  volts: z.array(text).optional(),
  amperes: z.array(text).optional(),
  unread: z.array(z.looseObject({ en: text, hi: text })),
});

/** Its form. */
export const reconnectionRecordSchema = z.looseObject({
  ...recordBase,
  format: z.literal('cosem-reconnection-record-1'),
  by: text,
  meter: z.looseObject({ serial: text }),
  ordered: z.looseObject({ close: z.enum(['ordered', 'own-credit', 'never']), reason: text.optional() }),
  found: foundSchema,
  before: foundSchema,
  done: z.looseObject({
    outcome: z.enum(['closed', 'ready', 'left']),
    why: z.array(saidSchema),
    closed: switchTime.optional(),
    after: z.looseObject({ volts: z.array(text), amperes: z.array(text) }).optional(),
    resumed: z.boolean(),
  }),
});
