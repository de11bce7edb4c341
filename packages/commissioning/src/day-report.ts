import type { Millis } from 'cosem';
import { dateText, visibleText } from 'cosem/inspect';
import { stringify } from 'csv-stringify/sync';
import type { DayEvent, DayOrder } from './day-log.js';
import { harmless } from './index/export.js';
import { type Message, type MessageCode, messages, type Refusal, say, sentence, stepTitle } from './messages.js';
import type { Policy } from './policy.js';
import { isPostponeReason } from './postpone-reasons.js';
import { localDate } from './step/context.js';
import { meterOf } from './work-order.js';

/** How an order stands at the end of a day. */
export type DayOutcome = 'done' | 'open' | 'failed' | 'postponed';

/** What a day came to, for people and programs. It names no consumer: numbers alone. */
export interface DayReport {
  /** `2026-12-01` */
  readonly day: string;
  readonly utility: string;
  readonly installer: string;
  readonly counts: Readonly<Record<DayOutcome, number>>;
  /** When the first house was begun and the last one ended. */
  readonly from?: Millis | undefined;
  readonly to?: Millis | undefined;
  readonly rows: readonly DayReportRow[];
}

export interface DayReportRow {
  readonly order: string;
  readonly kind: Message;
  readonly consumer: string;
  /** The serial number of the meter; empty where the order names none. */
  readonly meter: string;
  readonly outcome: DayOutcome;
  readonly words: Message;
  /** Why it failed or was put off. */
  readonly reason?: Message | undefined;
  readonly from?: Millis | undefined;
  readonly to?: Millis | undefined;
}

export interface DayReportOptions {
  /** `2026-12-01`, in the utility's local time. */
  readonly day: string;
  readonly now: Millis;
  readonly policy: Policy;
  readonly installer: string;
}

/**
 * The report of a day: what was done on it, what was visited or put off on it, and, of the present day, what is still to be done.
 * @param events of all days.
 */
export function dayReport(
  orders: readonly DayOrder[],
  events: readonly DayEvent[],
  { day, now, policy, installer }: DayReportOptions,
): DayReport {
  const onDay = (at: Millis | undefined) => at !== undefined && localDate(at, policy) === day;
  const today = events.filter(({ at }) => onDay(at));
  const rows = orders.flatMap((order): DayReportRow[] => {
    if (order.status === 'unreadable') return [];
    const { id } = order.entry.order;
    const own = today.filter((event) => event.order === id);
    const isOf = onDay(order.last) || own.length > 0 || (order.status !== 'done' && onDay(now));
    return isOf && !(order.status === 'done' && !onDay(order.last)) ? [rowOf(order, own, onDay)] : [];
  });
  const times = rows.flatMap(({ from, to }) => [from, to]).filter((at) => at !== undefined);
  const count = (outcome: DayOutcome) => rows.filter((row) => row.outcome === outcome).length;
  return {
    day,
    utility: policy.utility,
    installer,
    counts: { done: count('done'), failed: count('failed'), postponed: count('postponed'), open: count('open') },
    ...(times.length === 0 ? {} : { from: Math.min(...times), to: Math.max(...times) }),
    rows,
  };
}

function rowOf(
  order: Exclude<DayOrder, { status: 'unreadable' }>,
  events: readonly DayEvent[],
  onDay: (at: Millis | undefined) => boolean,
): DayReportRow {
  const { entry, status } = order;
  const visits = events.filter(({ type }) => type === 'arrived' || type === 'left').map(({ at }) => at);
  const begun = onDay(order.begun) ? order.begun : undefined;
  const last = onDay(order.last) ? order.last : undefined;
  return {
    order: entry.order.id,
    kind: messages[`kind-${entry.order.kind}`],
    consumer: entry.order.consumer.number,
    meter: meterOf(entry.order) ?? '',
    outcome: status,
    words: messages[`outcome-${status}`],
    reason: reasonOf(order),
    from: visits[0] ?? begun ?? last,
    to: visits.at(-1) ?? last,
  };
}

function reasonOf({ status, entry, postponed }: Exclude<DayOrder, { status: 'unreadable' }>): Message | undefined {
  if (status === 'postponed' && postponed !== undefined) {
    const { reason, note } = postponed;
    const words = isPostponeReason(reason) ? messages[`postpone-${reason}`] : { en: reason, hi: reason };
    return note === undefined ? words : { en: `${words.en}: ${note}`, hi: `${words.hi}: ${note}` };
  }
  if (status !== 'failed' || entry.refusal === undefined) return undefined;
  const { refusal, next } = entry;
  return { en: failedText('en', refusal, next), hi: failedText('hi', refusal, next) };
}

function failedText(
  language: 'en' | 'hi',
  refusal: Refusal,
  step: Parameters<typeof stepTitle>[0] | undefined,
): string {
  const where = step === undefined ? '' : `${stepTitle(step, language)}: `;
  return where + sentence(refusal, language);
}

/** The totals in words, each a line. */
export function reportTotals({ counts, from, to }: DayReport, policy: Policy): readonly Message[] {
  const both = (code: MessageCode, params: Record<string, string | number>): Message => ({
    en: say('en', code, params),
    hi: say('hi', code, params),
  });
  return [
    both('report-counts', counts),
    ...(from === undefined || to === undefined
      ? []
      : [both('report-times', { from: clockText(from, policy), to: clockText(to, policy) })]),
  ];
}

/** `14:05`, in the utility's local time. */
export function clockText(at: Millis | undefined, { deviation }: Policy): string {
  return at === undefined ? '' : new Date(at - deviation * 60_000).toISOString().slice(11, 16);
}

const COLUMNS = [
  'date',
  'order',
  'kind',
  'consumer_number',
  'meter',
  'outcome',
  'from',
  'to',
  'reason_en',
  'reason_hi',
  'utility',
  'installer',
] as const;

/** CSV of RFC 4180 with a mark, so that Excel reads its Hindi; a line for each order. No spreadsheet runs a cell of it. */
export function dayReportCsv(report: DayReport, policy: Policy): string {
  const lines = report.rows.map((row) =>
    [
      dateText(report.day),
      row.order,
      row.kind.en,
      row.consumer,
      row.meter,
      row.outcome,
      clockText(row.from, policy),
      clockText(row.to, policy),
      row.reason?.en ?? '',
      row.reason?.hi ?? '',
      report.utility,
      report.installer,
    ].map((cell) => harmless(visibleText(cell))),
  );
  return `\uFEFF${stringify([[...COLUMNS], ...lines], { record_delimiter: 'windows' })}`;
}
