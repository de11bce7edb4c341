/** What the commands of reconnection and payment mode share: a folder, an order of a kind, a meter that is held, a refusal that is told. */

import { Ended, EXIT, type Json, type Run, UsageError } from 'cosem/command';
import {
  type Certificate,
  COMMAND_OF,
  type Language,
  type MeterComparisonOrder,
  type PaymentModeOrder,
  type ReconnectionOrder,
  type RecordBase,
  type Refusal,
  say,
  type Workspace,
} from '../src/index.js';
import { exitOf, goOnWith, meterSettings, orderIn, writeCertificate } from './commission.js';
import { refusalDocument } from './day.js';
import { canAsk, folderLanguage, folderOf, openFolder, Remembered } from './folder.js';
import { type HeldMeter, heldMeter } from './meter.js';
import { Prompts } from './prompted.js';
import { Show } from './show.js';
import { sendWaiting } from './sync.js';

/** How the work on an order ended: without a refusal somebody chose to stop. */
export interface VisitOutcome {
  readonly done: boolean;
  readonly refusal?: Refusal | undefined;
  readonly certificate: readonly string[];
}

/** What a visit works with. */
export interface VisitTools {
  readonly run: Run;
  readonly workspace: Workspace;
  readonly language: Language;
  readonly show: Show;
  readonly meter: HeldMeter;
  /** Asks, where somebody can be asked; `--yes` answers with Yes. @throws UsageError where nobody can. */
  readonly yes: (question: string, initial?: boolean) => Promise<boolean>;
  /** Keeps a certificate. */
  readonly write: (certificate: Certificate<RecordBase>) => Promise<void>;
}

type MeterOrder = ReconnectionOrder | PaymentModeOrder | MeterComparisonOrder;

/** Opens folder and order for a command, does its work, and tells how it ended. @throws Ended, UsageError, Interrupted. */
export async function visitOrder(
  run: Run,
  id: string,
  kind: MeterOrder['kind'],
  work: (
    run: Run,
    workspace: Workspace,
    order: { readonly folder: string; readonly id: string; readonly language: Language },
  ) => Promise<{
    readonly outcome: VisitOutcome;
    readonly document: Record<string, Json>;
  }>,
): Promise<void> {
  const folder = folderOf(run);
  orderIn(folder, id, kind);
  const language = await folderLanguage(run, new Remembered(folder), true);
  using workspace = await openFolder(run, folder, language);
  const { outcome, document } = await work(run, workspace, { folder, id, language });
  const sent = outcome.done ? await sendWaiting(run, workspace) : undefined;
  run.output.document({
    command: COMMAND_OF[kind],
    order: id,
    done: outcome.done,
    freeOfCharge: true,
    ...document,
    certificate: [...outcome.certificate],
    ...(sent === undefined ? {} : { sync: { ...sent } }),
    ...(outcome.refusal === undefined ? {} : { refusal: refusalDocument(outcome.refusal) }),
  });
  if (!outcome.done) throw new Ended(outcome.refusal === undefined ? EXIT.refused : exitOf(outcome.refusal));
}

/** Makes the tools of a visit, lets it work, and lets the meter go whatever comes. */
export async function withTools(
  run: Run,
  workspace: Workspace,
  { folder, language }: { readonly folder: string; readonly language: Language },
  order: MeterOrder,
  work: (tools: VisitTools, certificate: string[]) => Promise<Omit<VisitOutcome, 'certificate'>>,
): Promise<VisitOutcome> {
  const { output } = run;
  const command = goOnWith(order.id, folder, run.options, COMMAND_OF[order.kind]);
  const show = new Show(output, language, command);
  const meter = heldMeter(run, language, meterSettings(run, folder, order), order.meter.profile);
  const certificate: string[] = [];
  const tools: VisitTools = {
    ...{ run, workspace, language, show, meter },
    yes: asker(run, language),
    write: async (made) => {
      certificate.push(...(await writeCertificate(workspace, made)));
    },
  };
  const { consumer } = order;
  output.line();
  show.promise(workspace.policy.helpline);
  output.line(`${consumer.name}, ${consumer.number}, ${consumer.address}`);
  output.line();
  try {
    const outcome = await work(tools, certificate);
    for (const file of certificate) output.line(`     ${file}`);
    if (outcome.done) show.sayPlain('reconnect-done', { order: order.id });
    else output.line(say(language, 'go-on-with', { command }));
    return { ...outcome, certificate };
  } finally {
    output.endProgress();
    await meter.release();
  }
}

/** Asks a person; `--yes` answers with Yes, for nobody at the keyboard. */
export function asker({ io, options }: Run, language: Language): VisitTools['yes'] {
  return async (question, initial = false) => {
    if (options.yes === true) return true;
    if (!canAsk(io)) {
      throw new UsageError(
        'this is asked before it is done, and nobody is here to be asked',
        'run it on a terminal, or add --yes',
      );
    }
    return new Prompts(io, language).yes(question, initial);
  };
}

/** The step under way was refused: it is told, and the meter let go. */
export async function refusedStep(
  { show, meter }: Pick<VisitTools, 'show' | 'meter'>,
  refusal: Refusal,
): Promise<{ readonly done: false; readonly refusal: Refusal }> {
  show.endProgress();
  show.refused(refusal);
  await meter.release();
  return { done: false, refusal };
}

/** The last step of every visit: signs, and tells the number of the record. */
export async function signedRecord(
  { show }: Pick<VisitTools, 'show'>,
  sign: () => Promise<
    | { readonly ok: true; readonly evidence: { readonly sequence: number } }
    | { readonly ok: false; readonly refusal: Refusal }
  >,
): Promise<Omit<VisitOutcome, 'certificate'>> {
  show.progress('certificate');
  const result = await sign();
  show.endProgress();
  if (!result.ok) {
    show.refused(result.refusal);
    return { done: false, refusal: result.refusal };
  }
  show.say('did-record', { sequence: result.evidence.sequence });
  return { done: true };
}
