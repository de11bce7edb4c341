/** `cosem day report` and `cosem day hand-over`: how a day ends. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from 'cosem';
import { type Json, type Run, UsageError } from 'cosem/command';
import { dateText } from 'cosem/inspect';
import {
  type DayOrder,
  type DayReport,
  dayIn,
  dayReport,
  dayReportCsv,
  dayReportPdf,
  type HandedOver,
  handOver,
  type Language,
  listDayOrders,
  openDayLog,
  type Policy,
  readPolicy,
  reportTotals,
  say,
  writeHandOver,
  writeWholeFile,
} from '../src/index.js';
import { dayKey } from './day-list.js';
import { canAsk, folderLanguage, folderOf, openFolder, Remembered } from './folder.js';
import { Prompts } from './prompted.js';

const encoder = new TextEncoder();

export interface Reported {
  readonly report: DayReport;
  readonly policy: Policy;
  readonly files: readonly HandedOver[];
}

/** `cosem day report`: writes the report of a day beside the certificates, as PDF and CSV. */
export async function reportDay(run: Run): Promise<void> {
  const { output, options } = run;
  const folder = folderOf(run);
  const language = await folderLanguage(run, new Remembered(folder), false);
  const { report, policy, files } = await reported(run, folder);
  const into = typeof options.out === 'string' ? options.out : folder;
  const written = files.map(({ path, content }) => {
    const file = join(into, path);
    writeWholeFile(file, content);
    return file;
  });
  output.document({ command: 'day report', ...reportDocument(report), files: written });
  showReport(run, report, policy, language);
  for (const file of written) output.line(say(language, 'report-written', { file }));
}

/** The report of `--date`, or of today, and its files. */
export async function reported({ options }: Run, folder: string): Promise<Reported> {
  const now = systemClock.now();
  const day = typeof options.date === 'string' ? dayNamed(options.date) : dayKey(now);
  const policy = readPolicy(folder);
  const log = openDayLog(folder);
  const installer = new Remembered(folder).preferences.installer;
  const report = dayReport(listDayOrders(folder, log), log.events, {
    day,
    now,
    policy,
    installer: installer === undefined ? '' : `${installer.name} (${installer.id})`,
  });
  const name = `day-report-${day}`;
  const files: HandedOver[] = [
    { path: `${name}.pdf`, content: await dayReportPdf(report, policy, now) },
    { path: `${name}.csv`, content: encoder.encode(dayReportCsv(report, policy)) },
  ];
  return { report, policy, files };
}

function dayNamed(text: string): string {
  const day = dayIn(text);
  if (day === undefined) throw new UsageError(`--date ${text} is no day`, 'write it as 31-12-2026');
  return day;
}

export function showReport({ output }: Run, report: DayReport, policy: Policy, language: Language): void {
  output.heading(`${say(language, 'report-title')} ${dateText(report.day)}`);
  for (const total of reportTotals(report, policy)) output.line(total[language]);
  output.table(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    report.rows.map(({ order, kind, words, reason }) => [
      order,
      kind[language],
      words[language],
      reason?.[language] ?? '',
    ]),
  );
}

function reportDocument({ rows, ...report }: DayReport): Record<string, Json> {
  return {
    ...(JSON.parse(JSON.stringify(report)) as Record<string, Json>),
    orders: JSON.parse(JSON.stringify(rows)) as Json,
  };
}

/** `cosem day hand-over FILE.zip`: says what the bundle holds, and writes it. */
export async function handOverDay(run: Run, file: string): Promise<void> {
  const { output, options, io } = run;
  const folder = folderOf(run);
  const language = await folderLanguage(run, new Remembered(folder), false);
  if (existsSync(file)) throw new UsageError(`${file} is there already`, 'name another file, or remove it');
  const { files: report } = await reported(run, folder);
  using workspace = await openFolder(run, folder, language);
  const files = handOver(workspace, report);
  const size = files.reduce((sum, { content }) => sum + content.length, 0);
  const listed = files.map(({ path, content }) => ({ path, octets: content.length }));
  const dryRun = options.dryRun === true;
  output.heading(say(language, 'hand-over-title'));
  for (const [folderName, count] of foldersOf(files)) {
    output.line(`  ${folderName}${count > 1 ? ` (${count})` : ''}`);
  }
  output.line(say(language, 'hand-over-holds', { count: files.length, kilobytes: Math.ceil(size / 1000) }));
  output.line(say(language, 'hand-over-without'));
  output.line(say(language, 'hand-over-personal'));
  if (!dryRun && options.yes !== true && canAsk(io) && !output.json) {
    const prompts = new Prompts(io, language);
    if (!(await prompts.yes(prompts.words('ask-hand-over', { file }), true))) {
      output.document({ command: 'day hand-over', file, written: false, files: listed });
      output.line(say(language, 'hand-over-not'));
      return;
    }
  }
  if (!dryRun) writeHandOver(file, files);
  output.document({ command: 'day hand-over', file, written: !dryRun, files: listed });
  output.line(say(language, dryRun ? 'hand-over-not' : 'hand-over-written', { file }));
}

/** Files at the top by name, those in folders counted. */
function foldersOf(files: readonly HandedOver[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const name = path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : path;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The orders with what was put off, for programs. */
export function ordersDocument(orders: readonly DayOrder[]): readonly Json[] {
  return orders.map((order): Json => {
    const { status } = order;
    if (order.status === 'unreadable') {
      const { file, problems } = order.entry;
      return { status, file, problems: problems.map((problem) => ({ ...problem })) };
    }
    const { entry, postponed, begun, last } = order;
    return {
      status,
      order: entry.order.id,
      consumer: entry.order.consumer.number,
      next: entry.next ?? null,
      stepsDone: entry.stepsDone,
      begun: begun === undefined ? null : new Date(begun).toISOString(),
      last: last === undefined ? null : new Date(last).toISOString(),
      ...(postponed === undefined ? {} : { postponed: { reason: postponed.reason, note: postponed.note ?? null } }),
    };
  });
}
