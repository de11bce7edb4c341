import type { Millis } from 'cosem';
import { AppendLog, type LogFile } from './append-log.js';
import type { DayEntry } from './day.js';
import type { Refusal } from './messages.js';
import type { Policy } from './policy.js';
import { writtenReason } from './step/context.js';

/** What happened on a day, beside the journals of its orders. Nothing of it is signed. */
export type DayEvent = { readonly at: Millis; readonly order: string } & (
  | { readonly type: 'postponed'; readonly reason: string; readonly note?: string | undefined }
  | { readonly type: 'taken-up' }
  /** The installer began to work at a house. */
  | { readonly type: 'arrived' }
  /** The work at a house ended, or stopped with a refusal or by choice. */
  | { readonly type: 'left'; readonly done: boolean; readonly refusal?: Refusal | undefined }
);

/** That an order was put off. */
export type Postponed = Extract<DayEvent, { type: 'postponed' }>;

/** The log of working days: which house was visited when, what was put off and why. */
export class DayLog {
  readonly #log: AppendLog<DayEvent>;

  /** @throws StorageError when the file cannot be read, or is damaged. */
  constructor(file: LogFile) {
    this.#log = new AppendLog(file);
  }

  get events(): readonly DayEvent[] {
    return this.#log.entries;
  }

  /** Adds an event; it is on disk when this returns. @throws StorageError */
  append(event: DayEvent): void {
    this.#log.append(event);
  }

  /** That an order is put off and has not been taken up. */
  postponed(order: string): Postponed | undefined {
    const last = this.events.findLast((event) => event.order === order && event.type !== 'left');
    return last?.type === 'postponed' ? last : undefined;
  }

  /**
   * Puts an order off.
   * @param note more in the installer's words; needed where the reason is `other`.
   * @throws RefusedError when such a note is too short, StorageError.
   */
  postpone(order: string, reason: string, note: string, at: Millis, policy: Policy): void {
    const text = reason === 'other' ? writtenReason(note, { policy }) : note.replace(/\s+/g, ' ').trim();
    this.append({ type: 'postponed', at, order, reason, ...(text === '' ? {} : { note: text }) });
  }
}

/** An order as a day's list shows it. */
export type DayOrder =
  | {
      readonly status: 'open' | 'failed' | 'done' | 'postponed';
      readonly entry: Exclude<DayEntry, { status: 'unreadable' }>;
      readonly postponed?: Postponed | undefined;
      /** When the work on it began and when it last went on, by its journal; undefined before. */
      readonly begun?: Millis | undefined;
      readonly last?: Millis | undefined;
    }
  | { readonly status: 'unreadable'; readonly entry: Extract<DayEntry, { status: 'unreadable' }> };

/** First and last entry of an order's journal. */
export interface OrderTimes {
  readonly begun: Millis;
  readonly last: Millis;
}

/** Joins the orders of a folder with the log of days. An order that was worked on after it was put off is not put off. */
export function dayOrders(
  entries: readonly DayEntry[],
  log: DayLog,
  timesOf: (id: string) => OrderTimes | undefined,
): readonly DayOrder[] {
  return entries.map((entry): DayOrder => {
    if (entry.status === 'unreadable') return { status: 'unreadable', entry };
    const times = timesOf(entry.order.id);
    const postponed = entry.status === 'done' ? undefined : log.postponed(entry.order.id);
    const isOff = postponed !== undefined && (times === undefined || times.last <= postponed.at);
    return isOff ? { status: 'postponed', entry, postponed, ...times } : { status: entry.status, entry, ...times };
  });
}
