import { toHex } from '../base/bytes.js';
import { encodeData } from '../codec/axdr.js';
import type { ProfileRow } from './profile-row.js';

/** Reports each row once, even if a buffer is read again: as a whole, where the meter did not select to the end. */
export class ToldRows {
  readonly #onRow: ((row: ProfileRow) => void) | undefined;
  /** How often each row was reported, and how often it came in this reading: two rows may be equal. */
  readonly #told = new Map<string, number>();
  #came = new Map<string, number>();

  constructor(onRow: ((row: ProfileRow) => void) | undefined) {
    this.#onRow = onRow;
  }

  /** Says that the rows come again from the first one. */
  again(): void {
    this.#came = new Map();
  }

  tell(row: ProfileRow): void {
    if (this.#onRow === undefined) return;
    const key = row.values.map(({ data }) => toHex(encodeData(data))).join();
    const times = (this.#came.get(key) ?? 0) + 1;
    this.#came.set(key, times);
    if (times <= (this.#told.get(key) ?? 0)) return;
    this.#told.set(key, times);
    this.#onRow(row);
  }

  /** Reports the rows that were not reported yet. */
  rest(rows: readonly ProfileRow[]): void {
    this.again();
    for (const row of rows) this.tell(row);
  }
}
