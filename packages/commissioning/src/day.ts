import type { LogFile } from './append-log.js';
import { DocumentError, type DocumentProblem } from './document.js';
import { Journal, type OrderStatus } from './journal.js';
import type { Refusal } from './messages.js';
import type { OfflineCredential } from './otp.js';
import { STEPS, type StepId } from './steps.js';
import { StorageError } from './storage-error.js';
import { parseWorkOrder, type WorkOrder } from './work-order.js';

/** A file of the folder of work orders. */
export interface OrderFile {
  readonly name: string;
  readonly text: string;
}

/** A work order of the day and its progress, or why its file cannot be read. */
export type DayEntry =
  | {
      readonly file: string;
      readonly status: OrderStatus;
      readonly order: WorkOrder;
      readonly credential: OfflineCredential | undefined;
      /** How many of the eleven steps are done or skipped. */
      readonly stepsDone: number;
      /** The next step; undefined when all are done. */
      readonly next: StepId | undefined;
      /** Why the last try of the next step was refused. */
      readonly refusal?: Refusal | undefined;
    }
  | { readonly file: string; readonly status: 'unreadable'; readonly problems: readonly DocumentProblem[] };

/**
 * The day's list: one entry for each file, in the order of their names. Two orders with the same id are both unreadable.
 * @param journal gives the journal of an order; reading it changes nothing.
 */
export function dayOf(files: readonly OrderFile[], journal: (id: string) => LogFile): readonly DayEntry[] {
  const entries = files.map((file) => entryOf(file, journal));
  const ids = entries.map((entry) => (entry.status === 'unreadable' ? undefined : entry.order.id));
  return entries.map((entry, i): DayEntry => {
    const id = ids[i];
    const twin = id === undefined ? -1 : ids.findIndex((other, j) => other === id && j !== i);
    if (twin < 0) return entry;
    const reason = `is also the id of ${files[twin]?.name}`;
    return { file: entry.file, status: 'unreadable', problems: [{ field: 'id', reason, fix: 'remove one of them' }] };
  });
}

function entryOf({ name, text }: OrderFile, journalOf: (id: string) => LogFile): DayEntry {
  try {
    const { order, credential } = parseWorkOrder(text, name);
    const journal = new Journal(journalOf(order.id));
    const { status, next, steps } = journal;
    const failed = steps.find(({ step }) => step === next);
    const stepsDone = next === undefined ? STEPS.length : STEPS.indexOf(next);
    const why = failed?.outcome === 'failed' ? { refusal: failed.refusal } : {};
    return { file: name, status, order, credential, stepsDone, next, ...why };
  } catch (error) {
    if (error instanceof DocumentError) return { file: name, status: 'unreadable', problems: error.problems };
    if (error instanceof StorageError && error.reason === 'damaged') {
      const problem = {
        field: '',
        reason: `has a journal that cannot be read (${error.message})`,
        fix: error.hint ?? '',
      };
      return { file: name, status: 'unreadable', problems: [problem] };
    }
    throw error;
  }
}
