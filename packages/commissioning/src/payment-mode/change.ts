/** Changing how a meter is paid: written once, proved by read-back and by the meter's own events. */

import { AccessError } from 'cosem';
import type { MeterPort } from '../meter-port.js';
import { refuse } from '../refused.js';
import { intend, type VisitContext } from '../step/context.js';
import { without } from '../step/relay-log.js';
import type { PaymentModeOrder } from '../work-order.js';
import type { ModeChangeEvidence, ModesEvidence, PaymentModeEvidence, PaymentModeIntent } from './evidence.js';

export type PaymentModeContext = VisitContext<PaymentModeEvidence, PaymentModeOrder, PaymentModeIntent>;

/** What the person is asked. */
export interface ModeChangeOptions {
  /** Whether it shall be changed now. It may throw, and then nothing was done. */
  readonly confirm: (before: ModesEvidence) => Promise<void>;
}

/** Codes of the events of IS 15959 that tell of it: payment mode, metering mode. */
const TELLING = [211, 212, 213, 214, 167, 177, 178];

/** Reads how the meter is paid. @throws RefusedError for another meter, and where the payment mode is not told. */
export async function readModes(
  { order, clock }: Pick<PaymentModeContext, 'order' | 'clock'>,
  port: MeterPort,
): Promise<ModesEvidence> {
  const serial = await port.serial();
  const expected = order.meter.serial;
  if (serial !== expected) refuse('wrong-meter', { serial: serial ?? '?', expected }, false);
  const modes = await port.paymentModes();
  if (modes.payment === undefined) refuse('mode-not-told', {}, false);
  return { ...modes, at: clock.now() };
}

/** The step. The mode is written once, unless the meter is in it already. */
export async function changeMode(
  context: PaymentModeContext,
  port: MeterPort,
  { confirm }: ModeChangeOptions,
): Promise<ModeChangeEvidence> {
  const { order, journal } = context;
  const now = await readModes(context, port);
  const begun = journal.pending('mode-change', 'set-mode');
  const isThere = now.payment === order.to;
  if (isThere && begun === undefined) {
    return { already: true, before: now, after: now, events: [], resumed: false };
  }
  let { before, log } = begun ?? { before: now, log: null };
  if (!isThere) {
    await confirm(now);
    log = (await port.modeEvents()) ?? null;
    before = now;
    intend(context, 'mode-change', { action: 'set-mode', before, log });
    await written(port, order.to);
  }
  const after = await readModes(context, port);
  if (after.payment !== order.to) refuse('mode-not-kept', { now: after.payment ?? 'not-known' });
  if (before.metering !== after.metering) {
    const [from, to] = [before.metering, after.metering].map((mode) => mode ?? '?');
    refuse('metering-moved', { now: after.payment as string, before: from as string, after: to as string }, false);
  }
  const events = log === null ? undefined : await port.modeEvents();
  const told = events === undefined ? null : without(events, log ?? []).filter(({ code }) => TELLING.includes(code));
  return { already: false, before, after, events: told, resumed: isThere };
}

async function written(port: MeterPort, to: PaymentModeOrder['to']): Promise<void> {
  try {
    await port.setPaymentMode(to);
  } catch (error) {
    if (error instanceof AccessError) refuse('meter-refused', { what: `${error.target} ${error.result}` });
    throw error;
  }
}
