import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { type LogicalName, parseLogicalName } from '../base/obis.js';
import { counted, quoted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { RightsByClient } from '../cosem/access.js';
import { ProfileGenericV1 } from '../cosem/classes/storage.js';
import { OctetsSource, takeAll } from '../session/transfer.js';
import { type DeviceObject, type ObjectRights, object } from './object.js';
import type { OctetAttribute } from './octets.js';
import { type BufferColumn, profileBuffer } from './profile.js';

/** A profile of one's own: columns, and where its rows come from. */
export interface OwnProfile {
  /** What each value of a row is of, as `class:obis:attribute`: `3:0.0.96.9.0.255:2`. */
  readonly columns: readonly string[];
  /**
   * The present rows, the oldest first: a value for each column. Asked at each reading. What it gives must not change while it is read; only rows
   * that the client selects are encoded.
   */
  readonly rows: () => readonly (readonly Data[])[];
  /** The column by which rows ascend, if one does, from 0: ranges in it are found by halving. The first where that is a clock. */
  readonly sortedBy?: number;
  /** Seconds between two rows; 0 where they do not go by time. */
  readonly period?: number;
  /** How many rows there can be at most; no less than there are. */
  readonly capacity?: number;
  /** Deletes all rows, where a client may. */
  readonly reset?: () => void;
  /** Captures a row now, where a client may. */
  readonly capture?: () => void;
}

const OPTIONS: OptionNames<OwnProfile> = {
  columns: true,
  rows: true,
  sortedBy: true,
  period: true,
  capacity: true,
  reset: true,
  capture: true,
};
const CLOCK = 8;
const MOST = 0xffff_ffff;
const NOTHING: BufferColumn = { classId: 0, logicalName: '0.0.0.0.0.0', attributeIndex: 0, dataIndex: 0 };

/**
 * A profile generic (class 7) whose rows a function gives, for {@link LogicalDevice.add}: clients read it whole, by a range or by entries.
 *
 * ```ts
 * device.add(profile('1.0.99.1.0.255', { columns: ['8:0.0.1.0.0.255:2', '3:0.0.96.9.0.255:2'], rows: () => log, period: 60 }, { read: ['public'] }));
 * ```
 * @throws StateError for options that cannot be, a column that is none.
 */
export function profile(
  logicalName: LogicalName,
  options: OwnProfile,
  rights?: ObjectRights | RightsByClient,
): DeviceObject {
  checkOptions(options, OPTIONS, 'profile');
  const columns = options.columns.map(columnOf);
  const { rows, period = 0, capacity = MOST, reset, capture } = options;
  const { sortedBy = columns[0]?.classId === CLOCK ? 0 : undefined } = options;
  if (columns.length === 0 || (sortedBy !== undefined && columns[sortedBy] === undefined)) {
    throw new StateError(`${logicalName}: a profile of ${counted(columns.length, 'column')}`, {
      hint: 'name one column at least; sortedBy counts them from 0',
    });
  }
  checkSendable(logicalName, columns, period, capacity);
  return object(
    ProfileGenericV1,
    logicalName,
    {
      buffer: bufferOf(logicalName, columns, rows, sortedBy),
      captureObjects: columns,
      capturePeriod: period,
      sortMethod: 'fifo',
      sortObject: NOTHING,
      entriesInUse: () => rows().length,
      profileEntries: capacity,
      ...(reset === undefined ? {} : { reset: () => reset() }),
      ...(capture === undefined ? {} : { capture: () => capture() }),
    },
    rights,
  );
}

/** Checks what never changes: later only the client would see the error. @throws StateError */
function checkSendable(
  logicalName: LogicalName,
  columns: readonly BufferColumn[],
  period: number,
  capacity: number,
): void {
  const { captureObjects, capturePeriod, profileEntries } = ProfileGenericV1.attributes;
  try {
    captureObjects.type.encode(columns);
    capturePeriod.type.encode(period);
    profileEntries.type.encode(capacity);
  } catch (cause) {
    if (!(cause instanceof StateError)) throw cause;
    throw new StateError(`${logicalName}: ${cause.message}`, { cause, ...given({ hint: cause.hint }) });
  }
}

/** Encoded at once, while the given values can still be refused: during a transfer that would be too late. */
function bufferOf(
  logicalName: LogicalName,
  columns: readonly BufferColumn[],
  rows: OwnProfile['rows'],
  sortedBy: number | undefined,
): OctetAttribute<Data, NonNullable<typeof ProfileGenericV1.attributes.buffer.selectors>> {
  const source = () => {
    const all = rows();
    const value = (row: number, column: number): Data => {
      const values = all[row] ?? [];
      const found = values[column];
      if (found !== undefined && values.length === columns.length) return found;
      throw new StateError(
        `${logicalName}: row ${row} has ${counted(values.length, 'value')} for ${counted(columns.length, 'column')}`,
      );
    };
    return { length: all.length, value };
  };
  const buffer = profileBuffer({ columns, rows: source, ...given({ sortedBy }) });
  return { ...buffer, octets: (selection) => new OctetsSource(takeAll(buffer.octets(selection))) };
}

/** @throws StateError */
function columnOf(text: string): BufferColumn {
  const [, classId, name, attribute] = /^(\d{1,5}):([^:]+):(-?\d{1,3})$/.exec(text) ?? [];
  if (classId === undefined || name === undefined || attribute === undefined) {
    throw new StateError(`${quoted(text)} is no column`, {
      hint: 'class, logical name and attribute: 3:0.0.96.9.0.255:2',
    });
  }
  return {
    classId: Number(classId),
    logicalName: parseLogicalName(name),
    attributeIndex: Number(attribute),
    dataIndex: 0,
  };
}
