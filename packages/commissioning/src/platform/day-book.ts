import { join } from 'node:path';
import type { Millis } from 'cosem';
import { AppendLog } from '../append-log.js';
import { DayLog, type DayOrder, dayOrders, type OrderTimes } from '../day-log.js';
import { StorageError } from '../storage-error.js';
import { NodeLogFile } from './node-log-file.js';
import { listDay, workspacePaths } from './workspace.js';

/** The log of days of a folder. @throws StorageError when it is damaged. */
export function openDayLog(folder: string): DayLog {
  return new DayLog(new NodeLogFile(join(workspacePaths(folder).state, 'day.log')));
}

/** The orders of a folder with what was put off, and when they were worked on. It needs no key and takes no lock. @throws StorageError */
export function listDayOrders(folder: string, log: DayLog = openDayLog(folder)): readonly DayOrder[] {
  return dayOrders(listDay(folder), log, (id) => timesOf(folder, id));
}

/** Each line of every journal has its time, whichever visit it is of. */
function timesOf(folder: string, id: string): OrderTimes | undefined {
  const file = new NodeLogFile(join(workspacePaths(folder).state, `journal-${id}.log`));
  try {
    const { entries } = new AppendLog<{ readonly at: Millis }>(file);
    const [first, last] = [entries[0], entries.at(-1)];
    return first && last && { begun: first.at, last: last.at };
  } catch (error) {
    // The list says so of the order itself.
    if (error instanceof StorageError && error.reason === 'damaged') return undefined;
    throw error;
  }
}
