/** `cosem survey`: the visit before the meter comes. */

import { systemClock } from 'cosem';
import { Ended, EXIT, type Json, type Run, speak, UsageError } from 'cosem/command';
import { listDay, parseAnswers, type SurveySession, stepName, type Workspace } from '../src/index.js';
import { AnsweredInputs } from './answered.js';
import {
  chosenOrder,
  exitOf,
  goOnWith,
  orderIn,
  orderNamed,
  verifierOf,
  type Work,
  writeCertificate,
} from './commission.js';
import { dayDocument, refusalDocument, showDay } from './day.js';
import { canAsk, folderLanguage, folderOf, openFolder, Remembered } from './folder.js';
import { gpsOf } from './gps.js';
import { PromptedInputs, Prompts } from './prompted.js';
import { Show } from './show.js';
import { SurveyGuide, type SurveyOutcome } from './survey-guide.js';
import { AnsweredSurvey, PromptedSurvey } from './survey-inputs.js';
import { sendWaiting } from './sync.js';
import { textFile } from './text-file.js';

/** @param argument the order of a survey; without one the day's list, from which one is picked. */
export async function survey(run: Run, argument: string | undefined): Promise<void> {
  const { options, output } = run;
  const folder = folderOf(run);
  const remembered = new Remembered(folder);
  const file = typeof options.answers === 'string' ? options.answers : undefined;
  const given = file === undefined ? undefined : { file, answers: parseAnswers(textFile(file, '--answers'), file) };
  const fromFile = options.language === undefined ? given?.answers.language : undefined;
  speak(run.io, fromFile);
  const named = orderNamed(argument, options.order);
  const language = fromFile ?? (await folderLanguage(run, remembered, named !== undefined || file === undefined));
  let id = named;
  if (id === undefined) {
    if (file !== undefined) throw new UsageError('--answers are for which order?', 'name the order');
    const surveys = listDay(folder).filter((entry) => entry.status === 'unreadable' || entry.order.kind === 'survey');
    const rows = dayDocument(folder).filter((row) => Reflect.get(Object(row), 'kind') === 'survey');
    output.document({ command: 'survey', folder, orders: rows });
    showDay(output, surveys, folder, language);
    id = await chosenOrder(run, language, folder, 'survey');
    if (id === undefined) return;
  }
  orderIn(folder, id, 'survey');
  if (given === undefined && !canAsk(run.io)) {
    throw new UsageError(
      'a survey asks the surveyor, and nobody is here to be asked',
      'run it on a terminal, or add --answers FILE',
    );
  }
  using workspace = await openFolder(run, folder, language);
  const answered = given === undefined ? undefined : new AnsweredInputs(given.answers, given.file, run.io);
  const survey = given === undefined ? undefined : new AnsweredSurvey(given.answers, given.file);
  try {
    const work = { folder, id, language, remembered, inputs: answered, survey };
    const { outcome, document } = await surveyIn(run, workspace, work);
    output.document(document);
    if (!outcome.done) throw new Ended(outcome.refusal === undefined ? EXIT.refused : exitOf(outcome.refusal));
  } finally {
    answered?.close();
  }
}

/** What is done of a survey's order in a folder that is open already. @throws Interrupted, UsageError where an answer is missing. */
export async function surveyIn(
  run: Run,
  workspace: Workspace,
  { folder, id, language, remembered, inputs, survey: asked }: Work,
): Promise<{ readonly outcome: SurveyOutcome; readonly document: Record<string, Json> }> {
  const { output, options, io } = run;
  const session = workspace.survey(id, verifierOf(run, workspace));
  const show = new Show(output, language, goOnWith(id, folder, options, 'survey'));
  output.line();
  show.promise(workspace.policy.helpline);
  show.order(session.order);
  const done = session.steps.filter(({ outcome }) => outcome === 'done' || outcome === 'skipped').length;
  if (session.next === undefined) show.sayPlain('survey-done', { order: id });
  else if (done > 0) show.sayPlain('survey-resumed', { done, step: stepName('survey', session.next) });
  const prompts = new Prompts(io, language);
  const guide = new SurveyGuide({
    session,
    policy: workspace.policy,
    inputs:
      inputs ??
      new PromptedInputs(prompts, remembered.preferences, (installer) => remembered.keep({ installer }), {
        clock: systemClock,
        policy: workspace.policy,
        keyOwner: workspace.keys.name,
      }),
    survey: asked ?? new PromptedSurvey(prompts),
    show,
    clock: systemClock,
    gps: gpsOf(options.gps, io, workspace.policy),
    signal: io.signal,
    writeCertificate: (certificate) => writeCertificate(workspace, certificate),
  });
  const outcome = await guide.run();
  const sent = outcome.done ? await sendWaiting(run, workspace) : undefined;
  const document = {
    ...documentOf(session, outcome),
    ...(sent === undefined ? {} : { sync: { sent: sent.sent, waiting: sent.waiting } }),
  };
  if (!outcome.done) return { outcome, document };
  for (const path of outcome.certificate) output.line(`     ${path}`);
  output.line();
  show.sayPlain('survey-done', { order: id });
  if (sent !== undefined) show.sayPlain('sync-done', { sent: sent.sent, waiting: sent.waiting });
  show.promise(workspace.policy.helpline);
  return { outcome, document };
}

/** For programs. */
function documentOf(session: SurveySession, outcome: SurveyOutcome): { readonly [key: string]: Json } {
  return {
    command: 'survey',
    order: session.order.id,
    status: session.status,
    freeOfCharge: true,
    steps: session.steps.map(({ step, outcome: state }, i) => ({ number: i + 1, step, outcome: state })),
    ...(outcome.done
      ? { certificate: [...outcome.certificate] }
      : { stoppedAt: outcome.step, ...(outcome.refusal ? { refusal: refusalDocument(outcome.refusal) } : {}) }),
  };
}
