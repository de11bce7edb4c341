import { concat, equalBytes } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { encodeData, readData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { TAG } from '../codec/tags.js';

type Row = readonly Data[];

/** How far the reading of a profile is. */
export interface ProfileProgress {
  /** Whole rows that are here. */
  readonly rows: number;
  /** How many there will be; undefined until the meter has said so. */
  readonly ofRows: number | undefined;
  /** Octets of the buffer that came. */
  readonly octets: number;
}

/** Cuts the octets of an array of rows, as they come in blocks, into whole rows. */
class RowCutter {
  readonly #columns: number;
  /** Rows that the array says it has. */
  count: number | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  /** It is no array of structures, or wrong: whoever reads the whole says so. */
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
        // Of another number of values the counts do not hold: where it ends shows when all is here.
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
 * Collects the rows of a buffer over several tries: each but the first goes on behind the last whole row, which then comes a second time.
 */
export class RowCollector {
  /** Whole rows, as they came. */
  rows: Row[] = [];
  readonly #most: number;
  readonly #onRow: (row: Row) => void;
  readonly #onProgress: ((progress: ProfileProgress) => void) | undefined;
  readonly #columns: number;
  #cutter: RowCutter;
  /** Rows before this try, and how many rows of it came. */
  #before = 0;
  /** Whether what came now goes on where the rows before ended. */
  joined = true;
  #came = 0;
  #octets = 0;
  /** How many rows were told of. */
  told = 0;
  /**
   * More rows come than were asked for: the meter does not keep to the numbers. None of them is told of; who asked picks its own from
   * {@link rows}.
   */
  ignored = false;

  /** @param columns values of a row. @param most rows asked for by number. */
  constructor(
    columns: number,
    most: number,
    onRow: (row: Row) => void,
    onProgress: ((progress: ProfileProgress) => void) | undefined,
  ) {
    this.#columns = columns;
    this.#cutter = new RowCutter(columns);
    this.#most = most;
    this.#onRow = onRow;
    this.#onProgress = onProgress;
  }

  /** A new try: it goes on behind the rows that are here, or begins again. */
  begin(goesOn: boolean): void {
    if (!goesOn) this.rows = [];
    this.ignored = false;
    this.#cutter = new RowCutter(this.#columns);
    this.#before = this.rows.length;
    this.#came = 0;
    this.joined = true;
  }

  take(octets: Uint8Array): void {
    this.#octets += octets.length;
    const repeated = this.#before > 0 ? 1 : 0;
    for (const row of this.#cutter.cut(octets)) {
      this.#count(this.#cutter.count ?? 0);
      this.#add(row);
    }
    const { count } = this.#cutter;
    const ofRows =
      count === undefined
        ? undefined
        : Math.min(this.#most, Math.max(this.rows.length, this.#before + count - repeated));
    this.#onProgress?.({ rows: this.rows.length, ofRows, octets: this.#octets });
  }

  /** The answer is whole: these are its rows. */
  finish(rows: readonly Row[]): readonly Row[] {
    this.#count(rows.length);
    for (const row of rows.slice(this.#came)) this.#add(row);
    return this.rows;
  }

  #count(rows: number): void {
    const repeated = this.#before > 0 ? 1 : 0;
    if (this.#before + rows - repeated > this.#most) this.ignored = true;
  }

  #add(row: Row): void {
    this.#came++;
    const last = this.rows.at(-1);
    if (this.#came === 1 && last !== undefined) {
      this.joined = isSameRow(last, row);
      if (this.joined) return;
    }
    if (!this.joined) return;
    this.rows.push(row);
    if (this.ignored || this.rows.length <= this.told) return;
    this.told = this.rows.length;
    this.#onRow(row);
  }
}

function isSameRow(a: Row, b: Row): boolean {
  return a.length === b.length && a.every((value, i) => equalBytes(encodeData(value), encodeData(b[i] as Data)));
}
