/** `cosem commission`: the day's list, and the work on one order. */

import { isAbsolute, join } from 'node:path';
import { systemClock } from 'cosem';
import { connectionSettings, Ended, EXIT, type ExitCode, type Json, type Run, speak, UsageError } from 'cosem/command';
import {
  type Certificate,
  COMMAND_OF,
  type CommissioningSession,
  type ConsumerVerifier,
  FallbackVerifier,
  HttpVerifier,
  type InstallationOrder,
  inEach,
  type Language,
  listDay,
  parseAnswers,
  type Refusal,
  renderCertificate,
  type StepState,
  say,
  stepNumber,
  type WorkOrderKind,
  type Workspace,
} from '../src/index.js';
import { AnsweredInputs } from './answered.js';
import { dayDocument, problemText, refusalDocument, showDay } from './day.js';
import { canAsk, folderLanguage, folderOf, openFolder, Remembered } from './folder.js';
import { gpsOf } from './gps.js';
import { Guide, type Outcome } from './guide.js';
import type { Inputs } from './inputs.js';
import { heldMeter } from './meter.js';
import { PromptedInputs, Prompts } from './prompted.js';
import { Show } from './show.js';
import type { SurveyInputs } from './survey-inputs.js';
import { sendWaiting } from './sync.js';
import { textFile } from './text-file.js';

/** @param argument the work order as an argument; `--order` names it too. */
export async function commission(run: Run, argument: string | undefined): Promise<void> {
  const { options, output } = run;
  const folder = folderOf(run);
  const wanted = orderNamed(argument, options.order);
  const remembered = new Remembered(folder);
  const answers = typeof options.answers === 'string' ? options.answers : undefined;
  const given = answers === undefined ? undefined : parseAnswers(textFile(answers, '--answers'), answers);
  // Whoever says --language means it, whatever a file says.
  const fromFile = options.language === undefined ? given?.language : undefined;
  speak(run.io, fromFile);
  const language = fromFile ?? (await folderLanguage(run, remembered, wanted !== undefined || answers === undefined));
  if (wanted === undefined) {
    const entries = listDay(folder);
    output.document({ command: 'commission', folder, orders: dayDocument(folder) });
    showDay(output, entries, folder, language);
    if (answers !== undefined) throw new UsageError(inEach('answers-for'), inEach('answers-for-try'));
    const chosen = await chosenOrder(run, language, folder);
    if (chosen === undefined) return;
    return end(run, await work(run, { folder, id: chosen, language, remembered, inputs: undefined }));
  }
  if (given === undefined && !canAsk(run.io)) {
    throw new UsageError(inEach('nobody-to-ask'), inEach('nobody-to-ask-try'));
  }
  const inputs = given === undefined ? undefined : new AnsweredInputs(given, answers ?? '', run.io);
  try {
    end(run, await work(run, { folder, id: wanted, language, remembered, inputs }));
  } finally {
    inputs?.close();
  }
}

export function orderNamed(argument: string | undefined, option: unknown): string | undefined {
  if (argument !== undefined && typeof option === 'string' && argument !== option) {
    throw new UsageError(inEach('which-order', { one: argument, other: option }), inEach('which-order-try'));
  }
  return argument ?? (typeof option === 'string' ? option : undefined);
}

/** The order that the installer picks from the day's list; undefined where there is none to be done, or nobody to ask. */
export async function chosenOrder(
  run: Run,
  language: Language,
  folder: string,
  kind: WorkOrderKind = 'installation',
): Promise<string | undefined> {
  if (!canAsk(run.io) || run.output.json) return undefined;
  const open = listDay(folder).flatMap((entry) =>
    (entry.status === 'open' || entry.status === 'failed') && entry.order.kind === kind ? [entry.order] : [],
  );
  if (open.length === 0) return undefined;
  const prompts = new Prompts(run.io, language);
  const chosen = await prompts.one(prompts.words('ask-order'), [
    ...open.map(({ id, consumer }) => ({ value: id, label: id, hint: `${consumer.name}, ${consumer.address}` })),
    // No id begins so.
    { value: '-', label: prompts.words('ask-order-none') },
  ]);
  return chosen === '-' ? undefined : chosen;
}

function end({ output }: Run, { document, outcome }: WorkResult): void {
  output.document(document);
  if (!outcome.done) throw new Ended(outcome.refusal === undefined ? EXIT.refused : exitOf(outcome.refusal));
}

/** What the work on one order needs. */
export interface Work {
  readonly folder: string;
  readonly id: string;
  readonly language: Language;
  readonly remembered: Remembered;
  /** Undefined: a person is asked. */
  readonly inputs: Inputs | undefined;
  /** What a survey asks beyond that; left out, a person is asked. */
  readonly survey?: SurveyInputs | undefined;
}

export interface WorkResult {
  readonly outcome: Outcome;
  /** For programs. */
  readonly document: ReturnType<typeof documentOf>;
}

/** Begins or takes up the work on an order. @throws Interrupted, UsageError where an answer is missing; what was done is kept. */
export async function work(run: Run, { folder, id, language, remembered, inputs }: Work): Promise<WorkResult> {
  orderIn(folder, id, 'installation');
  using workspace = await openFolder(run, folder, language);
  return await workIn(run, workspace, { folder, id, language, remembered, inputs });
}

/** As {@link work}, in a folder that is open. */
export async function workIn(
  run: Run,
  workspace: Workspace,
  { folder, id, language, remembered, inputs }: Work,
): Promise<WorkResult> {
  const { output } = run;
  const session = workspace.session(id, verifierOf(run, workspace));
  const { order } = session;
  const show = new Show(output, language, goOnWith(id, folder, run.options));
  output.line();
  show.promise(workspace.policy.helpline);
  show.order(order);
  const done = session.steps.filter(({ outcome }) => outcome === 'done' || outcome === 'skipped').length;
  if (session.next === undefined) show.sayPlain('order-done', { order: id });
  else if (done > 0) show.sayPlain('resumed', { done, step: session.next });
  const meter = heldMeter(run, language, meterSettings(run, folder, order), order.newMeter.profile);
  const asked =
    inputs ??
    new PromptedInputs(
      new Prompts(run.io, language),
      remembered.preferences,
      (installer) => remembered.keep({ installer }),
      { clock: systemClock, policy: workspace.policy, keyOwner: workspace.keys.name },
    );
  const guide = new Guide({
    session,
    policy: workspace.policy,
    meter,
    inputs: asked,
    show,
    clock: systemClock,
    gps: gpsOf(run.options.gps, run.io, workspace.policy),
    signal: run.io.signal,
    writeCertificate: (certificate) => writeCertificate(workspace, certificate),
  });
  const outcome = await guide.run();
  const sent = outcome.done ? await sendWaiting(run, workspace) : undefined;
  const result = { outcome, document: documentOf(session, outcome, sent) };
  if (!outcome.done) return result;
  for (const file of outcome.certificate) output.line(`     ${file}`);
  output.line();
  show.sayPlain('order-done', { order: id });
  if (sent !== undefined) show.sayPlain('sync-done', { sent: sent.sent, waiting: sent.waiting });
  show.sayPlain('see-usage');
  show.promise(workspace.policy.helpline);
  return result;
}

/** Options of `cosem commission` that a later run needs again; none of them is a secret. */
const AGAIN = [
  'passphraseFile',
  'language',
  'answers',
  'verifier',
  'url',
  'serial',
  'tcp',
  'baud',
  'framing',
  'counters',
  'timeout',
  'patience',
  'gps',
] as const;

/** The command line that takes up the work on an order, as it was given. */
export function goOnWith(id: string, folder: string, options: Run['options'], command = 'commission'): string {
  const given = AGAIN.flatMap((name) => {
    const value = options[name];
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return typeof value === 'string' || typeof value === 'number' ? [option, shellWord(String(value))] : [];
  });
  const at = folder === '.' ? [] : ['--folder', shellWord(folder)];
  return ['cosem', command, id, ...at, ...given].join(' ');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Looks whether there is such an order, before a passphrase is asked for and a key stretched.
 * @throws UsageError when there is none of this kind, and says what to do.
 */
export function orderIn(folder: string, id: string, kind: WorkOrderKind): void {
  const entries = listDay(folder);
  for (const entry of entries) {
    if (entry.status === 'unreadable' || entry.order.id !== id) continue;
    if (entry.order.kind === kind) return;
    const at = folder === '.' ? '' : ` --folder ${shellWord(folder)}`;
    throw new UsageError(
      told((language) => {
        const words = { kind: say(language, `kind-${entry.order.kind}`), expected: say(language, `kind-${kind}`) };
        return say(language, 'order-other-kind', { order: id, ...words });
      }),
      told(() => `cosem ${COMMAND_OF[entry.order.kind]} ${id}${at}`),
    );
  }
  const ids = entries.flatMap((entry) => (entry.status === 'unreadable' ? [] : [entry.order.id]));
  const unread = entries.flatMap((entry) => (entry.status === 'unreadable' ? [entry] : []));
  const own = unread.find(({ file }) => file === `${id}.json`);
  if (own !== undefined) {
    throw new UsageError(
      told((language) => say(language, 'order-unread', { order: id, file: own.file, why: problemText(own, language) })),
      inEach('order-unread-try'),
    );
  }
  const others = (language: Language) =>
    unread.map((entry) => `${say(language, 'file-unread', { file: entry.file })}: ${problemText(entry, language)}`);
  const known = (language: Language) =>
    ids.length === 0 ? say(language, 'order-none-try') : say(language, 'order-none-known', { orders: ids.join(', ') });
  throw new UsageError(
    inEach('order-none', { order: id, folder }),
    told((language) => [known(language), ...others(language)].join('; ')),
  );
}

function told(words: (language: Language) => string): Readonly<Record<Language, string>> {
  return { en: words('en'), hi: words('hi') };
}

/** Draws and writes a certificate. @returns its files, the JSON last. */
export async function writeCertificate(workspace: Workspace, certificate: Certificate): Promise<readonly string[]> {
  const files = await renderCertificate(certificate);
  const json = workspace.writeCertificate(certificate, files);
  return [...files.map(({ extension }) => json.replace(/json$/, extension)), json];
}

/** Who checks the OTP: `--verifier`, the utility's service, or what the work order brought. @throws UsageError */
export function verifierOf({ io, options }: Run, workspace: Workspace): ConsumerVerifier {
  const named = typeof options.verifier === 'string' ? options.verifier : io.env.COSEM_VERIFIER || undefined;
  const url = named ?? workspace.policy.services.verification ?? 'offline';
  const offline = workspace.offlineVerifier;
  if (url === 'offline') return offline;
  const token = () => io.env.COSEM_VERIFIER_TOKEN || undefined;
  const service = new HttpVerifier({ url, fetch, clock: systemClock, token });
  return new FallbackVerifier(service, offline, (order) => offline.isProvisioned(order));
}

/** The order names configuration and connection; the line may be told by options, as the probe is on this machine. */
export function meterSettings({ io, options }: Run, folder: string, { keys }: Pick<InstallationOrder, 'keys'>) {
  const config = isAbsolute(keys.config) ? keys.config : join(folder, keys.config);
  return connectionSettings({ ...options, config, connection: keys.connection }, io);
}

const UNREACHED: ReadonlySet<string> = new Set([
  'otp-no-network',
  'otp-service-down',
  'otp-service-error',
  'probe-lost',
  'probe-lost-supply-off',
]);
const STORAGE: ReadonlySet<string> = new Set(['disk-full', 'disk-full-supply-off', 'storage-failed']);

export function exitOf({ code }: Refusal): ExitCode {
  if (UNREACHED.has(code)) return EXIT.notConnected;
  if (STORAGE.has(code)) return EXIT.usage;
  return code === 'meter-garbled' ? EXIT.badAnswer : EXIT.refused;
}

function documentOf(
  session: CommissioningSession,
  outcome: Outcome,
  sent: { sent: number; waiting: number } | undefined,
) {
  return {
    command: 'commission',
    order: session.order.id,
    status: session.status,
    freeOfCharge: true,
    supplyMayBeOff: session.supplyMayBeOff,
    steps: session.steps.map(stepDocument),
    ...(outcome.done
      ? { certificate: [...outcome.certificate], ...(sent === undefined ? {} : { sync: { ...sent } }) }
      : { stoppedAt: outcome.step, ...(outcome.refusal ? { refusal: refusalDocument(outcome.refusal) } : {}) }),
  };
}

function stepDocument(state: StepState): Json {
  const common = { number: stepNumber(state.step), step: state.step, outcome: state.outcome };
  if (state.outcome === 'open') return common;
  const at = new Date(state.at).toISOString();
  if (state.outcome === 'done') return { ...common, at, evidence: state.evidence as unknown as Json };
  if (state.outcome === 'skipped') return { ...common, at, reason: state.reason };
  return { ...common, at, refusal: refusalDocument(state.refusal) };
}
