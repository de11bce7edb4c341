import type { LogFile } from './append-log.js';
import { DocumentError, type DocumentProblem } from './document.js';
import { Journal, type OrderStatus } from './journal.js';
import type { Refusal } from './messages.js';
import type { OfflineCredential } from './otp.js';
import { STEPS_OF, stepName } from './steps.js';
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
      /** How many steps an order of this kind has, and how many of them are done or skipped. */
      readonly steps: number;
      readonly stepsDone: number;
      /** The next step, as `stepTitle` takes it: `relay`, of other kinds `survey/network`; undefined when all are done. */
      readonly next: string | undefined;
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

/** Whatever the steps of a visit leave: the list only counts them. */
type AnyEvidence = Readonly<Record<string, unknown>>;

function entryOf({ name, text }: OrderFile, journalOf: (id: string) => LogFile): DayEntry {
  try {
    const { order, credential } = parseWorkOrder(text, name);
    const { status, next: step, steps } = new Journal<AnyEvidence>(journalOf(order.id), STEPS_OF[order.kind]);
    const failed = steps.find((state) => state.step === step);
    const stepsDone = step === undefined ? steps.length : steps.findIndex((state) => state.step === step);
    const next = step === undefined ? undefined : stepName(order.kind, step);
    const why = failed?.outcome === 'failed' ? { refusal: failed.refusal } : {};
    return { file: name, status, order, credential, steps: steps.length, stepsDone, next, ...why };
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
