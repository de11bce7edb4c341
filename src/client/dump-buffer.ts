import { AccessError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import { clientObject } from '../cosem/class.js';
import { ProfileGenericV1 } from '../cosem/classes/storage.js';
import type { Recorded } from './dump-value.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { rowsNumbered } from './profile-selection.js';

/** sort_method: the newest row first. */
const LIFO = 2;
const SORT_METHOD = ProfileGenericV1.attributes.sortMethod.id;
const ENTRIES_IN_USE = ProfileGenericV1.attributes.entriesInUse.id;

/** A buffer as it was received, and how many rows it has if these are not all. */
export interface ReadBuffer {
  readonly value: Data;
  readonly kept: number | undefined;
}

/**
 * Reads the newest rows of a profile, or all of them: by entry where the meter supports selection, else the whole buffer, which is then
 * cut.
 * @param values the profile's other attributes, as they were read.
 */
export async function readBuffer(
  meter: Meter,
  logicalName: LogicalName,
  rows: number | 'all',
  values: ReadonlyMap<number, Recorded>,
  call: CallOptions,
): Promise<ReadBuffer> {
  const ref = clientObject(ProfileGenericV1, logicalName).buffer;
  const inUse = numberIn(values.get(ENTRIES_IN_USE));
  const newestFirst = numberIn(values.get(SORT_METHOD)) === LIFO;
  if (rows === 0) return { value: { type: 'array', value: [] }, kept: 0 };
  if (rows !== 'all' && inUse !== undefined && inUse > rows && meter.supports('selective-access')) {
    const from = newestFirst ? 1 : inUse - rows + 1;
    try {
      const [value] = await meter.getAll([rowsNumbered(ref, from, from + rows - 1)], call);
      // Fewer rows than expected: the number of entries in use is wrong, so the whole buffer is read.
      if (value.type !== 'array' || value.value.length >= rows) return cut(value, rows, newestFirst, true);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
    }
  }
  const [value] = await meter.getAll([ref], call);
  return rows === 'all' ? { value, kept: undefined } : cut(value, rows, newestFirst, false);
}

/** The newest rows of an array. A compact-array is kept as it is, because it cannot be cut without decoding it. */
function cut(value: Data, rows: number, newestFirst: boolean, selected: boolean): ReadBuffer {
  if (value.type !== 'array') return { value, kept: undefined };
  const { length } = value.value;
  if (length <= rows) return { value, kept: selected ? length : undefined };
  return {
    value: { type: 'array', value: newestFirst ? value.value.slice(0, rows) : value.value.slice(-rows) },
    kept: rows,
  };
}

function numberIn(value: Recorded | undefined): number | undefined {
  return value !== undefined && 'data' in value && typeof value.data.value === 'number' ? value.data.value : undefined;
}
