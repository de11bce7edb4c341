/** `cosem payment-mode`: changes a meter between prepaid and postpaid by an order, with proof. */

import type { Json, Run } from 'cosem/command';
import { type Language, type ModeChangeEvidence, type PaymentModes, say, type Workspace } from '../src/index.js';
import { refusedStep, signedRecord, type VisitOutcome, type VisitTools, visitOrder, withTools } from './visit-work.js';

/** @param order the work order. */
export async function paymentMode(run: Run, order: string): Promise<void> {
  await visitOrder(run, order, 'payment-mode', paymentModeIn);
}

/** What is done of an order for another payment mode in a folder that is open already. */
export async function paymentModeIn(
  run: Run,
  workspace: Workspace,
  place: { readonly folder: string; readonly id: string; readonly language: Language },
): Promise<{ readonly outcome: VisitOutcome; readonly document: Record<string, Json> }> {
  const { language } = place;
  const visit = workspace.paymentMode(place.id);
  const { to, meter: ordered } = visit.order;
  let change: ModeChangeEvidence | undefined;
  run.output.heading(say(language, 'mode-title', { order: place.id }));
  const stop = new Error('not changed');
  const outcome = await withTools(run, workspace, place, visit.order, async (tools) => {
    const { show, meter } = tools;
    show.begin('payment-mode/modes');
    show.progressText('doing-diagnosis', {});
    const modes = await visit.modes(meter.port);
    if (!modes.ok) return await refusedStep(tools, modes.refusal);
    show.endProgress();
    showModes(tools, modes.evidence);
    show.begin('payment-mode/mode-change');
    show.progressText('doing-diagnosis', {});
    try {
      const changed = await meter.shielded(() =>
        visit.change(meter.port, {
          confirm: async ({ balance }) => {
            show.endProgress();
            if (to === 'prepaid' && !(Number(balance) > 0))
              show.say('mode-warning', {
                balance: balance === undefined ? say(language, 'not-known') : `₹ ${balance}`,
              });
            if (!(await tools.yes(say(language, 'ask-mode', { serial: ordered.serial, to })))) throw stop;
            show.progressText('doing-mode', {});
          },
        }),
      );
      show.endProgress();
      if (!changed.ok) return await refusedStep(tools, changed.refusal);
      change = changed.evidence;
    } catch (error) {
      if (error === stop) return { done: false };
      throw error;
    }
    if (change.already) show.succeeded('did-mode-already', { to });
    else show.succeeded('did-mode', { to, events: eventsText(change, language) });
    await meter.release();
    return await signedRecord(tools, () => visit.certificate(tools.write));
  });
  const told =
    change === undefined ? {} : { already: change.already, before: json(change.before), after: json(change.after) };
  return { outcome, document: { status: visit.status, to, ...told } };
}

function showModes({ show, language }: VisitTools, { payment, metering, balance }: PaymentModes): void {
  const unknown = say(language, 'not-known');
  show.say('did-modes', {
    mode: payment ?? 'not-known',
    metering: meteringText(metering, language),
    balance: balance === undefined ? unknown : `₹ ${balance}`,
  });
}

function meteringText(metering: string | undefined, language: Language): string {
  if (metering === 'forward only') return say(language, 'metering-forward');
  if (metering === 'import and export') return say(language, 'metering-both');
  return metering ?? say(language, 'not-known');
}

function eventsText({ events }: ModeChangeEvidence, language: Language): string {
  const none = events === null ? 'not-known' : 'no-events-logged';
  if (events === null || events.length === 0) return say(language, none);
  return events.map(({ code, time }) => say(language, 'event-at', { code, time })).join('; ');
}

function json({ time, payment, metering, balance }: PaymentModes): Json {
  return { time: time ?? null, payment: payment ?? null, metering: metering ?? null, balance: balance ?? null };
}
