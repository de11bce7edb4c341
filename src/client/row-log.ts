/** Rows of a profile that are kept as they come, so that a reading that was broken off, or killed, goes on behind the last whole one. */

import { toHex } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { jsonText } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { type DataJson, dataFromJson, dataToJson } from '../codec/json.js';
import type { LineStore } from '../contracts/line-store.js';
import { attributeTarget } from '../cosem/class.js';
import type { Meter } from './meter.js';
import type { Profile } from './profile.js';
import { orderOf } from './profile-newest.js';
import type { ProfileRow } from './profile-row.js';
import type { RowSelection } from './profile-selection.js';

/** Whose rows a log holds. */
export interface RowLogHeader {
  /** Logical name of the profile. */
  readonly profile: string;
  /** Logical device name of the meter, in hexadecimal; null where it does not tell. */
  readonly meter: string | null;
  /** The columns, each as `class:obis:attribute`. */
  readonly columns: readonly string[];
}

const DEVICE_NAME = '0.0.42.0.0.255';

/** The header of a log for rows of this profile of this meter. @throws LinkError, TimeoutError, AccessError. */
export async function rowLogHeader(meter: Meter, profile: Profile): Promise<RowLogHeader> {
  const device = await meter.tryGet(meter.data(DEVICE_NAME).value);
  return {
    profile: profile.object.self.logicalName,
    meter: device.ok && device.value.type === 'octet-string' ? toHex(device.value.value) : null,
    columns: (await profile.columns()).map((column) =>
      attributeTarget({ ...column, attributeId: column.attributeIndex }),
    ),
  };
}

/**
 * Rows in lines of text: a line of JSON each ({@link dataToJson} of each value) behind a first line that says whose they are.
 *
 * ```ts
 * const file = new LineFile('load.jsonl');
 * const log = new RowLog(file, await rowLogHeader(meter, profile));
 * const kept = await profile.restored(log.rows);
 * await profile.rows(selectionBehind(kept, { from }), { onRow: (row) => log.add(row) });
 * file.close();
 * ```
 */
export class RowLog {
  /** The rows that were there already: `Profile.restored` gives them their meaning. */
  readonly rows: readonly (readonly Data[])[];
  readonly #store: LineStore;
  /** How often each line was there already, and how often it came since: a row that comes again is not written again. */
  readonly #kept = new Map<string, number>();
  readonly #came = new Map<string, number>();

  /** @throws StateError when the lines are none of rows, or belong to another meter, profile or columns. */
  constructor(store: LineStore, header: RowLogHeader) {
    this.#store = store;
    const [first, ...rest] = store.lines;
    if (first !== undefined) checkHeader(store.name, first, header);
    try {
      this.rows = rest.map((line) => (JSON.parse(line) as DataJson[]).map(dataFromJson));
    } catch (cause) {
      throw new StateError(`${store.name} holds a row that cannot be read`, {
        hint: `remove the file, or name another (${String(cause)})`,
        cause,
      });
    }
    for (const line of rest) this.#kept.set(line, (this.#kept.get(line) ?? 0) + 1);
    if (first === undefined) store.append(jsonText(header));
  }

  /** Keeps a row, unless it was there when the log was opened. @returns whether it is a new one. */
  add({ values }: ProfileRow): boolean {
    const line = jsonText(values.map(({ data }) => dataToJson(data)));
    const times = (this.#came.get(line) ?? 0) + 1;
    this.#came.set(line, times);
    if (times <= (this.#kept.get(line) ?? 0)) return false;
    this.#store.append(line);
    return true;
  }
}

/**
 * What is left of a selection behind rows that are here already. Some of these may come again: {@link RowLog.add} knows them.
 * @throws StateError when the rows bear no time.
 */
export function selectionBehind(kept: readonly ProfileRow[], selection: RowSelection): RowSelection {
  const last = kept.at(-1);
  if (last === undefined) return selection;
  if (last.time === undefined || !last.time.isSpecified()) {
    throw new StateError('rows of this profile bear no time to go on from', { hint: 'read all of them anew' });
  }
  // Newest first, or in no order, what is left may lie anywhere: all is read, and rows that are here are passed over.
  if (kept.length > 1 && orderOf(kept) !== 'rising') return selection;
  return { from: last.time, ...('to' in selection && selection.to !== undefined ? { to: selection.to } : {}) };
}

function checkHeader(name: string, line: string, wanted: RowLogHeader): void {
  let found: Partial<RowLogHeader>;
  try {
    found = JSON.parse(line);
  } catch {
    found = {};
  }
  for (const part of ['profile', 'meter', 'columns'] as const) {
    if (JSON.stringify(found?.[part]) !== JSON.stringify(wanted[part])) {
      throw new StateError(`${name} is not a file of rows of this ${part}`, {
        hint: 'name another file, or remove it to begin anew',
      });
    }
  }
}
