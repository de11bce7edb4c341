import { concat, equalBytes } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { encodeData, readData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { TAG } from '../codec/tags.js';

type Row = readonly Data[];

/** Progress of reading a profile. */
export interface ProfileProgress {
  /** How many complete rows have come. */
  readonly rows: number;
  /** How many rows there will be; undefined until the meter has said so. */
  readonly ofRows: number | undefined;
  /** How many octets of the buffer have come. */
  readonly octets: number;
}

/** Splits the octets of an array of rows, which come in blocks, into complete rows. */
class RowCutter {
  readonly #columns: number;
  /** The number of rows in the header of the array. */
  count: number | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  /** It is not an array of structures, or is damaged: decoding the whole will report that. */
  #useless = false;

  constructor(columns: number) {
    this.#columns = columns;
  }

  *cut(octets: Uint8Array): Generator<Row> {
    if (this.#useless) return;
    this.#rest = concat(this.#rest, octets);
    const r = new Reader(this.#rest);
    let start = 0;
    try {
      if (this.count === undefined) {
        if (r.u8() !== TAG.array) {
          this.#useless = true;
          return;
        }
        this.count = r.length();
        start = r.offset;
      }
      while (r.remaining > 0) {
        const row = readData(r);
        // With another number of values per row the counts are not reliable: the end shows when everything is here.
        if (row.type !== 'structure' || row.value.length !== this.#columns) {
          this.#useless = true;
          return;
        }
        start = r.offset;
        yield row.value;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#useless = error.reason !== 'truncated';
    }
    this.#rest = this.#rest.slice(start);
  }
}

/**
 * Collects the rows of a buffer over several tries. Each try but the first continues with the last complete row, which then comes a second
 * time.
 */
export class RowCollector {
  #rows: Row[] = [];
  readonly #most: number;
  readonly #onRow: ((row: Row) => void) | undefined;
  readonly #onProgress: ((progress: ProfileProgress) => void) | undefined;
  readonly #columns: number;
  #cutter: RowCutter;
  /** Rows before this try, and how many rows this try has brought. */
  #before = 0;
  /** Whether this try continues where the rows before ended. */
  joined = true;
  #came = 0;
  #everCame = false;
  #octets = 0;
  /** Octets of this try that nobody has looked into yet. */
  #unread: Uint8Array[] = [];
  /** How many rows were reported. */
  #told = 0;
  #ignored = false;

  /**
   * @param columns number of values in a row.
   * @param most number of rows that were asked for.
   * @param onRow left out, as `onProgress`, where nobody follows the rows as they come.
   */
  constructor(
    columns: number,
    most: number,
    onRow: ((row: Row) => void) | undefined,
    onProgress: ((progress: ProfileProgress) => void) | undefined,
  ) {
    this.#columns = columns;
    this.#cutter = new RowCutter(columns);
    this.#most = most;
    this.#onRow = onRow;
    this.#onProgress = onProgress;
  }

  /** Complete rows, as they came. */
  get rows(): readonly Row[] {
    this.#settle();
    return this.#rows;
  }

  /** Whether a complete row came in any try. */
  get everCame(): boolean {
    this.#settle();
    return this.#everCame;
  }

  /**
   * More rows come than were asked for, so the meter ignores the numbers. None of the rows is reported; the caller selects its own from
   * {@link rows}.
   */
  get ignored(): boolean {
    this.#settle();
    return this.#ignored;
  }

  /** Starts a new try, which continues after the rows that are here, or from the beginning. */
  begin(goesOn: boolean): void {
    this.#settle();
    if (!goesOn) this.#rows = [];
    this.#ignored = false;
    this.#cutter = new RowCutter(this.#columns);
    this.#before = this.#rows.length;
    this.#came = 0;
    this.joined = true;
  }

  take(octets: Uint8Array): void {
    this.#octets += octets.length;
    this.#unread.push(octets);
    // Where nobody follows them, the rows are decoded once, in the end, or when the line breaks before it.
    if (this.#onRow === undefined && this.#onProgress === undefined) return;
    this.#settle();
    const repeated = this.#before > 0 ? 1 : 0;
    const { count } = this.#cutter;
    const ofRows =
      count === undefined
        ? undefined
        : Math.min(this.#most, Math.max(this.#rows.length, this.#before + count - repeated));
    this.#onProgress?.({ rows: this.#rows.length, ofRows, octets: this.#octets });
  }

  #settle(): void {
    for (const octets of this.#unread.splice(0)) {
      for (const row of this.#cutter.cut(octets)) {
        this.#count(this.#cutter.count ?? 0);
        this.#add(row);
      }
    }
    this.#everCame ||= this.#rows.length > 0;
  }

  /** Called when the answer is complete, with its rows. */
  finish(rows: readonly Row[]): readonly Row[] {
    this.#unread = [];
    this.#count(rows.length);
    for (const row of rows.slice(this.#came)) this.#add(row);
    return this.#rows;
  }

  #count(rows: number): void {
    const repeated = this.#before > 0 ? 1 : 0;
    if (this.#before + rows - repeated > this.#most) this.#ignored = true;
  }

  #add(row: Row): void {
    this.#came++;
    const last = this.#rows.at(-1);
    if (this.#came === 1 && last !== undefined) {
      this.joined = isSameRow(last, row);
      if (this.joined) return;
    }
    if (!this.joined) return;
    this.#rows.push(row);
    if (this.#ignored || this.#rows.length <= this.#told) return;
    this.#told = this.#rows.length;
    this.#onRow?.(row);
  }
}

function isSameRow(a: Row, b: Row): boolean {
  return a.length === b.length && a.every((value, i) => equalBytes(encodeData(value), encodeData(b[i] as Data)));
}
