/** The orders of a day as a list with numbers. */

import type { Output } from 'cosem/command';
import {
  type DayOrder,
  isPostponeReason,
  type Language,
  type Postponed,
  say,
  sentence,
  stepTitle,
} from '../src/index.js';
import { problemText } from './day.js';

const MARK = { done: '✔', open: '·', failed: '✖', postponed: '‖', unreadable: '!' } as const;
/** Lines of the screen that are not orders: title, counts, what is done, the question. */
const OTHER_LINES = 10;
const LEAST_ORDERS = 5;
const INDIA = 330 * 60_000;

/** An order of the list with its number, which stays the same all day. */
export interface NumberedOrder {
  readonly number: number;
  readonly order: DayOrder;
}

/** The day of the list in India's time: `01-12-2026`. */
export function dayText(now: number): string {
  return dayKey(now).split('-').reverse().join('-');
}

/** `2026-12-01` */
export function dayKey(at: number): string {
  return new Date(at + INDIA).toISOString().slice(0, 10);
}

/** The orders of today: all but those that were done on a day before. */
export function ordersToday(orders: readonly DayOrder[], now: number): readonly NumberedOrder[] {
  return orders
    .filter((order) => !isDoneBefore(order, now))
    .map((order, i): NumberedOrder => ({ number: i + 1, order }));
}

export function isDoneBefore(order: DayOrder, now: number): boolean {
  return order.status === 'done' && order.last !== undefined && dayKey(order.last) < dayKey(now);
}

/** How many orders are in each state. */
export function countsOf(orders: readonly NumberedOrder[]) {
  const count = (status: DayOrder['status']) => orders.filter(({ order }) => order.status === status).length;
  return {
    open: count('open'),
    failed: count('failed'),
    postponed: count('postponed'),
    done: count('done'),
    unreadable: count('unreadable'),
  };
}

/**
 * Shows a page of what is to be done, and in one line what is done.
 * @param from the first order of the page, counted without those that are done.
 * @returns where the next page begins; 0 where this was the last.
 */
export function showOrders(
  output: Output,
  orders: readonly NumberedOrder[],
  { language, now, before, from, rows }: ShowOrders,
): number {
  const counts = countsOf(orders);
  output.heading(say(language, 'orders-of-day', { day: dayText(now) }));
  output.line(
    [
      say(language, 'orders-count', counts),
      ...(counts.unreadable === 0 ? [] : [say(language, 'day-unreadable', { count: counts.unreadable })]),
      ...(before === 0 ? [] : [say(language, 'orders-before', { count: before })]),
    ].join(', '),
  );
  const todo = orders.filter(({ order }) => order.status !== 'done');
  const size = Math.max(LEAST_ORDERS, rows - OTHER_LINES);
  const page = todo.slice(from, from + size);
  output.table(
    [{ title: '', align: 'right' }, { title: '' }, { title: '' }, { title: '' }, { title: '' }],
    page.map(({ number, order }) => [String(number), MARK[order.status], ...cellsOf(order, language)]),
  );
  const rest = todo.length - from - page.length;
  if (rest > 0) output.line(say(language, 'orders-more', { count: rest }));
  const done = orders.flatMap(({ order }) => (order.status === 'done' ? [order.entry.order.id] : []));
  if (done.length > 0) output.line(say(language, 'orders-done', { orders: done.join(', ') }));
  return rest > 0 ? from + page.length : 0;
}

export interface ShowOrders {
  readonly language: Language;
  readonly now: number;
  /** How many were done on days before. */
  readonly before: number;
  readonly from: number;
  /** Lines of the screen. */
  readonly rows: number;
}

/** Id, kind, and who and where; of what failed or was put off also why. */
function cellsOf(order: DayOrder, language: Language): readonly [string, string, string] {
  if (order.status === 'unreadable') return [order.entry.file, '', problemText(order.entry, language)];
  const { entry } = order;
  const { consumer, id } = entry.order;
  const kind = say(language, `kind-${entry.order.kind}`);
  if (order.status === 'postponed') return [id, kind, `${consumer.name}: ${reasonText(order.postponed, language)}`];
  if (order.status === 'failed') return [id, kind, `${consumer.name}: ${failedText(order, language)}`];
  return [id, kind, `${consumer.name}, ${consumer.address}`];
}

/** Why the last try was refused: the step and the first sentence. */
export function failedText({ entry }: Exclude<DayOrder, { status: 'unreadable' }>, language: Language): string {
  const where = entry.next === undefined ? '' : stepTitle(entry.next, language);
  return entry.refusal === undefined ? where : `${where}: ${sentence(entry.refusal, language)}`;
}

/** Why an order was put off, with the note. */
export function reasonText(postponed: Postponed | undefined, language: Language): string {
  if (postponed === undefined) return '';
  const { reason, note } = postponed;
  const words = reasonWords(reason, language);
  return note === undefined ? words : reason === 'other' ? note : `${words} (${note})`;
}

/** A reason in words; one of the utility's own as the policy has it. */
export function reasonWords(reason: string, language: Language): string {
  return isPostponeReason(reason) ? say(language, `postpone-${reason}`) : reason;
}
