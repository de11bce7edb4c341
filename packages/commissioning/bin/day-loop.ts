/** `cosem day`: house by house through the orders of a day. */

import { systemClock } from 'cosem';
import { type Run, UsageError } from 'cosem/command';
import {
  type DayLog,
  type DayOrder,
  type Language,
  listDayOrders,
  openDayLog,
  type Policy,
  type Refusal,
  say,
  type Workspace,
} from '../src/index.js';
import { DayInputs } from './day-inputs.js';
import {
  countsOf,
  dayKey,
  isDoneBefore,
  type NumberedOrder,
  ordersToday,
  reasonText,
  reasonWords,
  showOrders,
} from './day-list.js';
import { ordersDocument } from './day-report.js';
import { canAsk, folderLanguage, folderOf, openFolder, Remembered } from './folder.js';
import type { Inputs } from './inputs.js';
import { Prompts } from './prompted.js';
import type { SurveyInputs } from './survey-inputs.js';
import { visits } from './visits.js';

/** What the installer does next. */
export type DayChoice =
  | { readonly what: 'visit' | 'postpone'; readonly number: number }
  | { readonly what: 'more' }
  | { readonly what: 'end' };

/** Why an order is put off: a reason of the policy, and more in words. */
export interface PostponeInput {
  readonly reason: string;
  readonly note: string;
}

/** Whoever leads through the day: a person at a terminal, or a demonstration. */
export interface DayLead {
  /** Before the first house. */
  begin(policy: Policy): Promise<void>;
  choose(orders: readonly NumberedOrder[]): Promise<DayChoice>;
  postponing(policy: Policy): Promise<PostponeInput>;
  /** After work that ended without being done: whether the order is put off. */
  isPostponed(id: string, refusal: Refusal | undefined): Promise<boolean>;
  /** Whoever answers at a house; undefined where the visit asks by itself. */
  inputs(id: string, workspace: Workspace): Inputs | undefined;
  /** Whoever answers what a survey asks beyond that; left out, the person at the terminal. */
  survey?(id: string): SurveyInputs;
}

export async function day(run: Run): Promise<void> {
  const { io, output } = run;
  const folder = folderOf(run);
  const remembered = new Remembered(folder);
  const language = await folderLanguage(run, remembered, true);
  if (output.json || !canAsk(io)) {
    const now = systemClock.now();
    const all = listDayOrders(folder);
    output.document({ command: 'day', folder, orders: ordersDocument(all) });
    const orders = ordersToday(all, now);
    const before = all.length - orders.length;
    showOrders(output, orders, { language, now, before, from: 0, rows: Number.POSITIVE_INFINITY });
    return;
  }
  using workspace = await openFolder(run, folder, language);
  const lead = new PromptedDay(run, language, remembered);
  await workDay(run, { folder, language, remembered, workspace, lead });
  output.line(dayOver(language, folder));
}

export interface DayParts {
  readonly folder: string;
  readonly language: Language;
  readonly remembered: Remembered;
  readonly workspace: Workspace;
  readonly lead: DayLead;
}

/** Visits the houses that the lead chooses, until it ends the day. Whatever happened is written before the list shows again. */
export async function workDay(run: Run, parts: DayParts): Promise<void> {
  const { folder, language, workspace, lead } = parts;
  const { output, io } = run;
  const log = openDayLog(folder);
  await lead.begin(workspace.policy);
  let from = 0;
  for (;;) {
    if (io.signal.aborted) throw io.signal.reason;
    const now = systemClock.now();
    const all = listDayOrders(folder, log);
    const orders = ordersToday(all, now);
    output.line();
    const before = all.filter((order) => isDoneBefore(order, now)).length;
    const next = showOrders(output, orders, { language, now, before, from, rows: screenRows(run) });
    if (!orders.some(({ order }) => order.status !== 'done' && order.status !== 'unreadable')) return;
    const choice = await lead.choose(orders);
    if (choice.what === 'end') return;
    from = choice.what === 'more' ? next : 0;
    if (choice.what === 'more') continue;
    const order = orders.find(({ number }) => number === choice.number)?.order;
    if (order === undefined || order.status === 'unreadable' || order.status === 'done') continue;
    if (choice.what === 'postpone') await postpone(run, parts, log, order);
    else await visit(run, parts, log, order);
  }
}

type WorkableOrder = Exclude<DayOrder, { status: 'unreadable' }>;

async function visit(run: Run, parts: DayParts, log: DayLog, order: WorkableOrder): Promise<void> {
  const { folder, language, remembered, workspace, lead } = parts;
  const { output } = run;
  const { id, kind } = order.entry.order;
  if (order.status === 'postponed') {
    log.append({ type: 'taken-up', at: systemClock.now(), order: id });
    output.line(say(language, 'taken-up', { order: id }));
  }
  const arrived = systemClock.now();
  log.append({ type: 'arrived', at: arrived, order: id });
  const inputs = lead.inputs(id, workspace);
  const end = await visits[kind](run, workspace, {
    folder,
    id,
    language,
    remembered,
    inputs,
    survey: lead.survey?.(id),
  });
  const at = systemClock.now();
  log.append({ type: 'left', at, order: id, done: end.done, refusal: end.refusal });
  output.line(say(language, 'visit-time', { seconds: Math.max(1, (at - arrived) / 1000) }));
  if (!end.done && (await lead.isPostponed(id, end.refusal))) await postpone(run, parts, log, order);
}

async function postpone(run: Run, { language, workspace, lead }: DayParts, log: DayLog, order: WorkableOrder) {
  const { id } = order.entry.order;
  const { reason, note } = await lead.postponing(workspace.policy);
  log.postpone(id, reason, note, systemClock.now(), workspace.policy);
  run.output.line(say(language, 'postponed-is', { order: id, reason: reasonText(log.postponed(id), language) }));
}

/** How the day stands, and the commands that end it. */
export function dayOver(language: Language, folder: string): string {
  const at = folder === '.' ? '' : ` --folder ${folder}`;
  const orders = ordersToday(listDayOrders(folder), systemClock.now());
  const report = `cosem day report${at}`;
  const handOver = `cosem day hand-over day-${dayKey(systemClock.now())}.zip${at}`;
  return `${say(language, 'day-over', countsOf(orders))}\n${say(language, 'day-then', { report, handOver })}`;
}

function screenRows({ io }: Run): number {
  const { rows } = io.stdout as { readonly rows?: number };
  return rows ?? 24;
}

const ASCII_ZERO = 0x966;

/** A person at a terminal. */
export class PromptedDay implements DayLead {
  readonly #prompts: Prompts;
  readonly #remembered: Remembered;

  constructor(run: Run, language: Language, remembered: Remembered) {
    this.#prompts = new Prompts(run.io, language);
    this.#remembered = remembered;
  }

  /** Who the installer is, once a day; where that is not so it is asked at the first house. */
  async begin(): Promise<void> {
    const { installer } = this.#remembered.preferences;
    if (installer === undefined) return;
    const { name, id, letter, letterValidUntil: until } = installer;
    const isRight = await this.#prompts.yes(this.#prompts.words('day-installer', { name, id, letter, until }), true);
    if (!isRight) this.#remembered.keep({ installer: undefined });
  }

  async choose(orders: readonly NumberedOrder[]): Promise<DayChoice> {
    const check = (text: string) => {
      const choice = choiceIn(text);
      if (choice === undefined) return this.#prompts.words('number-form');
      if (!('number' in choice)) return undefined;
      const order = orders.find(({ number }) => number === choice.number)?.order;
      if (order === undefined) return this.#prompts.words('number-form');
      if (order.status === 'unreadable') {
        const why = order.entry.problems.map(({ field, reason }) => `${field} ${reason}`.trim()).join('; ');
        return this.#prompts.words('number-unreadable', { file: order.entry.file, why });
      }
      return order.status === 'done' ? this.#prompts.words('number-done') : undefined;
    };
    const text = await this.#prompts.text(this.#prompts.words('ask-number'), { check });
    return choiceIn(text) ?? { what: 'end' };
  }

  async postponing({ postponing, reasonLength: least }: Policy): Promise<PostponeInput> {
    const { language } = this.#prompts;
    const options = postponing.reasons.map((value) => ({ value, label: reasonWords(value, language) }));
    const reason = await this.#prompts.one(this.#prompts.words('ask-postpone'), options);
    const isOther = reason === 'other';
    const words = this.#prompts.words(isOther ? 'ask-postpone-why' : 'ask-postpone-note');
    const check = (text: string) =>
      isOther && [...text].length < least ? this.#prompts.words('reason-too-short', { least }) : undefined;
    return { reason, note: await this.#prompts.text(words, { optional: !isOther, check }) };
  }

  async isPostponed(): Promise<boolean> {
    const options = [
      { value: 'list', label: this.#prompts.words('after-list') },
      { value: 'postpone', label: this.#prompts.words('after-postpone') },
    ] as const;
    return (await this.#prompts.one(this.#prompts.words('ask-after-stop'), options)) === 'postpone';
  }

  inputs(_id: string, workspace: Workspace): Inputs {
    const { policy, keys } = workspace;
    return new DayInputs(
      this.#prompts,
      () => this.#remembered.preferences,
      (installer) => this.#remembered.keep({ installer }),
      { clock: systemClock, policy, keyOwner: keys.name },
    );
  }
}

/** `3`, `p 3`, `m`, `e`; digits of Devanagari too. */
function choiceIn(text: string): DayChoice | undefined {
  const typed = text.replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - ASCII_ZERO)).trim();
  if (/^e$/i.test(typed)) return { what: 'end' };
  if (/^m$/i.test(typed)) return { what: 'more' };
  const [, postponing, number] = /^(p?)\s*(\d{1,5})$/i.exec(typed) ?? [];
  if (number === undefined) return undefined;
  return { what: postponing === '' ? 'visit' : 'postpone', number: Number(number) };
}

/** `cosem day postpone ORDER --reason …`: puts an order off without leading through the day. */
export async function postponeOrder(run: Run, id: string): Promise<void> {
  const { options, output, io } = run;
  const folder = folderOf(run);
  const remembered = new Remembered(folder);
  const language = await folderLanguage(run, remembered, false);
  const order = listDayOrders(folder).find((one) => one.status !== 'unreadable' && one.entry.order.id === id);
  if (order === undefined || order.status === 'unreadable' || order.status === 'done') {
    throw new UsageError(say(language, 'postpone-order-unknown', { order: id }));
  }
  using workspace = await openFolder(run, folder, language);
  const { reasons } = workspace.policy.postponing;
  const named = typeof options.reason === 'string' ? options.reason : undefined;
  if (named !== undefined && !reasons.includes(named)) {
    throw new UsageError(`the policy knows no reason ${named}`, `write one of ${reasons.join(', ')}`);
  }
  if (named === undefined && !canAsk(io)) throw new UsageError('why?', `add --reason, one of ${reasons.join(', ')}`);
  const note = typeof options.note === 'string' ? options.note : '';
  const input =
    named === undefined
      ? await new PromptedDay(run, language, remembered).postponing(workspace.policy)
      : { reason: named, note };
  const log = openDayLog(folder);
  log.postpone(id, input.reason, input.note, systemClock.now(), workspace.policy);
  output.document({ command: 'day postpone', order: id, reason: input.reason, note: input.note });
  output.line(say(language, 'postponed-is', { order: id, reason: reasonText(log.postponed(id), language) }));
}
