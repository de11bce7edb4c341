/** `cosem reconnect`: why a recharged house is dark, and its relay closed where order or credit allow it. */

import { systemClock } from 'cosem';
import { connectionSettings, type Json, languageOf, type Run } from 'cosem/command';
import type { SupplyDiagnosis } from 'cosem/tools';
import {
  defaultPolicy,
  type Language,
  type LoadEvidence,
  type MeterPort,
  type ReconnectEvidence,
  type ReconnectionVisit,
  saidOf,
  say,
  type Workspace,
} from '../src/index.js';
import { canAsk } from './folder.js';
import { heldMeter } from './meter.js';
import { showSupply, supplyDocument } from './supply-shown.js';
import {
  asker,
  refusedStep,
  signedRecord,
  type VisitOutcome,
  type VisitTools,
  visitOrder,
  withTools,
} from './visit-work.js';

/** Verdicts after which the person can do something at the meter, and look again. */
const DO_AND_LOOK: ReadonlySet<string> = new Set([
  'waits-for-button',
  'mode-wants-button',
  'overload',
  'emergency-credit',
  'no-load',
]);

/** @param order the work order; left out, the meter of the connection options is looked at. */
export async function reconnect(run: Run, order: string | undefined): Promise<void> {
  if (order === undefined) return await lookOnly(run);
  await visitOrder(run, order, 'reconnection', reconnectIn);
}

/** What is done of a reconnection order in a folder that is open already. */
export async function reconnectIn(
  run: Run,
  workspace: Workspace,
  place: { readonly folder: string; readonly id: string; readonly language: Language },
): Promise<{ readonly outcome: VisitOutcome; readonly document: Record<string, Json> }> {
  const visit = workspace.reconnection(place.id);
  let found: SupplyDiagnosis | undefined;
  run.output.heading(say(place.language, 'reconnect-title', { order: place.id }));
  const outcome = await withTools(run, workspace, place, visit.order, async (tools) => {
    const looked = await look(tools, visit);
    if ('done' in looked) return looked;
    found = looked;
    if (visit.next === 'reconnect') {
      const refused = await act(tools, visit);
      if (refused !== undefined) return refused;
    }
    await tools.meter.release();
    return await signedRecord(tools, () => visit.certificate(tools.write));
  });
  return { outcome, document: { status: visit.status, ...(found === undefined ? {} : supplyDocument(found)) } };
}

/** Step 1, and once more what is to be done at the meter by hand. */
async function look(tools: VisitTools, visit: ReconnectionVisit) {
  const { show, meter, language, run } = tools;
  const isNew = visit.next === 'diagnosis';
  show.begin('reconnection/diagnosis');
  if (isNew) show.progressText('doing-diagnosis', {});
  const result = await visit.diagnosis(meter.port);
  show.endProgress();
  if (!result.ok) return await refusedStep(tools, result.refusal);
  showSupply(run.output, result.evidence, language);
  const byHand = visit.next === 'reconnect' && !visit.closingBegun && DO_AND_LOOK.has(result.evidence.verdict.id);
  // Nobody there to do it: the record says what was found.
  if (byHand && canAsk(run.io) && run.options.yes !== true) {
    await meter.release();
    await tools.yes(say(language, 'ask-look-again'), true);
  }
  return result.evidence;
}

/** Step 2. @returns how it ended, where it was refused or stopped. */
async function act(tools: VisitTools, visit: ReconnectionVisit) {
  const { show, meter, language, run } = tools;
  show.begin('reconnection/reconnect');
  show.progressText('doing-diagnosis', {});
  const stop = new Error('not closed and not finished');
  try {
    const result = await meter.shielded(() =>
      visit.reconnect(meter.port, {
        confirm: async ({ closing }) => {
          show.endProgress();
          const { serial } = visit.order.meter;
          const question = say(language, closing.order === 'closes' ? 'ask-close' : 'ask-ready', { serial });
          if (await tools.yes(question)) {
            show.progressText('doing-closing', {});
            return true;
          }
          if (!(await tools.yes(say(language, 'ask-finish-open')))) throw stop;
          return false;
        },
        onButton: () => {
          show.endProgress();
          show.say('press-now');
          show.progressText('doing-closing', {});
        },
      }),
    );
    show.endProgress();
    if (!result.ok) return await refusedStep(tools, result.refusal);
    showDone(tools, result.evidence);
    return undefined;
  } catch (error) {
    if (error === stop) return { done: false as const };
    throw error;
  } finally {
    run.output.endProgress();
  }
}

function showDone({ show, language, run }: VisitTools, done: ReconnectEvidence): void {
  if (done.outcome === 'left') {
    if (done.why.includes('is-closed')) showSupply(run.output, done.found, language);
    show.say('did-leave', { why: done.why.map((reason) => saidOf(reason, done.found)[language]).join(' ') });
  } else if (done.outcome === 'closed') show.succeeded('did-close', { load: loadText(done.after) });
  else show.say('did-ready');
}

function loadText({ volts, amperes }: LoadEvidence): string {
  return [...volts.map((value) => `${value} V`), ...amperes.map((value) => `${value} A`)].join(', ') || '?';
}

/** Without an order: looks, and closes where the meter's own credit allows it and a person says so. */
async function lookOnly(run: Run): Promise<void> {
  const { output, options, io } = run;
  const language = languageOf(io);
  const settings = connectionSettings(options, io);
  const profile = options.profile === 'is15959/D2' ? 'is15959/D2' : 'is15959/D1';
  const meter = heldMeter(run, language, settings, profile);
  try {
    output.heading(say(language, 'reconnect-dry-title'));
    output.progress(say(language, 'doing-diagnosis'));
    const about = {
      localTime: () => systemClock.now() - defaultPolicy.deviation * 60_000,
      ...(typeof options.expect === 'string' ? { serial: options.expect } : {}),
    };
    const found = await meter.port.supply(about);
    output.endProgress();
    showSupply(output, found, language);
    const closed = await closeByCredit(run, meter.port, found, language);
    output.document({ command: 'reconnect', ...supplyDocument(found), closed });
  } finally {
    output.endProgress();
    await meter.release();
  }
}

/** @returns whether it was closed and read back; null where it was not offered or not wanted. */
async function closeByCredit(
  run: Run,
  port: MeterPort,
  { closing, evidence }: SupplyDiagnosis,
  language: Language,
): Promise<boolean | null> {
  const { output, io, options } = run;
  const mayClose = closing.order !== undefined && closing.byCredit && closing.barriers.length === 0;
  if (!mayClose || (!canAsk(io) && options.yes !== true)) return null;
  output.line('', `   ${say(language, 'own-credit-offer')}`);
  const serial = evidence.serial ?? '?';
  if (!(await asker(run, language)(say(language, closing.order === 'closes' ? 'ask-close' : 'ask-ready', { serial }))))
    return null;
  output.progress(say(language, 'doing-closing'));
  await port.closeRelay();
  const until = systemClock.now() + defaultPolicy.relay.patience * 1000;
  let told = false;
  for (;;) {
    const { connected, state } = await port.relay();
    const isOver = systemClock.now() >= until;
    if (connected && state === 'connected') {
      const load = loadText(await port.load());
      output.endProgress();
      output.line(`   ${say(language, 'did-close', { load })}`);
      return true;
    }
    if (state === 'ready-for-reconnection' && !told) {
      told = true;
      output.endProgress();
      output.line(`   ${say(language, 'press-now')}`);
    }
    if (isOver) {
      output.endProgress();
      output.line(`   ${say(language, state === 'ready-for-reconnection' ? 'did-ready' : 'reconnect-not-done')}`);
      return false;
    }
    await new Promise<void>((resolve) => systemClock.at(systemClock.now() + 1000, resolve));
  }
}
